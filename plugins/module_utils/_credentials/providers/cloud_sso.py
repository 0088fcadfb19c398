# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode CloudSSO: the login of a user of CloudSSO."""

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    Service,
    make_credentials,
    require,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.login import (
    exchange,
    find_stored,
    log_in_again,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse, parse_host


def obtain(source: Source, context: Context) -> Credentials:
    """Return the credentials of a login at CloudSSO. Raise SourceError if it has expired."""
    stored = find_stored(source, context)
    if stored:
        return stored
    if not source.profile:
        raise log_in_again(source)
    sign_in_url, account_id, access_config = require(
        source, "cloud_sso_sign_in_url", "cloud_sso_account_id", "cloud_sso_access_config"
    )
    body = {"AccountId": account_id, "AccessConfigurationId": access_config}
    origin = _parse_origin(sign_in_url)
    service = Service(
        name="CloudSSO at {0}".format(parse_host(origin)),
        advice="check cloud_sso_sign_in_url, cloud_sso_account_id and cloud_sso_access_config",
    )
    content = exchange(
        source,
        context,
        service,
        origin + "/cloud-credentials",
        body,
        token="access_token",
        expire="cloud_sso_access_token_expire",
    )
    return make_credentials(content.get("CloudCredential"), service, context)


def _parse_origin(url: str) -> str:
    """Return scheme and host of the sign-in URL. The login's token is sent there, so it must be an HTTPS URL."""
    try:
        parsed = parse(url)
    except ValueError as error:
        raise SourceError("cloud_sso_sign_in_url: {0}".format(error)) from None
    if parsed.scheme != "https" and not parsed.is_loopback:
        raise SourceError("cloud_sso_sign_in_url must be an https:// URL")
    return parsed._replace(target="").text
