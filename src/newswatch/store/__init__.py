"""The store: SQLAlchemy Core tables, migrations and queries; SQLite by default, PostgreSQL by URL."""

from newswatch.store.core import Store, open_store, peek_disabled
from newswatch.store.reading import KnownEntry, OutboxCounts
from newswatch.store.telling import DIVERTED, Acknowledged
from newswatch.store.transaction import Transaction

__all__ = [
    "DIVERTED", "Acknowledged", "KnownEntry", "OutboxCounts", "Store", "Transaction", "open_store", "peek_disabled",
]  # fmt: skip
