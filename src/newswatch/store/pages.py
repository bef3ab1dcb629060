"""What the console's pages are made of: bounded queries, each by an index, on a connection that cannot write.

A page costs what it shows, not what the store holds: the newest so many, by the order in which things were committed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from newswatch.model import (
    Alert,
    Correction,
    Decision,
    Delivery,
    DeliveryState,
    Development,
    DisabledChannel,
    Fact,
    FactStatus,
    Feedback,
    FeedState,
    Handling,
    Mark,
    Mute,
    Origin,
    Outage,
    Outcome,
    RefusedAddress,
    Severity,
    Story,
)
from newswatch.store import outbox, reading, search, telling
from newswatch.store import tables as t
from newswatch.store.codec import load
from newswatch.store.gauges import Gauges, gauges
from newswatch.store.outbox import Asked, OutboxCounts
from newswatch.store.search import Query
from newswatch.store.telling import DIVERTED, Acknowledged

MOST_MARKS = 100
"""Of an event's marks so many of the newest are looked at; older ones are in the ledger, not beside a timeline."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which developments a reader wants to see; empty for all."""

    topic: str = ""
    language: str = ""
    severity: str = ""


EVERYTHING = Wanted()


@dataclass(frozen=True, slots=True)
class Found:
    """A development in the order in which they were committed.

    Attributes:
        seq: its number in that order.
        found: when it was decided.
        story: None when it is past the retention; then the development has no proof either.
    """

    seq: int
    found: datetime
    development: Development
    story: Story | None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a development for one recipient.

    Attributes:
        how: ``told`` (an alert was made), ``waits`` (to be told at once, and not yet), ``held`` (for the digest) or
            ``digest`` (it was in one).
        at: when the alert or digest was made; of what waits, since when.
        deliveries: channel, state and, once it was sent, when.
    """

    recipient: str
    how: str
    at: datetime
    deliveries: tuple[tuple[str, DeliveryState, datetime | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Edition:
    """A story's text as it stood once."""

    number: int
    title: str
    text: str


class Pages:
    """Queries of one page, all of one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # ------------------------------------------------------------ developments

    def newest(self) -> int:
        """The number of the newest development; 0 when there is none."""
        return self._connection.scalar(select(func.max(t.development.c.seq))) or 0

    def developments(
        self, event: str, *, wanted: Wanted = EVERYTHING, before: int | None = None, limit: int = 25
    ) -> list[Found]:
        """An event's developments, newest first.

        Args:
            event: its id.
            wanted: which.
            before: only those with a smaller number: the next page.
            limit: how many.
        """
        query = self._wanted(wanted).where(t.development.c.event == event)
        if before is not None:
            query = query.where(t.development.c.seq < before)
        return self._found(query.order_by(t.development.c.seq.desc()).limit(limit))

    def since(self, seq: int, limit: int = 200, event: str | None = None) -> list[Found]:
        """Developments that were committed after one, oldest first; of one event, or of all."""
        query = self._wanted(EVERYTHING).where(t.development.c.seq > seq)
        if event is not None:
            query = query.where(t.development.c.event == event)
        return self._found(query.order_by(t.development.c.seq).limit(limit))

    @staticmethod
    def _wanted(wanted: Wanted) -> Select[Any]:
        query: Select[Any] = select(t.development)
        if wanted.language:
            mine = t.story.c.story_id == t.development.c.story_id
            query = query.join(t.story, mine).where(t.story.c.language == wanted.language)
        if wanted.topic:
            query = query.where(t.development.c.topic == wanted.topic)
        if wanted.severity:
            query = query.where(t.development.c.severity == wanted.severity)
        return query

    def _found(self, query: Select[Any]) -> list[Found]:
        rows = self._connection.execute(query).all()
        stories = self.stories(row.story_id for row in rows)
        whole = self._whole(rows)
        return [
            Found(
                row.seq, row.found, whole.get(row.development_id) or _bare(row), stories.get(row.story_id)
            )
            for row in rows
        ]  # fmt: skip

    def _whole(self, rows: Sequence[Row[Any]]) -> dict[str, Development]:
        """The developments with their proofs, out of the decisions that found them."""
        found: dict[str, Development] = {}
        for some in reading.chunks(row.story_id for row in rows):
            query = select(t.decision.c.body).where(
                t.decision.c.story_id.in_(some),
                t.decision.c.event.in_({row.event for row in rows}),
                t.decision.c.severity != Severity.SILENT.value,
            )
            for body in self._connection.scalars(query):
                found |= {one.development_id: one for one in load(Decision, body).developments}
        return found

    def counts(self, events: Iterable[str], since: datetime) -> dict[str, dict[str, int]]:
        """How many developments were found after a time: event, severity, number."""
        found: dict[str, dict[str, int]] = {}
        for event in events:
            query = select(t.development.c.severity, func.count())
            mine = query.where(t.development.c.event == event, t.development.c.found > since)
            rows = self._connection.execute(mine.group_by(t.development.c.severity))
            found[event] = {str(severity): int(count) for severity, count in rows}
        return found

    def languages(self, event: str, limit: int = 500) -> tuple[str, ...]:
        """The languages of the stories behind the newest developments."""
        newest = select(t.development.c.story_id).where(t.development.c.event == event)
        some = newest.order_by(t.development.c.seq.desc()).limit(limit).subquery()
        query = select(t.story.c.language).where(t.story.c.story_id.in_(select(some.c.story_id))).distinct()
        return tuple(sorted(code for code in self._connection.scalars(query) if code))

    def fates(self, development_ids: Iterable[str]) -> dict[str, tuple[Fate, ...]]:
        """Who was told of these developments, when and how; those that are nobody's are missing."""
        found: dict[str, list[Fate]] = defaultdict(list)
        for some in reading.chunks(development_ids):
            rows = self._connection.execute(t.pending.select().where(t.pending.c.development_id.in_(some))).all()
            alerts = self._alerts(row.settled for row in rows if row.settled not in {"", DIVERTED})
            for row in rows:
                if not row.settled:
                    found[row.development_id].append(Fate(row.recipient, "waits", row.since))
                elif row.settled in alerts:
                    found[row.development_id].append(alerts[row.settled])
            held = t.held.outerjoin(
                t.digest_run, (t.digest_run.c.recipient == t.held.c.recipient)
                & (t.digest_run.c.run_key == t.held.c.run_key),
            )  # fmt: skip
            query = select(t.held, t.digest_run.c.until).select_from(held).where(t.held.c.development_id.in_(some))
            for row in self._connection.execute(query):
                how = "digest" if row.run_key else "held"
                found[row.development_id].append(Fate(row.recipient, how, row.until or row.since))
        return {name: tuple(sorted(fates, key=lambda one: (one.at, one.recipient))) for name, fates in found.items()}

    def _alerts(self, alert_ids: Iterable[str]) -> dict[str, Fate]:
        found: dict[str, Fate] = {}
        for some in reading.chunks(alert_ids):
            ways: dict[str, list[tuple[str, DeliveryState, datetime | None]]] = defaultdict(list)
            mine = t.delivery.select().where(t.delivery.c.alert_id.in_(some)).order_by(t.delivery.c.channel)
            for row in self._connection.execute(mine):
                ways[row.alert_id].append((row.channel, DeliveryState(row.state), row.sent))
            query = select(t.alert.c.alert_id, t.alert.c.recipient, t.alert.c.created)
            for row in self._connection.execute(query.where(t.alert.c.alert_id.in_(some))):
                found[row.alert_id] = Fate(row.recipient, "told", row.created, tuple(ways[row.alert_id]))
        return found

    def origins(self, found: Sequence[Found]) -> dict[str, tuple[str, ...]]:
        """Whose words each development stands in, the first one's publisher before: independent sources."""
        by_event: dict[str, list[Found]] = defaultdict(list)
        for one in found:
            by_event[one.development.event].append(one)
        sources: dict[str, tuple[str, ...]] = {}
        for event, some in by_event.items():
            sources |= self._origins(event, some)
        return sources

    def _origins(self, event: str, found: Sequence[Found]) -> dict[str, tuple[str, ...]]:
        facts = self._facts_of(event, [one.development.story_id for one in found])
        others: dict[str, list[Origin]] = defaultdict(list)
        for some in reading.chunks(fact_id for ids in facts.values() for fact_id in ids):
            query = t.origin.select().where(t.origin.c.event == event, t.origin.c.fact_id.in_(some))
            for row in self._connection.execute(query.order_by(t.origin.c.seen)):
                others[row.fact_id].append(Origin(**row._mapping))
        sources = {}
        for one in found:
            told = one.development
            first = {one.story.source: None} if one.story else {}
            for quote in told.evidence:
                for fact_id in facts.get((told.story_id, quote), ()):
                    first |= dict.fromkeys(origin.origin for origin in others[fact_id])
            sources[told.development_id] = tuple(first)
        return sources

    def _facts_of(self, event: str, story_ids: Iterable[str]) -> dict[tuple[str, str], list[str]]:
        """Ids of the facts of stories, by story and sentence."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for some in reading.chunks(story_ids):
            query = select(t.fact.c.body).where(t.fact.c.event == event, t.fact.c.story_id.in_(some))
            for body in self._connection.scalars(query):
                fact = load(Fact, body)
                found[fact.story_id, fact.claim.evidence.sentence].append(fact.fact_id)
        return found

    # ------------------------------------------------------------ the ledger

    def baseline(self, event: str, limit: int = 100) -> tuple[Fact, ...]:
        """What was known at the start."""
        query = select(t.fact.c.body).where(t.fact.c.event == event, t.fact.c.story_id == "")
        return tuple(load(Fact, body) for body in self._connection.scalars(query.order_by(t.fact.c.seq).limit(limit)))

    def told_facts(self, event: str, limit: int) -> tuple[Fact, ...]:
        """The newest facts that were told, newest first."""
        query = select(t.fact.c.body).where(t.fact.c.event == event, t.fact.c.told.is_(True), t.fact.c.story_id != "")
        rows = self._connection.scalars(query.order_by(t.fact.c.seq.desc()).limit(limit))
        return tuple(load(Fact, body) for body in rows)

    def newest_marks(self, event: str) -> tuple[Mark, ...]:
        """What stories made of facts, the newest first, each fact once."""
        query = t.mark.select().where(t.mark.c.event == event).order_by(t.mark.c.seq.desc()).limit(MOST_MARKS)
        found: dict[str, Mark] = {}
        for row in self._connection.execute(query):
            mark = Mark(
                row.event, row.fact_id, FactStatus(row.status), row.story_id, row.source, row.made, row.reason,
                row.said_by,
            )  # fmt: skip
            found.setdefault(mark.fact_id, mark)
        return tuple(found.values())

    def ledger_stamp(self, event: str) -> tuple[int, int, int]:
        """Numbers that change whenever an event's ledger does."""
        last = (select(func.max(table.c.seq)).where(table.c.event == event) for table in (t.fact, t.mark, t.correction))
        facts, marks, corrections = (self._connection.scalar(query) or 0 for query in last)
        return facts, marks, corrections

    def figures(self, event: str) -> tuple[Fact, ...]:
        """Facts with numbers that were told or stood in the baseline, and what people corrected."""
        return reading.figures(self._connection, event)

    def marks(self, event: str) -> tuple[Mark, ...]:
        """What stories made of an event's facts, oldest first."""
        return reading.marks(self._connection, event)

    def corrections(self, event: str) -> tuple[Correction, ...]:
        """What people said of an event's facts, oldest first."""
        return reading.corrections(self._connection, event)

    def facts_by_id(self, event: str, fact_ids: Iterable[str]) -> dict[str, Fact]:
        """Those of these facts that the ledger has."""
        return reading.facts_by_id(self._connection, event, fact_ids)

    # ------------------------------------------------------------ stories

    def story(self, story_id: str) -> Story | None:
        """A story by its id."""
        return reading.story(self._connection, story_id)

    def stories(self, story_ids: Iterable[str]) -> dict[str, Story]:
        """Those of these stories that are kept."""
        found: dict[str, Story] = {}
        for some in reading.chunks(story_ids):
            rows = self._connection.execute(t.story.select().where(t.story.c.story_id.in_(some)))
            found |= {row.story_id: reading.to_story(row) for row in rows}
        return found

    def decisions(self, story_id: str) -> list[tuple[datetime, Decision]]:
        """What was decided about a story, and when; newest first."""
        query = select(t.decision.c.decided, t.decision.c.body).where(t.decision.c.story_id == story_id)
        rows = self._connection.execute(query.order_by(t.decision.c.seq.desc()))
        return [(row.decided, load(Decision, row.body)) for row in rows]

    def editions(self, story_id: str) -> tuple[Edition, ...]:
        """A story's texts, oldest first."""
        query = t.revision.select().where(t.revision.c.story_id == story_id).order_by(t.revision.c.number)
        return tuple(Edition(row.number, row.title, row.body) for row in self._connection.execute(query))

    def entries(self, story_id: str) -> tuple[tuple[str, str, datetime], ...]:
        """Feed, address and time of each entry that brought a story, oldest first."""
        query = t.entry.select().where(t.entry.c.story_id == story_id).order_by(t.entry.c.seen, t.entry.c.feed_id)
        return tuple((row.feed_id, row.link, row.seen) for row in self._connection.execute(query))

    def copies(self, story: Story, limit: int = 50) -> tuple[Story, ...]:
        """The other publishers' copies of a story: its original and that one's near copies, oldest first."""
        root = story.near_copy_of or story.story_id
        family = (t.story.c.story_id == root) | (t.story.c.near_copy_of == root)
        query = t.story.select().where(family, t.story.c.story_id != story.story_id)
        rows = self._connection.execute(query.order_by(t.story.c.first_seen, t.story.c.story_id).limit(limit))
        return tuple(reading.to_story(row) for row in rows)

    def feedback(self, story_id: str) -> tuple[Feedback, ...]:
        """What people said of a story, oldest first."""
        return reading.feedback(self._connection, story_id)

    # ------------------------------------------------------------ search

    def search_stories(self, query: Query, *, limit: int, offset: int = 0) -> list[Story]:
        """Stories that hold all of a query, the newest first."""
        return search.stories(self._connection, query, limit=limit, offset=offset)

    def search_developments(self, query: Query, *, limit: int, offset: int = 0) -> list[Found]:
        """Developments whose line holds all of a query, the newest first."""
        seqs = search.developments(self._connection, query, limit=limit, offset=offset)
        rows = self._wanted(EVERYTHING).where(t.development.c.seq.in_(seqs)).order_by(t.development.c.seq.desc())
        return self._found(rows) if seqs else []

    # ------------------------------------------------------------ telling

    def deliveries(self, asked: Asked) -> list[Delivery]:
        """The outbox, newest first."""
        return outbox.deliveries(self._connection, asked)

    def deliveries_of(self, alert_id: str) -> tuple[Delivery, ...]:
        """An alert's deliveries, by channel."""
        return outbox.deliveries_of(self._connection, alert_id)

    def handlings(self, delivery_ids: Iterable[str]) -> dict[str, tuple[Handling, ...]]:
        """What people did to these deliveries, oldest first."""
        return outbox.handlings(self._connection, delivery_ids)

    def refused_addresses(self) -> tuple[RefusedAddress, ...]:
        """Addresses that get nothing though their channels work."""
        return outbox.refused_addresses(self._connection)

    def disabled_channels(self) -> tuple[DisabledChannel, ...]:
        """Channels over which nothing is sent, since their receivers want no more messages."""
        return reading.disabled_channels(self._connection)

    def alert(self, alert_id: str) -> Alert | None:
        """An alert or digest by its id."""
        return telling.alert(self._connection, alert_id)

    def alerts(
        self, *, recipient: str = "", after: tuple[datetime, str] | None = None, limit: int = 50
    ) -> tuple[Alert, ...]:
        """Alerts and digests, newest first; for the arguments see `telling.newest_alerts`."""
        return telling.newest_alerts(self._connection, recipient=recipient, after=after, limit=limit)

    def acknowledged(self, alert: Alert) -> Acknowledged | None:
        """Who has seen an alert, or the one it was escalated from."""
        return telling.acknowledged(self._connection, alert)

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """The mutes that are not over and were not ended."""
        return telling.mutes(self._connection, now)

    # ------------------------------------------------------------ at a glance

    def feed_states(self, ids: Iterable[str]) -> dict[str, FeedState]:
        """The rows of these feeds; feeds never polled are missing."""
        return reading.feed_states(self._connection, ids)

    def outbox_counts(self) -> OutboxCounts:
        """How many deliveries are in which state."""
        return outbox.outbox_counts(self._connection)

    def oldest_due(self) -> datetime | None:
        """When the oldest delivery that is still to be sent was made."""
        due = t.delivery.c.state == DeliveryState.DUE.value
        first: datetime | None = self._connection.scalar(select(func.min(t.delivery.c.created)).where(due))
        return first

    def pending_count(self) -> int:
        """How many developments wait to be told at once."""
        query = select(func.count()).select_from(t.pending).where(t.pending.c.settled == "")
        return self._connection.scalar(query) or 0

    def gauges(self) -> Gauges:
        """The store's size, and what its outbox holds, by channel."""
        return gauges(self._connection)

    def outages(self) -> tuple[Outage, ...]:
        """Channels over which nothing goes through, or did not until lately."""
        return outbox.outages(self._connection)

    def stories_since(self, since: datetime) -> int:
        """How many stories were first seen after a time."""
        query = select(func.count()).select_from(t.story).where(t.story.c.first_seen > since)
        return self._connection.scalar(query) or 0


def _bare(row: Row[Any]) -> Development:
    """What is kept of a development when its decision is past the retention."""
    return Development(
        row.development_id, row.event, row.story_id, row.kind, Outcome(row.outcome), row.summary, row.topic,
        Severity(row.severity), (),
    )  # fmt: skip
