# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the format of config.json: accepted content, errors, and output."""

import json
from typing import Any, Dict

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

EMPTY = {"current": "", "profiles": [], "meta_path": ""}
WRITTEN = (
    b'{\n\t"current": "a",\n\t"profiles": [\n\t\t{\n\t\t\t"name": "a",\n\t\t\t"mode": "AK",\n\t\t\t"expired_seconds": 900,\n'
    b'\t\t\t"region_id": "\\u003c\\u0026\\u003e\\u2028\\u2029\xc3\xa4"\n\t\t}\n\t],\n\t"meta_path": ""\n}'
)


def go_text(text: str) -> str:
    """Return a string as Go's encoding/json writes it, sign by sign."""
    short = {
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        '"': '\\"',
        "\\": "\\\\",
    }
    return '"{0}"'.format(
        "".join(
            short.get(sign)
            or ("\\u%04x" % ord(sign) if sign < " " or sign in "<>&\u2028\u2029" else sign)
            for sign in text
        )
    )


def test_bytes_of_the_cli() -> None:
    document, findings = _go_json.parse(WRITTEN, "here")
    assert findings == []
    assert _go_json.dump(document) == WRITTEN


def test_every_sign_is_written_as_go_writes_it() -> None:
    # All of the first plane but the halves of surrogate pairs, and some beyond.
    signs = [chr(code) for code in [*range(0xD800), *range(0xE000, 0x10000), 0x1F511, 0x10FFFF]]
    content = _go_json.dump({"current": "".join(signs)})
    expected = '{{\n\t"current": {0}\n}}'.format(go_text("".join(signs)))
    assert content.decode("utf-8") == expected


def test_half_a_surrogate_pair_stays_an_escape() -> None:
    content = (
        b'{\n\t"current": "\\ud800\xc3\xa4\\udfff\\u003c",\n\t"profiles": [],\n\t"meta_path": ""\n}'
    )
    assert _go_json.dump(_go_json.parse(content, "here")[0]) == content


def test_numbers_stay_numbers() -> None:
    values = {"big": 2**63, "half": 0.5, "yes": True, "no": False, "nothing": None, "zero": 0}
    document, _findings = _go_json.parse(json.dumps(values).encode("ascii"), "here")
    written = json.loads(_go_json.dump(document).decode("utf-8"))
    assert {key: repr(written[key]) for key in values} == {
        key: repr(value) for key, value in values.items()
    }


def test_no_content() -> None:
    assert _go_json.parse(None, "here") == (EMPTY, [])


def test_null_is_nothing() -> None:
    content = (
        b'{"current": null, "profiles": [null, {"name": "a", "mode": null}], "meta_path": null}'
    )
    document, findings = _go_json.parse(content, "here")
    assert json.dumps(document) == json.dumps(
        {"current": "", "profiles": [{"name": "a", "mode": ""}], "meta_path": ""}
    )
    assert findings == ["profile 1 is null"]


def test_known_keys_are_spelled_as_the_cli_writes_them_and_keep_their_place() -> None:
    content = b'{"x": 1, "Profiles": [{"Tool": 1, "MODE": "AK", "y": 2, "Name": "a"}], "current": "a", "Current": "b"}'
    document, findings = _go_json.parse(content, "here")
    assert json.dumps(document) == json.dumps(
        {
            "x": 1,
            "profiles": [{"Tool": 1, "mode": "AK", "y": 2, "name": "a"}],
            "current": "b",
            "meta_path": "",
        }
    )
    assert findings == [
        "the key profiles is spelled Profiles",
        "the key current is spelled Current",
        "the key mode of profile 1 is spelled MODE",
        "the key name of profile 1 is spelled Name",
    ]


@pytest.mark.parametrize("keys", [("Current", "current"), ("current", "Current", "CURRENT")])
def test_of_a_key_in_several_spellings_the_last_one_counts(keys: Any) -> None:
    content = json.dumps({key: str(number) for number, key in enumerate(keys)}).encode("ascii")
    document, findings = _go_json.parse(content, "here")
    assert list(document) == list(EMPTY) and document["current"] == str(len(keys) - 1)
    wrong = [key for key in keys if key != "current"]
    assert _go_json.parse(content[:-1] + b', "cuRRent": null}', "here")[0] == document
    assert findings == ["the key current is spelled " + key for key in wrong]


@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize("where", [b'{"x": %s}', b'{"profiles": [{"x": %s}]}'])
def test_what_is_nested_too_deeply_to_be_written_is_refused(kind: str, where: bytes) -> None:
    # From some depth on, which depends on the version, Python reads what it can neither compare nor write.
    refused = []
    for depth in [10, 100, 250, 350, *range(900, 1600, 50), 5000, 100000]:
        if kind == "list":
            content = where % (b"[" * depth + b"]" * depth)
        else:
            content = where % (b'{"a":' * depth + b"1" + b"}" * depth)
        try:
            document: Dict[str, Any] = _go_json.parse(content, "here")[0]
        except ConfigFileError as error:
            refused.append(depth)
            assert str(error).endswith("nested too deeply")
        else:
            assert json.loads(_go_json.dump(document).decode("utf-8"))
    assert 10 not in refused and 250 not in refused and 350 in refused


def test_many_brackets_are_not_deep() -> None:
    content = json.dumps({"x": [[[]]] * 1000, "y": "[" * 1000}).encode("ascii")
    document, findings = _go_json.parse(content, "here")
    assert findings == [] and len(document["x"]) == 1000


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"a": 1,\n  "b": }', ", line 2, column 8: not valid JSON: Expecting value"),
        (b'{\n"a": "\xff"}', ", line 2: not valid JSON: not UTF-8"),
        (b"{} x", ", line 1, column 4: not valid JSON: Extra data"),
        (b'{"a": NaN}', ": not valid JSON: a number that cannot be read"),
        (b'{"a": 1e999}', ": not valid JSON: a number that cannot be read"),
        (b'{"a": -Infinity}', ": not valid JSON: a number that cannot be read"),
        (b"[" * 100000, ": not valid JSON: nested too deeply"),
    ],
    ids=lambda value: "",
)
def test_parse_refuses_what_is_no_json(content: bytes, what: str) -> None:
    with pytest.raises(ConfigFileError) as caught:
        _go_json.parse(content, "here")
    assert str(caught.value) == "here" + what


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"[]", "an object is expected"),
        (b'{"current": 1}', "current must be a text"),
        (b'{"meta_path": []}', "meta_path must be a text"),
        (b'{"profiles": 0}', "profiles must be a list of objects"),
        (b'{"profiles": false}', "profiles must be a list of objects"),
        (
            b'{"PROFILES": [], "Profiles": 5, "profiles": null}',
            "profiles must be a list of objects",
        ),
        (b'{"profiles": [ {} ,[]]}', "profile 2 must be an object"),
        (b'{"profiles": [null, {"name": 1}]}', "name of profile 2 must be a text"),
        (b'{"mode": "AK"}', "it is a single profile: put it into a list named profiles"),
        (
            b'{"current": "a", "Region_ID": "x"}',
            "it is a single profile: put it into a list named profiles",
        ),
    ],
    ids=lambda value: "",
)
def test_parse_refuses_another_shape(content: bytes, what: str) -> None:
    with pytest.raises(ConfigFileError) as caught:
        _go_json.parse(content, "here")
    assert str(caught.value) == "here: not a configuration of the CLI: " + what


def profile(**values: Any) -> Dict[str, Any]:
    return dict({"name": "a", "mode": "AK"}, **values)


@pytest.mark.parametrize(
    "second, is_sound",
    [
        (profile(), True),
        (profile(region_id="x", read_timeout=3, auto_plugin_install=True), True),
        (profile(read_timeout=None), True),
        (profile(mode="ak"), False),
        (profile(mode=""), False),
        (profile(read_timeout="3"), False),
        (profile(read_timeout=True), False),
        (profile(read_timeout=2**63), False),
        (profile(region_id=3), False),
        (profile(region_id=None), False),
        (profile(region_id=["x"], read_timeout=3), False),
        # A wrong text in one key and a wrong number in another one.
        (profile(region_id=3, read_timeout="x"), False),
    ],
)
def test_scan_finds_a_wrong_mode_and_a_value_of_a_wrong_type(
    second: Dict[str, Any], is_sound: bool
) -> None:
    scanned = _go_json.scan([profile(name="first"), second])
    assert scanned.names == ["first", "a"]
    assert scanned.modes == {"AK", second["mode"]}
    assert scanned.keys == set(second)
    assert scanned.is_sound is is_sound


@pytest.mark.parametrize(
    "content",
    [
        b'{"profiles": [{"name": "a"}]}',
        b'{"profiles": [{"name": null, "mode": "AK"}]}',
        b'{"profiles": [{"name": "a", "mode": "AK", "tool": 1}]}',
        b'{"profiles": [{"name": "a", "mode": "AK"}, null]}',
    ],
)
def test_profiles_that_the_cli_did_not_write_have_no_scan(content: bytes) -> None:
    assert _go_json.parse_and_scan(content, "here")[2] is None


def test_other_bytes_of_equal_profiles_are_found() -> None:
    old = [profile(read_timeout=1), profile(name="b")]
    assert not _go_json.any_differ(old, list(map(dict, old)))
    assert _go_json.any_differ(old, [profile(read_timeout=1.0), old[1]])
    assert _go_json.any_differ(old, [profile(read_timeout=True), old[1]])
