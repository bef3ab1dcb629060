"""What the judgement gets wrong, counted by cause: `python -m benchmarks.errors [../shared/bench] [en|ru|mixed]`.

For every story that was told though it held nothing untold, what the sentences that were told really are (by the
hand-made labels of `labels/koi-tash.tsv`); for every development that no told story brought, of what kind and in which
language it stood. ``--list`` shows each.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.judgement import ROOT
from benchmarks.train_scorer import LABELS, lines

from newswatch.config.load import load_event
from newswatch.judging import Judge
from newswatch.model import Severity
from newswatch.replay import read_stories

CLASSES = {
    "dev": "a labelled development that was told before",
    "base": "the baseline again",
    "past": "from before the event",
    "talk": "comment, forecast, colour",
    "detail": "a detail of the event that no label holds",
    "?": "cut otherwise than in the labels",
}


def classes() -> dict[tuple[str, str], str]:
    """Story and place of a sentence -> its class."""
    found = {}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            story, number, _, name, _ = line.split("\t")
            found[story, number] = name
    return found


def main() -> None:
    """Print the causes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", nargs="?", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("stream", nargs="?", default="mixed")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    folder = given.bench / "koi-tash" / given.stream
    gold: dict[str, dict[str, Any]] = {s["id"]: s for s in lines(folder / "stories.jsonl")}
    developments = {d["id"]: d for d in lines(folder / "developments.jsonl")}
    judge, named = Judge(load_event(ROOT / "config/events/koi-tash.yaml")), classes()
    ledger = judge.ledger(judge.baseline(next(iter(read_stories(folder / "stories.jsonl"))).published))
    told = {one for one, d in developments.items() if d.get("before_baseline")}
    bogus: Counter[str] = Counter()
    missed: dict[str, str] = {}
    for story in read_stories(folder / "stories.jsonl"):
        decision = judge.judge(story, ledger, now=story.published)
        weighed = {one.sentence.evidence.sentence: one for one in judge.weigh(story, ledger)}
        says = [d for d in gold[story.story_id]["developments"] if d in developments]
        fresh = [d for d in says if d not in told]
        if decision.severity is not Severity.SILENT:
            if not fresh:
                for sentence in {d.evidence[0] for d in decision.developments}:
                    place = str(weighed[sentence].sentence.evidence.index)
                    cause = named.get((story.story_id, place), "?")
                    bogus[cause] += 1
                    if given.list:
                        print(f"told  {story.story_id} {cause:6} {sentence}")
            told |= set(says)
        for one in fresh:
            if one not in told:
                missed.setdefault(one, story.language)
        ledger.add(decision.facts, decision.marks)
    print(f"\n{given.stream}: sentences told by stories that held nothing untold")
    for cause, count in bogus.most_common():
        print(f"{count:5}  {CLASSES[cause]}")
    lost = {one: language for one, language in missed.items() if one not in told}
    print(f"\n{len(lost)} developments that no told story brought")
    for (kind, language), count in Counter((developments[one]["kind"], lost[one]) for one in lost).most_common():
        print(f"{count:5}  {kind}, first in {language}")
    if given.list:
        for one in lost:
            print(f"lost  {one} {developments[one]['what']}")


if __name__ == "__main__":
    main()
