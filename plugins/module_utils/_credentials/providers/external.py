# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode External: a command that prints a profile as JSON, usually with credentials.

Its output is never shown, and no shell is used. The case of keys is ignored, as by the CLI.
"""

import os
import re
import selectors
import signal
import subprocess
import time
from typing import Any, Dict, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils._credentials.chain import (
    DEFAULT_SESSION_NAME,
    Source,
    from_profile,
    name_sessions,
)
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.credentials import Credentials
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.providers.context import (
    Context,
    fold,
    parse_object,
    read_expiration,
    require,
)
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError, SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._modes import get_mode

MAX_SECONDS = 60
# Bytes.
MAX_OUTPUT = 64 * 1024


def obtain(source: Source, context: Context) -> Credentials:
    """Return the credentials that the command prints. Raise SourceError, also if commands are not allowed."""
    if not context.allow_process:
        raise SourceError(
            "the command is not run without allow_process: set it to true to run process_command"
        )
    (command,) = require(source, "process_command")
    arguments = split_command(command)
    if not arguments or not arguments[0]:
        raise SourceError("process_command names no program: give a command with its arguments")
    printed = parse_object(_run(arguments, context.environ), "the command")
    return _make_credentials(fold(printed), source, context)


# A line continuation, an escaped character, quoted text, and text without quotes.
_PART = re.compile(
    r"""(?P<none>\\\n)|\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s"'\\]+)""",
    re.DOTALL,
)
# In double quotes a backslash is special before these characters only.
_ESCAPED = re.compile(r'\\([$`"\\]|\n)')


def split_command(command: str) -> List[str]:
    """Split a command as the CLI from version 3.4.9 does, and the POSIX shell. Raise SourceError for open quotes.

    ``shlex`` leaves line continuations, and backslashes before ``$`` and backquotes in double quotes.
    """
    arguments: List[str] = []
    in_argument = False
    place = 0
    while place < len(command):
        part = _PART.match(command, place)
        if part is None:
            if not command[place].isspace():
                raise SourceError("process_command has an open quote or ends with a backslash")
            in_argument = False
            place += 1
            continue
        place = part.end()
        if part.lastgroup == "none":
            continue
        text = part.group(part.lastgroup or 0)
        if part.lastgroup == "double":
            text = _ESCAPED.sub(lambda match: match.group(1).strip("\n"), text)
        if in_argument:
            arguments[-1] += text
        else:
            arguments.append(text)
        in_argument = True
    return arguments


def _run(arguments: List[str], environ: Mapping[str, str]) -> bytes:
    """Return the output of the command. Raise SourceError if it fails or takes too long."""
    try:
        # run_command is a method of AnsibleModule, and the lookup has none.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        # The text of the error can contain the command.
        number = getattr(error, "errno", None)
        reason = os.strerror(number) if number else "it is not a command"
        raise SourceError("the command cannot be run: {0}".format(reason)) from None
    ended = False
    try:
        output = _read_output(process, MAX_SECONDS)
        ended = True
    except subprocess.TimeoutExpired:
        raise SourceError(
            "the command did not end within {0} seconds".format(MAX_SECONDS)
        ) from None
    finally:
        if not ended:
            _kill(process)
    if process.returncode:
        raise SourceError(
            "the command failed with exit code {0}; run it by hand to see why".format(
                process.returncode
            )
        )
    return output


def _read_output(process: Any, seconds: float) -> bytes:
    """Return the output of the command. Raise TimeoutExpired, or SourceError if the output is too long."""
    deadline = time.monotonic() + seconds
    output = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(deadline - time.monotonic(), 0)):
            piece = os.read(process.stdout.fileno(), MAX_OUTPUT)
            if not piece:
                process.wait(max(deadline - time.monotonic(), 0))
                return output
            output += piece
            if len(output) > MAX_OUTPUT:
                raise SourceError("the command printed more than {0} bytes".format(MAX_OUTPUT))
    raise subprocess.TimeoutExpired("the command", seconds)


def _kill(process: Any) -> None:
    """Kill the command and its child processes. Do not wait for processes that cannot be killed, such as another user's."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=1)
    except (OSError, subprocess.TimeoutExpired):
        pass
    process.stdout.close()


def _make_credentials(printed: Dict[str, Any], source: Source, context: Context) -> Credentials:
    """Return the credentials of the printed profile. Raise SourceError if it has none."""
    mode = str(printed.get("mode"))
    row = get_mode(mode)
    if row.is_static:
        names = row.identity
        values = [str(printed[name]) for name in names if isinstance(printed.get(name), str)]
        if len(values) < len(names) or not all(values):
            raise SourceError("the command did not print {0}".format(", ".join(names)))
        expiration = read_expiration(printed.get("expiration"), "the command", context)
        found = dict(zip(names, values))
        return Credentials(
            found["access_key_id"],
            found["access_key_secret"],
            found.get("sts_token", ""),
            expiration,
        )
    if row.provider == get_mode(source.mode).provider or row.chained or not row.has_credentials:
        raise SourceError(
            "the command printed a profile of a mode that gives no credentials; it may print AK, StsToken, RamRoleArn,"
            " EcsRamRole, or another mode that needs neither a command nor a source profile"
        )
    try:
        chain = from_profile([dict(printed, name="printed", mode=mode)], "printed")
        chain = name_sessions(chain, DEFAULT_SESSION_NAME)
    except ProfileError as error:
        raise SourceError("the output of the command: {0}".format(error)) from None
    return context.resolve(chain)
