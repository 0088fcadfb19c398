# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode OAuth: the login of a user in a browser."""

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    Service,
    make_credentials,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.login import (
    exchange,
    find_stored,
    log_in_again,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse_host

HOSTS = {"CN": "https://oauth.aliyun.com", "INTL": "https://oauth.alibabacloud.com"}


def obtain(source: Source, context: Context) -> Credentials:
    """Return the credentials of a login in a browser. Raise SourceError if it has expired."""
    stored = find_stored(source, context)
    if stored:
        return stored
    if not source.profile:
        raise log_in_again(source)
    host = HOSTS.get(source.settings.get("oauth_site_type") or "")
    if not host:
        raise SourceError("oauth_site_type must be one of {0}".format(", ".join(sorted(HOSTS))))
    service = Service(
        name="OAuth at {0}".format(parse_host(host)),
        advice="check oauth_site_type, and the permissions of the login",
    )
    content = exchange(
        source,
        context,
        service,
        host + "/v1/exchange",
        {},
        token="oauth_access_token",
        expire="oauth_access_token_expire",
    )
    return make_credentials(content, service, context)
