# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Read, lock, edit, and write config.json. Another writer, a kill, or a full disk never causes a loss of data."""

import contextlib
import errno
import os
import pwd
import stat
import time
from typing import Any, Callable, Dict, Generator, List, NamedTuple, Optional, Tuple

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import control as _control
from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._errors import (
    ConfigFileError,
    NoHomeError,
)
from ansible_collections.aliyun.cli.plugins.module_utils._files import (
    make_native,
    make_printable,
    read_file,
)

# Bytes of a config file. 10,000 profiles take about 3 MB.
MAX_SIZE = 16 * 1024 * 1024
# Maximum number of consecutive edits during which another program replaced the file.
_MAX_RESTARTS = 20
# Seconds in addition to lock_timeout after which a child process is killed.
_CHILD_SECONDS = 60


class Config(NamedTuple):
    """Content of a file. ``findings`` are sentences on faults of the file itself, which the next write repairs."""

    path: str
    document: Dict[str, Any]
    findings: List[str]
    exists: bool


class Edit(NamedTuple):
    """Result of an edit.

    ``result`` is that of the change. ``findings`` are repaired faults of the file, ``repairs`` those of its profiles,
    and ``warnings`` are faults that remain.
    """

    path: str
    changed: bool
    before: Dict[str, Any]
    after: Dict[str, Any]
    findings: List[str]
    repairs: List[str]
    warnings: List[str]
    backup_file: Optional[str]
    result: Any


class _Plan(NamedTuple):
    """Planned content of an edit, and the status of the file when it was read."""

    content: Optional[bytes]
    info: Optional[os.stat_result]
    edit: Edit
    exposed: List[str]
    rewrites: bool
    identity: Tuple[int, int]

    @property
    def changes_identity(self) -> bool:
        """Return whether the file gets another owner or group."""
        return self.info is not None and self.identity != (self.info.st_uid, self.info.st_gid)

    @property
    def closes_only(self) -> bool:
        """Return whether nothing has to change except permissions that are too open."""
        return not self.rewrites and not self.changes_identity


Change = Callable[[Dict[str, Any]], Any]
# Repairs a document, and returns one sentence for each repair. The scan of its profiles can be missing.
Repair = Callable[[Dict[str, Any], Optional[_go_json.Scan]], List[str]]


def find_default_path() -> str:
    """Return ``~/.aliyun/config.json`` of the user who runs this, from the user database if HOME is not set.

    Raise NoHomeError if there is no home.
    """
    home = os.environ.get("HOME")
    if not home:
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            raise NoHomeError(
                "there is no default config file, since HOME is not set and user ID {0} is not in the user"
                " database: set config_path".format(os.getuid())
            ) from None
    return os.path.join(home, ".aliyun", "config.json")


def run_with_rights(
    path: str,
    function: Callable[[], Any],
    *,
    lock_timeout: float = 0,
    strict: bool = True,
    failed: str = "was left unchanged"
) -> Any:
    """Return the result of a function that reads or edits a file, with the rights of the user who controls the path.

    read() and edit() do this themselves. If a caller does it first, less data passes between the processes. ``failed``
    are the words for the file in an error.
    """
    with _translate_errors(path, failed):
        timeout = max(0, lock_timeout) + _CHILD_SECONDS
        return _control.run_with_rights(
            _make_absolute(path), lambda place: function(), timeout=timeout, strict=strict
        )


def read(path: str) -> Config:
    """Read a file without a lock, which is safe since all current writers replace it. Raise ConfigFileError."""
    with _translate_errors(path, "cannot be read"):
        absolute = _make_absolute(path)
        return Config(
            *_control.run_with_rights(
                absolute, lambda place: _read(absolute, place), timeout=_CHILD_SECONDS, strict=False
            )
        )


def read_for_credentials(path: str) -> Config:
    """Read a file that may provide credentials.

    Its profiles name files to read and programs to run, so only the effective user and root may be able to write it.
    Raise ConfigFileError.
    """
    with _translate_errors(path, "cannot be read"):
        absolute = _make_absolute(path)
        place = _control.check_control(absolute)
        return _read(absolute, place, for_credentials=True)


def _read(path: str, place: _control.Location, *, for_credentials: bool = False) -> Config:
    with _translate_errors(path, "cannot be read"):
        target = _find_target(path, place)
        content, info = _read_content(place)
        if info is not None and for_credentials:
            _control.check_provider(target, info)
        document, findings = _go_json.parse(content, make_printable(target))
        findings += [
            _control.EXPOSED.format(make_printable(name))
            for name in _control.find_exposed(target, info)
        ]
        return Config(make_printable(target), document, findings, info is not None)


def edit(
    path: str,
    change: Change,
    *,
    repair: Optional[Repair] = None,
    lock_timeout: float = 15,
    backup: bool = False,
    owner: _control.Owner = _control.Owner(),
    check_mode: bool = False
) -> Edit:
    """Change a file under its lock.

    ``repair`` gets the document and the scan of its profiles. Then ``change`` gets the document. An exception from it
    cancels the edit. Both set keys of the document and elements of its list of profiles, but never change a profile or
    another value in place: so an edit can find the changes. They are called again, with a new document, whenever another
    program has replaced the file. The file is written only if the document differs. ``lock_timeout`` is in seconds. In check
    mode, nothing is locked, created or written, but the same checks are done. Raise ConfigFileError.
    """
    if not 0 <= lock_timeout < float("inf"):
        raise ConfigFileError("lock_timeout must be a number of seconds from 0")

    def work(place: _control.Location) -> Edit:
        def make_plan() -> _Plan:
            plan = _make_plan(place, repair, change, owner)
            # Only a backup needs the old content, and a file can be large.
            return plan if backup else plan._replace(content=None)

        with _translate_errors(path, "was left unchanged"):
            _find_target(absolute, place)
            return _edit(place, make_plan, lock_timeout, backup, check_mode, owner)

    with _translate_errors(path, "was left unchanged"):
        absolute = _make_absolute(path)
        timeout = lock_timeout + _CHILD_SECONDS
        return Edit(*_control.run_with_rights(absolute, work, timeout=timeout))


def _edit(
    place: _control.Location,
    make_plan: Callable[[], _Plan],
    lock_timeout: float,
    backup: bool,
    check_mode: bool,
    owner: _control.Owner,
) -> Edit:
    target = place.path
    plan = make_plan()
    if not plan.edit.changed:
        return plan.edit
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        ownership as _ownership,
    )

    if check_mode:
        _ownership.check_change(target, plan.rewrites)
        open_still = [path for path in plan.exposed if not _ownership.can_close(path)]
        return _report_open(plan, plan.edit, open_still, plan.changes_identity)
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import lock as _lock

    _ownership.make_directory(os.path.dirname(target), owner)
    if not place.exists:
        # What was created, by this process or another one, can belong to another user.
        raise _control.ControlChanged()
    deadline = time.monotonic() + lock_timeout
    with _lock.hold(target, deadline):
        for _attempt in range(_MAX_RESTARTS):
            with _lock.hold_flock(target, deadline):
                if not _is_current(target, plan.info):
                    plan = make_plan()
                    if not plan.edit.changed:
                        return plan.edit
                _lock.remove_leftovers(target)
                done = _carry_out(target, plan, backup)
                if done:
                    return done
    raise ConfigFileError(
        "{0} was left unchanged: another program, such as the CLI, replaces it all the time: try again".format(
            target
        )
    )


def _make_plan(
    place: _control.Location, repair: Optional[Repair], change: Change, owner: _control.Owner
) -> _Plan:
    target = place.path
    content, info = _read_content(place)
    document, findings, scanned = _go_json.parse_and_scan(content, make_printable(target))
    before = dict(document, profiles=list(document["profiles"]))
    repairs = repair(document, scanned) if repair else []
    result = change(document)
    exposed = _control.find_exposed(target, info)
    identity = _find_identity(target, info, owner)
    rewrites = (
        info is None
        or bool(findings)
        or document != before
        or _go_json.any_differ(document["profiles"], before["profiles"])
    )
    told = findings + [_control.EXPOSED.format(make_printable(path)) for path in exposed]
    planned = Edit(make_printable(target), True, before, document, told, repairs, [], None, result)
    plan = _Plan(content, info, planned, exposed, rewrites, identity)
    if plan.closes_only:
        return plan._replace(edit=planned._replace(changed=bool(exposed)))
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        ownership as _ownership,
    )

    _ownership.check_owner(target, identity[0])
    return plan


def _find_identity(
    target: str, info: Optional[os.stat_result], owner: _control.Owner
) -> Tuple[int, int]:
    if info is not None and not any(owner):
        return info.st_uid, info.st_gid
    # Loaded only now, since whatever is loaded is compiled on each host.
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        ownership as _ownership,
    )

    return _ownership.find_identity(target, info, owner)


def _carry_out(target: str, plan: _Plan, backup: bool) -> Optional[Edit]:
    """Write the planned content. Return None if another program replaced the file first."""
    from ansible_collections.aliyun.cli.plugins.module_utils._config_file import (
        ownership as _ownership,
    )

    done = plan.edit
    if plan.closes_only:
        _ownership.close(target)
    elif plan.rewrites:
        _ownership.close_directory(target)
        from ansible_collections.aliyun.cli.plugins.module_utils._config_file import write as _write

        backup_file = None
        if backup and plan.info is not None:
            backup_file = _write.back_up(target, plan.content, plan.info)
        written = _write.write(
            target,
            _go_json.dump(done.after),
            plan.identity,
            plan.info,
            lambda: _is_current(target, plan.info),
        )
        if not written:
            if backup_file:
                os.unlink(backup_file)
            return None
        done = done._replace(backup_file=backup_file and make_printable(backup_file))
    else:
        _ownership.close_directory(target)
        _ownership.repair_file(target, plan.identity)
    info = os.stat(target)
    given = plan.info is not None and (plan.info.st_uid, plan.info.st_gid) != (
        info.st_uid,
        info.st_gid,
    )
    return _report_open(plan, done, _control.find_exposed(target, info), given)


def _report_open(plan: _Plan, done: Edit, open_still: List[str], changes_identity: bool) -> Edit:
    """Report permissions as repaired only if they are: some file systems ignore or refuse the change."""
    if not open_still:
        return done
    told = [_control.EXPOSED.format(make_printable(path)) for path in open_still]
    closed = [path for path in plan.exposed if path not in open_still]
    uid = os.stat(open_still[0]).st_uid
    if os.geteuid() in (0, uid):
        remedy = "the file system does not allow a change: move config_path to another file system"
    else:
        remedy = "only {0} can change this: remove the rights of others with chmod go-rwx".format(
            _control.describe_user(uid)
        )
    return done._replace(
        changed=plan.rewrites or changes_identity or bool(closed),
        findings=[finding for finding in done.findings if finding not in told],
        warnings=["{0}, and {1}".format(" and ".join(told), remedy)],
    )


def _is_current(target: str, info: Optional[os.stat_result]) -> bool:
    """Return whether the file is still the one that was read."""
    try:
        now = os.stat(target)
    except FileNotFoundError:
        return info is None
    return info is not None and _make_version(now) == _make_version(info)


def _make_version(info: os.stat_result) -> Tuple[int, ...]:
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


@contextlib.contextmanager
def _translate_errors(path: str, what: str) -> Generator[None, None, None]:
    """Translate errors of the system into a sentence that names the file and the result for it."""
    try:
        yield
    except ConfigFileError as error:
        raise type(error)(make_printable(str(error))) from None
    except OSError as error:
        reason = {
            errno.ENOSPC: "the disk is full",
            errno.EDQUOT: "the disk quota is used up",
            errno.EROFS: "the file system is read-only",
            errno.EISDIR: "it is a directory",
            errno.ENOTDIR: "a part of the path is not a directory",
            errno.ENOLCK: "the file system does not support locks",
            errno.ENOTSUP: "the file system does not support locks",
            errno.EBUSY: "it is a mount point: mount its directory",
        }.get(error.errno or 0, error.strerror or "input/output error")
        if isinstance(error, PermissionError):
            reason = _control.explain_denial(os.path.realpath(_make_absolute(path)))
        raise ConfigFileError(
            "{0} {1}: {2}".format(make_printable(_make_absolute(path)), what, reason)
        ) from None


def _make_absolute(path: str) -> str:
    if "\0" in path:
        raise ConfigFileError("config_path contains a NUL byte: correct the path")
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        raise ConfigFileError(
            "{0} begins with the home of a user who does not exist: create the user or correct the path".format(
                path
            )
        )
    return os.path.abspath(make_native(expanded))


def _find_target(path: str, place: _control.Location) -> str:
    """Follow symbolic links, and return the path of the file. Raise ConfigFileError if no file can exist there."""
    target = place.path
    try:
        mode = os.stat(target).st_mode
    except FileNotFoundError:
        for link in (os.path.dirname(path), path):
            if link != target and os.path.islink(link) and not os.path.exists(link):
                raise ConfigFileError(
                    "{0} is a symbolic link to {1}, which does not exist".format(
                        link, os.path.realpath(link)
                    )
                ) from None
        return target
    if stat.S_ISDIR(mode):
        raise ConfigFileError("{0} is a directory".format(path))
    # Replacing a device or a pipe would remove it.
    if not stat.S_ISREG(mode):
        raise ConfigFileError("{0} is not a file".format(path))
    return target


def _read_content(place: _control.Location) -> Tuple[Optional[bytes], Optional[os.stat_result]]:
    if not place.exists:
        return None, None
    try:
        return read_file(place.path, MAX_SIZE)
    except FileNotFoundError:
        return None, None
