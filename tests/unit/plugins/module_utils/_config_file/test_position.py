# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in config.json something is wrong is said to the line and column."""

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    go_json as _config_shape,
)
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    position as _config_position,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b'{"a": 1,\n  "b": }', ", line 2, column 8: not valid JSON: Expecting value"),
        (b'{\n"a": "\xff"}', ", line 2, column 7: not valid JSON: not UTF-8"),
        (b"\x0b", ", line 1, column 1: not valid JSON: Expecting value"),
        (b"{} x", ", line 1, column 4: not valid JSON: Extra data"),
        (b'{"a": NaN}', ", line 1, column 7: not valid JSON: a number that cannot be read"),
        (b'{"a": 1e999}', ", line 1, column 7: not valid JSON: a number that cannot be read"),
        (
            b'{"NaN": "1e999\\"",\n "b": [1, {"c": -1e999}]}',
            ", line 2, column 17: not valid JSON: a number that cannot be read",
        ),
        (b'{"a": -Infinity}', ", line 1, column 7: not valid JSON: a number that cannot be read"),
        (b"[" * 100000, ", line 1, column 1: not valid JSON: nested too deeply"),
        (
            b'{"Profiles": [], "profiles": [1]}',
            ", line 1, column 31: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (b"[]", ", line 1, column 1: not a configuration of the CLI: an object is expected"),
        (
            b'{"current": 1}',
            ", line 1, column 13: not a configuration of the CLI: current must be a text",
        ),
        (
            b'{"meta_path": []}',
            ", line 1, column 15: not a configuration of the CLI: meta_path must be a text",
        ),
        (
            b'{"profiles": 0}',
            ", line 1, column 14: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (
            b'{"profiles": false}',
            ", line 1, column 14: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (
            b'{"profiles": [1]}',
            ", line 1, column 15: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (
            b'{"profiles": [ {} ,[]]}',
            ", line 1, column 20: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (
            b'{"profiles": [[]]}',
            ", line 1, column 15: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (
            b'{"PROFILES": [], "Profiles": 5, "profiles": null}',
            ", line 1, column 30: not a configuration of the CLI: profiles must be a list of objects",
        ),
        (
            b'{"profiles": [null, {"name": 1}]}',
            ", line 1, column 21: not a configuration of the CLI: name of profile 2 must be a text",
        ),
    ],
    ids=lambda value: "",
)
def test_place(content: bytes, what: str) -> None:
    with pytest.raises(ConfigFileError) as caught:
        _config_shape.parse(content, "here")
    assert str(caught.value) == "here" + what


def test_the_lines_of_a_refusal_are_counted_from_one() -> None:
    for at, place in enumerate(["line 1, column 1", "line 1, column 2", "line 2, column 1"]):
        error = _config_position.refused("here", "a\nb", at, "why")
        assert str(error) == "here, {0}: why".format(place)
