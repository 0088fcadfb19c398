# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""config.json: read it, lock it, edit it, write it. Nothing is lost to another writer, a kill or a full disk."""

import contextlib
import errno
import os
import pwd
from typing import Any, Callable, Dict, Generator, List, NamedTuple, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    access as _config_access,
)
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
    go_json as _config_shape,
)
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _config_lock
from ansible_collections.aliyun.cli.plugins.module_utils._errors import ConfigFileError


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


def default_path() -> str:
    """``~/.aliyun/config.json`` of the user who runs this, from the user database where HOME is not set."""
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return os.path.join(home, ".aliyun", "config.json")


def read(path: str) -> Config:
    """Read a file without a lock, which is safe since every writer of today replaces it. Raises ConfigFileError."""
    target = _resolve(path)
    with _told(target, "cannot be read"):
        content, info = _content(target)
    document, findings = _config_shape.parse(content, path)
    findings += _config_access.open_to_others(target, info)
    return Config(target, document, findings, info is not None)


def edit(
    path: str,
    change: Callable[[Dict[str, Any]], Any],
    *,
    lock_timeout: float = 15,
    backup: bool = False,
    owner: _config_access.Owner = _config_access.Owner(),
    check_mode: bool = False
) -> Edit:
    """Change a file under its lock.

    ``change`` gets the document, and may raise to leave all as it is. It sets keys of the document and elements of its
    list of profiles, but changes no profile and no other value in place: by that an edit sees what is new. It is called
    twice, with two documents, where the directory is to be made. The file is written only where the document then
    differs from what was read. ``lock_timeout`` is in seconds. In check mode nothing is locked, made or written, but
    what would fail fails. Raises ConfigFileError.
    """
    if not 0 <= lock_timeout < float("inf"):
        raise ConfigFileError("lock_timeout must be a number of seconds from 0")
    target = _resolve(path)
    directory = os.path.dirname(target)
    with _told(target, "cannot be used, and was left as it was"):
        # What is refused leaves no new directory behind.
        if check_mode or not os.path.isdir(directory):
            plan = _edit_locked(target, change, backup=False, owner=owner, check_mode=True)
            if check_mode:
                return plan
            # Loaded only now, since whatever is loaded is compiled on each host.
            from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
                ownership as _config_owner,
            )

            _config_owner.make_directory(directory, owner)
        with _config_lock.locked(target, lock_timeout):
            return _edit_locked(target, change, backup=backup, owner=owner, check_mode=False)


def _edit_locked(
    target: str,
    change: Callable[[Dict[str, Any]], Any],
    *,
    backup: bool,
    owner: _config_access.Owner,
    check_mode: bool
) -> Edit:
    content, info = _content(target)
    document, findings = _config_shape.parse(content, target)
    before = dict(document, profiles=list(document["profiles"]))
    result = change(document)
    access = _config_access.open_to_others(target, info)
    rewrite = (
        info is None
        or bool(findings)
        or document != before
        or any(map(_config_shape.differ, document["profiles"], before["profiles"]))
    )
    changed = rewrite or bool(access) or _is_given_away(target, info, owner)
    if not check_mode:
        _config_lock.remove_leftovers(target)
    planned = Edit(target, changed, before, document, findings + access, None, result)
    if not changed:
        return planned
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        ownership as _config_owner,
    )

    identity = _config_owner.identity_of(target, info, owner)
    if check_mode:
        _config_owner.check_change(target, identity, rewrite)
        return planned
    _config_owner.close_directory(target)
    if not rewrite:
        _config_owner.mend_file(target, identity)
        return planned
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        write as _config_write,
    )

    backup_file = _config_write.back_up(target, content, info) if backup and info else None
    _config_write.write(target, _config_shape.dumps(document), identity, info)
    return planned._replace(backup_file=backup_file)


def _is_given_away(
    target: str, info: Optional[os.stat_result], owner: _config_access.Owner
) -> bool:
    """Whether the file shall belong to others than it does."""
    if info is None or not any(owner):
        return False
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        ownership as _config_owner,
    )

    return _config_owner.identity_of(target, info, owner) != (info.st_uid, info.st_gid)


@contextlib.contextmanager
def _told(path: str, what: str) -> Generator[None, None, None]:
    """Errors of the system in a sentence that names the file and says what is with it."""
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
        raise ConfigFileError("{0} {1}: {2}".format(path, what, reason)) from None


def _resolve(path: str) -> str:
    """The absolute path of the file that is meant, symbolic links followed."""
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        raise ConfigFileError("{0} begins with the home of a user who does not exist".format(path))
    expanded = os.path.abspath(expanded)
    target = os.path.realpath(expanded)
    for link in (os.path.dirname(expanded), expanded):
        if os.path.islink(link) and not os.path.exists(link):
            raise ConfigFileError(
                "{0} is a symbolic link to {1}, which does not exist".format(
                    link, os.path.realpath(link)
                )
            )
    if os.path.isdir(target):
        raise ConfigFileError("{0} is a directory".format(expanded))
    # To replace a device or a pipe would be to remove it.
    if os.path.exists(target) and not os.path.isfile(target):
        raise ConfigFileError("{0} is not a file".format(expanded))
    return target


def _content(target: str) -> Tuple[Optional[bytes], Optional[os.stat_result]]:
    try:
        with open(target, "rb") as file:
            return file.read(), os.fstat(file.fileno())
    except FileNotFoundError:
        return None, None
