# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the start of a chain, and the connection to STS."""

import json
import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _options
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import variables as _variables
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ConfigFileError,
    NoHomeError,
    ProfileError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._http_options import (
    make_http_argument_spec,
)

KEYS = {"access_key_id": "LTAI5tSTORED", "access_key_secret": "secret"}
ROLE = "acs:ram::1000000000000001:role/hub"
ENVIRON_KEY = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI5tENVIRON",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
}
ENVIRON_OIDC = {
    "ALIBABA_CLOUD_ROLE_ARN": ROLE,
    "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::1000000000000001:oidc-provider/ci",
    "ALIBABA_CLOUD_OIDC_TOKEN_FILE": "/token",
}
ENVIRON_METADATA = {"ALIBABA_CLOUD_ECS_METADATA": "machine"}
ENVIRON_URI = {"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1/credentials"}
DISABLED = {"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"}


@pytest.fixture(name="config")
def fixture_config(tmp_path):
    profiles = [
        dict(KEYS, name=name, mode="AK", region_id="cn-hangzhou") for name in ("current", "other")
    ]
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"current": "current", "profiles": profiles}))
    return str(path)


def chain(environ, **options):
    given = {"profile": None, "source": None, "hops": None, "config_path": None}
    return _options.make_chain(dict(given, **options), environ=environ)


def both(*parts):
    together = {}
    for part in parts:
        together.update(part)
    return together


ALL = both(ENVIRON_KEY, ENVIRON_OIDC, ENVIRON_METADATA, ENVIRON_URI)


@pytest.mark.parametrize(
    "environ, begin",
    [
        ({}, ("AK", "current")),
        ({"ALICLOUD_PROFILE": "other"}, ("AK", "other")),
        (
            {
                "ALIBABACLOUD_PROFILE": "other",
                "ALIBABA_CLOUD_PROFILE": "x",
                "ALICLOUD_PROFILE": "x",
            },
            ("AK", "other"),
        ),
        (dict(ALL, ALIBABA_CLOUD_PROFILE="other"), ("AK", "other")),
        (ALL, ("AK", "")),
        (both(ENVIRON_OIDC, ENVIRON_METADATA), ("OIDC", "")),
        (both(ENVIRON_METADATA, ENVIRON_URI), ("AK", "current")),
        (both(ENVIRON_METADATA, ENVIRON_URI, DISABLED), ("EcsRamRole", "")),
        (both(ENVIRON_URI, DISABLED), ("CredentialsURI", "")),
        (dict(ALL, ALIBABA_CLOUD_PROFILE="other", **DISABLED), ("AK", "")),
        (dict(ENVIRON_URI, ALIBABA_CLOUD_IGNORE_PROFILE="TRUE"), ("CredentialsURI", "")),
    ],
)
def test_default_order(config, environ, begin):
    found = chain(environ, config_path=config)
    assert (found.source.mode, found.source.profile) == begin


@pytest.mark.parametrize("environ", [{}, ALL, DISABLED])
def test_options_come_first(config, environ):
    environ = dict(environ, ALIBABA_CLOUD_PROFILE="current")
    assert chain(environ, config_path=config, profile="other").profile == "other"
    source = dict(KEYS, mode="AK", access_key_id="LTAI5tINLINE")
    found = chain(environ, config_path=config, source=source)
    assert found.source.settings["access_key_id"] == "LTAI5tINLINE"


def test_file_that_the_environment_names(config, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in (config, "~/config.json"):
        assert chain({"ALIBABA_CLOUD_CONFIG_FILE": path}).profile == "current"
    nowhere = {"ALIBABA_CLOUD_CONFIG_FILE": "/nonexistent/config.json"}
    assert chain(nowhere, config_path=config).profile == "current"
    with pytest.raises(ProfileError, match="no profile exists in /nonexistent/config.json"):
        chain(nowhere)


# Variables of CLI 3.5 and of related programs, which this collection does not read. The guide to migration says so.
OF_OTHERS = (
    "ALIBABA_CLOUD_PROFILE_MODE",
    "ALIBABA_CLOUD_CONFIG_PATH",
    "ALIBABACLOUD_CONFIG_PATH",
    "ALICLOUD_CONFIG_PATH",
)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_variables_of_other_programs_change_nothing(config, tmp_path, name):
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"current": "x", "profiles": [dict(KEYS, name="x", mode="AK")]}))
    other.chmod(0o600)
    named = {"ALIBABA_CLOUD_CONFIG_FILE": config}
    value = "Anonymous" if name.endswith("MODE") else str(other)
    assert chain(dict(named, **{name: value})) == chain(named)
    # The same file is used if the right variable names it.
    assert chain({"ALIBABA_CLOUD_CONFIG_FILE": str(other)}).profile == "x"


def test_variable_for_the_mode_does_not_reach_a_program():
    assert "ALIBABA_CLOUD_PROFILE_MODE" in _variables.list_not_inherited()


def test_file_of_the_user(config, tmp_path, monkeypatch):
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / "config.json").rename(tmp_path / ".aliyun" / "config.json")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert chain({}).profile == "current"


@pytest.mark.parametrize(
    "environ, options, sentence",
    [
        ({}, {"profile": "a", "source": KEYS}, "profile and source cannot be combined"),
        ({}, {"profile": "a"}, "the profile 'a' does not exist"),
        (
            {"ALIBABA_CLOUD_PROFILE": "a"},
            {},
            "the profile 'a', which ALIBABA_CLOUD_PROFILE names, does not exist: /",
        ),
        (
            {"ALICLOUD_SECRET_KEY": "secret"},
            {},
            "only one of the environment variables ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY is set: set both",
        ),
        (
            dict(ENVIRON_OIDC, ALIBABA_CLOUD_ROLE_ARN="role"),
            {},
            "the source in the environment variables: ram_role_arn must be",
        ),
        (
            dict(ENVIRON_OIDC, ALIBABA_CLOUD_ROLE_SESSION_NAME="a b"),
            {},
            "role_session_name must be 2 to 64",
        ),
        (
            DISABLED,
            {},
            "no credentials found: set profile or source; the environment names no credentials, and disables profiles",
        ),
        (
            {},
            {
                "source": {
                    "mode": "ChainableRamRoleArn",
                    "source_profile": "a",
                    "ram_role_arn": ROLE,
                }
            },
            r"can not load the source profile: a \(source\)",
        ),
    ],
)
def test_no_beginning(config, environ, options, sentence):
    with pytest.raises(ProfileError, match="^" + sentence):
        chain(environ, **dict(options, config_path=config))


def missing(environ, **options):
    """Return the message for a missing profile."""
    with pytest.raises(ProfileError) as caught:
        chain(environ, **options)
    return str(caught.value)


def test_profile_that_is_missing_is_said_to_be_missing_where(config, tmp_path):
    there = config + " has 'current', 'other'"
    sentence = "the profile 'a' does not exist: "
    assert missing({}, config_path=config, profile="a") == sentence + there
    # The file, and not what links to it.
    (tmp_path / "link.json").symlink_to(config)
    assert missing({}, config_path=str(tmp_path / "link.json"), profile="a") == sentence + there
    variable = {"ALICLOUD_PROFILE": "a", "ALIBABA_CLOUD_CONFIG_FILE": config}
    named = "the profile 'a', which ALICLOUD_PROFILE names, does not exist: "
    assert missing(variable) == named + there
    assert missing(variable, profile="a") == sentence + there
    assert missing(variable, profile="a", config_path="/nope/x.json") == (
        sentence + "the file /nope/x.json does not exist"
    )


def test_source_profile_that_is_missing_is_said_to_be_missing_where(tmp_path):
    chained = {"mode": "ChainableRamRoleArn", "source_profile": "nope", "ram_role_arn": ROLE}
    path = tmp_path / "config.json"
    stored = dict(chained, name="a", region_id="r", ram_session_name="me")
    path.write_text(json.dumps({"current": "a", "profiles": [stored]}))
    words = "can not load the source profile: nope ({0}): {1} has 'a'"
    expected = words.format("profile 'a'", path)
    for options in ({}, {"profile": "a"}):
        assert missing({}, config_path=str(path), **options) == expected
    given = missing({}, config_path=str(path), source=chained)
    assert given == words.format("source", path)


def test_file_that_is_broken(tmp_path):
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ConfigFileError):
        chain({}, config_path=str(tmp_path / "config.json"))
    # The file is not read if the chain does not need it.
    source = dict(KEYS, mode="AK")
    assert chain({}, config_path=str(tmp_path / "config.json"), source=source).hops == ()


def test_hops_are_on_top_of_everything(config):
    hops = [{"ram_role_arn": ROLE}]
    for options in ({}, {"profile": "other"}, {"source": dict(KEYS, mode="AK")}):
        found = chain({}, config_path=config, hops=hops, **options)
        assert [(hop.ram_role_arn, hop.role_session_name) for hop in found.hops] == [
            (ROLE, "ansible")
        ]


def test_session_name_of_an_oidc_token():
    environ = dict(ENVIRON_OIDC, ALIBABA_CLOUD_ROLE_SESSION_NAME="runner")
    assert chain(environ).source.settings["role_session_name"] == "runner"
    assert chain(ENVIRON_OIDC).source.settings["role_session_name"] == "ansible"


def test_how_sts_is_reached():
    spec = make_http_argument_spec()
    options = {name: option.get("default") for name, option in spec.items()}
    http = _options.make_http(dict(options, retries=7, read_timeout=3.5))
    assert http._limits == (5, 3.5, 60, 7)
    assert http._verify is None
    assert _options.make_http(dict(options, ca_bundle="/ca.pem"))._verify == "/ca.pem"
    assert _options.make_http(dict(options, validate_certs=False))._verify is False


@pytest.mark.parametrize(
    "name, values",
    [
        ("connect_timeout", (0, -1, float("inf"), float("nan"))),
        ("read_timeout", (0,)),
        ("max_time", (86401,)),
        ("retries", (-1, 101)),
    ],
)
def test_times_and_tries_that_cannot_be(name, values):
    options = {option: spec.get("default") for option, spec in make_http_argument_spec().items()}
    for value in values:
        with pytest.raises(ProfileError, match=name):
            _options.make_http(dict(options, **{name: value}))


def test_sources_without_a_file_need_no_home(monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3999999999)
    assert chain(ENVIRON_METADATA).source.mode == "EcsRamRole"
    assert chain({}, source=dict(KEYS, mode="AK")).source.mode == "AK"
    with pytest.raises(ProfileError) as caught:
        chain({})
    assert str(caught.value) == (
        "no credentials found: set profile or source; the environment names no credentials,"
        " and there is no default config file, since HOME is not set and user ID 3999999999 is not in the user database:"
        " set config_path"
    )
    with pytest.raises(NoHomeError):
        chain({}, profile="a")
