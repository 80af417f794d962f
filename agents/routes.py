"""The section of the people who answer and lead."""

from __future__ import annotations

from pathlib import Path

from agents.pages import (
    acts,
    batch,
    cases,
    export,
    seat,
    seat_bar,
    seat_form,
    seat_phone,
    ticket,
    tickets,
    wallboard,
)
from agents.pages.seat_rights import SIT
from agents.places import directory
from hotline.web.permissions import REVEAL_PERSONAL, SEE_TICKETS, SEE_WALLBOARD
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent / "pages"

section = Section(
    name="agents",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/seat", seat.page, SIT),
        Route("GET", "/seat/parts", seat.part, SIT),
        Route("GET", "/seat/bar", seat_bar.show, SIT),
        Route("POST", "/seat/phone", seat_phone.credential, SIT),
        Route("GET", "/sip", seat_phone.sip, SIT),
        Route("POST", "/seat/line", seat_phone.set_line, SIT),
        Route("POST", "/seat/tickets/{number:\\d+}", seat_form.save, SIT),
        Route("GET", "/seat/tickets/{number:\\d+}", seat_form.values, SIT),
        Route("POST", "/seat/tickets/{number:\\d+}/number", seat.number, REVEAL_PERSONAL),
        Route("GET", "/seat/statutes", seat_form.statutes, SIT),
        Route("GET", "/seat/limitation", seat_form.reckon, SIT),
        Route("GET", "/seat/panels/{panel}", seat.panel, SIT),
        Route("POST", "/seat/presence", seat.set_presence, SIT),
        Route("GET", "/wallboard", wallboard.page, SEE_WALLBOARD),
        Route("GET", "/tickets", tickets.page, SEE_TICKETS),
        Route("GET", "/tickets/export.xlsx", export.workbook, tickets.EXPORT),
        Route("GET", "/tickets/batch", batch.page, SEE_TICKETS),
        Route("POST", "/tickets/batch", batch.act, SEE_TICKETS),
        Route("GET", "/tickets/{number:\\d+}", ticket.page, SEE_TICKETS),
        Route("GET", "/tickets/{number:\\d+}/preview", ticket.preview, SEE_TICKETS),
        Route("GET", "/tickets/{number:\\d+}/panels/{panel}", ticket.panel, SEE_TICKETS),
        Route("GET", "/tickets/{number:\\d+}/acts/{action}", acts.form, SEE_TICKETS),
        Route("POST", "/tickets/{number:\\d+}/acts/{action}", acts.act, SEE_TICKETS),
        Route("POST", "/tickets/{number:\\d+}/reveal", ticket.reveal, REVEAL_PERSONAL),
        Route("GET", "/tickets/{number:\\d+}/refer/{service}", cases.refer_form, SEE_TICKETS),
        Route("POST", "/tickets/{number:\\d+}/refer/{service}", cases.refer, SEE_TICKETS),
        Route("GET", "/tickets/{number:\\d+}/papers/{paper:\\d+}", cases.paper, SEE_TICKETS),
    ),
    nav=(
        NavEntry("/seat", "坐席", "seat", SIT, order=10),
        NavEntry("/wallboard", "大屏", "wall", SEE_WALLBOARD, order=20, also=("/moment",)),
        NavEntry("/tickets", "工单", "ticket", SEE_TICKETS, order=30),
    ),
    directory=directory,
    subjects={"call": ticket.of_calls},
    panels=(cases.panel,),
    live_views=(wallboard.view, wallboard.curves_view, seat.line_view),
    resources=(seat_phone.open_phones,),
    closing=(seat_phone.close_phones,),
    bar=seat_bar.bar,
    event_rules=(*tickets.event_rules, *seat.event_rules),
)
