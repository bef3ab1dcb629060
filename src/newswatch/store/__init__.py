"""The store: SQLAlchemy Core tables, migrations and queries; SQLite by default, PostgreSQL by URL."""

from newswatch.store.core import Store, is_there, open_store, peek_disabled
from newswatch.store.gauges import Gauges
from newswatch.store.outbox import PATIENCE, Asked, OutboxCounts
from newswatch.store.pages import EVERYTHING, Edition, Fate, Found, Pages, Wanted
from newswatch.store.reader import Reader, open_reader
from newswatch.store.reading import KnownEntry
from newswatch.store.search import FURTHEST, Query, Term, parsed
from newswatch.store.telling import DIVERTED, Acknowledged
from newswatch.store.transaction import Transaction

__all__ = [
    "DIVERTED", "EVERYTHING", "FURTHEST", "PATIENCE", "Acknowledged", "Asked", "Edition", "Fate", "Found", "Gauges",
    "KnownEntry", "OutboxCounts", "Pages", "Query", "Reader", "Store", "Term", "Transaction", "Wanted", "is_there",
    "open_reader", "open_store", "parsed", "peek_disabled",
]  # fmt: skip
