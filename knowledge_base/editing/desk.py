"""What may be done with a card's version, by whom, and what it needs.

==========  ==========  =========================================================
act         leads to    who
==========  ==========  =========================================================
submit      review      whoever may edit; only a complete card
withdraw    draft       its author, or whoever may publish
approve     published   whoever may publish, but not its author (四眼原则)
back        draft       whoever may publish, with words
retire      retired     whoever may publish, with words; of what is published
==========  ==========  =========================================================

A retired card is found by nobody any more; its versions stay, and a score tells which it was held
against. It comes back as any change does: a new version, through the legal review.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from hotline.store import append
from knowledge_base.cards.check import Statutes, check_cards
from knowledge_base.cards.model import Card
from knowledge_base.editing.body import Body, plain, read, shipped_body
from knowledge_base.editing.tables import CardVersion

_ID = re.compile(r"^[a-z0-9-]{2,60}$")


class State(StrEnum):
    """Where a version stands."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    """A later version was published."""
    RETIRED = "retired"
    """It counted last, and no longer does (已停用)."""

    @property
    def words(self) -> str:
        """What pages call it."""
        return {
            "draft": "草稿",
            "review": "待法律审核",
            "published": "已发布",
            "superseded": "旧版本",
            "retired": "已停用",
        }[self.value]


OPEN = (State.DRAFT, State.REVIEW)


class Act(StrEnum):
    """What may be done; see the table above."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    BACK = "back"


_WAYS = {
    Act.SUBMIT: (State.DRAFT, State.REVIEW),
    Act.WITHDRAW: (State.REVIEW, State.DRAFT),
    Act.APPROVE: (State.REVIEW, State.PUBLISHED),
    Act.BACK: (State.REVIEW, State.DRAFT),
}


class CardConflictError(ConflictError):
    """别人刚刚改过这张要点卡。您填的内容还在页面上，请对照后再保存。"""

    error_id = "card-conflict"


class CardIncompleteError(InvalidInputError):
    """这张要点卡还不完整，不能送审。"""

    error_id = "card-incomplete"


class OwnCardError(ForbiddenError):
    """不能审核自己起草的要点卡，请另一位有审核权的同事处理。"""

    error_id = "own-card"


@dataclass(frozen=True)
class Editor:
    """Who edits, and whether the person may publish."""

    user_id: int
    name: str
    may_publish: bool = False


async def versions(session: AsyncSession, card_id: str) -> Sequence[CardVersion]:
    """Return a card's versions, the newest first."""
    query = select(CardVersion).where(CardVersion.card_id == card_id)
    return (await session.scalars(query.order_by(CardVersion.number.desc()))).all()


async def newest_body(session: AsyncSession, card_id: str) -> Body | None:
    """Return what counts now, or counted last: the version published here, or the shipped file."""
    for row in await versions(session, card_id):
        if row.state in (State.PUBLISHED, State.RETIRED):
            return row.body
    return shipped_body(card_id)


async def open_version(
    session: AsyncSession, card_id: str, editor: Editor, now: datetime
) -> CardVersion:
    """Return the version that is being edited, begun from what counts now if there is none.

    Raises:
        NotFoundError: there is no such card.
    """
    rows = await versions(session, card_id)
    for row in rows:
        if row.state in OPEN:
            return row
    body = await newest_body(session, card_id)
    if body is None:
        raise NotFoundError("没有这张要点卡")
    number = rows[0].number + 1 if rows else 1
    return await _begin(session, card_id, number, body, editor=editor, now=now)


async def begin_card(
    session: AsyncSession, questions: Sequence[str], topic: str, editor: Editor, now: datetime
) -> CardVersion:
    """Begin a card that nobody has written yet, from the questions that call for it."""
    count = await session.scalar(select(func.max(CardVersion.id))) or 0
    card_id = f"own-{count + 1}"
    body: Body = {
        "id": card_id,
        "topic": topic,
        "title": questions[0] if questions else "",
        "questions": list(questions),
        "points": [],
        "articles": [],
        "sources": [],
        "reviewed": now.astimezone(CHINA).date().isoformat(),
    }
    return await _begin(session, card_id, 1, body, editor=editor, now=now)


async def _begin(
    session: AsyncSession, card_id: str, number: int, body: Body, *, editor: Editor, now: datetime
) -> CardVersion:
    if not _ID.match(card_id):
        raise NotFoundError("没有这张要点卡")
    row = CardVersion(
        card_id=card_id,
        number=number,
        state=State.DRAFT,
        body=plain(body),
        author_id=editor.user_id,
        author=editor.name,
        created_at=now,
        saved_at=now,
        submitted_at=None,
        decided_at=None,
        doubts=[],
    )
    session.add(row)
    await session.flush()
    return row


async def save(
    session: AsyncSession,
    row: CardVersion,
    body: Body,
    *,
    revision: int,
    editor: Editor,
    now: datetime,
) -> None:
    """Keep a draft as it was typed, complete or not.

    Raises:
        CardConflictError: somebody else saved it since ``revision`` was read.
        InvalidInputError: it is in review; take it back first.
    """
    if row.state != State.DRAFT:
        raise InvalidInputError("这一版正在审核，要修改请先撤回。")
    if row.revision != revision:
        raise CardConflictError
    row.body = plain(body) | {"id": row.card_id}
    row.revision += 1
    row.author_id, row.author = editor.user_id, editor.name
    row.saved_at = now
    await session.flush()


@dataclass(frozen=True)
class Surroundings:
    """What a card is held against before it may go on."""

    cards: Sequence[Card]
    statutes: Statutes | None
    today: date


async def act(
    session: AsyncSession,
    row: CardVersion,
    what: Act,
    *,
    editor: Editor,
    around: Surroundings,
    words: str,
    now: datetime,
) -> None:
    """Take one step; see the table of this module.

    Raises:
        InvalidInputError: the state does not allow it, or words are missing.
        CardIncompleteError: it is no complete card, or cites an article that the library lacks.
        ForbiddenError: the person may not.
    """
    before, after = _WAYS[what]
    if row.state != before:
        raise InvalidInputError("这一版的状态已经变了，请刷新页面后再试。")
    if what in (Act.APPROVE, Act.BACK) and not editor.may_publish:
        raise ForbiddenError("审核要点卡须有法律审核权限。")
    if what is Act.WITHDRAW and not (editor.may_publish or editor.user_id == row.author_id):
        raise ForbiddenError("只有起草人和审核人可以撤回。")
    if what is Act.BACK and not words.strip():
        raise InvalidInputError("退回时请写明要改什么。", field="words")
    if what is Act.SUBMIT:
        _checked(row.body, around)
        row.submitted_at = now
    if what is Act.APPROVE:
        if editor.user_id == row.author_id:
            raise OwnCardError
        await _publish(session, row, around)
    row.state = after
    if what in (Act.APPROVE, Act.BACK):
        row.decided_by, row.decided_at, row.decision = editor.name, now, words.strip()[:2000]
    append(session, f"card.{after}", row.card_id, {"number": row.number, "by": editor.name}, now)


def _checked(body: Body, around: Surroundings) -> tuple[Card, list[str]]:
    """Read a body as a complete card; return it with the facts that nothing confirms."""
    card, mistakes = read(body)
    if card is None:
        raise CardIncompleteError("还不能送审：" + "；".join(map(str, mistakes)))
    known = {other.id for other in around.cards} | {card.id}
    unknown = [other for other in card.see_also if other not in known]
    if unknown:
        raise CardIncompleteError(f"没有编号为 {'、'.join(unknown)} 的要点卡，请改“相关要点卡”。")
    if around.statutes is None:
        return card, [f"{fact.subject}：没有导入法规，无法核实" for fact in card.facts]
    report = check_cards([card], around.statutes, today=around.today)
    if report.unknown_articles:
        told = "；".join(f"{one.provision}（{one.doubt}）" for one in report.unknown_articles)
        raise CardIncompleteError(f"法规库里找不到这些条文，请改正：{told}")
    subjects = {fact.id: fact.subject for fact in card.facts}
    doubts = [f"{subjects[one.what]}：{one.provision}，{one.doubt}" for one in report.unconfirmed]
    return card, doubts


async def _publish(session: AsyncSession, row: CardVersion, around: Surroundings) -> None:
    body = row.body | {"reviewed": around.today.isoformat()}
    _, row.doubts = _checked(body, around)
    row.body = body
    for other in await versions(session, row.card_id):
        if other.state in (State.PUBLISHED, State.RETIRED):
            other.state = State.SUPERSEDED


async def retire(
    session: AsyncSession, card_id: str, *, editor: Editor, words: str, now: datetime
) -> CardVersion:
    """Take a card out of use; a shipped one gets a version that says so.

    Raises:
        NotFoundError: there is no such card.
        ForbiddenError: the person may not publish, so may not retire either.
        InvalidInputError: no reason is given, it is retired, or somebody is editing it.
    """
    if not editor.may_publish:
        raise ForbiddenError("停用要点卡须有法律审核权限。")
    if not words.strip():
        raise InvalidInputError("停用时请写明原因。", field="words")
    rows = await versions(session, card_id)
    if any(row.state in OPEN for row in rows):
        raise InvalidInputError("有一版正在编辑或者审核，请先发布或者退回，再停用。")
    if any(row.state == State.RETIRED for row in rows):
        raise InvalidInputError("这张要点卡已经停用。")
    row = next((each for each in rows if each.state == State.PUBLISHED), None)
    if row is None:
        body = await newest_body(session, card_id)
        if body is None:
            raise NotFoundError("没有这张要点卡")
        number = rows[0].number + 1 if rows else 1
        row = await _begin(session, card_id, number, body, editor=editor, now=now)
    row.state = State.RETIRED
    row.decided_by, row.decided_at, row.decision = editor.name, now, words.strip()[:2000]
    append(session, "card.retired", card_id, {"number": row.number, "by": editor.name}, now)
    return row


async def retired(session: AsyncSession) -> frozenset[str]:
    """Return the ids of the cards that were taken out of use."""
    query = select(CardVersion.card_id).where(CardVersion.state == State.RETIRED)
    return frozenset(await session.scalars(query))


async def published(session: AsyncSession) -> Sequence[CardVersion]:
    """Return every card that was published here, each in the version that counts."""
    query = select(CardVersion).where(CardVersion.state == State.PUBLISHED)
    return (await session.scalars(query.order_by(CardVersion.card_id))).all()
