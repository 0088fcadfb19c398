# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this doc fragment is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Document the options of the config file that is written; the argument spec is ``_apply.make_file_argument_spec()``."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  config_path:
    description:
      - Path of the file, C(config.json), that the Alibaba Cloud CLI and the official SDKs read. A symbolic link is
        followed.
      - If a user controls the path, root reads and writes the file with the rights of this user only. See R(the guide,
        ansible_collections.aliyun.cli.docsite.guide_config_file) for the rule.
      - Missing directories are created with mode V(0700), except a home, the directory above C(.aliyun).
      - The default is V(~/.aliyun/config.json) of the user who runs the module. Without a home it is required.
    type: path
  backup:
    description:
      - Whether to copy the file before it is changed. The copy is in the same directory, with the same protection.
    type: bool
    default: false
  update_secrets:
    description:
      - Whether to replace a secret that is already stored.
      - V(always) replaces it if it differs.
      - V(on_create) keeps it as long as the access key ID stays the same.
    type: str
    choices: [always, on_create]
    default: always
  owner:
    description:
      - Owner of the file and its new directories, by user name or ID.
      - Use it for a path that root controls, such as V(/etc/aliyun/config.json). In a path that a user controls, the
        file always belongs to this user, and another O(owner) is an error.
      - By default the file keeps its owner, and a new one belongs to the user who controls the path.
    type: str
  group:
    description:
      - Group of the file and its new directories, by name or ID, for example V(adm). The group gets no access, since
        only the owner can read the file.
      - If a user controls the path, this user must be a member of the group. If root controls the path, every group is
        possible.
      - By default the file keeps its group, unless a user writes it who has left this group. A new file belongs to the
        primary group of its owner.
    type: str
  lock_timeout:
    description:
      - Seconds to wait for another process that writes the file. V(0) does not wait.
    type: float
    default: 15
notes:
  - The file is replaced in one step, and only its owner can read it. Only one task of this collection at a time edits
    it. See R(the guide, ansible_collections.aliyun.cli.docsite.guide_config_file) for other programs that write the
    file. Keys that this collection does not know are left unchanged.
"""
