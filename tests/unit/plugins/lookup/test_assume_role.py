# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the interface of the lookup: options, directory of the cache, imports of a hit, and errors."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.parsing import vault
from ansible.parsing.dataloader import DataLoader
from ansible.utils.plugin_docs import merge_fragment
from ansible_collections.aliyun.cli.plugins.lookup import assume_role
from ansible_collections.aliyun.cli.plugins.modules import assume_role as module_assume_role
from ansible_collections.aliyun.cli.plugins.plugin_utils import _registration, _resolve
from ansible_collections.aliyun.cli.plugins.plugin_utils._cache import entry as _entry
from ansible_collections.aliyun.cli.tests.emulator import Emulator

try:
    from ansible.template import trust_as_template
except ImportError:
    trust_as_template = None

ROOT = Path(assume_role.__file__).parents[5]
WORLD = Path(assume_role.__file__).parents[2] / "tests" / "emulator" / "worlds" / "demo.yml"
PROFILE = {
    "name": "deploy",
    "mode": "AK",
    "region_id": "cn-hangzhou",
    "access_key_id": "LTAI5tEXAMPLEdeploy0001A",
    "access_key_secret": "fake-deploy-secret-Hd52mVx7Qe",
}


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    with Emulator(WORLD) as emulator:
        yield emulator


@pytest.fixture(name="runtime")
def fixture_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's runtime directory, next to a home of Ansible."""
    for name in ("runtime", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setattr(constants, "ANSIBLE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(_resolve, "SETTLED_SECONDS", -1)
    return tmp_path / "runtime"


@pytest.fixture(name="options")
def fixture_options(emulator: Emulator, runtime: Path) -> dict[str, Any]:
    """Return options for one hop."""
    emulator.reset()
    config = runtime.with_name("config.json")
    config.write_text(json.dumps({"current": "deploy", "profiles": [PROFILE]}))
    role = "acs:ram::1100000000000001:role/hub"
    hop = {"ram_role_arn": role, "sts_endpoint": emulator.http_url}
    return {"config_path": str(config), "hops": [hop]}


def make_lookup() -> Any:
    """Return the lookup from Ansible's loader, which finds no collection that Python has found before."""
    lookup = assume_role.LookupModule()
    lookup._load_name = assume_role.__name__
    return lookup


def run(*terms: str, **options: Any) -> Any:
    return make_lookup().run(list(terms), variables={}, **options)


def calls(emulator: Emulator) -> int:
    return sum(call["action"] == "AssumeRole" for call in emulator.journal)


def documented() -> dict[str, Any]:
    """Return the options in the documentation of the lookup and of its fragments."""
    documentation = yaml.safe_load(assume_role.DOCUMENTATION)
    options: dict[str, Any] = documentation["options"]
    for name in documentation["extends_documentation_fragment"]:
        module = importlib.import_module(
            "ansible_collections.aliyun.cli.plugins.doc_fragments." + name.rpartition(".")[2]
        )
        fragment = yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)
        merge_fragment(options, fragment["options"])
    return options


def test_options_are_those_of_the_documentation_and_of_the_module() -> None:
    options = documented()
    assert options.pop("_terms")
    spec = module_assume_role.make_argument_spec()
    assert set(options) == set(assume_role.ORIGINS) == set(spec) - {"run_on"}
    for name, option in options.items():
        assert (name, option["type"]) == (name, spec[name]["type"])
        assert (name, option.get("default")) == (name, spec[name].get("default"))
        assert {"env", "ini", "vars"} & set(option) == set(assume_role.find_origins(name))


def test_options_have_other_origins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lookup = make_lookup()
    monkeypatch.setenv("ALIYUN_CLI_CACHE", "no")
    monkeypatch.setenv("ALIBABA_CLOUD_CONFIG_FILE", "~/other.json")
    variables = {"aliyun_cli_min_lifetime": "60", "aliyun_cli_format": "environment"}
    options = lookup.configured(variables, {"read_timeout": "3", "retries": None})
    assert options == {
        **dict.fromkeys(assume_role.ORIGINS),
        "cache": "no",
        "config_path": os.path.expanduser("~/other.json"),
        "min_lifetime": "60",
        "read_timeout": "3",
    }
    options = lookup.configured(
        {"aliyun_cli_cache": True, "aliyun_cli_config_path": "/var.json"}, {"config_path": "/x"}
    )
    assert (options["cache"], options["config_path"]) == (True, "/x")
    for name in ("ALIYUN_CLI_CACHE", "ALIBABA_CLOUD_CONFIG_FILE"):
        monkeypatch.setenv(name, "")
    options = lookup.configured({}, {})
    assert set(options.values()) == {None}


def test_credentials_are_kept_in_the_runtime_directory(
    emulator: Emulator, options: dict[str, Any], runtime: Path
) -> None:
    first = run("deploy", **options)
    assert run("deploy", **options) == first
    assert run(profile="deploy", **options)[0] == first[0]
    assert calls(emulator) == 1
    assert os.listdir(runtime) == [_entry.FOLDER]
    assert os.listdir(runtime.with_name("home")) == []


@pytest.mark.parametrize("variable", [None, "", "/nothing"])
def test_without_a_runtime_directory_they_are_kept_in_the_home_of_ansible(
    emulator: Emulator,
    options: dict[str, Any],
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str | None,
) -> None:
    if variable is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR")
    else:
        monkeypatch.setenv("XDG_RUNTIME_DIR", variable)
    for _use in range(2):
        run("deploy", **options)
    assert calls(emulator) == 1
    assert os.listdir(runtime) == []
    assert os.listdir(runtime.with_name("home")) == [_entry.FOLDER]


def test_cache_can_be_turned_off(
    emulator: Emulator, options: dict[str, Any], runtime: Path
) -> None:
    for _use in range(2):
        run("deploy", cache=False, **options)
    assert calls(emulator) == 2
    assert os.listdir(runtime) == []


def test_result_without_a_term_is_one_element(options: dict[str, Any]) -> None:
    assert [result["profile"] for result in run(**options)] == ["deploy"]


LOADED = """
import json, sys
from ansible.plugins.loader import init_plugin_loader, lookup_loader
init_plugin_loader()
options = json.loads(sys.argv[1])
# Ansible loads what any lookup needs.
lookup_loader.get("ansible.builtin.env")
before = set(sys.modules)
lookup = lookup_loader.get("aliyun.cli.assume_role")
result = lookup.run(["deploy"], variables={}, **options)
# Those with a file.
loaded = sorted(
    name
    for name in set(sys.modules) - before
    if str(getattr(sys.modules[name], "__file__", None)).endswith(".py")
)
print(json.dumps({"result": result, "loaded": loaded, "definitions": lookup.option_definitions}))
"""


def test_hit_loads_the_cache_and_the_registration_only(
    emulator: Emulator, options: dict[str, Any], tmp_path: Path
) -> None:
    first = run("deploy", **options)
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, json.dumps(options)],
        env=environ,
        cwd=tmp_path,
        check=True,
        stdout=subprocess.PIPE,
    )
    found = json.loads(done.stdout)
    assert found["result"] == first
    package = _entry.__name__.rpartition(".")[0]
    assert found["loaded"] == [
        assume_role.__name__,
        package,
        _entry.__name__,
        _registration.__name__,
    ]
    # Ansible has parsed nothing to know the options.
    assert found["definitions"] == json.loads(json.dumps(assume_role.DEFINITIONS))
    assert calls(emulator) == 1


def test_fact_of_a_node_is_no_option(emulator: Emulator, options: dict[str, Any]) -> None:
    first = run("deploy", **options)
    variables: dict[str, Any] = {"ansible_facts": {"distribution": "Debian"}}
    assert make_lookup().run(["deploy"], variables=variables, **options) == first
    variables["ansible_facts"]["aliyun_cli_installed_version"] = "3.4.11"
    assert make_lookup().run(["deploy"], variables=variables, **options) == first
    variables["ansible_facts"]["aliyun_cli_config_path"] = "x"
    with pytest.raises(AnsibleLookupError, match="^aliyun_cli_config_path is a fact that a mod"):
        make_lookup().run(["deploy"], variables=variables, **options)
    assert calls(emulator) == 1


def test_error_is_a_sentence_without_its_causes(options: dict[str, Any]) -> None:
    with pytest.raises(AnsibleLookupError, match="the profile 'nobody' does not exist") as caught:
        run("nobody", **options)
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("source", '{"mode": "AK" "access_key_secret": "hidden"}', "unable to evaluate string"),
        ("source", ["hidden"], "dictionary requested"),
        ("hops", {"external_id": "hidden"}, "cannot be converted to a list"),
        ("hops", "hidden", "dictionary requested"),
        ("hops", [{"ram_role_arn": "a", "external": "hidden"}], "hops.external. Supported"),
        ("source", {"access_key_secret": "hidden", "mode": "hidden"}, "value of mode must be one"),
        ("cache", "", "were unable to convert to bool"),
        ("allow_process", 2, "were unable to convert to bool"),
    ],
)
def test_value_of_another_type_is_not_shown(
    options: dict[str, Any], name: str, value: Any, sentence: str
) -> None:
    with pytest.raises(AnsibleLookupError) as caught:
        run(**{"profile": "deploy" if name == "hops" else None, **options, name: value})
    assert sentence in str(caught.value) and "hidden" not in str(caught.value)
    assert caught.value.__suppress_context__ and caught.value.__cause__ is None


@pytest.mark.parametrize("value", ["tru", "{{ nothing }}", "", 3])
def test_slip_does_not_turn_a_guard_off(options: dict[str, Any], value: Any) -> None:
    variables = {"aliyun_cli_validate_certs": value}
    with pytest.raises(
        AnsibleLookupError, match="unable to convert to bool|_cli_validate_certs can"
    ):
        templated(variables, **options)


def templated(variables: dict[str, Any], **options: Any) -> Any:
    """Return a function that calls the lookup with variables that are templates."""
    lookup = make_lookup()
    variables = {name: trusted(value) for name, value in variables.items()}
    lookup._loader = DataLoader()
    return lookup.run(["deploy"], variables=variables, **options)


def trusted(value: Any) -> Any:
    """Return a value as Ansible reads it from an inventory."""
    if isinstance(value, list):
        return [trusted(item) for item in value]
    if isinstance(value, dict):
        return {name: trusted(item) for name, item in value.items()}
    return trust_as_template(value) if isinstance(value, str) and trust_as_template else value


def test_variables_can_be_templates(emulator: Emulator, options: dict[str, Any]) -> None:
    (hop,) = options.pop("hops")
    role, endpoint = (hop[name] for name in ("ram_role_arn", "sts_endpoint"))
    variables = {
        "account": role.split(":")[3],
        "endpoint": endpoint,
        "folder": os.path.dirname(options.pop("config_path")),
        "off": False,
        "aliyun_cli_config_path": "{{ folder }}/config.json",
        "aliyun_cli_hops": [
            {
                "ram_role_arn": "acs:ram::{{ account }}:role/hub",
                "sts_endpoint": "{{ endpoint }}",
                "role_session_name": "{{ 'alice' }}",
            }
        ],
        "aliyun_cli_expected_account_id": "{{ account }}",
        "aliyun_cli_min_lifetime": "{{ 600 }}",
        "aliyun_cli_cache": "{{ off }}",
    }
    (found,) = templated(variables)
    assert found["assumed_role_arn"] == "{0}/alice".format(role)
    assert templated(variables) != [found] and calls(emulator) == 2
    # What the call says is not looked at.
    overridden = {**variables, "aliyun_cli_expected_account_id": "{{ nothing }}"}
    assert templated(overridden, expected_account_id=role.split(":")[3])


def test_facts_of_a_node_fill_in_no_template(emulator: Emulator, options: dict[str, Any]) -> None:
    hop = {**options.pop("hops")[0], "ram_role_arn": "acs:ram::1100000000000001:role/{{ role }}"}
    variables: dict[str, Any] = {"role": "hub", "aliyun_cli_hops": [hop]}
    (found,) = templated(variables, **options)
    assert found["assumed_role_arn"].startswith("acs:ram::1100000000000001:role/hub/")
    variables |= {"role": "long", "ansible_facts": {"role": "long"}}
    with pytest.raises(AnsibleLookupError, match="variable aliyun_cli_hops cannot be filled in"):
        templated(variables, **options)
    hop["ram_role_arn"] = "acs:ram::1100000000000001:role/{{ ansible_facts.role }}"
    (found,) = templated(variables, **options)
    assert found["assumed_role_arn"].startswith("acs:ram::1100000000000001:role/long/")


def test_variable_that_is_no_option_is_told(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible.utils.display import Display

    shown: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda self, text, *rest, **options: shown.append(text))
    variables = {"aliyun_cli_expected_acount_id": "1", "aliyun_client": "", "aliyun_cli_cache": 1}
    for _use in range(2):
        assert make_lookup().run(["deploy"], variables=variables, **options)
    assert shown == [
        "the variable aliyun_cli_expected_acount_id has no effect, since no such option exists: correct its name"
    ]


def test_default_profile_gives_way_to_what_a_call_names(options: dict[str, Any]) -> None:
    def names(terms: list[str], **more: Any) -> list[str]:
        variables = {"aliyun_cli_profile": "nobody"}
        found = make_lookup().run(terms, variables=variables, **options, **more)
        return [result["profile"] for result in found]

    keys = {name: PROFILE[name] for name in ("mode", "access_key_id", "access_key_secret")}
    assert names(["deploy"]) == names([], profile="deploy") == ["deploy"]
    assert names([], source=keys) == names([], source=keys, profile=None) == [""]
    assert names(["deploy"], profile=None) == ["deploy"]
    for terms, more in (
        ([], {}),
        (["deploy"], {"profile": "deploy"}),
        ([], {"source": keys, "profile": "deploy"}),
    ):
        with pytest.raises(AnsibleLookupError, match="nobody|cannot be combined"):
            names(terms, **more)


def test_unknown_option_is_an_error(emulator: Emulator, options: dict[str, Any]) -> None:
    with pytest.raises(
        AnsibleLookupError, match="^unknown option 'expected_acount_id': use one of "
    ):
        run("deploy", expected_acount_id="1", **options)
    assert calls(emulator) == 0
    assert run("deploy", wantlist=True, allow_unsafe=True, errors="strict", **options)


class Text(str):
    """Text as Ansible passes it."""

    def __str__(self) -> str:
        return "not this"


class _OmitType:
    """Value of ``omit`` since ansible-core 2.19."""


class Number(int):
    """Number as Ansible passes it."""


def test_values_of_ansible_become_plain() -> None:
    given = {Text("a"): (Text("b"), 1, True, None, 1.5, {"c": Path("/d")}), "e": Number(2)}
    value = assume_role.make_plain(given)
    assert value == {"a": ["b", 1, True, None, 1.5, {"c": "/d"}], "e": 2}
    assert {type(item) for item in (*value, value["a"][0])} == {str} and isinstance(value["e"], int)
    left = {"a": _OmitType(), "b": [_OmitType(), {"c": "placeholder"}], "d": "placeholder", "e": ""}
    assert assume_role.make_plain(left, "placeholder") == {"b": [{}], "e": ""}


def test_vaulted_text_is_text(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = [("default", vault.VaultSecret(b"password"))]
    if hasattr(vault, "VaultSecretsContext"):
        context = vault.VaultSecretsContext(secrets)
        monkeypatch.setattr(vault.VaultSecretsContext, "_current", context)
    loader = DataLoader()
    loader.set_vault_secrets(secrets)
    texts = {"term": "deploy", "config_path": options["config_path"], "role_session_name": "me"}
    encrypted = {
        name: vault.VaultLib(secrets).encrypt(text).decode() for name, text in texts.items()
    }
    document = "".join(
        "{0}: !vault |\n{1}\n".format(name, textwrap.indent(text.strip(), "  "))
        for name, text in encrypted.items()
    )
    vaulted = loader.load(document)
    variables = {"aliyun_cli_role_session_name": vaulted["role_session_name"]}
    options = {**options, "config_path": vaulted["config_path"]}
    (found,) = make_lookup().run([vaulted["term"]], variables=variables, **options)
    assert found["profile"] == "deploy" and found["assumed_role_arn"].endswith(":role/hub/me")


def test_omitted_options_are_not_given(options: dict[str, Any]) -> None:
    omit = "__omit_place_holder__0123"
    given = {"profile": _OmitType(), "role_session_name": omit, "retries": None}
    hop = {**options["hops"][0], "external_id": _OmitType(), "policy": omit}
    variables = {"omit": omit, "aliyun_cli_cache": omit}
    found = make_lookup().run([], variables=variables, **{**options, **given, "hops": [hop]})
    assert [result["profile"] for result in found] == ["deploy"]


def test_fact_named_omit_leaves_no_guard_out(options: dict[str, Any]) -> None:
    given = {**options, "expected_account_id": "9999"}
    for variables in ({}, {"omit": "9999"}):
        with pytest.raises(AnsibleLookupError, match="9999"):
            make_lookup().run([], variables=variables, **given)
    variables = {"omit": "9999", "aliyun_cli_expected_account_id": "9999"}
    with pytest.raises(AnsibleLookupError, match="expected account 9999"):
        make_lookup().run([], variables=variables, **options)


@pytest.mark.parametrize(
    "option, sentence",
    [
        ({"expected_account_id": ""}, "^expected_account_id is empty: give a value, or omit it$"),
        (
            {"expected_account_id": "hub"},
            "^expected_account_id must be the ID of an account: digits",
        ),
        ({"config_path": ""}, "^config_path is empty"),
        ({"config_path": ["x"]}, "no profile exists in .*'x'"),
        ({"source": {}}, "^source requires mode$"),
        ({"profile": ""}, "^profile is empty"),
        ({"role_session_name": ""}, "^role_session_name is empty"),
        ({"hops": [{"ram_role_arn": "acs:ram::1:role/a", "policy": {}}]}, "^hops, entry 1: policy"),
    ],
)
def test_option_that_says_nothing_is_refused(
    options: dict[str, Any], option: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AnsibleLookupError, match=sentence):
        run(**{**options, **option})


def test_numbers_are_text_as_in_a_module(emulator: Emulator, options: dict[str, Any]) -> None:
    options["hops"][0] |= {"external_id": 1234567890123456, "expired_seconds": "900"}
    found = run("deploy", role_session_name=42, expected_account_id=1100000000000001, **options)
    assert found[0]["assumed_role_arn"].endswith(":role/hub/42")
    (call,) = [call for call in emulator.journal if call["action"] == "AssumeRole"]
    assert call["external_id"] and call["duration_seconds"] == "900"


@pytest.mark.parametrize("term", [["deploy"], ""])
def test_term_that_is_no_name_is_an_error(options: dict[str, Any], term: Any) -> None:
    with pytest.raises(AnsibleLookupError, match="a term must be the name of a profile"):
        run(term, **options)


def test_missing_library_is_named(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(AnsibleLookupError, match=r"\(requests\)"):
        run("deploy", **options)


def test_warning_is_shown_by_ansible(
    options: dict[str, Any], runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible.utils.display import Display

    shown: list[str] = []
    monkeypatch.setattr(Display, "warning", lambda self, text, *rest, **options: shown.append(text))
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr(constants, "ANSIBLE_HOME", "/nothing")
    assert run("deploy", **options)
    assert shown == [
        "Credentials are not cached: no cache directory can be created: no parent directory belongs to this user"
    ]
