"""Backups: a store as one SQLite file, whichever database it is kept in, and back into whichever is configured.

A backup is a newswatch store itself, so that it can be opened, checked and upgraded like any other. SQLite's own
online backup makes it of a SQLite store (https://www.sqlite.org/backup.html); of PostgreSQL, every table is read in one
snapshot. Both leave the service running.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Integer, Table, func, select, text

from newswatch.errors import StoreError
from newswatch.store import search
from newswatch.store import tables as t
from newswatch.store.core import Store, open_store
from newswatch.store.engine import in_words, resolved

_ROWS = 1_000
_HEADER = b"SQLite format 3\x00"
# Told by restoring, each with what a person calls it.
_COUNTED = {"story": "story", "fact": "fact", "delivery": "delivery", "feed": "feed"}


@dataclass(frozen=True, slots=True)
class Held:
    """What a backup holds.

    Attributes:
        path: the file.
        size: its bytes.
        rows: how many rows of the tables that a person knows: story, fact, delivery, feed.
        due: deliveries that were still to be sent.
        newest: when the newest story was first seen, or None.
    """

    path: Path
    size: int
    rows: dict[str, int]
    due: int
    newest: datetime | None


def back_up(store: Store, path: Path, *, now: datetime, overwrite: bool = False) -> Held:
    """Write a store into a file, consistent even while the service writes; nothing half-written is ever seen.

    Args:
        store: any store.
        path: the file; its folder must be there.
        now: noted in the copy of a PostgreSQL store.
        overwrite: whether a file that is there may be replaced.

    Raises:
        StoreError: the file is there already or cannot be written, or the store cannot be read or is damaged.
    """
    if path.exists() and not overwrite:
        raise StoreError(f"{path} is there already; name another file, or say --force to replace it")
    if str(path.absolute()) == store.place:
        raise StoreError(f"{path} is the store itself; name another file")
    with _beside(path) as new:
        if store.is_sqlite:
            store.copy_to(new)
        else:
            copy = open_store(f"sqlite:///{new}", base=path.parent, now=now)
            try:
                with store.snapshot() as source, copy.writing() as target:
                    _copy_rows(source, target)
            finally:
                copy.close()
        _settle(new)
        held = looked_at(new)
        new.replace(path)
        _sync(path.parent)
    return Held(path, held.size, held.rows, held.due, held.newest)


def looked_at(path: Path) -> Held:
    """Check a backup, without changing it.

    Raises:
        StoreError: it is no newswatch store, or is damaged.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}") from error
    if header != _HEADER:
        raise StoreError(
            f"{path} is no backup of newswatch (not an SQLite file); name a file that `newswatch backup` wrote"
        )
    # As it stands on the disk, and without any file beside it being made.
    with in_words(str(path)), closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as found:
        names = {name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"migration", "story", "delivery"} <= names:
            raise StoreError(f"{path} is no backup of newswatch; name a file that `newswatch backup` wrote")
        wrong = [row for (row,) in found.execute("PRAGMA integrity_check(5)") if row != "ok"]
        if wrong:
            raise StoreError(f"{path} is damaged ({wrong[0]}); use an older backup")
        rows = {name: found.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _COUNTED}  # noqa: S608 - names of ours
        due = found.execute("SELECT count(*) FROM delivery WHERE state = 'due'").fetchone()[0]
        newest = found.execute("SELECT max(first_seen) FROM story").fetchone()[0]
    seen = t.Moment().process_result_value(newest, None) if newest is not None else None  # type: ignore[arg-type]
    return Held(path, size, rows, due, seen)


def restore(path: Path, url: str, *, base: Path, now: datetime, replace: bool = False) -> Path | None:
    """Put a backup in place of the configured store, upgraded to this version. The backup itself is not changed.

    Args:
        path: a backup, of this version or an earlier one.
        url: the store's SQLAlchemy URL.
        base: the configuration's folder.
        now: noted as the time of a migration; part of the name under which the old file is kept.
        replace: whether a store that holds anything may be replaced.

    Returns:
        Where the SQLite store that was replaced is kept, or None.

    Raises:
        StoreVersionError: a newer newswatch wrote the backup.
        StoreLocked: newswatch is running.
        StoreError: it is no backup, or the store holds something and ``replace`` is false, or cannot be written.
    """
    looked_at(path)
    target = resolved(url, base)
    if target.get_backend_name() != "sqlite":
        with tempfile.TemporaryDirectory(prefix="newswatch-restore-") as folder:
            _into_database(_upgraded(path, Path(folder) / "backup.db", now), url, base, now, replace=replace)
        return None
    place = Path(target.database or "")
    if place.exists() and place.samefile(path):
        raise StoreError(f"{path} is the store itself; name a backup of it")
    with _beside(place) as new:
        _upgraded(path, new, now)
        _settle(new)
        return _swapped(place, new, base, now, replace=replace)


def _swapped(place: Path, new: Path, base: Path, now: datetime, *, replace: bool) -> Path | None:
    """Put a file in a SQLite store's place while nobody works with that; the old one is kept beside it."""
    store = open_store(f"sqlite:///{place}", base=base, now=now)
    try:
        with store.lock("newswatch restore", now):
            holds = store.holds_anything()
            if holds and not replace:
                raise StoreError(
                    f"store {place} holds something already; say --replace to put the backup in its place "
                    f"(it is kept beside it)"
                )
            store.close()
            old = place.with_name(f"{place.name}.replaced-{now:%Y%m%dT%H%M%S}")
            with in_words(str(place)):
                if holds:
                    # Both names for a moment: whenever this is cut short, the store is the old one or the new one.
                    os.link(place, old)
                for left in ("-wal", "-shm"):
                    # Closing folds them back, unless somebody reads just now; they belong to the file they stand by.
                    with suppress(FileNotFoundError):
                        Path(f"{place}{left}").rename(f"{old}{left}")
                new.replace(place)
            _sync(place.parent)
            return old if holds else None
    finally:
        store.close()


def _into_database(path: Path, url: str, base: Path, now: datetime, *, replace: bool) -> None:
    store, backup = open_store(url, base=base, now=now), open_store(f"sqlite:///{path}", base=path.parent, now=now)
    try:
        with store.lock("newswatch restore", now):
            if store.holds_anything() and not replace:
                raise StoreError(
                    f"store {store.place} holds something already; say --replace to put the backup in its place "
                    f"(what is there is deleted: make a backup of it first)"
                )
            with backup.snapshot() as source, store.writing() as target:
                for table in reversed(_tables()):
                    target.execute(table.delete())
                _copy_rows(source, target)
                _set_sequences(target)
    finally:
        backup.close()
        store.close()


def _upgraded(path: Path, copy: Path, now: datetime) -> Path:
    """A copy of a backup, brought to this version."""
    with (
        in_words(str(copy)),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    copy.chmod(0o600)
    open_store(f"sqlite:///{copy}", base=copy.parent, now=now).close()
    return copy


def _tables() -> list[Table]:
    """Every table but the migrations', those that others refer to first."""
    return [table for table in t.metadata.sorted_tables if table is not t.migration]


def _copy_rows(source: Connection, target: Connection) -> None:
    for table in _tables():
        rows = source.execution_options(yield_per=_ROWS).execute(select(table))
        for some in rows.partitions(_ROWS):
            target.execute(table.insert(), [dict(row._mapping) for row in some])
    search.renew(target)


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL numbers new rows on from the highest that was copied."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables():
        keys = [column for column in table.primary_key if isinstance(column.type, Integer)]
        for key in keys:
            named = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
            if named:
                highest = connection.scalar(select(func.max(key)))
                if highest is not None:
                    connection.execute(text("SELECT setval(:name, :value)"), {"name": named, "value": highest})


def _settle(path: Path) -> None:
    """Make a store one file that needs no other beside it, written through to the disk."""
    with in_words(str(path)), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    path.chmod(0o600)
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new name in a file's folder; whatever is left under it at the end is removed.

    Raises:
        StoreError: there is no such folder, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    try:
        yield folder / path.name
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Write a folder's new names through to the disk."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
