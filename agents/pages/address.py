"""The address of a list: what it asks for, checked, and the address of the same list changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Final, Self
from urllib.parse import urlencode

from hotline.casework import Order

LONGEST: Final = 60


@dataclass(frozen=True)
class ListAddress:
    """What a list of cases is asked for; what is asked wrongly is not asked.

    A kind of list adds its own filters as texts; what stands at its usual value is left out of
    the address.
    """

    path: ClassVar[str]
    tabs: ClassVar[Mapping[str, str]]
    """The worklists: code → words."""

    tab: str = ""
    text: str = ""
    state: str = ""
    place: str = ""
    assignee: str = ""
    order: str = Order.NEWEST

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """Read the address."""
        usual = cls()
        given = {field.name: query.get(field.name, "").strip()[:LONGEST] for field in fields(cls)}
        wanted = cls(**given)
        return replace(
            wanted,
            tab=wanted.tab if wanted.tab in cls.tabs else usual.tab,
            order=wanted.order if wanted.order in {o.value for o in Order} else Order.NEWEST,
        )

    def query(self, **changes: str) -> str:
        """Return the address of this list with some changes."""
        usual, values = type(self)(), {**self.__dict__, **changes}
        kept = {k: v for k, v in values.items() if v and v != getattr(usual, k, "")}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def one(value: str) -> tuple[str, ...]:
    """Return a filter's only value; none where nothing is asked."""
    return (value,) if value else ()
