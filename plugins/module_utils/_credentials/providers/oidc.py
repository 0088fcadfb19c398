# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode OIDC: a role that is assumed with the OIDC token in a file, by AssumeRoleWithOIDC, which is not signed.

The file is read for each call, since whoever wrote it replaces the token. The token is sent in the body only.
"""

from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    read_text,
    require,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import credentials_of
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts_errors import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError

# The limits of STS, in characters.
TOKEN_LENGTH = (4, 20000)


def obtain(source: _chain.Source, context: Context) -> Credentials:
    """The credentials of the role. Raises SourceError, StsError."""
    provider, path = require(source, "oidc_provider_arn", "oidc_token_file")
    hop = _chain.make_hop(source.settings)
    where = "the oidc_token_file {0}".format(path)
    token = read_text(path, where).strip()
    if not TOKEN_LENGTH[0] <= len(token) <= TOKEN_LENGTH[1]:
        raise SourceError("{0} holds no OIDC token".format(where))
    form = {
        "RoleArn": hop.ram_role_arn,
        "OIDCProviderArn": provider,
        "OIDCToken": token,
        "RoleSessionName": hop.role_session_name,
        "DurationSeconds": str(hop.expired_seconds),
        "Policy": hop.policy,
    }
    form = {name: value for name, value in form.items() if value}
    try:
        return credentials_of(context.sts.call("AssumeRoleWithOIDC", source.endpoint, form=form))
    except StsError as error:
        what = "{0}: AssumeRoleWithOIDC of {1}".format(source.title, hop.ram_role_arn)
        caller = "the token in {0}".format(path)
        seconds = hop.expired_seconds
        raise explain(error, what, caller, source.endpoint, seconds=seconds) from None
