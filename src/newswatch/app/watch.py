"""The events being watched: their judges, and their ledgers as the store holds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from newswatch.config.event import Event
from newswatch.detect.corrections import corrected
from newswatch.detect.ledger import Ledger
from newswatch.judging import Judge
from newswatch.model import Decision, Fact, Severity, Story, make_id
from newswatch.store import Store


@dataclass(slots=True)
class Watched:
    """One event with its judge and, once it is needed, its ledger."""

    event: Event
    judge: Judge
    ledger: Ledger | None = None


class Watch:
    """All events of the configuration. Used from the one thread that writes."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        self._watched = {event.event: Watched(event, Judge(event)) for event in events}
        self._corrections = 0

    def of_feed(self, events: tuple[str, ...]) -> tuple[Watched, ...]:
        """The events a feed is read for; all when it names none."""
        return tuple(w for name, w in self._watched.items() if not events or name in events)

    def event(self, event_id: str) -> Event | None:
        """The event of that id, if it is still configured."""
        watched = self._watched.get(event_id)
        return watched.event if watched else None

    def load(self, store: Store, now: datetime) -> None:
        """Bring the ledgers in step with the store and with what people corrected, reading changed baselines first.

        Raises:
            StoreError: the store cannot be read or written.
        """
        newest = store.newest_correction()
        if newest != self._corrections:
            self.forget_ledgers()
            self._corrections = newest
        for event_id, watched in self._watched.items():
            if watched.ledger is not None:
                continue
            digest = _baseline_digest(watched.event)
            if store.baseline_digest(event_id) != digest:
                with store.transaction() as tx:
                    tx.replace_baseline(event_id, watched.judge.baseline(now), digest)
            facts = corrected(store.facts(event_id), store.corrections(event_id))
            watched.ledger = watched.judge.ledger(facts, store.marks(event_id))

    def forget_ledgers(self) -> None:
        """After a failed transaction: what memory holds may be more than what the store holds."""
        for watched in self._watched.values():
            watched.ledger = None


def facts_known(store: Store, event: Event, now: datetime) -> tuple[Fact, ...]:
    """The facts of an event as they were read, the baseline's first; of a baseline not recorded yet as it would be.

    Raises:
        StoreError: the store cannot be read.
    """
    facts = store.facts(event.event)
    told = tuple(fact for fact in facts if fact.story_id)
    if store.baseline_digest(event.event) != _baseline_digest(event):
        return (*Judge(event).baseline(now), *told)
    return (*(fact for fact in facts if not fact.story_id), *told)


def _baseline_digest(event: Event) -> str:
    """Changes when anything changes that facts are read by: the baseline, and the names that it is read with."""
    return make_id("dgs", event.model_dump_json(include={"baseline", "entities", "languages"}))


def decide(watched: Watched, story: Story, *, now: datetime, previous: Story | None, max_age: timedelta) -> Decision:
    """Judge one story for one event; what was old when first seen enters the ledger as known, and stays silent."""
    ledger = watched.ledger
    if ledger is None:
        raise RuntimeError("decide() before load()")
    decision = watched.judge.judge(story, ledger, now=now, previous=previous)
    if decision.relevant and now - story.published > max_age:
        days = max_age.total_seconds() / 86400
        return replace(
            decision,
            severity=Severity.SILENT,
            developments=(),
            facts=tuple(replace(fact, told=False) for fact in decision.facts),
            marks=(),
            reason=f"published {story.published:%Y-%m-%d}, more than {days:g} days before it was first seen",
        )
    return decision
