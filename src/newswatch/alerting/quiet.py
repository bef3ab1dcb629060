"""Quiet hours, as spans between two instants: what a clock on the recipient's wall shows decides. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from newswatch.config.settings import Quiet

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SECOND = timedelta(seconds=1)


def quiet_until(quiet: Sequence[Quiet], timezone: str, now: datetime) -> datetime | None:
    """When the first of the quiet hours ends that it is now, UTC; None when it is not quiet. See `quiet_now`."""
    return min((end for _, end in quiet_now(quiet, timezone, now)), default=None)


def quiet_now(quiet: Sequence[Quiet], timezone: str, now: datetime) -> tuple[tuple[Quiet, datetime], ...]:
    """The quiet hours that it is now, each with its end, UTC.

    On the nights when the clocks change, a time that the wall clock skips is the moment after the skip, and of one that
    it shows twice quiet hours begin with the first and end with the second: they are never shorter than it seems.
    The machine's own zone does not matter.

    Args:
        quiet: the recipient's spans.
        timezone: the recipient's, an IANA name.
        now: the time it is.
    """
    if not quiet:
        return ()
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    found = []
    for one in quiet:
        for day in (today - timedelta(days=1), today):
            if one.days and _DAYS[day.weekday()] not in one.days:
                continue
            start, end = span(one, zone, day)
            if start <= now < end:
                found.append((one, end))
    return tuple(found)


def span(quiet: Quiet, zone: ZoneInfo, day: date) -> tuple[datetime, datetime]:
    """The quiet hours that begin on a day, from and until, UTC; on a night of a change they may be empty."""
    last = day if quiet.until > quiet.from_ else day + timedelta(days=1)
    return _instant(day, quiet.from_, zone, last=False), _instant(last, quiet.until, zone, last=True)


def _instant(day: date, clock: time, zone: ZoneInfo, *, last: bool) -> datetime:
    """When the wall clock shows a time on a day, UTC; of two such moments the first or the last."""
    wall = datetime.combine(day, clock)
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before <= after:  # equal, but where the time comes twice
        return after if last else before
    # It is skipped (PEP 495): read with the offset from before the change it lies behind the change, and the other way.
    low, high = after, before
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        passed = middle.astimezone(zone).replace(tzinfo=None) >= wall
        low, high = (low, middle) if passed else (middle, high)
    return high.replace(microsecond=0)
