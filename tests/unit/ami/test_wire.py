import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ami import UnsafeValueError, wire

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
values = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=20)
messages = st.lists(
    st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z-]{0,9}", fullmatch=True), values, min_size=1),
    max_size=6,
)


@given(messages, st.data())
def test_messages_survive_any_cut_of_the_stream(
    sent: list[dict[str, str]], data: st.DataObject
) -> None:
    stream = GREETING + b"".join(
        b"".join(f"{k}: {v}\r\n".encode() for k, v in one.items()) + b"\r\n" for one in sent
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    framer = wire.Framer()
    received: list[dict[str, str]] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += [wire.parse(frame) for frame in framer.feed(stream[start:end])]
    assert received == sent
    assert framer.greeting == "Asterisk Call Manager/11.0.0"


def test_a_field_given_again_adds_a_line() -> None:
    fields = wire.parse("Event: Hangup\r\nChanVariable: A=1\r\nChanVariable: B=2\r\nCause: 16")
    assert fields == {"Event": "Hangup", "ChanVariable": "A=1\nB=2", "Cause": "16"}


def test_an_empty_value_and_a_value_with_colons_are_kept() -> None:
    assert wire.parse("A: \r\nB:\r\nC: sip:x@y: z\r\nnonsense") == {
        "A": "",
        "B": "",
        "C": "sip:x@y: z",
    }


def test_bytes_that_are_no_utf8_spoil_only_themselves() -> None:
    framer = wire.Framer()
    frames = framer.feed(GREETING + b"Event: X\r\nName: \xff\xfe\xe5\xbc\xa0\r\n\r\n")
    assert wire.parse(frames[0])["Name"].endswith("张")


def test_megabytes_without_an_end_are_refused() -> None:
    framer = wire.Framer()
    framer.feed(GREETING)
    with pytest.raises(wire.FrameTooLongError):
        framer.feed(b"x" * (5 * 1024 * 1024))


@pytest.mark.parametrize(
    "evil", ["a\r\nAction: Command", "a\n", "\r", "\x00", "\x1b[2J", "\u2028", "\x85", "\x7f"]
)
def test_a_line_break_in_a_value_is_refused(evil: str) -> None:
    with pytest.raises(UnsafeValueError) as caught:
        wire.check({"Value": evil})
    assert caught.value.details["field"] == "Value"
    with pytest.raises(UnsafeValueError):
        wire.check({"Variable": ["A=1", f"B={evil}"]})
    with pytest.raises(UnsafeValueError):
        wire.check({f"Value{evil}": "x"})


@given(values)
def test_ordinary_text_may_be_sent(value: str) -> None:
    wire.check({"Value": value})
