# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configure hypothesis for all unit tests: no clock, no database, and the same examples each time.

So no example that nobody has seen before fails a change that has nothing to do with it. ``EXAMPLES=10`` asks for ten
times as many, and for others in each run; a failure is printed with the settings that reproduce it.
"""

import os

from hypothesis import settings

TIMES = int(os.environ.get("EXAMPLES", "0"))

settings.register_profile(
    "aliyun.cli",
    deadline=None,
    database=None,
    derandomize=not TIMES,
    max_examples=100 * (TIMES or 1),
    print_blob=True,
)
settings.load_profile("aliyun.cli")
