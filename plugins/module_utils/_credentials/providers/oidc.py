# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode OIDC: assume a role with an OIDC token, by AssumeRoleWithOIDC, which is not signed.

The file with the token is read for each call, since other programs replace the token. The token is sent in the body only.
"""

import re
from typing import Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    read_text,
    require,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts import parse_credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.sts_errors import explain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError

# The limits of STS for the length. A token consists of printable ASCII characters.
_TOKEN = re.compile(r"[!-~]{4,20000}\Z")


def _read_token(source: _chain.Source) -> Tuple[str, str]:
    """Return the token, and the name of its origin for errors."""
    token = source.settings.get("oidc_token")
    if token:
        return str(token).strip(), "the option oidc_token"
    (path,) = require(source, "oidc_token_file")
    where = "the oidc_token_file {0}".format(path)
    return read_text(path, where).strip(), where


def obtain(source: _chain.Source, context: Context) -> Credentials:
    """Return the credentials of the role. Raise SourceError or StsError."""
    provider, _role = require(source, "oidc_provider_arn", "ram_role_arn")
    hop = _chain.make_hop(source.settings)
    token, where = _read_token(source)
    if not _TOKEN.match(token):
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
        return parse_credentials(context.sts.call("AssumeRoleWithOIDC", source.endpoint, form=form))
    except StsError as error:
        what = "{0}: AssumeRoleWithOIDC of {1}".format(source.title, hop.ram_role_arn)
        caller = "the token in {0}".format(where.replace("the oidc_token_file ", ""))
        seconds = hop.expired_seconds
        raise explain(error, what, caller, source.endpoint, seconds=seconds) from None
