"""Numbers that a sentence states: of what, how many, how sure, and of whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from newswatch.model import Bound, Evidence, Figure
from newswatch.reading.lexicon import Lexicon
from newswatch.reading.terms import MONTHS, NUMBER, Term, Tokens, number

REACH = 8
"""Words after a number in which its measure may stand (98 people were injured)."""
BEHIND = 4
"""A measure after the number is preferred to one that stands this much nearer before it."""
REACH_BACK = 8
"""Words before it (the death toll … rose to 9)."""
_NOUN_REACH = 3
_FAR = 22
_HEDGE_REACH = 4
_MULTIPLIERS = 100
_FRACTIONS = frozenset({"magnitude", "distance", "speed", "money"})
"""Measures whose number may have a fraction; people and things are counted whole."""
_THINGS = frozenset({"thing", "role", "body", "time"})
_CHANGES = frozenset({"#increase", "#decrease"})
_CHANGE_REACH = 6
_CLAUSE = BEHIND + 1
"""A measure beyond a comma or an "and" is held to be this much further away."""
_PARTS = frozenset(",;")
_DASHES = frozenset("-‐‑–—")
_FATES = frozenset(
    {
        "killed", "injured", "hospitalised", "critical", "missing", "detained", "charged", "hostages", "released",
        "rescued",
    }
)  # fmt: skip
_NARROW = {
    "officers": _FATES,
    "protesters": _FATES,
    "injured": frozenset({"hospitalised", "critical", "released"}),
}
"""What may be said of those that a wide measure counts; it is their measure then: of the injured, 20 in hospital."""


def figures(
    evidence: Evidence,
    words: Tokens,
    found: Sequence[Term],
    marked: Sequence[tuple[str, int, int]],
    book: Lexicon,
    when: datetime | None,
    *,
    background: bool,
) -> Iterator[Figure]:
    """Every number of a sentence that counts something.

    A measure of the lexicon stands close after the number, or further before it; else the counted thing itself is the
    measure (``count:bus``). Years, dates, times, ages and shares are no counts, nor are words such as "dozens".
    """
    described = {term.at for term in found if term.kind == "name"}
    measures = [
        (name[9:], at)
        for name, at, size in marked
        if name.startswith("measures:") and not _describes(words, book, described, at, size)
    ]
    changes = [term.at for term in found if term.key in _CHANGES]
    things = {term.at: term.key[1:] for term in found if term.kind in _THINGS}
    seen: set[tuple[str, float]] = set()
    at = 0
    while at < len(words.raw):
        value, end = _value(words, book, at)
        if value is None:
            at += 1
            continue
        start, at = at, end
        high, at = _range(words, book, start, end)
        nobody = value == 1 and start > 0 and words.folded[start - 1] in book.forms.not_before
        if nobody or _loose(words, book, marked, start) or _no_count(words, marked, start, at):
            continue
        changed = _changed(changes, start)
        reached = changed and start > 0 and words.folded[start - 1] in book.to  # выросло до 9 is no "up to 9"
        if high is not None and (high < value or changed):  # rose from 3 to 9
            value, high = high, None
        duration = any(name == "dates:hour" and place == at for name, place, _ in marked)
        whole = value.is_integer()
        fitting = [(name, place) for name, place in measures if whole or name in _FRACTIONS]
        measure = None if duration else _measure(fitting, words, book, start, at)
        measure = measure or (_counted(things, at) if whole else None)
        if measure is None or (measure, value) in seen:
            continue
        seen.add((measure, value))
        yield Figure(
            evidence,
            measure,
            value,
            high=high,
            bound=Bound.EXACT if reached else _bound(marked, start),
            whom=_whom(marked, measure, at),
            when=when,
            background=background,
        )


def _describes(words: Tokens, book: Lexicon, names: set[int], at: int, size: int) -> bool:
    """Whether a word of a measure only says who somebody is: supporters of the detained Atambayev."""
    if at and words.folded[at - 1] in book.forms.attributes:
        return words.folded[at].endswith(book.forms.done or "\0")
    return at + size in names and words.close(at + size)


def _value(words: Tokens, book: Lexicon, at: int) -> tuple[float | None, int]:
    """The number that begins at a word, and where it ends: ``two thousand``, ``1.5 million``, ``132``."""
    first = _single(words, book, at)
    if first is None:
        return None, at
    parts = [first]  # falling: 2000, 300, 5
    digits = NUMBER.fullmatch(words.raw[at]) is not None
    end = at + 1
    while (place := _next_part(words, book, parts[-1], end)) is not None:
        more = book.numbers[words.folded[place]]
        if more > parts[-1] and (more >= _MULTIPLIERS or words.folded[place] in book.multipliers):
            small = 0.0
            while parts and parts[-1] < more:
                small += parts.pop()
            parts.append(small * more)
        elif more < _room(parts[-1]) and not digits:
            parts.append(more)
        else:
            break
        end = place + 1
    return sum(parts), end


def _next_part(words: Tokens, book: Lexicon, last: float, end: int) -> int | None:
    """Where a number goes on: at the next word, or behind the ``and`` of a hundred and twenty."""
    if end < len(words.raw) and words.folded[end] in book.joined and last >= _MULTIPLIERS:
        following = book.numbers.get(words.folded[end + 1], last) if end + 1 < len(words.raw) else last
        end += following < _MULTIPLIERS
    close = end < len(words.raw) and words.gaps[end].strip() in {"", "-"}
    return end if close and words.folded[end] in book.numbers else None


def _room(part: float) -> float:
    """What may be added to a number: to twenty less than ten, to three hundred less than a hundred."""
    room = 1.0
    while part >= room * 10 and part % (room * 10) == 0:
        room *= 10
    return room


def _single(words: Tokens, book: Lexicon, at: int) -> float | None:
    word = words.raw[at]
    if NUMBER.fullmatch(word):
        if ":" in word or re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{2,4}", word):
            return None
        return number(word)
    return book.numbers.get(words.folded[at])


def _range(words: Tokens, book: Lexicon, start: int, end: int) -> tuple[float | None, int]:
    """The upper end of ``20 to 30``, ``20-30`` or ``between 20 and 30``, and where it ends."""
    if end >= len(words.raw):
        return None, end
    if _DASHES.issuperset(words.gaps[end].strip() or "none"):
        high, after = _value(words, book, end)
        if high is not None and high <= (_value(words, book, start)[0] or 0):
            high = None
    elif words.folded[end] in book.to or (
        words.folded[end] in book.joined and start and words.folded[start - 1] in book.between
    ):
        high, after = _value(words, book, end + 1) if end + 1 < len(words.raw) else (None, end)
    else:
        return None, end
    return (high, after) if high is not None else (None, end)


def _changed(changes: Sequence[int], start: int) -> bool:
    """Whether two numbers are what something was and what it is now, not the ends of a range."""
    return any(0 < start - at <= _CHANGE_REACH for at in changes)


def _loose(words: Tokens, book: Lexicon, marked: Sequence[tuple[str, int, int]], start: int) -> bool:
    """A word that names no number: dozens, several hundred, one of the houses."""
    if words.folded[start] in book.loose and _bound(marked, start) is Bound.EXACT:
        return True
    if start and words.folded[start - 1] in book.loose and not NUMBER.fullmatch(words.raw[start]):
        return True
    return any(name == "again:one-of" and at == start for name, at, _ in marked)


def _no_count(words: Tokens, marked: Sequence[tuple[str, int, int]], start: int, end: int) -> bool:
    """A year, a date, a time, an age, a share: no count of people or things."""
    digits = [word for word in words.raw[start:end] if NUMBER.fullmatch(word)]
    if digits and all(map(_is_year, digits)):
        return True
    if words.gaps[end].lstrip().startswith("%"):
        return True
    if any(name.startswith("measures:") and at == end and size > 1 for name, at, size in marked):
        return False  # 11 years in prison
    for name, at, _ in marked:
        if not name.startswith("dates:"):
            continue
        kind = name[6:]
        if at == end or (at == end + 1 and kind == "age"):
            return kind != "hour"
        if at == start - 1 and (kind in MONTHS or kind in {"age", "clock", "share"}):
            return "," not in words.gaps[start]
    return False


def _is_year(word: str) -> bool:
    return len(word) == 4 and word.isdigit() and 1900 <= int(word) <= 2100


def _measure(measures: Sequence[tuple[str, int]], words: Tokens, book: Lexicon, start: int, end: int) -> str | None:
    """The measure that stands nearest; one that narrows (of the injured, so many are in hospital) from further on."""
    stop = _next_number(words, book, end)
    behind = 0 if words.gaps[start].strip() == ":" else BEHIND  # "Killed: 3, injured: 20" tells what before
    near = [
        (m - end + BEHIND - behind + _CLAUSE * _parted(words, end, m), name)
        for name, m in measures
        if 0 <= m - end < REACH and m < stop
    ]
    near += [
        (start - m + behind + _CLAUSE * _parted(words, m + 1, start, book.joined), name)
        for name, m in measures
        if 0 < start - m <= REACH_BACK
    ]
    if not near:
        return None
    best = min(near)[1]
    narrow = [
        (abs(m - end), name)
        for name, m in measures
        if name in _NARROW.get(best, ())
        and start - 4 <= m < min(stop, end + _FAR)
        and all(words.close(n) for n in range(m + 1, start + 1))
    ]
    return min(narrow)[1] if narrow else best


def _parted(words: Tokens, start: int, end: int, joined: frozenset[str] = frozenset()) -> bool:
    """Whether a comma, the like or an "and" stands between two words."""
    return any(words.folded[at - 1] in joined or not _PARTS.isdisjoint(words.gaps[at]) for at in range(start, end + 1))


def _next_number(words: Tokens, book: Lexicon, at: int) -> int:
    """Where the next number begins: what stands behind it is its own."""
    return next((n for n in range(at, len(words.raw)) if _single(words, book, n) is not None), len(words.raw))


def _counted(things: Mapping[int, str], end: int) -> str | None:
    """What stands after the number: a thing or role that the lexicon knows."""
    thing = next((things[at] for at in range(end, end + _NOUN_REACH) if at in things), None)
    return None if thing is None else f"count:{thing}"


def _bound(marked: Sequence[tuple[str, int, int]], start: int) -> Bound:
    near = [
        (at + size, size, name[7:])
        for name, at, size in marked
        if name.startswith("hedges:") and start - _HEDGE_REACH < at + size <= start and at < start
    ]
    near = [hedge for hedge in near if hedge[0] >= start - 1]
    return Bound(max(near)[2]) if near else Bound.EXACT  # the longest: no fewer than, not fewer than


def _whom(marked: Sequence[tuple[str, int, int]], measure: str, end: int) -> tuple[str, ...]:
    """The group that is counted, where it is not the measure itself."""
    groups = [(at, name[7:]) for name, at, _ in marked if name.startswith("groups:") and end <= at < end + _NOUN_REACH]
    return () if measure.startswith("count:") or not groups else (min(groups)[1],)
