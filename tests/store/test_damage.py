"""Stores that cannot be written, or are not what they were: each is said in words, and nothing is guessed."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newswatch.errors import StoreError
from newswatch.model import Evidence, Fact, FeedState, Figure
from newswatch.store import Store, open_store

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
NOBODY = 65534
PAGE = 4096
READ_ONLY = "it is read-only; make the file and its folder writable for this user"
CLOSED = "it cannot be opened; the file and its folder must be writable for this user"
DAMAGED = "it is damaged; restore a backup, or move it away and start with a new one"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a user without rights reaches, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="newswatch-test-") as name:
        path = Path(name)
        path.chmod(0o755)
        with closing(opened(path)) as store, store.transaction() as tx:
            for number in range(2000):
                tx.save_feed(FeedState(f"f{number}", "http://x/" + "x" * 100))
        yield path
        path.chmod(0o755)


def opened(folder: Path) -> Store:
    return open_store("sqlite:///s.db", base=folder, now=NOW)


@contextmanager
def without_rights() -> Iterator[None]:
    """Modes do not bind root: for the time being, be somebody whom they bind."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


def write(store: Store) -> None:
    with store.transaction() as tx:
        tx.save_feed(FeedState("f", "http://x/"))


def maintain(store: Store) -> None:
    store.maintain(NOW, timedelta(days=1))


@pytest.mark.parametrize(
    ("file", "of_folder", "work", "sentence"),
    [
        (0o444, 0o777, write, READ_ONLY),
        (0o444, 0o777, maintain, READ_ONLY),
        (0o444, 0o555, write, READ_ONLY),
        (0o666, 0o555, write, READ_ONLY),
        (0o000, 0o777, write, CLOSED),
    ],
)
def test_a_read_only_store_is_said(
    file: int, of_folder: int, work: Callable[[Store], None], sentence: str, folder: Path
) -> None:
    (folder / "s.db").chmod(file)
    folder.chmod(of_folder)
    with without_rights(), pytest.raises(StoreError) as caught, closing(opened(folder)) as store:
        work(store)
    assert sentence in str(caught.value)
    assert str(folder) in str(caught.value)


def test_a_lock_file_that_cannot_be_made_is_said(folder: Path) -> None:
    with closing(opened(folder)) as store:
        (folder / "s.db.lock").mkdir()
        with pytest.raises(StoreError, match=r"s\.db\.lock cannot be made: Is a directory; make its folder writable"):
            store.lock("test", NOW).__enter__()


def test_a_folder_where_no_file_can_be_made_is_said(folder: Path) -> None:
    (folder / "s.db").unlink()
    folder.chmod(0o555)
    with without_rights(), pytest.raises(StoreError, match=CLOSED):
        opened(folder)


def test_a_copy_that_cannot_be_written_is_said(folder: Path) -> None:
    with closing(opened(folder)) as store, pytest.raises(StoreError, match=rf"store /proc/copy\.db: {CLOSED}"):
        store.copy_to(Path("/proc/copy.db"))


def garbage(raw: bytearray) -> None:
    raw[20 * PAGE : 60 * PAGE] = b"\xa5" * 40 * PAGE


def schema(raw: bytearray) -> None:
    raw[100:PAGE] = b"\xa5" * (PAGE - 100)


def truncated(raw: bytearray) -> None:
    del raw[30 * PAGE :]


@pytest.mark.parametrize("damage", [garbage, schema, truncated])
def test_a_damaged_file_is_said(damage: Callable[[bytearray], None], folder: Path) -> None:
    raw = bytearray((folder / "s.db").read_bytes())
    damage(raw)
    (folder / "s.db").write_bytes(raw)
    with pytest.raises(StoreError) as caught, closing(opened(folder)) as store:
        store.feed_states(f"f{number}" for number in range(2000))
    assert DAMAGED in str(caught.value)


def test_a_missing_table_is_said(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "s.db")) as database:
        database.execute("DROP TABLE feed")
    with closing(opened(folder)) as store, pytest.raises(StoreError, match="a table is missing; restore a backup"):
        store.feed_states(["f"])


def test_a_row_that_cannot_be_read_is_said(folder: Path) -> None:
    with closing(opened(folder)) as store:
        with store.transaction() as tx:
            tx.add_facts([Fact("fct", "ev", Figure(Evidence("Three.", 0), "killed", 3), "sty", "Wire", NOW)])
        with closing(sqlite3.connect(folder / "s.db")) as database:
            database.execute("UPDATE fact SET body = '{\"fact_id\": 3'")
            database.commit()
        with pytest.raises(StoreError, match=r"holds a Fact that cannot be read \(.*restore a backup"):
            store.facts("ev")
