"""Emails a second: the outbox drained through the email channel, beside plain smtplib on one kept connection.

    python benchmarks/sending.py [--messages 10000] [--runs 3]

A sink in a process of its own takes everything. Four ways, side by side, medians of the runs:

- *outbox*: what the service does: rows are read, rendered, built, sent, and marked as sent;
- *channel*: the channel alone, given messages that are rendered;
- *smtplib*: an `EmailMessage` built for each rendered message in the usual way, and `send_message`;
- *bytes*: `sendmail` with bytes that were made before; nothing can be faster over one connection with smtplib.

Memory is the resident set after a tenth of the outbox, and at its end.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import smtplib
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from newswatch.alerting.render import Renderer
from newswatch.app import App
from newswatch.channels import open_channel
from newswatch.channels.mime import Letterhead
from newswatch.config.load import load_config
from newswatch.config.settings import EmailChannel, Recipient
from newswatch.config.values import mail_address
from newswatch.model import (
    Alert,
    AlertItem,
    Bound,
    Delivery,
    Development,
    FigureChange,
    Message,
    Outcome,
    Severity,
    Story,
    make_id,
)
from newswatch.store import open_store

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
TITLE = "Велмора: the dam of Lake Arda"
SENDER, READER = "newswatch <news@example.org>", "Ada Desk <ada@example.org>"
DESK = Recipient(id="desk", channels=("mail",), timezone="Asia/Bishkek")
_CONFIG = """\
channels:
  mail: {{type: email, host: 127.0.0.1, port: {port}, security: none, from: "{sender}", to: ["{reader}"]}}
recipients:
  - {{id: desk, channels: [mail], timezone: Asia/Bishkek}}
feeds:
  - {{url: "https://herald.example.org/rss"}}
"""
_EVENT = "event: velmora\ntitle: 'Velmora: the dam'\nabout: {any: [Velmora]}\nbaseline: {text: The dam broke.}\n"


# ---------------------------------------------------------------- the sink


def sink(listening: socket.socket) -> None:
    """Take every message of one connection after another; the least an SMTP server can do."""
    while True:
        connection, _ = listening.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 sink\r\n")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    connection.sendall(b"250-sink\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n")
                elif verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    while lines.readline() != b".\r\n":
                        pass
                    connection.sendall(b"250 taken\r\n")
                elif verb == b"QUIT":
                    connection.sendall(b"221 bye\r\n")
                    break
                else:
                    connection.sendall(b"250 OK\r\n")


@contextmanager
def running_sink() -> Iterator[int]:
    """The port of a sink in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = multiprocessing.get_context("fork").Process(target=sink, args=(listening,), daemon=True)
        process.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            process.terminate()
            process.join()


# ---------------------------------------------------------------- what is sent


def deliveries(count: int) -> list[Delivery]:
    """Alerts of one and of two developments, in English and Russian, all different."""
    return [_delivery(number) for number in range(count)]


def _delivery(number: int) -> Delivery:
    story = Story(
        f"sty-{number}",
        f"https://herald.example.org/velmora/{number}",
        f"Velmora hospitals count {number} injured after dam break",
        "",
        "The Arda Herald",
        "en",
        NOW,
        NOW,
    )
    told = Development(
        f"dev-{number}",
        "velmora",
        story.story_id,
        "figure",
        Outcome.CHANGED,
        f"The number of injured rose from more than 50 to at least {number}, the health ministry said.",
        "casualties",
        Severity.ALERT,
        (f"At least {number} people were injured when the dam of Lake Arda broke, the ministry said on Sunday.",),
        FigureChange("injured", number, 50, Bound.AT_LEAST, Bound.ABOVE),
        known_before="More than 50 people were injured.",
        reason="a figure changed",
    )
    russian = replace(
        told,
        development_id=f"dev-ru-{number}",
        summary=f"Задержан директор плотины Игорь Лядов: следствие подозревает его в халатности ({number}).",
        evidence=("Полиция задержала директора плотины у города Велмора Игоря Лядова, сообщили в ведомстве.",),
        figure=None,
    )
    others = (("Lake Wire", f"https://wire.example.org/{number}"), ("Kestrel Post", ""))
    items = [AlertItem(one, story, others, TITLE, "killed and injured") for one in (told, russian)[: 1 + number % 2]]
    alert = Alert(f"alr-{number}", "velmora", TITLE, "desk", NOW, tuple(items))
    return Delivery(make_id("dlv", str(number)), alert, "mail", NOW, next_due=NOW)


# ---------------------------------------------------------------- the four ways


def outbox(port: int, rows: list[Delivery], folder: Path) -> tuple[float, int, int]:
    """Drain a store; seconds, and kB of memory after a tenth and at the end."""
    (folder / "events").mkdir()
    (folder / "events" / "velmora.yaml").write_text(_EVENT, encoding="utf-8")
    config = folder / "newswatch.yaml"
    config.write_text(_CONFIG.format(port=port, sender=SENDER, reader=READER), encoding="utf-8")
    loaded = load_config(config, {})
    memory: list[int] = []

    def look(step: str) -> None:
        if step == "after-mark":
            memory.append(_resident() if len(memory) % 100 == 0 else 0)

    async def drain() -> float:
        with closing(open_store("sqlite:///store.db", base=folder, now=NOW)) as store:
            with store.transaction() as tx:
                for row in rows:
                    tx.add_alert(row.alert)
                tx.add_deliveries(rows)
            async with App(loaded, store, environ={}, checkpoint=look) as app:
                begin = time.perf_counter()
                report = await app.deliver(NOW)
                seconds = time.perf_counter() - begin
        assert report.sent == len(rows), report
        return seconds

    seconds = asyncio.run(drain())
    return seconds, memory[len(memory) // 1000 * 100], _resident()


def channel(port: int, messages: list[Message]) -> float:
    """Seconds of the channel alone."""
    settings = EmailChannel.model_validate(
        {"type": "email", "host": "127.0.0.1", "port": port, "security": "none", "from": SENDER, "to": [READER]}
    )

    async def send() -> float:
        sender = open_channel("mail", settings, base=Path(), environ={})
        begin = time.perf_counter()
        for message in messages:
            await sender.send(message)
        seconds = time.perf_counter() - begin
        await sender.close()
        return seconds

    return asyncio.run(send())


def plain(port: int, messages: list[Message]) -> float:
    """Seconds of smtplib with messages built in the usual way."""
    begin = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for message in messages:
            smtp.send_message(_usual(message))
    return time.perf_counter() - begin


def _usual(message: Message) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = SENDER, READER, message.subject
    mail["Date"] = message.created
    mail["Message-ID"] = f"<{message.delivery_id}@example.org>"
    mail["References"] = mail["In-Reply-To"] = f"<{message.thread_id}@example.org>"
    mail["List-Id"] = f"<{message.thread_id}.example.org>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def ready(port: int, messages: list[Message]) -> float:
    """Seconds of smtplib with bytes that were made before."""
    sender, to = mail_address(SENDER), mail_address(READER)
    made = [Letterhead(sender, [to]).write(message) for message in messages]
    begin = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for raw in made:
            smtp.sendmail(sender.addr_spec, [to.addr_spec], raw)
    return time.perf_counter() - begin


def _resident() -> int:
    """The resident set now, kB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    rows = deliveries(given.messages)
    renderer = Renderer(None)
    messages = [renderer.render(row, recipient=DESK) for row in rows]
    made = [Letterhead(mail_address(SENDER), []).write(message) for message in messages[:100]]
    size = statistics.mean(len(m) for m in made)
    memory: list[tuple[int, int]] = []

    def drain(port: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            seconds, *kilobytes = outbox(port, rows, Path(folder))
        memory.append((kilobytes[0], kilobytes[1]))
        return seconds

    ways: dict[str, Callable[[int], float]] = {
        "outbox": drain,
        "channel": lambda port: channel(port, messages),
        "smtplib": lambda port: plain(port, messages),
        "bytes": lambda port: ready(port, messages),
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    with running_sink() as port:
        for _ in range(given.runs):
            for way, run in ways.items():
                taken[way].append(run(port))
    print(f"{given.messages} emails of {size / 1000:.1f} kB, medians of {given.runs}")
    rate = {way: given.messages / statistics.median(seconds) for way, seconds in taken.items()}
    for way, per_second in rate.items():
        print(f"{way:8} {per_second:7.0f} a second   {per_second / rate['smtplib']:5.2f} times smtplib")
    print("memory of the outbox: " + ", ".join(f"{a / 1000:.0f} → {b / 1000:.0f} MB" for a, b in memory))


if __name__ == "__main__":
    main()
