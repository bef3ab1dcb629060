"""Commits a second as a poll makes them, beside plain sqlite3 executing the very same statements.

    python benchmarks/store.py [--feeds 200] [--stories 10]

One transaction a feed: its row, and for each story what a poll reads and writes (known entries, the story of the URL,
near copies, the story with its revision and bands, the entry, the decision with a development, a fact). What the store
executed is noted in a run before, and executed again over the standard library's sqlite3 on a file of its own with the
same settings (WAL, synchronous=FULL); there the rows are only fetched, and no model is built. Medians of three.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event

from newswatch.detect import stories
from newswatch.model import Decision, Development, Entry, Evidence, Fact, FeedState, Figure, Outcome, Severity, Story
from newswatch.store import Store, open_store

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
URL = "sqlite:///store.db"
Taken = tuple[Entry, Story, stories.Shape, Decision, Fact]
Noted = tuple[str, Any, bool]


def invented(feeds: int, count: int) -> list[list[Taken]]:
    """Stories of about 700 characters, by feed, with what was decided about them."""
    rng = random.Random(1)  # noqa: S311 - a benchmark, the same every time
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(5000)]
    return [[_story(rng, words, feed, number) for number in range(count)] for feed in range(feeds)]


def _story(rng: random.Random, words: list[str], feed: int, number: int) -> Taken:
    key, text = f"{feed}-{number}", " ".join(rng.choices(words, k=110)) + "."
    url = f"https://f{feed}.example.org/{number}"
    entry = Entry(f"f{feed}", key, url, text[:60], text, NOW, None, "en", "", key, "")
    story = Story(f"sty-{key}", url, text[:60], text, f"Feed {feed}", "en", NOW, NOW)
    said = text[:100]
    found = Development(
        f"dev-{key}", "ev", story.story_id, "figure", Outcome.NEW, said, "casualties", Severity.ALERT, (said,)
    )
    decision = Decision("ev", story.story_id, 1, True, Severity.ALERT, (), "new", (found,))
    fact = Fact(f"fct-{key}", "ev", Figure(Evidence(said, 0), "killed", number), story.story_id, "Wire", NOW)
    return entry, story, stories.shape(story.title, story.text), decision, fact


def as_a_poll(store: Store, feeds: list[list[Taken]]) -> None:
    """What a poll of each feed reads and writes."""
    for number, taken in enumerate(feeds):
        with store.transaction() as tx:
            tx.known_entries(f"f{number}", [entry.entry_id for entry, *_ in taken])
            for entry, story, shape, decision, fact in taken:
                tx.story_by_url(story.url)
                tx.near(shape.bands)
                tx.save_story(story, signature=shape.signature, bands=shape.bands)
                tx.save_entry(entry, story.story_id, NOW, source=story.source)
                tx.save_decision(decision, NOW)
                tx.add_facts((fact,))
            tx.save_feed(FeedState(f"f{number}", f"https://f{number}.example.org/feed"))


def noted(feeds: list[list[Taken]], folder: Path) -> list[Noted]:
    """The statements of a run, with BEGIN and COMMIT."""
    found: list[Noted] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _x: object, many: bool) -> None:
        found.append((statement, list(parameters) if many else parameters, many))

    with closing(open_store(URL, base=folder, now=NOW)) as store:
        engine = store._engine
        event.listen(engine, "before_cursor_execute", note)
        event.listen(engine, "commit", lambda _c: found.append(("COMMIT", (), False)))
        as_a_poll(store, feeds)
    return found


def plain(statements: list[Noted], folder: Path) -> float:
    """Seconds that the standard library's sqlite3 takes for them."""
    open_store(URL, base=folder, now=NOW).close()
    with closing(sqlite3.connect(folder / "store.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("PRAGMA foreign_keys=ON")
        started = time.perf_counter()
        for statement, parameters, many in statements:
            if many:
                database.executemany(statement, parameters)
            else:
                database.execute(statement, parameters).fetchall()
        return time.perf_counter() - started


def ours(feeds: list[list[Taken]], folder: Path) -> float:
    """Seconds that the store takes."""
    with closing(open_store(URL, base=folder, now=NOW)) as store:
        started = time.perf_counter()
        as_a_poll(store, feeds)
        return time.perf_counter() - started


def median(measure: Callable[[Path], float]) -> float:
    """Of three, each in a folder of its own."""
    seconds = []
    for _ in range(3):
        with tempfile.TemporaryDirectory(prefix="newswatch-bench-") as folder:
            seconds.append(measure(Path(folder)))
    return statistics.median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--stories", type=int, default=10, help="new stories a feed")
    options = parser.parse_args()
    feeds = invented(options.feeds, options.stories)
    with tempfile.TemporaryDirectory(prefix="newswatch-bench-") as folder:
        statements = noted(feeds, Path(folder))
    print(f"{options.feeds} transactions of {options.stories} stories, {len(statements)} statements")
    measured = (
        ("store", median(lambda folder: ours(feeds, folder))),
        ("plain sqlite3", median(lambda folder: plain(statements, folder))),
    )
    for name, seconds in measured:
        rate = options.feeds / seconds
        print(f"{name:14} {seconds:6.2f} s {rate:8.0f} commits/s {rate * options.stories:8.0f} stories/s")
    print(f"the store takes {measured[0][1] / measured[1][1]:.2f} times as long")


if __name__ == "__main__":
    main()
