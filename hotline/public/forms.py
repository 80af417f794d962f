"""Forms made from a service's fields: what is shown, what was typed, what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from multidict import MultiDictProxy

from hotline.casework.conditions import Condition
from hotline.casework.definition import Service
from hotline.casework.fields import FieldType, FormField, Sensitivity
from hotline.errors import InvalidInputError

Options = Sequence[tuple[str, str]]

CONTACT: Final = FormField(
    name="phone",
    label="联系电话",
    type=FieldType.PHONE,
    help="答复会打这个电话或发短信；可以不填，凭编号和查询码在网上看",
    sensitivity=Sensitivity.PERSONAL,
    public=True,
)
"""Asked by forms of services that have no telephone field of their own."""

_INPUTS: Mapping[FieldType, Mapping[str, str]] = {
    FieldType.DATE: {"type": "date", "min": "1900-01-01", "max": "2200-12-31"},
    FieldType.DATETIME: {"type": "datetime-local"},
    FieldType.PHONE: {"type": "tel", "autocomplete": "tel", "maxlength": "30"},
    FieldType.INTEGER: {"type": "text", "inputmode": "numeric", "maxlength": "13"},
    FieldType.DECIMAL: {"type": "text", "inputmode": "decimal", "maxlength": "20"},
    FieldType.MONEY: {"type": "text", "inputmode": "decimal", "maxlength": "20"},
    FieldType.ID_NUMBER: {
        "type": "text",
        "autocomplete": "off",
        "autocapitalize": "characters",
        "maxlength": "20",
    },
}
_COMPLETE = {"caller_name": "name"}
_HELP = {
    FieldType.MONEY: "单位：元",
    FieldType.ID_NUMBER: "18 位公民身份号码",
}


@dataclass(frozen=True)
class Control:
    """One field as the page shows it."""

    field: FormField
    kind: str
    """``input``, ``lines``, ``select``, ``radio``, ``checks`` or ``box``."""
    value: Any
    attributes: Mapping[str, str]
    options: Options
    help: str
    problem: str
    condition: str
    """When it is asked, in words; empty: always."""
    rule: str
    """The same as JSON, for the script that hides what isn't asked."""

    @property
    def rest(self) -> dict[str, str]:
        """The attributes without the type, for who writes that apart."""
        return {name: value for name, value in self.attributes.items() if name != "type"}

    @property
    def chosen(self) -> frozenset[str]:
        """The options that are chosen."""
        several = isinstance(self.value, list | tuple)
        return frozenset(map(str, self.value)) if several else frozenset({str(self.value)})


@dataclass(frozen=True)
class Lists:
    """What fields of type ``code`` choose from."""

    topics: Options = ()
    places: Options = ()
    organisations: Options = ()
    people: Options = ()
    """The last two are for staff; the public chooses neither."""

    def of(self, name: str) -> Options:
        """Return the options of a field by its name."""
        if name.endswith(("assignee_id", "person")):
            return self.people
        if name.endswith("organisation_id"):
            return self.organisations
        return {"topic": self.topics, "place": self.places}.get(name, ())


def opening_fields(service: Service) -> list[FormField]:
    """Return the fields that an applicant fills in to open a case, in words for applicants."""
    return [
        f.model_copy(
            update={"label": f.ask or f.label, "required": f.required or f.public_required}
        )
        for f in service.fields
        if f.opening and f.public
    ]


def has_contact(fields: Sequence[FormField]) -> bool:
    """Whether the form asks for a telephone number itself."""
    return any(field.name == CONTACT.name for field in fields)


def with_contact(fields: Sequence[FormField]) -> list[FormField]:
    """Return the fields with one for the telephone after the name, where they have none."""
    if has_contact(fields):
        return list(fields)
    found = list(fields)
    place = next((i + 1 for i, f in enumerate(found) if f.name == "caller_name"), len(found))
    found.insert(place, CONTACT)
    return found


def controls(
    fields: Sequence[FormField],
    typed: Mapping[str, Any],
    problems: Mapping[str, str],
    lists: Lists,
    required: frozenset[str] = frozenset(),
) -> list[Control]:
    """Return the form as the page shows it, with what was typed and what is wrong."""
    by_name = {field.name: field for field in fields}
    return [
        _control(
            replace_required(field, field.required or field.name in required),
            typed.get(field.name, ""),
            problems.get(field.name, ""),
            lists,
            by_name,
        )
        for field in fields
    ]


def replace_required(field: FormField, required: bool) -> FormField:
    """Return the field, asked for or not."""
    return field if field.required == required else field.model_copy(update={"required": required})


def read(
    fields: Sequence[FormField], form: MultiDictProxy[Any] | Mapping[str, Any]
) -> dict[str, Any]:
    """Return what was typed for these fields; anything else in the form is ignored."""
    found: dict[str, Any] = {}
    for field in fields:
        if field.type is FieldType.CHOICES and isinstance(form, MultiDictProxy):
            found[field.name] = [v for v in form.getall(field.name, []) if isinstance(v, str)]
        elif field.name in form:
            value = form[field.name]
            found[field.name] = value if isinstance(value, str) else ""
    return found


def problems_of(error: InvalidInputError) -> dict[str, str]:
    """Return the reasons by field of a form that was refused."""
    reasons = error.details.get("errors")
    if isinstance(reasons, Mapping):
        return {str(name): str(reason) for name, reason in reasons.items()}
    return {"": error.message}


def check_lists(
    fields: Sequence[FormField], typed: Mapping[str, Any], lists: Lists
) -> dict[str, str]:
    """Return what is wrong with values that must stand in a list."""
    found = {}
    for field in fields:
        value, options = typed.get(field.name), lists.of(field.name)
        listed = field.type is FieldType.CODE and value and options
        if listed and value not in {code for code, _ in options}:
            found[field.name] = "请从列表中选择"
    return found


def _control(
    field: FormField, value: Any, problem: str, lists: Lists, by_name: Mapping[str, FormField]
) -> Control:
    options: Options = tuple(field.options.items())
    kind, attributes = "input", dict(_INPUTS.get(field.type, {"type": "text"}))
    if field.type is FieldType.CODE:
        options = lists.of(field.name)
        kind = "select" if options else "input"
    elif field.type is FieldType.CHOICE:
        kind = "radio" if len(options) <= 5 else "select"
    elif field.type is FieldType.CHOICES:
        kind = "checks"
    elif field.type is FieldType.BOOLEAN:
        kind = "box"
    elif field.type is FieldType.LONG_TEXT:
        kind, attributes = "lines", {"maxlength": str(field.longest or 10_000)}
    elif field.type is FieldType.TEXT:
        attributes |= {"maxlength": str(field.longest or 200)}
    if complete := _COMPLETE.get(field.name):
        attributes["autocomplete"] = complete
    return Control(
        field=field,
        kind=kind,
        value=value,
        attributes=attributes,
        options=options,
        help=field.help or _HELP.get(field.type, ""),
        problem=problem,
        condition=condition_words(field.when, by_name) if field.when else "",
        rule=json.dumps(_rule(field.when), ensure_ascii=False) if field.when else "",
    )


def _rule(condition: Condition) -> Any:
    return condition.model_dump(mode="json", by_alias=True, exclude_none=True)


def condition_words(condition: Condition, by_name: Mapping[str, FormField]) -> str:
    """Return when a field is asked, as a sentence for who fills in the form without a script."""
    joined = ((condition.all_, "，且"), (condition.any_, "，或者"))
    for parts, word in joined:
        if parts is not None:
            return word.join(condition_words(part, by_name) for part in parts)
    if condition.not_ is not None:
        return f"不属于（{condition_words(condition.not_, by_name)}）"
    field = by_name.get(condition.field or "")
    label = field.label if field is not None else condition.field or ""
    return f"“{label}”{_comparison(condition, field)}"


def _comparison(condition: Condition, field: FormField | None) -> str:
    values = condition.in_ if condition.in_ is not None else (condition.is_,)
    if condition.in_ is not None or condition.is_ is not None:
        if field is not None and field.type is FieldType.BOOLEAN:
            return "已勾选" if values[0] else "没有勾选"
        said = "、".join(field.words(str(v)) if field is not None else str(v) for v in values)
        return f"选“{said}”"
    if condition.filled is not None:
        return "已填写" if condition.filled else "没有填写"
    if condition.at_least is not None:
        return f"不小于 {condition.at_least:g}"
    return f"小于 {condition.below:g}"
