"""What goes wrong, as programs read it: a stable id, words for people, the field it is about.

The shape follows RFC 9457 (problem details), with our ``error_id`` beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from aiohttp import web
from pydantic import BaseModel, Field

from hotline.errors import (
    ConflictError,
    ForbiddenError,
    HotlineError,
    InvalidInputError,
    NotFoundError,
)
from hotline.public.limits import TooManyError
from hotline.store import DatabaseUnavailableError

dumps = partial(json.dumps, ensure_ascii=False)


class Problem(BaseModel):
    """错误。"""

    error_id: str = Field(description="稳定的错误代码，程序按它判断", examples=["invalid-input"])
    message: str = Field(description="给人看的说明：哪里不对、怎么办")
    errors: dict[str, str] = Field(
        default_factory=dict, description="逐项的原因：字段名 → 说明；不是表单错误时为空"
    )


class UnauthorizedError(HotlineError):
    """需要有效的接口密钥：Authorization: Bearer 密钥。"""

    error_id = "key-required"


class SignatureError(HotlineError):
    """签名不对或已过期：请按接口说明用密钥对应的签名密钥重新签名。"""

    error_id = "signature"


class UnreadableError(HotlineError):
    """请求内容读不了：应为 UTF-8 的 JSON。"""

    error_id = "unreadable"


class MethodError(HotlineError):
    """这个地址不支持这种方法。"""

    error_id = "method"


class TooLargeError(HotlineError):
    """请求内容太大，最多 1 MB。"""

    error_id = "too-large"


class MediaTypeError(HotlineError):
    """请求内容应为 application/json。"""

    error_id = "media-type"


STATUS: tuple[tuple[type[HotlineError], int], ...] = (
    (UnreadableError, 400),
    (UnauthorizedError, 401),
    (SignatureError, 401),
    (ForbiddenError, 403),
    (NotFoundError, 404),
    (MethodError, 405),
    (ConflictError, 409),
    (TooLargeError, 413),
    (MediaTypeError, 415),
    (InvalidInputError, 422),
    (TooManyError, 429),
    (DatabaseUnavailableError, 503),
)

WORDS: Mapping[int, str] = {
    400: "请求内容读不了",
    401: "没有密钥、密钥无效，或签名不对",
    403: "密钥没有这项权限",
    404: "没有找到",
    409: "与已有的内容冲突",
    413: "内容太大",
    415: "内容类型不对",
    422: "填写有误",
    429: "过于频繁",
    503: "暂时无法服务",
}


def status_of(error: HotlineError) -> int | None:
    """Return the HTTP status of an error; ``None``: it is ours, not the caller's."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), None)


def answer(error: HotlineError, status: int) -> web.Response:
    """Return an error as programs read it."""
    reasons: Any = error.details.get("errors")
    problem = Problem(
        error_id=error.error_id,
        message=error.message,
        errors={str(k): str(v) for k, v in reasons.items()} if isinstance(reasons, Mapping) else {},
    )
    response = web.json_response(
        problem.model_dump(), status=status, dumps=dumps, content_type="application/problem+json"
    )
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="hotline"'
    return response
