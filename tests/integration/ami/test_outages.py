"""What the link does when the other side is slow, silent, gone or strange."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from hotline.ami import (
    ActionLostError,
    ActionTimeoutError,
    AuthenticationError,
    Link,
    LinkDownError,
    Mailbox,
    NotIdempotentError,
    Response,
    State,
    UnsafeValueError,
    actions,
    events,
)

from .conftest import QUICK, FakeAsterisk, Until

LOGGED_IN = """
< Asterisk Call Manager/11.0.0

> Action: Login

< Response: Success
< ActionID: {id}

< Event: FullyBooted
< Status: Fully Booted
"""


@pytest.fixture
async def link(fake: FakeAsterisk, mailbox: Mailbox) -> AsyncIterator[Link]:
    fake.script(LOGGED_IN)
    opened = Link(await fake.start(), on_event=mailbox, timings=QUICK)
    await opened.start(patience=2)
    yield opened
    await opened.close()


async def test_an_action_that_is_not_answered_ends_in_time(link: Link) -> None:
    with pytest.raises(ActionTimeoutError, match="Hangup"):
        await link.send(actions.Hangup("PJSIP/trunk-00000001"), within=0.1)
    assert link._protocol.responses == {}


async def test_a_late_answer_disturbs_nobody(
    link: Link, fake: FakeAsterisk, mailbox: Mailbox
) -> None:
    with pytest.raises(ActionTimeoutError):
        await link.send(actions.QueueStatus("fallback"), within=0.1)
    late = fake.received[-1]["ActionID"]
    await fake.say(f"Event: QueueMember\nQueue: fallback\nActionID: {late}\n\n")
    await fake.say("Event: Shutdown\nShutdown: Cleanly\nRestart: False\n\n")
    await asyncio.wait_for(_next(mailbox, events.Shutdown), 2)


async def _next(mailbox: Mailbox, kind: type[events.Event]) -> events.Event:
    while True:
        event = await mailbox.get()
        assert not isinstance(event, events.Raw), event
        if isinstance(event, kind):
            return event


async def test_a_half_open_link_is_noticed_and_made_anew(
    link: Link, fake: FakeAsterisk, until: Until
) -> None:
    await until(events.LinkUp)
    fake.answers_pings = False
    down = await until(events.LinkDown)
    assert "half-open" in down.reason
    fake.answers_pings = True
    assert (await until(events.LinkUp)).session >= 2


async def test_events_alone_keep_a_link_alive(
    link: Link, fake: FakeAsterisk, until: Until, mailbox: Mailbox
) -> None:
    await until(events.LinkUp)
    fake.answers_pings = False
    for _ in range(15):
        await fake.say("Event: Reload\nModule: All\n\n")
        await asyncio.sleep(QUICK.silence / 2)
    assert link.state is State.UP
    assert link.sessions == 1


async def test_a_cut_link_loses_the_action_under_way_and_never_repeats_it(
    link: Link, fake: FakeAsterisk, until: Until
) -> None:
    await until(events.LinkUp)
    redirect = actions.Redirect("PJSIP/trunk-00000001", "offer", "s")
    sent = asyncio.create_task(link.send(redirect))
    while "Redirect" not in fake.names():
        await fake.wakes.wait()
    await fake.drop()
    with pytest.raises(ActionLostError):
        await sent
    await until(events.LinkDown)
    await until(events.LinkUp)
    await asyncio.sleep(QUICK.silence * 3)
    assert fake.names().count("Redirect") == 1


async def test_without_a_link_an_action_fails_at_once(
    link: Link, fake: FakeAsterisk, until: Until
) -> None:
    await fake.stop()
    await until(events.LinkDown)
    with pytest.raises(LinkDownError):
        await link.send(actions.Redirect("PJSIP/trunk-00000001", "offer", "s"))


async def test_only_what_may_be_done_twice_may_wait_for_a_link(link: Link) -> None:
    with pytest.raises(NotIdempotentError, match="Originate"):
        await link.send(actions.Originate("PJSIP/lawyer1", "offer", "s"), wait=True)
    for kind in (actions.Redirect, actions.Originate, actions.Command, actions.Custom):
        assert not kind.idempotent


async def test_a_waiting_idempotent_action_goes_out_when_the_link_is_back(
    link: Link, fake: FakeAsterisk, until: Until, mailbox: Mailbox
) -> None:
    await until(events.LinkUp)
    address = link.address
    await fake.stop()
    await until(events.LinkDown)
    waiting = asyncio.create_task(
        link.send(actions.Setvar("HL_HEARTBEAT", "1"), wait=True, within=5)
    )
    fake.script(LOGGED_IN + "\n> Action: Setvar\n\n< Response: Success\n< ActionID: {id}\n")
    await fake.start(address.port)
    assert (await waiting)["Response"] == "Success"


async def test_a_wait_for_a_link_ends_too(link: Link, fake: FakeAsterisk, until: Until) -> None:
    await fake.stop()
    await until(events.LinkDown)
    with pytest.raises(LinkDownError):
        await link.send(actions.Setvar("HL_HEARTBEAT", "1"), wait=True, within=0.1)


@pytest.mark.parametrize("evil", ["x\r\nAction: Originate", "x\nSecret: y", "x\x00", "x\u2028y"])
async def test_a_value_that_would_be_a_second_action_is_never_sent(
    link: Link, fake: FakeAsterisk, evil: str
) -> None:
    before = len(fake.received)
    with pytest.raises(UnsafeValueError) as caught:
        await link.send(actions.Setvar("HL_NUMBER", evil))
    assert evil not in caught.value.message
    with pytest.raises(UnsafeValueError):
        await link.send(actions.Originate("PJSIP/a", "b", "c", variables={"HL_CALL": evil}))
    with pytest.raises(UnsafeValueError):
        await link.send(actions.Custom("Ping\r\nAction: Logoff", {}))
    assert [a for a in fake.received[before:] if a["Action"] != "Ping"] == []


async def test_a_secret_that_is_changed_under_us_is_told_and_tried_again(
    link: Link, fake: FakeAsterisk, until: Until
) -> None:
    await until(events.LinkUp)
    fake.play("wrong_secret")
    with capture_logs() as logged:
        await fake.drop()
        assert (await until(events.LinkDown)).reason
        while not isinstance(link.last_error, AuthenticationError):
            await asyncio.sleep(0.01)
    assert "hotline asterisk render" in logged[-1]["reason"]
    with pytest.raises(AuthenticationError):
        await link.send(actions.Ping())
    fake.script(LOGGED_IN)
    await until(events.LinkUp)


async def test_what_is_no_asterisk_is_told(fake: FakeAsterisk, mailbox: Mailbox) -> None:
    fake.script("< HTTP/1.1 400 Bad Request\n")
    link = Link(await fake.start(), on_event=mailbox, timings=QUICK)
    with pytest.raises(LinkDownError):
        await link.start(patience=0.5)


async def test_an_asterisk_that_is_still_booting_is_waited_for(
    fake: FakeAsterisk, mailbox: Mailbox
) -> None:
    fake.script(LOGGED_IN.partition("< Event")[0])
    link = Link(await fake.start(), on_event=mailbox, timings=QUICK)
    starting = asyncio.create_task(link.start(patience=2))
    while "Login" not in fake.names():
        await fake.wakes.wait()
    await fake.say("Event: Newchannel\nChannel: PJSIP/a-1\nUniqueid: 1.1\n\n")
    assert link.state is State.CONNECTING
    await fake.say("Event: FullyBooted\nStatus: Fully Booted\n\n")
    await starting
    # What happened before is read back, not told.
    assert [type(e) for e in mailbox._events] == [events.LinkUp, events.FullyBooted]
    await link.close()


async def test_a_handler_that_fails_doesnt_stop_the_events_after(fake: FakeAsterisk) -> None:
    seen: list[events.Event] = []

    def handler(event: events.Event) -> None:
        seen.append(event)
        if isinstance(event, events.Hangup):
            raise RuntimeError("a mistake in the house")  # noqa: TRY004 - any mistake will do

    fake.script(LOGGED_IN)
    link = Link(await fake.start(), on_event=handler, timings=QUICK)
    await link.start(patience=2)
    hangup = "Event: Hangup\nChannel: PJSIP/a-1\nUniqueid: 1.1\nCause: 16\n\n"
    await fake.say(hangup + "Event: Reload\nModule: All\n\n")
    while not any(isinstance(event, events.Raw) for event in seen):
        await asyncio.sleep(0.01)
    assert link.state is State.UP
    await link.close()


async def test_a_flood_without_an_end_of_message_is_cut_off(
    link: Link, fake: FakeAsterisk, until: Until
) -> None:
    await until(events.LinkUp)
    with contextlib.suppress(ConnectionError):
        await fake.say("Event: X\nField: " + "x" * 5_000_000)
    await until(events.LinkDown)


async def test_two_actions_at_once_get_their_own_answers(
    fake: FakeAsterisk, mailbox: Mailbox
) -> None:
    fake.script(
        LOGGED_IN + "\n> Action: Getvar\n> Variable: A\n\n> Action: Getvar\n> Variable: B\n"
    )
    link = Link(await fake.start(), on_event=mailbox, timings=QUICK)
    await link.start(patience=2)
    one = asyncio.create_task(link.send(actions.Getvar("A")))
    two = asyncio.create_task(link.send(actions.Getvar("B")))
    while fake.names().count("Getvar") < 2:
        await fake.wakes.wait()
    asked = [a for a in fake.received if a["Action"] == "Getvar"]
    for action in reversed(asked):
        await fake.say(
            f"Response: Success\nActionID: {action['ActionID']}\nValue: {action['Variable']}\n\n"
        )
    assert (await one)["Value"] == "A"
    assert (await two)["Value"] == "B"
    await link.close()


async def test_what_is_done_at_once_is_done_before_anything_newer(fake: FakeAsterisk) -> None:
    fake.script(LOGGED_IN + "\n> Action: Getvar\n> Variable: A\n")
    order: list[str] = []
    link = Link(await fake.start(), on_event=lambda e: order.append(type(e).__name__))
    await link.start(patience=2)
    order.clear()
    asked = asyncio.create_task(
        link.send(actions.Getvar("A"), at_once=lambda answer: order.append(answer["Value"]))
    )
    while "Getvar" not in fake.names():
        await fake.wakes.wait()
    action_id = fake.received[-1]["ActionID"]
    answer = f"Response: Success\nActionID: {action_id}\nValue: older\n\n"
    await fake.say(f"{answer}Event: Shutdown\nRestart: False\n\n")
    await asked
    assert order == ["older", "Shutdown"]
    await link.close()


async def test_what_fails_at_once_is_told_to_who_asked(fake: FakeAsterisk) -> None:
    fake.script(LOGGED_IN + "\n> Action: Ping\n\n< Response: Success\n< ActionID: {id}\n")
    link = Link(await fake.start(), on_event=lambda _: None, timings=QUICK)
    await link.start(patience=2)

    def fails(_: Response) -> None:
        raise ValueError("strange")

    with pytest.raises(ValueError, match="strange"):
        await link.send(actions.Ping(), at_once=fails)
    await link.close()


async def test_a_slow_reader_loses_events_and_is_told_how_many() -> None:
    from hotline.ami import Mailbox

    box = Mailbox(limit=3)
    for number in range(5):
        box(events.Shutdown(float(number), False))
    assert await box.get() == events.EventsLost(3.0, 3)
    assert await box.get() == events.Shutdown(3.0, False)
