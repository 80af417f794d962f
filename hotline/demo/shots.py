"""Which pages are looked at, by whom, and what they are brought to first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hotline.demo.sample import seats


@dataclass(frozen=True)
class Shot:
    """One page to look at, and by whom (nobody: signed out)."""

    name: str
    path: str
    account: str | None = "banzhang"
    pose: str = ""
    """What the page is brought to first; see :mod:`hotline.demo.poses`."""


def shots(tickets: Mapping[str, str]) -> list[Shot]:
    """Return the pages; ``tickets`` are ticket numbers by what they show."""
    return [
        Shot("signin", "/signin", None),
        Shot("seat", "/seat", "wang"),
        Shot("seat-ready", "/seat", "chen"),
        *_seats(),
        Shot("act", f"/tickets/{tickets['wages']}/acts/record"),
        Shot("wallboard", "/wallboard"),
        Shot("wallboard-screen", "/wallboard?screen"),
        Shot("control", "/control"),
        Shot("moment", "/moment?at=2026-11-24T09:22:57"),
        Shot("tickets", "/tickets"),
        Shot("tickets-due", "/tickets?tab=open&order=due"),
        Shot("tickets-empty", "/tickets?text=99999"),
        Shot("ticket", f"/tickets/{tickets['wages']}"),
        Shot("ticket-clean", f"/tickets/{tickets['divorce']}"),
        Shot("ticket-veto", f"/tickets/{tickets['lending']}"),
        Shot("ticket-confidential", f"/tickets/{tickets['violence']}"),
        Shot("ticket-waiting", f"/tickets/{tickets['waiting']}"),
        Shot("ticket-damaged", f"/tickets/{tickets['damaged']}"),
        Shot("report", "/reports/monthly/2026-11"),
        Shot("report-day", "/reports/daily/2026-11-24"),
        Shot("station", "/station", "qingshi"),
        Shot("station-hours", "/stations/qingshi/hours", "qingshi"),
        Shot("stations", "/stations"),
        Shot("alarms", "/alarms"),
        Shot("callbacks", "/callbacks"),
        Shot("followups", "/followups"),
        Shot("followups-done", "/followups?why=begun"),
        Shot("blocked", "/blocked"),
        Shot("rota", "/rota"),
        Shot("rota-shift", "/rota/shifts/new?agent=abdu&day=2026-11-26"),
        Shot("rota-mine", "/rota/mine", "wang"),
        Shot("rota-requests", "/rota/mine"),
        Shot("rota-attendance", "/rota/attendance"),
        Shot("subsidies", "/subsidies/2026-10"),
        Shot("subsidy", "/subsidies/statements/1", "wang"),
        Shot("cases", "/cases"),
        Shot("cases-due", "/cases?tab=due"),
        Shot("cases-register", "/cases?service=adviser"),
        Shot("case", f"/cases/{tickets['aid']}"),
        Shot("case-special", f"/cases/{tickets['special']}"),
        Shot("case-act", f"/cases/{tickets['appointment']}/acts/book"),
        Shot("case-new", "/cases/new"),
        Shot("case-open", "/cases/new/legal_aid"),
        Shot("case-calendar", "/cases/calendar/publicity"),
        Shot("case-slots", "/cases/slots/lawyer_appointment?whose=assignee_id:wang"),
        Shot("case-totals", "/cases/totals/village_visit"),
        Shot("case-coverage", "/cases/coverage/adviser"),
        Shot("case-document", f"/cases/{tickets['aid']}/documents/1"),
        Shot("person-of", f"/persons/of/{tickets['aid']}"),
        Shot("persons", "/persons?text=13812345678"),
        Shot("notices", "/cases/notices"),
        Shot("places", "/places"),
        Shot("place", "/places/qingshi"),
        Shot("place-edit", "/places/qingshi/edit"),
        Shot("review", "/review", "zhijian"),
        Shot("review-call", f"/review/{tickets['wages_call']}", "zhijian"),
        Shot("review-appeals", "/review?tab=appeals", "zhijian2"),
        Shot("review-calibration", "/review/calibration", "zhijian"),
        Shot("quality", "/quality"),
        Shot("review-mine", "/review/mine", "wang"),
        Shot("knowledge", "/knowledge?q=老板拖欠工资怎么办"),
        Shot("knowledge-empty", "/knowledge"),
        Shot("gaps", "/knowledge/gaps"),
        Shot("hints", "/knowledge/hints"),
        Shot("cards", "/cards"),
        Shot("card", "/cards/dismissal"),
        Shot("card-review", "/cards/dog-bite", "banzhang"),
        Shot("card-edit", "/cards/lease-deposit/edit"),
        Shot("card-compare", "/cards/bride-price/compare?from=0&to=1"),
        Shot("users", "/users"),
        Shot("user", "/users/wang"),
        Shot("audit", "/audit"),
        Shot("account", "/account"),
        Shot("totp", "/account/totp"),
        Shot("design", "/design"),
        Shot("forbidden", "/users", "wang"),
        Shot("not-found", "/tickets/1"),
    ]


def _seats() -> list[Shot]:
    """The seat in every moment of a call, and in everything that can be wrong."""
    rings, talks, fills = seats.RINGS, seats.TALKS, seats.FILLS
    return [
        Shot("seat-ringing", "/seat", rings, "ringing"),
        Shot("seat-talking", "/seat", talks, "talking"),
        Shot("seat-transfer", "/seat", talks, "transferring"),
        Shot("seat-consulting", "/seat", talks, "consulting"),
        Shot("seat-three", "/seat", talks, "three"),
        Shot("seat-keys", "/seat", talks, "keys"),
        Shot("seat-merged", "/seat", talks, "merged"),
        Shot("seat-lost", "/seat", talks, "lost"),
        Shot("seat-elsewhere", "/seat", talks, "elsewhere"),
        Shot("seat-signed-out", "/seat", talks, "signedout"),
        Shot("seat-wrap-up", "/seat", fills, "filling"),
        Shot("seat-refused", "/seat", fills, "refused"),
        Shot("seat-no-device", "/seat", fills, "nodevice"),
        Shot("seat-not-trusted", "/seat", fills, "insecure"),
        Shot("seat-away", "/seat", fills, "away"),
    ]
