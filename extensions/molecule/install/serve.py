# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mirror of the CLI on this machine: ``serve.py FOLDER READY_FILE``.

It writes what it is asked for to ``requests`` in the folder, and ends by ``POST /_emulator/stop``, as the emulator does,
or after a quarter of an hour.
"""

from __future__ import annotations

import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    """Gives files, and can be told to stop."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        threading.Thread(target=self.server.shutdown).start()

    def log_message(self, format: str, *args: object) -> None:
        with open(Path(self.directory) / "requests", "a", encoding="utf-8") as file:
            file.write(f"{self.command} {self.path}\n")


def main() -> None:
    folder, ready_file = sys.argv[1:]
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        port = server.server_address[1]
        (Path(folder) / "requests").write_text("", encoding="utf-8")
        ready = {"http_port": port, "http_url": f"http://127.0.0.1:{port}"}
        Path(ready_file).write_text(json.dumps(ready), encoding="utf-8")
        limit = threading.Timer(900, server.shutdown)
        limit.daemon = True
        limit.start()
        server.serve_forever()


if __name__ == "__main__":
    main()
