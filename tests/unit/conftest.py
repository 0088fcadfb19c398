# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all unit tests share: hypothesis without a clock and without a database."""

from hypothesis import settings

settings.register_profile("aliyun.cli", deadline=None, database=None)
settings.load_profile("aliyun.cli")
