"""``newswatch ledger``: a person corrects what newswatch holds as known, and its later decisions follow."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from newswatch.app import correction
from newswatch.cli import EXIT_DONE
from newswatch.cli.common import chosen_events, clock, columns, config_option, json_option, opened, who
from newswatch.cli.known import Known, as_dict, known, one_line, short_ids
from newswatch.config.load import load_config
from newswatch.detect.corrections import leading
from newswatch.detect.ledger import Ledger
from newswatch.errors import NewswatchError
from newswatch.model import Action, Fact, FactStatus, Figure
from newswatch.store import Store

ALIKE = 0.5
"""A fact that holds this share of a rejected sentence still makes its retellings known."""
MOST_HINTS = 5


@click.group(short_help="Correct what is held as known.")
def ledger() -> None:
    """Correct what is held as known: later decisions follow, also those of a service that runs.

    Corrections are only ever appended, with who made them, when and why; each is undone by a further one.
    """


@dataclass(frozen=True, slots=True)
class Found:
    """A fact by its id, with what it belongs to."""

    fact: Fact
    one: Known


class Desk:
    """The ledgers of all configured events, open for corrections."""

    def __init__(self, store: Store, ledgers: Sequence[tuple[str, tuple[Known, ...]]]) -> None:
        self._store = store
        self._ledgers = dict(ledgers)

    def find(self, name: str) -> Found:
        """The fact whose id is given, whole or by its unique beginning.

        Raises:
            NewswatchError: none is, or several are.
        """
        found = [
            Found(fact, one)
            for facts in self._ledgers.values()
            for one in facts
            for fact in one.facts
            if name and fact.fact_id.startswith(name)
        ]
        if not found:
            raise NewswatchError(f"no fact {name!r}; `newswatch ledger list` shows their ids")
        if len({one.fact.fact_id for one in found}) > 1:
            some = ", ".join(sorted(one.fact.fact_id for one in found)[:MOST_HINTS])
            raise NewswatchError(f"{name!r} begins several ids ({some}); write more of it")
        return found[0]

    def correct(self, found: Found, action: Action, note: str, other: Found | None = None) -> None:
        """Append a correction."""
        second = None if other is None else other.fact
        said = correction(found.fact, action, made=clock(), made_by=who(), note=note, other=second)
        with self._store.transaction() as tx:
            tx.add_correction(said)

    def still_said(self, found: Found) -> list[Fact]:
        """Other facts that say what was rejected: by most of its words, or by its numbers."""
        rest = [one for one in self._ledgers[found.fact.event] if one is not found.one and not one.rejected]
        held = Ledger(fact for one in rest for fact in one.facts)
        hits: dict[str, Fact] = {}
        for fact in found.one.facts:
            claim = fact.claim
            if isinstance(claim, Figure):
                same = held.same_number(claim.measure, claim.value)
            else:
                overlap = held.overlap(dict.fromkeys(claim.terms, ""))
                same = overlap.nearest if claim.terms and overlap.best >= ALIKE else None
            if same is not None:
                lead = next(leading(w) for one in rest for w in one.wordings if same in w)
                hits[lead.fact_id] = lead
        return list(hits.values())


@contextmanager
def _desk(config: Path | None) -> Iterator[Desk]:
    """Corrections need no lock: each is one row in a transaction of its own, beside a service that runs."""
    loaded = load_config(config, os.environ)
    with opened(loaded) as store:
        yield Desk(store, [(event.event, known(store, event, clock())) for event in loaded.events])


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    note = click.option("--note", default="", help="Why, for whoever reads the ledger later.")
    return config_option(note(command))


def _quoted(found: Found) -> str:
    return f"“{found.one.sentence}” ({found.fact.source}, event {found.fact.event})"


@ledger.command()
@click.argument("fact")
@_common
def accept(fact: str, config: Path | None, note: str) -> int:
    """Say that FACT is right: it is shown as confirmed by hand. Also brings back what was rejected."""
    return _marked(fact, config, note, Action.ACCEPT, FactStatus.CONFIRMED, "confirmed by hand")


@ledger.command()
@click.argument("fact")
@_common
def reject(fact: str, config: Path | None, note: str) -> int:
    """Say that FACT is wrong: its sentence, with all it says, counts as unknown from now on.

    A later story that says it is news again, and a later number is not held against it. Other facts that say the same
    are named, to be rejected too where they are wrong.
    """
    return _marked(fact, config, note, Action.REJECT, FactStatus.RETRACTED, "rejected: it counts as unknown now")


def _marked(name: str, config: Path | None, note: str, action: Action, status: FactStatus, done: str) -> int:
    with _desk(config) as desk:
        found = desk.find(name)
        if found.one.lead.status is status:
            click.echo(f"already {done}: {_quoted(found)}; nothing was written", err=True)
            return EXIT_DONE
        desk.correct(found, action, note)
        click.echo(f"{done}: {_quoted(found)}")
        others = desk.still_said(found) if action is Action.REJECT else []
    for other in others[:MOST_HINTS]:
        what = f"“{other.claim.evidence.sentence}” ({other.source}, {other.fact_id})"
        click.echo(f"still known from {what}; reject that too if it is wrong", err=True)
    return EXIT_DONE


@ledger.command()
@click.argument("fact")
@click.argument("other")
@_common
def merge(fact: str, other: str, config: Path | None, note: str) -> int:
    """Say that FACT and OTHER say the same: OTHER becomes another wording of FACT.

    Both stay known; they are shown as one, and what is said of one of them holds for both.
    """
    with _desk(config) as desk:
        one, two = desk.find(fact), desk.find(other)
        if one.fact.event != two.fact.event:
            raise NewswatchError(f"{fact} is of event {one.fact.event}, {other} of {two.fact.event}: they stay two")
        if one.one is two.one:
            click.echo(f"they are one already: {_quoted(one)}; nothing was written", err=True)
            return EXIT_DONE
        desk.correct(one, Action.MERGE, note, two)
    click.echo(f"merged: {_quoted(two)}\n   into {_quoted(one)}")
    return EXIT_DONE


@ledger.command()
@click.argument("fact")
@_common
def undo(fact: str, config: Path | None, note: str) -> int:
    """Take back what was said of FACT: it stands on its own again, as it was read."""
    with _desk(config) as desk:
        found = desk.find(fact)
        if not found.one.corrections:
            click.echo(f"nothing was said of {_quoted(found)}; nothing was written", err=True)
            return EXIT_DONE
        desk.correct(found, Action.UNDO, note)
    click.echo(f"as it was read: “{found.fact.claim.evidence.sentence}” ({found.fact.source})")
    return EXIT_DONE


@ledger.command("list")
@config_option
@json_option
@click.option("--event", help="Only this event.")
def list_facts(config: Path | None, as_json: bool, event: str | None) -> int:
    """List the facts with their ids, one a line: the baseline first, then what was learned since, newest last."""
    loaded = load_config(config, os.environ)
    events = chosen_events(loaded, event)
    with opened(loaded) as store:
        ledgers = [known(store, one, clock()) for one in events]
    if as_json:
        click.echo(json.dumps([as_dict(one) for facts in ledgers for one in facts], ensure_ascii=False, indent=2))
        return EXIT_DONE
    shown = short_ids(fact for facts in ledgers for one in facts for fact in one.facts)
    for facts in ledgers:
        for one in facts:
            click.echo(one_line(one, shown[one.lead.fact_id], columns()))
            for said in one.wordings[1:]:
                click.echo(f"  {shown[leading(said).fact_id]}  another wording: {said[0].claim.evidence.sentence}")
    if not any(ledgers):
        click.echo("nothing is known yet; write a baseline into the event file, or run `newswatch once`", err=True)
    return EXIT_DONE
