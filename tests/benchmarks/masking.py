# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure time and memory for masking the output of a program, against one ``str.replace`` for each secret.

``python masking.py [MEGABYTES ...]``, 1, 10, and 100 by default, with the directory of ``ansible_collections`` on
``PYTHONPATH``. Each text is masked in a separate process.
"""

from __future__ import annotations

import base64
import hashlib
import resource
import string
import subprocess
import sys
import time
from collections.abc import Callable

from ansible_collections.aliyun.cli.plugins.module_utils._masking import Masking

SECRET = "aB3dE5fG7hJ9kL0mN2pQ4rS6tU8vW1"
TOKEN = base64.b64encode(hashlib.shake_128(b"token").digest(500)).decode()
CREDENTIALS = {"access_key_secret": SECRET, "security_token": TOKEN}
LINE = "2026-01-02 03:04:05 INFO request 4711 to ecs.cn-hangzhou.aliyuncs.com took 42 ms\n"
TEXTS: dict[str, str] = {
    "plain": LINE,
    "plain, with all letters": LINE * 20 + string.ascii_letters + string.digits + "+/\n",
    "plain, not Latin": LINE.replace("INFO", "信息"),
    "lines with the secret": LINE * 20 + SECRET + "\n",
    "lines with the token": LINE * 20 + TOKEN + "\n",
    "the token in URLs": LINE * 20 + TOKEN.replace("+", "%2B").replace("/", "%2F") + "\n",
    "wrapped base64 of the token": LINE * 20 + base64.encodebytes(TOKEN.encode()).decode(),
    "nothing but the secret": SECRET,
    "nothing but the token": TOKEN,
    "beginnings of the token": TOKEN[: len(TOKEN) // 2],
    "backslashes": "\\",
    "backslashes and letters": "\\" * 99 + "n",
    "backslashes and all letters": string.ascii_letters + string.digits + "+/" + "\\" * 9999 + "n",
    "percent signs": "%25",
    "line breaks": "\n",
    "base64": base64.encodebytes(bytes(range(256))).decode(),
}


def replaced(text: str) -> str:
    return text.replace(SECRET, "***").replace(TOKEN, "***")


def seconds(mask: Callable[[str], str], text: str) -> float:
    best = 1e9
    for _time in range(3):
        # The time of the process, which depends less on what else runs.
        begun = time.process_time()
        mask(text)
        best = min(best, time.process_time() - begun)
    return best


def measure(name: str, size: int) -> None:
    """Print one row: the time, its ratio, and the growth of the process without the text."""
    part = TEXTS[name]
    text = part * (size // len(part))
    masking = Masking(CREDENTIALS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    masking.mask_text(text)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    ours, theirs = seconds(masking.mask_text, text), seconds(replaced, text)
    print(
        f"{name:30} {size / 1e6:5.0f} MB {ours:8.3f} s {theirs:8.3f} s {ours / theirs:6.1f}"
        f" {1 + grown * 1024 / sys.getsizeof(text):5.1f}"
    )


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] in TEXTS:
        measure(sys.argv[1], int(sys.argv[2]))
        return
    print(f"{'text':30} {'size':>8} {'masked':>10} {'replaced':>10} {'ratio':>6} {'memory':>5}")
    for megabytes in map(int, sys.argv[1:] or ("1", "10", "100")):
        for name in TEXTS:
            subprocess.run([sys.executable, __file__, name, str(megabytes * 10**6)], check=True)


if __name__ == "__main__":
    main()
