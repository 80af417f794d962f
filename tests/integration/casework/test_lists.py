"""Lists: every filter, every page, nothing twice and nothing left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hotline.casework import Card, Case, CaseFilter, Desk, Order, count, find
from hotline.clock import ManualClock
from hotline.errors import InvalidInputError
from hotline.store import Database
from hotline.tickets.generated import NotEmptyError, Size, generate
from hotline.tickets.measuring import measure

pytestmark = pytest.mark.each_database

TICKETS = 400


@pytest.fixture
async def filled(database: Database, desk: Desk, clock: ManualClock) -> Database:
    size = Size(TICKETS, 40, places=5, people=4)
    assert await generate(database, desk.services, size, clock.now()) == TICKETS + 40
    return database


async def every(
    database: Database, wanted: CaseFilter, clock: ManualClock, order: Order
) -> list[Case]:
    found: list[Case] = []
    after = None
    while True:
        async with database.read() as session:
            page = await find(session, wanted, now=clock.now(), order=order, after=after, limit=7)
        found += page.cases
        after = page.after
        if after is None:
            return found


FILTERS: dict[str, tuple[CaseFilter, Callable[[Case], bool]]] = {
    "all": (CaseFilter(), lambda c: c.service == "ticket"),
    "services": (CaseFilter(services=("ticket", "legal_aid")), lambda c: bool(c.id)),
    "state": (CaseFilter(states=("archived",)), lambda c: c.state == "archived"),
    "topics": (
        CaseFilter(topics=("wages", "lending")),
        lambda c: c.topic in {"wages", "lending"},
    ),
    "place and person": (
        CaseFilter(places=("town00",), assignees=("person01",)),
        lambda c: c.place == "town00" and c.assignee_id == "person01",
    ),
    "open": (CaseFilter(open_only=True), lambda c: c.closed_at is None),
    "dissatisfied": (CaseFilter(satisfaction=3), lambda c: c.satisfaction == 3),
    "nobody's": (CaseFilter(unassigned=True), lambda c: c.assignee_id is None),
}


async def test_every_page_together_is_every_case(filled: Database, clock: ManualClock) -> None:
    everything = await every(filled, CaseFilter(services=()), clock, Order.OLDEST)
    assert len(everything) == TICKETS + 40
    for name, (wanted, holds) in FILTERS.items():
        services = set(wanted.services)
        expected = [c.id for c in everything if c.service in services and holds(c)]
        for order in (Order.OLDEST, Order.NEWEST):
            found = [c.id for c in await every(filled, wanted, clock, order)]
            assert found == (expected if order is Order.OLDEST else expected[::-1]), (name, order)
        async with filled.read() as session:
            assert await count(session, wanted, now=clock.now()) == len(expected), name


async def test_the_most_urgent_first_with_its_card(filled: Database, clock: ManualClock) -> None:
    now = clock.now()
    due = await every(filled, CaseFilter(), clock, Order.DUE)
    assert due
    assert [c.due_at for c in due] == sorted(c.due_at for c in due if c.due_at)
    red = await every(filled, CaseFilter(card=Card.RED), clock, Order.DUE)
    assert {c.id for c in red} == {c.id for c in due if c.red_at and c.red_at <= now}


async def test_days_are_bounded(filled: Database, clock: ManualClock) -> None:
    begin, end = clock.now() - timedelta(days=30), clock.now() - timedelta(days=10)
    found = await every(
        filled, CaseFilter(opened_from=begin, opened_until=end), clock, Order.NEWEST
    )
    assert found
    assert all(begin <= c.opened_at < end for c in found)


async def test_a_number_its_beginning_its_end_and_a_name_are_found(
    filled: Database, clock: ManualClock
) -> None:
    one = (await every(filled, CaseFilter(), clock, Order.NEWEST))[3]
    assert one.caller_number is not None
    assert one.caller_name is not None
    for text in (
        one.number,
        one.number[:8],
        one.caller_number,
        one.caller_number[:5],
        one.caller_number[-4:],
        one.caller_name,
        one.caller_name[:1],
    ):
        found = await every(filled, CaseFilter(text=f" {text} "), clock, Order.NEWEST)
        assert one.id in {c.id for c in found}, text
    assert await every(filled, CaseFilter(text="没有这个人"), clock, Order.NEWEST) == []
    for hostile in ("%", "_", "'; DROP TABLE cases; --", "\\"):
        assert await every(filled, CaseFilter(text=hostile), clock, Order.NEWEST) == []


async def test_what_cannot_be_asked_is_refused(filled: Database, clock: ManualClock) -> None:
    async with filled.read() as session:
        with pytest.raises(InvalidInputError, match="3 位"):
            await find(session, CaseFilter(text="13"), now=clock.now())
        newest = await find(session, CaseFilter(), now=clock.now(), limit=3)
        for mark in ("x", "W10", "bm90IGpzb24", newest.after):
            with pytest.raises(InvalidInputError, match="第一页"):
                await find(session, CaseFilter(), now=clock.now(), order=Order.DUE, after=mark)


async def test_a_filled_database_gets_no_made_up_tickets(
    filled: Database, desk: Desk, clock: ManualClock
) -> None:
    with pytest.raises(NotEmptyError):
        await generate(filled, desk.services, Size(10, 0), clock.now())


async def test_every_kind_of_list_is_measured(filled: Database, clock: ManualClock) -> None:
    figures = await measure(filled, clock, rounds=2)
    assert {"newest", "topic and place", "a ticket's page"} <= set(figures)
