"""Credentials of browsers that are good now; the secret itself stands with Asterisk alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class PhoneCredentialTable(Base):
    """Who may register the telephone of a browser, and until when.

    A row outlives the web server, so that a secret is taken back even after a crash.
    """

    __tablename__ = "phone_credentials"

    endpoint: Mapped[str] = mapped_column(primary_key=True)
    """The telephone's name with Asterisk; one browser has it at a time."""
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id", ondelete="CASCADE"))
    session_id: Mapped[int]
    """The sign-in that asked; with it ends the credential."""
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
