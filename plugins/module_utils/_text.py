# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Make text from files, nodes, and servers safe for terminals, logs, and reports."""

import re
from typing import Any

# Maximum length of a message. Longer ones contain text from elsewhere.
MESSAGE_LENGTH = 4096
# Maximum length of a name in a message.
NAME_LENGTH = 64

_CUT = "..."
# C0, DEL, C1, line and paragraph separators, direction marks, invisible characters, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def escape(text: str, *, limit: int = MESSAGE_LENGTH, keep: str = "") -> str:
    """Return the text on one line of at most ``limit`` characters. Replace unsafe ones by escapes such as ``\\x1b``.

    Characters in ``keep`` are not replaced, for text of several lines.
    """
    # Cut a longer text first, so that it costs no more time than a short one.
    safe = _UNSAFE.sub(
        lambda found: found.group() if found.group() in keep else ascii(found.group())[1:-1],
        text[: limit + 1],
    )
    return safe if len(safe) <= limit else safe[: limit - len(_CUT)] + _CUT


def quote(name: str) -> str:
    """Return a name in single quotes for a message."""
    return "'{0}'".format(escape(name, limit=NAME_LENGTH))


def make_encodable(value: Any) -> Any:
    """Return a result with an escape for each lone surrogate. Since 2.19, ansible-core cannot read them."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            return re.sub("[\ud800-\udfff]", lambda found: ascii(found.group())[1:-1], value)
        return value
    if isinstance(value, dict):
        return {make_encodable(key): make_encodable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [make_encodable(item) for item in value]
    return value
