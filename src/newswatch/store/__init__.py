"""The store: SQLAlchemy Core tables, migrations and queries; SQLite by default, PostgreSQL by URL."""

from newswatch.store.core import Store, is_there, open_store, peek_disabled
from newswatch.store.outbox import PATIENCE, Asked, OutboxCounts
from newswatch.store.reading import KnownEntry
from newswatch.store.telling import DIVERTED, Acknowledged
from newswatch.store.transaction import Transaction

__all__ = [
    "DIVERTED", "PATIENCE", "Acknowledged", "Asked", "KnownEntry", "OutboxCounts", "Store", "Transaction",
    "is_there", "open_store", "peek_disabled",
]  # fmt: skip
