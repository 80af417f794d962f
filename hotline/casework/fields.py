"""Form fields of a service and the check of what a person filled in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from hotline.casework.conditions import Condition, Part, is_filled
from hotline.clock import CHINA
from hotline.errors import InvalidInputError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A code in a service file."""

Words = Annotated[str, StringConstraints(min_length=1)]

OptionCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]

LONGEST = {"text": 200, "long_text": 10_000}
MOST_CHOICES = 100


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    CHOICES = "choices"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    DECIMAL = "decimal"
    """A number with at most two decimals, kept as text."""
    MONEY = "money"
    """Yuan with at most two decimals, kept as text so that no cent is lost."""
    DATE = "date"
    DATETIME = "datetime"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    """公民身份号码 (GB 11643-1999)."""
    CODE = "code"
    """The id of something that is listed elsewhere: a person, an organisation, a place."""


class Sensitivity(StrEnum):
    """How a field is guarded (个人信息保护法 28 names what is sensitive)."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class FormField(Part):
    """One field of a form."""

    name: Name
    label: str = Field(min_length=1)
    type: FieldType = FieldType.TEXT
    help: str = ""
    required: bool = False
    when: Condition | None = None
    """Asked, and required, only where this holds."""
    options: Mapping[OptionCode, str] = Field(default_factory=dict)
    """Code → words, for ``choice`` and ``choices``."""
    pattern: str | None = None
    pattern_help: str = ""
    longest: int | None = Field(default=None, ge=1, le=LONGEST["long_text"])
    least: float | None = None
    most: float | None = None
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    public: bool = False
    """Whether the public page asks for it."""
    ask: str = ""
    """How the public page asks, where the label is an office's word (案情)."""
    public_required: bool = False
    """Required of applicants alone: staff open cases with what they know."""
    opening: bool = True
    """Whether it is asked when the case is opened; others are asked by a transition."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        takes_options = self.type in {FieldType.CHOICE, FieldType.CHOICES}
        if takes_options != bool(self.options):
            raise ValueError("choice 与 choices 要写 options，其他类型不能写")
        if self.pattern is not None:
            try:
                re.compile(self.pattern)
            except re.error as error:
                raise ValueError(f"pattern 不是有效的正则表达式：{error}") from error
            if not self.pattern_help:
                raise ValueError("写了 pattern 就要用 pattern_help 告诉填表人应怎么填")
        return self

    def words(self, value: Any) -> str:
        """Return a value as a person reads it."""
        if not is_filled(value):
            return ""
        if isinstance(value, list | tuple):
            return "、".join(self.options.get(str(one), str(one)) for one in value)
        if isinstance(value, bool):
            return "是" if value else "否"
        if self.type is FieldType.DATETIME:
            return str(value)[:16].replace("T", " ")
        return self.options.get(str(value), str(value))


def asked(fields: Sequence[FormField], values: Mapping[str, Any]) -> list[FormField]:
    """Return the fields whose condition holds for ``values``."""
    return [f for f in fields if f.when is None or f.when.holds(values)]


def clean(
    fields: Sequence[FormField],
    given: Mapping[str, Any],
    known: Mapping[str, Any],
    required: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Check what was filled in and return the values to keep; ``None`` clears a field.

    Args:
        fields: what may be filled in.
        given: what was sent, as text or typed.
        known: what the case knows already.
        required: names that must be filled besides the fields' own ``required``.

    Raises:
        InvalidInputError: ``details["errors"]`` has a reason for each wrong field.
    """
    errors = dict.fromkeys(given.keys() - _names(fields), "这里没有这一项，请刷新页面后重填")
    found: dict[str, Any] = {}
    for field in fields:
        if field.name in given:
            try:
                found[field.name] = _value(field, given[field.name])
            except ValueError as error:
                errors[field.name] = str(error)
    after = {**known, **found}
    for field in fields:
        needed = field.required or field.name in required
        if field.when is not None and not field.when.holds(after):
            found.pop(field.name, None)
        elif needed and field.name not in errors and not is_filled(after.get(field.name)):
            errors[field.name] = f"请填写{field.label}"
    if errors:
        labels = {field.name: field.label for field in fields}
        told = "；".join(f"{labels.get(name, name)}：{why}" for name, why in errors.items())
        raise InvalidInputError(f"请改正后再提交。{told}", field=next(iter(errors)), errors=errors)
    return found


def _names(fields: Sequence[FormField]) -> set[str]:
    return {field.name for field in fields}


def _value(field: FormField, given: Any) -> Any:
    if isinstance(given, str):
        given = unicodedata.normalize("NFC", given).strip()
    if not is_filled(given):
        return None
    return _READERS[field.type](field, given)


def _text(field: FormField, given: Any) -> str:
    text = str(given)
    multi_line = field.type is FieldType.LONG_TEXT
    allowed = "\n\t" if multi_line else ""
    text = text.replace("\r\n", "\n")
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in text):
        raise ValueError("含有看不见的控制字符，请重新输入")
    longest = field.longest or LONGEST.get(field.type, LONGEST["text"])
    if len(text) > longest:
        raise ValueError(f"最多 {longest} 个字，现有 {len(text)} 个")
    if field.pattern is not None and not re.fullmatch(field.pattern, text):
        raise ValueError(field.pattern_help)
    return text


def _choice(field: FormField, given: Any) -> str:
    if not isinstance(given, str) or given not in field.options:
        raise ValueError(f"请从中选择：{'、'.join(field.options.values())}")
    return given


def _choices(field: FormField, given: Any) -> list[str]:
    several = given if isinstance(given, list | tuple) else [given]
    if len(several) > MOST_CHOICES:
        raise ValueError("选得太多了")
    return list(dict.fromkeys(_choice(field, one) for one in several))


def _boolean(field: FormField, given: Any) -> bool:
    del field
    if isinstance(given, bool):
        return given
    known = {"true": True, "on": True, "1": True, "yes": True, "是": True}
    known |= {"false": False, "off": False, "0": False, "no": False, "否": False}
    if (answer := known.get(str(given).lower())) is None:
        raise ValueError("请选择是或否")
    return answer


def _integer(field: FormField, given: Any) -> int:
    if isinstance(given, bool) or not re.fullmatch(r"[+-]?\d{1,12}", str(given), re.ASCII):
        raise ValueError("请填写整数")
    return int(_in_range(field, Decimal(str(given))))


def _decimal(field: FormField, given: Any) -> str:
    try:
        number = Decimal(str(given).replace(",", "").replace("，", ""))
    except InvalidOperation as error:
        raise ValueError("请填写数字，如 12000 或 3.5") from error
    if not number.is_finite() or abs(number) >= Decimal("1e13"):
        raise ValueError("数字过大，请核对")
    if number != number.quantize(Decimal("0.01")):
        raise ValueError("最多保留两位小数")
    if field.least is None and number < 0:
        raise ValueError("不能是负数")
    return str(_in_range(field, number).quantize(Decimal("0.01")))


def _in_range(field: FormField, number: Decimal) -> Decimal:
    if field.least is not None and number < Decimal(str(field.least)):
        raise ValueError(f"不能小于 {field.least:g}")
    if field.most is not None and number > Decimal(str(field.most)):
        raise ValueError(f"不能大于 {field.most:g}")
    return number


def _date(field: FormField, given: Any) -> str:
    del field
    if isinstance(given, datetime):
        given = given.astimezone(CHINA).date()
    try:
        found = given if isinstance(given, date) else date.fromisoformat(str(given))
    except ValueError as error:
        raise ValueError("请填写日期，如 2026-10-01") from error
    if not 1900 <= found.year <= 2200:
        raise ValueError("年份不对，请核对")
    return found.isoformat()


def _moment(field: FormField, given: Any) -> str:
    del field
    try:
        found = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    except ValueError as error:
        raise ValueError("请填写日期和时刻，如 2026-10-01 09:30") from error
    if not 1900 <= found.year <= 2200:
        raise ValueError("年份不对，请核对")
    return (found if found.tzinfo else found.replace(tzinfo=CHINA)).isoformat(timespec="minutes")


def _phone(field: FormField, given: Any) -> str:
    del field
    digits = re.sub(r"[\s()（）-]", "", str(given))
    if not re.fullmatch(r"\+?\d{5,20}", digits, re.ASCII):
        raise ValueError("请填写电话号码，如 13900001111 或 0830-1234567")
    return digits


def _id_number(field: FormField, given: Any) -> str:
    del field
    text = str(given).upper().replace(" ", "")
    wrong = "身份证号码有误，请逐位核对"
    if not re.fullmatch(r"\d{17}[\dX]", text, re.ASCII):
        raise ValueError("身份证号码应为 18 位")
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], weights, strict=True))
    if "10X98765432"[total % 11] != text[17]:
        raise ValueError(wrong)
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError as error:
        raise ValueError(wrong) from error
    return text


def _code(field: FormField, given: Any) -> str:
    del field
    if not re.fullmatch(r"[\w.:-]{1,80}", str(given)):
        raise ValueError("请从列表中选择")
    return str(given)


_READERS = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.CHOICE: _choice,
    FieldType.CHOICES: _choices,
    FieldType.BOOLEAN: _boolean,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.MONEY: _decimal,
    FieldType.DATE: _date,
    FieldType.DATETIME: _moment,
    FieldType.PHONE: _phone,
    FieldType.ID_NUMBER: _id_number,
    FieldType.CODE: _code,
}
