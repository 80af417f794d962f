"""What an operation is: its address, what it takes and gives, who may call it.

A small list of our own instead of a framework: aiohttp-pydantic describes views by their class and
signature and brings a page from a CDN; forty lines here describe them by value, and the door of
:mod:`hotline.web` stays the only one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hotline.api.keys import Key, Scope
from hotline.api.signing import Signer
from hotline.public.face import Face

PREFIX = "/api/v1"

B = TypeVar("B", bound=BaseModel)


class Given(BaseModel):
    """What a program sends: unknown names are refused, nothing is bent to fit."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """What a program is told."""

    model_config = ConfigDict(frozen=True)


class Nothing(Given):
    """没有参数。"""


def _real_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("没有这一天，应如 2026-10-01") from error
    return text


Day = Annotated[
    str,
    Field(pattern=r"^20\d{2}-[01]\d-[0-3]\d$", json_schema_extra={"format": "date"}),
    AfterValidator(_real_day),
]
"""A day as text: pydantic's own would also take numbers for days."""


@dataclass(frozen=True)
class Api:
    """What operations work with."""

    face: Face
    signer: Signer


@dataclass(frozen=True)
class Asked(Generic[B]):
    """One request, checked."""

    api: Api
    now: datetime
    address: str
    path: Mapping[str, str]
    query: Any
    body: B
    key: Key | None
    message_id: str
    """Of a signed request."""
    about: list[str] = field(default_factory=list)
    """What the audit is to say that it was about; an operation adds to it."""

    @property
    def holder(self) -> Key:
        """The key; operations that ask for a scope have one."""
        if self.key is None:
            raise RuntimeError("an operation without a scope asked for its key")
        return self.key


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    name: str
    """``operationId``."""
    method: str
    path: str
    """Below :data:`PREFIX`."""
    tag: str
    summary: str
    words: str
    answer: type[BaseModel]
    handle: Callable[[Asked[Any]], Awaitable[BaseModel]]
    refuses: tuple[int, ...] = ()
    """Statuses of its own beside those that follow from its shape."""
    path_fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Name to (pattern, words)."""
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    scope: Scope | None = None
    signed: bool = False
    rate: str = "look"
    """How often an address without a key may call it; see :data:`hotline.public.limits.RATES`."""
    audited: bool = False

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every error that it may answer with."""
        found = {422, 429, 503, *self.refuses}
        if self.body is not None:
            found |= {400, 413, 415}
        if self.scope is not None:
            found |= {401, 403}
        if self.path_fields:
            found.add(404)
        return tuple(sorted(found))
