"""Run the judgement on labelled events and score it: `python benchmarks/judgement.py [../shared/bench]`.

Koi-Tash in English, Russian and both, then the mean over the trec-ts events, by the very scorer that lies beside them.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from newswatch.config.event import Event, Match
from newswatch.config.load import load_event
from newswatch.replay import read_stories, replay

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = ("f1", "precision", "coverage", "silence", "push_f1", "push_coverage", "figures", "relevance_precision",
           "relevance_recall")  # fmt: skip


def load_scorer(bench: Path) -> ModuleType:
    """The scorer that belongs to the data."""
    spec = importlib.util.spec_from_file_location("score", bench / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scored(score: ModuleType, folder: Path, event: Event, *, assume_relevant: bool) -> dict[str, Any]:
    """One event's figures."""
    lines = score.lines
    stories = sorted(lines(folder / "stories.jsonl"), key=lambda s: (s["published"], s["id"]))
    developments = {d["id"]: d for d in lines(folder / "developments.jsonl")}
    told = replay(event, read_stories(folder / "stories.jsonl"), assume_relevant=assume_relevant)
    found: dict[str, Any] = score.run(stories, developments, {str(line["id"]): line for line in told})
    return found


def main() -> None:
    """Print a table."""
    bench = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "bench"
    score = load_scorer(bench)
    print("event     ", "  ".join(f"{name[:13]:>13}" for name in COLUMNS))
    koi_tash = load_event(ROOT / "config" / "events" / "koi-tash.yaml")
    for language in ("en", "ru", "mixed"):
        show(language, scored(score, bench / "koi-tash" / language, koi_tash, assume_relevant=False))
    results = []
    for folder in sorted(path for path in (bench / "trec-ts").iterdir() if path.is_dir()):
        about = json.loads((folder / "event.json").read_text(encoding="utf-8"))
        title = str(about.get("title") or folder.name)
        event = Event(event="trec", title=title, about=Match(any=(title,)))
        results.append(scored(score, folder, event, assume_relevant=True))
    show("trec-ts", {name: sum(r[name] for r in results) / len(results) for name in COLUMNS})


def show(name: str, figures: dict[str, Any]) -> None:
    """One row."""
    print(f"{name:10}", "  ".join(f"{figures[column]:13.2f}" for column in COLUMNS))


if __name__ == "__main__":
    main()
