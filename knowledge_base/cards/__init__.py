"""Answer cards (答复要点卡): what a right answer to a frequent matter holds, and its facts."""

from knowledge_base.cards.files import load_cards
from knowledge_base.cards.model import Card, Duty, Fact, FactKind, Point, Provision, Role

__all__ = ["Card", "Duty", "Fact", "FactKind", "Point", "Provision", "Role", "load_cards"]
