"""``newswatch once`` and ``newswatch run``."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click

from newswatch.alerting.render import Renderer
from newswatch.app import App, DeliverReport, PollReport, ReleaseReport, Waiting, problems_log
from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import Moment, at, clock, config_option, json_option, opened, plural
from newswatch.cli.logs import log_option, write_as
from newswatch.config.load import Loaded, load_config
from newswatch.console import Console, Meters
from newswatch.daemon import serve
from newswatch.errors import NewswatchError, StoreError
from newswatch.model import Delivery, DeliveryState
from newswatch.store import Asked, Store, open_store


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch once --dry-run        what would be told, without sending anything\n"
    "  newswatch once --json | jq .    the same counts for another program\n"
)
@config_option
@json_option
@log_option
@click.option("--dry-run", is_flag=True, help="Work on a copy of the store and send nothing; show what would be sent.")
@click.option(
    "--now",
    "pretend",
    type=Moment(),
    metavar="TIME",
    help="Pretend that it is this time: for rehearsals on recorded feeds.",
)
def once(config: Path | None, as_json: bool, log_form: str, dry_run: bool, pretend: datetime | None) -> int:
    """Poll, judge and tell once, and say what happened.

    Polls every feed that is due, judges what came, sends what is to be told, and prints a short table. A feed is due
    again after its interval, not each time you call this. Exit code 0: done. 1: some feeds or deliveries failed; the
    rest was done, and what failed is tried again. 2: wrong usage or configuration; nothing was done.
    """
    write_as(log_form, os.environ)
    if not click.get_current_context().find_root().params["verbose"]:
        # The report says it at the end; nobody needs to read it twice.
        problems_log.setLevel(logging.CRITICAL)
    loaded = load_config(config, os.environ)
    now = pretend or clock()
    if dry_run:
        with _copied(loaded) as store:
            done = asyncio.run(_rehearse(loaded, store, now))
            _show(loaded, done, as_json=as_json, would_send=_would_send(loaded, store))
        return EXIT_FAILED if done.polled.failed else EXIT_DONE
    with opened(loaded, what="newswatch once") as store:
        done = asyncio.run(_poll_and_send(loaded, store, now))
    _show(loaded, done, as_json=as_json)
    failed = done.polled.failed or done.unpublished or (done.delivered and done.delivered.problems)
    return EXIT_FAILED if failed else EXIT_DONE


@dataclass(frozen=True)
class _Pass:
    """What one round did; no deliveries when nothing was to be sent. ``unpublished``: why no feeds were written."""

    polled: PollReport
    released: ReleaseReport
    waiting: list[Waiting]
    delivered: DeliverReport | None = None
    unpublished: str = ""


async def _rehearse(loaded: Loaded, store: Store, now: datetime) -> _Pass:
    async with App(loaded, store, environ=os.environ) as app:
        polled = await _poll_with_progress(app, now)
        return _Pass(polled, await app.release(now, wait=False), await app.waiting(now))


async def _poll_and_send(loaded: Loaded, store: Store, now: datetime) -> _Pass:
    async with App(loaded, store, environ=os.environ) as app:
        polled = await _poll_with_progress(app, now)
        # All feeds were asked, and nothing runs afterwards: what came together is one alert without further waiting.
        released = await app.release(now, wait=False)
        await app.digest(now)
        waiting, delivered = await app.waiting(now), await app.deliver(now)
        return _Pass(polled, released, waiting, delivered, await _published(app))


async def _published(app: App) -> str:
    """Write the feeds; what was told is told, so that a full disk there is one more problem of the report."""
    try:
        await app.publish()
    except StoreError:
        raise
    except NewswatchError as error:
        return str(error)
    return ""


async def _poll_with_progress(app: App, now: datetime) -> PollReport:
    with _progress(len(await app.due(now))) as tick:
        return await app.poll(now, progress=tick)


@contextmanager
def _progress(length: int) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _feed_id: None
        return
    with click.progressbar(length=length, label="polling", file=sys.stderr, item_show_func=lambda i: i) as bar:
        yield lambda feed_id: bar.update(1, feed_id)


@contextmanager
def _copied(loaded: Loaded) -> Iterator[Store]:
    """A throw-away copy of the store, so that a dry run decides exactly as the real one would."""
    with tempfile.TemporaryDirectory(prefix="newswatch-dry-run-") as folder:
        copy = Path(folder) / "copy.db"
        with opened(loaded) as store:
            store.copy_to(copy)
        store = open_store(f"sqlite:///{copy}", base=Path(folder), now=clock())
        try:
            yield store
        finally:
            store.close()


def _would_send(loaded: Loaded, store: Store) -> list[dict[str, str]]:
    renderer = Renderer(loaded.templates, public_url=loaded.settings.public_url)
    recipients = {recipient.id: recipient for recipient in loaded.recipients}

    def rendered(delivery: Delivery) -> dict[str, str]:
        message = renderer.render(delivery, recipient=recipients[delivery.alert.recipient])
        return {
            "recipient": delivery.alert.recipient,
            "channel": delivery.channel,
            "subject": message.subject,
            "text": message.text,
        }

    return [
        rendered(delivery)
        for delivery in store.deliveries(Asked((DeliveryState.DUE,), limit=1000))
        if delivery.alert.recipient in recipients
    ]


def _show(loaded: Loaded, done: _Pass, *, as_json: bool, would_send: list[dict[str, str]] | None = None) -> None:
    if as_json:
        click.echo(json.dumps(_report(loaded, done, would_send), ensure_ascii=False, indent=2))
    else:
        click.echo(_table(loaded, done))
        for text in would_send or ():
            click.echo(f"\nwould send to {text['recipient']} over {text['channel']}:\n  {text['subject']}\n")
            click.echo("\n".join(f"  {line}" for line in text["text"].splitlines()))
    for problem in done.polled.problems:
        click.echo(f"! feed {problem.feed_id}: {problem.message}", err=True)
    for refusal in done.delivered.problems if done.delivered else ():
        click.echo(f"! channel {refusal.channel}: {refusal.message}", err=True)
    if done.unpublished:
        click.echo(f"! publish: {done.unpublished}", err=True)
    for waiting in done.waiting:
        click.echo(f"  {_waiting(loaded, waiting)}", err=True)
    for warning in done.polled.warnings:
        click.echo(f"  feed {warning.feed_id}: {warning.message}", err=True)


def _waiting(loaded: Loaded, waiting: Waiting) -> str:
    """``desk: 2 developments wait until Mon 3 Mar 2031, 07:00 CET (quiet hours)``."""
    zone = next((r.timezone for r in loaded.recipients if r.id == waiting.recipient), "UTC")
    verb = "waits" if waiting.count == 1 else "wait"
    what = f"{plural(waiting.count, 'development')} {verb} until {at(waiting.until, zone)}"
    return f"{waiting.recipient}: {what} ({waiting.why})"


def _report(loaded: Loaded, done: _Pass, would_send: list[dict[str, str]] | None) -> dict[str, object]:
    polled, released, delivered = done.polled, done.released, done.delivered
    report: dict[str, object] = {
        "feeds": {
            "configured": len(loaded.feeds),
            "polled": polled.polled,
            "unchanged": polled.unchanged,
            "failed": polled.failed,
        },
        "stories": {
            "new": polled.new,
            "edited": polled.edited,
            "about": polled.about,
            "told": polled.told,
            "silent": polled.silent,
        },
        "pages": {"read": polled.pages, "unread": polled.unread},
        "alerts": {
            "made": released.alerts,
            "escalated": released.escalated,
            "waiting": [asdict(waiting) | {"until": waiting.until.isoformat()} for waiting in done.waiting],
        },
        "problems": [asdict(problem) for problem in polled.problems],
        "warnings": [asdict(warning) for warning in polled.warnings],
    }
    if delivered is not None:
        report["deliveries"] = {"sent": delivered.sent, "waiting": delivered.waiting, "failed": delivered.failed}
        report["refusals"] = [asdict(refusal) for refusal in delivered.problems]
        report["unpublished"] = done.unpublished
    if would_send is not None:
        report["would_send"] = would_send
    return report


def _table(loaded: Loaded, done: _Pass) -> str:
    polled, delivered = done.polled, done.delivered
    waiting = len(loaded.feeds) - polled.polled
    rows = [
        ("feeds", [(polled.polled, "polled"), (polled.unchanged, "unchanged"), (polled.failed, "failed"),
                   (waiting, "not due yet")]),
        ("stories", [(polled.new, "new"), (polled.edited, "edited"), (polled.about, "about an event"),
                     (polled.told, "told"), (polled.silent, "silent")]),
    ]  # fmt: skip
    if polled.pages or polled.unread:
        rows.append(("pages", [(polled.pages, "read"), (polled.unread, "not read: the feed's text was judged")]))
    if delivered is None:
        rows.append(("alerts", [(done.released.alerts, "would be sent at once"), (polled.held, "held for a digest")]))
    else:
        rows.append(
            ("deliveries", [(delivered.sent, "sent"), (delivered.waiting, "waiting"), (delivered.failed, "failed")])
        )
    return "\n".join(f"{name:<11}" + "   ".join(f"{count:>4} {what}" for count, what in cells) for name, cells in rows)


@click.command(
    epilog="\b\nExamples:\n"
    "  newswatch -v run               say what is about an event, and what is told, on stderr\n"
    "  newswatch -v run --log json    the same for another program, with the ids as fields\n"
)
@config_option
@log_option
def run(config: Path | None, log_form: str) -> int:
    """Run as a service: poll, judge and tell until SIGTERM.

    Polls each feed when it is due, sends at once what is urgent, and the digests at their times. SIGTERM finishes
    what is in flight and exits with 0. SIGHUP reads the configuration again; one with mistakes changes nothing. Speaks
    systemd's notify protocol (ready, reloading, watchdog). One process works with a store: a second is refused.
    """
    write_as(log_form, os.environ)

    def load() -> Loaded:
        return load_config(config, os.environ)

    loaded = load()
    with opened(loaded, what="newswatch run") as store:
        click.echo(
            f"watching {plural(len(loaded.events), 'event')} in {plural(len(loaded.feeds), 'feed')}; "
            f"stop with Ctrl-C or SIGTERM",
            err=True,
        )
        meters = Meters(clock)
        beside = Console(clock=clock, environ=os.environ, meters=meters)
        serve(load, store, clock=clock, environ=os.environ, beside=beside, meter=meters)
    return EXIT_DONE
