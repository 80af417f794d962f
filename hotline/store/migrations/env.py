"""Alembic's way in: :mod:`hotline.store.schema` hands over the connection."""

from __future__ import annotations

from alembic import context

from hotline.store import schema

schema.run(context)
