"""What keeps newswatch from working, looked for from the ground up: machine, store, network, feeds, channels.

Each check gives findings in plain words; one that is bad says what to do. Nothing is changed, and nothing is sent.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import ssl
import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from newswatch import __version__
from newswatch.channels import open_channel
from newswatch.config.load import Loaded
from newswatch.errors import ConfigError, DeliveryError, StoreError, StoreLocked
from newswatch.feeds.health import ago, span
from newswatch.network import cause, sessions, system_words, trusting, untrusted
from newswatch.store import Store, open_store
from newswatch.store.engine import resolved

LITTLE_DISK = 500_000_000
"""Bytes free below which a store's disk is worth a word; below a tenth of it nothing may be written soon."""
CLOCK_OFF = timedelta(seconds=90)
"""A clock that is wrong by more dates stories wrongly, and has webhooks refused (receivers allow five minutes)."""
OLD_DUE = timedelta(hours=1)
"""What is due for longer waits for a channel that does not work."""
ASKED_AT_ONCE = 16
WITHIN = 10.0
# https://www.sqlite.org/wal.html, "The WAL-Reset Bug": fixed in 3.51.3.
WAL_FIXED = (3, 51, 3)


class Grade(StrEnum):
    """How a finding is."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        grade: how it is.
        what: in a word or two.
        says: in a sentence, with what to do where it is not well.
    """

    grade: Grade
    what: str
    says: str


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a host answered: seconds that its clock is ahead of ours, or why it did not."""

    host: str
    ahead: float | None = None
    why: str = ""


async def examine(loaded: Loaded, *, environ: Mapping[str, str], clock: Callable[[], datetime]) -> list[Finding]:
    """Look at everything, the ground first.

    Args:
        loaded: the configuration.
        environ: where secrets given by ``*_env`` are.
        clock: this machine's.
    """
    now = clock()
    found = [machine(), *disk(loaded), *store(loaded, now)]
    heard = await _ask(loaded, clock)
    found += [time(heard), hosts(heard)]
    found += await channels(loaded, environ)
    return found


def machine() -> Finding:
    """Versions of what newswatch stands on."""
    python, sqlite = sys.version.split()[0], sqlite3.sqlite_version
    words = f"newswatch {__version__}, Python {python}, SQLite {sqlite}, {ssl.OPENSSL_VERSION}"
    if sqlite3.sqlite_version_info < WAL_FIXED:
        return Finding(
            Grade.OK, "versions", f"{words}. With this SQLite run commands that write (ledger, mute) one at a time"
        )
    return Finding(Grade.OK, "versions", words)


def disk(loaded: Loaded) -> list[Finding]:
    """Room where the store is, and where messages are written."""
    url = resolved(loaded.settings.store.url, loaded.base)
    if url.get_backend_name() != "sqlite":
        return []
    folder = Path(url.database or "").parent
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    words = f"{free / 1e9:.1f} GB free where the store is ({there})"
    if free < LITTLE_DISK / 10:
        return [Finding(Grade.BAD, "disk", f"{words}: make room, or nothing can be kept and nothing is told")]
    if free < LITTLE_DISK:
        return [Finding(Grade.WARN, "disk", f"{words}: make room soon, or shorten `retention`")]
    return [Finding(Grade.OK, "disk", words)]


def store(loaded: Loaded, now: datetime) -> list[Finding]:
    """Whether the store opens and is whole, who works with it, and what waits in it."""
    url = resolved(loaded.settings.store.url, loaded.base)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        folder = Path(url.database or "").parent
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not os.access(there, os.W_OK | os.X_OK):
            return [Finding(Grade.BAD, "store", f"{there} cannot be written, so no store can be made; allow it")]
        return [Finding(Grade.OK, "store", f"{url.database} is not there yet; the first poll makes it")]
    try:
        opened = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    except StoreError as error:
        return [Finding(Grade.BAD, "store", str(error))]
    try:
        return [_whole(opened), _worked(opened, now), *_fed(opened, loaded, now), *_waiting(opened, now)]
    except StoreError as error:
        return [Finding(Grade.BAD, "store", str(error))]
    finally:
        opened.close()


def _whole(store: Store) -> Finding:
    wrong = store.integrity()
    if wrong:
        return Finding(Grade.BAD, "store", f"{store.place} is damaged ({wrong[0]}); `newswatch restore` a backup")
    size = f", {Path(store.place).stat().st_size / 1e6:.1f} MB" if store.is_sqlite else ""
    return Finding(Grade.OK, "store", f"{store.place} is whole{size}")


def _worked(store: Store, now: datetime) -> Finding:
    try:
        with store.lock("newswatch doctor", now):
            return Finding(Grade.WARN, "service", "newswatch is not running: nothing is polled and nothing is sent now")
    except StoreLocked as error:
        return Finding(Grade.OK, "service", str(error).partition(" already works")[0] + " is running")


def _fed(store: Store, loaded: Loaded, now: datetime) -> list[Finding]:
    """What the last polls came to; feeds never polled are none's fault."""
    states = store.feed_states([feed_id for feed_id, _ in loaded.feeds])
    if not states:
        return []
    failing = sorted((state for state in states.values() if state.failures), key=lambda state: -state.failures)
    last = max((state.last_success for state in states.values() if state.last_success), default=None)
    words = f"{len(states) - len(failing)} of {len(states)} polled feeds answered the last time"
    if last is not None:
        words += f", the latest {ago(now - last)}"
    if not failing:
        return [Finding(Grade.OK, "feeds", words)]
    worst = "; ".join(f"{state.feed_id}: {state.last_error}" for state in failing[:3])
    more = f" (and {len(failing) - 3} more)" if len(failing) > 3 else ""
    grade = Grade.BAD if len(failing) == len(states) else Grade.WARN
    return [Finding(grade, "feeds", f"{words}. {worst}{more}")]


def _waiting(store: Store, now: datetime) -> list[Finding]:
    counts = store.outbox_counts()
    old = [one for one in store.due_deliveries(now, 1000) if now - one.created > OLD_DUE]
    words = f"{counts.due} due, {counts.failed} given up"
    if old:
        names = ", ".join(sorted({one.channel for one in old}))
        says = f"{words}; since more than an hour {len(old)} wait for {names}: newswatch deliveries --due"
        return [Finding(Grade.WARN, "outbox", says)]
    return [Finding(Grade.OK, "outbox", words)]


async def _ask(loaded: Loaded, clock: Callable[[], datetime]) -> list[_Heard]:
    """Ask each host of a feed for a header: its name, its certificate and its clock in one go."""
    pages = {
        (parts.scheme, parts.netloc.rpartition("@")[2]): f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
        for parts in (urlsplit(feed.url) for _, feed in loaded.feeds)
    }
    context = trusting(loaded.settings.polling.ca_file)
    transport = AiohttpTransport(
        verify=context, client=sessions(context, allow_private=loaded.settings.polling.allow_private)
    )
    slots = asyncio.Semaphore(ASKED_AT_ONCE)
    async with httpx.AsyncClient(transport=transport, timeout=WITHIN) as client:

        async def one(host: str, page: str) -> _Heard:
            async with slots:
                return await _hear(client, host, page, clock)

        return list(await asyncio.gather(*(one(host, page) for (_, host), page in sorted(pages.items()))))


async def _hear(client: httpx.AsyncClient, host: str, page: str, clock: Callable[[], datetime]) -> _Heard:
    try:
        async with asyncio.timeout(WITHIN):
            response = await client.head(page, headers={"user-agent": f"newswatch/{__version__}"})
    except TimeoutError:
        return _Heard(host, why=f"did not answer within {WITHIN:g} s")
    except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
        known = cause(error, ssl.SSLCertVerificationError) is None
        remedy = "name that authority's PEM file with polling.ca_file"
        return _Heard(host, why=system_words(error) if known else untrusted(error, remedy=remedy))
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return _Heard(host)
    theirs = theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs
    return _Heard(host, (theirs - clock()).total_seconds())


def time(heard: list[_Heard]) -> Finding:
    """This machine's clock beside those of the servers; a single one may be wrong, their median hardly."""
    ahead = [one.ahead for one in heard if one.ahead is not None]
    if not ahead:
        return Finding(Grade.WARN, "clock", "no server told the time, so this machine's cannot be compared")
    off = statistics.median(ahead)
    if abs(off) <= CLOCK_OFF.total_seconds():
        return Finding(Grade.OK, "clock", f"within {max(abs(off), 1):.0f} s of what {len(ahead)} servers say")
    side = "behind" if off > 0 else "ahead of"
    length = span(timedelta(seconds=abs(off)))
    return Finding(Grade.BAD, "clock", f"{length} {side} what {len(ahead)} servers say: timedatectl set-ntp true")


def hosts(heard: list[_Heard]) -> Finding:
    """Whether the hosts of the feeds are found, answer, and are who they say."""
    silent = [one for one in heard if one.why]
    if not heard:
        return Finding(Grade.WARN, "network", "no feeds are configured, so nothing was asked")
    if not silent:
        return Finding(Grade.OK, "network", f"all {len(heard)} hosts of the feeds answer")
    some = "; ".join(f"{one.host}: {one.why}" for one in silent[:5])
    more = f" (and {len(silent) - 5} more)" if len(silent) > 5 else ""
    if len(silent) == len(heard) and len(heard) > 1:
        says = f"no host of a feed answers: look at this machine's network and name server. {some}{more}"
        return Finding(Grade.BAD, "network", says)
    grade = Grade.BAD if len(silent) == len(heard) else Grade.WARN
    says = f"{len(heard) - len(silent)} of {len(heard)} hosts of the feeds answer. {some}{more}"
    return Finding(grade, "network", says)


async def channels(loaded: Loaded, environ: Mapping[str, str]) -> list[Finding]:
    """Each channel, as far as one can go without sending."""

    async def one(name: str) -> Finding:
        what = f"channel {name}"
        try:
            sender = open_channel(name, loaded.channels[name], base=loaded.base, environ=environ)
        except ConfigError as error:
            return Finding(Grade.BAD, what, str(error))
        try:
            return Finding(Grade.OK, what, await sender.reach())
        except DeliveryError as error:
            return Finding(Grade.BAD, what, str(error))
        finally:
            await sender.close()

    return list(await asyncio.gather(*(one(name) for name in loaded.channels)))
