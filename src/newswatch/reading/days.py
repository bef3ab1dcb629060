"""Which day a sentence speaks of: "on Thursday", "August 8", "8 августа", "yesterday", held against publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from newswatch.reading.terms import MONTHS, NUMBER, Tokens, number

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_AHEAD = timedelta(days=45)
"""A day and month without a year is the last such before this long after publication: nearer ahead it is a plan."""


def day_named(words: Tokens, marked: Sequence[tuple[str, int, int]], published: datetime) -> datetime | None:
    """The day a sentence names, at midnight UTC; the most exact where it names several, None where it names none.

    Args:
        words: the sentence's words.
        marked: its words of small tables, as ``(table:id, place, words)``.
        published: when the story was published.

    Returns:
        A day with its month, else a weekday (the last such up to publication), else today or yesterday. A bare year
        before publication's is its middle; a month before it, without a day, its middle.
    """
    dates = [(name.partition(":")[2], at) for name, at, _ in marked if name.startswith("dates:")]
    midnight = published.replace(hour=0, minute=0, second=0, microsecond=0)
    for name, at in dates:
        if name in MONTHS and (day := day_beside(words, at)) is not None:
            return _dated(midnight, MONTHS.index(name) + 1, day, year_beside(words, at))
    for name, _ in dates:
        if name in _WEEKDAYS:
            return midnight - timedelta(days=(midnight.weekday() - _WEEKDAYS.index(name)) % 7)
    for name, _ in dates:
        if name in {"today", "yesterday", "tomorrow"}:
            return midnight + timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[name])
    for name, at in dates:
        if name in MONTHS:
            month = MONTHS.index(name) + 1
            if month != midnight.month or year_beside(words, at):
                return _dated(midnight, month, 15, year_beside(words, at))
    years = [int(word) for word in words.raw if len(word) == 4 and word.isdigit() and word[:2] in {"19", "20"}]
    past = [year for year in years if year < midnight.year]
    return midnight.replace(year=max(past), month=7, day=1) if past else None


def day_beside(words: Tokens, at: int) -> int | None:
    """The day of the month that stands before or behind a month, or None."""
    for place in (at - 1, at + 1):
        if 0 <= place < len(words.raw) and NUMBER.fullmatch(words.raw[place]):
            value = number(words.raw[place])
            if 1 <= value <= 31 and value == int(value):
                return int(value)
    return None


def year_beside(words: Tokens, at: int) -> int | None:
    """The year that stands within three words behind a month, or None."""
    for place in range(at + 1, min(at + 4, len(words.raw))):
        if len(words.raw[place]) == 4 and words.raw[place].isdigit() and words.raw[place][:2] in {"19", "20"}:
            return int(words.raw[place])
    return None


def _dated(midnight: datetime, month: int, day: int, year: int | None) -> datetime | None:
    try:
        if year is not None:
            return midnight.replace(year=year, month=month, day=day)
        this = midnight.replace(month=month, day=day)
        return this if this <= midnight + _AHEAD else this.replace(year=this.year - 1)
    except ValueError:
        return None
