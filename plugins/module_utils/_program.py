# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Run a program with input, output, and a time limit, and parse JSON that it prints."""

import contextlib
import json
import os
import stat
import subprocess
import threading
from typing import Any, Dict, List, NamedTuple, Optional, Union

from ansible_collections.aliyun.cli.plugins.module_utils._errors import ProfileError
from ansible_collections.aliyun.cli.plugins.module_utils._files import make_native

# Maximum depth of a JSON document. Ansible fails at slightly more than twice the depth, and loses the result of the program.
MAX_LEVELS = 100
# Python cannot wait for an arbitrary number of seconds.
MAX_TIMEOUT = 1e6
# Seconds between SIGTERM and SIGKILL.
_GRACE = 5.0
# After the program ended, another process can keep its output open. Read until no data arrives for so many seconds, and at
# most so many times.
_LINGER, _MAX_LINGERS = 1.0, 10


class Ended(NamedTuple):
    """Result of a program. If a signal ended it, ``code`` is the negative number of the signal."""

    code: int
    stdout: bytes
    stderr: bytes
    timed_out: bool


class _Reader(threading.Thread):
    """Read a pipe to its end.

    Keep the pipe open: a process in the background can write to it after the program ended, and the system reuses the
    number of a closed pipe for another file.
    """

    def __init__(self, pipe: Any) -> None:
        super().__init__(daemon=True)
        self._pipe = pipe
        self._chunks: List[bytes] = []
        self.start()

    def run(self) -> None:
        for chunk in iter(lambda: os.read(self._pipe.fileno(), 65536), b""):
            self._chunks.append(chunk)

    def content(self) -> bytes:
        """Return the data, when no more arrives."""
        for _attempt in range(_MAX_LINGERS):
            before = len(self._chunks)
            self.join(_LINGER)
            if not self.is_alive() or len(self._chunks) == before:
                break
        return b"".join(self._chunks)


def run(
    argv: List[str],
    *,
    environ: Dict[str, str],
    stdin: bytes = b"",
    output_file: Optional[str] = None,
    umask: Optional[int] = None,
    timeout: Optional[float] = None
) -> Ended:
    """Run a program, and return its exit status and output.

    Standard output goes to ``output_file`` if it is given. After ``timeout`` seconds the program and its children get
    SIGTERM, then SIGKILL. Raise OSError if the program cannot be run, ValueError for arguments or variables that the
    system does not accept, and ProfileError if the output file cannot be used.
    """
    with contextlib.ExitStack() as stack:
        stdout: Union[int, Any] = subprocess.PIPE
        if output_file:
            stdout = stack.enter_context(_open(output_file))
        process = _start(argv, environ, stdout, umask, bool(timeout))
        readers = [_Reader(pipe) if pipe else None for pipe in (process.stdout, process.stderr)]
        threading.Thread(target=_write, args=(process.stdin, stdin), daemon=True).start()
        timed_out = False
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            timed_out = True
            _end(process)
        output, errors = (reader.content() if reader else b"" for reader in readers)
    return Ended(process.returncode, output, errors, timed_out)


def _start(
    argv: List[str], environ: Dict[str, str], stdout: Any, umask: Optional[int], group: bool
) -> "subprocess.Popen[bytes]":
    # Popen can set it since Python 3.9 only.
    before = os.umask(umask) if umask is not None else None
    try:
        return subprocess.Popen(  # pylint: disable=ansible-bad-function
            [argument.encode("utf-8", "surrogateescape") for argument in argv],
            env={
                name.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
                for name, value in environ.items()
            },
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=group,
        )
    finally:
        if before is not None:
            os.umask(before)


def _open(path: str) -> Any:
    """Open a file for the output of a program. Create it with mode 0600, or empty it. Raise ProfileError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        number = os.open(make_native(path), flags, 0o600)
    except OSError as error:
        message = "output_file {0} cannot be opened: {1}"
        raise ProfileError(message.format(path, error.strerror)) from None
    file = os.fdopen(number, "wb")
    try:
        _check(os.fstat(number), path)
    except ProfileError:
        file.close()
        raise
    file.truncate()
    return file


def _check(info: os.stat_result, path: str) -> None:
    """Raise ProfileError for a file that another user can read, or that another user may have created."""
    if not stat.S_ISREG(info.st_mode):
        raise ProfileError("output_file must be a regular file: {0} is not".format(path))
    if info.st_uid not in (0, os.geteuid()):
        raise ProfileError("output_file {0} belongs to another user: remove it".format(path))
    if info.st_nlink > 1:
        raise ProfileError("output_file {0} has another hard link: remove it".format(path))


def _write(pipe: Any, content: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(content)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program and the other processes of its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 15)
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        pass
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait()


def parse_json(text: str) -> Any:
    """Return the JSON object or list in the text. Return None for other text, and for too many levels."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        document = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    layer = [document]
    for _level in range(MAX_LEVELS):
        values = [holder.values() if isinstance(holder, dict) else holder for holder in layer]
        layer = [item for held in values for item in held if isinstance(item, (dict, list))]
    return None if layer else document


def _refuse(name: str) -> None:
    raise ValueError("{0} is not JSON".format(name))
