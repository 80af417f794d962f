"""Who may do what. A package declares a permission beside the pages that ask for it.

Roles are the bureau's own; a permission names the roles that carry it. Nothing is allowed by
default: a route without a permission does not start (see :mod:`hotline.web.section`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does in the hotline."""

    LAWYER = "lawyer"
    STATION = "station"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    BUREAU = "bureau"
    ADMIN = "admin"

    @property
    def words(self) -> str:
        """The role's name on the pages."""
        return _ROLE_WORDS[self]


_ROLE_WORDS = {
    Role.LAWYER: "值班律师",
    Role.STATION: "乡镇站",
    Role.REVIEWER: "质检员",
    Role.SUPERVISOR: "班长",
    Role.BUREAU: "司法局",
    Role.ADMIN: "系统管理员",
}


@dataclass(frozen=True)
class Permission:
    """Something that some roles may do; ``words`` name it in the audit and in refusals."""

    name: str
    words: str
    roles: frozenset[Role]


PUBLIC = Permission("public", "公开页面", frozenset())
"""Anyone, signed in or not."""

SIGNED_IN = Permission("signed-in", "登录后的页面", frozenset(Role))
"""Anyone who is signed in."""

SEE_TICKETS = Permission("tickets.see", "查看工单", frozenset(Role) - {Role.ADMIN})
"""Tickets within one's own part of the tree (see :mod:`hotline.tickets.visibility`)."""

REVEAL_PERSONAL = Permission(
    "personal.reveal",
    "查看完整号码等个人信息",
    frozenset({Role.LAWYER, Role.STATION, Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU}),
)
"""Lifting the mask from a number; each time is recorded."""

LISTEN_RECORDINGS = Permission(
    "recordings.listen",
    "收听录音、查看转写",
    frozenset({Role.LAWYER, Role.STATION, Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU}),
)

SEE_WALLBOARD = Permission(
    "wallboard.see",
    "查看大屏",
    frozenset({Role.LAWYER, Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU}),
)

MANAGE_USERS = Permission("users.manage", "管理账号", frozenset({Role.ADMIN}))

SEE_AUDIT = Permission("audit.see", "查看审计记录", frozenset({Role.ADMIN, Role.BUREAU}))
