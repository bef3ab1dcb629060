"""How long the console's pages take over a store with many stories: median, shortest and longest of twenty each.

    python benchmarks/console.py [--stories 100000] [--told 0.1]

The store is filled as polls fill it, a transaction for each five hundred stories; one in ten tells something. Then the
console serves it on loopback, and each page is asked for twenty times after a first time that does not count, in the
same process. Prints a table in milliseconds, and the size of each page with what it loads. CPU is this process's time
on the processor, client included, which a busy machine changes less.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from newswatch.config.load import Loaded, load_config
from newswatch.console.server import Server
from newswatch.console.site import Desk, site
from newswatch.model import (
    AlertItem,
    Decision,
    Development,
    Entry,
    Evidence,
    Fact,
    FactStatus,
    FeedState,
    Figure,
    Happening,
    Held,
    Mark,
    Origin,
    Outcome,
    Severity,
    Story,
    TraceLine,
)
from newswatch.store import Transaction, open_reader, open_store

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
CONFIG = """\
console: {listen: "127.0.0.1:0"}
feeds: [{id: wire, url: "https://wire.example.org/rss"}]
"""
EVENT = """\
event: ev
title: A large event
about: {any: [event]}
topics:
  - {id: casualties, severity: alert, any: [killed]}
  - {id: legal, severity: alert, any: [charged]}
  - {id: rare, severity: digest, any: [rare]}
"""
BATCH = 500


class Filling:
    """Invented stories of some 700 characters, the same every time."""

    def __init__(self, count: int, told: float) -> None:
        self._rng = random.Random(1)  # noqa: S311 - a benchmark, the same every time
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(self._rng.choices(letters, k=self._rng.randint(2, 9))) for _ in range(5000)]
        self._count = count
        self._every = max(round(1 / told), 1)
        self.facts: list[Fact] = []
        self.origins: list[Origin] = []

    def sentence(self, words: int = 18) -> str:
        """Words that mean nothing."""
        return " ".join(self._rng.choices(self._words, k=words)).capitalize() + "."

    def one(self, tx: Transaction, number: int) -> None:
        """A story with its decision: most are silent."""
        now = NOW - timedelta(minutes=self._count - number)
        said = [self.sentence() for _ in range(4)]
        key, language = f"s{number}", ("en", "ru", "de")[number % 3] if number % 5000 else "ky"
        url, source = f"https://f.example.org/{key}", f"Feed {number % 40}"
        story = Story(key, url, said[0][:60], " ".join(said), source, language, now, now)
        tx.save_story(story, signature=b"", bands=())  # what finds near copies is in no page
        tx.save_entry(Entry("wire", key, story.url, story.title, story.text, now), key, now, source=story.source)
        facts = [
            Fact(f"fct{number}-{place}", "ev", Happening(Evidence(text, place), "raid"), key, story.source, now)
            for place, text in enumerate(said)
        ]
        if number % self._every == 0:
            facts[1] = Fact(f"fct{number}-1", "ev", Figure(Evidence(said[1], 1), "injured", number), key, story.source,
                            now, told=True)  # fmt: skip
        trace = tuple(
            TraceLine("raid", "known", f"fct{max(number - 1, 0)}-0", "it was known", text, 0.2) for text in said
        )
        developments = (self._told(number, key, said),) if number % self._every == 0 else ()
        severity = developments[0].severity if developments else Severity.SILENT
        marks = (Mark("ev", f"fct{number}-2", FactStatus.DISPUTED, key, "Wire", now, "another number"),) * (
            number % 50 == 0
        )
        tx.save_decision(
            Decision("ev", key, 1, True, severity, (), "it is new", developments, trace=trace, marks=marks), now
        )
        self.facts += facts
        self.origins += [Origin("ev", fact.fact_id, "Herald", "Herald", key, now) for fact in facts[:2]]
        tx.hold([Held("desk", AlertItem(one, story), "ev", "A large event", now) for one in developments])

    def _told(self, number: int, key: str, said: list[str]) -> Development:
        topic = "rare" if number % 7000 == 0 else ("casualties", "legal")[number // self._every % 2]
        severity = Severity.ALERT if number % 3 else Severity.DIGEST
        return Development(
            f"dev{number}", "ev", key, "figure", Outcome.NEW, said[1], topic, severity, (said[1],), reason="it is new"
        )


def filled(folder: Path, count: int, told: float) -> Loaded:
    """A configuration with its store."""
    (folder / "events").mkdir()
    (folder / "events" / "ev.yaml").write_text(EVENT, encoding="utf-8")
    (folder / "newswatch.yaml").write_text(CONFIG, encoding="utf-8")
    loaded = load_config(folder / "newswatch.yaml", {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    filling = Filling(count, told)
    for start in range(0, count, BATCH):
        with store.transaction() as tx:
            for number in range(start, min(start + BATCH, count)):
                filling.one(tx, number)
            tx.add_facts(filling.facts)
            tx.add_origins(filling.origins)
            filling.facts, filling.origins = [], []
    with store.transaction() as tx:
        tx.save_feed(FeedState("wire", "https://wire.example.org/rss", last_polled=NOW, last_success=NOW))
    store.close()
    return loaded


async def timed(loaded: Loaded, times: int) -> list[tuple[str, float, list[float], list[float], int]]:
    """Each page: its name, the first time, the others, their time on the processor, its bytes."""
    first = site(loaded, None, {})
    assert first is not None
    server = Server(first, Desk(open_reader(loaded.settings.store.url, base=loaded.base), lambda: NOW))
    await server.start()
    found = []
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=60) as client:
            page = (await client.get("/events/ev")).text
            assets = {path: len((await client.get(path)).content) for path in re.findall(r'"(/static/[^"]+)"', page)}
            story = re.findall(r'href="(/stories/[^"]+)"', page)[0]
            for name, path in (
                ("start", "/"),
                ("event", "/events/ev"),
                ("event, half way down", f"/events/ev?before={server.hub.seen // 2}"),
                ("event, a common topic", "/events/ev?topic=legal"),
                ("event, a rare topic", "/events/ev?topic=rare"),
                ("event, a rare language", "/events/ev?language=ky"),
                ("event, severity", "/events/ev?severity=digest"),
                ("story", story),
                ("status (JSON)", "/api/status"),
            ):
                took, busy = [], []
                for _ in range(times + 1):
                    began, working = time.perf_counter(), time.process_time()
                    answer = await client.get(path)
                    took.append((time.perf_counter() - began) * 1000)
                    busy.append((time.process_time() - working) * 1000)
                    assert answer.status_code == 200, path
                size = len(answer.content) + (0 if path.startswith("/api") else sum(assets.values()))
                found.append((name, took[0], took[1:], busy[1:], size))
    finally:
        await server.stop()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--told", type=float, default=0.1, help="share of stories that tell something")
    parser.add_argument("--times", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        began = time.perf_counter()
        loaded = filled(Path(name), arguments.stories, arguments.told)
        print(f"{arguments.stories:,} stories filled in {time.perf_counter() - began:.0f} s")
        print(f"{'page':<26}{'first':>8}{'median':>8}{'min':>8}{'max':>8}{'CPU':>8}{'kB':>7}")
        for page, first, took, busy, size in asyncio.run(timed(loaded, arguments.times)):
            numbers = (first, statistics.median(took), min(took), max(took), statistics.median(busy))
            print(f"{page:<26}{''.join(f'{number:>8.1f}' for number in numbers)}{size / 1000:>7.0f}")


if __name__ == "__main__":
    main()
