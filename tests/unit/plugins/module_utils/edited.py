# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Put a file into a home, let a module edit it, and read it again."""

import os
from typing import Any, Dict

from ansible_collections.aliyun.cli.plugins.module_utils._config_file import go_json as _go_json
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import apply as _apply
from ansible_collections.aliyun.cli.plugins.module_utils._profiles import profiles as _profiles

DEFAULTS = {
    name: option.get("default") for name, option in _apply.make_file_argument_spec().items()
}
KEY = {"access_key_id": "LTAI5tEXAMPLE", "access_key_secret": "do-not-show"}
AK = dict({"name": "a", "mode": "AK"}, region_id="cn-hangzhou", **KEY)


def write(path: str, *profiles: Dict[str, Any], **more: Any) -> bytes:
    """Write a file as the CLI does and return what it holds."""
    document = {"current": "a", "profiles": list(profiles), "meta_path": ""}
    content = _go_json.dump(dict(document, **more))
    os.makedirs(os.path.dirname(path), 0o700)
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    return content


def read(path: str) -> bytes:
    """Return the content of the file."""
    with open(path, "rb") as file:
        return file.read()


def put(
    path: str, check_mode: bool = False, creates: bool = True, **options: Any
) -> Dict[str, Any]:
    """Put a profile through an edit."""

    def change(document: Dict[str, Any]) -> Dict[str, Any]:
        _profiles.put(document, [options] if options else [])
        return {"more": sorted(options)}

    params = dict(DEFAULTS, config_path=path)
    return _apply.apply(params, change, check_mode=check_mode, creates=creates)
