"""How fast stories are judged, and what a growing ledger costs: `python -m benchmarks.judging [../shared/bench]`.

Real stories of Koi-Tash, in English and in Russian, three passes each over a ledger that grows (the median counts);
then one story against ledgers of 100 to 1,000,000 facts made of shuffled real claims: milliseconds a story, which must
not grow with the ledger.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.judgement import ROOT

from newswatch.config.load import load_event
from newswatch.detect.ledger import Ledger
from newswatch.judging import Judge
from newswatch.model import Fact, Figure, Story
from newswatch.replay import read_stories

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)


def passes(judge: Judge, stories: Sequence[Story], times: int = 3) -> list[float]:
    """Stories a second of each pass."""
    found = []
    for _ in range(times):
        ledger = Ledger()
        started = time.perf_counter()
        for story in stories:
            decision = judge.judge(story, ledger, now=story.published, assume_relevant=True)
            ledger.add(decision.facts, decision.marks)
        found.append(len(stories) / (time.perf_counter() - started))
    return found


def grown(facts: Sequence[Fact], size: int, chance: random.Random) -> Ledger:
    """A ledger of so many facts: real claims with their terms exchanged, a tenth of them never seen before."""
    ledger = Ledger()
    terms = [term for fact in facts if not isinstance(fact.claim, Figure) for term in fact.claim.terms]
    for number in range(size):
        fact = facts[number % len(facts)]
        claim = fact.claim
        if not isinstance(claim, Figure) and claim.terms:
            own = tuple(
                f"made{chance.randrange(size)}" if chance.random() < 0.1 else chance.choice(terms) for _ in claim.terms
            )
            fact = replace(fact, claim=replace(claim, terms=own))
        ledger.add((fact,))
    return ledger


def main() -> None:
    """Print both tables."""
    bench = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "bench"
    started = time.perf_counter()
    judge = Judge(load_event(ROOT / "config/events/koi-tash.yaml"))
    print(f"a judge is ready after {time.perf_counter() - started:.2f} s")
    by_language: dict[str, Sequence[Story]] = {}
    for language in ("en", "ru"):
        stories = read_stories(bench / "koi-tash" / language / "stories.jsonl")
        by_language[language] = [story for story in stories if story.language == language]
        speeds = passes(judge, by_language[language])
        print(
            f"{language}: {statistics.median(speeds):5.0f} stories a second "
            f"(of {min(speeds):.0f} to {max(speeds):.0f}, {len(by_language[language])} stories)"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    ledger = Ledger()
    facts: list[Fact] = []
    for story in by_language["en"]:
        facts += judge.judge(story, ledger, now=story.published, assume_relevant=True).facts
    print("\nfacts in the ledger   milliseconds a story")
    for size in SIZES:
        big = grown(facts, size, random.Random(7))  # noqa: S311 - shuffles, hides nothing
        taken = []
        for story in by_language["en"][:40]:
            started = time.perf_counter()
            judge.judge(story, big, now=story.published, assume_relevant=True)
            taken.append((time.perf_counter() - started) * 1000)
        print(f"{size:19,}   {statistics.median(taken):10.1f}  (of {min(taken):.1f} to {max(taken):.1f})")


if __name__ == "__main__":
    main()
