"""What goes wrong, told in Chinese with what to do, as a page or as JSON for our scripts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from aiohttp import web

from hotline.errors import (
    ConflictError,
    ForbiddenError,
    HotlineError,
    InvalidInputError,
    NotFoundError,
)
from hotline.store import DatabaseUnavailableError
from hotline.web.context import AUDIT, DATABASE, address_of, viewer_or_none
from hotline.web.templating import is_fragment, render
from hotline.web.translating import told

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NotSignedInError(HotlineError):
    """登录已过期，请重新登录。已填写的内容仍在页面上。"""

    error_id = "not-signed-in"


_STATUS: tuple[tuple[type[HotlineError], int], ...] = (
    (NotSignedInError, 401),
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (InvalidInputError, 422),
    (DatabaseUnavailableError, 503),
)

FOR_PROGRAMS = "/api/"
"""Addresses below this are called by programs: they are answered in JSON (RFC 9457), never HTML."""

_TITLES = {
    400: ("请求有误", "请返回上一页，刷新后再试。"),
    401: ("请先登录", "登录后会回到这里。"),
    403: ("没有权限", "如果工作需要，请联系管理员开通。这次尝试已记录。"),
    404: ("没有找到", "请检查地址，或从左侧导航重新进入。"),
    405: ("不支持这样访问", "请从页面上的按钮操作。"),
    409: ("内容已被别人改动", "请刷新页面，核对后再保存。"),
    413: ("内容太大", "单次最多提交 1 MB，请分开提交或删去多余内容。"),
    422: ("填写有误", "请返回上一页，按提示改正后再提交。"),
    500: ("系统出错了", "已记录这次错误。请稍后重试；仍不行时，把下面的编号告诉管理员。"),
    503: ("暂时无法服务", "通话不受影响。请稍后刷新；仍不行时请联系管理员。"),
}


@web.middleware
async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer that says what happened and what to do."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return await _answer(request, error.status, f"http-{error.status}", "")
    except HotlineError as error:
        status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
        if isinstance(error, ForbiddenError):
            await _note_refusal(request, error)
        if status == 500:
            log.exception("a page failed", path=request.path, error_id=error.error_id)
        return await _answer(request, status, error.error_id, error.message, error)
    except (ConnectionResetError, ConnectionAbortedError):
        raise
    except Exception:
        # The last line of defence: the reader gets a number, the log gets the trace.
        mark = secrets.token_hex(4)
        log.exception("a page failed", path=request.path, mark=mark)
        return await _answer(request, 500, "internal", f"编号 {mark}")


async def _note_refusal(request: web.Request, error: ForbiddenError) -> None:
    viewer = viewer_or_none(request)
    if viewer is None:
        return
    async with request.app[DATABASE].write() as session:
        request.app[AUDIT].record(
            session,
            viewer,
            "permission.refused",
            "path",
            request.path[:200],
            address=address_of(request),
            error=error.error_id,
        )


async def _answer(
    request: web.Request,
    status: int,
    error_id: str,
    message: str,
    error: HotlineError | None = None,
) -> web.Response:
    title, advice = _TITLES.get(status, _TITLES[500 if status >= 500 else 400])
    if request.path.startswith(FOR_PROGRAMS):
        # An address that no route knows never reaches the section that speaks to programs.
        problem = {"error_id": error_id, "message": message or f"{title}：{advice}", "errors": {}}
        return web.json_response(
            problem,
            status=status,
            content_type="application/problem+json",
            dumps=partial(json.dumps, ensure_ascii=False),
        )
    if is_fragment(request) or "application/json" in request.headers.get("Accept", ""):
        details = {k: v for k, v in (error.details if error else {}).items() if k == "field"}
        return web.json_response(
            {"error_id": error_id, "message": told(message or f"{title}：{advice}")} | details,
            status=status,
            dumps=partial(json.dumps, ensure_ascii=False),
        )
    values = {"title": title, "advice": advice, "message": message}
    response = render(request, "web/error.html", status=status, **values)
    response.headers["X-Error-Id"] = error_id
    return response
