# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Parse URLs with a single parser, so that all checks and the connection use the same address.

Programs differ in how they read a URL with a backslash, a user, or a number that is not an address. Such URLs are errors.
"""

import ipaddress
import re
import socket
from typing import NamedTuple, Optional, Union
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?\Z")
# The last label of an IPv4 address, in any form that the resolver accepts.
_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?\Z")
_METADATA = ipaddress.ip_address("100.100.100.200")

_Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]


class Url(NamedTuple):
    """Parts of a URL. ``host`` is an address in its usual form, or a name in lower case."""

    scheme: str
    host: str
    port: str
    target: str
    is_loopback: bool
    # Addresses of this link only, such as those of metadata services.
    is_link_local: bool

    @property
    def text(self) -> str:
        """Return the URL in a form that all programs read in the same way."""
        host = "[{0}]".format(self.host) if ":" in self.host else self.host
        return "{0}://{1}{2}{3}".format(
            self.scheme, host, ":" + self.port if self.port else "", self.target
        )


def parse(url: str) -> Url:
    """Return the parts of a URL. Raise ValueError with a text that contains no part of the URL."""
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise ValueError("a URL has no backslash, space, or control character")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the host or the port is not valid") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("a URL begins with http:// or https://")
    if "@" in parts.netloc:
        raise ValueError("a URL has no user before its host")
    host = (parts.hostname or "").partition("%")[0]
    address = _parse_address(host)
    if address is None and not _NAME.match(host):
        raise ValueError("the host is not valid")
    name = host.rstrip(".")
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    return Url(
        scheme=parts.scheme,
        host=str(address) if address else name,
        port=str(port) if port else "",
        target=target,
        is_loopback=address.is_loopback if address else name.split(".")[-1] == "localhost",
        is_link_local=address is not None and (address.is_link_local or address == _METADATA),
    )


def _parse_address(host: str) -> Optional[_Address]:
    """Return the address in a host, None for a name. Raise ValueError for a number that is not an address."""
    try:
        if ":" in host:
            address = ipaddress.IPv6Address(host)
            return address.ipv4_mapped or address
        if _NUMBER.match(host):
            return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, ValueError):
        raise ValueError("the host is not an address") from None
    return None


def is_loopback(url: str) -> bool:
    """Return whether the host of a URL is this machine."""
    try:
        return parse(url).is_loopback
    except ValueError:
        return False


def parse_host(url: str) -> str:
    """Return the host and port of a URL. Error messages must not show other parts."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or "the given address"
    except ValueError:
        return "the given address"
