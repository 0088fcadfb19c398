# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of the credential cache; the argument spec is ``_options.cache_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cache:
    description:
      - Whether credentials are kept on the controller while they last, and shared by all hosts, tasks, forks, and runs
        of the same user, be it by P(aliyun.cli.assume_role#lookup) or M(aliyun.cli.assume_role). Only temporary
        credentials are kept, in files that only this user can read.
      - STS is then asked once for each hop, however often its credentials are used.
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache) for what is kept, where, and how to empty
        the cache.
    type: bool
    default: true
  min_lifetime:
    description:
      - Seconds that the credentials last at least. New ones are asked for where those at hand do not last so long.
      - It must not be negative, and less than C(expired_seconds) of the last hop.
      - Without it the credentials last at least 2 percent of their lifetime, and 60 seconds where that is more than
        50 minutes.
    type: int
    default: 0
"""
