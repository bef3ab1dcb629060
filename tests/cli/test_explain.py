"""``newswatch explain``: readable by a stranger, complete for a program, and generous about how a story is named."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.mark.parametrize(
    "name",
    [
        "TOLL  rises",
        "https://wire.example.org/w2?utm_source=rss",
        "https://wire.example.org/w2",
        "http://www.wire.example.org/w2/?utm_source=newswatch&utm_medium=email&fbclid=a1#top",
    ],
)
def test_a_story_goes_by_its_address_or_a_piece_of_its_title(name: str, run: Run, lived: Path) -> None:
    shown = run("explain", " ".join(name.split()), "-c", lived)
    assert (shown.code, shown.err) == (0, "")
    lines = shown.out.splitlines()
    assert lines[0] == "Velmora dam: death toll rises to nine"
    assert lines[1].startswith("Wire, 2031-03-02 10:00 UTC  [sty_")
    assert lines[2] == "https://wire.example.org/w2"
    assert run("explain", lines[1].partition("[")[2].rstrip("]"), "-c", lived).out == shown.out


def test_it_is_said_sentence_by_sentence(run: Run, lived: Path) -> None:
    shown = run("explain", "toll rises", "-c", lived).out
    sentence = "“The number of people killed in the Velmora dam break has risen to nine,"
    assert shown.count(sentence) == 1
    assert "The percentage is how likely the sentence is news" in shown
    assert " %  news     “The number of people" in shown
    after = shown.partition(sentence)[2]
    assert "    - die-killed (done) Velmora: known; “killed” is known\n        held against: “" in after
    assert "(known at the start, baseline) [base_" in " ".join(after.split())


def test_it_fits_the_terminal(run: Run, lived: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = run("explain", "toll rises", "-c", lived).out
    assert max(map(len, shown.splitlines())) <= 60


def test_json_holds_everything(run: Run, lived: Path) -> None:
    (decision,) = json.loads(run("explain", "toll rises", "-c", lived, "--json").out)
    assert decision["decision"] == "alert"
    told = decision["developments"][0]
    assert (told["figure"]["measure"], told["figure"]["value"], told["figure"]["was"]) == ("killed", 9, 3)
    assert told["against"]["sentence"] == "Dam above Velmora breaks, three dead"
    step = next(step for step in decision["trace"] if step["outcome"] == "known")
    assert set(step) == {"sentence", "likelihood", "news", "claim", "outcome", "against", "reason"}
    assert 0 < step["likelihood"] < 1
    assert step["news"] is True
    assert {"id", "sentence", "source", "since", "status", "baseline"} == set(step["against"])


def test_a_story_that_is_not_about_the_event_says_why(run: Run, lived: Path) -> None:
    shown = run("explain", "marathon", "-c", lived).out
    why = "stayed silent, not about the event: none of the watched phrases stands there."
    assert f"Event velmora; {why}" in " ".join(shown.split())


def test_several_titles_are_named(run: Run, lived: Path) -> None:
    shown = run("explain", "dam", "-c", lived)
    assert (shown.code, shown.out) == (1, "")
    assert shown.err.startswith("newswatch: 5 stories have 'dam' in their titles; name one by its id:\n  sty_")
    assert run("explain", "плотины", "-c", lived).out.startswith("Велмора: задержан директор плотины\n")


@pytest.mark.parametrize("name", ["nothing", "", " ", "https://example.org/none", "%"])
def test_what_is_not_there_is_said(name: str, run: Run, lived: Path) -> None:
    shown = run("explain", name, "-c", lived)
    assert (shown.code, shown.out) == (1, "")
    assert shown.err == f"newswatch: no decision about {name!r}; `newswatch decisions` lists the stories\n"


def test_a_fact_that_is_gone_is_said_so(run: Run, lived: Path) -> None:
    with closing(sqlite3.connect(lived.parent / "newswatch.db")) as database:
        database.execute("DELETE FROM fact")
        database.commit()
    assert "a fact that is gone from the ledger [fct_" in " ".join(
        run("explain", "toll rises", "-c", lived).out.split()
    )


def test_a_decision_of_an_earlier_build_is_still_explained(run: Run, lived: Path) -> None:
    with closing(sqlite3.connect(lived.parent / "newswatch.db")) as database:
        for seq, body in database.execute("SELECT seq, body FROM decision").fetchall():
            decision = json.loads(body)
            for line in decision["trace"]:
                del line["probability"], line["news"]
                line["reason"] += "; the sentence is news (45%)"
            database.execute("UPDATE decision SET body = ? WHERE seq = ?", (json.dumps(decision), seq))
        database.commit()
    shown = run("explain", "toll rises", "-c", lived)
    assert (shown.code, shown.err) == (0, "")
    assert "\n  “The number of people" in shown.out
    assert "“killed” is known; the sentence is news (45%)" in " ".join(shown.out.split())
    (decision,) = json.loads(run("explain", "toll rises", "-c", lived, "--json").out)
    assert {(step["likelihood"], step["news"]) for step in decision["trace"]} == {(None, None)}
