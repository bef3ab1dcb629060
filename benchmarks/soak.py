"""A day of traffic at sixty times the speed against the whole service: do memory, handles, threads and tasks stay flat?

    python benchmarks/soak.py [--minutes 24] [--speed 60] [--feeds 20] [--about 0.15] [--output samples.csv]

The service is a process of its own: `newswatch run` with its console, but for its clock. That is START + speed × the
seconds since its start; the scheduler's beats stay as they are (a poll is looked for every 5 s, that is every five
minutes of the day that it believes in), except maintenance, which comes every six hours of that day. So the code runs
as often as in 24 minutes, over the data, due times, digests and retentions of 24 hours.

In the other process: the recorded week's ten feeds as they stood from Thursday 10:00 UTC on; invented feeds, each with
a new story every ten minutes of that day, some of them about the event; now and then an answer of 503, a connection
that ends half way, an address that hangs. A mail server and a webhook receiver. Somebody who looks at the console: a
page every second, an event page that stays open (server-sent events) and is opened anew every half minute. SIGHUP every
four minutes. Samples of the service's process are taken every ten seconds.

Exit code 1 where the median of the last quarter is above that of the first by more than RSS_GROWTH and RSS_SLACK
together, or by more than HANDLES, THREADS or TASKS; where a page failed; or where the service did not end well.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.poll import article  # noqa: E402
from demo.corpus import Week, load_week  # noqa: E402
from demo.shapes import CONTENT_TYPES, render  # noqa: E402

from loopback.feed_server import FeedServer, Route  # noqa: E402
from loopback.smtp_server import SmtpServer  # noqa: E402
from loopback.webhook_receiver import SECRET, WebhookReceiver  # noqa: E402
from newswatch.app import App  # noqa: E402
from newswatch.config.load import Loaded, load_config  # noqa: E402
from newswatch.console.meters import Meters  # noqa: E402
from newswatch.console.server import Console  # noqa: E402
from newswatch.daemon import Beat, serve  # noqa: E402
from newswatch.store import open_store  # noqa: E402

START = datetime(2019, 8, 8, 10, tzinfo=UTC)
RSS_GROWTH, RSS_SLACK = 0.20, 16.0
"""How much the last quarter's memory may be above the first's: a share of it, and MB."""
HANDLES, THREADS, TASKS = 8, 4, 20
EVERY, RELOAD, REOPEN = 10.0, 240.0, 30.0
"""Seconds between two samples, two reloads, two loads of the open page."""
STORY = timedelta(minutes=10)
HOLDS = 30
CONFIG = """\
polling: {{allow_private: true, interval: 5m, timeout: {{connect: 2s, read: 2s, total: 4s}}}}
retention: {retention}
console: {{listen: "127.0.0.1:{console}"}}
events: [events/koi-tash.yaml]
feeds:
{feeds}
channels:
  mail: {{type: email, host: 127.0.0.1, port: {smtp}, security: none, from: w@w.example, to: [desk@desk.example]}}
  hook: {{type: webhook, url: "{hook}", secret_env: HOOK_SECRET, allow_private: true}}
recipients:
  - {{id: desk, channels: [mail, hook], digest: {{cron: "0 */3 * * *"}}}}
"""


# ---------------------------------------------------------------- the service


class Counting(Console):
    """The console, and a note of how many tasks its loop has: nobody else can see that."""

    noted: asyncio.Task[None] | None = None

    async def start(self, app: App, loaded: Loaded) -> None:
        """Begin both."""
        await super().start(app, loaded)
        if self.noted is None:
            self.noted = asyncio.get_running_loop().create_task(self._note(loaded.base / "tasks"))

    async def _note(self, path: Path) -> None:
        while True:
            path.write_text(str(len(asyncio.all_tasks())), encoding="ascii")  # noqa: ASYNC240 - some bytes
            await asyncio.sleep(EVERY / 2)

    async def stop(self) -> None:
        """End both."""
        if self.noted is not None:
            self.noted.cancel()
        await super().stop()


def service(config: Path, began: float, speed: float) -> None:
    """`newswatch run`, but for its clock."""

    def clock() -> datetime:
        return START + timedelta(seconds=speed * (time.monotonic() - began))

    def load() -> Loaded:
        return load_config(config, os.environ)

    loaded = load()
    store = open_store(loaded.settings.store.url, base=loaded.base, now=clock())
    beat = Beat(maintain=6 * 3600 / speed)
    meters = Meters(clock)
    beside = Counting(clock=clock, environ=os.environ, meters=meters)
    serve(load, store, clock=clock, environ=os.environ, beat=beat, beside=beside, meter=meters)
    store.close()


# ---------------------------------------------------------------- the world around it


class Traffic(threading.Thread):
    """What the feeds hold as the day goes on, and what is broken for a moment."""

    def __init__(self, feeds: FeedServer, week: Week, options: argparse.Namespace) -> None:
        super().__init__(name="traffic", daemon=True)
        self._feeds, self._week, self._options = feeds, week, options
        self._rng = random.Random(1)  # noqa: S311 - a benchmark, the same every time
        self._items: dict[int, list[str]] = {number: [] for number in range(options.feeds)}
        self._written: Counter[int] = Counter()
        self.began = time.monotonic()
        self.ended = threading.Event()

    def run(self) -> None:
        """Change the feeds twice a second until ended."""
        while not self.ended.wait(0.5):
            self.move()

    def move(self) -> None:
        """Bring every feed to the time that the service believes in."""
        now = START + timedelta(seconds=self._options.speed * (time.monotonic() - self.began))
        routes = {f"/{outlet.id}": self._recorded(outlet.id, now) for outlet in self._week.outlets}
        for number, items in self._items.items():
            while self._written[number] < (now - START) / STORY + number / len(self._items):
                self._written[number] += 1
                items.insert(0, self._item(number, self._written[number], now))
            del items[HOLDS:]
            routes[f"/{number}"] = self._broken() or Route(_rss(number, items), etag=True)
        self._feeds.routes = routes

    def _recorded(self, name: str, now: datetime) -> Route:
        outlet = next(one for one in self._week.outlets if one.id == name)
        return Route(
            render(outlet, self._week.standing(outlet, now)), content_type=CONTENT_TYPES[outlet.shape],
            etag=outlet.validators in {"etag", "both"},
        )  # fmt: skip

    def _item(self, feed: int, number: int, now: datetime) -> str:
        title, text = article(self._rng, self._options.about)
        return (
            f"<item><guid isPermaLink='false'>{feed}-{number}</guid><title>{title}</title>"
            f"<link>https://f{feed}.example.org/{number}</link><description>{text}</description>"
            f"<pubDate>{format_datetime(now)}</pubDate></item>"
        )

    def _broken(self) -> Route | None:
        """Three in a hundred moments of a feed are bad ones."""
        kind = self._rng.random()
        if kind < 0.01:
            return Route(status=503)
        if kind < 0.02:
            return Route(b"<rss><channel>", headers={"content-length": "9000"})
        return Route(hang="headers") if kind < 0.023 else None


def _rss(number: int, items: list[str]) -> bytes:
    return f"<rss version='2.0'><channel><title>Feed {number}</title>{''.join(items)}</channel></rss>".encode()


class Looking:
    """Somebody at the console."""

    def __init__(self, base: str) -> None:
        self._base = base
        self.took: list[float] = []
        self.live = 0
        self.bad: Counter[str] = Counter()

    async def run(self) -> None:
        """Look until cancelled."""
        async with httpx.AsyncClient(base_url=self._base, timeout=10.0) as client:
            await asyncio.gather(self._pages(client), self._open(client))

    async def _pages(self, client: httpx.AsyncClient) -> None:
        turn = 0
        while True:
            turn += 1
            path = ("/", "/events/koi-tash", await self._story(client), "/api/status")[turn % 4]
            began = time.perf_counter()
            await self._get(client, path)
            self.took.append(time.perf_counter() - began)
            await asyncio.sleep(1.0)

    async def _story(self, client: httpx.AsyncClient) -> str:
        text = await self._get(client, "/events/koi-tash")
        at = text.find('href="/stories/')
        return text[at + 6 : text.index('"', at + 6)] if at >= 0 else "/"

    async def _get(self, client: httpx.AsyncClient, path: str) -> str:
        try:
            answer = await client.get(path)
        except httpx.HTTPError as error:
            self.bad[type(error).__name__] += 1
            return ""
        if answer.status_code != 200:
            self.bad[f"{answer.status_code} {path}"] += 1
        return answer.text

    async def _open(self, client: httpx.AsyncClient) -> None:
        while True:
            with suppress(TimeoutError, httpx.HTTPError):
                async with asyncio.timeout(REOPEN), client.stream("GET", "/events/koi-tash/live", timeout=None) as live:
                    async for line in live.aiter_lines():
                        self.live += line == "event: development"


# ---------------------------------------------------------------- samples


@dataclass(frozen=True, slots=True)
class Sample:
    """The service's process at a moment: seconds, MB, numbers, MB."""

    at: float
    rss: float
    handles: int
    threads: int
    tasks: int
    store: float


def sample(pid: int, folder: Path, at: float) -> Sample:
    """Read /proc.

    Raises:
        OSError: the process is gone.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    noted = folder / "tasks"
    text = noted.read_text(encoding="ascii") if noted.exists() else ""
    size = sum(path.stat().st_size for path in folder.glob("newswatch.db*"))
    handles, threads = (len(os.listdir(f"/proc/{pid}/{what}")) for what in ("fd", "task"))  # noqa: PTH208
    return Sample(at, rss / 1024, handles, threads, int(text or 0), size / 1e6)


def medians(samples: list[Sample], name: str) -> tuple[float, float, float]:
    """Of the first and last quarter, and the slope of the second half an hour of the wall's clock."""
    values = [float(getattr(one, name)) for one in samples]
    quarter, half = max(len(values) // 4, 1), len(values) // 2
    slope = statistics.linear_regression([one.at for one in samples[half:]], values[half:]).slope * 3600
    return statistics.median(values[:quarter]), statistics.median(values[-quarter:]), slope


def verdict(samples: list[Sample]) -> list[str]:
    """Print the table; what grew beyond its bound."""
    grown = []
    print(f"{'':<10}{'first quarter':>15}{'last quarter':>15}{'peak':>10}{'slope/h':>10}{'bound':>10}")
    for name, unit in (("rss", "MB"), ("handles", ""), ("threads", ""), ("tasks", ""), ("store", "MB")):
        first, last, slope = medians(samples, name)
        bounds: Mapping[str, float] = {
            "rss": first * (1 + RSS_GROWTH) + RSS_SLACK, "handles": first + HANDLES, "threads": first + THREADS,
            "tasks": first + TASKS,
        }  # fmt: skip
        bound = bounds.get(name, float("inf"))
        peak = max(getattr(one, name) for one in samples)
        print(f"{name + ' ' + unit:<10}{first:>15.1f}{last:>15.1f}{peak:>10.1f}{slope:>10.1f}{bound:>10.1f}")
        if last > bound:
            grown.append(f"{name} grew from {first:.1f} to {last:.1f} {unit}".strip())
    return grown


# ---------------------------------------------------------------- all together


def configured(folder: Path, week: Week, feeds: FeedServer, options: argparse.Namespace, smtp: int, hook: str) -> Path:
    """The configuration, with the first user's event."""
    (folder / "events").mkdir()
    event = (ROOT / "config" / "events" / "koi-tash.yaml").read_text(encoding="utf-8")
    (folder / "events" / "koi-tash.yaml").write_text(event, encoding="utf-8")
    names = [outlet.id for outlet in week.outlets] + [str(number) for number in range(options.feeds)]
    listed = "\n".join(f'  - {{id: f-{name}, url: "{feeds.url("/" + name)}"}}' for name in names)
    path = folder / "newswatch.yaml"
    path.write_text(
        CONFIG.format(feeds=listed, smtp=smtp, hook=hook, console=options.port, retention=options.retention),
        encoding="utf-8",
    )
    return path


async def soak(
    process: subprocess.Popen[bytes], folder: Path, options: argparse.Namespace
) -> tuple[list[Sample], Looking]:
    """Look, reload and sample until the time is up, or the process is gone."""
    looking = Looking(f"http://127.0.0.1:{options.port}")
    await asyncio.sleep(5.0)
    task = asyncio.get_running_loop().create_task(looking.run())
    samples, began, reloaded = list[Sample](), time.monotonic(), time.monotonic()
    with suppress(OSError):  # the process is gone: its exit code says so
        while (at := time.monotonic() - began) < options.minutes * 60 and process.poll() is None:
            samples.append(sample(process.pid, folder, at))
            print(" ".join(f"{one.name}={getattr(samples[-1], one.name):g}" for one in fields(Sample)),
                  f"live={looking.live} bad={sum(looking.bad.values())}", flush=True)  # fmt: skip
            if time.monotonic() - reloaded > RELOAD:
                reloaded = time.monotonic()
                process.send_signal(signal.SIGHUP)
            await asyncio.sleep(EVERY)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return samples, looking


def run(options: argparse.Namespace) -> int:
    week = load_week(ROOT / "demo" / "week")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        feeds, smtp = stack.enter_context(FeedServer()), stack.enter_context(SmtpServer())
        hook = stack.enter_context(WebhookReceiver())
        config = configured(folder, week, feeds, options, smtp.port, hook.url)
        traffic = Traffic(feeds, week, options)
        traffic.move()
        traffic.start()
        stack.callback(traffic.ended.set)
        command = [sys.executable, __file__, "--service", str(config), "--began", str(traffic.began),
                   "--speed", str(options.speed)]  # fmt: skip
        output = stack.enter_context((folder / "log").open("wb"))
        process = subprocess.Popen(command, env={**os.environ, "HOOK_SECRET": SECRET}, stderr=output)
        stack.callback(process.kill)
        samples, looking = asyncio.run(soak(process, folder, options))
        process.terminate()
        code = process.wait(90)
        log = (folder / "log").read_text(encoding="utf-8", errors="replace")
        requests, mails, calls = len(feeds.requests), len(smtp.received), len(hook.calls)
    if options.output:
        with options.output.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(one.name for one in fields(Sample))
            rows.writerows([getattr(one, column.name) for column in fields(Sample)] for one in samples)
    return report(options, samples, looking, code, log, (requests, mails, calls))


def report(
    options: argparse.Namespace, samples: list[Sample], looking: Looking, code: int, log: str, seen: tuple[int, ...]
) -> int:
    """Say it all; the exit code."""
    if len(samples) < 8:
        sys.exit(f"soak.py: {len(samples)} samples are too few; the service ended with {code}:\n{log[-3000:]}")
    hours = samples[-1].at * options.speed / 3600
    grown = verdict(samples)
    requests, mails, calls = seen
    took = [one * 1000 for one in looking.took]
    print(
        f"{hours:.1f} h in {samples[-1].at / 60:.1f} min: {requests} polls, {mails} emails, {calls} webhook calls, "
        f"{looking.live} developments live, {len(took)} looks at pages, median {statistics.median(took):.0f} ms, "
        f"longest {max(took):.0f} ms"
    )
    problems = grown + [f"{count} pages: {what}" for what, count in looking.bad.items()]
    if code:
        problems.append(f"the service ended with {code}")
    if "Traceback" in log:
        problems.append(f"the log holds a traceback:\n{log[log.index('Traceback') - 300 :][:3000]}")
    print("\n".join(problems) or "flat")
    return 1 if problems else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=24.0)
    parser.add_argument("--speed", type=float, default=60.0)
    parser.add_argument("--feeds", type=int, default=20, help="invented feeds, beside the recorded ten")
    parser.add_argument("--about", type=float, default=0.15, help="share of their stories that are about the event")
    parser.add_argument("--retention", default="6h")
    parser.add_argument("--port", type=int, default=8099, help="the console's")
    parser.add_argument("--output", type=Path, help="the samples, as CSV")
    parser.add_argument("--service", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.service:
        service(options.service, options.began, options.speed)
        return 0
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
