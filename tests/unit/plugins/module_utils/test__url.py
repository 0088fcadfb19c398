# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs that all programs read in the same way, and those that are refused."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _url


@pytest.mark.parametrize(
    "url, text, loopback, link_local",
    [
        ("http://127.0.0.1:80/x?y=1#z", "http://127.0.0.1:80/x?y=1", True, False),
        ("HTTP://LOCALHOST", "http://localhost/", True, False),
        ("http://localhost.:8", "http://localhost:8/", True, False),
        ("https://a.localhost/", "https://a.localhost/", True, False),
        ("http://127.1", "http://127.0.0.1/", True, False),
        ("http://0x7f.1/", "http://127.0.0.1/", True, False),
        ("http://2130706433/", "http://127.0.0.1/", True, False),
        ("http://[::1]:8/", "http://[::1]:8/", True, False),
        ("http://[::ffff:127.0.0.1]", "http://127.0.0.1/", True, False),
        ("http://169.254.169.254/", "http://169.254.169.254/", False, True),
        ("http://100.100.100.200/a", "http://100.100.100.200/a", False, True),
        ("http://[fe80::1%25eth0]/", "http://[fe80::1]/", False, True),
        ("https://sts.aliyuncs.com", "https://sts.aliyuncs.com/", False, False),
        ("http://127.0.0.1.example.com", "http://127.0.0.1.example.com/", False, False),
        ("http://my_host.a-b:65535/", "http://my_host.a-b:65535/", False, False),
        ("http://10.0.0.1/\u00e9", "http://10.0.0.1/\u00e9", False, False),
    ],
)
def test_parts(url, text, loopback, link_local):
    parsed = _url.parse(url)
    assert (parsed.text, parsed.is_loopback, parsed.is_link_local) == (text, loopback, link_local)
    assert _url.parse(parsed.text) == parsed
    assert _url.is_loopback(url) is loopback


@pytest.mark.parametrize(
    "url, reason",
    [
        ("http://evil\\@127.0.0.1/", "backslash"),
        ("http://127.0.0.1/a\\b", "backslash"),
        ("http://127.0.0.1/\n", "control character"),
        (" http://127.0.0.1/", "space"),
        ("http://localhost@example.com", "no user before its host"),
        ("http://127.999.999.999", "not an address"),
        ("http://1.2.3.4.5", "not an address"),
        ("http://[::g]", "host|address"),
        ("http://[", "not valid"),
        ("http://a:99999", "not valid"),
        ("http://\uff11\uff12\uff17.0.0.1/", "host|address"),
        ("http://a..b/", "host is not valid"),
        ("http:///x", "host is not valid"),
        ("http://%31%32%37.0.0.1/", "host|address"),
        ("ftp://127.0.0.1", "begins with http"),
        ("", "begins with http"),
    ],
)
def test_url_that_is_refused(url, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        _url.parse(url)
    assert "127" not in str(caught.value)
    assert _url.is_loopback(url) is False


@pytest.mark.parametrize(
    "url, host",
    [
        ("http://user:password@127.0.0.1:1/", "127.0.0.1:1"),
        ("what", "the given address"),
        ("http://[", "the given address"),
    ],
)
def test_what_errors_show(url, host):
    assert _url.parse_host(url) == host
