# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options of HTTP requests; the argument spec is ``_http_options.make_http_argument_spec()``."""

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
      - Seconds to wait for a response after the connection is established.
      - A try ends after the sum of this time and O(connect_timeout), however many addresses an endpoint has, and
        however slow its response is.
    type: float
    default: 10
  max_time:
    description:
      - Maximum seconds of one call, including its retries and pauses.
      - On the controller, one use of the cache takes at most twice as long, including all calls of its chain and the
        wait for other processes.
      - O(connect_timeout), O(read_timeout), and O(max_time) must be more than 0 and at most 86400.
    type: float
    default: 60
  retries:
    description:
      - Maximum number of retries of a call. Only throttling, errors of the server, and failed connections are retried,
        each time with a new nonce and timestamp. The pauses grow up to 8 seconds and have a random part.
      - It must be 0 to 100.
    type: int
    default: 8
  ca_bundle:
    description:
      - Path of a file with the CA certificates to trust for HTTPS, for example V(/etc/ssl/certs/example-ca.pem).
      - By default, the Python library C(requests) decides. Its default can be set with E(REQUESTS_CA_BUNDLE).
    type: path
  validate_certs:
    description:
      - Whether to verify the TLS certificates of endpoints. Set it to V(false) for tests only.
    type: bool
    default: true
requirements:
  - The Python library C(requests), version 2.20 or newer.
notes:
  - E(HTTPS_PROXY) and E(NO_PROXY) select the proxy for requests. Plain HTTP is allowed for loopback addresses only, and
    never uses a proxy.
"""
