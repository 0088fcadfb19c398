# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode CredentialsURI: a URI that returns credentials in the format of the metadata service."""

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.environment import is_true
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    Service,
    ask,
    read_answer,
    read_credentials,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse, parse_host

METADATA_DISABLED_VARIABLE = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
URI_VARIABLE = "ALIBABA_CLOUD_CREDENTIALS_URI"


def obtain(source: Source, context: Context) -> Credentials:
    """Return the credentials from the URI. The URI can hold a secret, so errors show its host only."""
    uri = source.settings.get("credentials_uri") or context.environ.get(URI_VARIABLE)
    if not uri:
        raise SourceError("credentials_uri is missing")
    try:
        address = parse(uri)
    except ValueError as error:
        raise SourceError("credentials_uri: {0}".format(error)) from None
    if address.is_link_local and is_true(context.environ, METADATA_DISABLED_VARIABLE):
        raise SourceError(
            "the metadata service is disabled by {0}: unset this variable".format(
                METADATA_DISABLED_VARIABLE
            )
        )
    service = Service(
        name="the credentials URI at {0}".format(parse_host(uri)),
        advice="check credentials_uri and the server there",
        # To a proxy, loopback is another machine.
        proxies=not address.is_loopback,
        may_start=address.is_loopback,
    )
    answer = ask(context, service, "GET", uri, headers={"Accept": "application/json"})
    return read_credentials(read_answer(answer, service), service, context)
