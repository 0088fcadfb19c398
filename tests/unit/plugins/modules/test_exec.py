# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module exec: what the program gets, and what comes back from it."""

import json
import os
import sys
from typing import Any, Dict

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.aliyun.cli.plugins.modules import exec as module

CREDENTIALS = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "hidden-1/+",
    "security_token": "hidden-token==",
    "region": "cn-hangzhou",
}
SHOW_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def program(code: str, *arguments: str) -> Any:
    return [sys.executable, "-c", code] + list(arguments)


def execute(run: Any, code: str, **options: Any) -> Dict[str, Any]:
    """The result with given credentials, which shows none of them."""
    if "source" not in options:
        options["credentials"] = CREDENTIALS
    result: Dict[str, Any] = run(module.main, argv=program(code), **options)
    assert "hidden" not in json.dumps(result) + "".join(run.logged)
    return result


def test_the_program_gets_the_credentials_and_no_others(run: Any, monkeypatch: Any) -> None:
    for name in ("ALIBABA_CLOUD_PROFILE", "ALICLOUD_ASSUME_ROLE_ARN", "SECURITY_TOKEN"):
        monkeypatch.setenv(name, "inherited")
    monkeypatch.setenv("KEPT", "inherited")
    seen: Dict[str, str] = {}

    def run_command(_module: Any, argv: Any, **options: Any) -> Any:
        seen.update(os.environ, **options["environ_update"])
        return 0, b"", b""

    monkeypatch.setattr(AnsibleModule, "run_command", run_command)
    execute(run, "", env={"KEPT_TOO": "b", "NUMBER": 3, "FLAG": True})
    for prefix in ("ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"):
        assert seen[prefix + "ACCESS_KEY_ID"] == "STS.NUEXAMPLE"
        assert seen[prefix + "ACCESS_KEY_SECRET"] == "hidden-1/+"
        assert seen[prefix + "SECURITY_TOKEN"] == "hidden-token=="
        assert seen[prefix + "REGION_ID"] == "cn-hangzhou"
    assert seen["ALIBABA_CLOUD_IGNORE_PROFILE"] == "TRUE"
    assert (seen["KEPT"], seen["KEPT_TOO"]) == ("inherited", "b")
    assert (seen["NUMBER"], seen["FLAG"]) == ("3", "true")
    assert "ALIBABA_CLOUD_PROFILE" not in seen
    assert "ALICLOUD_ASSUME_ROLE_ARN" not in seen
    assert "SECURITY_TOKEN" not in seen


def test_a_long_lived_key_gets_no_inherited_token(run: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "inherited")
    source = {"mode": "AK", "access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "hidden-2"}
    result = execute(run, SHOW_ENVIRONMENT, source=source)
    assert result["json"]["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] == "***"
    assert "ALIBABA_CLOUD_SECURITY_TOKEN" not in result["json"]


def test_output_is_masked_and_parsed(run: Any) -> None:
    result = execute(run, SHOW_ENVIRONMENT)
    assert result["changed"] is True and result["rc"] == 0
    assert result["json"]["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] == "***"
    assert result["json"]["ALICLOUD_ACCESS_KEY"] == "***PLE"
    assert json.loads(result["stdout"])["ALIBABA_CLOUD_SECURITY_TOKEN"] == "***"
    assert result["start"] < result["end"] and result["delta"]


@pytest.mark.parametrize("text", ["no JSON", "5", "{", "[NaN]", "[" * 100000])
def test_output_that_is_no_document(run: Any, text: str) -> None:
    result = execute(run, "import sys; sys.stdout.write(sys.stdin.read())", stdin=text)
    assert result["stdout"] == text
    assert "json" not in result


def test_bytes_that_are_no_text(run: Any) -> None:
    result = execute(run, r"import os; os.write(1, b'a\xffb\n')")
    assert result["stdout"] == "a\ufffdb"


def test_a_program_that_fails(run: Any) -> None:
    code = "import os, sys; sys.exit('oh ' + os.environ['ALICLOUD_SECRET_KEY'])"
    result = execute(run, code)
    assert result["failed"] and result["rc"] == 1
    assert result["stderr"] == "oh ***"
    assert result["msg"] == "the program returned 1"


def test_a_program_that_is_not_there(run: Any, tmp_path: Any) -> None:
    result = run(module.main, argv=[str(tmp_path / "nothing")], credentials=CREDENTIALS)
    assert result["failed"] and result["rc"] == 2
    assert "hidden" not in json.dumps(result) + "".join(run.logged)


def test_a_secret_in_argv_is_refused(run: Any, tmp_path: Any) -> None:
    result = run(module.main, argv=["echo", "--key=hidden-1/+"], credentials=CREDENTIALS)
    assert result["failed"] and "argv holds a secret" in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)


def test_variables_in_argv_are_not_expanded(run: Any) -> None:
    code = "import sys; print(sys.argv[1:])"
    result = run(module.main, argv=program(code, "$HOME", "~"), credentials=CREDENTIALS)
    assert result["json" if "json" in result else "stdout"] == "['$HOME', '~']"


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    "options, runs",
    [
        ({"creates": "there"}, False),
        ({"creates": "the*"}, False),
        ({"creates": "not there"}, True),
        ({"removes": "there"}, True),
        ({"removes": "not there"}, False),
    ],
)
def test_what_decides_whether_it_runs(
    run: Any, tmp_path: Any, options: Any, runs: bool, check_mode: bool
) -> None:
    (tmp_path / "there").write_text("")
    result = run(
        module.main,
        check_mode,
        argv=program("open('made', 'w')"),
        chdir=str(tmp_path),
        # Where nothing is run, no credentials are obtained either.
        **(dict(options, credentials=CREDENTIALS) if runs else dict(options, profile="nobody"))
    )
    assert not result.get("skipped")
    assert result["changed"] is runs
    assert (tmp_path / "made").exists() == (runs and not check_mode)


def test_check_mode_skips_what_nothing_decides(run: Any) -> None:
    result = run(module.main, True, argv=["false"], profile="nobody")
    assert result["skipped"] is True and result["changed"] is False


def test_given_credentials_of_the_expected_account(run: Any) -> None:
    given = dict(CREDENTIALS, account_id="1000000000000002")
    result = run(
        module.main, argv=["true"], credentials=given, expected_account_id=1000000000000002
    )
    assert result["rc"] == 0


@pytest.mark.parametrize(
    "given, sentence",
    [
        (
            dict(CREDENTIALS, account_id="1"),
            "belongs to account 1, and not to the expected account 2",
        ),
        (CREDENTIALS, "expected_account_id cannot be checked"),
    ],
)
def test_given_credentials_of_another_account(run: Any, given: Any, sentence: str) -> None:
    result = run(module.main, argv=["true"], credentials=given, expected_account_id="2")
    assert result["failed"] and sentence in result["msg"]


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"argv": []}, "argv is empty"),
        ({"argv": ["true"], "chdir": "/nonexistent"}, "chdir to /nonexistent: No such file"),
        ({"argv": ["true"], "profile": "nobody"}, "the profile 'nobody' does not exist"),
        ({"argv": ["true"], "profile": "a", "credentials": CREDENTIALS}, "mutually exclusive"),
    ],
)
def test_failures(run: Any, options: Any, sentence: str) -> None:
    result = run(module.main, **options)
    assert result["failed"] and sentence in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)
