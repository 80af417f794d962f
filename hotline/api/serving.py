"""Operations behind the door: key, rate, shape, signature, audit, answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ValidationError

from hotline.api import keys
from hotline.api.errors import (
    MediaTypeError,
    MethodError,
    TooLargeError,
    UnreadableError,
    answer,
    dumps,
    status_of,
)
from hotline.api.operations import PREFIX, Api, Asked, Nothing, Operation
from hotline.api.tables import ApiAuditTable
from hotline.errors import ForbiddenError, HotlineError, InvalidInputError, NotFoundError
from hotline.public.limits import Rate
from hotline.web.context import address_of
from hotline.web.section import PageHandler

LARGEST = 1024 * 1024

_WORDS = {
    "missing": "必填",
    "extra_forbidden": "没有这一项",
    "string_pattern_mismatch": "格式不对",
    "string_type": "应为文字",
    "string_too_long": "太长",
    "string_too_short": "不能为空",
    "literal_error": "不是允许的值",
    "enum": "不是允许的值",
    "too_long": "太多",
    "bool_type": "应为 true 或 false",
    "int_type": "应为整数",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
}


def endpoint(operation: Operation, api: Api) -> PageHandler:
    """Return the handler of an operation."""

    async def serve(request: web.Request) -> web.StreamResponse:
        about: list[str] = []
        key: keys.Key | None = None
        try:
            key = await _key(operation, api, request)
            asked = await _asked(operation, api, request, key, about)
            told = await operation.handle(asked)
        except HotlineError as error:
            status = status_of(error)
            if status is None:
                raise
            entry = _entry(operation, request, key, about)
            await _audit(operation, api, entry | {"status": status, "error_id": error.error_id})
            return answer(error, status)
        await _audit(operation, api, _entry(operation, request, key, about) | {"status": 200})
        return web.json_response(told.model_dump(mode="json"), dumps=dumps)

    return serve


def elsewhere(operations: Sequence[Operation], api: Api) -> PageHandler:
    """Return the handler of addresses and methods that are no operation."""
    del api
    shapes = [(operation, operation.path.strip("/").split("/")) for operation in operations]

    async def serve(request: web.Request) -> web.StreamResponse:
        parts = request.path.removeprefix(PREFIX).strip("/").split("/")
        methods = sorted(
            {o.method for o, shape in shapes if _fits(shape, parts)}
            | ({"GET"} if parts in (["openapi.json"], ["docs"]) else set())
        )
        if methods and request.method not in methods:
            response = answer(MethodError(), 405)
            response.headers["Allow"] = ", ".join(methods)
            return response
        return answer(NotFoundError(f"没有这个接口，见 {PREFIX}/docs"), 404)

    return serve


def _fits(shape: Sequence[str], parts: Sequence[str]) -> bool:
    return len(shape) == len(parts) and all(
        wanted.startswith("{") or wanted == part for wanted, part in zip(shape, parts, strict=True)
    )


async def _key(operation: Operation, api: Api, request: web.Request) -> keys.Key | None:
    header = request.headers.get("Authorization")
    if operation.scope is None:
        # A key that is shown all the same counts by itself, not by its address.
        api.face.limiter.check(operation.rate, address_of(request))
        return None
    api.face.limiter.check("look", address_of(request))
    async with api.face.database.read() as session:
        key = await keys.known(session, header)
    api.face.limiter.check("key", key.id, Rate(key.per_minute, 60))
    if operation.scope not in key.scopes:
        raise ForbiddenError(f"密钥没有权限：{operation.scope.words}（{operation.scope}）")
    return key


async def _asked(
    operation: Operation,
    api: Api,
    request: web.Request,
    key: keys.Key | None,
    about: list[str],
) -> Asked[Any]:
    now = api.face.clock.now()
    query = _checked_query(operation.query, request)
    body: BaseModel = Nothing()
    message_id = ""
    if operation.body is not None:
        raw = await _raw(request)
        if operation.signed and key is not None:
            message_id = api.signer.verify(f"key:{key.id}", request.headers, raw, now)
        body = _checked_body(operation.body, raw)
    return Asked(
        api=api,
        now=now,
        address=address_of(request),
        path=dict(request.match_info),
        query=query,
        body=body,
        key=key,
        message_id=message_id,
        about=about,
    )


async def _raw(request: web.Request) -> bytes:
    if request.content_type != "application/json":
        raise MediaTypeError
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLargeError from error
    if len(raw) > LARGEST:
        raise TooLargeError
    return raw


def _checked_query(model: type[BaseModel], request: web.Request) -> BaseModel:
    twice = sorted(name for name in set(request.query) if len(request.query.getall(name)) > 1)
    if twice:
        raise InvalidInputError("参数重复", errors=dict.fromkeys(twice, "重复"))
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise _refusal(error) from error


def _checked_body(model: type[BaseModel], raw: bytes) -> BaseModel:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnreadableError from error
    try:
        return model.model_validate(content, strict=True)
    except ValidationError as error:
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> InvalidInputError:
    errors: dict[str, str] = {}
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in one["loc"]) or "body"
        own = one["msg"].removeprefix("Value error, ") if one["type"] == "value_error" else ""
        errors.setdefault(name[:200], own or _WORDS.get(one["type"], one["msg"]))
    told = "；".join(f"{name}：{why}" for name, why in list(errors.items())[:10])
    return InvalidInputError(f"填写有误。{told}", errors=errors)


def _entry(
    operation: Operation, request: web.Request, key: keys.Key | None, about: Sequence[str]
) -> dict[str, Any]:
    return {
        "key_id": key.id if key is not None else None,
        "address": address_of(request),
        "operation": operation.name,
        "subject": "、".join(about)[:200],
    }


async def _audit(operation: Operation, api: Api, entry: Mapping[str, Any]) -> None:
    if not operation.audited or entry["status"] in {429, 503}:
        return
    async with api.face.database.write() as session:
        session.add(ApiAuditTable(at=api.face.clock.now(), **entry))
