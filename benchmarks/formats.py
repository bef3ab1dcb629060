"""What the fast path costs and gives: 1000 feeds with and without it, and every file of the suites by either way.

    python benchmarks/formats.py [--feeds 1000] [--runs 3] [--root ../shared/bench/feeds]

First the suites: whether the fast reader took a file and its feed equals the reference's, what took longest, and the
differences from plain feedparser with the reason (docs/feeds.md). Then the speed: bodies of 30 entries and 60 kB, half
English and half Russian, each another; seconds of processor for all of them, medians of so many runs with the least and
the most, with cleaning, dates and fingerprints, beside plain feedparser with nothing of ours.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import feedparser
from benchmarks.feeds import NOW, URL, Row, compare, default_root, suite
from benchmarks.fuzz_parse import judged

from newswatch.feeds.parse import parse

REASONS = {
    "entry_title_crazy.xml": "a script is no part of a title",
    "rss_channel_item_uri_at_protocol.xml": "at:// is no address that can be fetched or mailed",
}
"""Why a file is read otherwise than feedparser reads it."""
WORDS = (
    "the president of the republic said on monday that police had detained people near a residence and denied injuries",
    "президент республики заявил в понедельник что полиция задержала людей у резиденции и отрицает что есть убитые",
)


def body(number: int, entries: int = 30) -> bytes:
    """A feed of 60 kB, as a blog's software writes it."""
    rng = random.Random(number)  # noqa: S311 - no secret
    words = WORDS[number % 2].split()

    def text(count: int) -> str:
        return " ".join(rng.choice(words) for _ in range(count))

    length = 55 if number % 2 == 0 else 19
    items = "".join(
        f"<item><title>{text(9)}</title><link>https://x{number}.example/a/{at}/</link>"
        f"<guid isPermaLink='false'>https://x{number}.example/?p={at}</guid><dc:creator><![CDATA[{text(2)}]]></dc:creator>"
        f"<pubDate>Tue, 04 Mar 2025 10:{at % 60:02}:00 +0600</pubDate><category>{text(1)}</category>"
        "<description><![CDATA["
        + "".join(f'<p>{text(length)} <a href="https://x/{at}">{text(3)}</a> &amp; {text(10)}</p>' for _ in range(4))
        + "]]></description></item>"
        for at in range(entries)
    )
    start = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    )
    about = f"<title>{number}</title><link>https://x{number}.example/</link><language>en</language>"
    return f"{start}{about}{items}</channel></rss>".encode()


def both(path: Path, root: Path) -> tuple[Row, str, str]:
    """A file held against plain feedparser, and the fast reader against the reference."""
    return compare(path, root), *judged(path.read_bytes())


def suites(root: Path) -> bool:
    """Print what came of the suites; whether all is as it should be."""
    paths = suite(root)
    with ProcessPoolExecutor() as pool:
        rows = list(pool.map(both, paths, [root] * len(paths), chunksize=20))
    outcomes = Counter(row.outcome for row, _, _ in rows)
    print(f"{len(rows)} files:", dict(outcomes), "entries lost:", sum(row.lost for row, _, _ in rows))
    print("the fast path:", dict(Counter(way for _, way, _ in rows)))
    slowest = max((row for row, _, _ in rows), key=lambda row: row.seconds)
    print(f"slowest: {slowest.seconds:.2f} s, {slowest.folder}/{slowest.name}\n")
    good = True
    for row, way, details in rows:
        wrong = row.outcome in {"crash", "hang"} or row.lost or way not in {"equal", "declined"}
        if wrong or row.lines:
            reason = REASONS.get(row.name, "")
            good = good and bool(reason) and not wrong
            print(f"{row.folder}/{row.name}: {reason or 'NOT EXPECTED'}", details, *row.lines, sep="\n  ")
    return good


def timed(name: str, work: Callable[[bytes], object], bodies: Sequence[bytes], runs: int) -> None:
    """Print the seconds for all of them."""
    for one in bodies[:5]:
        work(one)
    seconds = []
    for _ in range(runs):
        started = time.process_time()
        for one in bodies:
            work(one)
        seconds.append(time.process_time() - started)
    middle = statistics.median(seconds)
    each = 1000 * middle / len(bodies)
    print(f"{name:24} {middle:6.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), {each:.2f} ms a feed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--root", type=Path, default=default_root())
    options = parser.parse_args()
    good = suites(options.root)
    bodies = [body(number) for number in range(options.feeds)]
    print(f"\n{len(bodies)} feeds, {sum(map(len, bodies)) / len(bodies) / 1000:.0f} kB each")

    def ours(one: bytes, *, fast_path: bool) -> object:
        return parse(one, feed_id="f", url=URL, content_type="application/rss+xml", now=NOW, fast_path=fast_path)

    timed("plain feedparser", feedparser.parse, bodies, options.runs)
    timed("parse, reference only", lambda one: ours(one, fast_path=False), bodies, options.runs)
    timed("parse, with the gate", lambda one: ours(one, fast_path=True), bodies, options.runs)
    return int(not good)


if __name__ == "__main__":
    raise SystemExit(main())
