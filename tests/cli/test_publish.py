"""``newswatch publish`` and the feeds that ``newswatch once`` writes: what a person sees, and which files are there."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import feedparser
import pytest

from cli.conftest import Ran
from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config

Run = Callable[..., Ran]


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    """Feeds that answer, and a folder to publish in."""
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as server:
        path = write_config(tmp_path, {name: server.url(f"/{name}") for name in FEEDS})
        path.write_text(f"{path.read_text()}publish: {{folder: out, url: 'https://news.example.org/feeds'}}\n")
        yield path


def once(run: Run, config: Path, *more: str) -> Ran:
    return run("once", "-c", config, "--now", MOMENTS[2].isoformat(), *more)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_once_writes_the_feeds_and_publish_only_what_would_say_something_else(run: Run, config: Path) -> None:
    assert once(run, config).code == 0
    out = config.parent / "out"
    assert files(out) == ["velmora.atom", "velmora.json"]
    read = feedparser.parse((out / "velmora.atom").read_bytes())
    assert read.entries
    assert read.feed.links[0].href == "https://news.example.org/feeds/velmora.atom"
    items = json.loads((out / "velmora.json").read_text())["items"]
    assert [item["id"] for item in items] == [entry.id for entry in read.entries]
    nothing = run("publish", "-c", config)
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "")
    (out / "velmora.json").unlink()
    again = run("publish", "-c", config)
    assert (again.code, again.out, again.err) == (0, f"{out / 'velmora.json'}\n", "")


def test_a_dry_run_publishes_nothing(run: Run, config: Path) -> None:
    assert once(run, config, "--dry-run").code == 0
    assert not (config.parent / "out").exists()


def test_a_folder_that_cannot_be_written_is_one_problem_of_the_report(run: Run, config: Path) -> None:
    (config.parent / "out").write_text("")
    ran = once(run, config)
    assert ran.code == 1
    assert "deliveries" in ran.out
    assert list((config.parent / "outbox").glob("*.eml"))
    [line] = [line for line in ran.err.splitlines() if line.startswith("! publish:")]
    atom = config.parent / "out" / "velmora.atom"
    assert line == f"! publish: {atom} cannot be written (File exists); make room, or change publish.folder"
    assert json.loads(once(run, config, "--json").out)["unpublished"] == line.removeprefix("! publish: ")
    by_hand = run("publish", "-c", config)
    assert (by_hand.code, by_hand.out) == (1, "")
    assert by_hand.err == f"newswatch: {line.removeprefix('! publish: ')}\n"


def test_without_a_folder_it_says_what_to_write(run: Run, tmp_path: Path) -> None:
    config = write_config(tmp_path, {"wire": "https://wire.example.org/rss"})
    ran = run("publish", "-c", config)
    assert ran.code == 2
    assert f"{config} has no publish.folder; write for example  publish: {{folder: feeds}}" in ran.err
