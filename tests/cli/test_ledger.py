"""``newswatch baseline show`` and ``newswatch ledger``: what a person sees of the ledger, and how they correct it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback.world import EVENT, write_config

Run = Callable[..., Ran]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, {"wire": "https://wire.example.org/rss"})


def ids(run: Run, config: Path) -> dict[str, str]:
    """What is known -> its id."""
    listed = json.loads(run("ledger", "list", "-c", config, "--json").out)
    return {fact["sentence"]: fact["id"] for fact in listed}


TOLL = "Three people were killed and more than 20 were injured."
GONE = "About 400 people were evacuated."


def test_the_baseline_is_shown_before_anything_was_polled(run: Run, config: Path) -> None:
    shown = run("baseline", "show", "-c", config)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith(
        "Velmora: the dam of Lake Arda  (event velmora)\n4 known at the start, 0 learned since, 0 rejected by hand\n"
    )
    assert re.search(r"^    Injured +20  more than   2031-03-02 06:00  baseline +base_\w{7,}$", shown.out, re.MULTILINE)
    assert shown.out.index("Figures") < shown.out.index("Happenings") < shown.out.index("Statements")
    assert TOLL in shown.out
    assert "LEARNED SINCE" not in shown.out


def test_what_was_learned_says_from_whom_and_whether_it_was_told(run: Run, lived: Path) -> None:
    shown = run("baseline", "show", "-c", lived)
    assert "Wire, Herald, Vestnik (3 outlets, 3 origins); confirmed; told; fct_" in shown.out
    assert "Wire; reported; absorbed; fct_" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 100
    every = run("baseline", "show", "-c", lived, "--all")
    assert len(every.out.splitlines()) > len(shown.out.splitlines())
    assert "- Evacuated: about 400  base_" in every.out
    value = json.loads(run("baseline", "show", "-c", lived, "--json").out)
    assert value[0]["event"] == "velmora"
    toll = next(fact for fact in value[0]["facts"] if fact["sentence"] == TOLL)
    assert (toll["baseline"], toll["status"], toll["told"]) == (True, "reported", False)
    assert {"measure": "killed", "value": 3.0}.items() <= next(
        c for c in toll["claims"] if c["kind"] == "figure"
    ).items()


def test_the_list_is_one_line_a_fact(run: Run, lived: Path) -> None:
    lines = run("ledger", "list", "-c", lived).out.splitlines()
    assert len(lines) == len(ids(run, lived))
    assert all(re.match(r"(base|fct)_\w+  2031-03-0\d \d\d:\d\d  (reported |confirmed)  \S", line) for line in lines)
    assert max(map(len, lines)) <= 100


def test_reject_accept_and_undo_are_kept_with_who_when_and_why(run: Run, config: Path) -> None:
    fact = ids(run, config)[GONE]
    rejected = run("ledger", "reject", fact[:12], "-c", config, "--note", "another valley")
    assert (rejected.code, rejected.err) == (0, "")
    assert rejected.out == f"rejected: it counts as unknown now: “{GONE}” (baseline, event velmora)\n"
    shown = run("baseline", "show", "-c", config).out
    assert re.search(
        r"REJECTED: counts as unknown\n.*400 people.*\n.*rejected by hand.*\n +reject by \S+, .*: another valley", shown
    )
    again = run("ledger", "reject", fact, "-c", config)
    assert (again.code, again.out) == (0, "")
    assert "nothing was written" in again.err
    assert "confirmed by hand" in run("ledger", "accept", fact, "-c", config).out
    assert "confirmed by hand; base_" in run("baseline", "show", "-c", config).out
    assert run("ledger", "undo", fact, "-c", config).out == f"as it was read: “{GONE}” (baseline)\n"
    kept = json.loads(run("ledger", "list", "-c", config, "--json").out)
    made = next(one for one in kept if one["id"] == fact)
    assert (made["status"], [c["action"] for c in made["corrections"]]) == ("reported", ["reject", "accept", "undo"])
    assert made["corrections"][0]["note"] == "another valley"
    other = ids(run, config)[TOLL]
    assert "nothing was said of" in run("ledger", "undo", other, "-c", config).err


def test_a_rejection_names_what_still_says_it(run: Run, lived: Path) -> None:
    fact = ids(run, lived)[
        "Nine people were killed when the dam of Lake Arda broke above Velmora, the rescue service said on Sunday."
    ]
    rejected = run("ledger", "reject", fact, "-c", lived)
    assert rejected.code == 0
    assert "still known from “" in rejected.err
    assert "reject that too if it is wrong" in rejected.err


def test_merged_facts_are_shown_as_one(run: Run, lived: Path) -> None:
    known = ids(run, lived)
    one, two = known["Velmora dam: death toll rises to nine"], known["Nine dead after Lake Arda dam break"]
    merged = run("ledger", "merge", one, two, "-c", lived)
    assert merged.out == (
        "merged: “Nine dead after Lake Arda dam break” (Herald, event velmora)\n"
        "   into “Velmora dam: death toll rises to nine” (Wire, event velmora)\n"
    )
    assert "also: “Nine dead after Lake Arda dam break” (Herald, fct_" in run("baseline", "show", "-c", lived).out
    listed = run("ledger", "list", "-c", lived).out.splitlines()
    assert len([line for line in listed if not line.startswith("  ")]) == len(known) - 1
    assert "another wording: Nine dead" in "\n".join(listed)
    assert "they are one already" in run("ledger", "merge", two, one, "-c", lived).err
    run("ledger", "undo", two, "-c", lived)
    assert set(ids(run, lived)) == set(known)


def test_corrections_are_made_while_a_service_holds_the_store(run: Run, lived: Path) -> None:
    from newswatch.cli.common import clock
    from newswatch.store import open_store

    store = open_store("sqlite:///newswatch.db", base=lived.parent, now=clock())
    with store.lock("newswatch run", clock()):
        assert run("ledger", "accept", ids(run, lived)[TOLL], "-c", lived).code == 0
    store.close()


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (("ledger", "accept", "nope"), 1, "newswatch: no fact 'nope'; `newswatch ledger list` shows their ids"),
        (("ledger", "accept", ""), 1, "no fact ''"),
        (("ledger", "reject", "base_"), 1, "'base_' begins several ids (base_"),
        (("ledger", "accept"), 2, "Missing argument 'FACT'"),
        (("ledger", "list", "--event", "x"), 2, "no event is called 'x'; configured: velmora"),
        (("baseline", "show", "--event", "x"), 2, "no event is called 'x'; configured: velmora"),
        (("ledger", "nonsense"), 2, "No such command 'nonsense'"),
    ],
)
def test_what_cannot_be_done_is_said(args: tuple[str, ...], code: int, sentence: str, run: Run, config: Path) -> None:
    place = () if "nonsense" in args else ("-c", config)
    found = run(*args, *place)
    assert (found.code, found.out) == (code, "")
    assert sentence in found.err
    assert "Traceback" not in found.err


def test_facts_of_two_events_stay_two(run: Run, config: Path) -> None:
    other = EVENT.replace("event: velmora", "event: other")
    (config.parent / "events" / "other.yaml").write_text(other, encoding="utf-8")
    listed = json.loads(run("ledger", "list", "-c", config, "--json").out)
    one, two = (next(f["id"] for f in listed if f["event"] == event) for event in ("velmora", "other"))
    refused = run("ledger", "merge", one, two, "-c", config)
    assert (refused.code, "they stay two" in refused.err) == (1, True)


def test_an_event_without_a_baseline_says_so(run: Run, config: Path) -> None:
    bare = "event: velmora\ntitle: Velmora\nabout: {any: [Velmora]}\n"
    (config.parent / "events" / "velmora.yaml").write_text(bare)
    assert run("ledger", "list", "-c", config).err.startswith("nothing is known yet; write a baseline")
    assert "0 known at the start" in run("baseline", "show", "-c", config).out
