"""Opening a database: SQLite with its settings, any other by URL; its errors in the user's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from newswatch.errors import StoreError

# An INSERT that finds the store locked by another reader's checkpoint waits this long, seconds.
BUSY_SECONDS = 30.0


def resolved(url: str, base: Path) -> URL:
    """The URL with a relative SQLite path made absolute, from the configuration's folder.

    Raises:
        StoreError: it is no database URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            f"store.url: {url!r} is not a database URL; write for example sqlite:///newswatch.db"
        ) from error
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StoreError(
                "store.url: a store in memory forgets everything; name a file, as in sqlite:///newswatch.db"
            )
        return parsed.set(database=str((base / parsed.database).absolute()))
    return parsed


def connect(url: URL) -> Engine:
    """An engine for the URL; a SQLite file's folder is made when missing.

    Raises:
        StoreError: no driver for it, or the folder cannot be made.
    """
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url, pool_pre_ping=True)
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"store.url: {url.drivername} is not installed; PostgreSQL needs  pip install 'newswatch[postgresql]'  "
                f"and a URL that starts with postgresql+psycopg://"
            ) from error
    path = Path(url.database or "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"store {path}: its folder cannot be made: {error.strerror}") from error
    if path.is_dir():
        raise StoreError(f"store {path}: is a folder; store.url must name a file")
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    """WAL, so that readers do not wait; FULL, so that what was marked sent stays marked after a power cut."""
    # We say BEGIN ourselves: sqlite3 would wait with it until the first write, and a reader cannot become a writer.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # 16 MB of pages instead of 2, and the log folded back after 16 MB instead of 4: keys are hashes, written all over.
    cursor.execute("PRAGMA cache_size=-16000")
    cursor.execute("PRAGMA wal_autocheckpoint=4000")
    cursor.close()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("newswatch_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


# What SQLite says -> what it means for the user.
_MEANINGS = (
    ("disk is full", "the disk is full; make room, and newswatch goes on where it stopped"),
    ("disk i/o error", "the disk does not take or give data (I/O error); look at the disk"),
    ("readonly database", "it is read-only; make the file and its folder writable for this user"),
    ("read-only", "it is read-only; make the file and its folder writable for this user"),
    ("unable to open database file", "it cannot be opened; the file and its folder must be writable for this user"),
    ("file is not a database", "it is not a newswatch store (not an SQLite file); move it away, or name another file"),
    ("malformed", "it is damaged; restore a backup, or move it away and start with a new one"),
    ("no such module: fts5", "this Python's SQLite was built without full text search (FTS5); use another Python"),
    ("no such table", "a table is missing; restore a backup, or move it away and start with a new one"),
    ("no such column", "a column is missing; restore a backup, or move it away and start with a new one"),
    ("database is locked", f"another process holds it for more than {BUSY_SECONDS:.0f} seconds"),
)


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Turn a database's error into a `StoreError` that says what to do."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error)
        meaning = next((words for sign, words in _MEANINGS if sign in said.lower()), said.splitlines()[0])
        raise StoreError(f"store {place}: {meaning}") from error


def raw_sqlite(connection: Connection) -> Any:
    """The sqlite3 connection beneath."""
    return connection.connection.driver_connection
