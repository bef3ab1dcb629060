"""``newswatch digest --preview``: files to look at, and nothing told by it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loopback import news
from loopback.world import write_config
from newswatch.config.load import load_config
from newswatch.model import Held
from newswatch.store import open_store

WHO = "[{id: quick, channels: [box], digest: null}, {id: desk, channels: [box]}]"


def configured(folder: Path) -> Path:
    return write_config(folder, {"wire": "http://127.0.0.1:9/"}, "{box: {type: folder, path: outbox}}", WHO)


def newswatch(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    command = [sys.executable, "-m", "newswatch", "digest", *words]
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, timeout=60)


def test_it_shows_what_is_held_and_leaves_it_held(tmp_path: Path) -> None:
    loaded = load_config(configured(tmp_path), {})
    now = datetime.now(UTC)
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    held = Held("desk", news.item(news.RESIGNS), "velmora", news.EVENT.title, now - timedelta(hours=1))
    with store.transaction() as tx:
        tx.hold([held])
    for words in ((), ("desk", "--since", "24h", "--no-open")):
        done = newswatch("--preview", *words, "--out", "shown", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        path = Path(done.stdout.strip())
        assert path == tmp_path / "shown" / "digest-desk.html"
        for file in (path, path.with_suffix(".txt")):
            assert "offered her resignation" in " ".join(file.read_text(encoding="utf-8").split())
    assert store.held("desk", datetime.now(UTC)) == (held,)
    assert store.deliveries() == []
    assert store.last_digest_run("desk") is None
    store.close()


def test_with_nothing_held_it_says_so(tmp_path: Path) -> None:
    configured(tmp_path)
    done = newswatch("--preview", cwd=tmp_path)
    assert done.returncode == 0
    assert "Nothing new." in (tmp_path / "digest-desk.txt").read_text(encoding="utf-8")


def test_mistakes_are_told_in_a_sentence(tmp_path: Path) -> None:
    configured(tmp_path)
    (tmp_path / "file").write_text("", encoding="utf-8")
    for words, code, said in (
        ((), 2, "say --preview"),
        (("--preview", "ghost"), 2, "no recipient is called 'ghost'; configured: quick, desk"),
        (("--preview", "--out", "file/below"), 1, "cannot be written"),
        (("--preview", "--since", "soon"), 2, "soon"),
    ):
        done = newswatch(*words, cwd=tmp_path)
        assert done.returncode == code
        assert said in done.stderr
        assert "Traceback" not in done.stderr
