"""Parsers and writers of speech, with whatever comes."""

from __future__ import annotations

import struct
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from hotline.voice.numerals import read_figures, read_number
from transcripts.audio import AudioError, parse
from transcripts.evaluation import edits
from transcripts.normalise import figures, normalise, pieces
from transcripts.numerals import NUMERALS, whole
from transcripts.recognisers import Segment, Word
from transcripts.turns import merge

TALK = st.text(
    alphabet=NUMERALS + "幺点半多第条款天年月日号元块钱百分之倍个公司我的起了", max_size=24
)


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_read_aloud_is_understood(value: int) -> None:
    assert whole(read_number(value)) == value


@given(TALK)
def test_normalising_changes_figures_only(text: str) -> None:
    found = figures(text)
    edges = [edge for figure in found for edge in (figure.start, figure.end)]
    assert edges == sorted(edges)
    written, position = "", 0
    for figure in found:
        written += text[position : figure.start] + figure.text
        position = figure.end
    assert normalise(text) == written + text[position:]


@given(TALK)
def test_what_is_normal_stays(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.lists(TALK.filter(bool), min_size=1, max_size=8))
def test_pieces_are_the_text_in_order_and_keep_the_time(texts: list[str]) -> None:
    words = [Word(text, float(i), i + 0.9, 0.5) for i, text in enumerate(texts)]
    made = pieces(words)
    assert "".join(piece.said for piece in made) == "".join(texts)
    assert "".join(piece.text for piece in made) == normalise("".join(texts))
    edges = [edge for piece in made for edge in (piece.start, piece.end)]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (words[0].start, words[-1].end)


@given(st.binary(max_size=120))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(AudioError):
        for audio in parse(content):
            assert len(audio.samples)


@given(
    st.tuples(
        st.integers(0, 0xFFFF),
        st.integers(0, 0xFFFF),
        st.integers(0, 0xFFFFFFFF),
        st.integers(0, 0xFFFF),
    ),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=40),
)
def test_any_header_is_read_or_refused(
    header: tuple[int, int, int, int], size: int, data: bytes
) -> None:
    code, channels, rate, bits = header
    format_ = struct.pack("<IHHIIHH", 16, code, channels, rate, 0, 0, bits)
    content = b"RIFF\0\0\0\0WAVEfmt " + format_ + b"data" + struct.pack("<I", size) + data
    with suppress(AudioError):
        parse(content)


@given(st.text(alphabet="0123456789,.%-元天年abc零", max_size=16))
def test_any_text_can_be_read_aloud_without_figures_left(text: str) -> None:
    assert not any(character in "0123456789" for character in read_figures(text))


@given(st.text(max_size=8), st.text(max_size=8))
def test_edits_are_a_distance(left: str, right: str) -> None:
    assert edits(left, right) == edits(right, left)
    assert (edits(left, right) == 0) == (left == right)
    assert edits(left, right) <= max(len(left), len(right))


SEGMENTS = st.lists(
    st.tuples(st.floats(0, 100), st.floats(0.1, 5), st.sampled_from(("您好", "两年", "一万")))
)


@given(SEGMENTS, SEGMENTS)
def test_no_word_is_lost_between_legs_and_turns(
    caller: list[tuple[float, float, str]], agent: list[tuple[float, float, str]]
) -> None:
    def segments(leg: list[tuple[float, float, str]]) -> list[Segment]:
        return [Segment.of((Word(text, at, at + long, None),)) for at, long, text in sorted(leg)]

    turns = merge(segments(caller), segments(agent))
    for leg, spoken in (("caller", caller), ("agent", agent)):
        heard = "".join(turn.said for turn in turns if turn.leg == leg)
        assert heard == "".join(text for _, _, text in sorted(spoken))
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
