"""A hub pushes: subscribed, verified, believed when signed, renewed, and a feed is polled at once. All on loopback."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from loopback.feed_server import FeedServer, Route
from loopback.hub import Hub
from loopback.world import MOMENTS, rss, write_config
from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.daemon import Beat, Service
from newswatch.feeds import callback
from newswatch.store import open_store

NOW, HOUR = MOMENTS[0], timedelta(hours=1)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def feed(hub: Hub, now: datetime = NOW) -> Route:
    return Route(rss("wire", now), headers={"link": f'<{hub.url}>; rel="hub", <https://wire.example/rss>; rel="self"'})


def write(folder: Path, url: str, port: int) -> Path:
    config = write_config(folder, {"wire": url})
    text = config.read_text().replace("interval: 1m}", "interval: 10m, max_interval: 2h}")
    config.write_text(f"{text}websub: {{callback: 'http://127.0.0.1:{port}/cb', listen: '127.0.0.1:{port}'}}\n")
    return config


class Receiver:
    """An application at one moment."""

    def __init__(self, app: App) -> None:
        self.app, self.now = app, NOW

    async def verify(self, token: str, query: Mapping[str, str]) -> str | None:
        return await self.app.verify(token, query, self.now)

    async def push(self, token: str, body: bytes, signature: str) -> bool:
        return await self.app.push(token, body, signature)


@asynccontextmanager
async def listening(config: Path, port: int) -> AsyncIterator[Receiver]:
    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    async with App(loaded, store, environ={}) as app:
        receiver = Receiver(app)
        runner = web.AppRunner(callback.application(receiver))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield receiver
        finally:
            await runner.cleanup()
            store.close()


async def test_the_life_of_a_subscription(tmp_path: Path) -> None:
    port = free_port()
    with FeedServer() as feeds:
        async with Hub(lease=3600) as hub:
            feeds.routes["/wire"] = feed(hub)
            config = write(tmp_path, feeds.url("/wire"), port)
            async with listening(config, port) as me:
                await me.app.poll(NOW)
                assert (await me.app.subscribe(NOW), await me.app.subscribe(NOW)) == (1, 0)
                [asked] = hub.asked
                assert (asked["hub.mode"], asked["hub.topic"]) == ("subscribe", "https://wire.example/rss")
                assert await hub.push(b"x") == 202  # not verified yet: signed rightly all the same
                assert await hub.verify(topic="https://other.example/") == (404, False)
                assert await hub.verify() == (200, True)
                assert await hub.verify() == (404, False)  # nobody asked again

                await me.app.poll(NOW + HOUR)
                assert await me.app.due(NOW + HOUR) == ()
                assert await hub.push(b"lies", secret="another") == 202
                assert await me.app.due(NOW + HOUR) == ()
                for method in ("sha1", "sha256", "sha384", "sha512"):
                    assert await hub.push(b"news", method=method) == 202
                    [poll] = await me.app.due(NOW + HOUR)
                    assert poll.feed_id == "wire"
                    await me.app.poll_one(poll, NOW + HOUR)
                    assert await me.app.due(NOW + HOUR) == ()

            # Another process goes on with it: it polls seldom, and renews before the lease ends.
            async with listening(config, port) as me:
                renew = NOW + HOUR * 0.8
                [poll] = await me.app.due(NOW + 5 * HOUR)
                assert poll.pace.start == timedelta(minutes=10)  # the lease is over by then
                assert await me.app.subscribe(renew - timedelta(seconds=1)) == 0
                assert await me.app.subscribe(renew) == 1
                assert hub.asked[-1]["hub.callback"] == asked["hub.callback"]
                me.now = renew
                assert await hub.verify() == (200, True)
                later = NOW + HOUR * 1.5
                assert await hub.push(b"news") == 202
                [poll] = await me.app.due(later)
                assert poll.pace.start == poll.pace.least == timedelta(hours=2)


async def test_a_hub_that_is_not_there_or_says_no_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    with FeedServer() as feeds:
        async with Hub(status=404) as hub:
            feeds.routes["/wire"] = feed(hub)
            async with listening(write(tmp_path, feeds.url("/wire"), port), port) as me:
                await me.app.poll(NOW)
                assert await me.app.subscribe(NOW) == 1
                assert "did not take the subscription (404 no such topic)" in caplog.text
                assert await me.app.subscribe(NOW + timedelta(minutes=29)) == 0
                hub_url = hub.url
        async with listening(write(tmp_path, feeds.url("/wire"), port), port) as me:
            assert hub_url
            assert await me.app.subscribe(NOW + timedelta(minutes=30)) == 1
            assert "cannot be reached" in caplog.text
            feeds.routes["/wire"] = Route(rss("wire", MOMENTS[1]))
            await me.app.poll(NOW + 9 * HOUR)
            assert await me.app.subscribe(NOW + 99 * HOUR) == 0, "it names no hub any more"


async def test_strangers_learn_nothing(tmp_path: Path) -> None:
    port = free_port()
    with FeedServer() as feeds:
        async with Hub() as hub, aiohttp.ClientSession() as session:
            feeds.routes["/wire"] = feed(hub)
            async with listening(write(tmp_path, feeds.url("/wire"), port), port) as me:
                await me.app.poll(NOW)
                await me.app.subscribe(NOW)
                base = f"http://127.0.0.1:{port}"
                for path in ("/", "/cb/", "/cb/guess", "/cb/%00", "/cb/ё", "/../../x"):
                    async with session.get(base + path, params={"hub.mode": "subscribe"}) as answer:
                        assert (answer.status, await answer.text()) in {(404, ""), (404, "404: Not Found")}
                async with session.post(f"{base}/cb/guess", data=b"x") as answer:
                    assert answer.status == 410
                async with session.post(
                    hub.asked[-1]["hub.callback"], data=BytesIO(bytes(callback.MOST + 1))
                ) as answer:
                    assert answer.status == 413
                assert await me.app.due(NOW) == ()


async def test_a_hub_at_a_private_address_is_not_asked(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    with FeedServer() as feeds:
        async with Hub() as hub:
            feeds.routes["/wire"] = feed(hub)
            config = write(tmp_path, feeds.url("/wire"), port)
            host = feeds.url("").removeprefix("http://").partition(":")[0]
            config.write_text(config.read_text().replace("allow_private: true", f"allow_private: ['{host}']"))
            feeds.routes["/wire"] = Route(rss("wire", NOW), headers={"link": "<http://169.254.169.254/hub>; rel=hub"})
            async with listening(config, port) as me:
                await me.app.poll(NOW)
                assert await me.app.subscribe(NOW) == 1
        assert "is at a private address" in caplog.text
        assert hub.asked == []


async def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_the_service_listens_and_polls_what_is_pushed(tmp_path: Path) -> None:
    port = free_port()
    with FeedServer() as feeds:
        async with Hub() as hub:
            feeds.routes["/wire"] = feed(hub)
            config = write(tmp_path, feeds.url("/wire"), port)
            store = open_store("sqlite:///newswatch.db", base=tmp_path, now=NOW)
            beat = Beat(poll=0.2, deliver=60, digest=60, subscribe=0.2)
            service = Service(lambda: load_config(config, {}), store, clock=lambda: NOW, environ={}, beat=beat)
            running = asyncio.create_task(service.run())
            await until(lambda: bool(hub.asked))
            assert await hub.verify() == (200, True)
            polled = len(feeds.requests)
            assert await hub.push(b"news") == 202
            await until(lambda: len(feeds.requests) > polled)
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(running, 20)
            store.close()
    assert len(feeds.requests) == polled + 1
