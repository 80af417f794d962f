"""Recorded dialogues with Asterisk 22, played back whole and in pieces."""

from collections.abc import Callable

import pytest

from hotline.ami import (
    ActionFailedError,
    AuthenticationError,
    Link,
    LinkDownError,
    Mailbox,
    State,
    actions,
    events,
)

from .conftest import Connect, FakeAsterisk


@pytest.mark.parametrize("pieces", [65536, 7, 1])
async def test_a_list_is_whole_however_it_arrives(
    fake: FakeAsterisk, connect: Connect, pieces: int
) -> None:
    fake.pieces = pieces
    link = await connect("queue_status")
    answer = await link.send(actions.QueueStatus("fallback"))
    members = [row for row in answer.events if row["Event"] == "QueueMember"]
    assert answer.events[-1]["Event"] == "QueueStatusComplete"
    assert int(answer.events[-1]["ListItems"]) == len(answer.events) - 1
    assert {row["Location"] for row in members} >= {"PJSIP/lawyer1", "PJSIP/web1"}


async def test_channels_are_listed_with_our_variables(connect: Connect) -> None:
    link = await connect("show_channels")
    rows = (await link.send(actions.CoreShowChannels())).events
    assert [row["Event"] for row in rows] == ["CoreShowChannel", "CoreShowChannelsComplete"]
    assert rows[0]["ChanVariable"].splitlines() == ["HL_CALL=", "HL_OFFER="]


@pytest.mark.parametrize("pieces", [65536, 1])
async def test_chinese_survives_torn_segments(
    fake: FakeAsterisk, connect: Connect, pieces: int
) -> None:
    fake.pieces = pieces
    link = await connect("setvar_getvar")
    await link.send(actions.Setvar("HL_TEST", "张三丰"))
    assert (await link.send(actions.Getvar("HL_TEST")))["Value"] == "张三丰"
    assert fake.received[1]["Value"] == "张三丰"


async def test_adding_a_queue_member_is_answered(connect: Connect) -> None:
    link = await connect("queue_add")
    answer = await link.send(actions.QueueAdd("fallback", "Local/wait@from-trunk"))
    assert answer["Message"] == "Added interface to queue"


async def test_a_word_of_our_own_comes_back_among_the_events(
    connect: Connect, mailbox: Mailbox
) -> None:
    link = await connect("own_word")
    word = actions.Custom("UserEvent", {"UserEvent": "HLLaidOut", "Number": "5"})
    assert (await link.send(word))["Message"] == "Event Sent"
    while not isinstance(told := await mailbox.get(), events.UserEvent):
        pass
    assert (told.name, told.fields["Number"]) == ("HLLaidOut", "5")


async def test_a_refusal_is_an_error_with_asterisks_reason(connect: Connect) -> None:
    link = await connect("redirect_nobody")
    with pytest.raises(ActionFailedError) as caught:
        await link.send(actions.Redirect("PJSIP/nobody-00000001", "offer", "s"))
    assert caught.value.details["reason"] == "Channel does not exist: PJSIP/nobody-00000001"


async def test_a_console_command_gives_its_lines(connect: Connect) -> None:
    link = await connect("command")
    lines = (await link.send(actions.Command("core show uptime"))).lines
    assert len(lines) == 2
    assert lines[0].startswith("System uptime:")


async def test_an_answered_originate_tells_its_leg_and_everything_on_the_way(
    connect: Connect, mailbox: Mailbox
) -> None:
    link = await connect("originate")
    leg = actions.Originate("Local/wait@from-trunk/n", "elsewhere", "s", ring_seconds=3)
    ended = await link.originate(leg)
    assert ended.ok
    assert ended.reason == 4
    assert ended.uniqueid
    told = []
    while len(mailbox):
        told.append(await mailbox.get())
    kinds = [type(event) for event in told]
    assert kinds[:2] == [events.LinkUp, events.FullyBooted]
    assert kinds.index(events.DialBegin) < kinds.index(events.DialEnd)
    # The reader of events learns how it ended too, not only who asked.
    assert ended in told


async def test_a_failed_originate_is_an_answer_not_an_error(connect: Connect) -> None:
    link = await connect("originate_failed")
    leg = actions.Originate("PJSIP/lawyer7", "elsewhere", "s", ring_seconds=3)
    ended = await link.originate(leg)
    assert not ended.ok
    assert ended.uniqueid == ""


async def test_a_wrong_secret_is_told_at_once_and_by_name(
    fake: FakeAsterisk, mailbox: Mailbox
) -> None:
    fake.play("wrong_secret")
    link = Link(await fake.start(), on_event=mailbox)
    with pytest.raises(AuthenticationError, match="hotline"):
        await link.start(patience=5)
    assert link.state is State.CLOSED
    assert "secret" not in repr(link.address).replace("secret=", "")


async def test_nobody_there_is_told_with_the_address(
    free_port: Callable[[], int], mailbox: Mailbox
) -> None:
    from hotline.ami import Address

    port = free_port()
    link = Link(Address("127.0.0.1", port, "hotline", "secret"), on_event=mailbox)
    with pytest.raises(LinkDownError, match=str(port)):
        await link.start(patience=0.2)
