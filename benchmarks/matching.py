"""Looking for 10,000 phrases in news texts: megabytes a second, beside a plain `re` alternation.

    python benchmarks/matching.py [--phrases 10000] [--entries 30000] [--common 0.5]

Texts are made of words drawn by Zipf's law from an invented vocabulary, half Latin, half Cyrillic, about 1 kB each.
The alternation looks for the phrases as they are spelt, without inflection or script; it gets far fewer texts.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
from collections.abc import Callable, Sequence

from newswatch.config.event import Event, Match, Topic
from newswatch.detect.topics import Matcher

LATIN = ("ba", "ke", "di", "lo", "mu", "ran", "ses", "tik", "vor", "zel", "har", "pon")
CYRILLIC = ("ба", "ке", "ди", "ло", "му", "ран", "сес", "тик", "вор", "зел", "хар", "пон")
CHUNK = 50


def vocabulary(rng: random.Random, size: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < size:
        syllables = rng.choice((LATIN, CYRILLIC))
        word = "".join(rng.choices(syllables, k=rng.randint(2, 4)))
        found[word.capitalize() if rng.random() < 0.15 else word] = None
    return list(found)


def texts(rng: random.Random, words: Sequence[str], count: int) -> list[str]:
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    drawn = rng.choices(words, weights, k=count * 120)
    return [" ".join(drawn[at : at + 120]) + "." for at in range(0, len(drawn), 120)]


def phrases(rng: random.Random, words: Sequence[str], count: int, common: float) -> list[str]:
    """Half of one word, half of two; drawn from the rarer words, as keywords are: not from this common share."""
    rare = words[int(len(words) * common) :]
    found: dict[str, None] = {}
    while len(found) < count:
        found[" ".join(rng.sample(rare, rng.choice((1, 2))))] = None
    return list(found)


def speed(search: Callable[[str], object], entries: Sequence[str]) -> float:
    size = sum(len(entry.encode()) for entry in entries) / 1e6
    start = time.perf_counter()
    for entry in entries:
        search(entry)
    return size / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--phrases", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=30_000)
    parser.add_argument("--common", type=float, default=0.5, help="share of common words that are no keywords")
    options = parser.parse_args()
    rng = random.Random(1)  # noqa: S311 - a benchmark, the same every time
    words = vocabulary(rng, 60_000)
    entries = texts(rng, words, options.entries)
    watched = phrases(rng, words, options.phrases, options.common)
    topics = tuple(Topic(id=f"t{at}", any=tuple(watched[at : at + CHUNK])) for at in range(0, len(watched), CHUNK))

    start = time.perf_counter()
    matcher = Matcher(Event(event="b", title="b", about=Match(any=("never",)), topics=topics))
    print(f"{len(watched)} phrases ready in {time.perf_counter() - start:.2f} s")
    cold = speed(matcher.topics, entries)
    warm = [speed(matcher.topics, entries) for _ in range(3)]
    hits = sum(len(matcher.topics(entry)) for entry in entries[:1000]) / min(1000, len(entries))
    plain = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(watched, key=len, reverse=True))) + r")\b")
    alternation = speed(
        lambda text: [found.span() for found in plain.finditer(text)], entries[: max(20, len(entries) // 1000)]
    )
    print(f"newswatch, cold     {cold:8.2f} MB/s   ({hits:.1f} hits a text)")
    print(f"newswatch, warm     {statistics.median(warm):8.2f} MB/s   ({min(warm):.2f} to {max(warm):.2f})")
    print(f"re alternation      {alternation:8.3f} MB/s   (newswatch cold: {cold / alternation:.0f} times as fast)")


if __name__ == "__main__":
    main()
