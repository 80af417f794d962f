"""Whoever applied for something hears when it is over: by every way in which staff may end it."""

from __future__ import annotations

from hotline.casework import Service, services
from hotline.casework.definition import APPLICANT, StateKind

AFTER_THE_ANSWER = {
    # The applicant has had the answer; what follows is the bureau's own.
    "legal_aid": {"approve_subsidy"},
    "mediation": {"approve_subsidy"},
    "village_adviser": {"archive"},
    "ticket": {"archive", "record_followup", "not_reached", "exclude_evaluation", "no_callback"},
    # A slip of the keys, a hoax, a caller who rang twice: nothing to be told.
    "ticket's own": {"merge", "cancel"},
    # They were there themselves.
    "remote_visit": {"hold"},
    "volunteer": {"leave"},
}


def silent_ends(service: Service) -> set[str]:
    """Return the acts that end a case without a word to its applicant."""
    ends = {code for code, state in service.states.items() if state.kind is StateKind.END}
    return {
        t.action
        for t in service.transitions
        if ends & {target.state for target in t.to}
        and set(t.who) != {APPLICANT}
        and APPLICANT not in {notice.whom for notice in t.effects.tell}
    }


def test_no_application_ends_without_a_word() -> None:
    known = dict(AFTER_THE_ANSWER)
    known["ticket"] |= known.pop("ticket's own")
    for code, service in services.load().by_code.items():
        if APPLICANT in service.opened_by:
            assert silent_ends(service) <= known.get(code, set()), code
