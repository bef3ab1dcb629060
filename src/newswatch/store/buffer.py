"""Rows that wait to be written, so that a table gets many with one statement.

They go straight to the driver's ``executemany``: SQLAlchemy's own way with the parameters of each row costs more than
SQLite takes to write it. The statements are SQLAlchemy's still, compiled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from newswatch.store import tables as t

How = Literal["append", "replace"]
"""Every row is new; or it takes the place of one with the same key."""

FEED = tuple(column.name for column in t.feed.columns)
ENTRY = ("feed_id", "entry_id", "story_id", "fingerprint", "link", "source", "seen")
STORY = ("story_id", "url", "title", "body", "source", "language", "published", "first_seen", "revision",
         "near_copy_of", "signature", "full_text")  # fmt: skip
REVISION = ("story_id", "number", "title", "body")
BAND = ("band", "story_id")
DECISION = ("event", "story_id", "revision", "relevant", "severity", "decided", "body")
_COLUMNS: dict[Table, tuple[str, ...]] = {
    t.feed: FEED, t.entry: ENTRY, t.story: STORY, t.revision: REVISION, t.band: BAND, t.decision: DECISION,
}  # fmt: skip


def moment(value: datetime | None) -> int | None:
    """A time as the tables keep it."""
    return None if value is None else t.microseconds(value)


class Buffer:
    """Rows of one transaction that wait to be written; nothing reads the tables before they are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[Table, How], list[tuple[Any, ...]]] = {}

    def add(self, table: Table, how: How, row: tuple[Any, ...]) -> None:
        """Keep a row, its values in the order of the table's columns above."""
        rows = self._rows.get((table, how))
        if rows is None:
            rows = self._rows[table, how] = []
        rows.append(row)

    def write(self) -> None:
        """Write what waits."""
        if not self._rows:
            return
        waiting, self._rows = self._rows, {}
        for (table, how), rows in waiting.items():
            self._connection.exec_driver_sql(*_statement(self._connection.dialect, table, how, rows))


def _statement(dialect: Dialect, table: Table, how: How, rows: Sequence[tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """The statement, and the rows as the driver takes them: by place, or by name."""
    sql, places = _compiled(dialect.name, dialect.paramstyle, table, how)
    if places:
        return sql, list(rows)
    names = _COLUMNS[table]
    return sql, [dict(zip(names, row, strict=True)) for row in rows]


@cache
def _compiled(name: str, paramstyle: str, table: Table, how: How) -> tuple[str, bool]:
    """The SQL of a table's INSERT, and whether its parameters go by place."""
    names = _COLUMNS[table]
    kind = postgresql if name == "postgresql" else sqlite
    statement = kind.insert(table)
    if how == "replace":
        keys = [column.name for column in table.primary_key.columns]
        changed = {column: statement.excluded[column] for column in names if column not in keys}
        statement = (
            statement.on_conflict_do_update(index_elements=keys, set_=changed)
            if changed
            else statement.on_conflict_do_nothing()
        )
    compiled = statement.compile(dialect=kind.dialect(paramstyle=paramstyle), column_keys=list(names))
    order = getattr(compiled, "positiontup", None)
    if order and tuple(order) != names:
        raise RuntimeError(f"the columns of {table.name} are written in another order: {order}")
    return str(compiled), bool(order)
