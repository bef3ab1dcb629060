"""Every file of the feedparser and gofeed suites through `parse`, held against plain feedparser.

    python benchmarks/feeds.py [../shared/bench/feeds] [--verbose]

Each file has 2 seconds, in worker processes. A file passes when nothing but ParseError comes out, in time, and
no entry is lost that feedparser finds. Differences of ids, links, titles and dates are counted, and listed with
``--verbose``: some are meant (a date in the year 2099 is not believed, a ``javascript:`` link is none).
"""

from __future__ import annotations

import argparse
import calendar
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from newswatch.errors import ParseError
from newswatch.feeds.parse import parse
from newswatch.feeds.text import one_line, plain
from newswatch.model import Entry

ROOT = Path(__file__).resolve().parent.parent
URL = "http://127.0.0.1:8097/feed"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
LIMIT = 2.0
FIELDS = ("id", "link", "title", "date")


class Late(BaseException):
    """Over the limit; not an Exception, so that nobody on the way catches it."""


@dataclass
class Row:
    """What one file gave.

    Attributes:
        folder: its folder in the suites.
        outcome: ``read``, ``no feed`` (a ParseError), ``crash`` or ``hang``.
        theirs, ours: distinct entries that feedparser found, and those that `parse` gave.
        lost: entries of feedparser's that ours lack.
        differences: by field.
        lines: what differs, in words.
        seconds: that `parse` took.
    """

    folder: str
    name: str
    outcome: str = "read"
    theirs: int = 0
    ours: int = 0
    lost: int = 0
    differences: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    seconds: float = 0.0


def suite(root: Path) -> list[Path]:
    """The files, in order."""
    return sorted(path for path in root.rglob("*") if path.suffix in {".xml", ".json"})


def default_root() -> Path:
    """The suites beside the project, wherever its checkout lies."""
    found = (folder / "shared" / "bench" / "feeds" for folder in ROOT.parents)
    return next((path for path in found if path.is_dir()), ROOT.parent / "shared" / "bench" / "feeds")


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `Late` inside after so many seconds, 0 for never; main thread only."""
    if not seconds:
        yield
        return

    def late(_number: int, _frame: object) -> None:
        raise Late

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def compare(path: Path, root: Path, limit: float = LIMIT) -> Row:
    """One file, read twice."""
    row = Row(str(path.parent.relative_to(root)), path.name)
    body = path.read_bytes()
    there = reference(body)
    row.theirs = len(distinct(there))
    started = time.perf_counter()
    try:
        with limited(limit):
            entries = parse(body, feed_id="f", url=URL, content_type="application/xml", now=NOW).entries
    except ParseError as error:
        row.outcome, entries = "no feed", ()
        row.lines += [str(error)] if there else []
    except Late:
        row.outcome, entries = "hang", ()
    except Exception as error:  # noqa: BLE001 - a crash is what is looked for
        row.outcome, entries = "crash", ()
        row.lines.append(f"{type(error).__name__}: {error}")
    row.seconds = time.perf_counter() - started
    row.ours = len(entries)
    row.lost = max(row.theirs - row.ours, 0)
    if len(entries) == len(there):
        found = [one for mine, item in zip(entries, there, strict=True) for one in differing(mine, item)]
        row.differences.update(name for name, _, _ in found)
        row.lines += [f"{name}: {ours!r} for {theirs!r}" for name, ours, theirs in found]
    return row


def reference(body: bytes) -> list[Any]:
    """What plain feedparser finds."""
    headers = {"content-type": "application/xml", "content-location": URL}
    return list(feedparser.parse(body, response_headers=headers).entries)


def text_of(item: Any) -> str:
    texts = [item.get("summary", ""), *(part.get("value", "") for part in item.get("content", []))]
    return next((text for text in map(plain, texts) if text), "")


def distinct(items: Sequence[Any]) -> set[tuple[str, ...]]:
    """Entries that are not repeats of each other."""
    return {(item.get("id") or item.get("link", ""), item.get("title", ""), text_of(item)) for item in items}


def differing(mine: Entry, item: Any) -> Iterator[tuple[str, object, object]]:
    """The fields in which an entry differs: name, ours, theirs."""
    if item.get("id") and not mine.entry_id.startswith(one_line(item["id"])):
        yield "id", mine.entry_id, item["id"]
    if one_line(item.get("link", "")) != mine.link:
        yield "link", mine.link, item.get("link", "")
    if item.get("title") and plain(item["title"]).replace("\n\n", " ") != mine.title:
        yield "title", mine.title, item["title"]
    parsed = item.get("published_parsed") or dict.get(item, "updated_parsed")
    theirs = datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC) if parsed else None
    if theirs != mine.published:
        yield "date", mine.published, theirs or item.get("published") or dict.get(item, "updated")


def show(rows: Sequence[Row], *, verbose: bool) -> None:
    """The table, and what is not as it should be."""
    columns = ("files", "read", "no feed", "crash", "hang", "theirs", "ours", "lost", *FIELDS)
    print(f"{'folder':40}", *(f"{name:>7}" for name in columns))
    folders: dict[str, Counter[str]] = {}
    for row in rows:
        counts = folders.setdefault(row.folder, Counter())
        counts.update({"files": 1, row.outcome: 1, "theirs": row.theirs, "ours": row.ours, "lost": row.lost})
        counts.update(row.differences)
    for folder, counts in [*sorted(folders.items()), ("all", sum(folders.values(), Counter()))]:
        print(f"{folder:40}", *(f"{counts[name]:7}" for name in columns))
    slowest = max(rows, key=lambda row: row.seconds)
    print(f"\nslowest: {slowest.seconds:.2f} s, {slowest.folder}/{slowest.name}")
    for row in rows:
        if row.lost or row.outcome in {"crash", "hang"} or (verbose and row.lines):
            print(f"{row.folder}/{row.name}: {row.outcome}, {row.ours} of {row.theirs} entries", *row.lines, sep="\n  ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path, nargs="?", default=default_root())
    parser.add_argument("--verbose", action="store_true", help="list every difference")
    options = parser.parse_args()
    paths = suite(options.root)
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(compare, paths, [options.root] * len(paths), chunksize=20))
    show(rows, verbose=options.verbose)
    return int(any(row.lost or row.outcome in {"crash", "hang"} for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
