"""Numbers that a sentence states: of what, how many, how sure, and of whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from newswatch.model import Bound, Evidence, Figure
from newswatch.reading.lexicon import Lexicon
from newswatch.reading.terms import NUMBER, Term, Tokens, number

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
    seen: set[tuple[str, float]] = set()
    at = 0
    while at < len(words.raw):
        value, end = _value(words, book, at)
        if value is None:
            at += 1
            continue
        start, at = at, end
        high, at = _range(words, book, end)
        if _loose(words, book, marked, start) or _no_count(words, marked, start, at, value):
            continue
        duration = any(name == "dates:hour" and place == at for name, place, _ in marked)
        measure = None if duration else _measure(words, measures, start, at, _next_number(words, book, at))
        measure = measure or _counted(found, at)
        if measure is None or (measure, value) in seen:
            continue
        seen.add((measure, value))
        yield Figure(
            evidence,
            measure,
            value,
            high=high,
            bound=_bound(marked, start),
            whom=_whom(marked, measure, at),
            when=when,
            background=background,
        )


def _describes(words: Tokens, book: Lexicon, names: set[int], at: int, size: int) -> bool:
    """Whether a word of a measure only says who somebody is: supporters of the detained Atambayev."""
    if at and words.folded[at - 1] in book.forms.attributes:
        return words.folded[at].endswith(book.forms.done or "\0")
    return at + size in names and words.close[at + size]


def _value(words: Tokens, book: Lexicon, at: int) -> tuple[float | None, int]:
    """The number that begins at a word, and where it ends: ``two thousand``, ``1.5 million``, ``132``."""
    value = _single(words, book, at)
    if value is None:
        return None, at
    end = at + 1
    while end < len(words.raw) and words.folded[end] in book.numbers:
        more = book.numbers[words.folded[end]]
        if more >= _MULTIPLIERS and more > value:
            value *= more
        elif more < value and not NUMBER.fullmatch(words.raw[at]):
            value += more
        else:
            break
        end += 1
    return value, end


def _single(words: Tokens, book: Lexicon, at: int) -> float | None:
    word = words.raw[at]
    if NUMBER.fullmatch(word):
        if ":" in word or re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{2,4}", word):
            return None
        return number(word)
    return book.numbers.get(words.folded[at])


def _range(words: Tokens, book: Lexicon, end: int) -> tuple[float | None, int]:
    """The upper end of ``20 to 30``, and where it ends."""
    if end + 1 < len(words.raw) and words.folded[end] in {"to", "до", "bis", "a", "à"}:
        high, after = _value(words, book, end + 1)
        if high is not None:
            return high, after
    return None, end


def _loose(words: Tokens, book: Lexicon, marked: Sequence[tuple[str, int, int]], start: int) -> bool:
    """A word that names no number: dozens, several hundred, one of the houses."""
    if words.folded[start] in book.loose and _bound(marked, start) is Bound.EXACT:
        return True
    if start and words.folded[start - 1] in book.loose and not NUMBER.fullmatch(words.raw[start]):
        return True
    return any(name == "again:one-of" and at == start for name, at, _ in marked)


def _no_count(words: Tokens, marked: Sequence[tuple[str, int, int]], start: int, end: int, value: float) -> bool:
    """A year, a date, a time, an age, a share: no count of people or things."""
    raw = words.raw[start]
    if end - start == 1 and len(raw) == 4 and raw.isdigit() and 1900 <= value <= 2100:
        return True
    for name, at, _ in marked:
        if not name.startswith("dates:"):
            continue
        kind = name[6:]
        if at == end or (at == end + 1 and kind == "age"):
            return kind != "hour"
        if at == start - 1 and kind not in {"year", "month", "week", "day", "hour", "today", "yesterday", "tomorrow"}:
            return True
    return False


def _measure(words: Tokens, measures: Sequence[tuple[str, int]], start: int, end: int, stop: int) -> str | None:
    """The measure that stands nearest; one that narrows (of the injured, so many are in hospital) from further on."""
    near = [(m - end, name) for name, m in measures if 0 <= m - end < REACH and m < stop]
    near += [(start - m + BEHIND, name) for name, m in measures if 0 < start - m <= REACH_BACK]
    if not near:
        return None
    best = min(near)[1]
    narrow = [
        (abs(m - end), name)
        for name, m in measures
        if name in _NARROW.get(best, ())
        and start - 4 <= m < min(stop, end + _FAR)
        and all(words.close[m + 1 : start + 1])
    ]
    return min(narrow)[1] if narrow else best


def _next_number(words: Tokens, book: Lexicon, at: int) -> int:
    """Where the next number begins: what stands behind it is its own."""
    return next((n for n in range(at, len(words.raw)) if _single(words, book, n) is not None), len(words.raw))


def _counted(found: Sequence[Term], end: int) -> str | None:
    """What stands after the number: a thing or role that the lexicon knows."""
    after = [t for t in found if 0 <= t.at - end < _NOUN_REACH and t.kind in {"thing", "role", "body", "time"}]
    return f"count:{after[0].key[1:]}" if after else None


def _bound(marked: Sequence[tuple[str, int, int]], start: int) -> Bound:
    near = [
        (at + size, name[7:])
        for name, at, size in marked
        if name.startswith("hedges:") and start - _HEDGE_REACH < at + size <= start and at < start
    ]
    near = [pair for pair in near if pair[0] >= start - 1]
    return Bound(max(near)[1]) if near else Bound.EXACT


def _whom(marked: Sequence[tuple[str, int, int]], measure: str, end: int) -> tuple[str, ...]:
    """The group that is counted, where it is not the measure itself."""
    groups = [(at, name[7:]) for name, at, _ in marked if name.startswith("groups:") and end <= at < end + _NOUN_REACH]
    return () if measure.startswith("count:") or not groups else (min(groups)[1],)
