# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Mode External: a command that prints credentials as JSON. Its output is never shown, and no shell is involved."""

import os
import shlex
import signal
import subprocess
from typing import Any, List, Mapping

from ansible_collections.aliyun.cli.plugins.module_utils import _environment
from ansible_collections.aliyun.cli.plugins.module_utils._chain import Source
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import Credentials, parse_time
from ansible_collections.aliyun.cli.plugins.module_utils._errors import SourceError
from ansible_collections.aliyun.cli.plugins.module_utils._sources._context import (
    Context,
    parse_object,
)

MAX_SECONDS = 60
WHAT = "the command of mode External"


def obtain(source: Source, context: Context) -> Credentials:
    """The credentials that the command prints. Raises SourceError, also where commands are not allowed."""
    if _environment.is_true(context.environ, _environment.PROCESS_DISABLED_VARIABLE):
        raise SourceError(
            "{0} is not run, since {1} is set".format(WHAT, _environment.PROCESS_DISABLED_VARIABLE)
        )
    if not context.allow_process:
        raise SourceError(
            "{0} is not run unless the option allow_process says so: a file of profiles must not be able to run a"
            " program unasked".format(WHAT)
        )
    try:
        arguments = shlex.split(source.settings.get("process_command") or "")
    except ValueError:
        arguments = []
    if not arguments:
        raise SourceError("process_command is no command with arguments")
    return _credentials(parse_object(_run(arguments, context), WHAT))


def _run(arguments: List[str], context: Context) -> bytes:
    try:
        # run_command belongs to a module, which this code does not know: it also serves the lookup.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(context.environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no command"
        raise SourceError("{0} cannot be run: {1}".format(WHAT, reason)) from None
    with process:
        output = _output(process)
    if process.returncode:
        raise SourceError("{0} failed with exit code {1}".format(WHAT, process.returncode))
    return output


def _output(process: Any) -> bytes:
    try:
        return bytes(process.communicate(timeout=MAX_SECONDS)[0])
    except subprocess.TimeoutExpired:
        # With all that it started, which would keep the output open.
        os.killpg(process.pid, signal.SIGKILL)
        message = "{0} did not end within {1} seconds".format(WHAT, MAX_SECONDS)
        raise SourceError(message) from None


def _credentials(printed: Mapping[str, Any]) -> Credentials:
    mode = printed.get("mode")
    if mode not in ("AK", "StsToken"):
        raise SourceError(
            "{0} printed credentials of a mode other than AK and StsToken".format(WHAT)
        )
    names = ["access_key_id", "access_key_secret"] + (["sts_token"] if mode == "StsToken" else [])
    values = [printed.get(name) for name in names]
    if not all(isinstance(value, str) and value for value in values):
        raise SourceError("{0} did not print {1}".format(WHAT, ", ".join(names)))
    expiration = printed.get("expiration") or ""
    try:
        return Credentials(
            printed["access_key_id"],
            printed["access_key_secret"],
            printed["sts_token"] if mode == "StsToken" else "",
            parse_time(expiration) if expiration else 0,
        )
    except (TypeError, ValueError):
        raise SourceError("{0} printed an unreadable expiration".format(WHAT)) from None
