# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode CredentialsURI: a URI that answers credentials as the metadata service does."""

from ansible_collections.aliyun.cli.plugins.module_utils import _environment
from ansible_collections.aliyun.cli.plugins.module_utils._chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer, is_loopback
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import (
    Context,
    checked,
    flat_credentials,
)


def obtain(source: Source, context: Context) -> Credentials:
    """The credentials that the URI answers. The URI, which may hold a secret, is in no error."""
    if _environment.is_true(context.environ, _environment.PROCESS_DISABLED_VARIABLE):
        raise SourceError(
            "the credentials URI is not asked, since {0} is set".format(
                _environment.PROCESS_DISABLED_VARIABLE
            )
        )
    uri = source.settings.get("credentials_uri") or context.environ.get(_environment.URI_VARIABLE)
    if not uri:
        raise SourceError("a source of mode CredentialsURI has no credentials_uri")

    def attempt() -> Answer:
        headers = {"Accept": "application/json"}
        # A proxy has another loopback than ours.
        proxies = not is_loopback(uri)
        return checked(context.http.send("GET", uri, headers=headers, proxies=proxies))

    try:
        answer = context.http.retry(attempt)
    except StsError as error:
        raise SourceError("the credentials URI gave no answer: {0}".format(error)) from None
    return flat_credentials(answer, "the credentials URI", success=True)
