# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode EcsRamRole: the RAM role of the ECS instance, from its metadata service.

Version 2 of the service, which asks for a token, is tried first; version 1 is a fallback that
ALIBABA_CLOUD_IMDSV1_DISABLED forbids. Never through a proxy.
"""

from typing import Dict
from urllib.parse import quote

from ansible_collections.aliyun.cli.plugins.module_utils import _environment
from ansible_collections.aliyun.cli.plugins.module_utils._chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError, StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Answer, Limits, is_loopback
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import (
    Context,
    checked,
    flat_credentials,
)

ENDPOINT = "http://100.100.100.200"
ROLES = "/latest/meta-data/ram/security-credentials/"
TOKEN_SECONDS = "21600"
# The service is near or not there at all.
LIMITS = Limits(connect_timeout=1, read_timeout=2, max_time=10, retries=2)


def obtain(source: Source, context: Context) -> Credentials:
    """The credentials of the instance's role, the one named in the settings or the one that the instance has."""
    environ = context.environ
    if _environment.is_true(environ, _environment.METADATA_DISABLED_VARIABLE):
        raise SourceError(
            "the metadata service is not asked, since {0} is set".format(
                _environment.METADATA_DISABLED_VARIABLE
            )
        )
    endpoint = environ.get(_environment.METADATA_ENDPOINT_VARIABLE) or ENDPOINT
    if endpoint != ENDPOINT and not (endpoint.startswith("http://") and is_loopback(endpoint)):
        raise SourceError(
            "{0} must be http:// with a loopback address".format(
                _environment.METADATA_ENDPOINT_VARIABLE
            )
        )
    headers = _token(endpoint, context)
    role = source.settings.get("ram_role_name") or environ.get(_environment.METADATA_VARIABLE)
    if not role:
        role = _role(_ask(context, "GET", endpoint + ROLES, headers))
    answer = _ask(context, "GET", endpoint + ROLES + quote(role, safe=""), headers)
    if answer.status == 404:
        raise SourceError("the instance has no RAM role '{0}': check ram_role_name".format(role))
    return flat_credentials(answer, "the metadata service", success=True)


def _token(endpoint: str, context: Context) -> Dict[str, str]:
    """The header that version 2 asks for; none where the service has no version 2 and version 1 is allowed."""
    wanted = {"X-aliyun-ecs-metadata-token-ttl-seconds": TOKEN_SECONDS}
    answer = _ask(context, "PUT", endpoint + "/latest/api/token", wanted)
    token = answer.body.decode("latin-1").strip()
    if answer.status == 200 and token and token.isprintable():
        return {"X-aliyun-ecs-metadata-token": token}
    if _environment.is_true(context.environ, _environment.METADATA_V1_DISABLED_VARIABLE):
        raise SourceError(
            "the metadata service gave no token (HTTP status {0}), and its version 1 is not asked, since"
            " {1} is set".format(answer.status, _environment.METADATA_V1_DISABLED_VARIABLE)
        )
    return {}


def _role(answer: Answer) -> str:
    role = answer.body.decode("utf-8", "replace").strip()
    if answer.status == 404:
        raise SourceError("the instance has no RAM role: attach one, or use another mode")
    if answer.status != 200 or not role or not role.isprintable():
        raise SourceError(
            "the metadata service named no RAM role (HTTP status {0})".format(answer.status)
        )
    return role


def _ask(context: Context, method: str, url: str, headers: Dict[str, str]) -> Answer:
    def attempt() -> Answer:
        return checked(
            context.http.send(method, url, headers=headers, proxies=False, limits=LIMITS)
        )

    try:
        return context.http.retry(attempt, limits=LIMITS)
    except StsError as error:
        raise SourceError(
            "the metadata service gave no answer: {0}; check that this runs on an ECS instance".format(
                error
            )
        ) from None
