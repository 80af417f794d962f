"""The workflow engine that runs every service from its YAML file, and the cases that it runs.

- :class:`Desk` opens cases and acts on them in a transaction; ``services.load()`` reads the files.
- :func:`find`, :func:`count`, :func:`by_number`, :func:`events` read.
- :func:`set_facets` lets what observes a case (survey, score) put its facts on it.
- :mod:`hotline.casework.engine` is the pure core.
"""

from hotline.casework import engine, numbers, services, versions
from hotline.casework.codes import Codes
from hotline.casework.definition import Service, Transition
from hotline.casework.desk import Desk
from hotline.casework.facets import Facets, case_of_call, set_facets
from hotline.casework.queries import (
    Card,
    CaseFilter,
    CasePage,
    Order,
    by_id,
    by_number,
    card,
    children,
    count,
    documents,
    events,
    find,
)
from hotline.casework.tables import Case, CaseDocument, CaseEvent, NumberCounter, ServiceVersion
from hotline.casework.views import SYSTEM_ACTOR, Actor

__all__ = [
    "SYSTEM_ACTOR",
    "Actor",
    "Card",
    "Case",
    "CaseDocument",
    "CaseEvent",
    "CaseFilter",
    "CasePage",
    "Codes",
    "Desk",
    "Facets",
    "NumberCounter",
    "Order",
    "Service",
    "ServiceVersion",
    "Transition",
    "by_id",
    "by_number",
    "card",
    "case_of_call",
    "children",
    "count",
    "documents",
    "engine",
    "events",
    "find",
    "numbers",
    "services",
    "set_facets",
    "versions",
]
