#!/usr/bin/python
# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Return facts with the names of variables that set options, as a hostile managed node could do."""

import json

if __name__ == "__main__":
    facts = {"aliyun_cli_hops": [{"ram_role_arn": "acs:ram::1300000000000003:role/target"}]}
    print(json.dumps({"changed": False, "ansible_facts": facts}))
