"""Backups of a live store and their way back, from each database into each."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopback import news
from newswatch.errors import StoreError, StoreLocked, StoreVersionError
from newswatch.model import Action, Correction, Delivery, FeedState, Mute
from newswatch.store import Store, open_store
from newswatch.store.backup import back_up, looked_at, restore
from newswatch.store.migrate import migrations

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(url, base=tmp_path, now=NOW)
    fill(opened)
    yield opened
    opened.close()


def fill(store: Store) -> None:
    item = news.item(news.INJURED)
    alert = news.alert(item)
    with store.transaction() as tx:
        tx.save_feed(FeedState("wire", "https://wire.example/", etag='"é"', next_due=NOW))
        tx.save_story(news.STORY, signature=b"\x00\xff", bands=["a", "b"])
        tx.add_alert(alert)
        tx.add_deliveries([Delivery("dlv_1", alert, "mail", NOW, next_due=NOW)])
        tx.add_mute(Mute("mut_1", NOW + timedelta(hours=2), NOW, "ann"))
        for number in range(3):
            tx.add_correction(Correction("velmora", f"f{number}", Action.REJECT, "It is so.", NOW, "ann"))


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    from newswatch.store.tables import metadata, migration

    with store.snapshot() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
            if table is not migration
        }


def test_a_backup_holds_everything_and_can_be_read_by_itself(store: Store, tmp_path: Path) -> None:
    held = back_up(store, tmp_path / "b" / "backup.db", now=NOW)
    assert (held.rows["story"], held.rows["feed"], held.rows["delivery"], held.due) == (1, 1, 1, 1)
    assert held.newest == news.STORY.first_seen
    assert held == looked_at(held.path)
    assert list((tmp_path / "b").iterdir()) == [held.path]
    assert held.path.stat().st_mode & 0o777 == 0o600
    copy = open_store(f"sqlite:///{held.path}", base=tmp_path, now=NOW)
    assert rows(copy) == rows(store)
    copy.close()


def test_a_backup_goes_back_into_either_database(
    store: Store, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    held = back_up(store, tmp_path / "backup.db", now=NOW)
    elsewhere = [("sqlite:///new/other.db")]
    if not store.is_sqlite:
        elsewhere.append(request.getfixturevalue("postgres").database())
    for other in elsewhere:
        assert restore(held.path, other, base=tmp_path, now=NOW) is None
        again = open_store(other, base=tmp_path, now=NOW)
        assert rows(again) == rows(store)
        with again.transaction() as tx:
            # Numbered on from what was restored.
            tx.add_correction(Correction("velmora", "f9", Action.REJECT, "It is so.", NOW, "ann"))
        assert [one.fact_id for one in again.corrections("velmora")] == ["f0", "f1", "f2", "f9"]
        again.close()


def test_what_is_there_is_replaced_only_when_told_to(store: Store, url: str, tmp_path: Path) -> None:
    held = back_up(store, tmp_path / "backup.db", now=NOW)
    before = rows(store)
    with store.transaction() as tx:
        tx.save_feed(FeedState("later", "https://later.example/"))
    store.close()
    with pytest.raises(StoreError, match="holds something already; say --replace"):
        restore(held.path, url, base=tmp_path, now=NOW)
    old = restore(held.path, url, base=tmp_path, now=NOW, replace=True)
    again = open_store(url, base=tmp_path, now=NOW)
    assert rows(again) == before
    again.close()
    assert (old is not None) == url.startswith("sqlite")
    if old is not None:
        kept = open_store(f"sqlite:///{old}", base=tmp_path, now=NOW)
        assert set(kept.feed_states(["later"])) == {"later"}
        kept.close()


def test_a_store_that_is_at_work_is_not_replaced(store: Store, url: str, tmp_path: Path) -> None:
    held = back_up(store, tmp_path / "backup.db", now=NOW)
    before = rows(store)
    with store.lock("newswatch run", NOW), pytest.raises(StoreLocked, match="already works with the store"):
        restore(held.path, url, base=tmp_path, now=NOW, replace=True)
    assert rows(store) == before


def test_a_backup_is_whole_while_another_writes(store: Store, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with store.transaction() as tx:
                # Both or none: a backup in between would hold one.
                tx.save_feed(FeedState(f"a{number}", "https://a.example/"))
                tx.save_feed(FeedState(f"b{number}", "https://b.example/"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        held = [back_up(store, tmp_path / f"{number}.db", now=NOW) for number in range(5)]
    finally:
        stop.set()
        writer.join()
    assert [one.rows["feed"] % 2 for one in held] == [1] * 5
    assert held[0].rows["feed"] <= held[-1].rows["feed"]


def test_a_file_that_is_there_is_not_overwritten_unasked(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "backup.db"
    path.write_text("precious")
    with pytest.raises(StoreError, match="is there already; name another file, or say --force"):
        back_up(store, path, now=NOW)
    assert path.read_text() == "precious"
    back_up(store, path, now=NOW, overwrite=True)
    assert looked_at(path).rows["story"] == 1


def test_a_store_is_no_backup_of_itself(tmp_path: Path) -> None:
    store = open_store("sqlite:///s.db", base=tmp_path, now=NOW)
    with pytest.raises(StoreError, match="is the store itself"):
        back_up(store, tmp_path / "s.db", now=NOW, overwrite=True)
    store.close()
    with pytest.raises(StoreError, match="is the store itself"):
        restore(tmp_path / "s.db", "sqlite:///s.db", base=tmp_path, now=NOW, replace=True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file"),
        (b"", "is no backup of newswatch"),
        (b"PGDMP" + b"\0" * 100, "not an SQLite file"),
        (b"SQLite format 3\x00" + b"\xff" * 4096, "not an SQLite file"),
    ],
)
def test_what_is_no_backup_is_refused(content: bytes | None, why: str, tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=why):
        restore(path, "sqlite:///s.db", base=tmp_path, now=NOW)
    assert not (tmp_path / "s.db").exists()


def test_another_programs_database_is_no_backup(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "b.db")) as other:
        other.execute("CREATE TABLE story (x)")
    with pytest.raises(StoreError, match="is no backup of newswatch"):
        looked_at(tmp_path / "b.db")


def test_a_damaged_backup_is_refused(tmp_path: Path) -> None:
    store = open_store("sqlite:///s.db", base=tmp_path, now=NOW)
    for number in range(200):
        with store.transaction() as tx:
            tx.save_story(
                replace(news.STORY, story_id=f"s{number}", url=f"https://a.example/{number}"), signature=b"", bands=[]
            )
    path = back_up(store, tmp_path / "b.db", now=NOW).path
    store.close()
    body = bytearray(path.read_bytes())
    for page in range(8, len(body) // 4096):
        body[page * 4096 : page * 4096 + 200] = b"\x5a" * 200
    path.write_bytes(body)
    with pytest.raises(StoreError, match="damaged"):
        looked_at(path)


def test_a_backup_of_a_newer_version_is_refused_and_of_an_older_one_upgraded(tmp_path: Path) -> None:
    store = open_store("sqlite:///s.db", base=tmp_path, now=NOW)
    path = back_up(store, tmp_path / "b.db", now=NOW).path
    store.close()
    newer = tmp_path / "newer.db"
    shutil.copy(path, newer)
    with closing(sqlite3.connect(newer)) as raw, raw:
        raw.execute("INSERT INTO migration VALUES (99, 'later', 'x', 0)")
    with pytest.raises(StoreVersionError, match="newer newswatch"):
        restore(newer, "sqlite:///t.db", base=tmp_path, now=NOW)
    older = tmp_path / "older.db"
    with closing(sqlite3.connect(older)) as raw, raw:
        raw.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT, checksum TEXT, applied BIGINT)")
        for migration in migrations()[:2]:
            for statement in migration.statements("sqlite"):
                raw.execute(statement)
            raw.execute(
                "INSERT INTO migration VALUES (?, ?, ?, 0)", (migration.number, migration.name, migration.checksum)
            )
    bytes_before = older.read_bytes()
    restore(older, "sqlite:///t.db", base=tmp_path, now=NOW)
    assert older.read_bytes() == bytes_before
    again = open_store("sqlite:///t.db", base=tmp_path, now=NOW)
    assert again.integrity() == []
    again.close()


def test_a_folder_that_cannot_be_written_is_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written: "):
        back_up(store, tmp_path / "file" / "backup.db", now=NOW)
