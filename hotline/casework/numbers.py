"""Case numbers (工单号): digits only, so that a caller can read one out or key it in.

``YYMMDD`` (the day in China), the service's two digits, a running number of at least four digits,
and a Luhn check digit that catches a wrong key or two neighbours swapped.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.tables import NumberCounter
from hotline.clock import CHINA
from hotline.store import DatabaseUnavailableError

RUNNING_DIGITS = 4


def prefix(now: datetime, service_digits: str) -> str:
    """Return the beginning of the numbers given out at ``now``."""
    return f"{now.astimezone(CHINA):%y%m%d}{service_digits}"


def number(beginning: str, running: int) -> str:
    """Return the full number of the ``running``-th case under ``beginning``."""
    body = f"{beginning}{running:0{RUNNING_DIGITS}d}"
    return body + _check_digit(body)


def is_valid(text: str) -> bool:
    """Whether ``text`` could be a case number: its length and check digit are right."""
    return (
        text.isascii()
        and text.isdigit()
        and len(text) > 8 + RUNNING_DIGITS
        and _check_digit(text[:-1]) == text[-1]
    )


async def reserve(session: AsyncSession, beginning: str, count: int) -> range:
    """Reserve ``count`` running numbers under ``beginning`` in ``session``'s transaction.

    Others who reserve under the same beginning wait for this transaction, so there are no gaps.
    """
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(NumberCounter).values(prefix=beginning, last=count)
    last = await session.scalar(
        statement.on_conflict_do_update(
            index_elements=[NumberCounter.prefix], set_={"last": NumberCounter.last + count}
        ).returning(NumberCounter.last)
    )
    if last is None:
        raise DatabaseUnavailableError
    return range(last - count + 1, last + 1)


def _check_digit(digits: str) -> str:
    total = 0
    for position, character in enumerate(reversed(digits)):
        value = int(character)
        if position % 2 == 0:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return str(-total % 10)
