"""Which tickets a person may see, as a condition of the query, so that no list forgets it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, true

from hotline.casework.tables import Case


@dataclass(frozen=True)
class Reach:
    """How far a person's eyes go.

    ``organisations`` are the places of one's part of the tree; ``None`` means all. ``agent_id`` is
    one's own seat: what one answered oneself is always visible to oneself.
    """

    organisations: frozenset[str] | None
    agent_id: str | None
    own_only: bool
    """A duty lawyer without another role sees one's own tickets alone."""
    confidential: bool = False
    """Whether confidential matters of others are visible."""


def visible(reach: Reach) -> ColumnElement[bool]:
    """Return the condition that a ticket must meet to be shown."""
    own = Case.assignee_id == reach.agent_id if reach.agent_id else ~true()
    if reach.own_only:
        return own
    placed: ColumnElement[bool] = true()
    if reach.organisations is not None:
        placed = or_(
            Case.organisation_id.in_(reach.organisations), Case.place.in_(reach.organisations)
        )
    if not reach.confidential:
        placed &= ~Case.confidential
    return or_(own, placed)
