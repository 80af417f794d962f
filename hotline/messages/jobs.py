"""The job ``notify``: what the workflow tells the applicant becomes one text message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case, Codes, Desk, by_id
from hotline.casework.definition import APPLICANT, Service
from hotline.clock import Clock
from hotline.jobs import DeadLetterError, Handler, Job, LaterError
from hotline.jobs.feeding import NewJob, Rule
from hotline.jobs.queue import MOST_ATTEMPTS
from hotline.messages import wording
from hotline.messages.carriers import open_provider
from hotline.messages.provider import CarrierError, OutgoingText, TextProvider
from hotline.messages.tables import MessageState, TextMessageTable
from hotline.messages.wording import Address, Wording
from hotline.settings import BureauSettings, Settings
from hotline.store import Database, Outbox

NOTIFY: Final = "notify"
NOTICE, OPENED, OWN_CODE = "notice", "opened", "own_code"

AFTER_NOTICES = timedelta(seconds=20)
"""A new case's own notices go first; who got one isn't told the number twice."""

MOBILE = re.compile(r"(\+86)?1[3-9]\d{9}", re.ASCII)

log = structlog.get_logger(__name__)


class Asked(BaseModel):
    """Payload of ``notify``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    case: int
    kind: str
    text: str = ""


@cache
def _call_delay() -> timedelta:
    return timedelta(minutes=wording.load().call_delay_minutes)


def _noticed(row: Outbox) -> Iterable[NewJob]:
    if row.payload.get("whom") != APPLICANT:
        return
    # A call's ticket waits in both cases: the danger that a text may be to the caller is known
    # only when the talk is over.
    delay = _call_delay() if row.payload.get("call_id") else timedelta(0)
    yield _job(row, NOTICE, str(row.payload.get("text", "")), delay)


def _case_opened(row: Outbox) -> Iterable[NewJob]:
    delay = _call_delay() if row.payload.get("call_id") else AFTER_NOTICES
    yield _job(row, OPENED, "", delay)


def _code_asked(row: Outbox) -> Iterable[NewJob]:
    yield _job(row, OWN_CODE, str(row.payload["text"]), timedelta(0))


def _job(row: Outbox, kind: str, text: str, delay: timedelta) -> NewJob:
    key = f"{NOTIFY}:{row.id}"
    asked = Asked(key=key, case=int(row.key), kind=kind, text=text)
    return NewJob(NOTIFY, asked.model_dump(), key=key, delay=delay)


RULES: Mapping[str, Rule] = {
    "case.notice": _noticed,
    "case.opened": _case_opened,
    "case.own_code": _code_asked,
}


@dataclass(frozen=True)
class Notifier:
    """Handles ``notify``."""

    database: Database
    clock: Clock
    desk: Desk
    codes: Codes
    words: Wording
    address: Address
    bureau: BureauSettings
    provider: TextProvider

    async def __call__(self, job: Job) -> None:
        """Write the message down, then hand it to the provider; a job run twice tells once."""
        asked = Asked.model_validate(job.payload)
        async with self.database.write() as session:
            message = await self._written(session, asked)
        # One that failed comes back when its dead letter is given another life.
        due = {MessageState.WAITING, MessageState.FAILED}
        if message is None or message.state not in due or not message.recipient:
            return
        outgoing = OutgoingText(message.id, message.recipient, message.text)
        try:
            receipt = await self.provider.send(outgoing)
        except DeadLetterError as error:
            await self._close(message.id, MessageState.FAILED, why=error.message)
            raise
        except LaterError as error:
            await self._close(message.id, MessageState.WAITING, why=error.message)
            raise
        except CarrierError as error:
            await self._close(message.id, after_trouble(job), why=error.message)
            raise
        await self._close(message.id, MessageState.SENT, receipt=receipt)

    async def _written(self, session: AsyncSession, asked: Asked) -> TextMessageTable | None:
        known = await session.scalar(
            select(TextMessageTable).where(TextMessageTable.key == asked.key)
        )
        if known is not None:
            return known
        case = await by_id(session, asked.case)
        told_before = await session.scalar(
            select(TextMessageTable.id).where(TextMessageTable.case_id == case.id).limit(1)
        )
        if asked.kind == OPENED and (told_before is not None or case.closed_at is not None):
            return None
        service = await self.desk.definition(session, case)
        words, text = self._texts(case, service, asked, first=told_before is None)
        why = _why_kept(case)
        message = TextMessageTable(
            key=asked.key,
            case_id=case.id,
            kind=asked.kind,
            recipient=case.caller_number,
            words=words,
            text=text,
            state=MessageState.KEPT if why else MessageState.WAITING,
            why=why,
            created_at=self.clock.now(),
        )
        session.add(message)
        await session.flush()
        return message

    def _texts(self, case: Case, service: Service, asked: Asked, *, first: bool) -> tuple[str, str]:
        values = {
            "bureau": self.bureau.name,
            "hotline": self.bureau.hotline_number,
            "number": case.number,
            "code": self.codes.code(case.number),
            "service": service.name,
            "text": asked.text,
            "link": self.address.follow(),
            "evaluate": self.address.evaluate(self.codes, case.number),
        }
        if asked.kind == OWN_CODE:
            # Who has number and code, but not the telephone, must not read it on the page.
            text = wording.fill(self.words.own_code, values)
            return self.words.own_code_sent, wording.fill(self.words.signature, values) + text
        told = self.words.opened if asked.kind == OPENED else self.words.notice
        words = wording.fill(told, values)
        parts = [wording.fill(self.words.signature, values), words]
        if first:
            beside = (self.words.first, self.words.first_link)
            parts += [wording.fill(part, values) for part in beside]
        if _may_evaluate(case, service):
            parts.append(wording.fill(self.words.evaluate, values))
        return words, "".join(parts)

    async def _close(
        self, message_id: int, state: MessageState, *, why: str | None = None, receipt: str = ""
    ) -> None:
        async with self.database.write() as session:
            message = await session.get(TextMessageTable, message_id)
            if message is not None:
                message.state = state
                message.why = why
                message.receipt = receipt or None
                message.sent_at = self.clock.now() if state is MessageState.SENT else None


def after_trouble(job: Job) -> MessageState:
    """Return how far a message is whose carrier did not take it this time."""
    return MessageState.FAILED if job.attempt >= MOST_ATTEMPTS else MessageState.WAITING


def _why_kept(case: Case) -> str | None:
    # 家庭暴力等: a text on the telephone of somebody in a violent home endangers them.
    if case.confidential:
        return "办件保密，不发短信"
    if not case.caller_number:
        return "没有留电话"
    if not MOBILE.fullmatch(case.caller_number):
        return "不是手机号码"
    return None


def _may_evaluate(case: Case, service: Service) -> bool:
    return (
        service.evaluation is not None
        and case.state in service.evaluation.states
        and case.satisfaction is None
    )


def handlers(
    settings: Settings, database: Database, clock: Clock, desk: Desk
) -> Mapping[str, Handler]:
    """Return the handlers of this package's jobs.

    Raises:
        ConfigurationError: the bureau's words or the provider's name are wrong.
    """
    words = wording.load()
    return {
        NOTIFY: Notifier(
            database,
            clock,
            desk,
            Codes.of(settings.home),
            words,
            Address(settings.web.public_url),
            settings.bureau,
            open_provider(words.provider, settings),
        )
    }
