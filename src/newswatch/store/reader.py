"""A store that is only looked at: connections of their own that the database itself keeps from writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, event

from newswatch.store.engine import connect, in_words, resolved
from newswatch.store.pages import Pages


class Reader:
    """Reads beside whoever writes. Any thread may use it; a reader waits for no writer, and no writer for it.

    SQLite in its write-ahead log gives each page one unchanging state, PostgreSQL by REPEATABLE READ.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _no_writing)
        else:
            self._engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def moment(self) -> Iterator[Pages]:
        """The queries of one page, all of one moment.

        Raises:
            StoreError: the store cannot be read.
        """
        with in_words(self._place), self._engine.connect() as connection:
            yield Pages(connection)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _no_writing(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def open_reader(url: str, *, base: Path) -> Reader:
    """Open a store that is there and of this version: `open_store` was here before.

    Args:
        url: SQLAlchemy URL; a relative SQLite path is relative to ``base``.
        base: the configuration's folder.

    Raises:
        StoreError: it cannot be opened.
    """
    parsed = resolved(url, base)
    place = parsed.database or "" if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()
    return Reader(connect(parsed), place)
