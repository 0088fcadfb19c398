# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test every option of every module and of the lookup with every empty value, and the table of the guide.

``python -m`` with the name of this file writes the table into the guide.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import os
import pwd
import tempfile
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible_collections.aliyun.cli.plugins.lookup import assume_role as lookup
from ansible_collections.aliyun.cli.plugins.module_utils import _modes, _options, _program
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)
from ansible_collections.aliyun.cli.plugins.module_utils._rows import Field
from ansible_collections.aliyun.cli.plugins.plugin_utils._validation import validate
from ansible_collections.aliyun.cli.tests.unit.plugins.modules.conftest import Run

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_sources.rst"
BEGIN, END = ".. begin of the table of given options\n", ".. end of the table of given options\n"
MODULES = {
    path.stem: importlib.import_module(
        f"ansible_collections.aliyun.cli.plugins.modules.{path.stem}"
    )
    for path in sorted((ROOT / "plugins" / "modules").glob("[a-z]*.py"))
}
FIELDS = {field.name: field for field in _modes.list_options()}
VALUES: dict[str, Any] = {"''": "", "0": 0, "false": False, "[]": [], "{}": {}}
ROLE = "acs:ram::1000000000000001:role/hub"
KEYS = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "fake-secret"}
NEW = {"mode": "AK", **KEYS, "region": "cn-hangzhou"}
# Values of the documented forms, from which each setting of a profile takes the first one that it accepts.
SAMPLES = (
    "sample",
    ROLE,
    "acs:ram::1000000000000001:oidc-provider/ci",
    "https://example.com/",
    "cn-hangzhou",
    "127.0.0.1",
    900,
    True,
)
# Options for which an empty text is a value, apart from settings of a profile, which it removes.
EMPTY = {
    *("exec.stdin", "exec.credentials.security_token", "exec.credentials.expiration"),
    *("exec.credentials.assumed_role_arn", "exec.credentials.account_id"),
    *("exec.credentials.profile", "exec.credentials.region"),
    *("caller_identity_info.credentials.security_token",),
    *("caller_identity_info.credentials.expiration",),
    *("caller_identity_info.credentials.assumed_role_arn",),
    *("caller_identity_info.credentials.account_id", "caller_identity_info.credentials.profile"),
    *("caller_identity_info.credentials.region",),
}
# Options that can have the ID of a user. Only root can act as root.
FOR_ROOT = [(module, name) for module in ("profile", "profiles") for name in ("owner", "group")]
FOR_ROOT.append(("profile_key", "users"))
ABSENT: Any = object()
# For the cache on the controller. The module refuses them on a node, and the lookup has them.
CACHE = ("cache_url", "renew", "min_lifetime")


class Reached(BaseException):
    """Raised when a module has accepted its options, and sends a request or starts a program."""


def sample_of(field: Field, mode: str) -> Any:
    """Return a value of the documented form of a setting."""
    if field.choices:
        return field.choices[-1]
    rule = field.get_rule(mode)
    return next(
        value
        for value in SAMPLES
        if value.__class__.__name__ == field.type and (not rule or rule.accepts(value))
    )


def settings_for(option: str) -> dict[str, Any]:
    """Return the settings of a profile that uses an option, of a mode that does not require it if there is one."""
    field = FIELDS.get("oidc_token_file" if option == "oidc_token" else option)
    used = [mode for mode in _modes.MODES if field and mode in field.modes] or ["AK"]
    used.sort(key=lambda mode: bool(field and mode in field.required))
    used.sort(key=lambda mode: _modes.MODES[mode].chained or _modes.MODES[mode].login)
    mode = used[0]
    needed = [item for item in FIELDS.values() if mode in item.required or item is field]
    settings = {"mode": mode, **{item.name: sample_of(item, mode) for item in needed}}
    if "source_profile" in settings:
        settings["source_profile"] = "base"
    if option == "oidc_token":
        settings["oidc_token"] = settings.pop("oidc_token_file")
    return settings


def chain_options(name: str) -> dict[str, Any]:
    """Return options of a chain with which an option makes sense."""
    top, _dot, own = name.partition(".")
    options: dict[str, Any] = {"source": settings_for(own if top == "source" else "mode")}
    if top == "hops":
        options["hops"] = [{"ram_role_arn": ROLE}]
    if top == "profile":
        options = {"config_path": "config.json"}
    return options


def base_options(module: str, name: str) -> dict[str, Any]:
    """Return options of a module with which an option makes sense."""
    top = name.partition(".")[0]
    own: dict[str, Any]
    if module == "profile":
        own = {} if is_field(module, name) else NEW
        return {"name": "p", "config_path": "config.json", **own}
    if module in ("profiles", "profile_info"):
        if top == "users":
            user = pwd.getpwuid(os.geteuid()).pw_name
            entry = {"user": user, "config_path": os.path.abspath("config.json")}
            own = {"profiles": [{"name": "base", **NEW}]} if module == "profiles" else {}
            return {"users": [{**entry, **own}]}
        # Options of requests have a meaning with verify only.
        options = {"config_path": "config.json", "verify": name in make_http_argument_spec()}
        if module == "profiles":
            options["profiles"] = [{"name": "p"} if "." in name else {"name": "base", **NEW}]
        return options
    if module == "profile_key":
        keys = {"old_access_key_id": KEYS["access_key_id"], "new_access_key_id": "LTAI5tNEW"}
        secret = {"new_access_key_secret": "fake-secret", "state": "prepared"}
        return {**keys, **secret, "config_path": "config.json"}
    options = chain_options(name)
    if top in ("credentials", "sts_region", "sts_endpoint"):
        options = {"credentials": dict(KEYS)}
    if module == "exec":
        options["argv"] = ["true"]
    if module == "access_key" and top in ("unused_days", "unused_since", "access_key_id", "state"):
        options.update(state="inactive", access_key_id="LTAI5tOTHER")
    return options


def put(options: dict[str, Any], name: str, value: Any) -> None:
    """Set or remove an option, that of an inner one after a dot."""
    top, _dot, own = name.partition(".")
    if not own:
        place = options
    elif isinstance(options[top], list):
        place = options[top][0]
    else:
        place = options[top]
    if value is ABSENT:
        place.pop(own or top, None)
    else:
        place[own or top] = value


class Place:
    """A folder with a config file, in which modules run until they send a request or start a program."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
        def reach(*arguments: Any, **_options: Any) -> None:
            raise Reached(str(arguments[1:3]))

        def obtain(resolver: Resolver, source: Any) -> Any:
            return original(resolver, source) if source.mode == "AK" else reach(resolver, source)

        original = Resolver.obtain
        for name in os.environ:
            if name.startswith(("ALIBABA", "ALICLOUD", "ALIYUN")):
                monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", folder)
        monkeypatch.chdir(folder)
        monkeypatch.setattr(Http, "send", reach)
        monkeypatch.setattr(Resolver, "obtain", obtain)
        monkeypatch.setattr(_program, "run", reach)
        self._folder = folder
        self._output = io.StringIO()
        self._run = Run(monkeypatch, self)

    def readouterr(self) -> Any:
        text = self._output.getvalue()
        self._output.seek(0)
        self._output.truncate()
        return types.SimpleNamespace(out=text)

    def store(self, settings: Mapping[str, Any]) -> None:
        """Write a file with the profiles ``base``, of which a chain can begin, and ``p``."""
        stored = {field.key: settings.get(field.name) for field in FIELDS.values()}
        profiles = [
            {"name": "base", "mode": "AK", "region_id": "cn-hangzhou", **KEYS},
            {"name": "p", **{key: value for key, value in stored.items() if value}},
        ]
        profiles[1]["mode"] = settings["mode"]
        with open(
            "config.json", "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)
        ) as file:
            json.dump({"current": "base", "profiles": profiles}, file)

    def run(self, module: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of a module, with the key ``reached`` if it was stopped after it accepted its options."""
        check_mode = module.startswith("profile")
        try:
            with contextlib.redirect_stdout(self._output):
                return self._run(MODULES[module].main, check_mode, **options)
        except Reached as reached:
            return {"reached": str(reached)}
        finally:
            self.readouterr()
            os.chdir(self._folder)
            for path in Path(self._folder).iterdir():
                if path.is_dir():
                    path.rmdir()
                elif path.name != "config.json":
                    path.unlink()


def names_of(module: str) -> Iterator[str]:
    """Yield every option of a module, those of an option after a dot."""
    for name, option in MODULES[module].make_argument_spec().items():
        yield name
        for own, inner in (option.get("options") or {}).items():
            yield f"{name}.{own}"
            # Entries of profiles are the same for each user.
            assert "options" not in inner or (name, own) == ("users", "profiles")


OF_LOOKUP = [name for name in names_of("assume_role") if name != "run_on"]


def is_field(module: str, name: str) -> bool:
    """Return whether an option is a setting of a profile, in modules that write profiles."""
    if module == "profiles":
        return name.startswith("profiles.") and name[9:] in FIELDS
    return module == "profile" and name in FIELDS


def is_tested_elsewhere(module: str, name: str) -> bool:
    """Return whether an inner option of a chain is that of assume_role, and checked by the same code."""
    top = name.partition(".")[0]
    if module == "assume_role" or "." not in name or top not in ("source", "hops"):
        return False
    ours, theirs = (MODULES[of].make_argument_spec()[top] for of in (module, "assume_role"))
    return bool(ours == theirs)


def call_lookup(name: str, value: Any, variables: Mapping[str, Any] | None = None) -> Any:
    """Return the chain and the options of the lookup, or the sentence of the error."""
    options = chain_options(name)
    put(options, name, value)
    plugin = lookup.LookupModule()
    plugin._load_name = lookup.__name__
    spec = MODULES["assume_role"].make_argument_spec()
    try:
        found = plugin.configured(variables or {}, options)
        checked = validate(found, spec, name="aliyun.cli.assume_role")
        chain = _options.make_chain(checked, environ={})
        _options.make_http(checked).close()
    except (AnsibleLookupError, ProfileError) as error:
        return f"error: {error}"
    return chain, {key: checked[key] for key in spec if key not in ("source", "hops")}


def run_one(place: Place, module: str, name: str, value: Any) -> dict[str, Any]:
    own = name.rpartition(".")[2]
    if is_field(module, name):
        place.store(settings_for(own))
    options = base_options(module, name)
    put(options, name, value)
    if name == "chdir" and value not in (None, ABSENT, ""):
        os.mkdir(str(value))
    return place.run(module, options)


def classify(place: Place, module: str, name: str, value: Any) -> str:
    """Return the meaning of a value of an option."""
    if module == "assume_role" and name in CACHE:
        return "error" if isinstance(call_lookup(name, value), str) else "given"
    if value == 0 and value is not False and (module, name) in FOR_ROOT and os.geteuid():
        return "given"
    result = run_one(place, module, name, value)
    if result.get("failed"):
        return "error"
    if is_field(module, name):
        (profile,) = result.get("profiles") or [result["profile"]]
        return "given" if name.rpartition(".")[2] in profile else "removes"
    return "given"


@functools.cache
def find_meanings() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return the meanings of all values, by module and option."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        place = Place(monkeypatch, folder)
        # The others refer to the options of the chain of this one.
        for module in sorted(MODULES, key=lambda module: module != "assume_role"):
            found[module] = {}
            for name in names_of(module):
                place.store(settings_for("mode"))
                if is_tested_elsewhere(module, name):
                    found[module][name] = found["assume_role"][name]
                    continue
                found[module][name] = tuple(
                    classify(place, module, name, value) for value in VALUES.values()
                )
    return found


def make_table() -> str:
    """Return the table. Options with the same meanings share a row, and those of several modules are listed once."""
    meanings = find_meanings()
    rows: dict[tuple[str, ...], list[str]] = {}
    every = {name for found in meanings.values() for name in found}
    for name in sorted(every):
        if is_field("profiles", name):
            continue
        by_cells: dict[tuple[str, ...], list[str]] = {}
        for module, found in meanings.items():
            if name in found:
                by_cells.setdefault(found[name], []).append(module)
        most = max(by_cells.values(), key=len)
        for cells, modules in by_cells.items():
            of = "" if len(by_cells) == 1 else f" (``{'``, ``'.join(modules)}``)"
            if of and modules is most and len(modules) > 1:
                of = " (other modules)"
            rows.setdefault(cells, []).append(f"``{name}``{of}")
    lines = [".. list-table::", "   :header-rows: 1", ""]
    lines += ["   * - options"] + [f"     - ``{value}``" for value in VALUES]
    for cells, options in sorted(rows.items(), key=lambda row: (len(row[1]), row)):
        lines += ["   * - " + ", ".join(options)] + ["     - " + cell for cell in cells]
    return "\n" + "\n".join(lines) + "\n\n"


@pytest.fixture(name="place")
def fixture_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    place = Place(monkeypatch, str(tmp_path))
    place.store(settings_for("mode"))
    return place


@pytest.mark.parametrize("module", MODULES)
def test_none_is_as_if_the_option_was_absent(place: Place, module: str) -> None:
    for name in names_of(module):
        if not is_tested_elsewhere(module, name):
            assert run_one(place, module, name, None) == run_one(place, module, name, ABSENT), name


@pytest.mark.parametrize("module", MODULES)
def test_empty_text_is_refused_or_a_stated_value(module: str) -> None:
    for name, cells in find_meanings()[module].items():
        if is_field(module, name):
            assert cells[0] in ("removes", "error")
        else:
            assert (cells[0] == "given") == (f"{module}.{name}" in EMPTY), name


def test_entries_of_profiles_mean_what_options_of_a_profile_mean() -> None:
    meanings = find_meanings()
    for name in FIELDS:
        assert meanings["profiles"][f"profiles.{name}"] == meanings["profile"][name]


@pytest.mark.parametrize("name", OF_LOOKUP)
def test_lookup_takes_what_the_module_takes(name: str) -> None:
    for value, meaning in zip(VALUES.values(), find_meanings()["assume_role"][name]):
        assert isinstance(call_lookup(name, value), str) == (meaning == "error"), (name, value)


@pytest.mark.parametrize("name", OF_LOOKUP)
def test_omitted_option_of_the_lookup_is_not_given(name: str) -> None:
    absent = call_lookup(name, ABSENT)
    omitted = type("_OmitType", (), {})()
    assert call_lookup(name, None) == call_lookup(name, omitted) == absent
    assert call_lookup(name, "__omit_place_holder__0", {"omit": "__omit_place_holder__0"}) == absent


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
    result = call_lookup(name, value)
    if isinstance(result, str):
        return
    # What is taken is in what is sent or compared.
    chain, checked = result
    kept = checked[name] if "." not in name else getattr(chain.hops[-1], name.partition(".")[2])
    assert kept == str(value)


def test_table_of_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == make_table()


if __name__ == "__main__":
    before, begin, rest = GUIDE.read_text(encoding="utf-8").partition(BEGIN)
    GUIDE.write_text(before + begin + make_table() + END + rest.partition(END)[2], encoding="utf-8")
