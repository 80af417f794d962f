"""Holds an answer's claims against the texts of articles: quantities, polarity, parties.

Each claim is compared with the place of the source whose surroundings are most like its own. Where
no place is like it, nothing is said about the claim: the source does not decide it.
"""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.claims.contexts import (
    Sentence,
    Surroundings,
    governed_share,
    held,
    sentences,
)
from knowledge_base.claims.listed import announced
from knowledge_base.claims.opposites import choices
from knowledge_base.claims.petitions import petitions, refused
from knowledge_base.claims.polarity import Force, Modal, bare_predicates, modals
from knowledge_base.claims.quantities import Quantity
from knowledge_base.claims.roles import opposed, roles, same_party
from knowledge_base.claims.sources import Source, placed_quantities

_LEAST_LIKE = {"quantity": 0.12, "polarity": 0.28, "party": 0.38, "choice": 0.35, "list": 0.4}
_LEAST_LIKE_AGAINST = {"polarity": 0.33}
"""Where what contradicts must be liker than what bears out."""
_LEAST_LEAD = 0.04
_BY_COUNT = 0.3
_BY_WORD = 0.4
"""That an answer has a word of the article bears it out less than the opposite refutes it."""
_LEAST_AGAINST = {"polarity": 0.25, "choice": 0.15}
_LEAST_AGAINST_ONE_PARTY = 0.1
"""A weaker contradiction than this is mostly another case of the same article: nothing is said."""
_GOVERNED = 16
_SHORTEST = 2
_SINKS = 0.7
_LEAST_GOVERNED = 0.3
_OTHER_CONDITION = 0.2
_BARE_TALK = 8
"""需要承担违约责任 alone is like every article on it: it counts less."""
_LEAST_LIKE_EXCEPTED = 0.65
"""A source with exceptions (…的除外) decides only what is nearly its own words."""
_EXCEPTED = re.compile(r"除外|除.{1,30}外|例外")


class ClaimKind(enum.StrEnum):
    """What a claim is about."""

    QUANTITY = "quantity"
    POLARITY = "polarity"
    PARTY = "party"
    CITATION = "citation"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of an answer and how a source bears on it.

    Attributes:
        lean: -1 … 1; above 0 the source bears it out, below 0 it says otherwise.
        start: where the claim stands in the answer.
        source: the words of the source that decided it.
    """

    kind: ClaimKind
    text: str
    start: int
    end: int
    lean: float
    source: str


def check_claims(answer: str, source: Source, question: str = "") -> list[Claim]:
    """Return the claims of ``answer`` that the source decides.

    Args:
        answer: what was said or written.
        source: the articles.
        question: what a bare yes or no refers to.
    """
    told = sentences(answer)
    claims = [*_quantity_claims(answer, told, source), *_count_claims(answer, told, source)]
    for position, one in enumerate(told):
        own = list(_polarity_claims(one, source, question if position == 0 else ""))
        claims += _under_one_condition(one, own)
        claims += _swapped_or_plain(list(_party_claims(one, source)))
        claims += _choice_claims(one, source)
    return sorted(claims, key=lambda claim: claim.start)


def _under_one_condition(told: Sentence, claims: Sequence[Claim]) -> list[Claim]:
    """Drop what a source says of the opposite condition: 已登记的，可以… and 未登记的，不得… ."""
    kept = list(claims)
    last = told.clauses[-1]
    for claim in claims:
        place = told.place(claim.start)
        conditional = place is not None and told.clauses[place] < last
        if conditional and claim.lean < -_OTHER_CONDITION:
            kept = [one for one in kept if one is claim or one.source != claim.source]
    return kept


def _quantity_claims(answer: str, told: Sequence[Sentence], source: Source) -> Iterator[Claim]:
    for quantity, around, _ in placed_quantities(answer, told):
        rated = [
            (around.likeness(other), _same_value(quantity, value), one)
            for value, other, one in source.quantities
            if value.comparable(quantity)
        ]
        lean = _lean(rated, "quantity")
        if lean:
            yield Claim(ClaimKind.QUANTITY, quantity.text, quantity.start, quantity.end, *lean)


def _count_claims(answer: str, told: Sequence[Sentence], source: Source) -> Iterator[Claim]:
    """Hold 有下列三种情形 against what the answer then lists, or against the article's list."""
    for count in announced(answer):
        listed, words = count.listed, "所列各项"
        if listed is None:
            one = next((one for one in told if one.place(count.start) is not None), None)
            if one is None:
                continue
            heads = [(held(one.grams, head.grams), items, head) for head, items in source.lists]
            likeness, listed, head = max(heads, key=lambda h: h[0], default=(0.0, 0, one))
            if likeness < _LEAST_LIKE["list"]:
                continue
            words = head.text
        lean = _BY_COUNT if listed == count.number else -_BY_COUNT
        yield Claim(
            ClaimKind.QUANTITY, answer[count.start : count.end], count.start, count.end, lean, words
        )


def _same_value(told: Quantity, value: Quantity) -> bool:
    # 三年以上 and 三年以下 name the same number and opposite sides of it.
    return value.agrees(told) and told.bound * value.bound >= 0


def _lean(rated: Sequence[tuple[float, bool, Sentence]], kind: str) -> tuple[float, str] | None:
    """Weigh the likest place that agrees against the likest that does not."""
    least = _LEAST_LIKE[kind]
    agree = max((one for one in rated if one[1]), key=lambda one: one[0], default=None)
    differ = max((one for one in rated if not one[1]), key=lambda one: one[0], default=None)
    with_, against = agree[0] if agree else 0.0, differ[0] if differ else 0.0
    best = max(with_, against)
    winner = agree if with_ > against else differ
    if winner is None or best < least or abs(with_ - against) < _LEAST_LEAD:
        return None
    if against > with_ and (
        best < _LEAST_LIKE_AGAINST.get(kind, least)
        or against - with_ < _LEAST_AGAINST.get(kind, 0.0)
    ):
        return None
    if best < _LEAST_LIKE_EXCEPTED and _EXCEPTED.search(winner[2].text):
        return None
    return with_ - against, winner[2].text


def _polarity_claims(told: Sentence, source: Source, question: str) -> Iterator[Claim]:
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
        lean = _lean(rated, "polarity")
        if lean:
            yield Claim(
                ClaimKind.POLARITY,
                told.text[modal.start : end],
                told.origins[modal.start],
                told.origins[end - 1] + 1,
                *lean,
            )


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


def _supposed(one: Sentence, place: int) -> bool:
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


def _party_claims(told: Sentence, source: Source) -> Iterator[Claim]:
    for role in roles(told.text):
        around = Surroundings.of(told, role.start, role.end)
        rated = [
            (around.likeness(other), same_party(role.name, name), one)
            for name, other, one in source.parties
            if same_party(role.name, name) or opposed(role.name, name)
        ]
        lean = _lean(rated, "party")
        if lean:
            yield Claim(
                ClaimKind.PARTY,
                role.name,
                told.origins[role.start],
                told.origins[role.end - 1] + 1,
                *lean,
            )


def _swapped_or_plain(claims: Sequence[Claim]) -> list[Claim]:
    """Drop a weak contradiction that stands alone: two in one sentence are parties exchanged."""
    against = sum(claim.lean < 0 for claim in claims)
    if against > 1:
        return list(claims)
    return [one for one in claims if one.lean > 0 or one.lean <= -_LEAST_AGAINST_ONE_PARTY]


def _choice_claims(told: Sentence, source: Source) -> Iterator[Claim]:
    for word in choices(told.text):
        if _supposed(told, word.start):
            continue
        around = Surroundings.of(told, word.start, word.end)
        rated = [
            (around.likeness(other), word.side == one.side, sentence)
            for one, other, sentence in source.choices
            if one.choice == word.choice
        ]
        found = _lean(rated, "choice")
        if found:
            lean, words = found
            yield Claim(
                ClaimKind.POLARITY,
                word.name,
                told.origins[word.start],
                told.origins[word.end - 1] + 1,
                lean if lean < 0 else lean * _BY_WORD,
                words,
            )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the sources bear an answer out.

    Attributes:
        score: 0 … 1; 0.5 where nothing was decided.
        claims: what was decided.
    """

    score: float
    claims: tuple[Claim, ...]


def rate(claims: Sequence[Claim]) -> Agreement:
    """Turn claims into a score: what is borne out lifts it a little, a contradiction sinks it."""
    borne = sum(claim.lean for claim in claims if claim.lean > 0)
    kept = math.prod(1 + _SINKS * claim.lean for claim in claims if claim.lean < 0)
    return Agreement((1 + borne) / (2 + borne) * kept, tuple(claims))
