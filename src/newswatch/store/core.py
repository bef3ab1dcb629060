"""The store: opened, locked, read, written in transactions, and kept in shape."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, inspect, select, text

from newswatch.errors import StoreError
from newswatch.model import (
    Alert,
    Correction,
    Decision,
    Delivery,
    DeliveryState,
    DisabledChannel,
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
from newswatch.store.engine import connect, in_words, raw_sqlite, resolved
from newswatch.store.lock import advisory_lock, file_lock
from newswatch.store.migrate import migrate
from newswatch.store.outbox import ALL, Asked, OutboxCounts
from newswatch.store.reading import KnownEntry
from newswatch.store.telling import Acknowledged
from newswatch.store.transaction import Transaction

T = TypeVar("T")


def open_store(url: str, *, base: Path, now: datetime) -> Store:
    """Open a store, made on first use and brought to this version's schema.

    Args:
        url: SQLAlchemy URL; a relative SQLite path is relative to ``base``.
        base: the configuration's folder.
        now: noted as the time of a migration.

    Raises:
        StoreVersionError: it was written by a newer newswatch.
        StoreError: it cannot be opened or made; the text says why and what to do.
    """
    parsed = resolved(url, base)
    place = parsed.database or "" if parsed.get_backend_name() == "sqlite" else parsed.render_as_string()
    engine = connect(parsed)
    try:
        with in_words(place):
            migrate(engine, now, place=f"store {place}")
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, place)


def peek_disabled(url: str, *, base: Path) -> tuple[DisabledChannel, ...]:
    """The disabled channels of a store that need not be there; nothing is made, migrated or locked.

    Args:
        url: SQLAlchemy URL.
        base: the configuration's folder.

    Raises:
        StoreError: it is there, and cannot be read.
    """
    parsed = resolved(url, base)
    place = parsed.database or ""
    if parsed.get_backend_name() == "sqlite":
        if not Path(place).is_file():
            return ()
    elif "connect_timeout" not in parsed.query:
        # A look must not wait for minutes for a server that is not there.
        parsed = parsed.update_query_dict({"connect_timeout": "3"})
    engine = connect(parsed)
    try:
        with in_words(place), engine.connect() as connection:
            return reading.disabled_channels(connection) if inspect(connection).has_table(t.channel.name) else ()
    finally:
        engine.dispose()


def is_there(url: str, *, base: Path) -> bool:
    """Whether a store was made; of a server it is not asked. For who only looks, and shall make none.

    Args:
        url: SQLAlchemy URL.
        base: the configuration's folder.

    Raises:
        StoreError: the URL cannot be used.
    """
    parsed = resolved(url, base)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file()


class Store:
    """What newswatch knows, in tables (`newswatch.store.tables`). Any thread may use it, one at a time may write."""

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._writing = engine.execution_options(newswatch_write=True)
        self._sqlite = engine.dialect.name == "sqlite"
        self.place = place

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything inside is written at its end, or nothing of it.

        Raises:
            StoreError: the database refused; nothing was kept.
        """
        with in_words(self.place), self._writing.begin() as connection:
            transaction = Transaction(connection)
            yield transaction
            transaction.flush()

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return self._sqlite

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that sees the store as it stands now, however long it is read.

        Raises:
            StoreError: the database cannot be read.
        """
        engine = self._engine if self._sqlite else self._engine.execution_options(isolation_level="REPEATABLE READ")
        with in_words(self.place), engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A bare connection in one transaction, for what is no business of `transaction`: whole tables.

        Raises:
            StoreError: the database refused; nothing was kept.
        """
        with in_words(self.place), self._writing.begin() as connection:
            yield connection

    def holds_anything(self) -> bool:
        """Whether it has rows besides its migrations."""
        tables = [table for table in t.metadata.sorted_tables if table is not t.migration]
        return self._read(lambda c: any(c.execute(select(one).limit(1)).first() is not None for one in tables))

    def lock(self, what: str, now: datetime) -> AbstractContextManager[None]:
        """Hold the store for one process.

        Args:
            what: the command, as another process will be told (``newswatch run``).
            now: since when, for the same.

        Raises:
            StoreLocked: another newswatch holds it.
        """
        if self._sqlite:
            return file_lock(Path(f"{self.place}.lock"), what, now)
        return advisory_lock(self._engine, self.place)

    def close(self) -> None:
        """Fold the write-ahead log back and close every connection."""
        if self._sqlite:
            # Where a reader is still there, or the disk is full, the log stays, and the next opening reads it.
            with suppress(StoreError):
                self._pragma("wal_checkpoint(TRUNCATE)")
        self._engine.dispose()

    def _pragma(self, pragma: str) -> None:
        """Run a pragma outside of any transaction."""
        with in_words(self.place), closing(self._engine.raw_connection()) as raw:
            raw.cursor().execute(f"PRAGMA {pragma}")

    def _read(self, query: Callable[[Connection], T]) -> T:
        with in_words(self.place), self._engine.connect() as connection:
            return query(connection)

    # ------------------------------------------------------------ reading

    def feed_states(self, ids: Iterable[str]) -> dict[str, FeedState]:
        """The rows of these feeds; feeds never polled are missing."""
        return self._read(lambda c: reading.feed_states(c, ids))

    def waiting_feeds(self, now: datetime) -> dict[str, str]:
        """Ids of the feeds that are not due yet, with the addresses that the configuration gave them."""
        return self._read(lambda c: reading.waiting_feeds(c, now))

    def known_entries(self, feed_id: str, entry_ids: Iterable[str]) -> dict[str, KnownEntry]:
        """Those of a feed's entries that were seen before."""
        return self._read(lambda c: reading.known_entries(c, feed_id, entry_ids))

    def feed_notices(self) -> tuple[FeedNotice, ...]:
        """What the operator was told of feeds and is still so."""
        return self._read(reading.feed_notices)

    def subscriptions(self) -> tuple[Subscription, ...]:
        """What the hubs of feeds were asked, or said."""
        return self._read(reading.subscriptions)

    def hosts(self) -> tuple[HostState, ...]:
        """What servers asked of us."""
        return self._read(reading.hosts)

    def facts(self, event: str) -> tuple[Fact, ...]:
        """The ledger of an event, in the order it grew."""
        return self._read(lambda c: reading.facts(c, event))

    def facts_by_id(self, event: str, fact_ids: Iterable[str]) -> dict[str, Fact]:
        """Those of these facts that the ledger has."""
        return self._read(lambda c: reading.facts_by_id(c, event, fact_ids))

    def facts_of_story(self, event: str, story_id: str) -> tuple[Fact, ...]:
        """What a story brought into an event's ledger, in the order it grew."""
        return self._read(lambda c: reading.facts_of_story(c, event, story_id))

    def corrections(self, event: str) -> tuple[Correction, ...]:
        """What people said of an event's facts, oldest first."""
        return self._read(lambda c: reading.corrections(c, event))

    def marks(self, event: str) -> tuple[Mark, ...]:
        """What stories made of an event's facts, oldest first."""
        return self._read(lambda c: reading.marks(c, event))

    def newest_correction(self) -> int:
        """The number of the newest correction of any event; 0 when there is none."""
        return self._read(reading.newest_correction)

    def origins(self, event: str) -> tuple[Origin, ...]:
        """Who else states the facts of an event, as it was seen."""
        return self._read(lambda c: reading.origins(c, event))

    def decided_titles(self) -> list[tuple[str, str]]:
        """Id and title of every story that was decided about, newest first."""
        return self._read(reading.decided_titles)

    def baseline_digest(self, event: str) -> str:
        """What the recorded baseline was read from; empty when none is recorded."""
        return self._read(lambda c: reading.baseline_digest(c, event))

    def story(self, story_id: str) -> Story | None:
        """A story by its id."""
        return self._read(lambda c: reading.story(c, story_id))

    def story_by_url(self, url: str) -> Story | None:
        """The first story with this canonical URL."""
        return self._read(lambda c: reading.story_by_url(c, url))

    def decisions(self, story_id: str) -> tuple[Decision, ...]:
        """All decisions about a story, oldest first."""
        return self._read(lambda c: reading.decisions(c, story_id))

    def recent_decisions(
        self, *, event: str | None = None, told: bool | None = None, relevant: bool | None = None, limit: int = 50
    ) -> list[tuple[Story, Decision]]:
        """The newest decisions with their stories, newest first.

        Args:
            event: of this event only.
            told: True for told ones only, False for silent ones only.
            relevant: True for stories about the event only, False for the others only.
            limit: how many.
        """
        return self._read(lambda c: reading.recent_decisions(c, event, told, limit, relevant))

    def told(self, event: str, limit: int) -> list[tuple[datetime, Story, Decision]]:
        """The newest decisions that told something of an event, with when and with their stories, newest first."""
        return self._read(lambda c: reading.told(c, event, limit))

    def figures(self, event: str) -> tuple[Fact, ...]:
        """Facts with numbers that were told or stood in the baseline, and what people corrected; as the ledger grew."""
        return self._read(lambda c: reading.figures(c, event))

    def feedback(self, story_id: str | None = None) -> tuple[Feedback, ...]:
        """What people said of decisions, oldest first; of one story, or of all."""
        return self._read(lambda c: reading.feedback(c, story_id))

    def due_deliveries(self, now: datetime, limit: int, channel: str | None = None) -> list[Delivery]:
        """What may be sent now over a channel (or any), oldest first; what has to wait for an earlier one is not."""
        return self._read(lambda c: outbox.due_deliveries(c, now, limit, channel))

    def due_channels(self, now: datetime) -> tuple[str, ...]:
        """Channels over which something may be sent now."""
        return self._read(lambda c: outbox.due_channels(c, now))

    def disabled_channels(self) -> tuple[DisabledChannel, ...]:
        """Channels over which nothing is sent, since their receivers want no more messages."""
        return self._read(reading.disabled_channels)

    def still_due(self, delivery_ids: Iterable[str]) -> frozenset[str]:
        """Those of these deliveries that are still to be sent: a person may have dropped some since they were read."""
        return self._read(lambda c: outbox.still_due(c, delivery_ids))

    def deliveries(self, asked: Asked = ALL) -> list[Delivery]:
        """The outbox, newest first."""
        return self._read(lambda c: outbox.deliveries(c, asked))

    def deliveries_like(self, beginning: str, limit: int = 10) -> tuple[Delivery, ...]:
        """Deliveries whose id begins so, newest first."""
        return self._read(lambda c: outbox.deliveries_like(c, beginning, limit))

    def handlings(self, delivery_ids: Iterable[str]) -> dict[str, tuple[Handling, ...]]:
        """What people did to these deliveries, oldest first; those nobody touched are missing."""
        return self._read(lambda c: outbox.handlings(c, delivery_ids))

    def outbox_counts(self) -> OutboxCounts:
        """How many deliveries are in which state."""
        return self._read(outbox.outbox_counts)

    def outages(self) -> tuple[Outage, ...]:
        """Channels over which nothing goes through, or did not until lately."""
        return self._read(outbox.outages)

    def refused_addresses(self) -> tuple[RefusedAddress, ...]:
        """Addresses that get nothing though their channels work, by channel and address."""
        return self._read(outbox.refused_addresses)

    def waiting_over(self, channel: str) -> int:
        """How many deliveries of a channel are still to be sent."""
        return self._read(lambda c: outbox.waiting_over(c, channel))

    def recipients_waiting(self) -> tuple[str, ...]:
        """Ids of the recipients for whom something is pending."""
        return self._read(telling.recipients_waiting)

    def pending(self, recipient: str) -> tuple[Pending, ...]:
        """What waits to be told to a recipient, in the order it was decided."""
        return self._read(lambda c: telling.pending(c, recipient))

    def told_at(self, recipient: str, since: datetime) -> tuple[datetime, ...]:
        """When alerts were made for a recipient after a time, oldest first."""
        return self._read(lambda c: telling.told_at(c, recipient, since))

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """The mutes that are not over and were not ended, the one that ends first before."""
        return self._read(lambda c: telling.mutes(c, now))

    def alerts_like(self, beginning: str, limit: int = 10) -> tuple[Alert, ...]:
        """Alerts whose id begins so, newest first; digests are none."""
        return self._read(lambda c: telling.alerts_like(c, beginning, limit))

    def recent_alerts(self, since: datetime) -> tuple[tuple[Alert, Acknowledged | None], ...]:
        """Alerts made after a time, newest first, each with its acknowledgement; digests are none."""
        return self._read(lambda c: telling.recent_alerts(c, since))

    def acknowledged(self, alert: Alert) -> Acknowledged | None:
        """Who has seen an alert, or the one it was escalated from."""
        return self._read(lambda c: telling.acknowledged(c, alert))

    def due_escalations(self, now: datetime) -> tuple[Alert, ...]:
        """Alerts that were to be acknowledged by now, oldest first."""
        return self._read(lambda c: telling.due_escalations(c, now))

    def last_digest_run(self, recipient: str) -> datetime | None:
        """The end of the period that the recipient's last digest told."""
        return self._read(lambda c: reading.last_digest_run(c, recipient))

    def held(self, recipient: str, until: datetime) -> tuple[Held, ...]:
        """What waits for a recipient's digest, oldest first."""
        return self._read(lambda c: period.held(c, recipient, until))

    def period_counts(
        self, recipient: str, start: datetime, until: datetime, events: Sequence[str] = ()
    ) -> tuple[tuple[str, int], ...]:
        """What a period brought a recipient, in numbers that add up."""
        return self._read(lambda c: period.counts(c, recipient, start, until, events))

    def period_alerts(self, recipient: str, start: datetime, until: datetime) -> tuple[Alert, ...]:
        """What a recipient was told at once in a period, oldest first."""
        return self._read(lambda c: period.alerts(c, recipient, start, until))

    # ------------------------------------------------------------ upkeep

    def maintain(self, now: datetime, retention: timedelta) -> dict[str, int]:
        """Remove what is past its retention, and fold the write-ahead log back.

        Stories, their entries and decisions go when they were first seen before the retention, deliveries when they
        were made before it and are not due any more; so does what was pending, once it is settled, and mutes,
        acknowledgements and escalations that are over. The ledger, feeds and digest runs stay.

        Returns:
            Removed rows by table.
        """
        before = now - retention
        with in_words(self.place), self._writing.begin() as connection:
            removed = _remove(connection, before)
        if self._sqlite:
            self._pragma("wal_checkpoint(TRUNCATE)")
            self._pragma("optimize")
        return removed

    def integrity(self) -> list[str]:
        """What is wrong with the database file by its own check; empty when nothing is."""
        if not self._sqlite:
            return []
        rows = self._read(lambda c: list(c.scalars(text("PRAGMA integrity_check"))))
        return [str(row) for row in rows if row != "ok"]

    def copy_to(self, path: Path) -> None:
        """Write a copy of a SQLite store, consistent even while another process writes.

        Raises:
            StoreError: it is no SQLite store, or the copy cannot be written.
        """
        if not self._sqlite:
            raise StoreError(f"store {self.place}: only a SQLite store can be copied this way")
        # What fails is nearly always the side that is written.
        with in_words(str(path)), self._engine.connect() as connection, closing(sqlite3.connect(path)) as target:
            raw_sqlite(connection).backup(target)


def _remove(connection: Connection, before: datetime) -> dict[str, int]:
    old = select(t.story.c.story_id).where(t.story.c.first_seen < before)
    settled = t.delivery.c.state != DeliveryState.DUE.value
    alive = select(t.delivery.c.alert_id)
    steps = (
        ("entry", delete(t.entry).where(t.entry.c.story_id.in_(old), t.entry.c.seen < before)),
        ("band", delete(t.band).where(t.band.c.story_id.in_(old))),
        ("revision", delete(t.revision).where(t.revision.c.story_id.in_(old))),
        ("decision", delete(t.decision).where(t.decision.c.decided < before)),
        ("story", delete(t.story).where(t.story.c.first_seen < before)),
        ("delivery", delete(t.delivery).where(t.delivery.c.created < before, settled)),
        ("handling", delete(t.handling).where(t.handling.c.made < before)),
        ("alert", delete(t.alert).where(t.alert.c.created < before, t.alert.c.alert_id.not_in(alive))),
        ("held", delete(t.held).where(t.held.c.since < before, t.held.c.run_key != "")),
        ("pending", delete(t.pending).where(t.pending.c.since < before, t.pending.c.settled != "")),
        ("mute", delete(t.mute).where(t.mute.c.until < before)),
        ("acknowledgement", delete(t.acknowledgement).where(t.acknowledgement.c.made < before)),
        ("escalation", delete(t.escalation).where(t.escalation.c.due < before, t.escalation.c.outcome != "")),
    )
    return {name: connection.execute(statement).rowcount for name, statement in steps}
