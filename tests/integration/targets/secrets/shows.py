# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program that prints its credentials in many ways. It ends after some seconds, with the status that it is given."""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import time
from urllib.parse import quote
from urllib.request import urlopen


def show(name: str, secret: str) -> None:
    """Print a secret in many forms."""
    print(name, secret, quote(secret, safe=""), json.dumps({"nested": json.dumps(secret)}))
    print(base64.b64encode(secret.encode()).decode())
    print(base64.encodebytes(b"x" * 50 + secret.encode()).decode())
    print(base64.urlsafe_b64encode(b"x:" + secret.encode()).decode(), file=sys.stderr)


def show_renewed(uri: str) -> None:
    """Print the credentials at a URI until they are renewed, and the renewed ones."""
    keys = set()
    deadline = time.monotonic() + 60
    while len(keys) < 2 and time.monotonic() < deadline:
        with urlopen(uri, timeout=60) as response:
            credentials = json.load(response)
        if credentials["AccessKeyId"] not in keys:
            keys.add(credentials["AccessKeyId"])
            for name, secret in credentials.items():
                show(name, secret)
        time.sleep(0.2)


for variable, value in os.environ.items():
    if variable.startswith(("ALIBABA", "ALICLOUD")):
        show(variable, value)
if os.environ.get("ALIBABA_CLOUD_CREDENTIALS_URI"):
    show_renewed(os.environ["ALIBABA_CLOUD_CREDENTIALS_URI"])
# Whoever watches the processes looks at them now.
with socket.create_connection(("127.0.0.1", int(os.environ["LEAKS_WATCH"])), timeout=60) as watch:
    watch.recv(1)
status, seconds = (sys.argv[1:] + ["0", "0"])[:2]
time.sleep(float(seconds))
sys.exit(int(status))
