"""Make the weights of the scorer from labelled coverage, and say how well they do where they were not trained.

    python -m benchmarks.train_scorer [../shared/bench] [--write]

Articles are learned from sentences of Koi-Tash (`labels/koi-tash.tsv`), bare sentences from the trec-ts events. What is
printed is honest: every story is scored by weights that never saw it (English by those of the Russian stream and the
other way round, then each fifth of the stories by the others; each trec-ts event by those of other events). With
``--write``, `src/newswatch/detect/weights.toml` is made from all. Logistic regression with a ridge, by Newton's method;
the same input gives the same weights.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.judgement import ROOT, load_scorer

from newswatch.config.event import Event, Match
from newswatch.config.load import load_event
from newswatch.judging import Judge
from newswatch.model import Evidence
from newswatch.replay import read_stories

LABELS = Path(__file__).parent / "labels" / "koi-tash.tsv"
WEIGHTS = ROOT / "src" / "newswatch" / "detect" / "weights.toml"
RIDGE = 60.0
FOLDS = 5
COVER = 0.9
COVER_SHORT = 0.7
"""Thresholds are put where streams that a set was not trained on are covered this far: the highest that does."""


@dataclass(frozen=True)
class Row:
    """One sentence: its features and whether it states a development that no earlier story stated."""

    story: str
    features: dict[str, float]
    new: bool


@dataclass(frozen=True)
class Stream:
    """One labelled stream of stories, weighed."""

    name: str
    rows: list[Row]
    stories: list[dict[str, Any]]
    developments: dict[str, dict[str, Any]]


def labels() -> dict[tuple[str, str], list[str]]:
    """Story and sentence (its hash, or its place where it was cut otherwise) -> the developments it states."""
    found = {}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            story, number, digest, _, stated = line.split("\t")
            found[story, digest] = found[story, number] = [] if stated == "-" else stated.split(",")
    return found


def says(stated: dict[tuple[str, str], list[str]], story: str, evidence: Evidence) -> list[str]:
    """What a sentence states."""
    digest = hashlib.sha256(evidence.sentence.encode()).hexdigest()[:8]
    return stated.get((story, digest), stated.get((story, str(evidence.index)), []))


def renamed(bench: Path) -> dict[str, str]:
    """Developments of the single streams -> what they are called in the mixed one, where both tell them."""
    mixed = {s["id"]: set(s["developments"]) for s in lines(bench / "koi-tash/mixed/stories.jsonl")}
    known = {d["id"] for d in lines(bench / "koi-tash/mixed/developments.jsonl")}
    may: dict[str, set[str]] = {}
    for language in ("en", "ru"):
        for story in lines(bench / "koi-tash" / language / "stories.jsonl"):
            for one in story["developments"]:
                may[one] = may.get(one, mixed[story["id"]]) & mixed[story["id"]]
    names = {one: one for one in may if one in known}
    for _ in range(5):
        taken = {names[one] for one in names if one.startswith("R")}
        for one, others in may.items():
            left = {other for other in others if other.startswith("D")} - taken
            if one not in names and len(left) == 1:
                names[one] = left.pop()
    return names


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def koi_tash(bench: Path, stream: str) -> Stream:
    """The sentences of one Koi-Tash stream, each held against all that came before."""
    folder = bench / "koi-tash" / stream
    stories = {s["id"]: s for s in lines(folder / "stories.jsonl")}
    developments = {d["id"]: d for d in lines(folder / "developments.jsonl")}
    event, stated = load_event(ROOT / "config/events/koi-tash.yaml"), labels()
    names = renamed(bench) if stream == "mixed" else {}
    judge = Judge(event)
    start = event.baseline.as_of
    assert start is not None
    ledger = judge.ledger(judge.baseline(start))
    seen = {one for one, d in developments.items() if d.get("before_baseline")}
    rows = []
    for story in read_stories(folder / "stories.jsonl"):
        gold = stories[story.story_id]
        if not gold["relevant"]:
            continue
        if story.published > start:
            for one in judge.weigh(story, ledger):
                said = [names.get(d, d) for d in says(stated, story.story_id, one.sentence.evidence)]
                rows.append(Row(story.story_id, one.features, any(d in developments and d not in seen for d in said)))
        seen |= set(gold["developments"])
        decision = judge.judge(story, ledger, now=story.published, assume_relevant=True)
        ledger.add(decision.facts, decision.marks)
    return Stream(stream, rows, list(stories.values()), developments)


def trec(folder: Path) -> Stream:
    """The sentences of one trec-ts event."""
    stories = {s["id"]: s for s in lines(folder / "stories.jsonl")}
    judge = Judge(Event(event="trec", title=folder.name, about=Match(any=("trec",))))
    ledger = judge.ledger(())
    seen: set[str] = set()
    rows = []
    for story in read_stories(folder / "stories.jsonl"):
        gold = set(stories[story.story_id]["developments"])
        new = bool(gold - seen)
        rows += [Row(story.story_id, one.features, new) for one in judge.weigh(story, ledger)]
        seen |= gold
        decision = judge.judge(story, ledger, now=story.published, assume_relevant=True)
        ledger.add(decision.facts, decision.marks)
    return Stream(folder.name, rows, list(stories.values()), {d["id"]: d for d in lines(folder / "developments.jsonl")})


@dataclass(frozen=True)
class Model:
    """A bias and a weight for each feature."""

    bias: float
    weights: dict[str, float]

    def odds(self, features: dict[str, float]) -> float:
        """The log-odds that a sentence is new."""
        return self.bias + sum(self.weights.get(name, 0.0) * value for name, value in features.items())


def fit(rows: Sequence[Row], ridge: float = RIDGE) -> Model:
    """Ridge logistic regression over standardised features (Newton's method)."""
    names = sorted(rows[0].features)
    raw = np.array([[row.features[name] for name in names] for row in rows])
    mean, scale = raw.mean(0), raw.std(0)
    scale[scale == 0] = 1.0
    x = np.hstack([np.ones((len(rows), 1)), (raw - mean) / scale])
    y = np.array([row.new for row in rows], dtype=float)
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty), x.T @ (y - p) - penalty * beta)
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    weights = beta[1:] / scale
    return Model(float(beta[0] - weights @ mean), dict(zip(names, map(float, weights), strict=True)))


def told_at(stream: Stream, model: Model, threshold: float, score: Any) -> dict[str, Any]:
    """The scorer's figures when every story with a sentence above a threshold (log-odds) is told."""
    best: dict[str, float] = {}
    for row in stream.rows:
        best[row.story] = max(best.get(row.story, -99.0), model.odds(row.features))
    out = {
        s["id"]: {
            "relevant": s.get("relevant", True),
            "decision": "digest" if best.get(s["id"], -99.0) >= threshold else "none",
            "developments": [{}],
        }
        for s in stream.stories
    }
    stories = sorted(stream.stories, key=lambda s: (s["published"], s["id"]))
    found: dict[str, Any] = score.run(stories, stream.developments, out)
    return found


def table(
    name: str, tested: Sequence[tuple[Stream, Model]], score: Any, thresholds: Iterable[float], cover: float = COVER
) -> float:
    """Print figures by threshold, the mean over streams; the highest threshold that still covers as asked."""
    chosen = -9.0
    print(f"{name:28} threshold   F1  precision  coverage  silence")
    for threshold in thresholds:
        found = [told_at(stream, model, threshold, score) for stream, model in tested]
        f1, precision, coverage, silence = (
            float(np.mean([one[key] for one in found])) for key in ("f1", "precision", "coverage", "silence")
        )
        print(f"{'':28} {threshold:9.2f}  {f1:.2f}  {precision:9.2f}  {coverage:8.2f}  {silence:7.2f}")
        if round(coverage, 2) >= cover:
            chosen = threshold
    return chosen


def main() -> None:
    """Train, test on what was not seen, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", nargs="?", type=Path, default=ROOT.parent / "shared" / "bench")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    score = load_scorer(given.bench)
    grid = [round(float(t), 4) for t in np.arange(-3.0, 0.76, 0.0625)]
    koi = {stream: koi_tash(given.bench, stream) for stream in ("en", "ru", "mixed")}
    table("en by ru", [(koi["en"], fit(koi["ru"].rows))], score, grid)
    table("ru by en", [(koi["ru"], fit(koi["en"].rows))], score, grid)
    order = list(dict.fromkeys(row.story for row in koi["mixed"].rows))
    folds = {story: at * FOLDS // len(order) for at, story in enumerate(order)}
    models = [
        fit([row for stream in koi.values() for row in stream.rows if folds[row.story] != fold])
        for fold in range(FOLDS)
    ]
    left = {name: _left_out(stream, models, folds) for name, stream in koi.items()}
    for name, pair in left.items():
        table(f"{name}, fifths left out", [pair], score, grid)
    article = table("articles, fifths left out", list(left.values()), score, grid)
    events = [trec(p) for p in sorted((given.bench / "trec-ts").iterdir()) if p.is_dir()]
    left_out = [
        (event, fit([row for at, other in enumerate(events) if at % 5 != number % 5 for row in other.rows]))
        for number, event in enumerate(events)
    ]
    short = table("trec-ts, events left out", left_out, score, grid, COVER_SHORT)
    if given.write:
        write(
            article=(fit([row for stream in koi.values() for row in stream.rows]), article),
            short=(fit([row for event in events for row in event.rows]), short),
        )


def _left_out(stream: Stream, models: Sequence[Model], folds: dict[str, int]) -> tuple[Stream, Model]:
    """A stream whose only feature is what the model that did not see a story says of it."""
    rows = [Row(row.story, {"odds": models[folds[row.story]].odds(row.features)}, row.new) for row in stream.rows]
    return Stream(stream.name, rows, stream.stories, stream.developments), Model(0.0, {"odds": 1.0})


def write(**sets: tuple[Model, float]) -> None:
    """Write the weights; those that change nothing (under 0.005) are left out."""
    text = [
        "# The weights of the scorer: log-odds that a sentence tells something new. By benchmarks/train_scorer.py;",
        "# what each feature is: newswatch/detect/novelty.py. `tell` and `push` are probabilities.",
    ]
    for name, (model, threshold) in sets.items():
        tell = 1 / (1 + float(np.exp(-threshold)))
        text += [
            "",
            f"[{name}]",
            f"bias = {model.bias:.3f}",
            f"tell = {tell:.3f}",
            f"push = {tell:.3f}",
            "",
            f"[{name}.weights]",
        ]
        text += [
            f'"{feature}" = {weight:.3f}' for feature, weight in sorted(model.weights.items()) if abs(weight) >= 0.005
        ]
    WEIGHTS.write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
