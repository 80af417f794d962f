"""The database: engine, sessions, the base of all tables, the outbox.

One code, two sizes: SQLite (WAL) embedded by default, PostgreSQL where there are several nodes.
"""

from hotline.store.database import Database, DatabaseUnavailableError
from hotline.store.outbox import Outbox, append, follow, latest
from hotline.store.types import Base, UTCDateTime

__all__ = [
    "Base",
    "Database",
    "DatabaseUnavailableError",
    "Outbox",
    "UTCDateTime",
    "append",
    "follow",
    "latest",
]
