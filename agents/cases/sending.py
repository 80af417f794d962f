"""Notices to staff outside the pages: text messages and e-mail, as each person has chosen.

What goes out holds no name and no matter of a case: a telephone lies on a table. Nobody is told of
a case that the pages would not show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.notices import DEADLINE, KEPT, addressed
from agents.cases.reach import visible as visible_cases
from agents.cases.tables import NoticeWayTable, StaffMessageTable, StaffNoticeTable
from agents.pages.acts import actor_of
from agents.places import organisation_tree
from hotline.casework import Case, Desk, by_id
from hotline.clock import Clock
from hotline.jobs import DeadLetterError, Handler, Job, LaterError
from hotline.jobs.feeding import NewJob, Rule
from hotline.messages import MessageState, OutgoingMail, OutgoingText
from hotline.messages.carriers import open_mail_provider, open_provider
from hotline.messages.jobs import after_trouble
from hotline.messages.provider import CarrierError, MailProvider, TextProvider
from hotline.messages.wording import Wording, fill, load
from hotline.settings import BureauSettings, Settings
from hotline.store import Database, Outbox
from hotline.tickets.birth import SERVICE
from hotline.tickets.visibility import visible as visible_tickets
from hotline.web.context import under
from hotline.web.permissions import Role
from hotline.web.reach import reach_within
from hotline.web.tables import User
from hotline.web.viewer import Viewer

SEND_NOTICE: Final = "send-notice"
TEXT, MAIL = "text", "mail"


def _kept(row: Outbox) -> Iterable[NewJob]:
    key = f"{SEND_NOTICE}:{row.key}"
    yield NewJob(SEND_NOTICE, {"notice": int(row.key)}, key=key)


RULES: Mapping[str, Rule] = {KEPT: _kept}


@dataclass(frozen=True)
class Sender:
    """Handles :data:`SEND_NOTICE`: writes down whom to tell and how, then hands it over."""

    database: Database
    clock: Clock
    desk: Desk
    words: Wording
    bureau: BureauSettings
    texts: TextProvider
    mails: MailProvider

    async def __call__(self, job: Job) -> None:
        """Tell those who want it; a job that runs twice tells once."""
        notice_id = int(job.payload["notice"])
        async with self.database.write() as session:
            await self._write_down(session, notice_id)
        due = [MessageState.WAITING]
        if job.attempt == 1:
            # A dead letter that was given another life: what failed then is tried anew.
            due.append(MessageState.FAILED)
        async with self.database.read() as session:
            waiting = await session.scalars(
                select(StaffMessageTable)
                .where(StaffMessageTable.notice_id == notice_id)
                .where(StaffMessageTable.state.in_(due))
                .order_by(StaffMessageTable.id)
            )
            messages = list(waiting)
        troubles = [await self._send(message, job) for message in messages]
        if trouble := next(filter(None, troubles), None):
            raise trouble

    async def _write_down(self, session: AsyncSession, notice_id: int) -> None:
        notice = await session.get_one(StaffNoticeTable, notice_id)
        case = await by_id(session, notice.case_id)
        found = [
            (account, way, address)
            for viewer, ways in await _told(session, notice, case, self.desk)
            for account, way, address in _ways(viewer, ways, notice.kind)
        ]
        if not found:
            return
        service = await self.desk.definition(session, case)
        text = self._text(notice, case, service.name)
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        rows = [
            {
                "notice_id": notice.id,
                "account": account,
                "way": way,
                "address": address,
                "text": text,
                "state": MessageState.WAITING,
                "created_at": self.clock.now(),
            }
            for account, way, address in found
        ]
        await session.execute(insert(StaffMessageTable).values(rows).on_conflict_do_nothing())

    def _text(self, notice: StaffNoticeTable, case: Case, service: str) -> str:
        # 保密: not even the name of the service (特殊人群…) may stand on a telephone.
        told = self.words.staff_task
        if case.confidential:
            told = self.words.staff_confidential
        elif notice.kind == DEADLINE:
            told = self.words.staff_deadline
        values = {
            "bureau": self.bureau.name,
            "hotline": self.bureau.hotline_number,
            "number": case.number,
            "service": service,
            "text": notice.words.removeprefix(f"{case.number} 的"),
        }
        return fill(self.words.signature, values) + fill(told, values)

    async def _send(self, message: StaffMessageTable, job: Job) -> CarrierError | LaterError | None:
        """Hand one message over; return why it must be tried again, so that the others go on."""
        number = f"staff:{message.id}"
        try:
            if message.way == MAIL:
                subject = f"{self.bureau.name}：办件通知"
                letter = OutgoingMail(number, message.address, subject, message.text)
                receipt = await self.mails.send(letter)
            else:
                receipt = await self.texts.send(OutgoingText(number, message.address, message.text))
        except DeadLetterError as error:
            await self._close(message.id, MessageState.FAILED, why=error.message)
            return None
        except LaterError as error:
            await self._close(message.id, MessageState.WAITING, why=error.message)
            return error
        except CarrierError as error:
            await self._close(message.id, after_trouble(job), why=error.message)
            return error
        await self._close(message.id, MessageState.SENT, receipt=receipt)
        return None

    async def _close(
        self, message_id: int, state: MessageState, *, why: str | None = None, receipt: str = ""
    ) -> None:
        async with self.database.write() as session:
            message = await session.get_one(StaffMessageTable, message_id)
            message.state, message.why = state, why
            message.receipt = receipt or None
            message.sent_at = self.clock.now() if state is MessageState.SENT else None


async def _told(
    session: AsyncSession, notice: StaffNoticeTable, case: Case, desk: Desk
) -> list[tuple[Viewer, NoticeWayTable]]:
    """Return whose notice it is, among those who want to be told and may see the case."""
    rows = await session.execute(
        select(User, NoticeWayTable)
        .join(NoticeWayTable, NoticeWayTable.account == User.account)
        .where(User.disabled_at.is_(None))
    )
    tree = await organisation_tree(session)
    found = []
    for user, ways in rows:
        viewer = _viewer(user)
        if notice.recipient not in addressed(viewer):
            continue
        if await _sees(session, viewer, case, desk, tree):
            found.append((viewer, ways))
    return found


async def _sees(
    session: AsyncSession,
    viewer: Viewer,
    case: Case,
    desk: Desk,
    tree: Mapping[str, str | None],
) -> bool:
    home = viewer.organisation
    reach = reach_within(viewer, under(tree, home) if home is not None else None)
    if case.service == SERVICE:
        seen = visible_tickets(reach)
    else:
        seen = visible_cases(desk.services, actor_of(viewer), reach)
    return await session.scalar(select(Case.id).where(Case.id == case.id, seen)) is not None


def _viewer(user: User) -> Viewer:
    roles = frozenset(Role(role) for role in user.roles)
    return Viewer(user.id, user.account, user.name, roles, user.organisation, user.agent_id, 0)


def _ways(viewer: Viewer, ways: NoticeWayTable, kind: str) -> Sequence[tuple[str, str, str]]:
    found = []
    if kind in ways.by_text and ways.mobile:
        found.append((viewer.account, TEXT, ways.mobile))
    if kind in ways.by_mail and ways.email:
        found.append((viewer.account, MAIL, ways.email))
    return found


def handlers(
    settings: Settings, database: Database, clock: Clock, desk: Desk
) -> Mapping[str, Handler]:
    """Return the handlers of this module's jobs.

    Raises:
        ConfigurationError: the bureau's words or a provider's name are wrong.
    """
    words = load()
    sender = Sender(
        database,
        clock,
        desk,
        words,
        settings.bureau,
        open_provider(words.provider, settings),
        open_mail_provider(words.mail_provider, settings),
    )
    return {SEND_NOTICE: sender}
