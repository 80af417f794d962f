"""Who is looking: the signed-in person as the pages know them."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.web.permissions import PUBLIC, Permission, Role


@dataclass(frozen=True)
class Viewer:
    """A signed-in person. Values only, so that it can be passed anywhere."""

    user_id: int
    account: str
    name: str
    roles: frozenset[Role]
    organisation: str | None
    """The part of the tree of places that the person works for; ``None``: the whole bureau."""
    agent_id: str | None
    """The seat's owner in routing, for people who answer calls."""
    session_id: int
    must_change_password: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether one of the person's roles carries ``permission``."""
        return permission is PUBLIC or bool(self.roles & permission.roles)

    @property
    def role_words(self) -> str:
        """The roles in one line."""
        return "、".join(role.words for role in Role if role in self.roles)
