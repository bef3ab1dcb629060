"""The main job under load: many feeds over real HTTP on loopback, judged for the first user's event.

    python benchmarks/poll.py [--feeds 200] [--items 30] [--about 0.5]

Three polls of `App.poll`: everything is new; nothing has changed (304); each feed has one item more. Articles are put
together from sentences about the event (raids, rallies, injured, statements, with changing figures and names) or about
something else, English and Russian, each followed by one of invented words: so no article is a copy of another, and
each that is about the event says something new, which is the dearest case. The server is a process of its own; the peak
of memory is that of the polling one.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import resource
import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

from newswatch.app import App, PollReport
from newswatch.config.load import load_config
from newswatch.store import open_store

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2019, 8, 9, 12, tzinfo=UTC)
ABOUT = (
    "Almazbek Atambayev stayed in his house in Koi-Tash on {day}, his lawyer said.",
    "Special forces entered the residence of former President Atambayev in Koi-Tash for the {nth} time.",
    "At least {n} people were injured in the raid on Koi-Tash, the health ministry said.",
    "{n} supporters of Atambayev gathered near the {place} in Bishkek and demanded his release.",
    "The prosecutor's office said that it had opened {m} cases over the events in Koi-Tash.",
    "{name}, a deputy of parliament, called on President Jeenbekov to speak with his predecessor.",
    "Police detained {m} people after the rally at the {place}, among them {name}.",
    "В селе Кой-Таш пострадали {n} человек, сообщил Минздрав.",
    "Сторонники Алмазбека Атамбаева собрались у {place}, милиция задержала {m} человек.",
)
OTHER = (
    "The {place} will be closed for repairs until {day}, the mayor's office said.",
    "{name} won the {nth} round of the chess tournament with {m} points.",
    "Farmers of the valley brought in {n} tonnes of apricots, more than a year ago.",
    "The bank lowered its rate by {m} points on {day}, as analysts had expected.",
    "На дороге у {place} ограничат движение до {day}.",
    "A new school for {n} children opens near the {place} in autumn.",
)
PLACES = ("market", "old bridge", "White House", "stadium", "railway station", "парка", "площади")
NAMES = ("Aida Osmonova", "Bakyt Torov", "Cholpon Isaeva", "Daniyar Usenov", "Elena Markova")


def invented(rng: random.Random) -> str:
    """A sentence of words that nobody has used before, so that articles are not copies of each other."""
    words = ("".join(rng.choices("abdegiklmnoprstuv", k=rng.randint(3, 9))) for _ in range(rng.randint(8, 16)))
    return " ".join(words).capitalize() + "."


def article(rng: random.Random, about: float) -> tuple[str, str]:
    """Title and text: three to five sentences about something, and as many of invented words."""
    pool = ABOUT if rng.random() < about else OTHER
    said = [
        rng.choice(pool).format(
            n=rng.randint(3, 900), m=rng.randint(2, 40), nth=rng.choice(("second", "third", "fourth")),
            day=rng.choice(("Monday", "Friday", "Sunday")), place=rng.choice(PLACES), name=rng.choice(NAMES),
        )
        for _ in range(rng.randint(3, 5))
    ]  # fmt: skip
    return said[0].rstrip("."), " ".join(f"{one} {invented(rng)}" for one in said[1:])


def feed(number: int, items: int, about: float) -> bytes:
    """A feed as RSS 2.0; with one item more, the others stay as they are."""
    rng = random.Random(number)  # noqa: S311 - a benchmark, the same every time
    written = []
    for at in range(items):
        title, text = article(rng, about)
        when = format_datetime(NOW - timedelta(minutes=5 * (items - at) + number))
        written.append(
            f"<item><guid isPermaLink='false'>{number}-{at}</guid><title>{title}</title>"
            f"<link>https://f{number}.example.org/{at}</link><description>{text}</description>"
            f"<pubDate>{when}</pubDate></item>"
        )
    return f"<rss version='2.0'><channel><title>Feed {number}</title>{''.join(written)}</channel></rss>".encode()


def serve(ready: Connection, feeds: int, items: int, about: float) -> None:
    """Serve ``/N`` until told to end; each message through the pipe is the number of items from then on."""
    bodies = [feed(number, items, about) for number in range(feeds)]
    tags = [f'"{items}"'] * feeds

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = int(self.path.strip("/"))
            same = self.headers.get("if-none-match") == tags[number]
            body = b"" if same else bodies[number]
            self.send_response(304 if same else 200)
            self.send_header("etag", tags[number])
            self.send_header("content-type", "application/rss+xml")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Silent."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        # The standard library's 5 makes the sixth of a burst of clients wait a second.
        request_queue_size = 1024

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ready.send(server.server_address[1])
    while (more := ready.recv()) is not None:
        bodies[:] = [feed(number, more, about) for number in range(feeds)]
        tags[:] = [f'"{more}"'] * feeds
        ready.send(more)


def configured(folder: Path, port: int, feeds: int) -> Path:
    (folder / "events").mkdir()
    shutil.copy(ROOT / "config" / "events" / "koi-tash.yaml", folder / "events")
    listed = "".join(f"  - {{id: f{number}, url: 'http://127.0.0.1:{port}/{number}'}}\n" for number in range(feeds))
    path = folder / "newswatch.yaml"
    path.write_text(f"polling: {{allow_private: true, interval: 1m, per_host: 50}}\nfeeds:\n{listed}", encoding="utf-8")
    return path


async def polls(config: Path, pipe: Connection, options: argparse.Namespace) -> None:
    """Three polls, and what each took."""
    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    async with App(loaded, store, environ={}) as app:
        for number, name in enumerate(("everything is new", "nothing has changed", "one item more each")):
            if number == 2:
                pipe.send(options.items + 1)
                pipe.recv()
            started = time.perf_counter()
            report = await app.poll(NOW + timedelta(hours=number))
            show(name, report, time.perf_counter() - started)
    store.close()


def show(name: str, report: PollReport, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    speed = f"{report.polled / seconds:7.1f} feeds/s {report.entries / seconds:7.1f} entries/s"
    found = f"{report.entries} entries, {report.about} about, {report.told} told, {report.failed} failed"
    print(f"{name:20} {seconds:7.2f} s {speed}  peak {peak:4.0f} MB  {found}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--about", type=float, default=0.5, help="share of the articles that are about the event")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    arguments = (theirs, options.feeds, options.items, options.about)
    server = multiprocessing.get_context("spawn").Process(target=serve, args=arguments)
    server.start()
    try:
        port = ours.recv()
        with tempfile.TemporaryDirectory(prefix="newswatch-bench-") as folder:
            asyncio.run(polls(configured(Path(folder), port, options.feeds), ours, options))
    finally:
        ours.send(None)
        server.join()


if __name__ == "__main__":
    main()
