"""Keys, their audit, webhooks with their deliveries, and tickets exchanged with other lines."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base
from hotline.store.types import Code, RowId


class ApiKeyTable(Base):
    """A key of a program. Its secret is kept as a hash; what it signs with is worked out anew."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(Code, primary_key=True)
    """The key's public half, such as ``k7f3q9x2``."""
    name: Mapped[str]
    """Who holds it: 县政务服务网, 12345 热线…"""
    secret_sha256: Mapped[str]
    scopes: Mapped[list[str]]
    per_minute: Mapped[int] = mapped_column(default=120)
    exchange_url: Mapped[str] = mapped_column(default="")
    """Where tickets that we hand over, and news of those taken over, are sent."""
    organisation: Mapped[str | None] = mapped_column(Code)
    """The place to which a ticket is dispatched that goes to this partner."""
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiAuditTable(Base):
    """One request that changed something or saw something personal."""

    __tablename__ = "api_audit"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    key_id: Mapped[str | None] = mapped_column(Code, index=True)
    address: Mapped[str]
    operation: Mapped[str] = mapped_column(Code)
    subject: Mapped[str]
    """The number of the case, or what else it was about."""
    status: Mapped[int]
    error_id: Mapped[str | None]


class WebhookTable(Base):
    """An address that is told what happens."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(Code, primary_key=True)
    url: Mapped[str]
    topics: Mapped[list[str]]
    """Beginnings of topics; see :data:`hotline.api.webhooks.TOLD`."""
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class WebhookDeliveryTable(Base):
    """One thing told to one address, and whether it took it."""

    __tablename__ = "webhook_deliveries"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"), index=True)
    outbox_id: Mapped[int] = mapped_column(RowId)
    topic: Mapped[str]
    body: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    """The HTTP status of the last try; none where nobody answered."""
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("webhook_id", "outbox_id"),)


class Direction(StrEnum):
    """Which way a ticket was handed."""

    IN = "in"
    OUT = "out"


class ExchangeTable(Base):
    """A ticket shared with another line (12345), under that line's number and ours."""

    __tablename__ = "exchanged_tickets"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("api_keys.id"))
    external_id: Mapped[str] = mapped_column(Code)
    """The other line's number; of a ticket that we handed over and that has none yet, ours."""
    direction: Mapped[str] = mapped_column(Code)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    digest: Mapped[str]
    """Of what was sent, so that the same number with other content is noticed."""
    receipt: Mapped[str]
    """回执: what we answered, or what the other line answered us."""
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("key_id", "external_id"),)
