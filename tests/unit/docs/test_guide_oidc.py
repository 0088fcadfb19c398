# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test that the trust policies of the guide accept the jobs that it describes, and no others.

The integration target ``guides`` runs the examples that belong to them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils._credentials import chain as _chain
from ansible_collections.aliyun.cli.plugins.module_utils._credentials.resolver import Resolver
from ansible_collections.aliyun.cli.plugins.module_utils._errors import StsError
from ansible_collections.aliyun.cli.plugins.module_utils._http import Http
from ansible_collections.aliyun.cli.tests.emulator import Emulator
from ansible_collections.aliyun.cli.tests.unit.emulated.world import LIMITS

GUIDE = Path(__file__).parents[3] / "docs" / "docsite" / "rst" / "guide_sources.rst"
TRUST = re.compile(
    r"^\.\. trust acs:ram::1000000000000001:role/(\S+)\n\n\.\. code-block:: json\n\n((?:    .*\n|\n)+)",
    re.MULTILINE,
)
AUDIENCES = ["sts.aliyuncs.com", "another"]
CONTROLLER = "workload_type:aap_controller_automation_job:organization:Default:job_template:"
ACCEPTED = [
    ("gitlab", "project_path:example/app:ref_type:branch:ref:main"),
    ("controller", CONTROLLER + "Deploy"),
    ("github", "repo:example/app:ref:refs/heads/main"),
    ("github", "repo:example/app:environment:production"),
]
REFUSED = [
    ("gitlab", "project_path:example/app:ref_type:branch:ref:other"),
    ("gitlab", "project_path:example/other:ref_type:branch:ref:main"),
    ("controller", CONTROLLER + "Other"),
    ("github", "repo:example/application:ref:refs/heads/main"),
    ("github", "repo:other/app:ref:refs/heads/main"),
]


@pytest.fixture(name="emulator", scope="module")
def fixture_emulator() -> Iterator[Emulator]:
    """Yield an emulator with the roles of the guide, whose providers have two client IDs."""
    roles = {
        name: {"trust": json.loads(policy)}
        for name, policy in TRUST.findall(GUIDE.read_text(encoding="utf-8"))
    }
    providers = {
        name: {"issuer": f"https://{name}.example", "client_ids": AUDIENCES} for name in roles
    }
    account = {"roles": roles, "oidc_providers": providers}
    with Emulator({"accounts": {"1000000000000001": account}}) as emulator:
        yield emulator


def assume(emulator: Emulator, platform: str, **token: Any) -> str:
    """Return the ARN of the session that a token of the platform gives. Raise StsError."""
    provider = f"acs:ram::1000000000000001:oidc-provider/{platform}"
    source = {
        "mode": "OIDC",
        "oidc_provider_arn": provider,
        "oidc_token": emulator.oidc_token(provider=provider, **token),
        "ram_role_arn": f"acs:ram::1000000000000001:role/{platform}",
        "sts_endpoint": emulator.http_url,
    }
    chain = _chain.name_sessions(_chain.from_source(source), "job")
    with Http(limits=LIMITS) as http:
        return Resolver(http, environ={}).resolve(chain).assumed_role_arn


def test_every_policy_is_tested() -> None:
    names = sorted(name for name, _policy in TRUST.findall(GUIDE.read_text(encoding="utf-8")))
    assert names == sorted({platform for platform, _subject in ACCEPTED})
    assert names == sorted({platform for platform, _subject in REFUSED})


@pytest.mark.parametrize(("platform", "subject"), ACCEPTED)
def test_job_of_the_guide_is_accepted(emulator: Emulator, platform: str, subject: str) -> None:
    arn = assume(emulator, platform, subject=subject, audience=AUDIENCES[0])
    assert arn == f"acs:ram::1000000000000001:role/{platform}/job"


@pytest.mark.parametrize(
    ("platform", "subject", "audience"),
    [(*job, AUDIENCES[0]) for job in REFUSED] + [(*job, AUDIENCES[1]) for job in ACCEPTED],
)
def test_other_jobs_are_refused(
    emulator: Emulator, platform: str, subject: str, audience: str
) -> None:
    with pytest.raises(StsError) as caught:
        assume(emulator, platform, subject=subject, audience=audience)
    assert caught.value.code in ("AuthenticationFail.NoPermission", "NoPermission")
