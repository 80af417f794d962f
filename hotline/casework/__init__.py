"""The workflow engine that runs every service from its YAML file, and the cases that it runs."""

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
    events,
    find,
)
from hotline.casework.tables import Case, CaseEvent, NumberCounter, ServiceVersion

__all__ = [
    "Card",
    "Case",
    "CaseEvent",
    "CaseFilter",
    "CasePage",
    "Facets",
    "NumberCounter",
    "Order",
    "ServiceVersion",
    "by_id",
    "by_number",
    "card",
    "case_of_call",
    "children",
    "count",
    "events",
    "find",
    "set_facets",
]
