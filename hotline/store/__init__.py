"""The database: engine, sessions, the base of all tables, the outbox.

One code, two sizes: SQLite (WAL) embedded by default, PostgreSQL where there are several nodes.
"""

from hotline.store.collating import as_code, as_words
from hotline.store.database import Database
from hotline.store.outbox import Outbox, append
from hotline.store.readers import OutboxReader, behind, follow, latest, purge, take
from hotline.store.troubles import DatabaseOutdatedError, DatabaseUnavailableError
from hotline.store.types import Base, Code, Json, RowId, UTCDateTime

__all__ = [
    "Base",
    "Code",
    "Database",
    "DatabaseOutdatedError",
    "DatabaseUnavailableError",
    "Json",
    "Outbox",
    "OutboxReader",
    "RowId",
    "UTCDateTime",
    "append",
    "as_code",
    "as_words",
    "behind",
    "follow",
    "latest",
    "purge",
    "take",
]
