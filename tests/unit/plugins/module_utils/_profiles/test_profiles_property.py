# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that profiles of any file are repaired, checked and shown without a traceback, a loss or a secret."""

import copy
import json
from typing import Any, Dict, List, Set

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import repair as _repair
from hypothesis import given, settings
from hypothesis import strategies as st

more = settings(max_examples=5 * settings().max_examples)
SECRET = "do not show"
NAMES = st.sampled_from(["default", "a", "b", "a-2", "ü", ""]) | st.text(max_size=3)
MODES = st.sampled_from([*_modes.MODES, "", "ak", "chainableramrolearn", "Future"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)
SECRET_KEYS = [field.key for field in _modes.FIELDS if field.secret]
OTHER_KEYS = [key for key in _modes.KEYS if key not in SECRET_KEYS]
PROFILES = st.builds(
    lambda name, mode, values, secrets, source, unknown: dict(
        {"name": name, "mode": mode},
        **dict(unknown, **dict(secrets, **dict(values, source_profile=source)))
    ),
    NAMES,
    MODES,
    st.dictionaries(st.sampled_from(OTHER_KEYS), VALUES, max_size=4),
    st.dictionaries(
        st.sampled_from(SECRET_KEYS), st.sampled_from([SECRET, [SECRET], {"x": SECRET}]), max_size=3
    ),
    NAMES | VALUES,
    st.dictionaries(st.sampled_from(["x", "y"]), st.just(SECRET)),
)
DOCUMENTS = st.builds(
    lambda current, profiles: {"current": current, "profiles": profiles, "meta_path": ""},
    NAMES,
    st.lists(PROFILES, max_size=6),
)


def contents(profiles: List[Dict[str, Any]]) -> Set[str]:
    """Return the secrets and unknown values of each profile that has any."""
    kept = [[profile.get(key) for key in SECRET_KEYS + ["x", "y"]] for profile in profiles]
    return {json.dumps(values) for values in kept if any(values)}


@more
@given(DOCUMENTS)
def test_repair(document: Dict[str, Any]) -> None:
    profiles = list(document["profiles"])
    before = copy.deepcopy(profiles)
    _repair.repair(document)
    # What is changed is replaced, so that an edit sees it.
    assert json.dumps(profiles) == json.dumps(before)
    names = [profile["name"] for profile in document["profiles"]]
    assert len(set(names)) == len(names)
    assert document["current"] in names
    assert contents(document["profiles"]) == contents(before)
    mended = copy.deepcopy(document)
    assert _repair.repair(document) == []
    assert document == mended


@more
@given(DOCUMENTS)
def test_nothing_secret_is_shown_and_nothing_raises(document: Dict[str, Any]) -> None:
    index = _profiles.index_profiles(document)
    for profile in document["profiles"]:
        told = [_profiles.show(profile), _profiles.find_problems(profile)]
        try:
            chain = _profiles.find_chain(index, profile["name"])
            assert chain[-1] == profile["name"] and len(set(chain)) == len(chain)
        except ProfileError as error:
            told.append(str(error))
        assert SECRET not in json.dumps(told)


@more
@given(DOCUMENTS, NAMES, st.sampled_from(list(_modes.MODES)), st.booleans())
def test_put_and_remove(
    document: Dict[str, Any], name: str, mode: str, update_secrets: bool
) -> None:
    _repair.repair(document)
    profiles = _profiles.list_profiles(document)
    before = copy.deepcopy(profiles)
    options = {"name": name, "mode": mode, "region": "cn-hangzhou"}
    try:
        _profiles.put(document, [options], update_secrets=update_secrets)
    except ProfileError as error:
        assert SECRET not in str(error)
        return
    assert json.dumps(profiles) == json.dumps(before)
    stored = _profiles.index_profiles(document)[name]
    assert (stored["mode"], stored["region_id"]) == (mode, "cn-hangzhou")
    left = [key for key, field in _modes.KEYS.items() if stored.get(key)]
    assert all(_modes.is_used(_modes.KEYS[key], mode) for key in left)
    others = [profile for profile in before if profile["name"] != name]
    assert [profile for profile in document["profiles"] if profile is not stored] == others
    again = copy.deepcopy(document)
    _profiles.put(document, [options], update_secrets=update_secrets)
    assert json.dumps(document) == json.dumps(again)
    assert _profiles.remove(document, name, force=True)
    assert _profiles.list_profiles(document) == others
    assert document["current"] in [profile["name"] for profile in document["profiles"]]
