"""How long healthy feeds wait when others hang or fail: each answer 50 ms away, 2 % that never come, 2 % errors.

    python benchmarks/slowfeeds.py [--feeds 1000] [--latency 0.05] [--hang 0.02] [--fail 0.02]

Every feed has an address of its own, spread over 200 loopback hosts. The delay of a healthy feed is from its request to
the commit that records what it brought, the server's 50 ms included.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.store import open_store

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2019, 8, 9, 12, tzinfo=UTC)
HOSTS = 200


def body(number: int) -> bytes:
    items = "".join(
        f"<item><title>Item {at} of {number}</title><guid>{number}-{at}</guid><link>https://f{number}.example/{at}</link>"
        f"<pubDate>{format_datetime(NOW)}</pubDate><description>{'Words of no event. ' * 20}</description></item>"
        for at in range(30)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


def kind(number: int, options: argparse.Namespace) -> str:
    """Which feeds hang, which fail: spread evenly."""
    at = number % 100 / 100
    return "hang" if at < options.hang else "fail" if at < options.hang + options.fail else "well"


def serve(ready: Connection, options: argparse.Namespace) -> None:
    """Serve until the pipe says so."""

    async def answer(request: web.BaseRequest) -> web.Response:
        number = int(request.path.strip("/"))
        await asyncio.sleep(options.latency)
        what = kind(number, options)
        if what == "hang":
            await asyncio.sleep(3600)
        return web.Response(body=body(number)) if what == "well" else web.Response(status=500)

    async def main() -> None:
        server = web.Server(answer)
        runner = web.ServerRunner(server)
        await runner.setup()
        site = web.TCPSite(runner, "0.0.0.0", 0, backlog=4096, shutdown_timeout=0.1)  # noqa: S104 - loopback's hosts
        await site.start()
        ready.send(runner.addresses[0][1])
        await asyncio.to_thread(ready.recv)

    asyncio.run(main())


async def poll(config: Path, options: argparse.Namespace) -> None:
    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    asked: dict[str, float] = {}
    delays: list[float] = []
    ends: list[float] = []

    async with App(loaded, store, environ={}) as app:
        await app.warm(NOW)
        fetch = app._fetcher._follow

        async def noted(ask):  # type: ignore[no-untyped-def]  # as it is
            asked[ask.feed_id] = time.perf_counter()
            return await fetch(ask)

        app._fetcher._follow = noted  # type: ignore[method-assign]  # to look at the clock

        def done(feed_id: str) -> None:
            if kind(int(feed_id[1:]), options) == "well":
                now = time.perf_counter()
                delays.append(now - asked[feed_id])
                ends.append(now - started)

        started = time.perf_counter()
        report = await app.poll(NOW, progress=done)
        took = time.perf_counter() - started
    store.close()
    delays.sort()
    print(
        f"{options.feeds} feeds in {took:.1f} s (hanging ones included), {report.fresh} read, {report.failed} failed; "
        f"all healthy ones recorded after {max(ends):.1f} s; from request to recorded: median "
        f"{statistics.median(delays):.2f} s, 99 % {delays[int(len(delays) * 0.99)]:.2f} s, longest {delays[-1]:.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds before anything is answered")
    parser.add_argument("--hang", type=float, default=0.02)
    parser.add_argument("--fail", type=float, default=0.02)
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs, options))
    server.start()
    try:
        port = ours.recv()
        with tempfile.TemporaryDirectory(prefix="newswatch-slow-") as name:
            folder = Path(name)
            (folder / "events").mkdir()
            shutil.copy(ROOT / "config" / "events" / "koi-tash.yaml", folder / "events")
            listed = "".join(
                f"  - {{id: f{n}, url: 'http://127.0.0.{n % HOSTS + 1}:{port}/{n}'}}\n" for n in range(options.feeds)
            )
            polling = "{allow_private: true, interval: 1m, per_host: 100, host_delay: 0s, robots: ignore}"
            config = folder / "newswatch.yaml"
            config.write_text(f"polling: {polling}\nfeeds:\n{listed}", encoding="utf-8")
            asyncio.run(poll(config, options))
    finally:
        ours.send(None)
        server.join()


if __name__ == "__main__":
    main()
