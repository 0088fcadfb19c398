# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever names a file holds, no message, warning, or diff can act on a terminal."""

import json
import os
import unicodedata
from typing import Any, Dict, Iterator, List

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.modules import (
    assume_role,
    caller_identity_info,
    exec,
    profile,
    profile_info,
    profiles,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Parts of sequences that act on terminals, and characters that cannot be encoded.
PARTS = [
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x9b31m",
    "\u202e",
    "\u2066",
    "\r\n",
    "\u2028",
    "\x7f",
    "\0",
]
NAMES = st.lists(
    st.one_of(st.sampled_from(PARTS + ["\ud83d", "\U0001f600", "a"]), st.text(max_size=3)),
    min_size=1,
    max_size=6,
).map("".join)
KEYS = st.one_of(st.sampled_from(sorted(_modes.KEYS)), NAMES)
PROFILES = st.fixed_dictionaries(
    {"name": NAMES, "mode": st.one_of(st.sampled_from(sorted(_modes.MODES)), NAMES)}
).flatmap(
    lambda profile: st.dictionaries(
        KEYS, st.one_of(NAMES, st.integers(), st.none()), max_size=4
    ).map(lambda more: {**more, **profile})
)
DOCUMENTS = st.fixed_dictionaries(
    {"current": NAMES, "profiles": st.lists(PROFILES, max_size=3)}, optional={"meta_path": NAMES}
)


BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def acts(text: str) -> bool:
    """Return whether a text has a character that acts on a terminal, or cannot be written."""
    return any(
        unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(sign) in BIDI
        for sign in text
    )


def shown(result: Dict[str, Any]) -> Iterator[str]:
    """Yield what is a text of a result, and not a value that is returned as it is."""
    yield result.get("msg", "")
    yield from result.get("problems", [])
    yield from result.get("repairs", [])
    yield from map(str, result.get("warnings", []))
    for entry in result.get("profiles", []):
        yield from entry.get("problems", [])
    for side in result.get("diff", {}).values():
        yield side.replace("\n", "").replace("\t", "")


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(document=DOCUMENTS, name=NAMES)
def test_nothing_that_is_shown_acts_on_a_terminal(
    run: Any, tmp_path: Any, document: Dict[str, Any], name: str
) -> None:
    path = str(tmp_path / "config.json")
    # Nor does it hand such an option to a module.
    name = name.encode("utf-8", "replace").decode("utf-8")
    key = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "fake-secret"}
    new = dict(key, name="new", mode="AK", region="cn-hangzhou")
    tasks: List[Any] = [
        (profile_info.main, {}),
        (profile.main, dict(new, name=name)),
        (profile.main, {"name": name, "state": "absent"}),
        (profile.main, {"name": "new", "current": True, name: 1}),
        (profiles.main, {"profiles": [new], "purge": True, "current": name}),
        (profiles.main, {"profiles": [dict(new, ram_role_arn=name)]}),
        (assume_role.main, {"profile": name, "retries": 0}),
        (caller_identity_info.main, {"source": dict(key, mode="AK", sts_endpoint=name)}),
        (exec.main, {"argv": ["true"], "chdir": "/nonexistent/" + name}),
        (profiles.main, {"profiles": [new]}),
    ]
    for main, options in tasks:
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump(document, file)
        result = run(main, config_path=path, **options)
        # ansible-core refuses a result that cannot be encoded.
        json.dumps(result, ensure_ascii=False).encode("utf-8")
        for text in shown(result):
            assert not acts(text) and len(text) <= 100000, (main.__module__, text)


@pytest.mark.parametrize("content", ["\x1b]0;title\x07", '{"\u202e', '{"profiles": "\x9b"}'])
def test_nor_does_a_file_that_cannot_be_read(run: Any, tmp_path: Any, content: str) -> None:
    path = tmp_path / "config\x1b[2J.json"
    path.write_bytes(content.encode("utf-8"))
    path.chmod(0o600)
    for main in (profile_info.main, assume_role.main):
        texts = list(shown(run(main, config_path=str(path))))
        assert any(texts) and not any(map(acts, texts))
