# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that say how STS is reached; the argument spec is ``_http_options.make_http_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  connect_timeout:
    description:
      - Seconds to wait for a connection to an endpoint.
    type: float
    default: 5
  read_timeout:
    description:
      - Seconds to wait for an answer once connected.
      - A try ends after this time and O(connect_timeout) together, however many addresses an endpoint has, and however
        slowly its answer comes in.
    type: float
    default: 10
  max_time:
    description:
      - Seconds that one call may take with all its tries and pauses. No try begins after them.
      - This and the other times must be more than 0 and at most 86400.
    type: float
    default: 60
  retries:
    description:
      - How often a call is tried again. Only throttling, errors of the server, and failed connections are tried again,
        each time with a new nonce and timestamp, after a pause of at most 8 seconds that grows and has a random part.
      - It must be 0 to 100.
    type: int
    default: 8
  ca_bundle:
    description:
      - Path of a file with the certificates of the authorities to trust for HTTPS.
      - The default is that of the Python library C(requests), which E(REQUESTS_CA_BUNDLE) can set.
    type: path
  validate_certs:
    description:
      - Whether the TLS certificates of endpoints are verified. Switch this off for tests only.
    type: bool
    default: true
requirements:
  - The Python library C(requests), version 2.20 or newer.
notes:
  - The proxies that E(HTTPS_PROXY) and E(NO_PROXY) name are used for STS. An endpoint in clear, which must be of this
    machine, is never asked through a proxy.
"""
