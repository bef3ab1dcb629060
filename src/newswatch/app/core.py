"""The application: configuration, store, feeds and channels put together."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from newswatch.alerting import outages
from newswatch.alerting.wording import words_or_english
from newswatch.app import children, handling
from newswatch.app.batches import Backlog, Batches
from newswatch.app.digesting import Digester
from newswatch.app.feedback import Opinion, record
from newswatch.app.feednotices import FeedNotices
from newswatch.app.handling import Changed
from newswatch.app.marks import Attempt, Rows
from newswatch.app.outages import Outages
from newswatch.app.pages import read_pages
from newswatch.app.polling import Checkpoint, Outcome, Poll, Recorder, remembered
from newswatch.app.publishing import publish
from newswatch.app.releasing import Releaser, ReleaseReport, Waiting
from newswatch.app.reports import DeliverReport, FeedProblem, PollReport, Refusal, disabled_words, problems_log
from newswatch.app.sending import BATCH, Outbox
from newswatch.app.subscriptions import Subscriptions
from newswatch.app.watch import Watch
from newswatch.config.access import access
from newswatch.config.load import Loaded
from newswatch.config.settings import Recipient
from newswatch.errors import FetchError, ParseError, Reason, StoreError
from newswatch.feeds import schedule, websub
from newswatch.feeds.fetch import Fetcher
from newswatch.feeds.hosts import PATIENCE
from newswatch.model import Alert, DisabledChannel, Fetched, Mute, ParsedFeed, Subscription
from newswatch.preparing import Job, PreparedFeed, Workshop
from newswatch.store import Acknowledged, Store

log = logging.getLogger(__name__)
T = TypeVar("T")
IN_FLIGHT = 5_000
"""So many feeds are asked, read or written at a time; each costs some memory, also while its server hangs."""
Progress = Callable[[str], None]


def _no_checkpoint(_name: str) -> None:
    """Outside of crash tests nothing happens at a checkpoint."""


def _no_progress(_feed_id: str) -> None:
    """Nobody watches."""


def _lost(poll: Poll, message: str) -> PollReport:
    return PollReport(polled=1, failed=1, unrecorded=1, problems=[FeedProblem(poll.feed_id, message)])


async def _run(writer: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.shield(asyncio.get_running_loop().run_in_executor(writer, work))


@dataclass(frozen=True, slots=True)
class _StoreRows:
    """The deliveries that are being sent, as they stand in the store."""

    store: Store
    outages: Outages
    writer: ThreadPoolExecutor
    now: datetime

    async def still_due(self, delivery_ids: Sequence[str]) -> frozenset[str]:
        """Those that are still to be sent."""
        return await _run(self.writer, lambda: self.store.still_due(delivery_ids))

    async def record(self, attempts: Sequence[Attempt]) -> None:
        """Write what became of attempts, and what that says of their channel."""
        await _run(self.writer, lambda: self.outages.record(attempts, self.now))


class App:
    """Poll, deliver, digest and maintain, over one configuration and one store.

    Use as an async context manager. All work on the store runs in one thread, in order; parsing in others; sockets
    on the event loop. ``checkpoint`` is called with a name between the steps: the seam of the crash tests.
    """

    def __init__(
        self,
        loaded: Loaded,
        store: Store,
        *,
        environ: Mapping[str, str],
        checkpoint: Checkpoint = _no_checkpoint,
    ) -> None:
        self._settings = loaded.settings
        self._feeds = loaded.feeds
        self._recipients = loaded.recipients
        self._events = loaded.events
        self._published = loaded.published
        self._store = store
        self._channels = loaded.channels
        self._templates = loaded.templates
        self._checkpoint = checkpoint
        self._releaser = Releaser(self._recipients, store, checkpoint)
        self._outages = Outages(
            tuple(loaded.channels),
            self._recipients,
            operator=self._settings.operator or "",
            dead_after=self._settings.dead_after,
            store=store,
            templates=loaded.templates,
        )
        self._feed_notices = FeedNotices(
            store, teller=self._outages.teller, tell_after=self._settings.polling.tell_after
        )
        watch = Watch(loaded.events)
        self._recorder = Recorder(
            loaded.settings, self._recipients, watch, store, checkpoint, notices=self._feed_notices
        )
        self._digester = Digester(self._recipients, loaded.events, loaded.feeds, store, checkpoint)
        self._outbox = Outbox(
            loaded.channels,
            self._recipients,
            base=loaded.base,
            templates=loaded.templates,
            public_url=loaded.settings.public_url,
            environ=environ,
            checkpoint=checkpoint,
        )
        self._access = {
            feed_id: access(feed, self._settings.polling, base=loaded.base, environ=environ)
            for feed_id, feed in loaded.feeds
        }
        self._subscriptions = (
            Subscriptions(store, frozenset(feed_id for feed_id, _ in loaded.feeds)) if self._settings.websub else None
        )
        self._pushed: set[str] = set()
        self._backlog = Backlog()
        self._fetcher = Fetcher(loaded.polling(environ), room=self._backlog.room)
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="pages")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._workshop = Workshop(loaded.events)
        self._batches = Batches(self._recorder, self._in_store)

    async def __aenter__(self) -> Self:
        self._fetcher.hosts.load(await self._in_store(self._store.hosts))
        await self._fetcher.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._outbox.close()
        await self._fetcher.__aexit__(kind, error, trace)
        self._workshop.close()
        self._readers.shutdown(wait=False, cancel_futures=True)
        await self._batches.finish()
        self._writer.shutdown(wait=True)

    async def _in_store(self, work: Callable[[], T]) -> T:
        """Run work in the one thread that uses the store; a cancelled caller does not stop it half way."""
        return await _run(self._writer, work)

    # ------------------------------------------------------------ polling

    async def warm(self, now: datetime) -> None:
        """Get ready for polls that will come: baselines read, ledgers loaded, a process started. It may be left out.

        Raises:
            StoreError: the store cannot be read or written.
        """
        self._workshop.warm()
        await self._in_store(lambda: self._recorder.ready(now))

    async def due(self, now: datetime) -> tuple[Poll, ...]:
        """The feeds to poll now.

        Raises:
            StoreError: the store cannot be read.
        """
        return await self._in_store(lambda: self._due(now))

    def _due(self, now: datetime) -> tuple[Poll, ...]:
        """Rows of feeds that are not due are not read whole at every tick: there may be very many."""
        waiting = self._store.waiting_feeds(now)
        pushed = self._pushed
        asked = [(id_, feed) for id_, feed in self._feeds if id_ in pushed or waiting.get(id_) != feed.url]
        states = self._store.feed_states([feed_id for feed_id, _ in asked])
        polls = []
        for feed_id, feed in asked:
            state = remembered(states.get(feed_id), feed_id, feed.url)
            if feed_id in pushed or schedule.is_due(state, now):
                pace = schedule.pace_of(feed.interval, self._settings.polling)
                if self._subscriptions is not None and self._subscriptions.active(feed_id, now):
                    # What is new is pushed; polling goes on for what a hub forgets.
                    pace = schedule.Pace(pace.most, pace.most, pace.most)
                polls.append(Poll(feed_id, feed, state, pace))
        return tuple(polls)

    async def poll(self, now: datetime, *, progress: Progress = _no_progress) -> PollReport:
        """Poll every due feed, judge what came, and write down what is to be told.

        A feed that hangs or breaks delays no other, and loses no other anything.

        Raises:
            StoreError: the store cannot be read.
        """
        total = PollReport()
        room = asyncio.Semaphore(IN_FLIGHT)

        async def one(due: Poll) -> None:
            try:
                total.add(await self.poll_one(due, now, patience=math.inf))
                progress(due.feed_id)
            finally:
                room.release()

        async with asyncio.TaskGroup() as group:
            for due in await self.due(now):
                await room.acquire()
                group.create_task(one(due))
        return total

    async def poll_one(self, poll: Poll, now: datetime, *, patience: float = PATIENCE) -> PollReport:
        """Poll one feed. What goes wrong is in the report; what could not be recorded is seen again next time.

        Args:
            poll: the feed.
            now: the time it is.
            patience: seconds to wait until it is its turn at its server; a longer wait makes it due then.
        """
        # A push that comes from now on is of something that this poll may not see.
        self._pushed.discard(poll.feed_id)
        try:
            return await self._poll(poll, now, patience)
        except StoreError as error:
            problems_log.error("feed %s: %s", poll.feed_id, error)
            return _lost(poll, str(error))
        except Exception as error:
            # A fault of ours in one feed must not stop the others, and must not be met again at every tick.
            log.exception("feed %s: unexpected fault", poll.feed_id)
            fault = FetchError(f"unexpected fault ({type(error).__name__}: {error}); please report it")
            with suppress(StoreError):
                return await self._batches.record(Outcome(poll, now, error=fault))
            return _lost(poll, str(fault))

    async def _poll(self, poll: Poll, now: datetime, patience: float) -> PollReport:
        try:
            fetched = await self._fetch(poll, now, patience)
            self._checkpoint("fetched")
            body = fetched.body
            if body is None or schedule.body_hash(body) == poll.state.body_hash:
                return await self._batches.record(Outcome(poll, now, fetched))
            with self._backlog:
                feed = await self._prepared(poll, fetched, now)
                if feed.children:
                    seconds = self._settings.polling.timeout.total.total_seconds()
                    feed = await children.together(feed, lambda url: self._child(poll, url, now), seconds=seconds)
                    fetched = children.unremembered(fetched)
                if self._subscriptions is not None:
                    subscriptions = self._subscriptions
                    offer = await asyncio.to_thread(websub.discover, fetched.links, body, fetched.url)
                    await self._in_store(lambda: subscriptions.offered(poll.feed_id, offer))
                self._checkpoint("parsed")
                return await self._recorded(poll, now, fetched, feed)
        except (FetchError, ParseError) as error:
            return await self._batches.record(Outcome(poll, now, error=error))

    async def _recorded(self, poll: Poll, now: datetime, fetched: Fetched, feed: PreparedFeed) -> PollReport:
        """Read the pages of what is about an event and short, where that is wished; then have it recorded."""
        wanted = await self._in_store(lambda: self._recorder.to_be_read(poll, feed))
        if not wanted:
            return await self._batches.record(Outcome(poll, now, fetched, feed))
        parsed = ParsedFeed(feed.title, "", "", tuple(one.entry for one in feed.entries))
        fuller = await read_pages(parsed, wanted, self._fetcher, self._readers, self._access[poll.feed_id])
        report = await self._batches.record(Outcome(poll, now, fetched, feed.told_by(fuller.parsed.entries)))
        report.pages, report.unread = fuller.read, fuller.unread
        return report

    async def _prepared(self, poll: Poll, fetched: Fetched, now: datetime) -> PreparedFeed:
        events = self._recorder.events(poll.feed)
        body = fetched.body or b""
        return await self._workshop.prepare(Job(poll.feed_id, fetched.url, fetched.content_type, now, events, body))

    async def _child(self, poll: Poll, url: str, now: datetime) -> PreparedFeed:
        """A sitemap that an index names; the feed's own headers and login go to its own origin only."""
        fetched = await self._fetcher.fetch(
            feed_id=poll.feed_id, url=url, access=self._access[poll.feed_id], home=poll.feed.url, now=now,
            patience=math.inf,
        )  # fmt: skip
        return await self._prepared(poll, fetched, now)

    async def _fetch(self, poll: Poll, now: datetime, patience: float) -> Fetched:
        try:
            return await self._fetcher.fetch(
                feed_id=poll.feed_id,
                url=poll.state.url,
                etag=poll.state.etag,
                last_modified=poll.state.last_modified,
                access=self._access[poll.feed_id],
                home=poll.feed.url,
                now=now,
                patience=patience,
            )
        finally:
            if hosts := self._fetcher.hosts.take_changed():
                await self._in_store(lambda: self._recorder.asked_by(hosts))

    # ------------------------------------------------------------ hubs

    @property
    def listen(self) -> str:
        """Where hubs are listened for, as address and port; empty: they are not."""
        return self._settings.websub.listen if self._settings.websub else ""

    async def subscribe(self, now: datetime) -> int:
        """Ask the hubs that feeds name to push what is new, and to go on with it; returns how many were asked.

        Raises:
            StoreError: the store cannot be read or written.
        """
        subscriptions, settings = self._subscriptions, self._settings.websub
        if subscriptions is None or settings is None:
            return 0
        due = await self._in_store(lambda: subscriptions.to_ask(now))

        async def ask(one: Subscription) -> None:
            try:
                fields = websub.form(one, settings.callback)
                status, said = await self._fetcher.post(one.hub, fields, proxy=self._access[one.feed_id].proxy)
                if not 200 <= status < 300:
                    subscriptions.refused(one, f"{status} {said}".strip())
            except FetchError as error:
                subscriptions.refused(one, str(error))

        async with asyncio.TaskGroup() as group:
            for one in due:
                group.create_task(ask(one))
        return len(due)

    async def verify(self, token: str, query: Mapping[str, str], now: datetime) -> str | None:
        """A hub asks whether we asked: what to answer, or None to refuse.

        Raises:
            StoreError: the store cannot be read or written.
        """
        subscriptions = self._subscriptions
        if subscriptions is None:
            return None
        return await self._in_store(lambda: subscriptions.verify(token, query, now))

    async def push(self, token: str, body: bytes, signature: str) -> bool:
        """A hub says that a feed has something new: it is due at once, if the hub signed that.

        Returns:
            Whether there is such a subscription.

        Raises:
            StoreError: the store cannot be read.
        """
        subscriptions = self._subscriptions
        if subscriptions is None:
            return False
        known, feed_id = await self._in_store(lambda: subscriptions.pushed(token, body, signature))
        if feed_id:
            self._pushed.add(feed_id)
        return known

    # ------------------------------------------------------------ telling

    async def digest(self, now: datetime) -> int:
        """Write every digest that is due into the outbox; returns how many.

        Raises:
            StoreError: the store did not take it.
        """
        return await self._in_store(lambda: self._digester.digest(now))

    async def preview_digest(self, recipient: Recipient, start: datetime | None, now: datetime) -> Alert:
        """The digest of what is held for a recipient now; nothing is written or marked.

        Args:
            recipient: whose.
            start: where its period begins; None for the end of the last one, or a day before now.
            now: its end.

        Raises:
            StoreError: the store cannot be read.
        """

        def read() -> Alert:
            begin = start or self._store.last_digest_run(recipient.id) or now - timedelta(days=1)
            return self._digester.preview(recipient, begin, now)

        return await self._in_store(read)

    async def publish(self) -> list[Path]:
        """Write the feeds of all events where something changed; nothing where no folder is configured.

        Raises:
            StoreError: the store cannot be read.
            NewswatchError: a file cannot be written.
        """
        folder, settings = self._published, self._settings.publish
        if folder is None:
            return []
        return await self._in_store(
            lambda: publish(
                self._store,
                self._events,
                folder,
                url=settings.url,
                limit=settings.entries,
                spoken=words_or_english(settings.language, self._templates),
            )
        )

    async def release(self, now: datetime, *, wait: bool = True) -> ReleaseReport:
        """Make alerts of what is to be told at once and is due, and escalate what nobody acknowledged.

        Args:
            now: the time it is.
            wait: False where nothing runs afterwards (``newswatch once``): then nothing waits for more of its event.

        Raises:
            StoreError: the store cannot be read or written; what was not recorded is pending still.
        """
        return await self._in_store(lambda: self._releaser.release(now, wait=wait))

    async def waiting(self, now: datetime) -> list[Waiting]:
        """What is to be told at once and has to wait, and what for.

        Raises:
            StoreError: the store cannot be read.
        """
        return await self._in_store(lambda: self._releaser.waiting(now))

    async def deliver(self, now: datetime) -> DeliverReport:
        """Send everything that is due, all channels side by side.

        Raises:
            StoreError: the store cannot be read or written; what was sent and not marked is sent again, with its id.
        """
        total = DeliverReport()
        await self.tell_of_feeds(now)

        async def one(channel: str) -> None:
            total.add(await self.deliver_over(channel, now))

        passes = (one(channel) for channel in await self.due_channels(now))
        for ended in await asyncio.gather(*passes, return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended
        while told := await self.tell_of_channels(now):
            for channel in told:
                total.add(await self.deliver_over(channel, now))
        for gone in await self.disabled_channels():
            total.problems.append(Refusal(gone.name, f"it {disabled_words(gone)}", Reason.GONE.value))
        said = {refusal.channel for refusal in total.problems if refusal.reason == Reason.GONE.value}
        for name, outage in (await self._in_store(lambda: self._outages.broken(now))).items():
            if name not in said:
                words = outages.words(outage, tuple(self._channels), lambda when: f"{when:%Y-%m-%d %H:%M} UTC")
                total.problems.append(Refusal(name, f"it {words}", Reason.DEAD.value))
        total.waiting = (await self._in_store(self._store.outbox_counts)).due
        return total

    async def tell_of_channels(self, now: datetime) -> tuple[str, ...]:
        """Tell the operator of channels over which nothing goes through: once, over another one.

        Returns:
            The channels over which there is something to send for that.

        Raises:
            StoreError: the store cannot be read or written; it is told the next time.
        """
        return await self._in_store(lambda: self._outages.check(now))

    async def tell_of_feeds(self, now: datetime) -> tuple[str, ...]:
        """Tell the operator of feeds that are broken, gone or stale, or that answer again: once, many in one message.

        Returns:
            The channel over which there is something to send for that, if any.

        Raises:
            StoreError: the store cannot be read or written; it is told the next time.
        """
        return await self._in_store(lambda: self._feed_notices.check(now))

    async def disabled_channels(self) -> tuple[DisabledChannel, ...]:
        """Configured channels over which nothing is sent, since their receivers want no more messages.

        Raises:
            StoreError: the store cannot be read.
        """
        disabled = await self._in_store(self._store.disabled_channels)
        return tuple(gone for gone in disabled if gone.name in self._channels)

    async def due_channels(self, now: datetime) -> tuple[str, ...]:
        """Channels with something due, without those whose receivers want no more messages.

        Raises:
            StoreError: the store cannot be read, or not written.
        """
        return await self._in_store(lambda: self._due_channels(now))

    def _due_channels(self, now: datetime) -> tuple[str, ...]:
        disabled = {gone.name: gone for gone in self._store.disabled_channels()}
        for name, gone in tuple(disabled.items()):
            address = self._outbox.address(name)
            if address and address != gone.address:
                with self._store.transaction() as tx:
                    tx.enable_channel(name, now)
                log.warning("channel %s has another address now, so it is enabled again", name)
                del disabled[name]
        return tuple(name for name in self._store.due_channels(now) if name not in disabled)

    async def deliver_over(self, channel: str, now: datetime) -> DeliverReport:
        """Send what is due over one channel, oldest first, until nothing is left or its receiver cannot be reached.

        Raises:
            StoreError: the store cannot be read or written.
        """
        total = DeliverReport()
        while due := await self._in_store(lambda: self._store.due_deliveries(now, BATCH, channel)):
            report = await self._outbox.send(channel, due, self._rows(now), now)
            total.add(report)
            if report.gone:
                await self._disable(channel, report.gone, now)
            if report.unreachable:
                break
        return total

    async def _disable(self, channel: str, reason: str, now: datetime) -> None:
        gone = DisabledChannel(channel, self._outbox.address(channel), now, reason)

        def save() -> None:
            with self._store.transaction() as tx:
                tx.disable_channel(gone)

        await self._in_store(save)
        problems_log.error("%s", f"channel {channel} {disabled_words(gone)}")

    def _rows(self, now: datetime) -> Rows:
        return _StoreRows(self._store, self._outages, self._writer, now)

    # ------------------------------------------------------------ what people say

    async def feedback(self, opinion: Opinion, now: datetime) -> str:
        """Keep what a person says of something that was told, and correct what is known by it.

        Returns:
            What was done, in words.

        Raises:
            NewswatchError: there is nothing of that kind.
            StoreError: the store did not take it; nothing was kept.
        """
        return await self._in_store(lambda: record(self._store, opinion, now))

    async def handle(self, delivery_id: str, action: str, now: datetime, *, by: str, why: str = "") -> Changed:
        """Retry or drop a delivery.

        Raises:
            NewswatchError: there is none of that name.
            StoreError: the store did not take it.
        """
        return await self._in_store(lambda: handling.handle(self._store, delivery_id, action, now=now, by=by, why=why))

    async def acknowledge(self, alert_id: str, now: datetime, *, by: str, note: str = "") -> Acknowledged | None:
        """Note that somebody has seen an alert; who had before, or None.

        Raises:
            NewswatchError: there is none of that name.
            StoreError: the store did not take it.
        """
        return await self._in_store(
            lambda: handling.acknowledge_named(self._store, alert_id, now=now, by=by, note=note)
        )

    async def mute(
        self, event: str, topic: str, recipient: str, now: datetime, *, length: timedelta, by: str, why: str = ""
    ) -> Mute:
        """Tell nothing of an event or topic at once for a while.

        Raises:
            StoreError: the store did not take it.
        """
        return await self._in_store(
            lambda: handling.mute(self._store, event, topic, recipient, length=length, now=now, by=by, why=why)
        )

    # ------------------------------------------------------------ upkeep

    async def maintain(self, now: datetime) -> None:
        """Remove what is past its retention and fold the write-ahead log back.

        Raises:
            StoreError: the store cannot be written.
        """
        retention: timedelta = self._settings.retention
        removed = await self._in_store(lambda: self._store.maintain(now, retention))
        log.info("maintenance: %s", removed)
