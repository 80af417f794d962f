"""Tables of the web: people who sign in, their sessions, and who looked at what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class User(Base):
    """One account. A person who answers calls is also an agent (``agent_id``)."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    roles: Mapped[list[str]]
    organisation: Mapped[str | None]
    """Code of the place in the tree that the person works for; none: the whole bureau."""
    agent_id: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str]
    password_changed_at: Mapped[datetime]
    must_change_password: Mapped[bool] = mapped_column(default=True)
    totp_secret: Mapped[str | None]
    """Encrypted; ``None`` where the second step is off."""
    totp_last_step: Mapped[int] = mapped_column(default=0)
    """The newest code that was used: a code opens the door once."""
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebSession(Base):
    """One sign-in of one browser. The cookie holds a token; here lies only its hash."""

    __tablename__ = "web_sessions"
    __table_args__ = (Index("ix_web_sessions_user", "user_id", "revoked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    browser: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    via: Mapped[str] = mapped_column(default="password", server_default=text("'password'"))
    """``password`` or ``oidc``."""


class SignInThrottle(Base):
    """How often signing in failed from one address lately."""

    __tablename__ = "signin_throttle"

    network: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class OidcIdentity(Base):
    """Whom the identity provider knows a person as; bound at the first sign-in through it."""

    __tablename__ = "oidc_identities"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    bound_at: Mapped[datetime]


class AuditEntry(Base):
    """Who did or looked at what, when and from where. Rows are added, never changed."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_subject", "subject", "subject_id"),
        Index("ix_audit_user", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    """``None`` where nobody was signed in, such as a wrong password."""
    user_name: Mapped[str]
    action: Mapped[str]
    """Such as ``signin.ok``, ``number.reveal``, ``recording.listen``."""
    subject: Mapped[str]
    """The kind of thing: ``ticket``, ``call``, ``user``."""
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]]
    address: Mapped[str]
