"""Broken files and, beside each, the exact sentences that are said of it.

``broken/NAME.yaml`` is a newswatch.yaml, ``broken/event-NAME.yaml`` an event file, and ``broken/NAME.txt`` holds the
sentences, mistakes first. ``NEWSWATCH_GOLDEN=write pytest tests/config/test_broken.py`` writes the sentences anew; read
them as somebody who sees newswatch for the first time before they are committed.
"""

import os
from pathlib import Path

import pytest

from newswatch.config.read import read_config, read_event

BROKEN = Path(__file__).parent / "broken"
FILES = sorted(path.name for path in BROKEN.glob("*.yaml"))
ENVIRON = {"PASSWORD": "hunter2", "EMPTY": " "}


def said(name: str) -> str:
    path = Path(name)
    if name.startswith("event-"):
        problems = read_event(path).problems
    else:
        read = read_config(path, ENVIRON)
        problems = (*read.mistakes, *read.doubts)
    return "".join(f"{'doubtful: ' if problem.doubtful else ''}{problem}\n" for problem in problems)


@pytest.mark.parametrize("name", FILES)
def test_what_is_said_of_a_broken_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    golden = Path(name).with_suffix(".txt")
    text = said(name)
    if os.environ.get("NEWSWATCH_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FILES)
def test_what_is_said_helps(name: str) -> None:
    """Each sentence names its file, ends as a sentence does, and gives no secret away."""
    lines = BROKEN.joinpath(name).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        where, _, what = line.removeprefix("doubtful: ").partition(": ")
        assert where.partition(":")[0].endswith(".yaml"), line
        assert what.endswith((".", "?")), line
        assert len(line) < 400, line
        assert "hunter2" not in line, line
        assert "whsec_bG9" not in line, line


def test_no_sentences_without_a_file() -> None:
    assert sorted(path.stem for path in BROKEN.glob("*.txt")) == sorted(Path(name).stem for name in FILES)
