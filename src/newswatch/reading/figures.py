"""Numbers that a sentence states: of what, how many, how sure, and of whom."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from newswatch.model import Bound, Evidence, Figure
from newswatch.reading.beside import as_of, places, where
from newswatch.reading.lexicon import Lexicon
from newswatch.reading.measures import FATES, NOUN_REACH, WIDE, counted, measure_of
from newswatch.reading.none import NOBODY, nobody
from newswatch.reading.numbers import single, value_at
from newswatch.reading.sums import currency, sum_for
from newswatch.reading.terms import MONTHS, NUMBER, Term, Tokens

_HEDGE_REACH = 4
_FRACTIONS = frozenset({"magnitude", "distance", "speed"})
LEAST_LOOSE = 20
"""The least that a loose word must stand for to be a number: dozens do, a couple and several do not."""
_LEAST_SCALE = 1000
"""Measures whose number may have a fraction; people and things are counted whole."""
_THINGS = frozenset({"thing", "role", "body", "time"})
_CHANGES = frozenset({"#increase", "#decrease"})
_CHANGE_REACH = 6
_DASHES = frozenset("-‐‑–—")


def figures(
    evidence: Evidence,
    words: Tokens,
    found: Sequence[Term],
    marked: Sequence[tuple[str, int, int]],
    book: Lexicon,
    when: datetime | None,
    published: datetime,
    known: Container[str],
    *,
    background: bool,
) -> Iterator[Figure]:
    """Every number of a sentence that counts something, and what it says nobody falls under.

    A measure of the lexicon stands close after the number, or further before it; else the counted thing itself is the
    measure (``count:bus``). Years, dates, times, ages, shares and articles of a law are no counts, nor are words such
    as "several"; "dozens" are at least so many.

    Args:
        evidence: the sentence.
        words: its words.
        found: its terms.
        marked: its words of small tables.
        book: its lexicon.
        when: the day it names.
        published: when the story was published.
        known: keys of the event's places.
        background: the sentence is told as recall.
    """
    described = {term.at for term in found if term.kind == "name"}
    measures = [
        (name[9:], at)
        for name, at, size in marked
        if name.startswith("measures:") and not _describes(words, book, described, at, size)
    ]
    read = list(_numbers(evidence, words, found, marked, book, measures))
    fates = [(name, at) for name, at in measures if name in NOBODY]
    none = [
        (at, Figure(evidence, name, 0.0, whom=_whom(marked, name, at - NOUN_REACH)))
        for name, at in dict.fromkeys(nobody(words, found, marked, fates, book))
        if all(other.measure != name for _, other in read)
    ]
    read += none
    if not read:
        return
    starts = sorted(at for at, _ in read)
    named = places(words, found, book, known)
    for at, figure in read:
        yield replace(
            figure,
            where=where(words, named, starts, at) if named else (),
            when=as_of(words, marked, starts, at, published, when),
            background=background,
        )


def _numbers(
    evidence: Evidence,
    words: Tokens,
    found: Sequence[Term],
    marked: Sequence[tuple[str, int, int]],
    book: Lexicon,
    measures: Sequence[tuple[str, int]],
) -> Iterator[tuple[int, Figure]]:
    """The numbers that are stated, each with the place where it begins."""
    changes = [term.at for term in found if term.key in _CHANGES]
    things = {term.at: term.key[1:] for term in found if term.kind in _THINGS}
    acts = frozenset(term.at for term in found if term.kind in {"urgent", "action"})
    seen: set[tuple[str, float, str]] = set()
    last = ""
    at = 0
    while at < len(words.raw):
        value, end = value_at(words, book, at)
        if value is None:
            at += 1
            continue
        start, at = at, end
        high, at = _range(words, book, start, end)
        no_one = value == 1 and start > 0 and words.folded[start - 1] in book.forms.not_before
        if no_one or _loose(words, book, marked, start) or _no_count(words, marked, start, at):
            continue
        if high is not None and (scale := _scale(words, book, value, high, end)) > 1:
            value *= scale
        changed = _changed(changes, start)
        reached = changed and start > 0 and words.folded[start - 1] in book.to  # выросло до 9 is no "up to 9"
        if high is not None and (high < value or changed):  # rose from 3 to 9
            value, high = high, None
        unit, stop = currency(words, marked, book, start, at)
        whole = value.is_integer()
        measure: str | None
        if unit:
            if words.folded[start] in book.loose:
                continue  # millions of roubles
            at = stop
            measure = sum_for(words, found, book, start, at)
        else:
            duration = any(name == "dates:hour" and place == at for name, place, _ in marked)
            fitting = [(name, place) for name, place in measures if whole or name in _FRACTIONS]
            measure = None if duration else measure_of(fitting, words, book, acts, start, at)
            measure = measure or (counted(things, at) if whole else None)
            if measure in WIDE and last in FATES and at < len(words.raw) and words.folded[at] in book.forms.part_of:
                measure = last  # 54 were hurt, 24 of them officers
        if measure is None or (measure, value, unit) in seen:
            continue
        seen.add((measure, value, unit))
        last = measure
        bound = Bound.EXACT if reached else _bound_of(words, book, marked, start, at)
        yield start, Figure(evidence, measure, value, high, bound, unit, () if unit else _whom(marked, measure, at))


def _scale(words: Tokens, book: Lexicon, value: float, high: float, end: int) -> float:
    """What multiplies both ends of a range though it stands behind the second: 5 to 10 million."""
    first = next((n for at in (end, end + 1) if (n := _single_at(words, book, at)) is not None), None)
    if first is None or not value < first < high:
        return 1
    scale = high / first
    return scale if scale >= _LEAST_SCALE and scale.is_integer() else 1


def _single_at(words: Tokens, book: Lexicon, at: int) -> float | None:
    return single(words, book, at) if at < len(words.raw) else None


def _describes(words: Tokens, book: Lexicon, names: set[int], at: int, size: int) -> bool:
    """Whether a word of a measure only says who somebody is: supporters of the detained Atambayev."""
    if at and words.folded[at - 1] in book.forms.attributes:
        return words.folded[at].endswith(book.forms.done or "\0")
    return at + size in names and words.close(at + size)


def _range(words: Tokens, book: Lexicon, start: int, end: int) -> tuple[float | None, int]:
    """The upper end of ``20 to 30``, ``20-30`` or ``between 20 and 30``, and where it ends."""
    if end >= len(words.raw):
        return None, end
    if _DASHES.issuperset(words.gaps[end].strip() or "none"):
        high, after = value_at(words, book, end)
        if high is not None and high <= (value_at(words, book, start)[0] or 0):
            high = None
    elif words.folded[end] in book.to or (
        words.folded[end] in book.joined and start and words.folded[start - 1] in book.between
    ):
        high, after = value_at(words, book, end + 1) if end + 1 < len(words.raw) else (None, end)
    else:
        return None, end
    return (high, after) if high is not None else (None, end)


def _changed(changes: Sequence[int], start: int) -> bool:
    """Whether two numbers are what something was and what it is now, not the ends of a range."""
    return any(0 < start - at <= _CHANGE_REACH for at in changes)


def _loose(words: Tokens, book: Lexicon, marked: Sequence[tuple[str, int, int]], start: int) -> bool:
    """A word that names no number: several hundred, hundreds of thousands, one of the houses.

    Dozens alone are no such word: they are at least two dozen (`_bound_of`).
    """
    if words.folded[start] in book.loose and not book.loose.isdisjoint(words.folded[max(0, start - 2) : start]):
        return True
    if words.folded[start] in book.loose and _bound(marked, start) is Bound.EXACT:
        small = book.numbers.get(words.folded[start], 0) < LEAST_LOOSE
        return small or any(word in book.numbers for word in words.folded[start + 1 : start + 3])
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
    if any(name == "details:article" and at + size == start for name, at, size in marked):
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


def _bound(marked: Sequence[tuple[str, int, int]], start: int, end: int | None = None) -> Bound:
    """How a number is hedged: by what stands right before it, else by what stands right behind it."""
    near = [
        (at + size, size, name[7:])
        for name, at, size in marked
        if name.startswith("hedges:") and start - _HEDGE_REACH < at + size <= start and at < start
    ]
    near = [hedge for hedge in near if hedge[0] >= start - 1]
    if near:
        return Bound(max(near)[2])  # the longest: no fewer than, not fewer than
    behind = [(size, name[6:]) for name, at, size in marked if at == end and name.startswith("after:")]
    return Bound(max(behind)[1]) if behind else Bound.EXACT


def _bound_of(words: Tokens, book: Lexicon, marked: Sequence[tuple[str, int, int]], start: int, end: int) -> Bound:
    """How a number is hedged; dozens and hundreds are at least so many."""
    bound = _bound(marked, start, end)
    return Bound.AT_LEAST if bound is Bound.EXACT and words.folded[start] in book.loose else bound


def _whom(marked: Sequence[tuple[str, int, int]], measure: str, end: int) -> tuple[str, ...]:
    """The group that is counted, where it is not the measure itself."""
    groups = [(at, name[7:]) for name, at, _ in marked if name.startswith("groups:") and end <= at < end + NOUN_REACH]
    return () if measure.startswith("count:") or not groups else (min(groups)[1],)
