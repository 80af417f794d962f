"""Who may sit and answer."""

from __future__ import annotations

from hotline.web.permissions import Permission, Role

SIT = Permission("seat.sit", "坐席接听", frozenset({Role.LAWYER, Role.STATION}))
