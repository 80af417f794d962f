"""YAML files that a bureau edits: read with line numbers, checked by pydantic, refused by name.

A mistake is told as ``file:line: what is wrong (what is expected)``, so that an editor can jump
to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from hotline.errors import ConfigurationError

M = TypeVar("M", bound=BaseModel)

Place = tuple[str | int, ...]
"""Where in a document a value stands: keys and list positions from the root."""

_MESSAGES = {
    "missing": "缺少必填项",
    "extra_forbidden": "不认识的项，请检查拼写",
    "string_type": "应为文字",
    "string_pattern_mismatch": "写法不对，请照同类的项写",
    "string_too_short": "不能是空的",
    "too_short": "不能是空的",
    "literal_error": "不是允许的值",
    "greater_than_equal": "太小了",
    "less_than_equal": "太大了",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为“项: 值”的形式",
    "model_type": "应为“项: 值”的形式",
    "date_from_datetime_parsing": "应为日期，如 2026-10-01",
    "date_parsing": "应为日期，如 2026-10-01",
    "time_parsing": '应为时刻，如 "08:30"（要加引号）',
}


@dataclass(frozen=True)
class Problem:
    """One mistake in one file; ``line`` counts from 1."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ConfigFileError(ConfigurationError):
    """配置文件有误。"""

    error_id = "configuration-file"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)), problems=[str(p) for p in problems])


_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where the wheel brings it: ten times as quick, the same marks."""


class _UniqueKeyLoader(_FastLoader):  # type: ignore[misc]
    """Refuses a key given twice, which plain YAML silently lets win."""


def _construct_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"“{key}”写了两次", key_node.start_mark
            )
        seen.add(key)
    mapping: dict[Any, Any] = _FastLoader.construct_mapping(loader, node, deep=True)
    return mapping


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


@dataclass(frozen=True)
class Document:
    """A YAML file as plain values, with the line of each of them."""

    file: Path
    value: Any
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """Return the line of ``place``, or of the nearest thing around it that stands there."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, message: str) -> Problem:
        """Say ``message`` about the value at ``place``."""
        return Problem(self.file, self.line(place), message)

    def parse(self, model: type[M]) -> M:
        """Check against ``model``.

        Raises:
            ConfigFileError: every mistake, each with its line.
        """
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            raise ConfigFileError([self._explain(e) for e in error.errors()]) from error

    def _explain(self, error: ErrorDetails) -> Problem:
        place: Place = tuple(error["loc"])
        where = ".".join(str(part) for part in place) or "文件"
        message = message_of(error)
        given = error["input"]
        shown = f"，现为 {given!r}" if isinstance(given, str | int | float | bool) else ""
        return self.problem(place, f"{where}：{message}{shown}")


def message_of(error: ErrorDetails) -> str:
    """Say in Chinese what pydantic found wrong; our own checks speak for themselves."""
    if error["type"] in {"enum", "literal_error"} and "expected" in error.get("ctx", {}):
        allowed = str(error["ctx"]["expected"]).replace(" or ", "、").replace(", ", "、")
        return f"不是允许的值，可以写 {allowed}"
    return _MESSAGES.get(error["type"]) or error["msg"].removeprefix("Value error, ")


def _lines(node: yaml.Node, place: Place = ()) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            for found, line in _lines(value, inner):
                # A key's own line is where an editor should land, not the first line of a
                # block below it.
                yield found, key.start_mark.line + 1 if found == inner else line
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*place, position))


def read(file: Path) -> Document:
    """Read one YAML file.

    Raises:
        ConfigFileError: it is missing, not UTF-8, not YAML, or gives a key twice.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigFileError([Problem(file, 1, "找不到这个文件")]) from error
    except UnicodeDecodeError as error:
        raise ConfigFileError([Problem(file, 1, "文件不是 UTF-8 编码，请另存为 UTF-8")]) from error
    except OSError as error:
        raise ConfigFileError([Problem(file, 1, f"读不了这个文件：{error.strerror}")]) from error
    loader = _UniqueKeyLoader(text)
    try:
        node = loader.get_single_node()
        value = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        detail = getattr(error, "problem", None) or "格式有误"
        raise ConfigFileError([Problem(file, line, f"YAML 格式有误：{detail}")]) from error
    finally:
        loader.dispose()
    return Document(file, value, dict(_lines(node)) if node is not None else {(): 1})


def load(file: Path, model: type[M]) -> M:
    """Read and check one YAML file; see :func:`read` and :meth:`Document.parse`."""
    return read(file).parse(model)
