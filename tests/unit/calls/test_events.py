from __future__ import annotations

import pytest

from hotline.ami import events
from hotline.calls import events as said


def heard(name: str, **fields: str) -> said.Said | None:
    return said.read(events.UserEvent(1.0, name, None, fields))


@pytest.mark.parametrize(
    "number", ["<script>alert(1)</script>", "138\r\nAction: Hangup", "1" * 99, "anonymous", ""]
)
def test_a_number_that_is_none_counts_as_withheld(number: str) -> None:
    started = heard("HLCall", Call="17.1", Number=number, Dialled="12348")
    assert started == said.Started("17.1", "", "12348", "")


def test_a_number_is_kept_as_dialled() -> None:
    started = heard("HLCall", Call="17.1", Number="+8613800000001")
    assert isinstance(started, said.Started)
    assert started.number == "+8613800000001"


@pytest.mark.parametrize("call", ["", "17.1; DROP TABLE", "x" * 200, "17.1\n"])
def test_an_event_without_a_sound_call_is_no_event(call: str) -> None:
    assert heard("HLWaiting", Call=call, Since="1") is None


@pytest.mark.parametrize("file", ["../../etc/passwd", "/etc/passwd", ".hidden", "a b", "a/b"])
def test_a_message_cannot_name_a_file_elsewhere(file: str) -> None:
    assert heard("HLVoicemail", Call="17.1", File=file) == said.MessageLeft("17.1", "")


def test_answers_that_are_no_numbers_are_no_answers() -> None:
    assert heard("HLSurvey", Call="17.1", Question="satisfaction", Answer="9x") == said.Surveyed(
        "17.1", "satisfaction", None
    )
    assert heard("HLSurvey", Call="17.1", Question="solved", Answer="1") == said.Surveyed(
        "17.1", "solved", 1
    )


def test_others_events_are_not_ours() -> None:
    assert heard("Somebody", Call="17.1") is None
