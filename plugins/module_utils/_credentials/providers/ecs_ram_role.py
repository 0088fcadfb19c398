# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode EcsRamRole: the RAM role of the ECS instance, from its metadata service.

Version 2 of the service, which requires a token, is tried first. If it gives no token, version 1 is tried, unless
ALIBABA_CLOUD_IMDSV1_DISABLED forbids that. Proxies are never used.
"""

import re
from typing import Dict, Mapping, cast
from urllib.parse import quote

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
from ansible_collections.aliyun.cli.plugins.module_utils._http import (
    Limits,
    Response,
)
from ansible_collections.aliyun.cli.plugins.module_utils._rules import ROLE_NAME
from ansible_collections.aliyun.cli.plugins.module_utils._url import parse, parse_host

ROLE_VARIABLE = "ALIBABA_CLOUD_ECS_METADATA"
V1_DISABLED_VARIABLE = "ALIBABA_CLOUD_IMDSV1_DISABLED"
# For tests: a loopback address instead of that of the metadata service.
ENDPOINT_VARIABLE = "ALIYUN_CLI_METADATA_ENDPOINT"
ENDPOINT = "http://100.100.100.200"
ROLES = "/latest/meta-data/ram/security-credentials/"
TOKEN_SECONDS = "21600"
_TOKEN = re.compile(r"[!-~]+\Z")
# The service is on the local link or does not exist. It gets two requests, for version 2 and version 1.
LIMITS = Limits(connect_timeout=1, read_timeout=2, max_time=5, retries=1)


def obtain(source: Source, context: Context) -> Credentials:
    """Return the credentials of the RAM role that the settings name, by default of the instance's role."""
    environ = context.environ
    endpoint = _find_endpoint(environ)
    service = Service(
        name="the metadata service at {0}".format(parse_host(endpoint)),
        advice="check that this runs on an ECS instance, and that its metadata service may be used from here",
        proxies=False,
        limits=LIMITS,
    )
    headers = _get_token(service, endpoint, context)
    role = source.settings.get("ram_role_name") or environ.get(ROLE_VARIABLE)
    if not role:
        role = _parse_role(_read(endpoint + ROLES, headers, service, context), service)
    url = endpoint + ROLES + quote(role, safe="")
    answer = _read(url, headers, service, context)
    if answer.status == 404:
        raise SourceError("the instance has no RAM role '{0}'; check ram_role_name".format(role))
    return read_credentials(read_answer(answer, service), service, context)


def _find_endpoint(environ: Mapping[str, str]) -> str:
    named = environ.get(ENDPOINT_VARIABLE)
    if not named:
        return ENDPOINT
    try:
        url = parse(named)
    except ValueError as error:
        raise SourceError("{0}: {1}".format(ENDPOINT_VARIABLE, error)) from None
    if url.scheme != "http" or not url.is_loopback:
        raise SourceError("{0} must be http:// with a loopback address".format(ENDPOINT_VARIABLE))
    return url._replace(target="").text


def _read(url: str, headers: Dict[str, str], service: Service, context: Context) -> Response:
    """Return a response of the service. If it fails with the token of version 2, try version 1, as the SDKs do."""
    failure = None
    answer = None
    try:
        answer = ask(context, service, "GET", url, headers=headers)
    except SourceError as error:
        failure = error
    if headers and (answer is None or answer.status != 200) and _allows_version_1(context):
        try:
            second = ask(context, service, "GET", url, headers={})
        except SourceError:
            second = None
        if second is not None and second.status == 200:
            return second
    if failure is not None:
        raise failure
    return cast(Response, answer)


def _allows_version_1(context: Context) -> bool:
    return not is_true(context.environ, V1_DISABLED_VARIABLE)


def _get_token(service: Service, endpoint: str, context: Context) -> Dict[str, str]:
    """Return the header that version 2 requires; no header if it gives no token and version 1 is allowed."""
    version_1 = _allows_version_1(context)
    wanted = {"X-aliyun-ecs-metadata-token-ttl-seconds": TOKEN_SECONDS}
    try:
        answer = ask(context, service, "PUT", endpoint + "/latest/api/token", headers=wanted)
    except SourceError:
        # In a container, the response to PUT can be lost although GET works.
        if version_1:
            return {}
        raise
    token = answer.body.decode("latin-1").strip()
    if answer.status == 200 and _TOKEN.match(token):
        return {"X-aliyun-ecs-metadata-token": token}
    if version_1:
        return {}
    raise SourceError(
        "{0} returned no token (HTTP status {1}), and its version 1 is not tried, since {2} is set".format(
            service.name, answer.status, V1_DISABLED_VARIABLE
        )
    )


def _parse_role(answer: Response, service: Service) -> str:
    role = answer.body.decode("utf-8", "replace").strip()
    if answer.status == 404:
        raise SourceError("the instance has no RAM role; attach one, or use another mode")
    if answer.status != 200 or not ROLE_NAME.accepts(role):
        raise SourceError(
            "{0} named no RAM role (HTTP status {1}); {2}".format(
                service.name, answer.status, service.advice
            )
        )
    return role
