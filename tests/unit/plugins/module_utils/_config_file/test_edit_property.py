# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.json of any content: never a traceback, never a lost key, and back to the byte what the CLI can write."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Set

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _rows
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import edit as _edit
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._errors import AliyunCliError
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles
from ansible_collections.aliyun.cli.plugins.modules import profile_info
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Generating the cases takes longer than trying them.
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def times(number: int) -> settings:
    """Return settings with so many times the examples of other properties: at least 10,000 in this file."""
    return settings(max_examples=number * settings().max_examples, suppress_health_check=CHECKS)


NEW = {"name": "new", "mode": "Anonymous", "region": "cn-hangzhou"}

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
# Keys that mean something, in any spelling, and keys that mean nothing.
PROFILE_KEYS = st.sampled_from(list(_modes.ORDER) + ["Name", "MODE", "tool", "Tool"])
NAMES = st.sampled_from(["a", "b", "default", ""])
MODES = st.sampled_from([*_modes.MODES, "", "ak", "chainableramrolearn", "Quantum"])
PROFILES = st.builds(
    lambda values, names: dict(values, **names),
    st.dictionaries(PROFILE_KEYS, VALUES | NAMES, max_size=6),
    st.fixed_dictionaries({"name": NAMES, "mode": MODES, "source_profile": NAMES}),
)
TOP_KEYS = st.sampled_from(["current", "profiles", "meta_path", "Profiles", "CURRENT", "tool"])
DOCUMENTS = st.builds(
    lambda values, profiles: dict(values, profiles=profiles),
    st.dictionaries(TOP_KEYS, VALUES | NAMES, max_size=4),
    st.lists(PROFILES, max_size=5),
)
ANYTHING = VALUES | DOCUMENTS | st.dictionaries(TOP_KEYS, VALUES, max_size=4)

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=6) | st.just(
    "<&>\u2028\u2029"
)


def cli_profile(
    name: str, mode: str, fields: List[_rows.Field], text: str, number: int
) -> Dict[str, Any]:
    """Return a profile as the CLI writes it: its key order, and no empty value."""
    values = {"str": text, "int": number, "bool": True}
    profile: Dict[str, Any] = {"name": name, "mode": mode}
    for field in sorted(fields, key=_modes.FIELDS.index):
        profile[field.key] = values[field.type]
    return profile


CLI_PROFILES = st.builds(
    cli_profile,
    TEXTS,
    MODES,
    st.lists(st.sampled_from(_modes.FIELDS), max_size=5),
    TEXTS,
    st.integers(1, 2**31),
)
CLI_DOCUMENTS = st.builds(
    lambda current, profiles: {"current": current, "profiles": profiles, "meta_path": ""},
    TEXTS,
    st.lists(CLI_PROFILES, max_size=4),
)


def damaged(document: Dict[str, Any], at: int, length: int, instead: bytes) -> bytes:
    """Return a file of the CLI with a missing or different part."""
    content = _go_json.dump(document)
    at %= len(content) + 1
    return content[:at] + instead + content[at + length :]


DAMAGED = st.builds(
    damaged,
    CLI_DOCUMENTS,
    st.integers(0, 2**16),
    st.integers(0, 9) | st.just(2**16),
    st.binary(max_size=3)
    | st.sampled_from([b"null", b'"', b"}", b"]", b",", b"\n\t", b"[{", b"1e9"]),
)


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    # Thousands of files: whether they are on the disk is a matter of other tests.
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda fd: None)
        yield Path(folder) / "config.json"


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def other_keys(mapping: Dict[str, Any], known: Iterable[str]) -> List[Any]:
    return [(key, mapping[key]) for key in mapping if key.lower() not in known]


def other_keys_of_profiles(document: Dict[str, Any]) -> Set[str]:
    """Return the keys and values of each profile that the CLI does not know."""
    spelled = [document[key] for key in document if key.lower() == "profiles"]
    profiles = [value for value in spelled if value is not None][-1:] or [[]]
    known = list(_modes.ORDER)
    return {json.dumps(other_keys(profile, known)) for profile in profiles[0] if profile} - {"[]"}


def hold_to_promises(path: Path, content: bytes) -> None:
    """Report and edit a file of any content. It is refused and left alone, or edited without a loss."""
    write(path, content)
    report = profile_info.report(str(path), None)
    json.dumps(report)
    params = {
        "config_path": str(path),
        "lock_timeout": 1,
        "backup": False,
        "owner": None,
        "group": None,
    }

    def change(document: Dict[str, Any]) -> Dict[str, Any]:
        _profiles.put(document, [NEW])
        return {}

    try:
        result = _apply.apply(params, change, check_mode=False)
    except AliyunCliError as error:
        assert path.read_bytes() == content
        assert report["problems"] == [str(error)]
        return
    assert os.listdir(str(path.parent)) == ["config.json"]
    after = json.loads(path.read_text(encoding="utf-8"))
    assert result["changed"]
    assert "new" in [profile["name"] for profile in after["profiles"]]
    assert after["current"] in [profile["name"] for profile in after["profiles"]]
    before = (
        json.loads(content.decode("utf-8-sig")) if content.strip(b"\xef\xbb\xbf \t\r\n") else {}
    )
    assert other_keys(after, ["current", "profiles", "meta_path"]) == other_keys(
        before, ["current", "profiles", "meta_path"]
    )
    assert other_keys_of_profiles(after) == other_keys_of_profiles(before)
    again = _apply.apply(params, change, check_mode=False)
    assert not again["changed"] and again["repairs"] == []


@times(30)
@given(content=st.binary(max_size=64) | st.sampled_from([b"{}", b"", b"null"]))
def test_any_bytes(path: Path, content: bytes) -> None:
    hold_to_promises(path, content)


@times(30)
@given(content=DAMAGED)
def test_any_damage_to_a_file_of_the_cli(path: Path, content: bytes) -> None:
    hold_to_promises(path, content)


@times(25)
@given(document=ANYTHING)
def test_any_document(path: Path, document: Any) -> None:
    hold_to_promises(path, json.dumps(document).encode("ascii"))


@times(16)
@given(document=CLI_DOCUMENTS)
def test_what_the_cli_can_write_comes_back_to_the_byte(
    path: Path, document: Dict[str, Any]
) -> None:
    content = _go_json.dump(document)
    write(path, content)
    config = _edit.read(str(path))
    assert config.findings == []
    assert config.document == document
    assert _go_json.dump(config.document) == content
