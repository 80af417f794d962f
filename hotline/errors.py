"""Errors that a person reads: each has a stable id and a Chinese message that says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class HotlineError(Exception):
    """出错了。

    Subclasses set ``error_id`` (stable; logs, the API and tests match on it). Their docstring's
    first line is the default message. ``details`` carries values for programs, never secrets.
    """

    error_id: ClassVar[str] = "error"

    def __init__(self, message: str | None = None, /, **details: Any) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details: Mapping[str, Any] = details
        super().__init__(self.message)


class ConfigurationError(HotlineError):
    """配置有误，请按提示修改后重试。"""

    error_id = "configuration"


class NotFoundError(HotlineError):
    """没有找到所要的内容。"""

    error_id = "not-found"


class ConflictError(HotlineError):
    """别人刚刚改动过，请刷新后再试。"""

    error_id = "conflict"


class ForbiddenError(HotlineError):
    """您没有做这件事的权限。"""

    error_id = "forbidden"


class InvalidInputError(HotlineError):
    """填写的内容有误。

    ``field`` in ``details`` names the form field, where there is one.
    """

    error_id = "invalid-input"
