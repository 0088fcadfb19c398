# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode CredentialsURI: a URI that answers credentials as the metadata service does."""

from ansible_collections.aliyun.cli.plugins.module_utils._chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import (
    Context,
    flat_credentials,
)


def obtain(source: Source, context: Context) -> Credentials:
    """The credentials that the URI answers. The URI, which may hold a secret, is in no error."""
    uri = source.settings.get("credentials_uri") or context.environ.get(
        "ALIBABA_CLOUD_CREDENTIALS_URI"
    )
    if not uri:
        raise SourceError("a source of mode CredentialsURI has no credentials_uri")

    def attempt() -> Answer:
        answer = context.http.send("GET", uri, headers={"Accept": "application/json"})
        if answer.status >= 500:
            raise StsError("it failed", code="Unavailable", http_status=answer.status)
        return answer

    try:
        answer = context.http.retry(attempt)
    except StsError as error:
        raise SourceError("the credentials URI gave no answer: {0}".format(error)) from None
    return flat_credentials(answer, "the credentials URI", success=True)
