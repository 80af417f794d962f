import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ami import events, values

HANGUP = """Event: Hangup
Privilege: call,all
Timestamp: 1795501142.425515
Channel: PJSIP/lawyer1-0000002a
ChannelState: 6
ChannelStateDesc: Up
CallerIDNum: 13800138000
CallerIDName: 张三丰
ConnectedLineNum: <unknown>
ConnectedLineName: <unknown>
Language: zh
AccountCode:\x20
Context: offer
Exten: s
Priority: 3
Uniqueid: 1795501142.13
Linkedid: 1795501142.1
ChanVariable: HL_CALL=1795501142.1
ChanVariable: HL_OFFER=77
Cause: 16
Cause-txt: Normal Clearing""".replace("\n", "\r\n")


def test_a_hangup_tells_leg_call_offer_and_cause() -> None:
    event = events.decode(HANGUP)
    assert isinstance(event, events.Hangup)
    assert event.at == 1795501142.425515
    assert event.cause == 16
    assert event.channel.endpoint == "PJSIP/lawyer1"
    assert event.channel.linkedid == "1795501142.1"
    assert event.channel.caller_name == "张三丰"
    assert event.channel.connected == ""
    assert event.channel.variables == {"HL_CALL": "1795501142.1", "HL_OFFER": "77"}


def test_an_event_without_a_class_passes_as_it_came() -> None:
    event = events.decode("Event: Reload\r\nModule: All\r\nTimestamp: 2.5")
    assert event == events.Raw(
        2.5, "Reload", {"Event": "Reload", "Module": "All", "Timestamp": "2.5"}
    )


def test_a_leg_that_cant_be_one_is_no_typed_event() -> None:
    assert isinstance(events.decode(HANGUP.replace("1795501142.13", "<script>")), events.Raw)
    assert isinstance(events.decode("Event: Hangup\r\nCause: 16"), events.Raw)


def test_a_user_event_gives_its_own_values_only() -> None:
    text = HANGUP.replace("Event: Hangup", "Event: UserEvent").replace(
        "Cause: 16\r\nCause-txt: Normal Clearing", "UserEvent: HLMenu\r\nCall: 1.2\r\nKey: 1"
    )
    event = events.decode(text)
    assert isinstance(event, events.UserEvent)
    assert event.name == "HLMenu"
    assert event.fields == {"Call": "1.2", "Key": "1"}


def test_a_dial_without_a_caller_is_a_call_back() -> None:
    text = HANGUP.replace("Event: Hangup", "Event: DialBegin")
    for name in ("Channel", "Uniqueid", "Linkedid", "CallerIDNum"):
        text = text.replace(f"\r\n{name}: ", f"\r\nDest{name}: ")
    event = events.decode(text)
    assert isinstance(event, events.DialBegin)
    assert event.caller is None
    assert event.called.endpoint == "PJSIP/lawyer1"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("13800138000", "13800138000"),
        ("+8657712348", "+8657712348"),
        ("<unknown>", ""),
        ("anonymous", ""),
        ("138\x0001", ""),
        ("<b>1</b>", ""),
        ("1" * 33, ""),
        ("１３８", ""),
        ("", ""),
    ],
)
def test_a_number_is_a_number_or_nothing(told: str, kept: str) -> None:
    assert values.number(told) == kept


@given(st.text())
def test_whatever_a_caller_is_called_no_control_character_gets_in(name: str) -> None:
    kept = values.text(name)
    assert len(kept) <= 200
    assert kept.isprintable()


@given(st.text())
def test_numbers_that_are_none_are_nought(text: str) -> None:
    assert isinstance(values.integer(text), int)
    assert 0.0 <= values.seconds(text) < 1e11


@given(st.text())
def test_no_message_breaks_the_reader(text: str) -> None:
    assert isinstance(events.decode(f"Event: {text}"), events.Event)
    assert isinstance(events.decode(f"{HANGUP}\r\n{text}"), events.Event)
