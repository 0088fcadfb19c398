# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module profile as Ansible runs it: every mode, every state, and unusual systems."""

import json
import os
import pwd
from typing import Any, Dict, List, Optional

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.modules import profile, profile_info

ARN = "acs:ram::1000000000000001:role/Alice"
KEY = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "SECRET-1"}
PER_MODE: Dict[str, Dict[str, Any]] = {
    "AK": KEY,
    "StsToken": dict(KEY, sts_token="SECRET-2"),
    "RamRoleArn": dict(KEY, ram_role_arn=ARN, role_session_name="alice", expired_seconds=900),
    "EcsRamRole": {"ram_role_name": "backup"},
    "RsaKeyPair": {"private_key": "SECRET-3", "key_pair_name": "example"},
    "RamRoleArnWithRoleName": {"ram_role_arn": ARN, "ram_role_name": "backup"},
    "ChainableRamRoleArn": {
        "source_profile": "base",
        "ram_role_arn": ARN,
        "role_session_name": "alice",
        "external_id": "abcd1234",
    },
    "External": {"process_command": "print --key SECRET-4"},
    "CredentialsURI": {"credentials_uri": "http://127.0.0.1/SECRET-5"},
    "OIDC": {
        "oidc_provider_arn": "acs:ram::1:oidc-provider/x",
        "oidc_token_file": "/run/token",
        "ram_role_arn": ARN,
        "role_session_name": "alice",
    },
    "CloudSSO": {"cloud_sso_sign_in_url": "https://signin.example/login"},
    "OAuth": {"oauth_site_type": "INTL"},
    "BearerToken": {"bearer_token": "SECRET-6", "bearer_token_header_key": "X-Token"},
    "Anonymous": {},
}


@pytest.fixture(name="path")
def path_fixture(tmp_path: Any) -> str:
    """Return the default path of the home of the tests."""
    return str(tmp_path / ".aliyun" / "config.json")


def stored(path: str) -> Dict[str, Any]:
    """Return the content of the file."""
    with open(path, encoding="utf-8") as file:
        document: Dict[str, Any] = json.load(file)
    return document


def base(run: Any, **options: Any) -> Any:
    """Put a first profile."""
    return run(
        profile.main, **dict({"name": "base", "mode": "AK", "region": "x"}, **dict(KEY, **options))
    )


def test_every_mode_is_tried() -> None:
    assert set(PER_MODE) == set(_modes.MODES)


@pytest.mark.parametrize("mode", sorted(PER_MODE))
def test_a_profile_of_every_mode(run: Any, path: str, mode: str) -> None:
    base(run)
    options = dict(PER_MODE[mode], name="new", mode=mode, region="cn-hangzhou")
    before = stored(path)
    predicted = run(profile.main, check_mode=True, **options)
    assert stored(path) == before
    done = run(profile.main, **options)
    again = run(profile.main, **options)
    assert (predicted["changed"], done["changed"], again["changed"]) == (True, True, False)
    assert predicted["diff"] == done["diff"]
    assert predicted["profile"] == done["profile"] == again["profile"]
    assert done["current"] == again["current"] == "base"
    expected = {
        field.key: options[field.name] for field in _modes.list_options() if field.name in options
    }
    expected.update(name="new", mode=mode, output_format="json", language="en")
    assert stored(path)["profiles"][1:] == [expected]
    for text in (json.dumps([predicted, done, again]), "".join(run.logged)):
        assert "SECRET" not in text


@pytest.mark.parametrize("mode", sorted(PER_MODE))
def test_from_every_other_mode(run: Any, path: str, mode: str) -> None:
    """Fields of both modes stay, and all other fields of the old mode are removed."""
    base(run)
    for other in sorted(PER_MODE):
        run(profile.main, name="new", mode=other, region="x", **PER_MODE[other])
        run(profile.main, name="new", mode=mode, region="x", **PER_MODE[mode])
        expected: Dict[str, Any] = {"name": "new", "mode": mode, "region_id": "x"}
        expected.update(output_format="json", language="en")
        for field in _modes.list_options():
            kept = PER_MODE[other].get(field.name) if mode in field.modes else None
            value = PER_MODE[mode].get(field.name, kept)
            if value:
                expected[field.key] = value
        assert stored(path)["profiles"][1] == expected
        run(profile.main, name="new", state="absent")


def test_short_secrets_do_not_make_nonsense_of_the_result(run: Any, path: str) -> None:
    done = base(run, access_key_secret="e")
    assert done["profile"]["mode"] == "AK" and done["current"] == "base"
    assert done["config_path"] == path
    arguments = done["invocation"]["module_args"]
    assert arguments["access_key_secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert arguments["name"] == "base"


def test_active(run: Any) -> None:
    base(run)
    other = run(profile.main, name="b", mode="Anonymous", region="x", state="active")
    assert (other["changed"], other["current"]) == (True, "b")
    switched = run(profile.main, name="base", state="active")
    assert (switched["changed"], switched["current"]) == (True, "base")
    assert run(profile.main, name="base", state="active")["changed"] is False
    updated = run(profile.main, name="b", region="y", state="active")
    assert (updated["profile"]["region"], updated["current"]) == ("y", "b")


def test_present_of_what_is_there_needs_a_name_only(run: Any) -> None:
    base(run)
    assert run(profile.main, name="base")["changed"] is False


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"name": "no", "state": "active"},
            "the profile 'no' does not exist; {0} would then contain only 'base': write the missing profile first",
        ),
        ({"name": "no"}, "profile 'no': mode is required for a new profile: set mode"),
        ({"name": ""}, "name is empty: give a value, or omit it"),
        (
            {"name": "base", "expired_seconds": 900},
            "profile 'base': expired_seconds is not used by mode AK: remove it",
        ),
        ({"name": "base", "region": ""}, "profile 'base': mode AK requires region"),
        (
            {"name": "base", "read_timeout": True},
            "profile 'base': read_timeout must be a number from 0 to 2147483647",
        ),
        (
            dict(PER_MODE["ChainableRamRoleArn"], name="base", mode="ChainableRamRoleArn"),
            "the source profiles form a cycle: base -> base",
        ),
        (
            dict(
                PER_MODE["ChainableRamRoleArn"],
                name="c",
                mode="ChainableRamRoleArn",
                region="x",
                source_profile="no",
            ),
            "can not load the source profile: no (profile 'c'); {0} would then contain only 'base', 'c': write the missing profile first",
        ),
        (
            dict(
                PER_MODE["RamRoleArn"], name="c", mode="RamRoleArn", region="x", expired_seconds=899
            ),
            "profile 'c': expired_seconds must be 900 to 43200 seconds",
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_refused(
    run: Any, path: str, options: Dict[str, Any], sentence: str, check_mode: bool
) -> None:
    base(run)
    before = stored(path)
    refused = run(profile.main, check_mode=check_mode, **options)
    assert (refused["failed"], refused["msg"]) == (True, sentence.format(path))
    assert stored(path) == before
    assert os.listdir(os.path.dirname(path)) == ["config.json"]


@pytest.mark.parametrize("mode", ["Anonymous", "BearerToken"])
def test_a_source_profile_loses_its_credentials_by_force_only(run: Any, mode: str) -> None:
    base(run)
    options = dict(PER_MODE["ChainableRamRoleArn"], source_profile="base", region="x")
    assert run(profile.main, name="c", mode="ChainableRamRoleArn", **options)["changed"]
    options = dict(PER_MODE[mode], name="base", mode=mode)
    refused = run(profile.main, **options)
    assert refused["msg"] == (
        "profile 'base' is the source profile of 'c', and mode {0} has no credentials: change or remove them first"
    ).format(mode)
    assert run(profile.main, force=True, **options)["changed"]
    # What is broken already is in the way of nothing.
    assert not run(profile.main, **options)["changed"]


def test_a_refused_first_profile_leaves_neither_file_nor_directory(run: Any, path: str) -> None:
    assert run(profile.main, name="a", mode="AK", region="x")["failed"]
    assert not os.path.exists(os.path.dirname(path))


# --- the edges of the system


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_umask(run: Any, path: str, umask: int) -> None:
    old = os.umask(umask)
    try:
        assert base(run, backup=True)["changed"]
        backup = base(run, region="y", backup=True)["backup_file"]
    finally:
        os.umask(old)
    for name, mode in ((path, 0o600), (backup, 0o600), (os.path.dirname(path), 0o700)):
        assert os.stat(name).st_mode & 0o777 == mode


@pytest.mark.parametrize("home", [None, ""])
def test_without_home_the_user_database_counts(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, path: str, home: Any
) -> None:
    entry = pwd.struct_passwd(("me", "x", os.getuid(), os.getgid(), "", str(tmp_path), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwuid", lambda _uid: entry)
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    assert base(run)["config_path"] == path
    assert stored(path)["current"] == "base"


def test_home_of_a_named_user(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    entry = pwd.struct_passwd(("jörg", "x", os.getuid(), os.getgid(), "", str(tmp_path), "/bin/sh"))
    monkeypatch.setattr(pwd, "getpwnam", lambda name: {"jörg": entry}[name])
    result = base(run, config_path="~jörg/a b/ü.json")
    assert result["config_path"] == str(tmp_path / "a b" / "ü.json")
    assert (tmp_path / "a b" / "ü.json").exists()


def test_relative_path(run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert base(run, config_path="config.json")["config_path"] == str(tmp_path / "config.json")
    assert (tmp_path / "config.json").exists()


def test_owner(run: Any, path: str) -> None:
    base(run)
    given = base(run, owner="65534", group="65534")
    if os.geteuid() == 0:
        assert given["changed"]
        assert (os.stat(path).st_uid, os.stat(path).st_gid) == (65534, 65534)
        assert base(run, region="y")["changed"] and os.stat(path).st_uid == 65534
        assert base(run, region="y", owner="65534")["changed"] is False
    else:
        assert "cannot belong to user" in given["msg"]


def test_an_unknown_owner(run: Any, path: str) -> None:
    refused = base(run, owner="nobody-of-this-name")
    assert refused["msg"] == (
        "user 'nobody-of-this-name' does not exist: create the user first, or correct the name"
    )
    assert not os.path.exists(path)


# --- problems of a file: reported, and repaired by the next write

AK = dict({"name": "a", "mode": "AK"}, region_id="x", **KEY)
OTHER = dict(AK, name="b")
NO_CLI = ", so the CLI does not start"


def holding(*profiles: Optional[Dict[str, Any]], **more: Any) -> Dict[str, Any]:
    """Return a document with these profiles."""
    return dict({"current": "a", "profiles": list(profiles), "meta_path": ""}, **more)


@pytest.mark.parametrize(
    ("content", "told", "names"),
    [
        (
            holding(AK, current="gone"),
            "current names the profile 'gone', which does not exist" + NO_CLI,
            ["a"],
        ),
        (holding(AK, current=""), "current names no profile", ["a"]),
        (
            {"profiles": None},
            "profiles is null, so the CLI does not start",
            [],
        ),
        (holding(current="default"), "profiles is empty" + NO_CLI, []),
        (
            holding(AK, dict(AK, region_id="y")),
            "another profile 'a', which the CLI cannot use, is renamed to 'a-2'",
            ["a", "a-2"],
        ),
        (holding(AK, OTHER, AK), "duplicate profile 'a'", ["a", "b"]),
        (
            holding({"name": "default", "mode": ""}, AK),
            "the placeholder profile 'default' is not needed, and the CLI can fall back to it",
            ["a"],
        ),
        (
            holding(dict(AK, mode="ak")),
            "profile 'a': mode 'ak' must be spelled 'AK'",
            ["a"],
        ),
        (
            holding(dict(AK, read_timeout="7")),
            "profile 'a': read_timeout is not of type int" + NO_CLI,
            ["a"],
        ),
        (
            b"\xef\xbb\xbf" + json.dumps(holding(AK)).encode("ascii"),
            "the file begins with a byte order mark, so the CLI does not start",
            ["a"],
        ),
        (b"", "the file is empty, so the CLI does not start", []),
        (holding(AK, Current="a"), "the key current is spelled Current", ["a"]),
        (
            holding(dict(AK, Name="b"), current="b"),
            "the key name of profile 1 is spelled Name",
            ["b"],
        ),
        (holding(None, AK), "profile 1 is null", ["a"]),
        (
            {"CURRENT": "a", "profiles": [AK]},
            "the key current is spelled CURRENT",
            ["a"],
        ),
    ],
)
def test_mended(run: Any, path: str, content: Any, told: str, names: List[str]) -> None:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode("ascii")
    os.mkdir(os.path.dirname(path), 0o700)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(raw)
    assert run(profile_info.main)["problems"] == [told]
    new = {"name": "new", "mode": "Anonymous", "region": "x"}
    predicted = run(profile.main, check_mode=True, **new)
    with open(path, "rb") as file:
        assert file.read() == raw
    done = run(profile.main, **new)
    assert predicted["repairs"] == done["repairs"] == [told]
    after = run(profile_info.main)
    assert after["problems"] == []
    assert [entry["name"] for entry in after["profiles"]] == names + ["new"]
    assert after["current"] == done["current"] == (names + ["new"])[0]
    if "read_timeout" in told:
        assert stored(path)["profiles"][0]["read_timeout"] == 7
