"""The commands as a stranger calls them: real processes, their output and their exit codes."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config


def newswatch(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newswatch", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[FeedServer]:
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[1])) for name in FEEDS}) as server:
        write_config(tmp_path, {name: server.url(f"/{name}") for name in FEEDS})
        yield server


def test_a_first_day(tmp_path: Path) -> None:
    assert newswatch("init", tmp_path / "w").returncode == 0
    again = newswatch("init", tmp_path / "w")
    assert again.returncode == 1
    assert "has newswatch.yaml, events/my-event.yaml, " in again.stderr
    checked = newswatch("check-config", "-c", tmp_path / "w" / "newswatch.yaml")
    assert (checked.returncode, checked.stderr) == (0, "usable: 1 event, 1 feed, 1 channel, 1 recipient\n")


def test_check_config_says_mistakes_and_doubts_with_their_lines(tmp_path: Path) -> None:
    assert newswatch("init", tmp_path).returncode == 0
    config, event = tmp_path / "newswatch.yaml", tmp_path / "events" / "my-event.yaml"
    topic = "  - {id: boats, any: [rescue boat, Rescue-boat], none: [boats]}\n"
    event.write_text(event.read_text().replace("as_of: 2026-01-01", "as_of: 2226-01-01") + topic)
    line = len(event.read_text().splitlines())
    doubted, both = newswatch("check-config", "-c", config), "remove one of the two"
    assert doubted.returncode == 0
    future = "`as_of` 2226-01-01 00:00 lies in the future: until then every story is taken as known."
    assert doubted.stdout.splitlines() == [
        f"doubtful: {event}:12: {future} Write when the baseline was written.",
        f"doubtful: {event}:{line}: topic boats: “Rescue-boat” finds the same as “rescue boat”; keep one.",
        f"doubtful: {event}:{line}: topic boats: it never matches, since “rescue boat” holds “boats” of none; {both}.",
    ]
    assert doubted.stderr == "usable: 1 event, 1 feed, 1 channel, 1 recipient; 3 doubts\n"
    config.write_text(config.read_text() + "retention: for ever\ntemplates: {path: nowhere}\n")
    wrong = newswatch("check-config", "-c", config, "--json")
    assert wrong.returncode == 2
    said = json.loads(wrong.stdout)
    assert said["usable"] is False
    assert [problem["doubtful"] for problem in said["problems"]] == [False, False, True, True, True]
    assert [problem["where"].rpartition("/")[2].partition(":")[0] for problem in said["problems"]] == [
        *["newswatch.yaml"] * 2,
        *["my-event.yaml"] * 3,
    ]


def test_once_tells_and_can_be_rehearsed(tmp_path: Path, feeds: FeedServer) -> None:
    config, now = tmp_path / "newswatch.yaml", MOMENTS[1].isoformat()
    dry = newswatch("once", "-c", config, "--now", now, "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert json.loads(dry.stdout)["would_send"]
    assert not (tmp_path / "outbox").exists()
    real = newswatch("once", "-c", config, "--now", now)
    assert real.returncode == 0, real.stderr
    assert "3 polled" in real.stdout
    assert real.stderr == ""
    told = newswatch("decisions", "-c", config, "--told", "--json")
    story = next(one["story"] for one in json.loads(told.stdout) if one["decision"] == "alert")
    explained = newswatch("explain", story, "-c", config)
    assert "Event velmora, about it; told at once" in explained.stdout
    assert newswatch("explain", "nothing", "-c", config).returncode == 1
    feeds.routes["/wire"] = Route(status=500)
    failed = newswatch("once", "-c", config, "--now", MOMENTS[2].isoformat())
    assert failed.returncode == 1
    (sentence,) = failed.stderr.splitlines()
    assert sentence == f"! feed wire: {feeds.url('/wire')} answered 500: it is tried again later"


def test_a_terminal_has_a_bar_and_a_pipe_has_none(tmp_path: Path, feeds: FeedServer) -> None:
    assert len(feeds.routes) == len(FEEDS)
    command = ["-m", "newswatch", "once", "-c", str(tmp_path / "newswatch.yaml"), "--now", MOMENTS[1].isoformat()]
    shown, terminal = pty.openpty()
    process = subprocess.Popen([sys.executable, *command, "--dry-run"], stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    bar = bytearray()
    while piece := _read(shown):
        bar += piece
    os.close(shown)
    table, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"polling" in bar
    assert b"100%" in bar
    assert b"polling" not in table
    assert "polling" not in newswatch(*command[2:]).stderr


def _read(terminal: int) -> bytes:
    """What stands on the terminal; nothing once nobody holds its other end."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_wrong_usage_and_configuration_end_with_2(tmp_path: Path) -> None:
    assert newswatch("nonsense").returncode == 2
    assert newswatch("once", "--now", "noon").returncode == 2
    assert "has no time zone" in newswatch("once", "--now", "2031-03-02T12:00:00").stderr
    missing = newswatch("once", "-c", tmp_path / "none.yaml")
    assert missing.returncode == 2
    assert "there is no such file" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_replay_prints_json_lines(tmp_path: Path) -> None:
    write_config(tmp_path, {})
    stories = tmp_path / "s.jsonl"
    stories.write_text('{"id": "a", "published": "2031-03-02T12:00:00Z", "title": "Velmora", "text": "Nine dead."}\n')
    result = newswatch("replay", tmp_path / "events" / "velmora.yaml", stories)
    assert result.returncode == 0
    assert json.loads(result.stdout)["relevant"] is True


def test_help_teaches() -> None:
    text = newswatch("--help").stdout
    assert "newswatch init my-watch" in text
    assert "0 done, 1 some feeds or deliveries failed, 2 wrong usage" in " ".join(text.split())
    assert not [line for line in text.splitlines() if line.startswith("  ") and line.endswith("...")]
    for command in ("init", "check-config", "once", "run", "replay", "decisions", "explain"):
        taught = newswatch(command, "--help").stdout
        assert "Usage: newswatch" in taught
        assert command == "check-config" or "Examples:\n    newswatch " in taught
    assert newswatch("--version").stdout == "newswatch 0.1.0\n"
