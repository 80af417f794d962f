"""A desk with the services that we ship and a calendar that doesn't change under the tests."""

from __future__ import annotations

from datetime import date

import pytest

from hotline.casework import Desk, services
from hotline.worktime import Calendar, WorkTime


@pytest.fixture(scope="session")
def desk() -> Desk:
    days = {date(2026, 10, day): "国庆节" for day in range(1, 8)}
    return Desk(services.load(), WorkTime(Calendar(days, known=frozenset({2026, 2027}))))
