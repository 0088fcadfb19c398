# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode OIDC: a role that is assumed with the OIDC token in a file, by AssumeRoleWithOIDC, which is not signed.

The file is read for each call, since whoever wrote it replaces the token. The token is sent in the body only.
"""

from ansible_collections.aliyun.cli.plugins.module_utils import _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._diagnosis import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import Context, read_text
from ansible_collections.aliyun.cli.plugins.module_utils._sts import credentials_of

# The limits of STS, in characters.
TOKEN_LENGTH = (4, 20000)


def obtain(source: _chain.Source, context: Context) -> Credentials:
    """The credentials of the role. Raises SourceError, StsError."""
    settings = source.settings
    for name in ("oidc_provider_arn", "oidc_token_file"):
        if not settings.get(name):
            raise SourceError("a source of mode OIDC has no {0}".format(name))
    hop = _chain.make_hop(settings)
    token = read_text(settings["oidc_token_file"], "oidc_token_file").strip()
    if not TOKEN_LENGTH[0] <= len(token) <= TOKEN_LENGTH[1]:
        raise SourceError(
            "the oidc_token_file {0} holds no OIDC token".format(settings["oidc_token_file"])
        )
    form = {
        "RoleArn": hop.ram_role_arn,
        "OIDCProviderArn": settings["oidc_provider_arn"],
        "OIDCToken": token,
        "RoleSessionName": hop.role_session_name,
        "DurationSeconds": str(hop.expired_seconds),
        "Policy": hop.policy,
    }
    try:
        answer = context.sts.call(
            "AssumeRoleWithOIDC",
            source.endpoint,
            form={name: value for name, value in form.items() if value},
        )
        return credentials_of(answer)
    except StsError as error:
        what = "source of mode OIDC: AssumeRoleWithOIDC of {0}".format(hop.ram_role_arn)
        raise explain(
            error, what, "the token in {0}".format(settings["oidc_token_file"]), source.endpoint
        ) from None
