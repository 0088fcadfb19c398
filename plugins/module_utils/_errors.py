# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""The one exception tree: every failure that a user can cause or meet, told in one sentence without secrets."""

from typing import Optional


class AliyunCliError(Exception):
    """Base of all errors of this collection. ``str(error)`` is a sentence for the user."""


class ConfigFileError(AliyunCliError):
    """config.json cannot be read, understood, locked or written. Nothing was changed."""


class NoHomeError(ConfigFileError):
    """Nobody named a config file, and the user has no home in which to look for it."""


class UserError(AliyunCliError):
    """A user does not exist, or this process cannot act as the user."""


class ProfileError(AliyunCliError):
    """A profile, a hop, or their references are not as the CLI and STS require."""


class MissingProfileError(ProfileError):
    """A profile that is named does not exist. Who has read the file says what there is instead."""


class SourceError(AliyunCliError):
    """A source gave no credentials."""


class AccessKeyError(AliyunCliError):
    """An access key in RAM cannot be created or changed as the options ask."""


class StsError(AliyunCliError):
    """STS refused a call, or could not be reached.

    ``code`` is the error code of STS, or a code of our own (``Connection``, ``Timeout``, ...) where no answer came;
    ``http_status`` and ``request_id`` are those of the answer, if there was one.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        http_status: Optional[int] = None,
        request_id: Optional[str] = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
