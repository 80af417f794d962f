"""What a person fills in is kept clean or refused with the field, the reason and the way out."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hotline.casework.conditions import Condition
from hotline.casework.fields import FieldType, FormField, clean
from hotline.errors import InvalidInputError


def field(kind: FieldType, **more: Any) -> FormField:
    if kind in {FieldType.CHOICE, FieldType.CHOICES}:
        more.setdefault("options", {"a": "甲", "b": "乙"})
    return FormField(name="x", label="某项", type=kind, **more)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (FieldType.TEXT, "  张三 ", "张三"),
        (FieldType.LONG_TEXT, "一\r\n二", "一\n二"),
        (FieldType.CHOICE, "a", "a"),
        (FieldType.CHOICES, ["b", "a", "b"], ["b", "a"]),
        (FieldType.CHOICES, "a", ["a"]),
        (FieldType.BOOLEAN, "on", True),
        (FieldType.BOOLEAN, "否", False),
        (FieldType.INTEGER, "12", 12),
        (FieldType.MONEY, "12,000.5", "12000.50"),
        (FieldType.DECIMAL, "3.5", "3.50"),
        (FieldType.DATE, "2026-10-01", "2026-10-01"),
        (FieldType.DATETIME, "2026-10-01 09:30", "2026-10-01T09:30+08:00"),
        (FieldType.PHONE, "0830-123 4567", "08301234567"),
        (FieldType.ID_NUMBER, "11010519491231002x", "11010519491231002X"),
        (FieldType.CODE, "chengguan", "chengguan"),
        (FieldType.TEXT, "", None),
    ],
)
def test_what_is_right_is_kept(kind: FieldType, given: Any, kept: Any) -> None:
    assert clean([field(kind)], {"x": given}, {}) == {"x": kept}


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (FieldType.TEXT, "a\x00b", "控制字符"),
        (FieldType.TEXT, "两\n行", "控制字符"),
        (FieldType.TEXT, "字" * 201, "最多 200 个字"),
        (FieldType.CHOICE, "c", "甲、乙"),
        (FieldType.BOOLEAN, "maybe", "是或否"),
        (FieldType.INTEGER, "1.5", "整数"),
        (FieldType.INTEGER, "１２", "整数"),
        (FieldType.MONEY, "NaN", "数字"),
        (FieldType.MONEY, "1.234", "两位小数"),
        (FieldType.MONEY, "-1", "负数"),
        (FieldType.DATE, "2026-02-30", "日期"),
        (FieldType.DATE, "0026-02-03", "年份"),
        (FieldType.DATETIME, "今天", "时刻"),
        (FieldType.PHONE, "<script>", "电话"),
        (FieldType.ID_NUMBER, "110105194912310021", "逐位核对"),
        (FieldType.CODE, "a b", "列表"),
    ],
)
def test_what_is_wrong_is_refused_with_a_reason(kind: FieldType, given: Any, why: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        clean([field(kind)], {"x": given}, {})
    assert why in refused.value.details["errors"]["x"]
    assert refused.value.details["field"] == "x"


def test_every_mistake_is_told_at_once() -> None:
    fields = [
        FormField(name="who", label="姓名", required=True),
        FormField(name="when", label="日期", type=FieldType.DATE),
    ]
    with pytest.raises(InvalidInputError) as refused:
        clean(fields, {"when": "x", "colour": "red"}, {})
    assert set(refused.value.details["errors"]) == {"who", "when", "colour"}


def test_a_field_is_asked_only_where_its_condition_holds() -> None:
    fields = [
        FormField(name="kind", label="类型", type=FieldType.CHOICE, options={"a": "甲", "b": "乙"}),
        FormField(name="extra", label="补充", required=True, when=Condition(field="kind", is_="b")),
    ]
    assert clean(fields, {"kind": "a", "extra": "x"}, {}) == {"kind": "a"}
    with pytest.raises(InvalidInputError, match="请填写补充"):
        clean(fields, {"kind": "b"}, {})
    assert clean(fields, {"kind": "b"}, {"extra": "早已填过"}) == {"kind": "b"}


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ({"field": "a", "is": "x"}, {"a": "x"}, True),
        ({"field": "a", "is": True}, {"a": 1}, False),
        ({"field": "a", "is": True}, {"a": True}, True),
        ({"field": "a", "in": ["x", "y"]}, {"a": ["z", "y"]}, True),
        ({"field": "a", "filled": False}, {}, True),
        ({"field": "a", "filled": True}, {"a": False}, True),
        ({"field": "a", "at_least": 3}, {"a": "3.00"}, True),
        ({"field": "a", "below": 3}, {}, False),
        ({"not": {"field": "a", "is": "x"}}, {}, True),
        ({"all": [{"field": "a", "is": "x"}, {"field": "b", "is": "y"}]}, {"a": "x"}, False),
        ({"any": [{"field": "a", "is": "x"}, {"field": "b", "is": "y"}]}, {"a": "x"}, True),
    ],
)
def test_conditions(condition: dict[str, Any], values: dict[str, Any], holds: bool) -> None:
    assert Condition.model_validate(condition).holds(values) is holds


@pytest.mark.parametrize(
    "wrong", [{}, {"field": "a"}, {"field": "a", "is": 1, "filled": True}, {"is": 1}, {"all": []}]
)
def test_a_condition_asks_exactly_one_thing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Condition.model_validate(wrong)
