"""``newswatch feeds``: the list of feeds, how each does, and the commands that change the list."""

from __future__ import annotations

import asyncio
import json
import os
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from newswatch.alerting.aloud import short
from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import at, clock, columns, config_option, json_option, plural
from newswatch.cli.opml import export, import_
from newswatch.cli.subscribe import add, discover, remembered, remove
from newswatch.config.access import access
from newswatch.config.load import Loaded, load_config
from newswatch.config.settings import Feed
from newswatch.errors import NewswatchError
from newswatch.feeds.fetch import Fetcher
from newswatch.feeds.health import Health, HealthKind, health
from newswatch.model import FeedState
from newswatch.subscriptions.probe import Answer, ask, server
from newswatch.subscriptions.verdict import Verdict, verdict

_NARROWEST = 8


@click.group(short_help="List, check, add, remove, import and export feeds.")
def feeds() -> None:
    """The feeds of the configuration: how each does, and commands that change the list without an editor."""


@dataclass(frozen=True)
class _Listed:
    """A feed of the configuration, with what is remembered of it."""

    feed_id: str
    feed: Feed
    state: FeedState
    health: Health
    interval: timedelta


@feeds.command("list")
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> int:
    """List the feeds, and how each does.

    One line each: id, title, language, interval, how long ago it last answered, in how long it is due, failures in a
    row, and its health: well, quiet (no news, as usual), stale (silent for unusually long, though it answers),
    failing, broken, gone, or unasked. Below it its address, and where something is to be said, a sentence.
    """
    loaded, now = load_config(config, os.environ), clock()
    rows = _listed(loaded, now)
    if as_json:
        click.echo(json.dumps([_listed_row(row) for row in rows], ensure_ascii=False, indent=2))
        return EXIT_DONE
    for line in _table(rows, now):
        click.echo(line)
    troubled = sum(row.health.troubled for row in rows)
    click.echo(plural(len(rows), "feed") + (f", {troubled} to look at" if troubled else ""), err=True)
    return EXIT_DONE


def _listed(loaded: Loaded, now: datetime) -> list[_Listed]:
    kept, rows = remembered(loaded).feeds, []
    for feed_id, feed in loaded.feeds:
        state = _state(kept.get(feed_id), feed_id, feed)
        found = health(state, now, tell_after=loaded.settings.polling.tell_after)
        pace = timedelta(seconds=state.pace) if state.pace else loaded.settings.polling.interval
        rows.append(_Listed(feed_id, feed, state, found, feed.interval or pace))
    return rows


def _state(state: FeedState | None, feed_id: str, feed: Feed) -> FeedState:
    """A row that is of another address says nothing of this one."""
    if state is None or (state.configured_url or state.url) != feed.url:
        return FeedState(feed_id, feed.url, configured_url=feed.url)
    return state


def _listed_row(row: _Listed) -> dict[str, object]:
    state = row.state
    return {
        "id": row.feed_id,
        "title": row.feed.title,
        "url": row.feed.url,
        "polled_at": state.url,
        "language": row.feed.language,
        "events": list(row.feed.events),
        "interval": row.interval.total_seconds(),
        "last_success": _iso(state.last_success),
        "last_new": _iso(state.last_new),
        "next_due": _iso(state.next_due),
        "failures": state.failures,
        "last_error": state.last_error,
        "health": row.health.kind.value,
        "sentence": row.health.sentence,
    }


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _table(rows: Sequence[_Listed], now: datetime) -> list[str]:
    if not rows:
        return []
    ids = min(max(len(row.feed_id) for row in rows), 16)
    titles = max(columns() - ids - 48, _NARROWEST)
    titles = min(titles, max(_NARROWEST, *(shown(row.feed.title) for row in rows)))
    lines = [f"{'ID':<{ids}}  {filled('TITLE', titles)}  LANG  EVERY  LAST OK  DUE IN  FAILS  HEALTH"]
    for row in rows:
        lines.append(
            f"{row.feed_id:<{ids}}  {filled(row.feed.title, titles)}  {row.feed.language[:4]:<4}  "
            f"{coarse(row.interval):<5}  {_past(row.state.last_success, now):<7}  {_due(row.state, now):<6}  "
            f"{row.state.failures or '':<5}  {row.health.kind.value}"
        )
        lines.append(f"    {row.feed.url}")
        if row.state.url != row.feed.url:
            lines.append(f"    polled at {row.state.url}, where it has moved")
        if row.health.kind not in {HealthKind.WELL, HealthKind.UNASKED}:
            lines += _wrapped(f"It {row.health.sentence}")
    return lines


def _wrapped(text: str, indent: str = "    ") -> list[str]:
    # An address is never broken: it is there to be copied.
    return textwrap.wrap(
        text, columns(), initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _past(when: datetime | None, now: datetime) -> str:
    return "never" if when is None else coarse(max(now - when, timedelta()))


def _due(state: FeedState, now: datetime) -> str:
    return "now" if state.next_due is None or state.next_due <= now else coarse(state.next_due - now)


def coarse(length: timedelta) -> str:
    """``40s``, ``12m``, ``6h``, ``3d``: for a column."""
    seconds = length.total_seconds()
    if length == timedelta(seconds=round(seconds)) and seconds and len(short(length)) <= 3:
        return short(length)
    units = ((86400 * 2, 86400, "d"), (3600, 3600, "h"), (60, 60, "m"))
    size, unit = next(((size, unit) for least, size, unit in units if seconds >= least), (1, "s"))
    return f"{int(seconds // size)}{unit}"


def shown(text: str) -> int:
    """How many columns a text takes: East Asian letters two, marks that stand on others none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def filled(text: str, width: int) -> str:
    """A text in so many columns: cut with … where it is longer, filled with spaces where it is shorter."""
    if shown(text) > width:
        while shown(text) > width - 1:
            text = text[:-1]
        text = f"{text.rstrip()}…"
    return text + " " * (width - shown(text))


# ---------------------------------------------------------------- check


@dataclass(frozen=True)
class _Checked:
    """A feed, what it answered just now, and what that says."""

    feed_id: str
    answer: Answer
    verdict: Verdict


@feeds.command(
    epilog="\b\nExamples:\n"
    "  newswatch feeds check                    every feed\n"
    "  newswatch feeds check kabar kloop        two of them\n"
    "  newswatch feeds check --json | jq -r '.[] | select(.broken) | .id'\n"
)
@click.argument("feed_ids", nargs=-1, metavar="[ID]...")
@config_option
@json_option
def check(feed_ids: tuple[str, ...], config: Path | None, as_json: bool) -> int:
    """Ask feeds now, and say how each does.

    With no effect on the store: nothing is judged or told, and no poll is moved. For each feed: whether it answers
    and how fast, its format, its entries and the newest of them, whether it is well, quiet (no news, as usual),
    stale (answers, but has been silent for unusually long) or broken, and what else is to be known: redirects,
    headers, how it had to be read. Exit code 0: all of them are feeds. 1: one is broken.
    """
    loaded = load_config(config, os.environ)
    chosen = _chosen(loaded, feed_ids)
    checked = asyncio.run(_check(loaded, chosen))
    if as_json:
        click.echo(json.dumps([_checked_row(one) for one in checked], ensure_ascii=False, indent=2))
    for one in checked if not as_json else ():
        for line in _checked_lines(one):
            click.echo(line)
    broken = sum(one.verdict.broken for one in checked)
    stale = sum(one.verdict.kind is HealthKind.STALE for one in checked)
    click.echo(f"{plural(len(checked), 'feed')} asked: {broken} broken, {stale} stale", err=True)
    return EXIT_FAILED if broken else EXIT_DONE


def _chosen(loaded: Loaded, feed_ids: Sequence[str]) -> list[tuple[str, Feed]]:
    known = dict(loaded.feeds)
    strange = [feed_id for feed_id in feed_ids if feed_id not in known]
    if strange:
        raise NewswatchError(f"no feed is called {strange[0]!r}; `newswatch feeds list` names them")
    return [(feed_id, known[feed_id]) for feed_id in dict.fromkeys(feed_ids or known)]


async def _check(loaded: Loaded, chosen: Sequence[tuple[str, Feed]]) -> list[_Checked]:
    """Each on its own, as polling does: one that hangs delays no other."""
    kept, polling = remembered(loaded), loaded.settings.polling
    async with Fetcher(polling) as fetcher:
        fetcher.hosts.load(kept.hosts)

        async def one(feed_id: str, feed: Feed) -> tuple[str, FeedState, Answer]:
            state = _state(kept.feeds.get(feed_id), feed_id, feed)
            how = access(feed, polling, base=loaded.base, environ=os.environ)
            return feed_id, state, await ask(fetcher, feed.url, clock(), access=how)

        answers = await asyncio.gather(*(one(feed_id, feed) for feed_id, feed in chosen))
        pauses = {host.host: host.crawl_delay for host in (*kept.hosts, *fetcher.hosts.take_changed())}
    return [
        _Checked(feed_id, answer, verdict(state, answer, clock(), crawl_delay=pauses.get(server(answer.url))))
        for feed_id, state, answer in answers
    ]


def _checked_lines(one: _Checked) -> list[str]:
    answer, feed = one.answer, one.answer.feed
    lines = [f"{one.verdict.kind.value:<7} {one.feed_id}"]
    if feed is not None and answer.fetched is not None:
        newest = f", the newest of {at(answer.newest)}" if answer.newest else ", none dated" if feed.entries else ""
        count = plural(len(feed.entries), "entry")
        lines += _wrapped(f"Answered in {answer.fetched.elapsed:.1f} s: {answer.format}, {count}{newest}.", " " * 8)
    lines += _wrapped(one.verdict.sentence, " " * 8)
    for note in one.verdict.notes:
        lines += _wrapped(f"It {note}.", " " * 8)
    return lines


def _checked_row(one: _Checked) -> dict[str, object]:
    answer, fetched = one.answer, one.answer.fetched
    return {
        "id": one.feed_id,
        "url": answer.url,
        "health": one.verdict.kind.value,
        "broken": one.verdict.broken,
        "sentence": one.verdict.sentence,
        "notes": list(one.verdict.notes),
        "seconds": round(fetched.elapsed, 3) if fetched else None,
        "format": answer.format,
        "entries": len(answer.feed.entries) if answer.feed else 0,
        "newest": _iso(answer.newest),
        "language": answer.language,
        "moved_to": fetched.moved_to if fetched else "",
        "etag": fetched.etag if fetched else "",
        "last_modified": fetched.last_modified if fetched else "",
        "max_age": fetched.max_age if fetched else None,
        "warnings": list(answer.feed.warnings) if answer.feed else [],
    }


for _command in (add, remove, discover, import_, export):
    feeds.add_command(_command)
