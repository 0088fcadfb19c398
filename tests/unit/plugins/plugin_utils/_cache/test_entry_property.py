# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No false hit: whatever is varied of a source, a hop, the options or the environment has another key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rows
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import Hop
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as cache
from hypothesis import assume, given, settings
from hypothesis import strategies as st

more = settings(max_examples=3 * settings().max_examples)

TEXT = st.text(max_size=3)
HOPS = st.builds(
    Hop,
    ram_role_arn=TEXT,
    role_session_name=TEXT,
    external_id=TEXT,
    expired_seconds=st.integers(900, 902),
    policy=TEXT,
    source_identity=TEXT,
    endpoint=TEXT,
)
SOURCES = st.builds(
    _chain.Source,
    mode=st.just("AK"),
    settings=st.fixed_dictionaries({"access_key_id": TEXT, "access_key_secret": TEXT}),
    profile=TEXT,
    endpoint=TEXT,
)
CHAINS = st.builds(
    _chain.Chain,
    source=SOURCES,
    hops=st.lists(HOPS, min_size=1, max_size=3).map(tuple),
    profile=TEXT,
    region=TEXT,
)


def last_key(chain: _chain.Chain) -> str:
    return _chain.make_keys(chain, {})[-1]


@more
@given(CHAINS, CHAINS)
def test_chains_share_what_they_have_in_common_and_nothing_else(
    one: _chain.Chain, other: _chain.Chain
) -> None:
    same = one.source.settings == other.source.settings
    for number, (key, other_key) in enumerate(
        zip(_chain.make_keys(one, {}), _chain.make_keys(other, {}))
    ):
        same = same and one.hops[:number] == other.hops[:number]
        assert (key == other_key) == same


@more
@given(CHAINS, st.data())
def test_each_argument_of_each_hop_is_part_of_the_key(
    chain: _chain.Chain, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(chain.hops) - 1))
    field = data.draw(st.sampled_from(Hop._fields))
    hop = chain.hops[number]
    value = data.draw(st.integers(900, 43200) if field == "expired_seconds" else TEXT)
    assume(value != getattr(hop, field))
    changed: dict[str, Any] = {field: value}
    hops = list(chain.hops)
    hops[number] = hop._replace(**changed)
    other = chain._replace(hops=tuple(hops))
    keys, other_keys = _chain.make_keys(chain, {}), _chain.make_keys(other, {})
    assert keys[: number + 1] == other_keys[: number + 1]
    assert not set(keys[number + 1 :]) & set(other_keys[number + 1 :])


@more
@given(CHAINS, st.data())
def test_order_of_hops_is_part_of_the_key(chain: _chain.Chain, data: st.DataObject) -> None:
    hops = data.draw(st.permutations(chain.hops))
    assert (last_key(chain) == last_key(chain._replace(hops=tuple(hops)))) == (
        tuple(hops) == chain.hops
    )


# What says nothing about whose credentials a profile gives, and how long a login lasts.
HARMLESS = {
    "auto_plugin_install",
    "auto_plugin_install_enable_pre",
    "bearer_token_header_key",
    "cloud_sso_access_token_expire",
    "connect_timeout",
    "endpoint",
    "endpoint_type",
    "external_account_type",
    "language",
    "oauth_access_token_expire",
    "oauth_refresh_token_expire",
    "output_format",
    "read_timeout",
    "region",
    "retry_count",
    "site",
    "sts_expiration",
    "verified",
}
# If a source does not use STS, its STS serves GetCallerIdentity only.
STS = {"sts_region", "sts_endpoint", "enable_vpc"}
CALLERS = {
    "RamRoleArn",
    "RamRoleArnWithRoleName",
    "ChainableRamRoleArn",
    "RsaKeyPair",
    "OIDC",
}
VALUES: dict[str, tuple[Any, Any]] = {
    "ram_role_arn": ("acs:ram::1:role/a", "acs:ram::1:role/b"),
    "expired_seconds": (900, 901),
    "policy": ('{"a":1}', '{"a":2}'),
    "sts_region": ("cn-hangzhou", "cn-beijing"),
    "sts_endpoint": ("sts.example.com", "sts.example.org"),
    "source_profile": ("source", "other"),
}
OF_TYPE: dict[str, tuple[Any, Any]] = {"str": ("aa", "bb"), "int": (1, 2), "bool": (False, True)}
SOURCE_PROFILES = [
    {"name": name, "mode": "AK", "access_key_id": name, "access_key_secret": "secret"}
    for name in ("source", "other")
]


def values_of(field: _rows.Field) -> tuple[Any, Any]:
    return VALUES.get(field.name, OF_TYPE[field.type])


def profile_of(mode: str, **changed: Any) -> dict[str, Any]:
    profile = {"name": "varied", "mode": mode}
    for field in _modes.FIELDS:
        # The endpoint has precedence over the region.
        if _modes.is_used(field, mode) and field.name != "sts_endpoint":
            profile[field.key] = values_of(field)[0]
    return {**profile, **changed}


def keys_of(profile: dict[str, Any]) -> list[str]:
    return _chain.make_keys(_chain.from_profile([profile, *SOURCE_PROFILES], "varied"), {})


VARIED = [
    (mode, field)
    for mode in _modes.MODES
    for field in _modes.FIELDS
    if mode not in ("Anonymous", "BearerToken") and _modes.is_used(field, mode)
]


@pytest.mark.parametrize("mode, field", VARIED, ids=[f"{m}-{f.name}" for m, f in VARIED])
def test_each_setting_of_each_mode_is_part_of_the_key_or_harmless(
    mode: str, field: _rows.Field
) -> None:
    first = keys_of(profile_of(mode))
    other = keys_of(profile_of(mode, **{field.key: values_of(field)[1]}))
    harmless = field.name in HARMLESS or (field.name in STS and mode not in CALLERS)
    # State that an SDK stores, and that the provider does not use.
    harmless |= mode in field.kept and field.name not in _modes.MODES[mode].identity
    assert (first[-1] == other[-1]) == harmless


def test_no_mode_shares_with_another_one() -> None:
    modes = [mode for mode in _modes.MODES if mode not in ("Anonymous", "BearerToken")]
    keys = {keys_of({"name": "varied", **profile_of(mode)})[-1] for mode in modes}
    assert len(keys) == len(modes)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)


def result_key(options: Any, variables: Any) -> str:
    return cache.make_result_key("one", options, variables, "/config.json", [1])


@more
@given(st.dictionaries(TEXT, JSON, max_size=3), st.dictionaries(TEXT, JSON, max_size=3))
def test_only_the_same_options_have_the_same_key(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    same = json.dumps(one) == json.dumps(other)
    assert (result_key(one, {}) == result_key(other, {})) == same


@more
@given(st.data())
def test_only_the_same_environment_has_the_same_key(data: st.DataObject) -> None:
    names = st.sampled_from([*sorted(cache.VARIABLES), "HOME", "PATH"])
    one, other = (data.draw(st.dictionaries(names, TEXT, max_size=3)) for _number in range(2))
    relevant, other_relevant = (
        {name: text for name, text in variables.items() if name in cache.VARIABLES}
        for variables in (one, other)
    )
    assert (result_key({}, one) == result_key({}, other)) == (relevant == other_relevant)


@more
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_no_bytes_but_those_written_for_a_key_are_an_entry(one: bytes, other: bytes) -> None:
    assert cache.parse("a" * 64, one) is None
    content = json.dumps({"value": one.hex()}).encode()
    sealed = cache._make_checksum("a" * 64, content) + b"\n" + content
    assert cache.parse("a" * 64, sealed) == {"value": one.hex()}
    assert cache.parse("b" * 64, sealed) is None
    assert cache.parse("a" * 64, sealed + other) is None or not other
