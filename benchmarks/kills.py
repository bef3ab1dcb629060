"""Killed at random moments: the service under a load of alerts, a flaky mail server and a flaky webhook receiver.

    python benchmarks/kills.py [--kills 500] [--seed 1] [--store postgresql] [--life 1.2]

A feed brings a story every moment; each is told to two recipients over email and a webhook. The servers, on loopback,
put messages off, refuse for now, answer late or never, and hang up, before or after they took the message. Time runs
60 times as fast for the service, so that retries come due. Each life of it is a process of its own (forked from one
that has only imported newswatch), and ends by SIGKILL at a random moment. Then the servers are well again, the service
runs until nothing is due, and what the servers took is held against what was found:

- every development reached every recipient over every channel, in exactly one message;
- a message came again only where its receiver had taken it and either did not say so or the service was killed before
  the mark was written: never after the mark stood in the store, and never out of the blue;
- after each kill no more than `UNMARKED` messages of a channel were taken and not marked, and of a recipient's messages
  over a channel the later ones were marked only where the earlier ones were.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import itertools
import json
import logging
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from newswatch.app.marks import UNMARKED
from newswatch.config.event import Event
from newswatch.config.load import load_config
from newswatch.daemon import Beat, serve
from newswatch.judging.judge import Judge
from newswatch.model import Delivery, DeliveryState, Story
from newswatch.store import Asked, Store, open_store, tables
from newswatch.store.engine import connect, resolved

START = datetime(2031, 3, 2, 12, tzinfo=UTC)
SPEED = 60.0
RECIPIENTS, CHANNELS = ("ana", "bo"), ("mail", "hook")
LONGEST_LIFE = 1.2
FEED_HOLDS = 50  # stories; no new ones come while half as many were not polled yet
_BEAT = Beat(poll=0.1, deliver=0.05, digest=5.0)
_EVENT = """\
event: velmora
title: "Velmora: the dam"
about: {any: [Velmora]}
baseline: {as_of: 2031-03-02T11:00:00Z, text: "The dam above Velmora broke. Three people were killed."}
topics: [{id: casualties, severity: alert, any: [killed, injured]}]
"""
_CONFIG = """\
polling: {{allow_private: true, interval: 20s}}
store: {{url: '{store}'}}
feeds: [{{id: wire, url: 'http://127.0.0.1:{feed}/rss'}}]
channels:
  mail:
    {{type: email, host: 127.0.0.1, port: {mail}, security: none, from: w@w.example, to: [d@d.example], timeout: 1s}}
  hook: {{type: webhook, url: 'http://127.0.0.1:{hook}/hook', allow_private: true, timeout: 1s}}
recipients:
  - {{id: ana, channels: [mail, hook], at_most: null, group_wait: 5s, digest: null}}
  - {{id: bo, channels: [mail, hook], at_most: null, group_wait: 5s, digest: null}}
"""


# ---------------------------------------------------------------- the servers


@dataclass(frozen=True)
class Taken:
    """A message that a server took: its id, in which life of the service, and whether the server said so."""

    channel: str
    delivery_id: str
    life: int
    said: bool


@dataclass
class Servers:
    """What the servers share: what they took, and whether they are well."""

    rng: random.Random
    well: bool = False
    life: int = 0
    taken: list[Taken] = field(default_factory=list)
    behaviour: Counter[str] = field(default_factory=Counter)
    stories: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def mood(self) -> str:
        """How a server meets the next message."""
        with self.lock:
            moods = ("takes", "put off", "hangs up before", "hangs up after", "late", "silent after", "silent before")
            weights = (66, 14, 5, 5, 6, 2, 2)
            mood = "takes" if self.well else self.rng.choices(moods, weights)[0]
            self.behaviour[mood] += 1
            return mood

    def take(self, channel: str, delivery_id: str, *, life: int, said: bool) -> None:
        """Remember a message that was taken, and in which life of the service it was sent."""
        with self.lock:
            self.taken.append(Taken(channel, delivery_id, life, said))


class MailHandler:
    """An SMTP server of moods."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers

    async def handle_DATA(self, smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a message, or not."""
        content = envelope.content
        message_id = str(message_from_bytes(content if isinstance(content, bytes) else b"")["message-id"])
        delivery_id = message_id.strip("<>").partition("@")[0]
        life, mood = self.servers.life, self.servers.mood()
        if mood in {"hangs up after", "silent after"}:
            self.servers.take("mail", delivery_id, life=life, said=False)
        if mood.startswith("silent"):
            await asyncio.sleep(2.0)
        if mood.startswith(("silent", "hangs up")):
            assert isinstance(smtp.transport, asyncio.Transport)
            smtp.transport.abort()
            return "421 gone"
        if mood == "put off":
            return "451 4.3.0 come back later"
        if mood == "late":
            await asyncio.sleep(0.3)
        self.servers.take("mail", delivery_id, life=life, said=True)
        return "250 taken"


class MailServer(Controller):
    """On a free port."""

    def factory(self) -> SMTP:
        """The protocol of a connection."""
        return SMTP(self.handler, hostname="127.0.0.1", data_size_limit=None, timeout=30)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd is typed in part


class HookHandler(BaseHTTPRequestHandler):
    """A webhook receiver of moods, and the feed."""

    protocol_version = "HTTP/1.1"
    servers: ClassVar[Servers]

    def do_POST(self) -> None:
        """Take a message, or not."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        delivery_id = str(self.headers["webhook-id"])
        assert json.loads(body)["data"]["delivery_id"] == delivery_id
        life, mood = self.servers.life, self.servers.mood()
        if mood in {"hangs up after", "silent after"}:
            self.servers.take("hook", delivery_id, life=life, said=False)
        if mood.startswith("silent"):
            self.servers.stopped.wait(2.0)
        if mood.startswith(("silent", "hangs up")):
            self.close_connection = True
            return
        if mood == "put off":
            self._answer(503 if len(body) % 2 else 429, b"later")
            return
        if mood == "late":
            self.servers.stopped.wait(0.3)
        self.servers.take("hook", delivery_id, life=life, said=True)
        self._answer(200, b"taken")

    def do_GET(self) -> None:
        """The feed as it stands: its newest stories."""
        with self.servers.lock:
            items = "".join(reversed(self.servers.stories[-FEED_HOLDS:]))
        head = "<?xml version='1.0'?><rss version='2.0'><channel><title>Wire</title><link>https://w.example/</link>"
        self._answer(200, f"{head}<language>en</language>{items}</channel></rss>".encode())

    def _answer(self, status: int, body: bytes) -> None:
        with suppress(OSError):
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Silent."""


class _Threads(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is what this is about."""


@contextmanager
def running(servers: Servers) -> Iterator[tuple[int, int]]:
    """The ports of the mail server and of the receiver, which has the feed too."""
    handler = type("Handler", (HookHandler,), {"servers": servers})
    mail = MailServer(MailHandler(servers), hostname="127.0.0.1", port=0)
    with _Threads(("127.0.0.1", 0), handler) as hook:
        thread = threading.Thread(target=hook.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        mail.start()
        try:
            yield mail.port, hook.server_address[1]
        finally:
            servers.stopped.set()
            mail.stop()
            hook.shutdown()
            thread.join()


def story(number: int, now: datetime) -> str:
    """The feed's next entry: a figure that has risen again."""
    figure = f"The number of people {{}} in the Velmora dam break has risen to {10 + number}, the rescue service said."
    name = "".join(("ba", "ko", "li", "mu", "ne", "ro", "sa", "tu", "vi", "ze")[int(digit)] for digit in f"{number:03}")
    text = (
        figure.format("killed"),
        figure.format("injured"),
        f"Police have detained {name.title()}, an engineer of the dam above Velmora, on suspicion of negligence.",
    )[number % 3]
    return (
        f"<item><guid isPermaLink='false'>s{number}</guid><title>Velmora, report {number}</title>"
        f"<link>https://w.example/{number}</link><description>{text}</description>"
        f"<pubDate>{format_datetime(now)}</pubDate></item>"
    )


# ---------------------------------------------------------------- the lives of the service


def nursery() -> None:
    """Fork a life for each line on stdin: ``CONFIG BEGAN OFFSET``; say its pid. Nothing is opened before the fork."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    # What every life would load first: modules and lexicons; no file is written, no socket or thread is there.
    for module in ("newswatch.channels.email", "newswatch.channels.webhook"):
        importlib.import_module(module)
    judge = Judge(Event.model_validate({"event": "e", "title": "E", "about": {"any": ["Velmora"]}}))
    text = "The number of people killed in the Velmora dam break has risen to nine, the rescue service said on Sunday."
    example = Story("s", "https://w.example/0", "Velmora: nine killed", text, "Wire", "en", START, START)
    judge.judge(example, judge.ledger(judge.baseline(START)), now=START)
    for line in sys.stdin:
        config, began, offset = line.split()
        pid = os.fork()
        if pid == 0:
            try:
                live(Path(config), float(began), float(offset))
            finally:
                os._exit(1)
        print(pid, flush=True)


def live(config: Path, began: float, offset: float) -> None:
    """One life: until it is killed."""

    def clock() -> datetime:
        return START + timedelta(seconds=(time.time() - began) * SPEED + offset)

    loaded = load_config(config, os.environ)
    store = open_store(loaded.settings.store.url, base=loaded.base, now=clock())
    with store.lock("benchmarks/kills.py", clock()):
        serve(lambda: load_config(config, os.environ), store, clock=clock, environ={}, beat=_BEAT)


class Lives:
    """Starts lives of the service and ends them."""

    def __init__(self, config: Path, log: Path) -> None:
        self.config = config
        self.began = time.time()
        self._log = log.open("wb")
        self._nursery = subprocess.Popen(
            [sys.executable, __file__, "--nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True,
        )  # fmt: skip

    def run(self, seconds: float, offset: float = 0.0) -> bool:
        """One life of so many seconds; whether it lived until it was killed."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{self.config} {self.began} {offset}\n")
        self._nursery.stdin.flush()
        pid = int(self._nursery.stdout.readline())
        try:
            watched = os.pidfd_open(pid)
        except ProcessLookupError:
            return False
        try:
            ended, _, _ = select.select([watched], [], [], seconds)
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(watched, signal.SIGKILL)
            select.select([watched], [], [])
            # What it had just sent reaches the servers in its own life yet.
            time.sleep(0.03)
        finally:
            os.close(watched)
        return not ended

    def now(self) -> datetime:
        """What the service's clock says."""
        return START + timedelta(seconds=(time.time() - self.began) * SPEED)

    def close(self) -> None:
        """End the nursery."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.close()
        self._nursery.stdout.close()
        self._nursery.wait(10)
        self._log.close()


# ---------------------------------------------------------------- what came of it


@dataclass(frozen=True)
class Outcome:
    """What came of it; ``faults`` is empty when all is as it was promised."""

    kills: int
    stories: int
    developments: int
    messages: int
    taken: int
    repeats_unsaid: int
    repeats_killed: int
    behaviour: dict[str, int]
    faults: tuple[str, ...]


def measure(
    kills: int,
    seed: int,
    folder: Path,
    store_url: str = "sqlite:///kills.db",
    stories: tuple[int, int] = (0, 2),
    life: float = LONGEST_LIFE,
) -> Outcome:
    """Do all of it.

    Args:
        kills: how many lives end by SIGKILL.
        seed: of everything that is random.
        folder: an empty one.
        store_url: a new store.
        stories: how many come with a life, at least and at most.
        life: how long one is at most, seconds.
    """
    rng = random.Random(seed)  # noqa: S311 - moments, not secrets
    servers = Servers(random.Random(rng.random()))  # noqa: S311
    faults: list[str] = []
    with running(servers) as (mail, hook), ExitStack() as stack:
        config = _configured(folder, store_url, mail, hook)
        lives = Lives(config, folder / "service.log")
        stack.callback(lives.close)
        with closing(open_store(store_url, base=folder, now=START)) as store:
            marked: set[str] = set()
            for servers.life in range(kills):
                behind = len(servers.stories) - len(store.decided_titles())
                for _ in range(rng.randint(*stories) if behind < FEED_HOLDS // 2 else 0):
                    _publish(servers, lives.now())
                if not lives.run(rng.uniform(0.0, life)):
                    faults.append(f"life {servers.life} ended by itself")
                again = [one for one in servers.taken if one.life == servers.life and one.delivery_id in marked]
                faults += [f"{one.delivery_id} was sent again after its mark was written" for one in again]
                rows = store.deliveries(Asked())
                marked = {one.delivery_id for one in rows if one.state is DeliveryState.SENT}
                faults += _unmarked([one for one in servers.taken if one.life == servers.life], rows)
            servers.well, servers.life = True, kills
            if not _finish(lives, servers, store, life):
                faults.append("something is still to be sent")
            return _outcome(kills, servers, store, _settled(store_url, folder), faults)


def _configured(folder: Path, store: str, mail: int, hook: int) -> Path:
    (folder / "events").mkdir()
    (folder / "events" / "velmora.yaml").write_text(_EVENT, encoding="utf-8")
    config = folder / "newswatch.yaml"
    config.write_text(_CONFIG.format(store=store, feed=hook, mail=mail, hook=hook), encoding="utf-8")
    return config


def _publish(servers: Servers, now: datetime) -> None:
    with servers.lock:
        servers.stories.append(story(len(servers.stories), now))


def _unmarked(taken: list[Taken], rows: list[Delivery]) -> Iterator[str]:
    """What is wrong with the marks after a life: too many are missing, or one stands there after a missing one."""
    by_id = {row.delivery_id: row for row in rows}
    missing: Counter[str] = Counter()
    first: dict[tuple[str, str], str] = {}
    for one in taken:
        row = by_id[one.delivery_id]
        lane = (one.channel, row.alert.recipient)
        if one.said and row.state is DeliveryState.DUE:
            missing[one.channel] += 1
            first.setdefault(lane, one.delivery_id)
        elif one.said and lane in first:
            yield f"{one.delivery_id} was marked, and {first[lane]}, taken before it, was not"
    for channel, count in missing.items():
        if count > UNMARKED:
            yield f"{count} messages over {channel} were taken and not marked"


def _finish(lives: Lives, servers: Servers, store: Store, life: float) -> bool:
    """Let it run until nothing is due, a day further each time."""
    for day in range(12):
        lives.run(3.5 * life, offset=day * 86_400.0)
        servers.life += 1
        read = len(store.decided_titles()) == len(servers.stories)
        if read and not store.outbox_counts().due and not store.recipients_waiting():
            return True
    return False


def _settled(url: str, folder: Path) -> dict[tuple[str, str], str]:
    """In which alert each recipient was told each development."""
    engine = connect(resolved(url, folder))
    with engine.connect() as connection:
        rows = connection.execute(tables.pending.select()).all()
    engine.dispose()
    return {(row.recipient, row.development_id): row.settled for row in rows}


def _outcome(
    kills: int, servers: Servers, store: Store, settled: dict[tuple[str, str], str], faults: list[str]
) -> Outcome:
    rows = store.deliveries(Asked())
    told = [
        (one.alert.recipient, one.channel, item.development.development_id)
        for one in rows
        for item in one.alert.items
        if one.alert.event == "velmora"
    ]
    taken = Counter((one.channel, one.delivery_id) for one in servers.taken)
    faults += [f"{one.delivery_id} is {one.state.value}" for one in rows if one.state is not DeliveryState.SENT]
    faults += [f"{d.delivery_id} reached nobody" for d in rows if not taken[d.channel, d.delivery_id]]
    faults += [f"{one} was told {count} times" for one, count in Counter(told).items() if count > 1]
    decisions = store.recent_decisions(event="velmora", limit=10 * len(servers.stories) + 10)
    read = {seen.story_id for seen, _ in decisions}
    found = {d.development_id for _, decision in decisions for d in decision.developments}
    if len(read) != len(servers.stories):
        faults.append(f"{len(servers.stories)} stories were in the feed, {len(read)} were judged")
    # A figure that rose twice while it waited is told as one: what was pending says in which alert.
    alerts = {(one.alert.alert_id, one.channel): one.delivery_id for one in rows}
    for recipient, development in itertools.product(RECIPIENTS, found):
        for channel in CHANNELS:
            delivery_id = alerts.get((settled.get((recipient, development), ""), channel), "")
            if not taken[channel, delivery_id]:
                faults.append(f"{development} did not reach {recipient} over {channel}")
    unsaid, killed, unexplained = _repeats(servers.taken)
    faults += unexplained
    return Outcome(
        kills,
        len(servers.stories),
        len(found),
        len(rows),
        len(servers.taken),
        unsaid,
        killed,
        dict(servers.behaviour),
        tuple(faults),
    )


def _repeats(taken: list[Taken]) -> tuple[int, int, list[str]]:
    """Repeats after an answer that never came, after a kill, and those that nothing explains."""
    unsaid, killed, unexplained = 0, 0, []
    last: dict[tuple[str, str], Taken] = {}
    for one in taken:
        before = last.get((one.channel, one.delivery_id))
        last[one.channel, one.delivery_id] = one
        if before is None:
            continue
        if not before.said:
            unsaid += 1
        elif before.life < one.life:
            killed += 1
        else:
            unexplained.append(f"{one.delivery_id} was sent twice over {one.channel} in life {one.life}")
    return unsaid, killed, unexplained


@contextmanager
def new_store(asked: str) -> Iterator[str]:
    """The URL of a new store; a PostgreSQL is started as the tests start it."""
    if asked != "postgresql":
        yield "sqlite:///kills.db" if asked == "sqlite" else asked
        return
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from loopback.postgres import Postgres, why_not

    if reason := why_not():
        sys.exit(reason)
    with Postgres() as server:
        yield server.database()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", default="sqlite", help="sqlite, postgresql, or a new store's URL")
    parser.add_argument("--life", type=float, default=LONGEST_LIFE, help="how long a life is at most, seconds")
    parser.add_argument("--nursery", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.nursery:
        nursery()
        return
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, new_store(given.store) as url:
        outcome = measure(given.kills, given.seed, Path(folder), url, life=given.life)
    print(f"{outcome.kills} kills in {time.monotonic() - began:.0f} s, seed {given.seed}, store {given.store}")
    print(f"stories {outcome.stories}, developments {outcome.developments}, messages {outcome.messages}")
    print(f"taken by the servers {outcome.taken}: repeats after an answer that never came {outcome.repeats_unsaid}, "
          f"after a kill before the mark {outcome.repeats_killed}")  # fmt: skip
    print("how the servers met them: " + ", ".join(f"{n} {mood}" for mood, n in sorted(outcome.behaviour.items())))
    print(f"faults: {len(outcome.faults)}")
    for fault in outcome.faults[:50]:
        print(f"  {fault}")
    sys.exit(bool(outcome.faults))


if __name__ == "__main__":
    main()
