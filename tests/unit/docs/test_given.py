# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test every option of a chain with every empty value, and the table of the guide.

``python -m`` with the name of this file writes the table into the guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.modules import assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate

GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_sources.rst"
BEGIN, END = ".. begin of the table of given options\n", ".. end of the table of given options\n"
ROLE = "acs:ram::1000000000000001:role/hub"
VALUES: dict[str, Any] = {"''": "", "0": 0, "false": False, "[]": [], "{}": {}}
# A value of the documented form for each option that a mode requires.
SAMPLES = {
    "ram_role_arn": ROLE,
    "oidc_provider_arn": "acs:ram::1000000000000001:oidc-provider/ci",
    "credentials_uri": "http://127.0.0.1/",
    "cloud_sso_sign_in_url": "https://example.com/",
    "oauth_site_type": "CN",
}
HOP = {"ram_role_arn": ROLE}


def options_of(name: str) -> dict[str, Any]:
    """Return options of the module assume_role with which an option makes sense, apart from that option."""
    top, _dot, own = name.partition(".")
    if own and top == "source":
        return {"source": source_for(own)}
    options: dict[str, Any] = {"source": source_for("mode")}
    if own:
        options["hops"] = [dict(HOP)]
    if top == "profile":
        del options["source"]
    return options


def source_for(option: str) -> dict[str, Any]:
    """Return a source of the first mode that uses the option and needs no other profile."""
    fields = {field.name: field for field in _modes.list_options()}
    used = (
        fields[option].modes if option in fields else ("OIDC" if option == "oidc_token" else "AK",)
    )
    modes = [mode for mode in _modes.MODES.values() if mode.name in used and not mode.chained]
    mode = (modes or [_modes.MODES["AK"]])[0].name
    source = {"mode": mode}
    for field in fields.values():
        if mode in field.required and field.name not in ("region", "role_session_name"):
            source[field.name] = SAMPLES.get(field.name, "sample")
    if option == "oidc_token":
        del source["oidc_token_file"]
        source["oidc_token"] = "a.b.c"
    return source


def put(options: dict[str, Any], name: str, value: Any) -> None:
    top, _dot, own = name.partition(".")
    place = options if not own else options["hops"][0] if top == "hops" else options[top]
    place[own or top] = value


def outcome(name: str, value: Any, *, absent: bool = False) -> Any:
    """Return the chain for these options, or the sentence of the error."""
    options = options_of(name)
    put(options, name, value)
    if absent:
        top, _dot, own = name.partition(".")
        place = options if not own else options["hops"][0] if top == "hops" else options[top]
        del place[own or top]
    try:
        checked = validate(options, assume_role.make_argument_spec(), name="test")
        chain = _options.make_chain({**checked, "config_path": "/nonexistent"}, environ={})
        _options.make_http(checked).close()
        _options.select_given(checked)
    except ProfileError as error:
        return "error: {0}".format(error)
    return chain, checked


def names() -> Iterator[str]:
    """Yield every option of a chain, those of a source and of a hop after a dot."""
    for name, option in assume_role.make_argument_spec().items():
        yield name
        for own in option.get("options", ()):
            yield "{0}.{1}".format(name, own)


def meaning(name: str, value: Any) -> str:
    result = outcome(name, value)
    return "error" if isinstance(result, str) else "given"


def table() -> str:
    """Return the table: options with the same meanings share a row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for name in names():
        rows.setdefault(tuple(meaning(name, value) for value in VALUES.values()), []).append(name)
    lines = [".. list-table::", "   :header-rows: 1", ""]
    lines += ["   * - options"] + ["     - ``{0}``".format(value) for value in VALUES]
    for cells, options in sorted(rows.items(), key=lambda row: len(row[1])):
        text = ", ".join("``{0}``".format(name) for name in sorted(options))
        lines += ["   * - " + text] + ["     - " + cell for cell in cells]
    return "\n" + "\n".join(lines) + "\n\n"


@pytest.mark.parametrize("name", sorted(names()))
def test_none_is_as_if_the_option_was_absent(name: str) -> None:
    without = outcome(name, None, absent=True)
    assert outcome(name, None) == without


@pytest.mark.parametrize("name", sorted(names()))
def test_empty_text_is_refused(name: str) -> None:
    assert meaning(name, "") == "error"


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize(
    "name",
    [
        "expected_account_id",
        "expected_arn",
        "hops.policy",
        "hops.external_id",
        "hops.source_identity",
    ],
)
def test_what_guards_or_narrows_is_never_left_out(name: str, value: Any) -> None:
    result = outcome(name, value)
    if isinstance(result, str):
        return
    # What is taken is in what is sent or compared.
    chain, checked = result
    kept = checked[name] if "." not in name else getattr(chain.hops[-1], name.partition(".")[2])
    assert kept == str(value)


def test_table_of_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == table()


if __name__ == "__main__":
    before, begin, rest = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    GUIDE.write_text(before + begin + table() + END + rest.partition(END)[2], encoding="utf-8")
