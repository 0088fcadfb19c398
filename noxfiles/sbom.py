# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the SBOM (CycloneDX) of an artefact: python noxfiles/sbom.py FOLDER, the folder of noxfiles/build.py.

It names the collection, its files with their SHA-256, and its requirements. It contains no time and a serial number from
the artefact, so that the SBOM of one commit is always the same.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tarfile
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL


def read(archive: tarfile.TarFile, name: str) -> bytes:
    """Return the content of a file in the artefact."""
    file = archive.extractfile(name)
    assert file
    return file.read()


def needed(archive: tarfile.TarFile) -> list[Component]:
    """Return what the collection needs, with the versions that it accepts."""
    runtime = yaml.safe_load(read(archive, "meta/runtime.yml"))
    lines = read(archive, "meta/ee-requirements.txt").decode().splitlines()
    wanted = [f"ansible-core{runtime['requires_ansible']}", *lines]
    found = [
        re.fullmatch(r"([\w-]+)\s*([<>=!~].*)?", line.split("#")[0].strip()) for line in wanted
    ]
    return [
        Component(
            type=ComponentType.LIBRARY,
            name=match[1],
            bom_ref=match[1],
            description=f"any version {match[2]}" if match[2] else "any version",
            purl=PackageURL("pypi", name=match[1]),
            scope=ComponentScope.REQUIRED,
        )
        for match in found
        if match
    ]


def describe(artefact: Path) -> str:
    """Return the SBOM of an artefact as JSON."""
    checksum = hashlib.sha256(artefact.read_bytes()).hexdigest()
    with tarfile.open(artefact) as archive:
        info: dict[str, Any] = json.loads(read(archive, "MANIFEST.json"))["collection_info"]
        files = json.loads(read(archive, "FILES.json"))["files"]
        components = needed(archive)
        built = archive.getmember("MANIFEST.json").mtime
    collection = Component(
        type=ComponentType.LIBRARY,
        name=f"{info['namespace']}.{info['name']}",
        bom_ref="collection",
        version=info["version"],
        description=info["description"],
        licenses=[LicenseExpression(" AND ".join(info["license"]))],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=checksum)],
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"sha256:{checksum}"))
    bom.metadata.timestamp = datetime.fromtimestamp(built, tz=timezone.utc)
    bom.metadata.component = collection
    for component in components:
        bom.components.add(component)
    for file in files:
        if file["ftype"] == "file":
            bom.components.add(
                Component(
                    type=ComponentType.FILE,
                    name=file["name"],
                    bom_ref=f"file:{file['name']}",
                    hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file["chksum_sha256"])],
                )
            )
    bom.register_dependency(collection, components)
    text: str = JsonV1Dot6(bom).output_as_string(indent=2)
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error:
        raise ValueError(f"the SBOM is not valid: {error}")
    return text


def main(folder: Path) -> None:
    """Write sbom.cdx.json into the folder of the artefact."""
    (artefact,) = folder.glob("*.tar.gz")
    (folder / "sbom.cdx.json").write_text(describe(artefact) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
