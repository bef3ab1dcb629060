"""Dates as feeds give them: believed when a date can be read for sure and lies where news can lie.

The forms that the standards ask for (RFC 822 with a numeric zone, RFC 3339) are read here, and so are those that
feedparser reads wrongly or not at all; everything else is feedparser's.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache

from feedparser.datetimes import _parse_date

from newswatch.feeds.monthnames import MONTHS, ZONES

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
# Clocks and time zones are wrong by hours, not by days.
TOLERANCE = timedelta(days=1)
# No date is longer; a reader of dates may be slow on what is none.
_LONGEST = 100

_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d)(?::(\d\d))? (?:GMT|UTC?|Z|([+-])(\d\d):?(\d\d))\Z",
    re.ASCII,
)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)\Z", re.ASCII)
# What feedparser reads wrongly: 2016/6/29 becomes November, seconds since 1970 become the year 1754.
_SLASHES = re.compile(
    r"(\d{4})/(\d{1,2})/(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(?:Z|UTC|GMT)?\Z", re.ASCII
)
_EPOCH = re.compile(r"(\d{9,10})(?:\d{3})?\Z", re.ASCII)
# 08.08.2019 10:00, as most of the continent writes it; 08/08/2019 is read by nobody for sure.
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s+(\S+))?\Z", re.ASCII)
# Day, month and year in words of any language: Чт, 08 авг 2019 10:00:00 +0600; August 8, 2019; 8 de agosto de 2019.
_WORDS = re.compile(
    r"(?:[^\W\d_]+\.?,?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th|\.|º)?[\s-]+(?:de\s+)?(?P<month>[^\W\d_]+)\.?|"
    r"(?P<month2>[^\W\d_]+)\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?),?[\s-]+(?:de\s+)?(?P<year>\d{4})(?:\s*(?:г\.?|года))?"
    r"(?:,?\s+(?:в\s+|at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?"
    r"(?:\s+\(?(?P<zone>[+-]\d{1,2}:?\d{2}|[A-Za-zА-Яа-я]{1,5}(?:[+-]\d{1,2}(?::?\d{2})?)?)\)?)?\Z"
)
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?\Z", re.ASCII)
_NUMBERS = {month: at for at, month in enumerate(calendar.month_abbr) if month}


def believed(text: str, now: datetime) -> tuple[datetime | None, str]:
    """The time that a feed gives, and a warning where it gives one that cannot be.

    Args:
        text: as it stands in the feed; a date without a zone is UTC.
        now: nothing much later than this is believed.
    """
    text = text.strip()
    if not text:
        return None, ""
    moment = read(text)
    if moment is None:
        return None, f"the date {text[:40]!r} cannot be read"
    if moment < EARLIEST:
        return None, f"the date {text[:40]!r} is not believed: it is before {EARLIEST.year}"
    if moment > now + TOLERANCE:
        return None, f"the date {text[:40]!r} is not believed: it is in the future"
    return moment, ""


@lru_cache(maxsize=4096)
def read(text: str) -> datetime | None:
    """A date without white space around it, to the second, in UTC; None where it is none that can be read."""
    if len(text) > _LONGEST:
        return None
    try:
        return _standard(text) or _own(text) or _feedparsers(text) or _email(text)
    except (ValueError, OverflowError, IndexError):
        return None


def _standard(text: str) -> datetime | None:
    if match := _RFC822.match(text):
        day, month, year, hour, minute, second, sign, hours, minutes = match.groups()
        zone = UTC
        if sign:
            zone = _zone(sign, hours, minutes)
        moment = (int(year), _NUMBERS[month], int(day), int(hour), int(minute), int(second or 0))
        return None if moment[5] > 59 else datetime(*moment, tzinfo=zone).astimezone(UTC)
    if _RFC3339.match(text):
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    return None


def _own(text: str) -> datetime | None:
    """The forms that feedparser reads wrongly or not at all."""
    if match := _SLASHES.match(text):
        return datetime(*(int(part or 0) for part in match.groups()[:6]), tzinfo=UTC)  # type: ignore[arg-type, misc]
    if match := _EPOCH.match(text):
        return datetime.fromtimestamp(int(match[1]), tz=UTC)
    if match := _DOTS.match(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        return datetime(year, month, day, hour, minute, second, tzinfo=_named(match[7])).astimezone(UTC)
    if match := _WORDS.match(text):
        return _in_words(match)
    return None


def _in_words(match: re.Match[str]) -> datetime | None:
    month = MONTHS.get((match["month"] or match["month2"]).casefold())
    zone = match["zone"]
    if month is None or (zone and zone[0] not in "+-" and _OFFSET.match(zone) is None and zone.upper() not in ZONES):
        return None
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    day, minute, second = int(match["day"] or match["day2"]), int(match["minute"] or 0), int(match["second"] or 0)
    return datetime(int(match["year"]), month, day, hour, minute, second, tzinfo=_named(zone)).astimezone(UTC)


def _named(zone: str | None) -> timezone:
    """A zone by name or offset; UTC for none and for one that is not known."""
    if not zone:
        return UTC
    if match := _OFFSET.match(zone):
        return _zone(match[1], match[2], match[3] or "0")
    return timezone(timedelta(minutes=ZONES.get(zone.upper(), 0)))


def _zone(sign: str, hours: str, minutes: str) -> timezone:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _feedparsers(text: str) -> datetime | None:
    parsed = _parse_date(text)
    return None if parsed is None else datetime.fromtimestamp(calendar.timegm(parsed), tz=UTC)


def _email(text: str) -> datetime | None:
    moment = parsedate_to_datetime(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
