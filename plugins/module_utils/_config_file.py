# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""config.json: read it, lock it, edit it, write it. Nothing is lost to another writer, a kill or a full disk.

The file is shared with the CLI (which replaces it by rename, without a lock) and with the official SDKs (which take
``flock`` on the file itself and then replace it). So the lock is ``flock`` on the file itself, and whether the path
still names the locked file is looked at after the lock is taken.
"""

import contextlib
import errno
import fcntl
import grp
import json
import os
import pwd
import re
import stat
import time
from typing import Any, Callable, Dict, Generator, Iterator, List, NamedTuple, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils import _modes
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError

BOM = b"\xef\xbb\xbf"
_TOP_KEYS = ("current", "profiles", "meta_path")
_GO_ESCAPES = {ord(char): "\\u{0:04x}".format(ord(char)) for char in "<>&\u2028\u2029"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n]*")


class Config(NamedTuple):
    """What a file holds. ``findings`` are sentences on what is wrong with the file itself, which a write mends."""

    path: str
    document: Dict[str, Any]
    findings: List[str]
    exists: bool


class Edit(NamedTuple):
    """What became of a file. ``result`` is what the change returned; ``findings`` were mended."""

    path: str
    changed: bool
    before: Dict[str, Any]
    after: Dict[str, Any]
    findings: List[str]
    backup_file: Optional[str]
    result: Any


class Owner(NamedTuple):
    """Names or numeric IDs that a file shall belong to; None leaves it to the file or its directory."""

    owner: Optional[str] = None
    group: Optional[str] = None


def default_path() -> str:
    """``~/.aliyun/config.json`` of the user who runs this, from the user database where HOME is not set."""
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return os.path.join(home, ".aliyun", "config.json")


def dumps(document: Dict[str, Any]) -> bytes:
    """The bytes that the CLI writes for a document: tab indent, Go's escapes, no newline at the end."""
    text = json.dumps(document, indent="\t", ensure_ascii=False).translate(_GO_ESCAPES)
    # A half of a surrogate pair is valid in JSON as an escape only.
    return _SURROGATE.sub(lambda match: "\\u{0:04x}".format(ord(match.group())), text).encode(
        "utf-8"
    )


def read(path: str) -> Config:
    """Read a file without a lock, which is safe since every writer of today replaces it. Raises ConfigFileError."""
    target = _resolve(path)
    content, info = _content(target)
    document, findings = _parse(content, path)
    return Config(target, document, findings + _access_findings(target, info), info is not None)


def edit(
    path: str,
    change: Callable[[Dict[str, Any]], Any],
    *,
    lock_timeout: float = 15,
    backup: bool = False,
    owner: Owner = Owner(),
    check_mode: bool = False
) -> Edit:
    """Change a file under its lock.

    ``change`` gets the document, edits it in place, and may raise to leave all as it is. The file is written only where
    the document then differs from what was read. ``lock_timeout`` is in seconds. In check mode nothing is locked, made
    or written. Raises ConfigFileError.
    """
    target = _resolve(path)
    if check_mode:
        return _edit_locked(target, change, backup=False, owner=owner, check_mode=True)
    with _told(target):
        _make_directory(os.path.dirname(target), owner)
        with _locked(target, lock_timeout):
            return _edit_locked(target, change, backup=backup, owner=owner, check_mode=False)


def _edit_locked(
    target: str,
    change: Callable[[Dict[str, Any]], Any],
    *,
    backup: bool,
    owner: Owner,
    check_mode: bool
) -> Edit:
    content, info = _content(target)
    document, findings = _parse(content, target)
    # Values that are no scalars are never changed in place.
    before = dict(document, profiles=[dict(profile) for profile in document["profiles"]])
    result = change(document)
    rewrite = info is None or bool(findings) or document != before
    backup_file = None
    if not check_mode:
        _remove_leftovers(target)
        if rewrite:
            backup_file = _back_up(target, content, info) if backup and info else None
            _write(target, dumps(document), _identity(target, info, owner), info)
    access = _access_findings(target, info)
    chown = info is not None and _identity(target, info, owner) != (info.st_uid, info.st_gid)
    if not check_mode:
        _repair_access(target, _identity(target, os.stat(target), owner))
    changed = rewrite or bool(access) or chown
    return Edit(target, changed, before, document, findings + access, backup_file, result)


# --- understanding the content


def _parse(content: Optional[bytes], path: str) -> Tuple[Dict[str, Any], List[str]]:
    empty: Dict[str, Any] = {"current": "", "profiles": [], "meta_path": ""}
    if content is None:
        return empty, []
    findings = []
    if content.startswith(BOM):
        content = content[len(BOM) :]
        findings.append("the file begins with a byte order mark, with which the CLI does not start")
    if not content.strip(b" \t\r\n"):
        return empty, findings + ["the file is empty, with which the CLI does not start"]
    text = _decode(content, path)
    document = _load(text, path)
    try:
        _canonical(document, findings)
    except _WrongShape as wrong:
        before = text[: _position(text, wrong.key, wrong.number)]
        raise _refused(path, before, "not a configuration of the CLI: {0}".format(wrong)) from None
    return document, findings


def _canonical(document: Dict[str, Any], findings: List[str]) -> None:
    """Bring a document into the one shape that all else relies on. Raises _WrongShape."""
    if not isinstance(document, dict):
        raise _WrongShape("an object is expected")
    _canonical_keys(document, _TOP_KEYS, findings, "")
    _check_shape(document)
    if document.get("profiles", 0) is None:
        document["profiles"] = []
        findings.append("profiles is null, with which the CLI does not start")
    for key in _TOP_KEYS:
        document.setdefault(key, [] if key == "profiles" else "")
    for number, profile in enumerate(document["profiles"], 1):
        _check_profile(profile, number, findings)


def _decode(content: bytes, path: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise _refused(path, before, "not valid JSON: not UTF-8") from None


def _load(text: str, path: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _refused(path, text[: error.pos], "not valid JSON: " + error.msg) from None
    except (ValueError, RecursionError) as error:
        why = (
            "nested too deeply"
            if isinstance(error, RecursionError)
            else "a number that cannot be read"
        )
        raise _refused(path, "", "not valid JSON: " + why) from None


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _no_constant(name: str) -> None:
    raise ValueError(name)


class _WrongShape(Exception):
    """What is wrong, and where: at a key of the top level, or at a profile by number."""

    def __init__(self, what: str, key: str = "", number: int = 0) -> None:
        super().__init__(what)
        self.key = key
        self.number = number


def _refused(path: str, before: str, why: str) -> ConfigFileError:
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return ConfigFileError("{0}, line {1}, column {2}: {3}".format(path, line, column, why))


def _position(text: str, key: str, number: int) -> int:
    """Where in the text the value of a key begins, or the profile with a number; the start of the document without."""
    begin = _skip(text, 0)
    if not key:
        return begin
    # Of keys that are spelled alike the last one counts, and of others the first.
    found: Dict[str, int] = {}
    for name, at in _items(text, begin):
        if name.lower() == key:
            found[name] = at
    begin = found.get(key) or next(iter(found.values()))
    return begin if not number else list(_items(text, begin))[number - 1][1]


def _items(text: str, begin: int) -> Iterator[Tuple[Any, int]]:
    """The keys of an object, or the numbers of a list's elements, each with where its value begins in the text."""
    decoder = json.JSONDecoder()
    is_object = text[begin] == "{"
    at = _skip(text, begin + 1)
    key: Any = 0
    while text[at] not in "]}":
        if is_object:
            key, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield key, at
        at = _skip(text, decoder.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
        key = key if is_object else key + 1


def _skip(text: str, at: int) -> int:
    return _SPACE.match(text, at).end()  # type: ignore[union-attr]


def _check_shape(document: Dict[str, Any]) -> None:
    for key in ("current", "meta_path"):
        if not isinstance(document.get(key, ""), str):
            raise _WrongShape("{0} must be a text".format(key), key)
    profiles = document.get("profiles")
    if profiles is None:
        return
    if not isinstance(profiles, list):
        raise _WrongShape("profiles must be a list of objects", "profiles")
    for number, profile in enumerate(profiles, 1):
        if not isinstance(profile, dict):
            raise _WrongShape("profiles must be a list of objects", "profiles", number)


def _check_profile(profile: Dict[str, Any], number: int, findings: List[str]) -> None:
    _canonical_keys(profile, tuple(_modes.ORDER), findings, " of profile {0}".format(number))
    for key in ("name", "mode"):
        if not isinstance(profile.setdefault(key, ""), str):
            raise _WrongShape(
                "{0} of profile {1} must be a text".format(key, number), "profiles", number
            )


def _canonical_keys(
    mapping: Dict[str, Any], known: Tuple[str, ...], findings: List[str], where: str
) -> None:
    """Spell known keys as the CLI writes them: it reads them in any case. Order and values stay."""
    renamed = {key: key.lower() for key in mapping if key not in known and key.lower() in known}
    renamed = {key: name for key, name in renamed.items() if name not in mapping}
    if not renamed:
        return
    items = [(renamed.get(key, key), value) for key, value in mapping.items()]
    mapping.clear()
    for key, value in items:
        mapping.setdefault(key, value)
    findings.extend(
        "the key {0}{1} is spelled {2}".format(name, where, key) for key, name in renamed.items()
    )


# --- the file and its surroundings


@contextlib.contextmanager
def _told(path: str) -> Generator[None, None, None]:
    """Errors of the system in a sentence that names the file and says that it is as it was."""
    try:
        yield
    except OSError as error:
        reason = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EROFS: "the file system is read-only",
            errno.EACCES: "permission denied",
            errno.EPERM: "permission denied",
            errno.EISDIR: "it is a directory",
            errno.ENOTDIR: "a part of the path is not a directory",
            errno.ENOLCK: "the file system does not support locks",
            errno.ENOTSUP: "the file system does not support locks",
        }.get(error.errno or 0, error.strerror or "input/output error")
        raise ConfigFileError(
            "{0} cannot be used, and was left as it was: {1}".format(path, reason)
        ) from None


def _resolve(path: str) -> str:
    """The absolute path of the file that is meant, symbolic links followed."""
    expanded = os.path.abspath(os.path.expanduser(path))
    target = os.path.realpath(expanded)
    if os.path.islink(expanded) and not os.path.exists(target):
        raise ConfigFileError(
            "{0} is a symbolic link to {1}, which does not exist".format(expanded, target)
        )
    if os.path.isdir(target):
        raise ConfigFileError("{0} is a directory".format(expanded))
    return target


def _content(target: str) -> Tuple[Optional[bytes], Optional[os.stat_result]]:
    with _told(target):
        try:
            with open(target, "rb") as file:
                return file.read(), os.fstat(file.fileno())
        except FileNotFoundError:
            return None, None


def _access_findings(target: str, info: Optional[os.stat_result]) -> List[str]:
    if info is None:
        return []
    findings = []
    if stat.S_IMODE(info.st_mode) & 0o077:
        findings.append("{0} can be read by others".format(target))
    directory = os.path.dirname(target)
    # Only the CLI's own directory: /etc or /tmp are not ours to close.
    if (
        os.path.basename(directory) == ".aliyun"
        and stat.S_IMODE(os.stat(directory).st_mode) & 0o077
    ):
        findings.append("{0} can be read by others".format(directory))
    return findings


def _repair_access(target: str, identity: Tuple[int, int]) -> None:
    info = os.stat(target)
    if (info.st_uid, info.st_gid) != identity:
        os.chown(target, *identity)
    if stat.S_IMODE(info.st_mode) & 0o077:
        os.chmod(target, 0o600)
    directory = os.path.dirname(target)
    if (
        os.path.basename(directory) == ".aliyun"
        and stat.S_IMODE(os.stat(directory).st_mode) & 0o077
    ):
        os.chmod(directory, 0o700)


def _identity(target: str, info: Optional[os.stat_result], owner: Owner) -> Tuple[int, int]:
    """User and group that the file shall belong to: as asked, as it was, or as its directory."""
    if info is None:
        directory = os.stat(_existing_directory(os.path.dirname(target)))
        uid, gid = (
            (directory.st_uid, directory.st_gid)
            if os.geteuid() == 0
            else (os.geteuid(), os.getegid())
        )
    else:
        uid, gid = info.st_uid, info.st_gid
    if owner.owner:
        uid = _number(owner.owner, "user", lambda name: pwd.getpwnam(name).pw_uid)
    if owner.group:
        gid = _number(owner.group, "group", lambda name: grp.getgrnam(name).gr_gid)
    return uid, gid


def _number(name: str, what: str, look_up: Callable[[str], int]) -> int:
    try:
        return int(name) if name.isdigit() else look_up(name)
    except KeyError:
        raise ConfigFileError("there is no {0} {1}".format(what, name)) from None


def _existing_directory(directory: str) -> str:
    while not os.path.isdir(directory):
        directory = os.path.dirname(directory)
    return directory


def _make_directory(directory: str, owner: Owner) -> None:
    if os.path.isdir(directory):
        return
    parent = os.path.dirname(directory)
    if not os.path.isdir(parent) and os.path.basename(directory) == ".aliyun":
        raise ConfigFileError("the home {0} does not exist".format(parent))
    _make_directory(parent, owner)
    with contextlib.suppress(FileExistsError):
        identity = _identity(os.path.join(directory, "config.json"), None, owner)
        os.mkdir(directory, 0o700)
        os.chmod(directory, 0o700)
        if identity != (os.geteuid(), os.getegid()):
            os.chown(directory, *identity)


# --- the lock


@contextlib.contextmanager
def _locked(target: str, timeout: float) -> Generator[None, None, None]:
    """Hold the lock of a file, or of a lock file beside it as long as it does not exist."""
    deadline = time.monotonic() + timeout
    beside = target + ".lock"
    while True:
        lock_file = None
        fd = _lock(target, os.O_RDONLY, deadline, target)
        if fd is None:
            lock_file = beside
            fd = _lock(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, deadline, target)
        if fd is None:
            continue
        # Somebody may have made the file while we waited beside it: then it has a lock of its own.
        if lock_file is None or not os.path.exists(target):
            break
        _release(fd, lock_file)
    try:
        yield
    finally:
        _release(fd, lock_file)


def _lock(path: str, flags: int, deadline: float, target: str) -> Optional[int]:
    """A locked descriptor of the file that the path names; None where there is none."""
    while True:
        try:
            fd = os.open(path, flags | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _same_file(fd, path):
                return fd
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(fd)
                raise ConfigFileError(
                    "{0} is locked by another process, such as another task or an SDK that writes it; nothing was"
                    " changed: try again, or raise lock_timeout".format(target)
                ) from None
            time.sleep(0.01)
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _same_file(fd: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False


def _release(fd: int, beside: Optional[str]) -> None:
    if beside:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
    os.close(fd)


# --- the write


def _temporary(target: str) -> str:
    return os.path.join(
        os.path.dirname(target), ".{0}.ansible-{1}".format(os.path.basename(target), os.getpid())
    )


def _remove_leftovers(target: str) -> None:
    """Remove what writers that were killed left behind. The lock is held, so no writer of ours is at work."""
    directory, prefix = os.path.split(_temporary(target).rpartition("-")[0] + "-")
    for name in os.listdir(directory):
        if name.startswith(prefix) and name[len(prefix) :].isdigit():
            os.unlink(os.path.join(directory, name))
    if os.path.exists(target):
        # The file has a lock of its own, so that the lock file beside it serves nobody any more.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target + ".lock")


def _write(
    target: str, content: bytes, identity: Tuple[int, int], info: Optional[os.stat_result]
) -> None:
    temporary = _temporary(target)
    try:
        _write_new(temporary, content, identity)
        if info:
            _copy_attributes(target, temporary)
        os.rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    directory = os.open(os.path.dirname(target), os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write_new(path: str, content: bytes, identity: Tuple[int, int]) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as file:
        info = os.fstat(fd)
        if (info.st_uid, info.st_gid) != identity:
            os.fchown(fd, *identity)
        os.fchmod(fd, 0o600)
        file.write(content)
        file.flush()
        os.fsync(fd)


def _copy_attributes(source: str, destination: str) -> None:
    with contextlib.suppress(OSError, AttributeError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(destination, name, os.getxattr(source, name))


def _back_up(target: str, content: Optional[bytes], info: os.stat_result) -> str:
    path = "{0}.{1}.{2}~".format(target, os.getpid(), time.strftime("%Y-%m-%d@%H:%M:%S"))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    _write_new(path, content or b"", (info.st_uid, info.st_gid))
    return path
