"""The service: APScheduler ticks, the rows say what is due, systemd is told how it goes.

every few seconds   start polling what is due; send what is due, one task a channel
every half minute   write digests that are due, and feeds of what changed; ask the hubs of feeds
at any time         a hub says that a feed has something new: it is polled at once
every six hours     maintenance
SIGTERM, SIGINT     finish what is in flight, then stop with exit code 0
SIGHUP              read the configuration again; a bad one changes nothing and is said so
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from aiohttp import web
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from newswatch.app import IN_FLIGHT, App, Meter, Poll, Unmetered, disabled_words
from newswatch.config.load import Loaded
from newswatch.errors import ConfigError, NewswatchError, StoreError
from newswatch.feeds import callback
from newswatch.store import Store

log = logging.getLogger(__name__)

# A service that makes no progress for this long is taken as hung, and the watchdog is not fed.
STUCK_AFTER = 120.0
# After SIGTERM, what is in flight may take this long (fetches are bounded by polling.timeout.total anyway).
STOP_WITHIN = 60.0


class Notifier:
    """The sd_notify protocol: datagrams to ``$NOTIFY_SOCKET`` (sd_notify(3)). Without the variable it does nothing."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        usec = environ.get("WATCHDOG_USEC", "")
        meant_for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_seconds = int(usec) / 1_000_000 if usec.isdigit() and meant_for_us else None

    def send(self, *lines: str) -> None:
        """Send one datagram; a service manager that went away is no reason to stop."""
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.sendto("\n".join(lines).encode(), self._address)
        except OSError as error:
            log.warning("could not notify the service manager: %s", error)

    def reloading(self) -> None:
        """RELOADING=1 with the monotonic time, as Type=notify-reload needs."""
        self.send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


@dataclass(frozen=True, slots=True)
class Beat:
    """How often the scheduler ticks, in seconds. What is due is the rows' matter."""

    poll: float = 5.0
    deliver: float = 2.0
    digest: float = 30.0
    subscribe: float = 30.0
    maintain: float = 6 * 3600.0


class Listener:
    """Listens for hubs, where the configuration says so; an address that cannot be had stops nothing else."""

    def __init__(self, receiver: callback.Receiver) -> None:
        self._receiver = receiver
        self._address = ""
        self._runner: web.AppRunner | None = None

    async def listen(self, address: str) -> None:
        """Listen at an address (``127.0.0.1:8765``) and no other; empty: at none."""
        if address == self._address:
            return
        runner, self._runner, self._address = self._runner, None, ""
        if runner is not None:
            await runner.cleanup()
        if not address:
            return
        host, _, port = address.rpartition(":")
        runner = web.AppRunner(callback.application(self._receiver), access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except OSError as error:
            await runner.cleanup()
            log.error("hubs cannot call: %s cannot be listened at (%s); feeds are polled", address, error.strerror)  # noqa: TRY400 - the sentence is the message
            return
        self._runner, self._address = runner, address
        log.info("listening for hubs at %s", address)


class Beside(Protocol):
    """What runs beside the service in its loop, and is told what happens: the console."""

    async def start(self, app: App, loaded: Loaded) -> None:
        """Begin, with the application in force; what cannot begin says so and lets the service run."""

    async def reloaded(self, app: App, loaded: Loaded) -> None:
        """Another application is in force; the one before ends after this."""

    def committed(self) -> None:
        """Something was written into the store. Called often; must not wait."""

    async def stop(self) -> None:
        """End, before the application does."""


class Service:
    """`newswatch run`: one store, one configuration at a time."""

    def __init__(
        self,
        load: Callable[[], Loaded],
        store: Store,
        *,
        clock: Callable[[], datetime],
        environ: Mapping[str, str],
        beat: Beat,
        beside: Beside | None = None,
        meter: Meter | None = None,
    ) -> None:
        self._beside = beside
        self._meter = meter or Unmetered()
        self._load = load
        self._store = store
        self._clock = clock
        self._environ = environ
        self._beat = beat
        self._notifier = Notifier(environ)
        self._stop = asyncio.Event()
        self._reload_lock = asyncio.Lock()
        self._progress = time.monotonic()
        self._app: App | None = None
        self._unpublished = ""
        self._listener = Listener(self)
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        # What is in flight, by feed id or channel name: a slow one is not started twice, and delays no other.
        self._polling: dict[str, asyncio.Task[None]] = {}
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._others: set[asyncio.Task[None]] = set()
        self._ticks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT.

        Raises:
            ConfigError: the configuration cannot be used at the start.
        """
        loop = asyncio.get_running_loop()
        loaded = self._load()
        self._app = await App(loaded, self._store, environ=self._environ).__aenter__()
        if self._beside is not None:
            await self._beside.start(self._app, loaded)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._spawn(self._reload()))
        with self._surviving_the_store():
            await self._app.warm(self._clock())
        self._schedule()
        self._scheduler.start()
        await self._listener.listen(self._app.listen)
        self._notifier.send("READY=1", "STATUS=watching")
        log.info("newswatch is watching")
        with self._surviving_the_store():
            for gone in await self._app.disabled_channels():
                log.error("channel %s %s", gone.name, disabled_words(gone))
        try:
            await self._stop.wait()
        finally:
            self._notifier.send("STOPPING=1", "STATUS=finishing what is in flight")
            self._meter.stopping()
            log.info("stopping: finishing what is in flight")
            self._scheduler.remove_all_jobs()
            await self._listener.listen("")
            await self._finish()
            self._scheduler.shutdown(wait=False)
        log.info("stopped")

    def _schedule(self) -> None:
        start = datetime.now().astimezone()
        for name, job, seconds in (
            ("poll", self._poll, self._beat.poll),
            ("deliver", self._deliver, self._beat.deliver),
            ("digest", self._digest, self._beat.digest),
            ("subscribe", self._subscribe, self._beat.subscribe),
        ):
            self._scheduler.add_job(
                self._tick, "interval", args=[job], seconds=seconds, next_run_time=start, id=name, name=name
            )
        self._scheduler.add_job(
            self._tick, "interval", args=[self._maintain], seconds=self._beat.maintain, id="maintenance"
        )
        if self._notifier.watchdog_seconds:
            every = self._notifier.watchdog_seconds / 3
            self._scheduler.add_job(self._feed_watchdog, "interval", seconds=every, id="watchdog")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._others.add(task)
        task.add_done_callback(self._others.discard)

    async def _drained(self, *, and_others: bool = False) -> None:
        """Wait for what is in flight; what does not end in time is cancelled, and will be seen again.

        The ticks come first, since they start the others.
        """
        until = time.monotonic() + STOP_WITHIN
        for tasks in (
            lambda: self._ticks,
            lambda: {*self._polling.values(), *self._sending.values(), *(self._others if and_others else ())},
        ):
            pending = set(tasks())
            if not pending:
                continue
            _, late = await asyncio.wait(pending, timeout=max(until - time.monotonic(), 0))
            for task in late:
                task.cancel()
            if late:
                log.warning("%s tasks did not end within %.0f s; what they had not recorded will be seen again",
                            len(late), STOP_WITHIN)  # fmt: skip
                await asyncio.wait(late)

    async def _finish(self) -> None:
        if self._beside is not None:
            await self._beside.stop()
        await self._drained(and_others=True)
        if self._app is not None:
            await self._app.__aexit__(None, None, None)

    @property
    def _takes_work(self) -> bool:
        """Nothing new begins while the application is being closed or changed for another."""
        return not self._stop.is_set() and not self._reload_lock.locked()

    async def _tick(self, work: Callable[[App], Awaitable[None]]) -> None:
        """One tick of the scheduler; it counts as in flight, so that nobody closes the application under it."""
        app, task = self._app, asyncio.current_task()
        if app is None or task is None or not self._takes_work:
            return
        self._ticks.add(task)
        try:
            with self._surviving_the_store():
                await work(app)
        finally:
            self._ticks.discard(task)

    async def _feed_watchdog(self) -> None:
        """Ping only while ticks get through to the store and back: the loop that works, not a timer beside it."""
        if time.monotonic() - self._progress < STUCK_AFTER:
            self._notifier.send("WATCHDOG=1")
        else:
            log.error("no progress for %.0f s; leaving the watchdog unfed", STUCK_AFTER)

    @contextmanager
    def _surviving_the_store(self) -> Iterator[None]:
        """The loop goes on: the disk may have room again at the next tick, and nothing was half recorded."""
        try:
            yield
        except StoreError as error:
            log.error("%s", error)  # noqa: TRY400 - the sentence is the message
            self._notifier.send(f"STATUS={error}")
            self._meter.store_failed()
        else:
            self._progress = time.monotonic()
            self._meter.ticked()

    async def _poll(self, app: App) -> None:
        now = self._clock()
        due = await app.due(now)
        self._meter.due(len(due))
        for poll in due:
            if len(self._polling) >= IN_FLIGHT:
                break  # the rows stay due
            if self._takes_work and poll.feed_id not in self._polling:
                task = asyncio.get_running_loop().create_task(self._poll_one(app, poll, now))
                self._polling[poll.feed_id] = task

    async def _poll_one(self, app: App, poll: Poll, now: datetime) -> None:
        began = time.monotonic()
        try:
            report = await app.poll_one(poll, now)
            self._progress = time.monotonic()
            self._meter.polled(poll.feed_id, report, self._progress - began)
            if report.unrecorded:
                self._meter.store_failed()
            if not report.polled:
                return
            self._committed()
            log.debug(
                "polled %s: %s new stories, %s about an event, %s told",
                poll.feed_id, report.new, report.about, report.told,
            )  # fmt: skip
            if report.pending and (job := self._scheduler.get_job("deliver")):
                job.modify(next_run_time=datetime.now().astimezone())
        finally:
            del self._polling[poll.feed_id]

    def _committed(self) -> None:
        if self._beside is not None:
            self._beside.committed()

    async def _deliver(self, app: App) -> None:
        self._meter.released(await app.release(self._clock()))
        await app.tell_of_feeds(self._clock())
        await app.tell_of_channels(self._clock())
        for channel in await app.due_channels(self._clock()):
            if self._takes_work and channel not in self._sending:
                task = asyncio.get_running_loop().create_task(self._deliver_over(app, channel))
                self._sending[channel] = task

    async def _deliver_over(self, app: App, channel: str) -> None:
        try:
            with self._surviving_the_store():
                self._meter.delivered(channel, await app.deliver_over(channel, self._clock()))
        finally:
            del self._sending[channel]

    async def _digest(self, app: App) -> None:
        self._meter.digested(await app.digest(self._clock()))
        try:
            await app.publish()
        except StoreError:
            raise
        except NewswatchError as error:
            if str(error) != self._unpublished:
                log.error("%s", error)  # noqa: TRY400 - the sentence is the message
            self._unpublished = str(error)
        else:
            self._unpublished = ""

    async def _subscribe(self, app: App) -> None:
        await app.subscribe(self._clock())

    async def verify(self, token: str, query: Mapping[str, str]) -> str | None:
        """A hub asks whether we asked (`feeds.callback.Receiver`)."""
        async with self._reload_lock:
            return None if self._app is None else await self._app.verify(token, query, self._clock())

    async def push(self, token: str, body: bytes, signature: str) -> bool:
        """A hub says that a feed has something new: it is polled at once."""
        async with self._reload_lock:
            known = self._app is not None and await self._app.push(token, body, signature)
        if known and (job := self._scheduler.get_job("poll")):
            job.modify(next_run_time=datetime.now().astimezone())
        return known

    async def _maintain(self, app: App) -> None:
        await app.maintain(self._clock())

    async def _reload(self) -> None:
        """Take the new configuration if it is good; keep the old one if not."""
        self._notifier.reloading()
        try:
            loaded = self._load()
        except ConfigError as error:
            log.error("the new configuration is not used:\n%s", error)  # noqa: TRY400 - the sentence is the message
            self._meter.reloaded(good=False)
            self._notifier.send("READY=1", "STATUS=watching with the old configuration; the new one has mistakes")
            return
        async with self._reload_lock:
            await self._drained()
            old, self._app = self._app, await App(loaded, self._store, environ=self._environ).__aenter__()
            if self._beside is not None:
                await self._beside.reloaded(self._app, loaded)
            if old is not None:
                await old.__aexit__(None, None, None)
            with self._surviving_the_store():
                await self._app.warm(self._clock())
        await self._listener.listen(self._app.listen)
        self._meter.reloaded(good=True)
        log.info("configuration read again: %s events, %s feeds", len(loaded.events), len(loaded.feeds))
        self._notifier.send("READY=1", "STATUS=watching")


def serve(
    load: Callable[[], Loaded],
    store: Store,
    *,
    clock: Callable[[], datetime],
    environ: Mapping[str, str],
    beat: Beat = Beat(),
    beside: Beside | None = None,
    meter: Meter | None = None,
) -> None:
    """Run the service in this process until it is told to stop.

    Raises:
        ConfigError: the configuration cannot be used at the start.
    """

    async def main() -> None:
        await Service(load, store, clock=clock, environ=environ, beat=beat, beside=beside, meter=meter).run()

    asyncio.run(main())
