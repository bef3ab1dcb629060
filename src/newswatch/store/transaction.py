"""One transaction: everything that one step decided is written, or nothing of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache

from sqlalchemy import Boolean, Connection, Executable, Table, bindparam, delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from newswatch.model import (
    Alert,
    Correction,
    Decision,
    Delivery,
    DeliveryState,
    DisabledChannel,
    Entry,
    Fact,
    Feedback,
    FeedNotice,
    FeedState,
    Handling,
    Held,
    HostState,
    Mark,
    Mute,
    Origin,
    Outage,
    Pending,
    RefusedAddress,
    Story,
    Subscription,
)
from newswatch.store import outbox, period, reading, telling
from newswatch.store import tables as t
from newswatch.store.buffer import FEED, Buffer, moment
from newswatch.store.codec import dump
from newswatch.store.reading import KnownEntry


class Transaction:
    """Writes and reads inside `Store.transaction`.

    What a poll writes of every entry waits in a buffer, and is written before anything is read.
    """

    def __init__(self, connection: Connection) -> None:
        self._raw = connection
        self._buffer = Buffer(connection)

    @property
    def _connection(self) -> Connection:
        self._buffer.write()
        return self._raw

    def flush(self) -> None:
        """Write what waits; a transaction ends with it."""
        self._buffer.write()

    # ------------------------------------------------------------ reading

    def stories_by_url(self, urls: Iterable[str]) -> dict[str, Story]:
        """The first story with each of these canonical URLs; those of none are missing."""
        return reading.stories_by_url(self._connection, urls)

    def known_entries(self, feed_id: str, entry_ids: Iterable[str]) -> dict[str, KnownEntry]:
        """Those of a feed's entries that were seen before."""
        return reading.known_entries(self._connection, feed_id, entry_ids)

    def story(self, story_id: str) -> Story | None:
        """A story by its id."""
        return reading.story(self._connection, story_id)

    def story_by_url(self, url: str) -> Story | None:
        """The first story with this canonical URL."""
        return reading.story_by_url(self._connection, url)

    def near(self, bands: Sequence[str]) -> list[tuple[Story, bytes]]:
        """Stories that share a band, with their signatures."""
        return reading.near(self._connection, bands)

    def carriers(self, story_id: str) -> tuple[tuple[str, str], ...]:
        """Publisher and address of everybody else who carries the same article."""
        return reading.carriers(self._connection, story_id)

    def pending(self, recipient: str) -> tuple[Pending, ...]:
        """What waits to be told to a recipient, in the order it was decided."""
        return telling.pending(self._connection, recipient)

    def told_at(self, recipient: str, since: datetime) -> tuple[datetime, ...]:
        """When alerts were made for a recipient after a time, oldest first."""
        return telling.told_at(self._connection, recipient, since)

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """The mutes that are not over and were not ended."""
        return telling.mutes(self._connection, now)

    def due_escalations(self, now: datetime) -> tuple[Alert, ...]:
        """Alerts that were to be acknowledged by now, oldest first."""
        return telling.due_escalations(self._connection, now)

    def acknowledged(self, alert: Alert) -> bool:
        """Whether somebody has seen an alert, or the one it was escalated from."""
        return telling.acknowledged(self._connection, alert) is not None

    def held(self, recipient: str, until: datetime) -> tuple[Held, ...]:
        """What waits for a recipient's digest, oldest first."""
        return period.held(self._connection, recipient, until)

    def period_counts(
        self, recipient: str, start: datetime, until: datetime, events: Sequence[str] = ()
    ) -> tuple[tuple[str, int], ...]:
        """What a period brought a recipient, in numbers that add up."""
        return period.counts(self._connection, recipient, start, until, events)

    def period_alerts(self, recipient: str, start: datetime, until: datetime) -> tuple[Alert, ...]:
        """What a recipient was told at once in a period, oldest first."""
        return period.alerts(self._connection, recipient, start, until)

    def facts(self, event: str) -> tuple[Fact, ...]:
        """The ledger of an event, in the order it grew."""
        return reading.facts(self._connection, event)

    def figures(self, event: str) -> tuple[Fact, ...]:
        """Facts with numbers that were told or stood in the baseline, and what people corrected."""
        return reading.figures(self._connection, event)

    def corrections(self, event: str) -> tuple[Correction, ...]:
        """What people said of an event's facts, oldest first."""
        return reading.corrections(self._connection, event)

    def marks(self, event: str) -> tuple[Mark, ...]:
        """What stories made of an event's facts, oldest first."""
        return reading.marks(self._connection, event)

    def feed_states(self, ids: Iterable[str]) -> dict[str, FeedState]:
        """The rows of these feeds; feeds never polled are missing."""
        return reading.feed_states(self._connection, ids)

    # ------------------------------------------------------------ feeds and stories

    def save_feed(self, state: FeedState) -> None:
        """Insert or replace a feed's row."""
        row = (getattr(state, name) for name in FEED)
        self._buffer.add(t.feed, "replace", tuple(moment(v) if isinstance(v, datetime) else v for v in row))

    def save_feed_notice(self, notice: FeedNotice) -> None:
        """Note that the operator was told something of a feed."""
        self._upsert(t.feed_notice, [asdict(notice)])

    def end_feed_notices(self, feed_id: str, kinds: Iterable[str]) -> None:
        """Note that what the operator was told of a feed is no longer so."""
        mine = (t.feed_notice.c.feed_id == feed_id, t.feed_notice.c.kind.in_(list(kinds)))
        self._connection.execute(delete(t.feed_notice).where(*mine))

    def save_host(self, host: HostState) -> None:
        """Keep what a server asked of us."""
        self._upsert(t.host, [asdict(host)])

    def save_subscription(self, subscription: Subscription) -> None:
        """Keep what a feed's hub was asked, or said."""
        self._upsert(t.subscription, [asdict(subscription)])

    def end_subscription(self, feed_id: str) -> None:
        """Forget a feed's hub."""
        self._connection.execute(delete(t.subscription).where(t.subscription.c.feed_id == feed_id))

    def save_entry(self, entry: Entry, story_id: str, now: datetime, *, source: str) -> None:
        """Remember an entry, its text's fingerprint and its story."""
        row = (entry.feed_id, entry.entry_id, story_id, entry.fingerprint, entry.link, source, moment(now))
        self._buffer.add(t.entry, "replace", row)

    def forget_feed(self, feed_id: str) -> int:
        """Remove a feed's row and which entries it had; stories, decisions and the ledger stay. How many entries."""
        for table in (t.feed, t.feed_notice):
            self._connection.execute(delete(table).where(table.c.feed_id == feed_id))
        return self._connection.execute(delete(t.entry).where(t.entry.c.feed_id == feed_id)).rowcount

    def save_story(self, story: Story, *, signature: bytes, bands: Sequence[str], earlier: Story | None = None) -> None:
        """Insert a story, or its new state.

        Args:
            story: as it is now.
            signature: of its text, or empty where nothing is compared with it.
            bands: keys by which near copies find it.
            earlier: the state that it takes the place of; the text of an earlier revision is kept.
        """
        if earlier is not None and earlier.revision != story.revision:
            row = (earlier.story_id, earlier.revision, earlier.title, earlier.text)
            self._buffer.add(t.revision, "replace", row)
        if earlier is not None:
            self._connection.execute(delete(t.band).where(t.band.c.story_id == story.story_id))
        self._buffer.add(
            t.story,
            "replace",
            (
                story.story_id, story.url, story.title, story.text, story.source, story.language,
                moment(story.published), moment(story.first_seen), story.revision, story.near_copy_of,
                signature, story.full,
            ),
        )  # fmt: skip
        for band in bands:
            self._buffer.add(t.band, "replace", (band, story.story_id))

    # ------------------------------------------------------------ judging

    def add_facts(self, facts: Iterable[Fact]) -> None:
        """Append to the ledger; a fact that is there already (by event and id) stays as it is."""
        rows = [
            {
                "event": fact.event,
                "fact_id": fact.fact_id,
                "story_id": fact.story_id,
                "since": fact.since,
                "told": fact.told,
                "body": dump(fact),
            }
            for fact in facts
        ]
        self._insert_missing(t.fact, rows)

    def replace_baseline(self, event: str, facts: Iterable[Fact], digest: str) -> None:
        """Record an event's baseline, in place of the one recorded before. What was told since stays.

        Who else stated a fact, and what stories made of it, is forgotten where it says something else now, or is gone.
        """
        facts = tuple(facts)
        stay = {fact.fact_id: fact.claim.evidence.sentence for fact in facts}
        old = reading.baseline_facts(self._connection, event)
        gone = [fact.fact_id for fact in old if stay.get(fact.fact_id) != fact.claim.evidence.sentence]
        for some in reading.chunks(gone):
            for table in (t.origin, t.mark):
                self._connection.execute(delete(table).where(table.c.event == event, table.c.fact_id.in_(some)))
        self._connection.execute(delete(t.fact).where(t.fact.c.event == event, t.fact.c.story_id == ""))
        self.add_facts(facts)
        self._upsert(t.baseline, [{"event": event, "digest": digest}])

    def add_origins(self, origins: Iterable[Origin]) -> None:
        """Note who else states a fact; each publisher once a fact."""
        self._insert_missing(t.origin, [asdict(origin) for origin in origins])

    def add_correction(self, correction: Correction) -> None:
        """Append what a person says of a fact."""
        self._connection.execute(t.correction.insert(), [{**asdict(correction), "action": correction.action.value}])

    def save_decision(self, decision: Decision, now: datetime) -> None:
        """Keep a decision with its trace; its developments and marks as rows of their own."""
        # Facts and marks have rows of their own.
        bare = replace(decision, facts=(), marks=()) if decision.facts or decision.marks else decision
        row = (
            decision.event, decision.story_id, decision.revision, decision.relevant, decision.severity.value,
            moment(now), dump(bare),
        )  # fmt: skip
        self._buffer.add(t.decision, "append", row)
        if decision.marks:
            marks = [
                {**asdict(mark), "status": mark.status.value, "why": dump(mark.why) if mark.why else ""}
                for mark in decision.marks
            ]
            self._connection.execute(t.mark.insert(), marks)
        developments = [
            {
                "development_id": d.development_id,
                "event": d.event,
                "story_id": d.story_id,
                "kind": d.kind,
                "outcome": d.outcome.value,
                "topic": d.topic,
                "severity": d.severity.value,
                "summary": d.summary,
                "found": now,
            }
            for d in decision.developments
        ]
        if developments:
            self._insert_missing(t.development, developments)

    def add_feedback(self, said: Feedback) -> None:
        """Append what a person says of a decision."""
        row = {
            "label": said.label.value,
            "event": said.decision.event,
            "story_id": said.story.story_id,
            "development_id": said.development_id,
            "made": said.made,
            "made_by": said.made_by,
            "note": said.note,
            "version": said.version,
            "weights": said.weights,
            "story": dump(said.story),
            "decision": dump(said.decision),
        }
        self._connection.execute(t.feedback.insert(), [row])

    # ------------------------------------------------------------ telling

    def add_alert(self, alert: Alert) -> None:
        """Write an alert; the same alert again changes nothing."""
        row = {
            "alert_id": alert.alert_id,
            "event": alert.event,
            "recipient": alert.recipient,
            "created": alert.created,
            "digest": alert.digest,
            "body": dump(alert),
        }
        self._insert_missing(t.alert, [row])

    def add_deliveries(self, deliveries: Iterable[Delivery]) -> None:
        """Put deliveries into the outbox; one that is there already keeps its state."""
        self._insert_missing(t.delivery, [_delivery_row(delivery) for delivery in deliveries])

    def save_deliveries(self, deliveries: Iterable[Delivery]) -> None:
        """Keep what became of attempts to send. What a person dropped meanwhile stays so, unless it was sent."""
        rows = [
            {
                "mine": delivery.delivery_id,
                "accepted": delivery.state is DeliveryState.SENT,
                **{name: value for name, value in _delivery_row(delivery).items() if name in _OUTCOME},
            }
            for delivery in deliveries
        ]
        if rows:
            self._connection.execute(_mark(), rows)

    def waiting_over(self, channel: str) -> int:
        """How many deliveries of a channel are still to be sent."""
        return outbox.waiting_over(self._connection, channel)

    def handle(self, delivery: Delivery, handling: Handling, *, instead_of: DeliveryState) -> bool:
        """Put a delivery into the state a person wants, and note who wanted it.

        Args:
            delivery: as it shall be.
            handling: who, when and why.
            instead_of: the state it was seen in.

        Returns:
            False when it is in another state by now: nothing was changed.
        """
        row = _delivery_row(delivery)
        mine = (t.delivery.c.delivery_id == row.pop("delivery_id"), t.delivery.c.state == instead_of.value)
        changed = update(t.delivery).where(*mine).values(**row).returning(t.delivery.c.delivery_id)
        if self._connection.execute(changed).first() is None:
            return False
        self._connection.execute(t.handling.insert(), [asdict(handling)])
        return True

    def save_outage(self, outage: Outage) -> None:
        """Keep how a channel stands."""
        self._upsert(t.outage, [asdict(outage)])

    def save_refused(self, channel: str, addresses: Iterable[RefusedAddress]) -> None:
        """Keep which addresses of a channel get nothing, in place of what was kept."""
        self._connection.execute(delete(t.refusal).where(t.refusal.c.channel == channel))
        self._insert_missing(t.refusal, [asdict(one) for one in addresses])

    def disable_channel(self, channel: DisabledChannel) -> None:
        """Send nothing over a channel any more, until it is enabled."""
        row = {
            "name": channel.name,
            "address": channel.address,
            "disabled": channel.since,
            "reason": channel.reason,
        }
        self._upsert(t.channel, [row])

    def enable_channel(self, name: str, now: datetime) -> bool:
        """Send over a channel again; what waits for it is due now.

        Returns:
            Whether it was disabled.
        """
        gone = self._connection.execute(delete(t.channel).where(t.channel.c.name == name).returning(t.channel.c.name))
        if gone.first() is None:
            return False
        waiting = (t.delivery.c.channel == name, t.delivery.c.state == DeliveryState.DUE.value)
        self._connection.execute(update(t.delivery).where(*waiting, t.delivery.c.next_due > now).values(next_due=now))
        return True

    def hold(self, held: Iterable[Held]) -> None:
        """Keep developments for a recipient's next digest, each once."""
        self._insert_missing(t.held, [_waiting(one, run_key="") for one in held])

    def add_pending(self, pending: Iterable[Pending]) -> None:
        """Keep what a recipient is to be told at once until it is in an alert; each development once."""
        self._insert_missing(t.pending, [_waiting(one, settled="") for one in pending])

    def settle(self, pending: Iterable[Pending], as_: str) -> None:
        """Say what became of pending developments: the id of their alert, or `telling.DIVERTED`."""
        for one in pending:
            mine = (
                t.pending.c.recipient == one.recipient,
                t.pending.c.development_id == one.item.development.development_id,
            )
            self._connection.execute(update(t.pending).where(*mine).values(settled=as_))

    def add_mute(self, mute: Mute) -> None:
        """Write a mute."""
        self._connection.execute(t.mute.insert(), [{**asdict(mute), "ended": None, "ended_by": ""}])

    def end_mute(self, mute_id: str, now: datetime, by: str) -> None:
        """End a mute before its time."""
        mine = (t.mute.c.mute_id == mute_id, t.mute.c.ended.is_(None))
        self._connection.execute(update(t.mute).where(*mine).values(ended=now, ended_by=by))

    def acknowledge(self, alert: Alert, now: datetime, by: str, note: str) -> None:
        """Note that somebody has seen an alert, and the one it was escalated from; the first to say so stands."""
        row = {"alert_id": alert.origin or alert.alert_id, "made": now, "made_by": by, "note": note}
        self._insert_missing(t.acknowledgement, [row])

    def add_escalation(self, alert: Alert, due: datetime) -> None:
        """Note when an alert is told to somebody else unless it is acknowledged."""
        self._insert_missing(t.escalation, [{"alert_id": alert.alert_id, "due": due, "outcome": ""}])

    def settle_escalation(self, alert: Alert, outcome: str) -> None:
        """Say what became of it: the escalated alert's id, ``acknowledged``, or ``nobody`` any more."""
        mine = t.escalation.c.alert_id == alert.alert_id
        self._connection.execute(update(t.escalation).where(mine).values(outcome=outcome))

    def take_held(self, recipient: str, until: datetime, run_key: str) -> tuple[Held, ...]:
        """What waits for a recipient's digest, oldest first; marked as told by this run."""
        held = self.held(recipient, until)
        self._connection.execute(update(t.held).where(*period.waiting(recipient, until)).values(run_key=run_key))
        return held

    def record_digest_run(self, recipient: str, run_key: str, until: datetime) -> bool:
        """Note that a digest ran; False when this run was noted before, and nothing must be sent."""
        row = _insert(t.digest_run, self._dialect).values(recipient=recipient, run_key=run_key, until=until)
        # Asked for by name: not every driver counts the rows of an INSERT.
        written = row.on_conflict_do_nothing().returning(t.digest_run.c.run_key)
        return self._connection.execute(written).first() is not None

    # ------------------------------------------------------------ how

    @property
    def _dialect(self) -> str:
        return self._connection.dialect.name

    def _insert_missing(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            self._connection.execute(_insert_or_leave(table, self._dialect), rows)

    def _upsert(self, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
        self._connection.execute(_insert_or_replace(table, self._dialect), rows)


def _insert(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """The two databases' INSERT … ON CONFLICT, which have one form."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


# Building a statement costs SQLAlchemy more than executing it: each is built once.
@cache
def _insert_or_leave(table: Table, dialect: str) -> Executable:
    return _insert(table, dialect).on_conflict_do_nothing()


@cache
def _insert_or_replace(table: Table, dialect: str) -> Executable:
    keys = [column.name for column in table.primary_key.columns]
    statement = _insert(table, dialect)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


# What an attempt to send changes of a delivery's row.
_OUTCOME = frozenset({"state", "attempts", "next_due", "last_error", "sent", "taken", "refused", "failing_since"})


@cache
def _mark() -> Executable:
    due = t.delivery.c.state == DeliveryState.DUE.value
    mine = (t.delivery.c.delivery_id == bindparam("mine"), or_(due, bindparam("accepted", type_=Boolean)))
    return update(t.delivery).where(*mine).values({name: bindparam(name) for name in sorted(_OUTCOME)})


def _delivery_row(delivery: Delivery) -> dict[str, object]:
    return {
        "delivery_id": delivery.delivery_id,
        "alert_id": delivery.alert.alert_id,
        "channel": delivery.channel,
        "created": delivery.created,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "next_due": delivery.next_due,
        "last_error": delivery.last_error,
        "sent": delivery.sent_at,
        "taken": "\n".join(delivery.taken),
        "failing_since": delivery.failing_since,
        "refused": "\n".join(f"{one.address}\t{one.answer}" for one in delivery.refused),
    }


def _waiting(one: Held | Pending, **state: str) -> dict[str, object]:
    """The row of a development that waits for a recipient's digest, or for an alert."""
    return {
        "recipient": one.recipient,
        "development_id": one.item.development.development_id,
        "event": one.event,
        "event_title": one.event_title,
        "since": one.since,
        "body": dump(one.item),
        **state,
    }
