"""What may, must and must not be done: an answer's modal words against those of articles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from knowledge_base.claims.contexts import Sentence, Surroundings, governed_share, sentences
from knowledge_base.claims.petitions import petitions, refused
from knowledge_base.claims.polarity import Force, Modal, bare_predicates, modals
from knowledge_base.claims.sources import Source
from knowledge_base.claims.weighing import Claim, ClaimKind, weigh

_GOVERNED = 16
_SHORTEST = 2
_LEAST_GOVERNED = 0.3
_BARE_TALK = 8
"""需要承担违约责任 alone is like every article on it: it counts less."""


def polarity_claims(told: Sentence, source: Source, question: str) -> Iterator[Claim]:
    """Yield what the source says of each clause that affirms or denies something."""
    runs, asked_for = modals(told.text), petitions(told.text)
    for modal in [*runs, *bare_predicates(told.text, runs)]:
        if told.text[: modal.start].endswith(("否则", "是否")):
            continue
        bare = modal.start == modal.end
        end = _clause_end(told, modal.end + 1 if bare else modal.end)
        asked = _as_answered(question) if end - modal.end < _SHORTEST else None
        if asked:
            place, words = asked
            around = Surroundings.of(words, place, place)
            governed = words.text[place : place + _GOVERNED]
        elif end - modal.end >= _SHORTEST:
            around = Surroundings.of(told, modal.start, modal.end)
            governed = told.text[modal.end : end]
        else:
            continue
        alone = 0.6 if len(told.text) - len(governed) < _BARE_TALK and not asked else 1.0
        turned = bool(refused(asked_for, modal.start))
        rated = [
            (likeness * alone, agrees != turned, one)
            for likeness, agrees, one in _rated_modals(modal, governed, around, source)
        ]
        lean = weigh(rated, "polarity")
        if lean:
            yield Claim(
                ClaimKind.POLARITY,
                told.text[modal.start : end],
                told.origins[modal.start],
                told.origins[end - 1] + 1,
                *lean,
            )


def force_claims(told: Sentence, source: Source) -> Iterator[Claim]:
    """Yield where an answer tells a duty as a choice, or a choice as a duty (应当 and 可以).

    Only what contradicts is told: that both say 应当 is borne out by the polarity already.
    """
    for modal in modals(told.text):
        if modal.negative or modal.force is Force.BARE:
            continue
        end = _clause_end(told, modal.end)
        governed = told.text[modal.end : end]
        if len(governed) < _SHORTEST:
            continue
        around = Surroundings.of(told, modal.start, modal.end)
        lean = weigh(list(_rated_forces(modal, governed, around, source)), "force")
        if lean and lean[0] < 0:
            yield Claim(
                ClaimKind.FORCE,
                told.text[modal.start : end],
                told.origins[modal.start],
                told.origins[end - 1] + 1,
                *lean,
            )


def _rated_forces(
    modal: Modal, governed: str, around: Surroundings, source: Source
) -> Iterator[tuple[float, bool, Sentence]]:
    for one, runs, _ in source.modals:
        for run in runs:
            if run.negative or run.force is Force.BARE or supposed(one, run.start):
                continue
            same = governed_share(governed, one.text[run.end : _clause_end(one, run.end)])
            if same >= _LEAST_GOVERNED:
                likeness = around.likeness(Surroundings.of(one, run.start, run.end))
                yield likeness * (0.5 + 0.5 * same), run.force is modal.force, one


_SUPPOSING = ("如果", "若", "如", "假如", "假设", "即使", "倘若")
_ASKS = re.compile(
    r"能不能|可不可以|要不要|是不是|能否|可否|是否(?:应当|应该|可以|需要|有权|能够|要|能)?"
)
_ASKING = re.compile(r"(?:吗|呢|么|呀|怎么办|为什么|什么)+$")


def _as_answered(question: str) -> tuple[int, Sentence] | None:
    """Read a bare 可以 or 不能 as the question's own words; return where its predicate begins."""
    for one in sentences(question):
        match = _ASKS.search(one.text)
        runs = modals(one.text)
        place = match.end() if match else next((run.end for run in runs if not run.negative), None)
        if place is not None and len(_ASKING.sub("", one.text)) - place >= _SHORTEST:
            return place, one
    return None


def _clause_end(one: Sentence, start: int) -> int:
    """Return where the words that a modal governs end: with its clause, or after some words."""
    end = start
    limit = min(len(one.text), start + _GOVERNED)
    while end < limit and one.clauses[end] == one.clauses[start - 1]:
        end += 1
    return end


def _rated_modals(
    modal: Modal, governed: str, around: Surroundings, source: Source
) -> Iterator[tuple[float, bool, Sentence]]:
    head = governed[:2]
    for one, runs, asked_for in source.modals:
        for run in runs:
            same = governed_share(governed, one.text[run.end : _clause_end(one, run.end)])
            if same >= _LEAST_GOVERNED:
                likeness = around.likeness(Surroundings.of(one, run.start, run.end))
                force = _same_force(modal, run)
                negative = run.negative != bool(refused(asked_for, run.start))
                yield likeness * (0.5 + 0.5 * same) * force, negative == modal.negative, one
        for place in _places(one.text, head):
            over = _governing(one, runs, place)
            same = governed_share(governed, one.text[place : _clause_end(one, place + 1)])
            if same < _LEAST_GOVERNED or (over is not None and over.end == place):
                continue
            likeness = around.likeness(Surroundings.of(one, place, place)) * (0.5 + 0.5 * same)
            in_vain = refused(asked_for, place)
            if over is not None:
                negative = over.negative != bool(in_vain)
                yield likeness * _same_force(modal, over), negative == modal.negative, one
            elif in_vain is not None or not _in_condition(one, place):
                # 交由第三人完成的，应当…: what a condition names is neither demanded nor allowed.
                yield likeness, modal.negative == bool(in_vain), one


def _in_condition(one: Sentence, place: int) -> bool:
    """Whether the clause is a condition: it ends in 的, 时, 后 and another clause follows."""
    clause = one.clauses[place]
    last = max(i for i, number in enumerate(one.clauses) if number == clause)
    return last + 1 < len(one.text) and one.text[last] in "的时后"


def supposed(one: Sentence, place: int) -> bool:
    """Whether the clause only supposes what it says: 如果合同有效, 合同无效的."""
    begin = one.clauses.index(one.clauses[place])
    return one.text[begin:].startswith(_SUPPOSING) or _in_condition(one, place)


def _same_force(modal: Modal, run: Modal) -> float:
    same = modal.force is run.force or Force.BARE in (modal.force, run.force)
    return 1.0 if same else 0.95


def _places(text: str, words: str) -> Iterator[int]:
    position = text.find(words)
    while position >= 0:
        yield position
        position = text.find(words, position + 1)


def _governing(one: Sentence, runs: Sequence[Modal], place: int) -> Modal | None:
    """Return the modal that the words at ``place`` stand under, in the same clause."""
    under = [
        run
        for run in runs
        if run.end <= place
        and place - run.end <= _GOVERNED
        and one.clauses[run.end - 1] == one.clauses[place]
    ]
    return under[-1] if under else None
