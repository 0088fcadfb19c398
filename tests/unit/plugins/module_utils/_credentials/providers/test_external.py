# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test a command that prints credentials: its start, its end, and its output."""

import json
import os
import signal
import subprocess
import sys

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers import (
    external as _external,
)
from ansible_collections.aliyun.cli.tests.unit.plugins.module_utils.scripted import (
    CREDENTIALS,
    Scripted,
    answer,
    assumed,
    failure,
    obtained,
)

ROLE = "acs:ram::1000000000000001:role/hub"
KEY = {"mode": "AK", "access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "hidden"}
TOKEN = dict(KEY, mode="StsToken", sts_token="hidden-token", expiration="2026-01-02T03:04:05Z")


@pytest.fixture(name="program")
def fixture_program(tmp_path):
    """Return a function that writes a Python program and returns its command."""

    def write(code):
        path = tmp_path / "the program.py"
        path.write_text(code)
        return "{0} '{1}'".format(sys.executable, path)

    return write


def printing(document):
    return "print({0!r})".format(json.dumps(document))


def run(command, environ=None):
    return obtained(
        Scripted(), environ, allow_process=True, mode="External", process_command=command
    )


def not_run(command, environ=None, allow_process=True):
    return failure(
        Scripted(), environ, allow_process=allow_process, mode="External", process_command=command
    )


@pytest.mark.parametrize(
    "document, credentials",
    [
        (KEY, Credentials("LTAI5tEXAMPLE", "hidden")),
        (TOKEN, Credentials("LTAI5tEXAMPLE", "hidden", "hidden-token", 1767323045)),
        (dict(TOKEN, expiration=None), Credentials("LTAI5tEXAMPLE", "hidden", "hidden-token")),
        (dict(TOKEN, expiration="soon"), Credentials("LTAI5tEXAMPLE", "hidden", "hidden-token")),
        (dict(TOKEN, expiration=["x"]), Credentials("LTAI5tEXAMPLE", "hidden", "hidden-token")),
        (
            {name.title(): value for name, value in TOKEN.items()},
            Credentials("LTAI5tEXAMPLE", "hidden", "hidden-token", 1767323045),
        ),
        # A token is of no use to a mode that has none.
        (dict(TOKEN, mode="AK", expiration=""), Credentials("LTAI5tEXAMPLE", "hidden")),
    ],
)
def test_credentials(program, document, credentials):
    assert run(program(printing(document))) == credentials


def test_profile_that_assumes_a_role(program):
    printed = dict(TOKEN, mode="RamRoleArn", ram_role_arn=ROLE, expired_seconds=900)
    http = Scripted(assumed(ROLE))
    found = obtained(
        http,
        allow_process=True,
        mode="External",
        process_command=program(printing(printed)),
    )
    assert found.assumed_role_arn == ROLE + "/session"
    (request,) = http.requests
    assert request.headers["x-acs-security-token"] == "hidden-token"
    assert request.query["RoleSessionName"] == "ansible"


def test_profile_of_an_instance(program):
    http = Scripted(answer("a-token"), answer(dict(CREDENTIALS, Code="Success")))
    printed = {"Mode": "EcsRamRole", "ram_role_name": "machine"}
    command = program(printing(printed))
    found = obtained(http, allow_process=True, mode="External", process_command=command)
    assert found.access_key_id == "STS.NUEXAMPLE"


@pytest.mark.parametrize(
    "written, arguments",
    [
        ("a  b", ["a", "b"]),
        ("'a  b' \"c d\" e\\ f ''", ["a  b", "c d", "e f", ""]),
        ("$HOME `id` ; | > * ~ &", ["$HOME", "`id`", ";", "|", ">", "*", "~", "&"]),
        ("'\"' \"'\"", ['"', "'"]),
    ],
)
def test_arguments_are_split_and_no_shell_reads_them(program, tmp_path, written, arguments):
    kept = tmp_path / "kept"
    code = "import json, sys\njson.dump(sys.argv[1:], open({0!r}, 'w'))\n{1}"
    run(program(code.format(str(kept), printing(KEY))) + " " + written)
    assert json.loads(kept.read_text()) == arguments


@pytest.fixture(name="typed")
def fixture_typed():
    """Fill the standard input of this process with text that a command must not get."""
    reading, writing = os.pipe()
    os.write(writing, b"typed")
    os.close(writing)
    before = os.dup(0)
    os.dup2(reading, 0)
    yield
    os.dup2(before, 0)
    os.close(before)
    os.close(reading)


@pytest.mark.usefixtures("typed")
def test_what_the_command_is_given(program):
    code = (
        "import os, sys\n"
        "assert sys.stdin.read() == ''\n"
        "assert os.getsid(0) == os.getpid()\n"
        "assert os.environ['OURS'] == 'a' and 'HOME' not in os.environ\n"
        "print('hidden', file=sys.stderr)\n"
    )
    assert run(program(code + printing(KEY)), {"OURS": "a"}).access_key_id == "LTAI5tEXAMPLE"


def test_nothing_that_the_command_says_is_seen(program, capfd):
    run(program("import sys; print('hidden', file=sys.stderr)\n" + printing(KEY)))
    not_run(program("import sys; print('hidden'); sys.exit('hidden')"))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "code, sentence",
    [
        (
            "import sys; print('hidden'); sys.exit(3)",
            "the command failed with exit code 3; run it by",
        ),
        (
            "import os; os.kill(os.getpid(), 9)",
            "the command failed with exit code -9; run it by hand",
        ),
        ("", "the command returned no JSON object"),
        ("print('hidden')", "the command returned no JSON object"),
        ("print('[' * 60000)", "the command returned no JSON object"),
        ("import os; os.write(1, b'\\xff')", "the command returned no JSON object"),
        (
            "print('{}')",
            "the command printed a profile of a mode that gives no credentials; it may print AK, ",
        ),
        (printing({"mode": "AK"}), "the command did not print access_key_id, access_key_secret"),
        (
            printing(dict(TOKEN, sts_token="")),
            "the command did not print access_key_id, access_key_secret, sts_token",
        ),
        (printing(dict(KEY, access_key_secret=["hidden"])), "the command did not print"),
        (
            printing({"mode": "External", "process_command": "x"}),
            "the command printed a profile of",
        ),
        (printing({"mode": "ChainableRamRoleArn", "source_profile": "x"}), "the command printed a"),
        (
            printing({"mode": "RamRoleArn"}),
            "the output of the command: profile 'printed': a hop req",
        ),
        (
            printing(dict(KEY, mode="RamRoleArn", ram_role_arn="hidden")),
            "the output of the command: profile 'printed': ram_role_arn must be",
        ),
    ],
)
def test_command_that_gives_nothing(program, code, sentence):
    assert not_run(program(code)).startswith(sentence)


BAD = [
    ("a\nb", "a space, a line break, or another"),
    ("a b", "a space, a line break, or another"),
    ("a\r", "a space, a line break, or another"),
    ("a\x00", "a space, a line break, or another"),
    ("a\x1b[2J", "a space, a line break, or another"),
    ("sch\u00fcssel", "a space, a line break, or another"),
    ("a\ud800", "a space, a line break, or another"),
    ("a" * 16385, "more than 16384 characters"),
]


@pytest.mark.parametrize("value, what", BAD)
@pytest.mark.parametrize("name", ["access_key_id", "access_key_secret", "sts_token"])
def test_value_that_no_access_key_has(tmp_path, name, value, what):
    printed = tmp_path / "printed"
    printed.write_text(json.dumps(dict(TOKEN, **{name: value})))
    option = name.replace("sts_", "security_")
    # The helper checks that mode and profile are named, and that the value is not shown.
    assert not_run("cat {0}".format(printed)) == (
        "{0} has {1}: correct the profile, or the program or service that returns it".format(
            option, what + " character that no access key has" * what.endswith("another")
        )
    )


def test_longest_value_is_taken(tmp_path):
    printed = tmp_path / "printed"
    printed.write_text(json.dumps(dict(TOKEN, sts_token="a" * 16384)))
    assert len(run("cat {0}".format(printed)).security_token) == 16384


EMPTY = "process_command names no program: give a command with its arguments"
OPEN = "process_command has an open quote or ends with a backslash"


@pytest.mark.parametrize(
    "command, arguments",
    [
        ("a b", ["a", "b"]),
        (" a\t b\n c ", ["a", "b", "c"]),
        ("a '' \"\"", ["a", "", ""]),
        ("a'b c'd\"e f\"", ["ab cde f"]),
        ("a 'b\\$c'", ["a", "b\\$c"]),
        ('a "b\\$c\\`\\"\\\\d\\e"', ["a", 'b$c`"\\d\\e']),
        ("a\\ b", ["a b"]),
        ("a \\\n b", ["a", "b"]),
        ("a\\\nb", ["ab"]),
        ('"a\\\nb"', ["ab"]),
        ("a #b", ["a", "#b"]),
    ],
)
def test_split_command_as_the_cli_and_the_shell(command, arguments):
    assert _external.split_command(command) == arguments
    if "#" not in command:
        printed = subprocess.check_output(
            ["sh", "-c", "printf '%s\\0' " + command.strip().replace("\n c", " c")]
        )
        assert printed.decode().split("\0")[:-1] == arguments


@pytest.mark.parametrize(
    "command, sentence",
    [
        ("", "process_command is missing"),
        (" ", EMPTY),
        ("''", EMPTY),
        ("\\\n", EMPTY),
        ("hidden 'hidden", OPEN),
        ('hidden "hidden', OPEN),
        ("hidden\\", OPEN),
        ("/nonexistent/hidden", "the command cannot be run: No such file or directory"),
        ("/", "the command cannot be run: Permission denied"),
        ("a\0b", "the command cannot be run: it is not a command"),
    ],
)
def test_what_is_no_command(command, sentence):
    assert not_run(command) == sentence


@pytest.mark.parametrize("value", ["1", "true", "TRUE"])
def test_command_that_the_environment_forbids(tmp_path, value):
    witness = tmp_path / "witness"
    environ = {"ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS": value}
    told = not_run("touch {0}".format(witness), environ)
    assert told == "it is disabled by ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: unset this variable"
    assert not witness.exists()


def test_command_that_nobody_allowed(tmp_path):
    witness = tmp_path / "witness"
    told = not_run("touch {0}".format(witness), allow_process=False)
    assert told.startswith("the command is not run without allow_process: ")
    assert not witness.exists()


# Waits for ever with a child that holds the output too. Both hold the writing end of a pipe that says when they ended.
ENDLESS = (
    "import os, signal\n"
    "pipe = os.open({0!r}, os.O_WRONLY)\n"
    "if os.fork():\n"
    "    os.write(pipe, b'%d\\n' % os.getpid())\n"
    "    {1}\n"
    "signal.pause()\n"
)


class Endless:
    """A command that does not end, of which what happens after it has begun is replaced."""

    def __init__(self, tmp_path, monkeypatch):
        self.path = str(tmp_path / "pipe")
        os.mkfifo(self.path)
        self.pipe = None
        self.group = 0
        self.waited = []
        endless = self

        self.output = _external._read_output

        def begun(process, seconds):
            self.pipe = open(self.path, "rb")
            self.group = int(self.pipe.readline())
            return self.after(process)

        class Popen(subprocess.Popen):
            def wait(self, timeout=None):
                endless.waited.append(timeout)
                return super().wait(timeout)

        monkeypatch.setattr(_external, "_read_output", begun)
        monkeypatch.setattr(_external.subprocess, "Popen", Popen)

    def after(self, process):
        """Return the output of the command, and wait for it."""
        return self.output(process, 0.01)

    def see_all_end(self):
        """Wait until no process has the pipe open any more."""
        with self.pipe:
            assert self.pipe.read() == b""


@pytest.fixture(name="endless")
def fixture_endless(tmp_path, monkeypatch):
    return Endless(tmp_path, monkeypatch)


@pytest.mark.parametrize("parent", ["signal.pause()", "os._exit(0)"])
def test_command_that_does_not_end_is_ended_with_its_children(program, endless, parent):
    told = not_run(program(ENDLESS.format(endless.path, parent)))
    assert told == "the command did not end within 60 seconds"
    endless.see_all_end()


def test_command_is_ended_where_we_are_interrupted(program, endless, monkeypatch):
    def interrupt(_process):
        raise KeyboardInterrupt()

    monkeypatch.setattr(endless, "after", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(program(ENDLESS.format(endless.path, "signal.pause()")))
    endless.see_all_end()


def test_command_that_may_not_be_ended_is_not_waited_for(program, endless, monkeypatch):
    def refuse(_pid, _number):
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(_external.os, "killpg", refuse)
        told = not_run(program(ENDLESS.format(endless.path, "signal.pause()")))
    os.killpg(endless.group, signal.SIGKILL)
    endless.see_all_end()
    assert told == "the command did not end within 60 seconds"
    assert endless.waited == []


def test_command_that_does_not_stop_printing_is_ended(program, tmp_path):
    os.mkfifo(str(tmp_path / "pipe"))
    code = (
        "import os\n"
        "os.open({0!r}, os.O_RDWR)\n"
        "while True:\n"
        "    os.write(1, b'hidden' * 1000)\n"
    ).format(str(tmp_path / "pipe"))
    reader = os.open(str(tmp_path / "pipe"), os.O_RDONLY | os.O_NONBLOCK)
    assert not_run(program(code)) == "the command printed more than 65536 bytes"
    with open(reader, "rb") as pipe:
        assert pipe.read() == b""


def test_command_that_closes_its_output_is_waited_for(program, monkeypatch):
    code = "import os, signal, sys\n" + printing(KEY) + "\nsys.stdout.flush()\nos.close(1)\n"
    assert run(program(code)).access_key_id == "LTAI5tEXAMPLE"
    output = _external._read_output
    monkeypatch.setattr(_external, "_read_output", lambda process, seconds: output(process, 0.5))
    told = not_run(program(code + "signal.pause()\n"))
    assert told == "the command did not end within 60 seconds"
