"""The service as systemd sees it: ready, reloading, watchdog, SIGTERM; a second one is refused. Real processes."""

import asyncio
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import feedparser
import pytest

from loopback.feed_server import FeedServer, Route
from loopback.smtp_server import SmtpServer
from loopback.webhook_receiver import WebhookReceiver
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.config.load import load_config
from newswatch.daemon import Beat, Service
from newswatch.model import FeedState
from newswatch.store import Asked, Store, open_store

LIMIT = 30.0


class Notifications:
    """The socket that systemd would listen on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(LIMIT)

    def until(self, sign: str) -> str:
        """Wait for a datagram that holds this line's beginning."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            said = self._socket.recv(4096).decode()
            if any(line.startswith(sign) for line in said.splitlines()):
                return said
        raise AssertionError(f"{sign} did not come")

    def close(self) -> None:
        self._socket.close()


@contextmanager
def service(folder: Path, config: Path) -> Iterator[tuple[subprocess.Popen[str], Notifications]]:
    notifications = Notifications(folder / "notify")
    environ = {**os.environ, "NOTIFY_SOCKET": str(notifications.path), "WATCHDOG_USEC": "300000"}
    process = subprocess.Popen(
        [sys.executable, "-m", "newswatch", "-v", "run", "-c", str(config)],
        env=environ, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process, notifications
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        notifications.close()


def test_the_life_of_a_service(tmp_path: Path) -> None:
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS})
        with service(tmp_path, config) as (process, told):
            assert "STATUS=watching" in told.until("READY=1")
            told.until("WATCHDOG=1")

            second = subprocess.run(
                [sys.executable, "-m", "newswatch", "once", "-c", str(config)], capture_output=True, text=True
            )
            assert second.returncode == 1
            assert re.search(rf"newswatch run \(pid {process.pid}, since .*\) already works with", second.stderr)

            good = config.read_text()
            config.write_text("polling: {intervall: 5m}\n")
            process.send_signal(signal.SIGHUP)
            assert re.search(r"MONOTONIC_USEC=\d+", told.until("RELOADING=1"))
            assert "the new one has mistakes" in told.until("READY=1")
            config.write_text(good)
            process.send_signal(signal.SIGHUP)
            told.until("RELOADING=1")
            assert "STATUS=watching" in told.until("READY=1")

            process.send_signal(signal.SIGTERM)
            told.until("STOPPING=1")
            _, said = process.communicate(timeout=LIMIT)
            assert process.returncode == 0
            assert "`intervall` is not a key here. Did you mean `interval`?" in said
            assert "Traceback" not in said
        assert {request.path for request in feeds.requests} == {f"/{name}" for name in FEEDS}


def test_a_service_publishes_what_was_told(tmp_path: Path) -> None:
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS})
        once = [sys.executable, "-m", "newswatch", "once", "-c", str(config), "--now", MOMENTS[2].isoformat()]
        subprocess.run(once, check=True, capture_output=True)
        config.write_text(f"{config.read_text()}publish: {{folder: out}}\n")
        with service(tmp_path, config) as (process, told):
            told.until("READY=1")
            deadline = time.monotonic() + LIMIT
            while not (tmp_path / "out" / "velmora.json").exists() and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=LIMIT)
        assert process.returncode == 0
        assert "cannot be written" not in said
    assert len(feedparser.parse((tmp_path / "out" / "velmora.atom").read_bytes()).entries) > 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["velmora.atom", "velmora.json"]


def test_a_bad_configuration_does_not_start(tmp_path: Path) -> None:
    config = write_config(tmp_path, {})
    config.write_text("polling: {interval: soon}\n")
    result = subprocess.run(
        [sys.executable, "-m", "newswatch", "run", "-c", str(config)], capture_output=True, text=True, timeout=LIMIT
    )
    assert result.returncode == 2
    assert "1 mistake in the configuration; nothing was done" in result.stderr


class SlowStore:
    """A store, asked at every tick which feeds are due, that answers only once it may."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked, self.answer = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def feed_states(self, ids: Iterable[str]) -> dict[str, FeedState]:
        self.asked.set()
        self.answer.wait(LIMIT)
        return self._store.feed_states(ids)


def until_all_are_asked(feeds: FeedServer) -> None:
    deadline = time.monotonic() + LIMIT
    while len(feeds.requests) < len(FEEDS) and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_nothing_is_closed_under_a_tick_that_waits_for_the_store(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, number: signal.Signals
) -> None:
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS})
        store = open_store("sqlite:///tick.db", base=tmp_path, now=MOMENTS[2])
        slow = SlowStore(store)
        service = Service(
            lambda: load_config(config, {}), slow, clock=lambda: MOMENTS[2], environ={},  # type: ignore[arg-type]
            beat=Beat(poll=0.05, deliver=0.05, digest=0.05),
        )  # fmt: skip
        running = asyncio.create_task(service.run())
        assert await asyncio.to_thread(slow.asked.wait, LIMIT)
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.2)
        assert not running.done()
        assert feeds.requests == []
        threading.Timer(0.2, slow.answer.set).start()
        if number is signal.SIGHUP:
            await asyncio.to_thread(until_all_are_asked, feeds)
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, LIMIT)
        store.close()
    # Stopped, nothing more is begun; read again, every feed is asked once, by the application that is there now.
    assert len(feeds.requests) == (len(FEEDS) if number is signal.SIGHUP else 0)
    # That a tick is skipped while the one before it waits is the scheduler's warning, and no fault.
    said = [r for r in caplog.records if r.levelno >= logging.WARNING and r.name != "apscheduler.scheduler"]
    assert said == []


async def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_what_comes_within_the_wait_is_one_alert(tmp_path: Path) -> None:
    now = [MOMENTS[2]]
    boxes, who = "{box: {type: folder, path: box}}", "[{id: desk, channels: [box]}]"
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS}, boxes, who)
        store = open_store("sqlite:///group.db", base=tmp_path, now=MOMENTS[2])
        beat = Beat(poll=0.05, deliver=0.05, digest=0.05)
        service = Service(lambda: load_config(config, {}), store, clock=lambda: now[0], environ={}, beat=beat)
        running = asyncio.create_task(service.run())
        await until(lambda: len(store.feed_states(FEEDS)) == len(FEEDS) and len(store.pending("desk")) > 1)
        assert store.deliveries() == []
        waiting = {one.item.story.source for one in store.pending("desk")}
        now[0] += timedelta(seconds=30)
        await until(lambda: len(list((tmp_path / "box").glob("*.eml"))) == 1)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, LIMIT)
        [delivery] = store.deliveries()
        assert store.recipients_waiting() == ()
        store.close()
    assert {item.story.source for item in delivery.alert.items} == waiting


async def test_feeds_follow_what_is_told_and_what_cannot_be_written_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    boxes, who, out = "{box: {type: folder, path: box}}", "[{id: desk, channels: [box]}]", tmp_path / "out"
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS}, boxes, who)
        config.write_text(f"{config.read_text()}publish: {{folder: out}}\n")
        out.write_text("")
        store = open_store("sqlite:///feeds.db", base=tmp_path, now=MOMENTS[2])
        service = Service(
            lambda: load_config(config, {}), store, clock=lambda: MOMENTS[2], environ={},
            beat=Beat(poll=0.05, deliver=0.05, digest=0.05),
        )  # fmt: skip
        running = asyncio.create_task(service.run())

        def said() -> list[str]:
            return [line for line in map(logging.LogRecord.getMessage, caplog.records) if "cannot be written" in line]

        await until(lambda: bool(said()) and len(store.feed_states(FEEDS)) == len(FEEDS))
        await until(lambda: len(store.pending("desk")) > 1)
        out.unlink()
        await until((out / "velmora.json").exists)
        assert len(said()) == 1
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, LIMIT)
        store.close()
    assert feedparser.parse((out / "velmora.atom").read_bytes()).entries


async def live(config: Path, store: Store, now: list[datetime], story: Callable[[], Awaitable[None]]) -> None:
    """One life of the service, until its story is told; then SIGTERM."""
    beat = Beat(poll=0.05, deliver=0.05, digest=0.05)
    service = Service(lambda: load_config(config, {}), store, clock=lambda: now[0], environ={}, beat=beat)
    running = asyncio.create_task(service.run())
    try:
        await story()
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, LIMIT)


async def test_the_operator_hears_of_a_dead_channel_over_another_one_once_whatever_restarts(tmp_path: Path) -> None:
    now = [MOMENTS[2]]
    store = open_store("sqlite:///dead.db", base=tmp_path, now=now[0])
    with (
        FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as feeds,
        SmtpServer() as smtp,
        WebhookReceiver() as hook,
    ):
        mail = (
            f"{{type: email, host: 127.0.0.1, port: {smtp.port}, security: none, from: w@w.example, to: [d@d.example]}}"
        )
        channels = f"{{mail: {mail}, hook: {{type: webhook, url: '{hook.url}', allow_private: true}}}}"
        who = "[{id: desk, channels: [mail], digest: null}, {id: chief, channels: [hook], digest: null}]"
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS}, channels, who)
        config.write_text(f"{config.read_text()}operator: chief\ndead_after: 30m\n")
        smtp.refuse_sender = "451 4.3.0 come back later"

        def notices() -> list[dict[str, Any]]:
            calls = (call.data["data"] for call in hook.calls)
            return [one for data in calls if data["event"] == "newswatch" for one in data["developments"]]

        def told() -> list[str]:
            return [one["summary"] for one in notices()]

        async def fails() -> None:
            await until(lambda: bool(store.pending("desk")))
            now[0] += timedelta(seconds=30)
            await until(lambda: any(outage.since for outage in store.outages()))
            now[0] += timedelta(minutes=29)
            await until(lambda: store.due_deliveries(now[0], 1, "mail") == [])
            assert told() == []
            now[0] += timedelta(minutes=2)
            await until(lambda: len(told()) == 1)

        async def fails_still() -> None:
            now[0] += timedelta(hours=1)
            tried = store.deliveries(Asked(channel="mail"))[0].attempts
            await until(lambda: store.deliveries(Asked(channel="mail"))[0].attempts > tried)

        async def works() -> None:
            smtp.refuse_sender = ""
            now[0] += timedelta(days=1)
            await until(lambda: not store.outbox_counts().due and len(told()) == 2)

        await live(config, store, now, fails)
        assert smtp.received == []
        assert told()[0].startswith("Channel mail does not work: it has taken nothing since ")
        assert "451 4.3.0 come back later" in notices()[0]["evidence"][0]
        await live(config, store, now, fails_still)
        assert len(told()) == 1
        await live(config, store, now, works)
        assert told()[1].startswith("Channel mail works again: it has just taken a message, the first since ")
        assert len({received.mail["message-id"] for received in smtp.received}) == len(smtp.received) > 0
    store.close()


async def test_the_operator_is_told_of_a_feed_that_is_gone_once_over_restarts(tmp_path: Path) -> None:
    now = [MOMENTS[2]]
    boxes, who = "{box: {type: folder, path: box}}", "[{id: desk, channels: [box]}]"
    with FeedServer({"/wire": Route(status=410)}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")}, boxes, who)
        store = open_store("sqlite:///gone.db", base=tmp_path, now=MOMENTS[2])
        beat = Beat(poll=0.05, deliver=0.05, digest=60)

        def failed(times: int) -> bool:
            state = store.feed_states(["wire"]).get("wire")
            return state is not None and state.failures == times

        for polls in (1, 2):
            service = Service(lambda: load_config(config, {}), store, clock=lambda: now[0], environ={}, beat=beat)
            running = asyncio.create_task(service.run())
            await until(partial(failed, polls))
            await until(lambda: len(list((tmp_path / "box").glob("*.eml"))) == 1)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(running, LIMIT)
            now[0] += timedelta(days=2)
        [mail] = (tmp_path / "box").glob("*.eml")
        store.close()
    assert "newswatch: feed wire is gone" in mail.read_text()
    assert len(feeds.requests) == 2
