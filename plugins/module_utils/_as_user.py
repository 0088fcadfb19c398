# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Act as a user: run a function in a child process that has the rights of this user and no others.

    result = run_as("alice", lambda: report(path))

Rules for the function:

* Its result must be a JSON value. Tuples come back as lists. Changes that it makes to objects of the caller are lost.
* It may raise any error of ``_errors`` or an OSError: the caller gets the same error.
* It opens all files and connections itself: inherited descriptors lead to ``/dev/null``.
* It sees only the variables ``HOME``, ``USER``, ``LOGNAME``, ``PATH``, those of locale and time zone, and ``variables``.
  Root's environment can contain secrets, and a program that the function starts would get them. Pass
  proxies and the like in ``variables``.
* It may import files of this collection. The user may be unable to read Python's own files and libraries, such as
  those below /root. Name in ``imports`` the modules that the function needs and the caller has not imported, such as
  ``requests`` and ``encodings.idna`` for network calls: the child imports it while it still is root.
"""

import errno
import importlib
import json
import os
import pwd
import select
import signal
import sys
import time
import traceback
from typing import (
    Any,
    Callable,
    Dict,
    Iterable,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Tuple,
    Type,
    Union,
)

from ansible_collections.aliyun.cli.plugins.module_utils import _errors

# Bytes of a result. The largest one is a diff of a config file.
MAX_RESULT = 64 * 1024 * 1024
# The group of a user without an entry in the user database.
_NO_GROUP = 65534
_KEPT_VARIABLES = frozenset(["PATH", "LANG", "LANGUAGE", "TZ"])


class User(NamedTuple):
    """A user of the system. ``name`` and ``home`` are empty without an entry in the user database."""

    uid: int
    gid: int
    name: str = ""
    home: str = ""

    @property
    def title(self) -> str:
        """Return the name of the user for an error message."""
        return "user '{0}'".format(self.name or self.uid)


def find_user(user: Union[str, int]) -> User:
    """Return the user of a name or numeric ID. Raise UserError for a name that does not exist."""
    if isinstance(user, str):
        try:
            return _make_user(pwd.getpwnam(user))
        except (KeyError, ValueError):
            # The highest number does not belong to a user.
            if not user.isdecimal() or len(user) > 10 or int(user) >= 2**32 - 1:
                raise _errors.UserError(
                    "user '{0}' does not exist: create the user first, or correct the name".format(
                        user.encode("ascii", "backslashreplace").decode("ascii")
                    )
                ) from None
    uid = int(user)
    try:
        return _make_user(pwd.getpwuid(uid))
    except KeyError:
        return User(uid, _NO_GROUP)


def _make_user(entry: pwd.struct_passwd) -> User:
    return User(entry.pw_uid, entry.pw_gid, entry.pw_name, entry.pw_dir)


def run_as(
    user: Union[str, int],
    function: Callable[[], Any],
    *,
    timeout: float = 60,
    variables: Optional[Mapping[str, str]] = None,
    imports: Iterable[str] = ()
) -> Any:
    """Return the result of a function that runs with the rights of a user.

    The child has the user's uid, gid and supplementary groups, umask 077, and "/" as working directory. It is
    killed after ``timeout`` seconds. The function is called directly if the user is the one who runs this process.
    Raise UserError if this process cannot act as the user, or if the child ends without a result.
    """
    found = find_user(user)
    if found.uid == os.geteuid():
        return function()
    if os.geteuid() != 0:
        raise _errors.UserError(
            "only root can act as {0}: set become_user to this user".format(found.title)
        )
    try:
        groups = os.getgrouplist(found.name, found.gid) if found.name else []
        reader, writer = os.pipe()
    except OSError as error:
        raise _make_error(found, error.strerror or "no pipe") from None
    # An exception of a signal handler must find the number of the child known, or the child would be left running.
    signals = signal.pthread_sigmask(signal.SIG_BLOCK, signal.Signals)
    try:
        pid = os.fork()
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        os.close(reader)
        os.close(writer)
        raise _make_error(found, "cannot start a process: {0}".format(error.strerror)) from None
    if pid == 0:
        _run_child(
            writer,
            function,
            lambda: _drop_rights(writer, found, groups, variables or {}, imports, signals),
        )
    return _read_result(_collect(pid, reader, writer, signals, found, timeout), found)


def _make_error(user: User, why: str) -> _errors.UserError:
    return _errors.UserError("cannot act as {0}: {1}".format(user.title, why))


def _collect(
    pid: int, reader: int, writer: int, signals: Iterable[int], user: User, timeout: float
) -> bytes:
    """Read what the child writes until it ends. Kill it after the timeout, and whenever this is interrupted."""
    status = None
    try:
        try:
            os.close(writer)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        content = _read(reader, user, time.monotonic() + timeout, timeout)
        # The pipe is open until the child ends, so this does not block.
        status = _wait(pid)
    finally:
        if status is None:
            _kill(pid)
        os.close(reader)
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        raise _make_error(user, "the process was killed by signal {0}: try again".format(number))
    return content


def _read(reader: int, user: User, deadline: float, timeout: float) -> bytes:
    parts: List[bytes] = []
    size = 0
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise _make_error(
                user,
                "the process did not end within {0:g} seconds: check that the file systems of this user"
                " respond".format(timeout),
            )
        if not poll.poll(left * 1000):
            continue
        part = os.read(reader, 1024 * 1024)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > MAX_RESULT:
            raise _make_error(user, "the result is larger than {0} bytes".format(MAX_RESULT))
        parts.append(part)


def _kill(pid: int) -> None:
    """Kill the child and the programs that it started, and wait for the child."""
    # The child may not have its own process group yet.
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    _wait(pid)


def _wait(pid: int) -> int:
    """Wait for the child, and return its status; 0 if the system keeps none since SIGCHLD is ignored."""
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


def _read_result(content: bytes, user: User) -> Any:
    """Return the result that the child sent, or raise its error.

    The child runs with the user's rights, so its message is only data: JSON, and names of error classes.
    """
    try:
        message = json.loads(content.decode("ascii"))
        kind, value = message
    except (ValueError, TypeError, RecursionError):
        raise _make_error(user, "the process ended without a result: try again") from None
    if kind == "result":
        return value
    if kind == "start":
        raise _make_error(user, str(value))
    raise _rebuild_error(kind, value, user)


def _rebuild_error(kind: Any, value: Any, user: User) -> BaseException:
    try:
        if kind == "OSError":
            number, text, name = value
            return OSError(int(number), str(text), *([str(name)] if name else []))
        text, state = value
        classes = _find_error_classes(_errors.AliyunCliError)
        if kind in classes and isinstance(state, dict):
            error = classes[kind].__new__(classes[kind], str(text))
            error.__dict__.update(state)
            return error
        return RuntimeError("{0} as {1}: {2}".format(kind, user.title, text))
    except (TypeError, ValueError):
        return _make_error(user, "the process sent an error that cannot be read")


def _find_error_classes(base: Type[BaseException]) -> Dict[str, Type[BaseException]]:
    found = {base.__name__: base}
    for subclass in base.__subclasses__():
        found.update(_find_error_classes(subclass))
    return found


def _run_child(writer: int, function: Callable[[], Any], become: Callable[[], None]) -> None:
    """Change to the user's rights, call the function, write its result or error, and end the process."""
    try:
        try:
            become()
        except (ImportError, OSError) as error:
            message = json.dumps(["start", getattr(error, "strerror", None) or str(error)])
        else:
            message = _call_for_message(function)
        content = message.encode("ascii")
        while content:
            content = content[os.write(writer, content) :]
    finally:
        # Nothing of the caller runs here: no handler, no flush of its output.
        os._exit(0)


def _call_for_message(function: Callable[[], Any]) -> str:
    try:
        return json.dumps(["result", function()])
    except _errors.AliyunCliError as error:
        return json.dumps([type(error).__name__, [str(error), vars(error)]], default=str)
    except OSError as error:
        name = error.filename
        value = [
            error.errno or 0,
            error.strerror or str(error),
            None if name is None else str(name),
        ]
        return json.dumps(["OSError", value])
    except BaseException as error:  # pylint: disable=broad-except
        return json.dumps([type(error).__name__, [_format_trace(error), {}]], default=str)


def _format_trace(error: BaseException) -> str:
    """Return an error and its traceback without source code, which the user may be unable to read."""
    lines = [
        "{0}, line {1}, in {2}".format(frame.f_code.co_filename, number, frame.f_code.co_name)
        for frame, number in traceback.walk_tb(error.__traceback__)
    ]
    return "\n".join([str(error)] + lines)


def _drop_rights(
    writer: int,
    user: User,
    groups: List[int],
    variables: Mapping[str, str],
    imports: Iterable[str],
    signals: Iterable[int],
) -> None:
    """Give up the rights of root permanently, and everything else that the user must not get."""
    signal.pthread_sigmask(signal.SIG_SETMASK, signals)
    for name in imports:
        importlib.import_module(name)
    # No signals from and no input into the terminal of root.
    os.setsid()
    _close_inherited(writer)
    _load_from_memory()
    os.umask(0o077)
    os.chdir("/")
    os.setgroups(groups)
    os.setgid(user.gid)
    os.setuid(user.uid)
    _hide_memory()
    if 0 in (os.getuid(), os.geteuid()) or _can_return():
        raise PermissionError(errno.EPERM, "the rights of root cannot be given up")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_VARIABLES or name.startswith("LC_")
    }
    kept["HOME"] = user.home or "/"
    if user.name:
        kept["USER"] = kept["LOGNAME"] = user.name
    kept.update(variables)
    os.environ.clear()
    os.environ.update(kept)


def _can_return() -> bool:
    try:
        os.setuid(0)
    except OSError:
        return False
    return True


def _close_inherited(writer: int) -> None:
    """Let all descriptors but one lead to /dev/null.

    The system would reuse the number of a closed descriptor for a new file, which an old object of the caller could close.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        inherited = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        inherited = list(range(256))
    for fd in inherited:
        if fd in (writer, null):
            continue
        try:
            os.fstat(fd)
        except OSError:
            continue
        os.dup2(null, fd, fd <= 2)


def _hide_memory() -> None:
    """Prevent the user from reading the memory of this process, which contains root's secrets.

    Linux does this itself when a process changes its user, unless the system is set up to debug such processes.
    """
    try:
        with open("/proc/sys/fs/suid_dumpable", "rb") as file:
            hidden = file.read().strip() != b"1"
    except OSError:
        hidden = not sys.platform.startswith("linux")
    if not hidden:
        import ctypes

        set_dumpable = 4
        if ctypes.CDLL(None, use_errno=True).prctl(set_dumpable, 0, 0, 0, 0) != 0:
            raise PermissionError(
                errno.EPERM,
                "the memory of a process with secrets cannot be hidden from its user: run the task as that user",
            )


def _load_from_memory() -> None:
    """Keep the files of the module importable: Ansible packs them into a file that only root can read."""
    archive = getattr(globals().get("__loader__"), "archive", None)
    if archive:
        sys.meta_path.insert(0, _Archive(archive))


class _Archive:
    """Finds and loads modules in the content of a zip file."""

    def __init__(self, path: str) -> None:
        import io
        import zipfile
        from importlib.machinery import ModuleSpec

        self._make_spec = ModuleSpec
        with open(path, "rb") as file:
            self._files = zipfile.ZipFile(io.BytesIO(file.read()))
        self._names = frozenset(self._files.namelist())

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        file, is_package = self._locate(name)
        if not file:
            return None
        return self._make_spec(name, self, origin=file, is_package=is_package)  # type: ignore[arg-type]

    def create_module(self, spec: Any) -> None:
        """Let Python create the module."""

    def exec_module(self, module: Any) -> None:
        file = self._locate(module.__name__)[0]
        code = compile(self._files.read(file), file, "exec", dont_inherit=True)
        exec(code, module.__dict__)

    def _locate(self, name: str) -> Tuple[str, bool]:
        base = name.replace(".", "/")
        for file, is_package in ((base + "/__init__.py", True), (base + ".py", False)):
            if file in self._names:
                return file, is_package
        return "", False
