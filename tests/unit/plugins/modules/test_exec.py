# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module exec: the input of the program, and its result."""

import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from typing import Any, Dict, List
from urllib.parse import quote

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import (
    _program,
    _program_credentials,
    _secret_arguments,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import format_time
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.variables import (
    list_not_inherited,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.modules import exec as module

CREDENTIALS = {
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "hidden-1/+",
    "security_token": "hidden-token==",
    "region": "cn-hangzhou",
}
SOURCE = {"mode": "AK", "access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "hidden-2"}
# Variables of other programs.
KEPT = ("SECRET_KEY", "ACCESS_KEY", "PROFILE", "ROLE_ARN", "EXTERNAL_ID", "BEARER_TOKEN", "REGION")
SHOW_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def encoded(secret: str) -> str:
    return base64.b64encode(b"x:" + secret.encode()).decode()


def program(code: str, *arguments: str) -> Any:
    return [sys.executable, "-c", code] + list(arguments)


def execute(run: Any, code: str, **options: Any) -> Dict[str, Any]:
    """Return the result with given credentials, which shows none of them."""
    if "source" not in options:
        options["credentials"] = CREDENTIALS
    result: Dict[str, Any] = run(module.main, argv=program(code), **options)
    assert "hidden" not in json.dumps(result) + "".join(run.logged)
    return result


def test_the_program_gets_the_credentials_and_no_others(run: Any, monkeypatch: Any) -> None:
    for name in list_not_inherited():
        monkeypatch.setenv(name, "inherited")
    for name in KEPT:
        monkeypatch.setenv(name, "inherited")
    seen: Dict[str, str] = {}

    def run_program(_argv: Any, *, environ: Any, **_options: Any) -> Any:
        seen.update(environ)
        return _program.Ended(0, b"", b"", False)

    monkeypatch.setattr(_program, "run", run_program)
    execute(
        run, "", env={"KEPT_TOO": "b", "NUMBER": 3, "FLAG": True, "NOTHING": None, "REGION": None}
    )
    for prefix in ("ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"):
        assert seen[prefix + "ACCESS_KEY_ID"] == "STS.NUEXAMPLE"
        assert seen[prefix + "ACCESS_KEY_SECRET"] == "hidden-1/+"
        assert seen[prefix + "SECURITY_TOKEN"] == "hidden-token=="
        assert seen[prefix + "REGION_ID"] == "cn-hangzhou"
    assert seen["ALIBABA_CLOUD_IGNORE_PROFILE"] == "TRUE"
    assert seen["OSS_SESSION_TOKEN"] == seen["ALIYUN_LOG_CLI_STS_TOKEN"] == "hidden-token=="
    assert (seen["KEPT_TOO"], seen["NUMBER"], seen["FLAG"]) == ("b", "3", "true")
    inherited = {name for name, value in seen.items() if value == "inherited"}
    assert inherited == set(KEPT) - {"REGION"}
    assert "NOTHING" not in seen


def test_a_long_lived_key_gets_no_inherited_token(run: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "inherited")
    result = execute(run, SHOW_ENVIRONMENT, source=SOURCE)
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


@pytest.mark.parametrize("depth", [100, 101, 900, 5000])
def test_document_that_is_too_deep(run: Any, depth: int) -> None:
    result = execute(run, "print('[' * {0} + ']' * {0})".format(depth))
    assert result["changed"] and result["rc"] == 0 and len(result["stdout"]) == 2 * depth
    assert ("json" in result) is (depth == 100)


def test_bytes_that_are_no_text(run: Any) -> None:
    result = execute(run, r"import os; os.write(1, b'a\xffb\n')")
    assert result["stdout"] == "a\ufffdb"


def test_a_program_that_fails(run: Any) -> None:
    code = "import os, sys; sys.exit('oh ' + os.environ['ALICLOUD_SECRET_KEY'])"
    result = execute(run, code)
    assert result["failed"] and result["rc"] == 1
    assert result["stderr"] == "oh ***"
    assert result["msg"] == "the program returned 1"


@pytest.mark.parametrize("number, name", [(9, "SIGKILL"), (15, "SIGTERM"), (40, "40")])
def test_a_program_that_a_signal_ends(run: Any, number: int, name: str) -> None:
    result = execute(run, "import os; os.kill(os.getpid(), {0})".format(number))
    assert result["failed"] and result["rc"] == -number
    assert result["msg"] == "the program was ended by the signal " + name


def test_a_program_that_is_not_there(run: Any, tmp_path: Any) -> None:
    path = str(tmp_path / "nothing")
    result = run(module.main, argv=[path], credentials=CREDENTIALS)
    assert result["failed"] and result["rc"] == 2 and result["cmd"] == [path]
    assert result["msg"] == path + " cannot be run: No such file or directory"
    assert "hidden" not in json.dumps(result) + "".join(run.logged)


@pytest.mark.parametrize("options", [{"argv": ["echo", "a\0b"]}, {"env": {"A=B": "c"}}])
def test_what_no_program_can_be_given(run: Any, options: Any) -> None:
    result = run(module.main, **dict({"argv": ["true"], "credentials": CREDENTIALS}, **options))
    assert result["failed"] and "contains a NUL byte" in result["msg"]


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("form", [str, lambda secret: quote(secret, safe=""), encoded])
@pytest.mark.parametrize("secret", ["hidden-1/+", "hidden-token=="])
def test_a_secret_in_argv_is_refused(run: Any, secret: str, form: Any, check_mode: bool) -> None:
    argv = ["echo", "--key=" + form(secret)]
    result = run(module.main, check_mode, argv=argv, credentials=CREDENTIALS)
    assert result["failed"] and "argv contains a secret" in result["msg"]
    assert form(secret) not in json.dumps(result) + "".join(run.logged)
    assert "stdout" not in result


def test_a_secret_of_a_profile_is_refused_too(run: Any, tmp_path: Any) -> None:
    path = tmp_path / "config.json"
    profile = dict(SOURCE, name="a", region_id="cn-hangzhou")
    path.write_text(json.dumps({"current": "a", "profiles": [profile]}))
    result = run(module.main, argv=["echo", "hidden-2"], profile="a", config_path=str(path))
    assert result["failed"] and "argv contains a secret" in result["msg"]


def test_a_secret_of_the_source_is_refused_too(run: Any) -> None:
    result = run(module.main, argv=["echo", "hidden-2"], source=SOURCE)
    assert result["failed"] and "argv contains a secret" in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)


def test_the_program_reads_its_input(run: Any) -> None:
    code = "import os, sys; sys.stdout.write(os.environ['B'] + sys.stdin.read())"
    result = execute(run, code, stdin="a\n\u20ac\n", env={"B": "b"})
    assert result["stdout"] == "ba\n\u20ac"
    assert result["invocation"]["module_args"]["stdin"] == _secret_arguments.ARGUMENT
    assert result["invocation"]["module_args"]["env"] == {"B": _secret_arguments.ARGUMENT}
    assert not [line for line in run.logged if "\u20ac" in line or "'b'" in line]
    assert execute(run, code, env={"B": "b"})["stdout"] == "b"


@pytest.mark.parametrize("add, text", [(True, "'a\\n'"), (False, "'a'")])
def test_a_newline_is_added_to_the_input(run: Any, add: bool, text: str) -> None:
    code = "import sys; print(repr(sys.stdin.read()))"
    assert execute(run, code, stdin="a", stdin_add_newline=add)["stdout"] == text


@pytest.mark.parametrize("strip, text", [(True, " a"), (False, " a\n\n")])
def test_empty_ends_are_stripped(run: Any, strip: bool, text: str) -> None:
    assert execute(run, "print(' a\\n')", strip_empty_ends=strip)["stdout"] == text


def test_output_goes_to_a_file(run: Any, tmp_path: Any) -> None:
    result = execute(run, "print('[1]')", chdir=str(tmp_path), output_file="made")
    assert result["stdout"] == "" and "json" not in result
    assert (tmp_path / "made").read_text() == "[1]\n"


@pytest.mark.parametrize("umask, mode", [("0077", 0o600), ("022", 0o644), ("27", 0o640)])
def test_umask(run: Any, tmp_path: Any, umask: Any, mode: int) -> None:
    execute(run, "open('made', 'w')", chdir=str(tmp_path), umask=umask)
    assert (tmp_path / "made").stat().st_mode & 0o777 == mode


def test_a_program_that_takes_too_long(run: Any) -> None:
    result = execute(run, "import time; time.sleep(60)", timeout=0.5)
    assert result["failed"] and result["rc"] == -15 and result["timed_out"] is True
    assert result["msg"] == "the program did not end within 0.5 seconds: raise timeout"


def test_renewed_credentials_are_masked_and_the_server_ends(run: Any, monkeypatch: Any) -> None:
    made = []

    def assume_role(_params: Any, *, environ: Any, warn: Any) -> Any:
        made.append(environ["HOME"])
        return dict(
            CREDENTIALS,
            security_token="hidden-token-{0}".format(len(made)),
            expiration=format_time(int(time.time()) + 3),
            account_id="",
        )

    monkeypatch.setattr(_program_credentials, "assume_role", assume_role)
    code = (
        "import json, os, time, urllib.request\n"
        "url = os.environ['ALIBABA_CLOUD_CREDENTIALS_URI']\n"
        "ask = lambda: json.load(urllib.request.urlopen(url))['SecurityToken']\n"
        "first = ask()\n"
        "while ask() == first: time.sleep(0.1)\n"
        "print(json.dumps([ask(), url, os.environ.get('ALIBABA_CLOUD_ACCESS_KEY_ID'),"
        " os.environ['ALICLOUD_ACCESS_KEY']]))"
    )
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    result = execute(run, code, source=SOURCE, renew=True)
    token, url, key, other_key = result["json"]
    assert (token, key, other_key) == ("***", None, "***PLE")
    assert result["renewals"] == len(made) - 1 >= 1
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=5)


def test_failed_renewals_give_one_warning(run: Any, monkeypatch: Any) -> None:
    calls = []

    def assume_role(_params: Any, *, environ: Any, warn: Any) -> Any:
        calls.append(environ["HOME"])
        if len(calls) > 1:
            raise SourceError("request {0} was refused".format(len(calls)))
        return dict(CREDENTIALS, expiration=format_time(int(time.time()) + 3), account_id="")

    monkeypatch.setattr(_program_credentials, "assume_role", assume_role)
    code = (
        "import os, time, urllib.error, urllib.request\n"
        "try:\n"
        "    while True:\n"
        "        urllib.request.urlopen(os.environ['ALIBABA_CLOUD_CREDENTIALS_URI'])\n"
        "        time.sleep(0.1)\n"
        "except urllib.error.HTTPError as error:\n"
        "    print(error.code)"
    )
    result = execute(run, code, source=SOURCE, renew=True)
    assert (result["rc"], result["stdout"], result["renewals"]) == (0, "503", 0)
    sentence = (
        r"\d+ attempts to renew the credentials failed, the last one: request \d+ was refused"
    )
    assert len(result["warnings"]) == 1 and len(calls) > 2
    assert re.search(sentence, json.dumps(result["warnings"]))


@pytest.mark.parametrize("renew", [False, True])
@pytest.mark.parametrize(
    "expiration, sentences",
    [
        (
            "2026-01-02T03:04:05Z",
            ["source of mode External: the credentials had expired when they arrived"],
        ),
        ("soon", ["source of mode External: the command gave an expiration that is not in the"]),
        ("2100-01-02T03:04:05Z", []),
    ],
)
def test_warnings_on_credentials_are_shown(
    run: Any, tmp_path: Any, expiration: str, sentences: List[str], renew: bool
) -> None:
    printed = dict(SOURCE, mode="StsToken", sts_token="hidden-token", expiration=expiration)
    path = tmp_path / "printed"
    path.write_text(json.dumps(printed))
    source = {"mode": "External", "process_command": "cat {0}".format(path)}
    result = execute(run, "", source=source, allow_process=True, renew=renew)
    # Without an expiration, nothing can be renewed, and the task fails after the warning.
    assert bool(result.get("failed")) == (renew and expiration == "soon")
    warnings = result.get("warnings", [])
    assert all(sentence in json.dumps(warnings) for sentence in sentences)
    # Renewals repeat a warning with another time.
    assert len(warnings) == len(sentences) or (renew and len(warnings) <= module.MAX_WARNINGS + 1)


def test_much_input_comes_back_while_it_is_written(run: Any) -> None:
    code = "import shutil, sys; shutil.copyfileobj(sys.stdin, sys.stdout)"
    text = "0123456789\n" * 100000
    assert execute(run, code, stdin=text)["stdout"] == text.rstrip("\n")


def test_a_program_need_not_read_its_input(run: Any) -> None:
    result = execute(run, "print('done')", stdin="0123456789" * 100000)
    assert (result["rc"], result["stdout"]) == (0, "done")


def test_wrapped_base64_and_much_output_are_masked(run: Any) -> None:
    code = (
        "import base64, os; secret = os.environ['ALICLOUD_SECRET_KEY'].encode();"
        "print(base64.encodebytes(b'x' * 5000000 + secret).decode())"
    )
    result = execute(run, code)
    tail = base64.encodebytes(b"x" * 5000000 + b"hidden-1/+").decode()[-30:]
    assert len(result["stdout"]) > 6000000 and result["stdout"].count("***") == 1
    assert tail not in result["stdout"]


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
        # Without a run, no credentials are obtained.
        **(dict(options, credentials=CREDENTIALS) if runs else dict(options, profile="nobody"))
    )
    assert result["changed"] is runs
    assert (tmp_path / "made").exists() == (runs and not check_mode)


def test_check_mode_runs_nothing_without_creates_or_removes(run: Any) -> None:
    result = run(module.main, True, argv=["false"], profile="nobody")
    assert result["msg"] == "not run in check mode" and result["changed"] is False
    assert result["rc"] == 0


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
        ({"argv": ["true"], "chdir": "/nonexistent"}, "chdir to /nonexistent failed: No such file"),
        ({"argv": ["true"], "profile": "nobody"}, "the profile 'nobody' does not exist"),
        ({"argv": ["true"], "profile": "a", "credentials": CREDENTIALS}, "cannot be combined"),
        ({"argv": ["true"], "credentials": CREDENTIALS, "renew": True}, "renew requires profile"),
        ({"argv": ["true"], "source": SOURCE, "renew": True}, "add a hop to the chain"),
        ({"argv": ["true"], "umask": "9"}, "umask must be a quoted string of octal digits"),
        ({"argv": ["true"], "umask": "1000"}, "umask must be a quoted string of octal digits"),
        ({"argv": ["true"], "umask": "0o77"}, "umask must be a quoted string of octal digits"),
        ({"argv": ["true"], "umask": True}, "umask must be a quoted string of octal digits"),
        # Of YAML, 0077 is 63, and 77 another number.
        ({"argv": ["true"], "umask": 63}, "umask must be a quoted string of octal digits"),
        ({"argv": ["true"], "timeout": 0}, "timeout must be more than 0"),
        ({"argv": ["true"], "timeout": 1e9}, "timeout must be more than 0"),
    ],
)
def test_failures(run: Any, options: Any, sentence: str) -> None:
    result = run(module.main, **options)
    assert result["failed"] and sentence in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)


IN_THE_LOCALE_C = """
import os, sys
from ansible_collections.aliyun.cli.plugins.module_utils import _program
from ansible_collections.aliyun.cli.plugins.modules import exec as module
name = "h" + chr(246) + "me"
os.mkdir(name.encode("utf-8"))
assert module.find_reason_not_to_run({"creates": name, "removes": None})
os.chdir(module.make_native(name))
environ = dict(os.environ, NAME=name)
code = "import os; print(ascii(os.environb[b'NAME']), ascii(os.getcwdb().rpartition(b'/')[2]))"
_program.run([sys.executable, "-c", code], environ=environ, output_file=name)
with open(name.encode("utf-8")) as file:
    print(file.read())
"""


def test_names_of_any_letters_in_the_locale_c(tmp_path: Any) -> None:
    environ = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "LC_ALL": "C",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    command = [sys.executable, "-c", IN_THE_LOCALE_C]
    printed = subprocess.check_output(command, env=environ, cwd=str(tmp_path)).decode("ascii")
    assert printed.split() == [ascii("höme".encode("utf-8"))] * 2
