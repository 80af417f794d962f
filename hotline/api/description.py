"""The OpenAPI 3.1 description, made from the operations and their pydantic shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from hotline.api.errors import WORDS, Problem
from hotline.api.operations import PREFIX, Nothing, Operation
from hotline.api.pushed import PUSHES, Push
from hotline.settings import BureauSettings

VERSION = "1.0.0"
_REFERENCE = "#/components/schemas/{model}"
_KEY = "key"

_INTRODUCTION = """\
本接口供政务服务网、小程序和 12345 等热线对接。

- 目录、站点、问答和进度查询不需要密钥；提交、统计和工单交换需要密钥（`hotline api key add`）。
- 出错时返回 `error_id`（稳定，供程序判断）和中文说明；`errors` 逐项写明原因。
- 工单交换的请求要按 Standard Webhooks 签名；我们推送的消息用同样的办法签名。
"""


def describe(operations: Sequence[Operation], bureau: BureauSettings) -> dict[str, Any]:
    """Return the description as JSON values."""
    shapes: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for operation in operations:
        shapes.append((operation.answer, "serialization"))
        if operation.body is not None:
            shapes.append((operation.body, "validation"))
    for push in PUSHES:
        shapes += [(shape, "serialization") for shape in (push.body, push.answer) if shape]
    references, definitions = models_json_schema(
        list(dict.fromkeys(shapes)), ref_template=_REFERENCE
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = _operation(
            operation, references
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{bureau.name} {bureau.hotline_number} 公共法律服务开放接口",
            "version": VERSION,
            "description": _INTRODUCTION,
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(o.tag for o in operations)],
        "paths": paths,
        "webhooks": {push.name: {"post": _push(push, references)} for push in PUSHES},
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {
                _KEY: {"type": "http", "scheme": "bearer", "description": "接口密钥 hk_…"}
            },
        },
    }


def _operation(operation: Operation, references: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.words,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": {
            "200": {
                "description": "成功",
                "content": {
                    "application/json": {"schema": references[operation.answer, "serialization"]}
                },
            }
        }
        | {
            str(status): {
                "description": WORDS[status],
                "content": {
                    "application/problem+json": {"schema": references[Problem, "serialization"]}
                },
            }
            for status in operation.statuses
        },
    }
    if operation.body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": references[operation.body, "validation"]}},
        }
    if operation.scope is not None:
        found["security"] = [{_KEY: []}]
        found["x-scope"] = str(operation.scope)
    if operation.signed:
        found["x-signed"] = True
        found["parameters"] += _signature_parameters()
    return found


def _push(push: Push, references: Any) -> dict[str, Any]:
    answers: dict[str, Any] = {"description": "收到"}
    if push.answer is not None:
        shape = references[push.answer, "serialization"]
        answers["content"] = {"application/json": {"schema": shape}}
    return {
        "operationId": f"push_{push.name}",
        "summary": push.summary,
        "description": push.words,
        "parameters": _signature_parameters(),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": references[push.body, "serialization"]}},
        },
        "responses": {"2XX": answers},
    }


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": words,
            "schema": {"type": "string", "pattern": f"^{pattern}$"},
        }
        for name, (pattern, words) in operation.path_fields.items()
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is Nothing:
        return []
    schema = operation.query.model_json_schema()
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": shape.get("description", ""),
            "schema": {k: v for k, v in shape.items() if k not in {"title", "description"}},
        }
        for name, shape in schema["properties"].items()
    ]


def _signature_parameters() -> list[dict[str, Any]]:
    shapes = {
        "webhook-id": ("消息编号，同一条消息重发时不变", r"^[\x21-\x7e]{1,100}$"),
        "webhook-timestamp": ("签名时刻，1970 年以来的秒数", r"^[0-9]{1,14}$"),
        "webhook-signature": ("v1, 加上签名的 Base64", r"^v1,[A-Za-z0-9+/=]{1,100}$"),
    }
    return [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": words,
            "schema": {"type": "string", "pattern": pattern},
        }
        for name, (words, pattern) in shapes.items()
    ]
