"""A console on a real socket of this machine, over a store that was filled by polling real feeds."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

import httpx

from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.app import App
from newswatch.config.load import Loaded, load_config
from newswatch.console.server import Server
from newswatch.console.site import Desk, site
from newswatch.store import Store, open_reader, open_store

TOKEN = "a-token-that-nobody-guesses"
NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


def nasty_rss(now: datetime) -> bytes:
    """A feed whose every text would be markup, or a template, if anybody took it for that."""
    text = f"Eleven people were killed in the Velmora dam break, said {NASTY} on Monday."
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Nasty {escape(NASTY)}</title>"
        f"<link>https://nasty.example.org/</link><language>en</language><item><guid>{escape(NASTY)}</guid>"
        f"<title>Velmora: eleven dead {escape(escape(NASTY))}</title>"
        f"<link>https://nasty.example.org/\"onmouseover=alert(3)</link>"
        f"<description>{escape(escape(text))}</description><pubDate>Mon, 03 Mar 2031 07:30:00 GMT</pubDate>"
        f"</item></channel></rss>"
    ).replace("/\"onm", "/&quot;onm").encode()  # fmt: skip


def filled(folder: Path) -> Path:
    """A configuration with a store that three moments of the world, and a nasty feed, were polled into."""
    with FeedServer() as feeds:
        return polled_into(folder, feeds)


def polled_into(folder: Path, feeds: FeedServer) -> Path:
    """The same, with a server that goes on serving the feeds of the last moment."""
    names = (*FEEDS, "nasty")
    config = write_config(folder, {name: feeds.url(f"/{name}") for name in names})
    for now in MOMENTS:
        for name in names:
            feeds.routes[f"/{name}"] = Route(nasty_rss(now) if name == "nasty" else rss(name, now))
        asyncio.run(once(config, now))
    return config


async def once(config: Path, now: datetime) -> None:
    """Poll, tell and send."""
    with opened(config, now) as (loaded, store):
        async with App(loaded, store, environ={}) as app:
            for due in sorted(await app.due(now), key=lambda one: one.feed_id):  # the same feed is always the first
                await app.poll_one(due, now)
            await app.release(now, wait=False)
            await app.deliver(now)


@contextmanager
def opened(config: Path, now: datetime) -> Iterator[tuple[Loaded, Store]]:
    """The configuration and its store."""
    loaded = load_config(config, {"TOKEN": TOKEN})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    try:
        yield loaded, store
    finally:
        store.close()


def copied(config: Path, folder: Path, console: str) -> Path:
    """The same in a folder of its own, with a console."""
    shutil.copytree(config.parent, folder, dirs_exist_ok=True)
    mine = folder / config.name
    mine.write_text(f"{config.read_text(encoding='utf-8')}{console}\n", encoding="utf-8")
    return mine


class Served:
    """A running console."""

    def __init__(self, server: Server, client: httpx.AsyncClient, app: App | None, store: Store) -> None:
        self.server = server
        self.client = client
        self.app = app
        self.store = store


@asynccontextmanager
async def serving(
    config: Path, *, writes: bool = True, heartbeat: float = 20.0, every: float | None = None
) -> AsyncIterator[Served]:
    """Serve, with a client that keeps cookies; ``writes`` puts the application behind the buttons."""
    now = MOMENTS[-1] + timedelta(minutes=1)
    with opened(config, now) as (loaded, store):
        async with App(loaded, store, environ={}) as app:
            first = site(loaded, app if writes else None, {"TOKEN": TOKEN})
            assert first is not None
            desk = Desk(open_reader(loaded.settings.store.url, base=loaded.base), lambda: now)
            server = Server(first, desk, every=every, heartbeat=heartbeat)
            await server.start()
            try:
                base = f"http://127.0.0.1:{server.port}"
                async with httpx.AsyncClient(base_url=base, timeout=20.0) as client:
                    yield Served(server, client, app if writes else None, store)
            finally:
                await server.stop()
