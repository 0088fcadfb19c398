# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever profiles and inline options hold: a chain that can be used, or a sentence."""

from typing import Any, Dict, List

from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate
from hypothesis import given
from hypothesis import strategies as st

SPEC = _options.make_chain_argument_spec()
STORED: Dict[str, Any] = {"name": "a", "mode": "AK"}
MODES = st.sampled_from([*_modes.MODES, "", "Unheard"])
NAMES = st.sampled_from(["a", "b", "c"])
ROLES = st.just("acs:ram::1:role/a")
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | NAMES
    | ROLES
    | st.sampled_from(["900", "\u00b2", "127.0.0.1", "{}"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
PROFILES = st.lists(
    st.builds(
        lambda name, mode, values: {**values, "name": name, "mode": mode},
        NAMES,
        MODES,
        st.dictionaries(st.sampled_from(list(_modes.KEYS)), ANYTHING),
    ),
    min_size=1,
    max_size=4,
)
HOP_OPTIONS = sorted(_options.make_hop_argument_spec())
NAMES_OF_OPTIONS = {"mode", "other", *(field.name for field in _modes.FIELDS), *HOP_OPTIONS}
OPTIONS = st.dictionaries(st.sampled_from(sorted(NAMES_OF_OPTIONS)), ANYTHING | MODES)
HOPS = st.dictionaries(st.sampled_from(HOP_OPTIONS), ANYTHING)


def check(chain: _chain.Chain) -> None:
    """Check that a chain has a key for each of its credentials, and names its hops."""
    named = _chain.name_sessions(chain, "ansible")
    assert len(_chain.make_keys(named, {})) == len(chain.hops) + 1
    assert all(hop.role_session_name for hop in named.hops)
    assert named.endpoint.startswith(("https://", "http://")) and repr(named)


@given(PROFILES)
def test_any_profiles(profiles: List[Dict[str, Any]]) -> None:
    document: Dict[str, Any] = {"current": "a", "profiles": profiles, "meta_path": ""}
    _repair.repair(document)
    for name in ("a", "b", "a-2"):
        try:
            check(_chain.from_profile(document["profiles"], name))
        except ProfileError as error:
            assert str(error)


@given(OPTIONS | ANYTHING)
def test_any_source(source: Any) -> None:
    try:
        checked = validate({"source": source}, SPEC, name="test")
        if checked["source"] is not None:
            check(_chain.from_source(checked["source"], [STORED]))
    except ProfileError as error:
        assert str(error)


@given(st.lists(HOPS | OPTIONS | ANYTHING, min_size=1, max_size=2))
def test_any_hops(hops: List[Any]) -> None:
    begin = _chain.from_profile([STORED], "a")
    try:
        checked = validate({"hops": hops}, SPEC, name="test")["hops"]
    except ProfileError as error:
        assert str(error)
        return
    try:
        check(_chain.extend(begin, checked))
    except ProfileError as error:
        assert str(error).startswith("hops, entry ")
