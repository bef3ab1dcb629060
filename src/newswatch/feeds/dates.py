"""Dates as feeds give them: believed when a date can be read for sure and lies where news can lie."""

from __future__ import annotations

import calendar
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks and time zones are wrong by hours, not by days.
TOLERANCE = timedelta(days=1)

# What feedparser reads wrongly: 2016/6/29 becomes November, seconds since 1970 become the year 1754.
_SLASHES = re.compile(r"\s*(\d{4})/(\d{1,2})/(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(Z|UTC|GMT)?\s*\Z")
_EPOCH = re.compile(r"\s*(\d{9,10})(?:\d{3})?\s*\Z")


def believed(text: str, parsed: time.struct_time | None, now: datetime) -> tuple[datetime | None, str]:
    """The time that a feed gives, and a warning where it gives one that cannot be.

    Args:
        text: as it stands in the feed.
        parsed: what feedparser made of it, UTC, or None.
        now: nothing much later than this is believed.
    """
    if not text.strip() and parsed is None:
        return None, ""
    moment = _own(text) or _of(parsed) or _rfc(text)
    if moment is None:
        return None, f"the date {text[:40]!r} cannot be read"
    if moment < EARLIEST:
        return None, f"the date {text[:40]!r} is not believed: it is before {EARLIEST.year}"
    if moment > now + TOLERANCE:
        return None, f"the date {text[:40]!r} is not believed: it is in the future"
    return moment, ""


def _own(text: str) -> datetime | None:
    """The forms that feedparser reads wrongly."""
    try:
        if match := _SLASHES.match(text):
            year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        if match := _EPOCH.match(text):
            return datetime.fromtimestamp(int(match[1]), tz=UTC)
    except (ValueError, OverflowError):
        return None
    return None


def _of(parsed: time.struct_time | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _rfc(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
