# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options of the credential cache; the argument spec is ``_options.make_cache_argument_spec()``."""

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
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache) for what is cached, where, and how to purge
        the cache.
    type: bool
    default: true
  cache_url:
    description:
      - URL of a Redis server, or of a compatible one such as Valkey, through which several controllers share
        credentials.
        The files of each controller stay the first level. Only what is missing there costs a request to the server.
      - V(redis://), V(rediss://) (TLS), and V(unix://) URLs with user name, password, database, and settings, as
        the Python
        package C(redis) reads them. The package must be installed on the controller.
      - Entries are encrypted with keys that only a process with the same long-lived secret can derive. Credentials of
        sources without one (ECS role, credentials URI, command) are not shared.
      - If the server fails, credentials are obtained without it, and it is left alone for 30 seconds.
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache_redis) for the permissions that it needs.
      - For example V(rediss://ansible:password@cache.example.com:6380/0?ssl_ca_certs=/etc/ssl/cache.pem).
    type: str
  cache_prefix:
    description:
      - Prefix of all keys that O(cache_url) writes. Controllers share only with the same prefix.
    type: str
    default: 'aliyun.cli:'
  renew:
    description:
      - Whether to obtain all credentials of the chain again and replace those in the cache, for example after the
        policies
        of a role have changed. Credentials that were obtained since this use began count as new.
      - Each use costs the calls of the whole chain, so set it in one task and not in a variable of a play.
    type: bool
    default: false
  min_lifetime:
    description:
      - Seconds that the credentials last at least. New ones are asked for where those at hand do not last so long.
      - It must not be negative, and less than C(expired_seconds) of the last hop.
      - Without it the credentials last at least 2 percent of their lifetime, and 60 seconds where that is more than
        50 minutes.
    type: int
    default: 0
"""
