# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the artefact of the collection reproducibly: python noxfiles/build.py FOLDER, in a clone.

``ansible-galaxy`` chooses the files by the list in galaxy.yml, here among those that git knows. It records when and in which order
it built; that is replaced by the time of the commit, so that two builds of one commit are equal byte for byte.
"""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def git(*arguments: str) -> str:
    """Return what git prints about the clone."""
    command = ("git", "-C", str(ROOT), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def copy_known_files(target: Path) -> None:
    """Copy the files that git tracks, with their current content."""
    for name in filter(None, git("ls-files", "-z").split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def with_time(archive: bytes, when: int) -> bytes:
    """Return an archive in which every file, and the archive, has the same time and no owner."""
    result = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=result, mode="wb", mtime=when) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as target,
        tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as source,
    ):
        for old in source:
            new = tarfile.TarInfo(old.name)
            new.type, new.mode, new.size, new.mtime = old.type, old.mode, old.size, when
            target.addfile(new, source.extractfile(old) if old.isfile() else None)
    return result.getvalue()


def build(source: Path, target: Path, when: int) -> Path:
    """Build the artefact of the collection in ``source``, as of a time in seconds, and return its path."""
    with tempfile.TemporaryDirectory() as folder:
        command = ("ansible-galaxy", "collection", "build", str(source), "--output-path", folder)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (built,) = Path(folder).iterdir()
        target.mkdir(parents=True, exist_ok=True)
        result = target / built.name
        result.write_bytes(with_time(built.read_bytes(), when))
    return result


def main(target: Path) -> None:
    """Build the artefact of this clone."""
    when = int(git("log", "-1", "--format=%ct"))
    with tempfile.TemporaryDirectory() as folder:
        copy_known_files(Path(folder))
        print(build(Path(folder), target, when))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
