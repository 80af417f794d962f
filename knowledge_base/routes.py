"""The section of the knowledge base."""

from __future__ import annotations

from pathlib import Path

from hotline.web.permissions import SIGNED_IN
from hotline.web.section import NavEntry, Route, Section
from knowledge_base.pages import card_acts, cards, search, statutes
from knowledge_base.pages.desk import open_desk

_FOLDER = Path(__file__).parent / "pages"
_CARD = "/cards/{card:[a-z0-9-]{2,60}}"

section = Section(
    name="knowledge",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/knowledge", search.ask, SIGNED_IN),
        Route("GET", "/knowledge/gaps", search.gaps, cards.EDIT_CARDS),
        Route("GET", "/cards", cards.overview, SIGNED_IN),
        Route("POST", "/cards", card_acts.new, cards.EDIT_CARDS),
        Route("GET", _CARD, cards.card, SIGNED_IN),
        Route("GET", _CARD + "/edit", card_acts.edit, cards.EDIT_CARDS),
        Route("POST", _CARD + "/edit", card_acts.save, cards.EDIT_CARDS),
        Route("GET", _CARD + "/compare", cards.compare, SIGNED_IN),
        Route("POST", _CARD + "/{act:submit|withdraw}", card_acts.act, cards.EDIT_CARDS),
        Route("POST", _CARD + "/{act:approve|back}", card_acts.act, cards.PUBLISH_CARDS),
        Route("POST", _CARD + "/retire", card_acts.retire, cards.PUBLISH_CARDS),
        Route("GET", "/statutes", statutes.look_up, SIGNED_IN),
        Route("GET", "/statutes/look", statutes.look, SIGNED_IN),
        Route("GET", "/statutes/{law}", statutes.statute, SIGNED_IN),
        Route("GET", "/statutes/{law}/{number}", statutes.article, SIGNED_IN),
    ),
    nav=(NavEntry("/knowledge", "知识库", "book", SIGNED_IN, order=60),),
    resources=(open_desk,),
)
