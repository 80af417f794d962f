"""Jobs that tell other houses: webhooks, tickets handed over, news of those taken over."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.api import exchange, webhooks
from hotline.api.signing import Signer
from hotline.api.tables import (
    ApiKeyTable,
    Direction,
    ExchangeTable,
    WebhookDeliveryTable,
    WebhookTable,
)
from hotline.casework import Case, Desk, by_id
from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.jobs import DeadLetterError, Handler, Job, Queue
from hotline.jobs.feeding import NewJob, Rule
from hotline.settings import Settings
from hotline.store import Database, Outbox

TELL, DELIVER, HAND_OVER, NEWS = "webhook", "webhook.deliver", "exchange.out", "exchange.news"

PATIENCE_SECONDS: Final = 10
GONE: Final = 410
LONGEST_ANSWER: Final = 64 * 1024

log = structlog.get_logger(__name__)


class NotTakenError(HotlineError):
    """对方没有接收，稍后重发。"""

    error_id = "not-taken"


class GoneError(DeadLetterError):
    """对方答复此地址已停用，推送停止。"""

    error_id = "webhook-gone"


@dataclass(frozen=True)
class Answered:
    """What the other house said."""

    status: int
    text: str


Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[Answered]]
"""Sends a body; raises ``OSError`` or ``TimeoutError`` where nobody answers."""


def _tells(row: Outbox) -> Iterable[NewJob]:
    if row.topic in webhooks.TOLD:
        payload = {"outbox": row.id, "topic": row.topic, "body": webhooks.told(row)}
        yield NewJob(TELL, payload, key=f"{TELL}:{row.id}")


def _moves(row: Outbox) -> Iterable[NewJob]:
    if row.payload.get("service") != exchange.TICKET:
        return
    payload = {"case": int(row.key), "message": f"ticket-{row.id}"}
    if row.payload.get("to") == "dispatched":
        yield NewJob(HAND_OVER, payload, key=f"{HAND_OVER}:{row.id}")
    if row.payload.get("from") != row.payload.get("to"):
        yield NewJob(NEWS, payload, key=f"{NEWS}:{row.id}")


RULES: Mapping[str, Rule] = {"case.": _tells, "case.moved": _moves}


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
    """Send ``body``; redirects are not followed, so that a message stays where it was sent."""
    timeout = ClientTimeout(total=PATIENCE_SECONDS)
    async with (
        ClientSession(timeout=timeout) as client,
        client.post(url, data=body, headers=dict(headers), allow_redirects=False) as response,
    ):
        content = await response.content.read(LONGEST_ANSWER)
        return Answered(response.status, content.decode("utf-8", "replace"))


@dataclass(frozen=True)
class Outgoing:
    """Handles the jobs of this module."""

    database: Database
    clock: Clock
    queue: Queue
    desk: Desk
    signer: Signer
    post: Post

    async def tell(self, job: Job) -> None:
        """Put one delivery for each address that wants to know."""
        outbox_id, topic = int(job.payload["outbox"]), str(job.payload["topic"])
        async with self.database.read() as session:
            wanted = [w.id for w in await webhooks.active(session) if webhooks.wants(w, topic)]
            known = set(
                await session.scalars(
                    select(WebhookDeliveryTable.webhook_id).where(
                        WebhookDeliveryTable.outbox_id == outbox_id
                    )
                )
            )
        for webhook_id in wanted:
            if webhook_id in known:
                continue
            async with self.database.write() as session:
                delivery = WebhookDeliveryTable(
                    webhook_id=webhook_id,
                    outbox_id=outbox_id,
                    topic=topic,
                    body=job.payload["body"],
                    created_at=self.clock.now(),
                )
                session.add(delivery)
                await session.flush()
                key = f"{DELIVER}:{delivery.id}"
                await self.queue.put(session, DELIVER, {"delivery": delivery.id}, key=key)

    async def deliver(self, job: Job) -> None:
        """Tell one address one thing; try again where it is not taken."""
        async with self.database.read() as session:
            row = await session.get(WebhookDeliveryTable, int(job.payload["delivery"]))
            webhook = await session.get(WebhookTable, row.webhook_id) if row is not None else None
        if row is None or webhook is None or webhook.stopped_at or row.delivered_at:
            return
        body = json.dumps(row.body, ensure_ascii=False).encode()
        message_id = f"{webhook.id}-{row.outbox_id}"
        answered, error = await self._send(
            webhook.url, body, self._headers(f"webhook:{webhook.id}", message_id, body)
        )
        taken = answered is not None and answered.status // 100 == 2
        gone = answered is not None and answered.status == GONE
        async with self.database.write() as session:
            kept = await session.get(WebhookDeliveryTable, row.id)
            if kept is not None:
                kept.tries += 1
                kept.status = answered.status if answered is not None else None
                kept.error = error
                kept.delivered_at = self.clock.now() if taken else None
            if gone:
                await webhooks.stop(session, webhook.id, self.clock.now())
        if gone:
            raise GoneError
        if not taken:
            raise NotTakenError(f"{webhook.url}：{error or (answered and answered.status)}")

    async def hand_over(self, job: Job) -> None:
        """Send a ticket to the partner to whose organisation it was dispatched."""
        async with self.database.write() as session:
            case = await by_id(session, int(job.payload["case"]))
            partner = await self._partner(session, case)
            if partner is None:
                return
            if case.confidential:
                # Whom a leak endangers is handed over by a person, not by a machine.
                log.warning("confidential ticket is not handed over", case=case.number)
                return
            shared = await self._shared(session, partner.id, case)
        content = {"type": "ticket.handed_over", "data": _handed(case)}
        answered = await self._reach(partner, str(job.payload["message"]), content)
        told = _object(answered.text)
        async with self.database.write() as session:
            kept = await session.get(ExchangeTable, shared.id)
            if kept is not None:
                kept.receipt = str(told.get("receipt") or "")[:200]
                external = str(told.get("external_id") or "")
                if external and len(external) <= 64:
                    kept.external_id = external

    async def news(self, job: Job) -> None:
        """Tell the line from which a ticket came how it stands."""
        async with self.database.read() as session:
            case = await by_id(session, int(job.payload["case"]))
            row = (
                await session.execute(
                    select(ExchangeTable, ApiKeyTable)
                    .join(ApiKeyTable, ApiKeyTable.id == ExchangeTable.key_id)
                    .where(
                        ExchangeTable.case_id == case.id, ExchangeTable.direction == Direction.IN
                    )
                )
            ).first()
            if row is None:
                return
            shared, partner = row
            if not partner.exchange_url or partner.revoked_at is not None:
                return
            state = await exchange.state_of(self.desk, session, shared, case)
        content = {"type": "ticket.state", "data": state.model_dump(mode="json")}
        await self._reach(partner, str(job.payload["message"]), content)

    async def _partner(self, session: AsyncSession, case: Case) -> ApiKeyTable | None:
        if case.organisation_id is None:
            return None
        found: ApiKeyTable | None = await session.scalar(
            select(ApiKeyTable)
            .where(
                ApiKeyTable.organisation == case.organisation_id,
                ApiKeyTable.exchange_url != "",
                ApiKeyTable.revoked_at.is_(None),
            )
            .order_by(ApiKeyTable.created_at.desc())
            .limit(1)
        )
        return found

    async def _shared(self, session: AsyncSession, key_id: str, case: Case) -> ExchangeTable:
        known = await session.scalar(
            select(ExchangeTable).where(
                ExchangeTable.key_id == key_id, ExchangeTable.case_id == case.id
            )
        )
        if known is not None:
            return known
        shared = ExchangeTable(
            key_id=key_id,
            external_id=case.number,
            direction=Direction.OUT,
            case_id=case.id,
            digest=exchange.digest_of(_handed(case)),
            receipt="",
            at=self.clock.now(),
        )
        session.add(shared)
        await session.flush()
        return shared

    async def _reach(
        self, partner: ApiKeyTable, message_id: str, content: Mapping[str, Any]
    ) -> Answered:
        body = json.dumps(content, ensure_ascii=False).encode()
        headers = self._headers(f"key:{partner.id}", message_id, body)
        answered, error = await self._send(partner.exchange_url, body, headers)
        if answered is None or answered.status // 100 != 2:
            raise NotTakenError(f"{partner.name}：{error or (answered and answered.status)}")
        return answered

    async def _send(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[Answered | None, str | None]:
        try:
            return await self.post(url, body, headers), None
        except (ClientError, OSError, TimeoutError) as error:
            return None, (str(error) or type(error).__name__)[:500]

    def _headers(self, owner: str, message_id: str, body: bytes) -> dict[str, str]:
        signed = self.signer.headers(owner, message_id, body, self.clock.now())
        return {"Content-Type": "application/json; charset=utf-8", **signed}


def _handed(case: Case) -> dict[str, Any]:
    data = case.data
    return {
        "number": case.number,
        "title": case.title or "",
        "details": data.get("details") or "",
        "demand": data.get("demand") or "",
        "caller_name": case.caller_name or "",
        "phone": case.caller_number or "",
        "topic": case.topic or "",
        "place": case.place or "",
        "urgency": case.urgency,
        "due_at": case.due_at.isoformat() if case.due_at else None,
    }


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def handlers(
    settings: Settings,
    database: Database,
    clock: Clock,
    queue: Queue,
    desk: Desk,
    *,
    sender: Post = post,
) -> Mapping[str, Handler]:
    """Return the handlers of this package's jobs."""
    outgoing = Outgoing(database, clock, queue, desk, Signer.of(settings.home), sender)
    return {
        TELL: outgoing.tell,
        DELIVER: outgoing.deliver,
        HAND_OVER: outgoing.hand_over,
        NEWS: outgoing.news,
    }
