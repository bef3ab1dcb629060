"""``newswatch backup`` and ``restore``, as a person uses them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback.world import write_config
from newswatch.cli.common import clock
from newswatch.model import FeedState
from newswatch.store import open_store

Run = Callable[..., Ran]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = write_config(tmp_path, {"wire": "http://127.0.0.1:9/"})
    store = open_store("sqlite:///newswatch.db", base=tmp_path, now=clock())
    with store.transaction() as tx:
        tx.save_feed(FeedState("wire", "http://127.0.0.1:9/"))
    store.close()
    return path


def test_there_and_back(run: Run, config: Path, tmp_path: Path) -> None:
    made = run("backup", "saved.db", "-c", config)
    assert (made.code, made.err) == (0, "")
    assert "1 feed, 0 stories, 0 facts, 0 deliveries (0 due)" in made.out
    refused = run("restore", "saved.db", "-c", config)
    assert refused.code == 1
    assert "say --replace" in refused.err
    done = run("restore", "saved.db", "--replace", "-c", config)
    assert done.code == 0
    assert "restored; start newswatch again" in done.out
    kept = list(tmp_path.glob("newswatch.db.replaced-*"))
    assert len(kept) == 1
    assert str(kept[0]) in done.out
    looked = run("restore", "saved.db", "--check", "-c", config)
    assert (looked.code, "1 feed" in looked.out, "restored" in looked.out) == (0, True, False)


def test_a_folder_keeps_the_newest(run: Run, config: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 4):
        (folder / f"newswatch-2020010{day}T000000Z.db").write_text("old")
    (folder / "mine.db").write_text("precious")
    made = run("backup", folder, "--keep", "2", "-c", config)
    assert made.code == 0
    left = sorted(path.name for path in folder.iterdir())
    assert left[:2] == ["mine.db", "newswatch-20200103T000000Z.db"]
    assert len(left) == 3
    assert made.out.count("removed") == 2


def test_keep_needs_a_folder(run: Run, config: Path) -> None:
    ran = run("backup", "saved.db", "--keep", "2", "-c", config)
    assert (ran.code, "--keep works on a folder" in ran.err) == (2, True)


def test_what_is_no_backup_is_said(run: Run, config: Path) -> None:
    ran = run("restore", config, "-c", config)
    assert ran.code == 1
    assert "is no backup of newswatch" in ran.err
