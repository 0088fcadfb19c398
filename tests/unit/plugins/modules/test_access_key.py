# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the module access_key without calls."""

import json
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.modules import access_key

SOURCE = {
    "mode": "StsToken",
    "access_key_id": "STS.NUEXAMPLE",
    "access_key_secret": "hidden-1",
    "sts_token": "hidden-2",
}


@pytest.mark.parametrize(
    "options, sentence",
    [
        ({"state": "inactive"}, "state is inactive but all of the following are missing"),
        ({"state": "absent"}, "state is absent but all of the following are missing"),
        ({"access_key_id": "LTAI5t", "secret_file": "/x"}, "mutually exclusive"),
        ({"profile": "a", "source": SOURCE}, "mutually exclusive"),
        ({"source": SOURCE}, "user_name is required: temporary credentials have no access keys"),
        (
            {"source": SOURCE, "user_name": "x", "ram_endpoint": "a b"},
            "ram_endpoint must be a host",
        ),
        (
            {"source": SOURCE, "user_name": "x", "ims_endpoint": "a b"},
            "ims_endpoint must be a host",
        ),
        ({"profile": "nobody"}, "the profile 'nobody' does not exist"),
    ],
)
def test_failures_show_no_secret(run: Any, options: Any, sentence: str) -> None:
    result = run(access_key.main, **options)
    assert result["failed"] and sentence in result["msg"]
    assert "hidden" not in json.dumps(result) + "".join(run.logged)
