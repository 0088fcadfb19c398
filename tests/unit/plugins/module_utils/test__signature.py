# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the signer against the published and derived vectors."""

import json
import os

import pytest
from ansible_collections.aliyun.cli.plugins.module_utils import _signature

with open(
    os.path.join(os.path.dirname(__file__), "signature_vectors.json"), encoding="utf-8"
) as _file:
    VECTORS = json.load(_file)


def sign(vector, **changes):
    arguments = dict(
        method=vector["method"],
        path=vector["uri"],
        query=vector["query"],
        headers=vector["headers"],
        access_key_id=vector["access_key_id"],
        access_key_secret=vector["access_key_secret"],
    )
    arguments.update(changes)
    return _signature.make_authorization(**arguments)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_vector(vector):
    assert sign(vector) == vector["authorization"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_each_input_is_signed(vector):
    seen = {sign(vector)}
    for changes in [
        {"method": "GET"},
        {"path": "/x"},
        {"query": dict(vector["query"], Extra="")},
        {"access_key_secret": vector["access_key_secret"] + "x"},
    ]:
        seen.add(sign(vector, **changes))
    for name in vector["headers"]:
        seen.add(sign(vector, headers=dict(vector["headers"], **{name: "other"})))
    assert len(seen) == 5 + len(vector["headers"])


@pytest.mark.parametrize(
    "name, signed",
    [
        ("host", True),
        ("content-type", True),
        ("x-acs-security-token", True),
        ("accept", False),
        ("authorization", False),
        ("content-length", False),
        ("x-other", False),
    ],
)
def test_what_is_signed(name, signed):
    headers = dict(VECTORS[0]["headers"], **{name: "one"})
    other = dict(headers, **{name: "other"})
    assert _signature.is_signed(name) is signed
    assert (sign(VECTORS[0], headers=headers) != sign(VECTORS[0], headers=other)) is signed


def test_unsigned_headers_do_not_count():
    vector = VECTORS[0]
    assert sign(vector, headers=dict(vector["headers"], accept="x", **{"user-agent": "y"})) == sign(
        vector
    )


@pytest.mark.parametrize(
    "text, encoded",
    [
        ("aZ09-_.~", "aZ09-_.~"),
        (" ", "%20"),
        ("*", "%2A"),
        ("+/=:", "%2B%2F%3D%3A"),
        ("\u963f", "%E9%98%BF"),
    ],
)
def test_percent_encode(text, encoded):
    assert _signature.percent_encode(text) == encoded


def test_query_is_sorted_by_name():
    assert _signature.make_canonical_query({"b": "1", "a": " ", "B": ""}) == "B=&a=%20&b=1"
