"""When a recipient's digest is due, and what it holds. Pure: cron is arithmetic on the times passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

from newswatch.alerting.same import told_once
from newswatch.config.cron import cron_trigger
from newswatch.config.settings import Recipient
from newswatch.model import Alert, AlertItem, FailedFeed, FigureTrack, Held, Severity, make_id

# How far back the last firing is looked for, nearest first: a minutely cron is found in the first hour, and a yearly
# one (or 29 February) in the last window, without walking through every firing since a year ago.
_WINDOWS = tuple(timedelta(hours=hours) for hours in (1, 25, 8 * 24, 32 * 24, 367 * 24, 8 * 366 * 24))


@dataclass(frozen=True, slots=True)
class DigestRun:
    """One run of a recipient's digest.

    Attributes:
        run_key: the local date and time of the firing, ``2026-10-25T02:30``. On the night the clocks go back 02:30
            comes twice with one key, so that one digest goes out.
        start, until: the period, UTC; ``until`` is the time of the firing, whenever it is noticed.
        first: there was no run before. It tells nothing, and only marks where the first digest begins; what is held
            stays held for that one.
    """

    run_key: str
    start: datetime
    until: datetime
    first: bool = False


def digest_due(recipient: Recipient, *, last_run: datetime | None, now: datetime) -> DigestRun | None:
    """The run that is due now, or None.

    Runs that were missed while the machine was off are one run, over the whole time since the last. Where there was no
    run yet, the latest firing is marked as such: a recipient's first digest goes out at their next time, not at once.

    Args:
        recipient: whose digest.
        last_run: ``until`` of the last recorded run, or None.
        now: the time it is.
    """
    if recipient.digest is None:
        return None
    zone = ZoneInfo(recipient.timezone)
    trigger = cron_trigger(recipient.digest.cron, recipient.timezone)
    fired = _latest(trigger, now)
    if fired is None or (last_run is not None and fired <= last_run):
        return None
    key = _key(fired, zone)
    if last_run is not None and _key(last_run, zone) == key:
        return None
    start = last_run or _latest(trigger, fired - timedelta(seconds=1)) or fired
    return DigestRun(key, start, fired, first=last_run is None)


def _key(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _latest(trigger: CronTrigger, now: datetime) -> datetime | None:
    """The last firing at or before now, UTC."""
    for window in _WINDOWS:
        fire = trigger.get_next_fire_time(None, (now - window).astimezone(trigger.timezone))
        latest: datetime | None = None
        while fire is not None and fire <= now:
            latest = fire
            fire = trigger.get_next_fire_time(fire, now)
        if latest is not None:
            return latest.astimezone(now.tzinfo)
    return None


@dataclass(frozen=True, slots=True)
class DigestBeside:
    """What a digest says beside what was held for it.

    Attributes:
        counts: see `Alert.counts`.
        topics: event id -> ids of its topics, in the event file's order.
        corrected: what was told at once in the period and corrects or contradicts what was known.
        figures: the figures that changed in the period.
        failed_feeds: the sources that fail.
    """

    counts: tuple[tuple[str, int], ...] = ()
    topics: Mapping[str, Sequence[str]] = field(default_factory=dict)
    corrected: tuple[AlertItem, ...] = ()
    figures: tuple[FigureTrack, ...] = ()
    failed_feeds: tuple[FailedFeed, ...] = ()


def digest_alert(recipient: Recipient, run: DigestRun, held: Sequence[Held], beside: DigestBeside) -> Alert:
    """The digest of one run: what was held, by event, then by topic.

    Topics with something urgent come first, then those of the event file in its order; inside of a topic the most
    severe first, then the oldest.
    """
    events = {h.event: h.event_title for h in held}
    event, title = next(iter(events.items())) if len(events) == 1 else ("", "")
    return Alert(
        make_id("alr", "digest", recipient.id, run.run_key),
        event,
        title,
        recipient.id,
        run.until,
        told_once([h.item for h in _ranked(held, beside.topics)], recipient.language),
        digest=True,
        period=(run.start, run.until),
        counts=beside.counts,
        corrected=beside.corrected,
        figures=beside.figures,
        failed_feeds=beside.failed_feeds,
    )


def _ranked(held: Sequence[Held], topics: Mapping[str, Sequence[str]]) -> list[Held]:
    order = {event: number for number, event in enumerate(dict.fromkeys(h.event for h in held))}
    place = {(event, topic): number for event, names in topics.items() for number, topic in enumerate(names)}
    top: dict[tuple[str, str], int] = {}
    for one in held:
        key = (one.event, one.item.development.topic)
        top[key] = max(top.get(key, 0), one.item.development.severity.rank)

    def rank(one: Held) -> tuple[int, bool, int, str, int, datetime]:
        told = one.item.development
        key = (one.event, told.topic)
        urgent = top[key] == Severity.ALERT.rank
        # What has no topic, or one that the event file does not have any more, comes last.
        return order[one.event], not urgent, place.get(key, len(place)), told.topic, -told.severity.rank, one.since

    return sorted(held, key=rank)
