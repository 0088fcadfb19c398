# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The options that say which file is written and how; the argument spec is ``_profile_edit.file_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  config_path:
    description:
      - Path of the file, C(config.json), that the Alibaba Cloud CLI and the official SDKs read. A symbolic link is
        followed.
      - Directories that are missing are made, and only their user can enter them. A home, the directory above
        C(.aliyun), is not.
      - The default is V(~/.aliyun/config.json) of the user who runs the module.
    type: path
  backup:
    description:
      - Whether to keep a copy of the file as it was, beside it and as tightly protected, when it is changed.
    type: bool
    default: false
  update_secrets:
    description:
      - Whether a secret that is already stored is replaced by the given one.
      - With V(always) it is replaced where it differs.
      - With V(on_create) it is kept as long as the access key ID stays the same.
    type: str
    choices: [always, on_create]
    default: always
  owner:
    description:
      - User, by name or ID, that the file shall belong to.
      - By default the file keeps its owner, and a new one belongs to the owner of its home.
    type: str
  group:
    description:
      - Group, by name or ID, that the file shall belong to, with the same default as O(owner).
    type: str
  lock_timeout:
    description:
      - Seconds to wait for another process that writes the file, from V(0).
    type: float
    default: 15
notes:
  - The file is locked as the official SDKs lock it, replaced at once, and readable by its owner only. Keys that this
    collection does not know stay as they are.
"""
