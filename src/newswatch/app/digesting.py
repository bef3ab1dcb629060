"""Digests: what a recipient was to be told later, and what the period brought beside it: gather, decide, record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from newswatch.alerting import policy
from newswatch.app import trail
from newswatch.config.event import Event
from newswatch.config.settings import Feed, Recipient
from newswatch.detect.corrections import standing
from newswatch.detect.novelty import RISING, TALLIES
from newswatch.model import (
    Action,
    Alert,
    AlertItem,
    Correction,
    Development,
    Fact,
    FactStatus,
    FailedFeed,
    Figure,
    FigurePoint,
    FigureTrack,
    Held,
    Outcome,
    Severity,
    Story,
    make_id,
)
from newswatch.reading import lexicon
from newswatch.reasons import because, english
from newswatch.store import Store, Transaction

Checkpoint = Callable[[str], None]
CORRECTED = frozenset({Outcome.CORRECTED, Outcome.CONTRADICTS})
MOST_FIGURES, MOST_POINTS = 12, 60


class Digester:
    """Writes digests. Used from the one thread that writes."""

    def __init__(
        self,
        recipients: tuple[Recipient, ...],
        events: tuple[Event, ...],
        feeds: tuple[tuple[str, Feed], ...],
        store: Store,
        checkpoint: Checkpoint,
    ) -> None:
        self._recipients = recipients
        self._events = {event.event: event for event in events}
        self._feeds = {feed_id: feed.title or feed_id for feed_id, feed in feeds}
        self._store = store
        self._checkpoint = checkpoint

    def digest(self, now: datetime) -> int:
        """Write every digest that is due into the outbox; returns how many.

        Raises:
            StoreError: the store did not take it.
        """
        return sum(self._digest(recipient, now) for recipient in self._recipients)

    def _digest(self, recipient: Recipient, now: datetime) -> int:
        run = policy.digest_due(recipient, last_run=self._store.last_digest_run(recipient.id), now=now)
        if run is None or recipient.digest is None:
            return 0
        with self._store.transaction() as tx:
            if not tx.record_digest_run(recipient.id, run.run_key, run.until):
                return 0
            if run.first:
                return 0
            # Before anything is taken: the numbers are of what the period brought, not of what the run makes of it.
            alert = self._alert(tx, recipient, run, tx.held(recipient.id, run.until))
            if not alert.items and not recipient.digest.send_empty:
                return 0
            tx.take_held(recipient.id, run.until, run.run_key)
            tx.add_alert(alert)
            tx.add_deliveries(policy.deliveries(alert, recipient.channels, now=now))
        self._checkpoint("digest-written")
        trail.alerted(alert, recipient.channels, kind="digest")
        return 1

    def preview(self, recipient: Recipient, start: datetime, now: datetime) -> Alert:
        """The digest of what is held now, as if it were due; nothing is written or marked.

        Raises:
            StoreError: the store cannot be read.
        """
        run = policy.DigestRun(f"preview {now.isoformat()}", start, now)
        return self._alert(self._store, recipient, run, self._store.held(recipient.id, now))

    def _alert(
        self, source: Store | Transaction, recipient: Recipient, run: policy.DigestRun, held: Sequence[Held]
    ) -> Alert:
        told = [item for alert in source.period_alerts(recipient.id, run.start, run.until) for item in alert.items]
        by_hand = [
            item
            for event in self._events_of(recipient)
            for item in corrected_by_hand(source, event, run.start, run.until)
        ]
        beside = policy.DigestBeside(
            counts=source.period_counts(recipient.id, run.start, run.until, recipient.events),
            topics={name: tuple(topic.id for topic in event.topics) for name, event in self._events.items()},
            corrected=(*_corrected(told, held), *by_hand),
            figures=self._figures(source, recipient, run),
            failed_feeds=self._failed(source, run),
        )
        return policy.digest_alert(recipient, run, held, beside)

    def _failed(self, source: Store | Transaction, run: policy.DigestRun) -> tuple[FailedFeed, ...]:
        """The feeds that fail, and those that failed in the period and answer again."""
        states = source.feed_states(self._feeds)
        found = []
        for feed_id, title in self._feeds.items():
            state = states.get(feed_id)
            if state is not None and state.failures:
                found.append(FailedFeed(title, state.last_success, state.last_error))
            elif state is not None and state.last_failure is not None and run.start < state.last_failure <= run.until:
                found.append(FailedFeed(title, state.last_success, state.failed_with, state.last_failure))
        return tuple(found)

    def _events_of(self, recipient: Recipient) -> list[Event]:
        return [event for name, event in self._events.items() if not recipient.events or name in recipient.events]

    def _figures(
        self, source: Store | Transaction, recipient: Recipient, run: policy.DigestRun
    ) -> tuple[FigureTrack, ...]:
        found: list[FigureTrack] = []
        for event in self._events_of(recipient):
            found += tracks(source, event, run.start, run.until)
        return tuple(found[:MOST_FIGURES])


def _corrected(told: Sequence[AlertItem], held: Sequence[Held]) -> tuple[AlertItem, ...]:
    """What was told at once and bears on what was known, each once; what the digest tells itself is not repeated."""
    later = {one.item.development.development_id for one in held}
    found: Mapping[str, AlertItem] = {
        item.development.development_id: item for item in told if item.development.outcome in CORRECTED
    }
    return tuple(item for key, item in found.items() if key not in later)


def corrected_by_hand(
    source: Store | Transaction, event: Event, start: datetime, until: datetime
) -> Iterator[AlertItem]:
    """What people rejected in a period of what was told or stood in the baseline, and rejections they took back."""
    said = [one for one in source.corrections(event.event) if one.made <= until]
    last = {one.fact_id: one for one in said}
    before = {one.fact_id: one.action for one in said if one.made <= start}
    rejected = {
        key: one
        for key, one in last.items()
        if one.made > start
        and (one.action is Action.REJECT or (one.action is Action.UNDO and before.get(key) is Action.REJECT))
    }
    facts = {fact.fact_id: fact for fact in source.facts(event.event)} if rejected else {}
    for key, one in rejected.items():
        fact = facts.get(key)
        if fact is not None and (fact.told or not fact.story_id):
            yield _by_hand(event, fact, one, source.story(fact.story_id) if fact.story_id else None)


def _by_hand(event: Event, fact: Fact, said: Correction, story: Story | None) -> AlertItem:
    sentence = fact.claim.evidence.sentence
    gone = said.action is Action.REJECT
    summary = because("no-longer-held" if gone else "held-again", sentence=sentence)
    why = because("rejected" if gone else "rejection-undone", who=said.made_by)
    if said.note:
        why = because("then", first=why, second=said.note)
    key = make_id("dev", "by hand", event.event, fact.fact_id, said.made.isoformat())
    told = Development(
        key, event.event, fact.story_id or key, "correction", Outcome.CORRECTED, english(summary), "", Severity.DIGEST,
        (sentence,), against=fact.fact_id, reason=english(why), why=why, worded=summary,
    )  # fmt: skip
    stated = story or Story(key, "", sentence, "", fact.source, "", fact.since, fact.since)
    return AlertItem(told, stated, event_title=event.title)


def tracks(source: Store | Transaction, event: Event, start: datetime, until: datetime) -> list[FigureTrack]:
    """The figures of an event that became another in a period, each with all its numbers up to the period's end.

    A figure is a measure that an event has one number of at a time, of one group of people. Its numbers are those of
    the baseline and those that were told; what was taken back does not count.
    """
    facts = source.figures(event.event)
    stands = standing(facts, source.marks(event.event), source.corrections(event.event))
    return [
        replace(track, points=_linked(source, track.points))
        for track in drawn_from(facts, stands, event, until)
        if track.points[-1].at > start and not track.points[-1].baseline
    ]


def drawn_from(
    facts: Iterable[Fact], stands: Mapping[str, FactStatus], event: Event, until: datetime
) -> list[FigureTrack]:
    """The figures of an event, each with all its numbers up to a time; pure.

    Args:
        facts: with numbers, as they were read.
        stands: what is held of each.
        event: the event.
        until: later ones do not count.

    Returns:
        Tracks; the ``url`` of their points is the id of the story, empty for the baseline.
    """
    points: dict[tuple[str, tuple[str, ...], str], list[FigurePoint]] = {}
    for fact in sorted(facts, key=lambda fact: fact.since):
        claim = fact.claim
        known = fact.since <= until and (not fact.story_id or fact.told)
        if not isinstance(claim, Figure) or claim.measure not in TALLIES or not known:
            continue
        if stands.get(fact.fact_id) is FactStatus.RETRACTED:
            continue
        if not claim.value and claim.measure in RISING:
            continue  # "nobody died in the second raid" is no toll of the event
        of = points.setdefault((claim.measure, claim.whom, claim.unit), [])
        if not of or (of[-1].value, of[-1].bound) != (claim.value, claim.bound):
            of.append(FigurePoint(fact.since, claim.value, claim.bound, fact.source, fact.story_id, not fact.story_id))
    return [
        FigureTrack(event.event, event.title, measure, label(measure, whom), tuple(of), _group(whom))
        for (measure, whom, _unit), of in points.items()
    ]


def _linked(source: Store | Transaction, points: Sequence[FigurePoint]) -> tuple[FigurePoint, ...]:
    """The newest points, the last with its story's address."""
    story = source.story(points[-1].url)
    bare = [replace(point, url="") for point in points[-MOST_POINTS:]]
    return (*bare[:-1], replace(bare[-1], url=story.url if story else ""))


def label(measure: str, whom: Sequence[str]) -> str:
    """How English writes a measure: ``Injured``, ``Killed (police)``; a message writes it in its own language."""
    book = lexicon("en")
    name = (book.labels.get(measure) if book else None) or measure.replace("-", " ").capitalize()
    return f"{name} ({_group(whom)})" if whom else name


def _group(whom: Sequence[str]) -> str:
    """Of whom a number is, without the marks of people and bodies."""
    return ", ".join(key.lstrip("#@") for key in whom)
