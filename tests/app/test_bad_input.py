"""Everything that can be wrong with feeds at once: each is said, the good one is told, memory stays bounded."""

import gzip
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.polled import polled
from loopback.world import MOMENTS, rss, write_config
from newswatch.app import PollReport
from newswatch.store import open_store

NOW = MOMENTS[0]
GOOD = rss("wire", NOW)
LIMITS = "per_host: 50, max_bytes: 1MB, max_decoded_bytes: 2MB, timeout: {connect: 3s, read: 1s, total: 3s}"
WORLD: dict[str, tuple[Route, str]] = {
    "hangs": (Route(hang="headers"), "said nothing for 1 s"),
    "stops": (Route(GOOD, hang="body"), "said nothing for 1 s"),
    "drips": (Route(GOOD, drip=0.05), "did not answer completely within 3 s"),
    "endless": (Route(GOOD, endless=True), "sent more than 1 MB; raise polling.max_bytes"),
    "bomb": (
        Route(gzip.compress(bytes(9_000_000)), headers={"content-encoding": "gzip"}),
        "sent more than 2 MB; raise polling.max_decoded_bytes",
    ),
    "cut": (Route(GOOD, headers={"content-length": str(len(GOOD) + 9)}), "broke off"),
    "circle": (Route(status=302, headers={"location": "/circle"}), "redirects in a circle"),
    "busy": (Route(status=429, headers={"retry-after": "7200"}), "answered 429: it wants us to come less often"),
    "broken": (Route(status=500), "answered 500: it is tried again later"),
    "gone": (Route(status=410), "answered 410: the feed is gone for good; take it out of the configuration"),
    "page": (Route(b"<html><title>hello</title></html>"), "is a web page, not a feed"),
    "nothing": (Route(b""), "sent nothing (an empty body)"),
    "noise": (Route(b"\x00\xff" * 500), "sent something that is no feed"),
}


def poll(config: Path) -> PollReport:
    report, _ = polled(config, NOW)
    return report


def configured(folder: Path, urls: dict[str, str], limits: str = LIMITS) -> Path:
    config = write_config(folder, urls)
    config.write_text(config.read_text().replace("interval: 1m", f"interval: 1m, {limits}"))
    return config


def test_every_bad_feed_is_said_and_the_good_one_is_told(tmp_path: Path) -> None:
    routes = {f"/{name}": route for name, (route, _) in WORLD.items()} | {"/wire": Route(GOOD)}
    with FeedServer(routes) as feeds:
        config = configured(tmp_path, {name: feeds.url(f"/{name}") for name in ("wire", *WORLD)})
        report = poll(config)
    said = {problem.feed_id: problem.message for problem in report.problems}
    assert {name: sentence in said.get(name, "") for name, (_, sentence) in WORLD.items()} == dict.fromkeys(WORLD, True)
    assert (report.failed, report.fresh, report.told) == (len(WORLD), 1, 1)
    store = open_store("sqlite:///newswatch.db", base=tmp_path, now=NOW)
    states = store.feed_states(WORLD)
    store.close()
    assert all(state.failures == 1 and state.next_due and state.next_due > NOW for state in states.values())
    assert states["busy"].next_due == NOW + timedelta(hours=2)
    assert states["hangs"].last_error == said["hangs"]


def test_odd_entries_are_taken_as_they_are(tmp_path: Path) -> None:
    says = "Velmora: 12 people were arrested, the police said"
    items = (
        f"<item><title>{says}</title></item>"
        "<item><title>Velmora: of tomorrow</title><pubDate>Sun, 02 Mar 2036 10:00:00 GMT</pubDate></item>"
        "<item><title>Velmora: long ago</title><pubDate>Sun, 02 Mar 1800 10:00:00 GMT</pubDate></item>"
        "<item><title>Velmora: 40 killed in 2001</title><pubDate>Fri, 02 Mar 2001 10:00:00 GMT</pubDate></item>"
        "<item/>"
    )
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
    with FeedServer({"/odd": Route(body)}) as feeds:
        report = poll(configured(tmp_path, {"odd": feeds.url("/odd")}))
    assert (report.failed, report.entries) == (0, 5)
    warnings = " ".join(warning.message for warning in report.warnings)
    assert "is not believed: it is in the future" in warnings
    assert "an entry has neither title nor text nor link" in warnings
    store = open_store("sqlite:///newswatch.db", base=tmp_path, now=NOW)
    told = {story.title for story, _ in store.recent_decisions(told=True)}
    published = {story.title: story.published for story, _ in store.recent_decisions()}
    store.close()
    assert says in told
    assert "Velmora: 40 killed in 2001" not in told
    assert published["Velmora: of tomorrow"] == NOW


def test_a_disk_that_is_full_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    def once(blocks: str) -> subprocess.CompletedProcess[str]:
        newswatch = [sys.executable, "-m", "newswatch", "once", "-c", str(config), "--now", NOW.isoformat(), "--json"]
        # No file may grow beyond this: what a process sees of a full disk.
        command = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *newswatch]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    padding = "".join(f"<item><title>Other news {n}</title></item>" for n in range(300)).encode()
    with FeedServer({"/wire": Route(GOOD.replace(b"</channel>", padding + b"</channel>"))}) as feeds:
        config = configured(tmp_path, {"wire": feeds.url("/wire")})
        open_store("sqlite:///newswatch.db", base=tmp_path, now=NOW).close()
        blocks = (tmp_path / "newswatch.db").stat().st_size // 512 + 100
        full = once(str(blocks))
        assert full.returncode == 1
        assert "Traceback" not in full.stderr
        assert "disk" in full.stderr
        assert "newswatch.db: " in full.stderr
        after = once("unlimited")
    assert after.returncode == 0, after.stderr
    assert json.loads(after.stdout)["stories"]["told"] == 1
    assert len(list((tmp_path / "outbox").glob("*.eml"))) == 1


HUGE = """
import asyncio, json, sys
from datetime import datetime
from pathlib import Path
from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.store import open_store

def peak():
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1000

async def poll(config):
    loaded = load_config(Path(config), {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    async with App(loaded, store, environ={}) as app:
        report = await app.poll(now)
    store.close()
    return report

now = datetime.fromisoformat(sys.argv[1])
asyncio.run(poll(sys.argv[2]))
before = peak()
report = asyncio.run(poll(sys.argv[3]))
said = {p.feed_id: p.message for p in report.problems}
print(json.dumps({"grown": peak() - before, "told": report.told, "said": said}))
"""
"""Polls a small world, then a huge one, in a process of its own: MB that the second took beyond the first."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak of memory")
def test_a_feed_of_100_megabytes_takes_no_more_memory_than_its_cap(tmp_path: Path) -> None:
    item = b"<item><title>Velmora</title><description>" + b"Nothing is new. " * 600 + b"</description></item>"
    start = b"<rss version='2.0'><channel><title>T</title>"
    body = start + item * (100_000_000 // len(item))
    routes = {
        "/wire": Route(GOOD),
        "/stated": Route(body),
        "/streamed": Route(body, headers={"content-length": ""}),
        "/packed": Route(gzip.compress(body, 1), headers={"content-encoding": "gzip"}),
    }
    with FeedServer(routes) as feeds:
        urls = {name.strip("/"): feeds.url(name) for name in routes}
        small = configured(tmp_path / "small", {"wire": urls["wire"]}, "per_host: 9")
        huge = configured(tmp_path / "huge", urls, "per_host: 9")
        command = [sys.executable, "-c", HUGE, NOW.isoformat(), str(small), str(huge)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["told"] == 1
    assert sorted(found["said"]) == ["packed", "stated", "streamed"]
    assert "sent more than 10 MB; raise polling.max_bytes" in found["said"]["streamed"]
    assert "sent more than 50 MB; raise polling.max_decoded_bytes" in found["said"]["packed"]
    # The caps, 10 MB raw and 50 MB decoded, and room for a socket's buffers; whole, the three would be 300 MB.
    assert found["grown"] < 80, found
