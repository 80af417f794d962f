"""Addresses of lists: what is asked, and where the next page is."""

from __future__ import annotations

from agents.pages.tickets import Asked, asked


def test_an_address_leads_to_the_next_page_of_the_same_list() -> None:
    wanted = asked({"topic": "wages", "order": "due", "tab": "nothing"})
    assert wanted.query(after="mark") == "/tickets?order=due&topic=wages&after=mark"


def test_what_is_usual_is_left_out() -> None:
    assert Asked().query(after="") == "/tickets"
