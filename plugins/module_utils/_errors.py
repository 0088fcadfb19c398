# Copyright (c) 2026, the aliyun.cli contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Exceptions for all failures that a user can cause or meet. Each message is one sentence without secrets."""

from typing import Optional


class AliyunCliError(Exception):
    """Base of all errors of this collection. ``str(error)`` is a sentence for the user."""


class ConfigFileError(AliyunCliError):
    """config.json cannot be read, understood, locked or written. Nothing was changed."""


class NoHomeError(ConfigFileError):
    """No config file was named, and the user has no home directory with a default one."""


class UserError(AliyunCliError):
    """A user does not exist, or this process cannot act as the user."""


class ProfileError(AliyunCliError):
    """A profile, a hop, or a reference between them is not valid for the CLI or STS."""


class MissingProfileError(ProfileError):
    """A named profile does not exist. The caller that has read the file adds the names that exist."""


class SourceError(AliyunCliError):
    """A source returned no credentials."""


class AccessKeyError(AliyunCliError):
    """An access key in RAM cannot be created or changed according to the options."""


class StsError(AliyunCliError):
    """STS refused a call, or could not be reached.

    ``code`` is the error code of STS. Without a response, it is a code of this collection (``Connection``, ``Timeout``,
    ...). ``http_status`` and ``request_id`` are those of the response, if one was received.
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
