# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the official packages as clients of the emulator, in a process that reaches nothing else.

The packages stay as they are: names of Alibaba Cloud lead to the emulator, since the process
resolves host names, below everything that a package does.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.tests import emulator as emulator_package
from ansible_collections.aliyun.cli.tests.emulator import Emulator

if TYPE_CHECKING:
    from alibabacloud_sts20150401.client import Client

# The packages read these when they are imported: after this file, by the tests and the fixtures.
for _name in [name for name in os.environ if name.startswith(("ALIBABA_CLOUD_", "ALIBABACLOUD_"))]:
    del os.environ[_name]

WORLD = Path(emulator_package.__file__).parent / "worlds" / "demo.yml"
METADATA_HOST = "100.100.100.200"
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(scope="session")
def _running() -> Iterator[Emulator]:
    # One for the session, since the packages keep connections and certificates for ever.
    with Emulator(WORLD) as running:
        yield running


def _lead_to(emulator: Emulator) -> Callable[..., Any]:
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name.endswith((".aliyuncs.com", ".aliyun.com", ".alibabacloud.com")) and port == 443:
            return real("127.0.0.1", emulator.https_port, *args, **kwargs)
        if (name, port) == (METADATA_HOST, 80):
            return real("127.0.0.1", emulator.http_port, *args, **kwargs)
        if name in ("127.0.0.1", "localhost"):
            return real(host, port, *args, **kwargs)
        raise AssertionError(f"a test asked for {name}:{port}")

    return getaddrinfo


@pytest.fixture
def emulator(_running: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Yield the emulator with the demo world, as just started; all of Alibaba Cloud is the emulator."""
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", _running.ca_file)
    monkeypatch.setattr(socket, "getaddrinfo", _lead_to(_running))
    _running.reset()
    # Of the official packages, this one reads no other spelling.
    _running.switches.oauth_capitals = True
    yield _running
    _running.reset()


@pytest.fixture(params=["http", "https"])
def protocol(request: pytest.FixtureRequest) -> str:
    """Return both ways to connect to the emulator."""
    return str(request.param)


@pytest.fixture
def new_client(emulator: Emulator) -> Callable[..., Client]:
    """Return a function that creates clients of ``alibabacloud_sts20150401`` (signature version 3)."""
    from alibabacloud_sts20150401.client import Client
    from alibabacloud_tea_openapi.models import Config

    def make(
        key_id: str, secret: str, token: str | None = None, *, protocol: str = "https"
    ) -> Client:
        port = emulator.https_port if protocol == "https" else emulator.http_port
        return Client(
            Config(
                access_key_id=key_id,
                access_key_secret=secret,
                security_token=token,
                endpoint=f"127.0.0.1:{port}",
                protocol=protocol.upper(),
                ca=emulator.ca_file,
            )
        )

    return make


@pytest.fixture
def caller_arn(new_client: Callable[..., Client]) -> Callable[[Any], str]:
    """Return a function that gets the caller ARN of credentials of ``alibabacloud_credentials``."""

    def ask(credentials: Any) -> str:
        client = new_client(
            credentials.get_access_key_id(),
            credentials.get_access_key_secret(),
            credentials.get_security_token(),
        )
        return str(client.get_caller_identity().body.arn)

    return ask


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Return the path of a ``config.json`` for the tool under test."""
    directory = tmp_path / ".aliyun"
    directory.mkdir(mode=0o700)
    return directory / "config.json"


@pytest.fixture
def write_like_the_cli(config_file: Path) -> Callable[..., Path]:
    """Return a function that writes profiles as ``aliyun configure`` does: tabs, Go's escapes, no final newline."""

    def write(*profiles: Mapping[str, Any], current: str) -> Path:
        document = {"current": current, "profiles": list(profiles), "meta_path": ""}
        text = json.dumps(document, indent="\t", ensure_ascii=False)
        for character in "<>&\u2028\u2029":
            text = text.replace(character, f"\\u{ord(character):04x}")
        config_file.write_text(text, encoding="utf-8")
        config_file.chmod(0o600)
        return config_file

    return write


@pytest.fixture
def resolve(emulator: Emulator, config_file: Path) -> Callable[..., Any]:
    """Return a function that resolves a profile of ``config_file`` with the package's CLI profile provider."""
    from alibabacloud_credentials.provider import CLIProfileCredentialsProvider

    del emulator

    def by_name(profile: str | None = None) -> Any:
        provider = CLIProfileCredentialsProvider(
            profile_name=profile, profile_file=str(config_file)
        )
        return provider.get_credentials()

    return by_name


@pytest.fixture
def ours(emulator: Emulator, config_file: Path) -> Callable[..., Credentials]:
    """Return a function that resolves a profile of ``config_file`` with this collection and the same emulator."""

    def by_name(profile: str | None = None) -> Credentials:
        options = {"profile": profile, "source": None, "hops": None}
        chain = _options.make_chain({**options, "config_path": str(config_file)}, environ={})
        with Http(ca_bundle=emulator.ca_file, sleep=lambda seconds: None) as http:
            return Resolver(http, environ={}, allow_process=True).resolve(chain)

    return by_name


@pytest.fixture
def our_arn(new_client: Callable[..., Client]) -> Callable[[Credentials], str]:
    """Return a function that gets the caller ARN of credentials of this collection."""

    def ask(credentials: Credentials) -> str:
        key_id, secret, token = credentials[:3]
        return str(new_client(key_id, secret, token or None).get_caller_identity().body.arn)

    return ask
