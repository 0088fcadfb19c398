# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options of the credential cache; the argument spec is ``_options.make_cache_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cache:
    description:
      - Whether to cache temporary credentials on the controller until they expire. All hosts, tasks, forks, and runs of
        the same user share them, and so do P(aliyun.cli.assume_role#lookup) and M(aliyun.cli.assume_role). Only this
        user can read the files of the cache.
      - Long-lived credentials are never cached.
      - With the cache, each hop costs one call of STS, however often its credentials are used.
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache) for the contents and the location of the
        cache, and for how to purge it.
    type: bool
    default: true
  cache_url:
    description:
      - URL of a Redis server, or of a compatible one such as Valkey, through which several controllers share
        credentials. The files of each controller remain the first level of the cache. The server is queried only for
        entries that are not in these files.
      - V(redis://), V(rediss://) (TLS), and V(unix://) URLs are supported, with user name, password, database, and
        settings. The Python package C(redis) (5.0.1 or later) parses them and must be installed on the controller.
      - Entries are encrypted with keys that only a process with the same long-lived secret can derive. Credentials of
        sources without a long-lived secret (ECS role, credentials URI, command) are not shared.
      - If the server fails, credentials are obtained without it, and it is not contacted again for 30 seconds.
      - See R(the guide, ansible_collections.aliyun.cli.docsite.guide_cache_redis) for the permissions that the Redis
        user needs.
      - For example V(rediss://ansible:password@cache.example.com:6380/0?ssl_ca_certs=/etc/ssl/cache.pem).
    type: str
  cache_prefix:
    description:
      - Prefix of all keys in Redis. Controllers share credentials only if they use the same prefix.
      - Used with O(cache_url).
    type: str
    default: 'aliyun.cli:'
  renew:
    description:
      - Whether to obtain all credentials of the chain again and replace them in the cache. Use it, for example, after
        the policies of a role have changed. Credentials that another process obtained since this lookup or task began
        are used.
      - Each use costs the calls of the whole chain, so set it in a single task and not in a variable of a play.
    type: bool
    default: false
  min_lifetime:
    description:
      - Minimum remaining lifetime of the credentials in seconds, for example V(1800). Cached credentials that expire
        earlier are renewed.
      - It must be at least V(0) and less than C(expired_seconds) of the last hop.
      - By default, credentials are valid for at least 2 percent of their lifetime, or for 60 seconds if their lifetime
        is more than 50 minutes.
    type: int
    default: 0
"""
