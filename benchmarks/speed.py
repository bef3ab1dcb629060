"""A thousand feeds over nginx on loopback: a cold pass, one of 304s, and one with 5 % changed; beside a plain build.

    python benchmarks/speed.py [--feeds 1000] [--items 30] [--about 0.005] [--runs 3] [--programs newswatch,plain]

Each feed has an address of its own and 30 items of about 2 kB (a summary, and the text as HTML), half English-looking,
half Russian-looking, of invented words; ``--about`` of them are about the first user's event, with sentences that say
something new. newswatch runs whole: fetch, parse, stories, matching, judging, the store; the plain build is httpx,
feedparser and one commit a feed, with no matching. ``--programs`` adds others that are installed. Each run is a process
of its own with a store of its own; programs take turns. ``--bodies`` shares so many bodies among the feeds, as a large
number of feeds needs. Needs nginx.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2019, 8, 9, 12, tzinfo=UTC)
POLLING = "{allow_private: true, interval: 1m, per_host: 50, host_delay: 0s, robots: ignore}"
PASSES = ("cold", "304", "5 %")
LATIN = ("ba", "ke", "di", "lo", "mu", "ran", "ses", "tik", "vor", "zel", "har", "pon", "the", "in", "er")
CYRILLIC = ("ба", "ке", "ди", "ло", "му", "ран", "сес", "тик", "вор", "зел", "хар", "пон", "ст", "ни", "ов")
ABOUT = (
    "At least {n} people were injured in the raid on Koi-Tash, the health ministry said.",
    "{n} supporters of Almazbek Atambayev gathered in Bishkek and demanded his release.",
    "Police detained {n} people after the rally for Atambayev.",
    "В селе Кой-Таш пострадали {n} человек, сообщил Минздрав.",
)


class Corpus:
    """Feeds as RSS 2.0, always the same for the same numbers."""

    def __init__(self, items: int, about: float) -> None:
        self._items = items
        self._about = about
        rng = random.Random(1)  # noqa: S311 - a benchmark, the same every time
        self._words = [_vocabulary(rng, syllables) for syllables in (LATIN, CYRILLIC)]
        self._weights = [1 / rank for rank in range(1, 20_001)]

    def feed(self, number: int, *, more: int = 0) -> bytes:
        """A feed; with ``more`` new items before the others, and as many fewer at its end."""
        rng = random.Random(number)  # noqa: S311 - as above
        words = self._words[number % 2]
        items = [self._item(rng, words, number, at) for at in range(self._items + more)]
        items = items[more:] if more else items
        head = f"<title>Feed {number}</title><link>https://f{number}.example.org/</link><description>News</description>"
        head += f"<language>{('en', 'ru')[number % 2]}</language>"
        space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {space}><channel>{head}'
            f"{''.join(reversed(items))}</channel></rss>"
        ).encode()

    def _item(self, rng: random.Random, words: Sequence[str], number: int, at: int) -> str:
        size = 165 if words is self._words[0] else 92
        drawn = rng.choices(words, self._weights, k=size)
        said = [" ".join(drawn[start : start + 14]).capitalize() + "." for start in range(0, size, 14)]
        if rng.random() < self._about:
            said[0] = rng.choice(ABOUT).format(n=rng.randint(3, 9000))
        when = format_datetime(NOW - timedelta(minutes=20 * (self._items - at) + number % 15))
        link = f"https://f{number}.example.org/news/{at}-{'-'.join(drawn[:3]) if drawn[0].isascii() else 'a'}"
        body = "".join(f"<p>{one}</p>\n" for one in (" ".join(said[n : n + 4]) for n in range(0, len(said), 4)))
        return (
            f"<item><title>{said[0][:90]}</title><link>{link}</link><guid isPermaLink='true'>{link}</guid>"
            f"<pubDate>{when}</pubDate><description>{said[0]} {said[1]}</description>"
            f"<content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
        )


def _vocabulary(rng: random.Random, syllables: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < 20_000:
        word = "".join(rng.choices(syllables, k=rng.randint(1, 4)))
        found[word.capitalize() if rng.random() < 0.12 else word] = None
    return list(found)


class Site:
    """The feeds as files that nginx serves; with fewer bodies than feeds, each address is a link to one of them."""

    def __init__(self, folder: Path, corpus: Corpus, feeds: int, bodies: int) -> None:
        self._folder = folder
        self._corpus = corpus
        self._bodies = bodies
        self.feeds = feeds
        self.port = 0
        for number in range(bodies):
            self._write(number, corpus.feed(number))
        for number in range(bodies, feeds):
            (folder / f"{number}.xml").hardlink_to(folder / f"{number % bodies}.xml")

    def _write(self, number: int, body: bytes) -> None:
        (self._folder / f"{number}.xml").write_bytes(body)

    def change(self) -> None:
        """Give every twentieth body one item more."""
        for number in range(0, self._bodies, 20):
            self._write(number, self._corpus.feed(number, more=1))

    def restore(self) -> None:
        """As it was."""
        for number in range(0, self._bodies, 20):
            self._write(number, self._corpus.feed(number))

    def urls(self) -> list[str]:
        """One address a feed."""
        return [f"http://127.0.0.1:{self.port}/feed/{number}.xml" for number in range(self.feeds)]


@contextmanager
def served(folder: Path, corpus: Corpus, feeds: int, bodies: int) -> Iterator[Site]:
    """The feeds behind nginx, on a free port, until the end."""
    feed_folder = folder / "site" / "feed"
    feed_folder.mkdir(parents=True)
    folder.chmod(0o755)
    site = Site(feed_folder, corpus, feeds, bodies)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        site.port = free.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(
        f"pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; worker_processes 1;"
        "events { worker_connections 4096; } http { access_log off; types { application/rss+xml xml; } "
        "sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache off;"
        f"server {{ listen 127.0.0.1:{site.port} backlog=4096; root {folder}/site; }} }}"
    )
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or sys.exit("nginx is not installed")
    server = subprocess.Popen([nginx, "-c", str(config), "-p", str(folder), "-e", f"{folder}/error.log"])
    try:
        _wait_for(site.port)
        yield site
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("nginx did not start")


# ---------------------------------------------------------------- the programs, each in a process of its own


def configured(folder: Path, urls: Sequence[str]) -> Path:
    """Write what newswatch is run with: its first user's event, over these feeds."""
    (folder / "events").mkdir()
    shutil.copy(ROOT / "config" / "events" / "koi-tash.yaml", folder / "events")
    listed = "".join(f"  - {{id: f{number}, url: '{url}'}}\n" for number, url in enumerate(urls))
    path = folder / "newswatch.yaml"
    path.write_text(f"polling: {POLLING}\nfeeds:\n{listed}", encoding="utf-8")
    return path


def newswatch(folder: Path, urls: Sequence[str]) -> None:
    """All passes of `App.poll`; a line through stdout after each, and the next one begins with a line from stdin."""
    from newswatch.app import App
    from newswatch.config.load import load_config
    from newswatch.store import open_store

    async def passes() -> None:
        async with App(loaded, store, environ={}) as app:
            started = time.perf_counter()
            await app.warm(NOW)
            say(start=configured_in + time.perf_counter() - started)
            for number in range(len(PASSES)):
                ask()
                started, used = time.perf_counter(), cpu()
                report = await app.poll(NOW + timedelta(hours=number))
                took, used = time.perf_counter() - started, cpu() - used
                counts = {"entries": report.entries, "about": report.about, "failed": report.failed}
                say(seconds=took, cpu=used, **counts, unchanged=report.unchanged)

    started = time.perf_counter()
    loaded = load_config(configured(folder, urls), {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    configured_in = time.perf_counter() - started
    asyncio.run(passes())
    workers = max(map(high_water, children()), default=0.0)
    store.close()
    peak(folder / "newswatch.db", workers)


def plain(folder: Path, urls: Sequence[str]) -> None:
    """What one writes first: httpx, feedparser, one commit a feed. No stories, no matching, no judging."""
    import feedparser
    import httpx

    database = sqlite3.connect(folder / "plain.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE feed (url TEXT PRIMARY KEY, etag TEXT, modified TEXT)")
    database.execute(
        "CREATE TABLE entry (feed TEXT, id TEXT, title TEXT, link TEXT, text TEXT, PRIMARY KEY (feed, id))"
    )
    counts = {"entries": 0, "failed": 0, "unchanged": 0}

    async def poll(client: httpx.AsyncClient, url: str, slots: asyncio.Semaphore) -> None:
        known = database.execute("SELECT etag, modified FROM feed WHERE url = ?", (url,)).fetchone()
        headers = {"if-none-match": known[0], "if-modified-since": known[1]} if known else {}
        async with slots:
            response = await client.get(url, headers=headers)
        if response.status_code == 304:
            counts["unchanged"] += 1
            return
        found = feedparser.parse(response.content, response_headers=dict(response.headers))
        for item in found.entries:
            text = item.content[0].value if "content" in item else item.get("summary", "")
            row = (url, item.get("id", item.get("link")), item.get("title"), item.get("link"), text)
            counts["entries"] += database.execute("INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?)", row).rowcount
        validators = (url, response.headers.get("etag"), response.headers.get("last-modified"))
        database.execute("INSERT OR REPLACE INTO feed VALUES (?, ?, ?)", validators)
        database.commit()

    async def passes() -> None:
        async with httpx.AsyncClient(timeout=30) as client:
            for _ in PASSES:
                ask()
                counts.update(entries=0, failed=0, unchanged=0)
                started, used = time.perf_counter(), cpu()
                slots = asyncio.Semaphore(50)
                await asyncio.gather(*(poll(client, url, slots) for url in urls))
                say(seconds=time.perf_counter() - started, cpu=cpu() - used, **counts)

    say(start=0.0)
    asyncio.run(passes())
    database.close()
    peak(folder / "plain.db")


def commanded(folder: Path, command: Sequence[str], files: dict[str, str], count: Callable[[], int]) -> None:
    """A program that is a command: run once a pass, its start counted with it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    say(start=0.0)
    for _ in PASSES:
        ask()
        started, used = time.perf_counter(), cpu()
        environ = {**os.environ, "HOME": str(folder)}
        with (folder / "said.log").open("ab") as log:
            done = subprocess.run(command, cwd=folder, env=environ, stdout=log, stderr=log, check=False)
        say(seconds=time.perf_counter() - started, cpu=cpu() - used, status=done.returncode, entries=count())
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    say(peak=0.0, workers=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000, store=size / 1e6)


def sfeed(folder: Path, urls: Sequence[str]) -> None:
    """The script sfeed_update as Debian packages it, 16 jobs; it keeps ETags where told to, which its example shows."""
    feeds = "".join(f"feed f{number} '{url}'\n" for number, url in enumerate(urls))
    # From sfeedrc(5): how to ask conditionally.
    fetch = (
        "fetch() { etag=etags/$1; mkdir -p etags; "
        'curl -L --max-redirs 0 -H "User-Agent:" -f -s -m 15 --etag-save "$etag.new" --etag-compare "$etag" "$2" '
        '2>/dev/null && { test -s "$etag.new" && mv "$etag.new" "$etag"; return 0; }; }\n'
    )
    rc = f"sfeedpath={folder}/feeds\nmaxjobs=16\n{fetch}feeds() {{\n{feeds}}}\n"

    def count() -> int:
        return sum(len(path.read_bytes().splitlines()) for path in (folder / "feeds").glob("f*"))

    commanded(folder, ["sfeed_update", str(folder / "sfeedrc")], {"sfeedrc": rc}, count)


def newsboat(folder: Path, urls: Sequence[str]) -> None:
    """Newsboat as Debian packages it, without its window, 16 threads."""
    files = {"urls": "".join(f"{url}\n" for url in urls), "config": "reload-threads 16\n"}
    command = ["newsboat", "-u", "urls", "-C", "config", "-c", "cache.db", "-x", "reload"]
    commanded(folder, command, files, lambda: _rows(folder / "cache.db", "rss_item"))


def reader(folder: Path, urls: Sequence[str]) -> None:
    """The library reader, from PyPI, 16 workers; give an interpreter that has it as READER_PYTHON."""
    code = (
        "import sys, reader; r = reader.make_reader('reader.db', feed_root=None)\n"
        "if not sys.argv[1:]: r.update_feeds(workers=16)\n"
        "for url in sys.argv[1:] and open(sys.argv[1]): r.add_feed(url.strip())\n"
    )
    python = os.environ.get("READER_PYTHON", sys.executable)
    (folder / "urls").write_text("".join(f"{url}\n" for url in urls))
    subprocess.run([python, "-c", code, "urls"], cwd=folder, check=True)
    commanded(folder, [python, "-c", code], {}, lambda: _rows(folder / "reader.db", "entries"))


def rss2email(folder: Path, urls: Sequence[str]) -> None:
    """rss2email as Debian packages it; it remembers and does not send, so that no mail server is measured."""
    feeds = "".join(f"[feed.f{number}]\nurl = {url}\n" for number, url in enumerate(urls))
    config = f"[DEFAULT]\nfrom = watch@example.org\nto = desk@example.org\nverbose = error\n{feeds}"

    def count() -> int:
        found = json.loads((folder / "r2e.json").read_text())
        return sum(len(feed.get("seen", ())) for feed in found["feeds"])

    commanded(folder, ["r2e", "-c", "r2e.cfg", "-d", "r2e.json", "run", "--no-send"], {"r2e.cfg": config}, count)


def _rows(database: Path, table: str) -> int:
    return int(sqlite3.connect(database).execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - ours


PROGRAMS = {
    "newswatch": newswatch, "plain": plain, "sfeed": sfeed, "newsboat": newsboat, "reader": reader,
    "rss2email": rss2email,
}  # fmt: skip


def ask() -> None:
    if not sys.stdin.readline():
        sys.exit(1)


def say(**what: float) -> None:
    print(json.dumps(what), flush=True)


def children() -> list[str]:
    """Ids of the processes that this one started, whichever thread did."""
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has just ended
            found += (task / "children").read_text().split()
    return found


def cpu() -> float:
    """Seconds of both cores that this process and its workers have used."""
    tick = os.sysconf("SC_CLK_TCK")
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in children())
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        time.process_time()
        + ended.ru_utime
        + ended.ru_stime
        + sum(int(stat[11]) + int(stat[12]) for stat in stats) / tick
    )


def high_water(pid: str) -> float:
    """The most memory that a process has had, MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def peak(store: Path, workers: float = 0.0) -> None:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    say(peak=own, workers=workers, store=store.stat().st_size / 1e6)


# ---------------------------------------------------------------- the runs


def run(program: str, site: Site) -> list[dict[str, float]]:
    """The three passes of one program: what each said, and last its memory and store."""
    said = []
    with tempfile.TemporaryDirectory(prefix="newswatch-speed-") as folder:
        command = [sys.executable, __file__, "--run", program, folder, str(site.port), str(site.feeds)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin
            assert process.stdout
            said.append(json.loads(process.stdout.readline()))
            for number in range(len(PASSES)):
                if number == len(PASSES) - 1:
                    site.change()
                process.stdin.write("\n")
                process.stdin.flush()
                said.append(json.loads(process.stdout.readline()))
            said.append(json.loads(process.stdout.readline()))
    site.restore()
    return said


def show(program: str, runs: Sequence[list[dict[str, float]]]) -> None:
    for number, name in enumerate(PASSES, 1):
        took, used = ([one[number][what] for one in runs] for what in ("seconds", "cpu"))
        last = {key: value for key, value in runs[-1][number].items() if key not in {"seconds", "cpu"}}
        middle = statistics.median(took)
        print(
            f"{program:10} {name:5} {middle:8.2f} s ({min(took):.2f} to {max(took):.2f}), "
            f"of CPU {statistics.median(used):.2f} s ({min(used):.2f} to {max(used):.2f})  {last}",
            flush=True,
        )
    first, last = runs[-1][0], runs[-1][-1]
    print(
        f"{program:10} ready after {first['start']:.1f} s; peak {max(one[-1]['peak'] for one in runs):.0f} MB, "
        f"of a worker {max(one[-1]['workers'] for one in runs):.0f} MB; store {last['store']:.0f} MB",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--bodies", type=int, default=0, help="distinct bodies; as many as feeds when not given")
    parser.add_argument("--items", type=int, default=30)
    parser.add_argument("--about", type=float, default=0.005, help="share of the items that are about the event")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--programs", default="newswatch,plain", help=f"of {', '.join(PROGRAMS)}")
    parser.add_argument("--run", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        program, folder, port, feeds = options.run
        urls = [f"http://127.0.0.1:{port}/feed/{number}.xml" for number in range(int(feeds))]
        PROGRAMS[program](Path(folder), urls)
        return
    with tempfile.TemporaryDirectory(prefix="newswatch-site-") as folder:
        corpus = Corpus(options.items, options.about)
        with served(Path(folder), corpus, options.feeds, min(options.bodies or options.feeds, options.feeds)) as site:
            size = len(corpus.feed(0)), len(corpus.feed(1))
            print(f"{options.feeds} feeds of {options.items} items, {size[0]} and {size[1]} bytes", flush=True)
            programs = options.programs.split(",")
            runs: dict[str, list[list[dict[str, float]]]] = {program: [] for program in programs}
            for _ in range(options.runs):
                for program in programs:
                    runs[program].append(run(program, site))
            for program in programs:
                show(program, runs[program])


if __name__ == "__main__":
    main()
