"""Which measure a number is of: what stands nearest, what befell a part, who is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newswatch.reading.lexicon import Lexicon
from newswatch.reading.numbers import single, value_at
from newswatch.reading.terms import Tokens

REACH = 8
"""Words after a number in which its measure may stand (98 people were injured)."""
BEHIND = 4
"""A measure after the number is preferred to one that stands this much nearer before it."""
REACH_BACK = 8
"""Words before it (the death toll … rose to 9)."""
NOUN_REACH = 3
"""Words after a number in which the thing that is counted may stand."""
_FAR = 22
_CLAUSE = BEHIND + 1
"""A measure beyond a comma or an "and" is held to be this much further away."""
_PARTS = frozenset(",;")
FATES = frozenset(
    {
        "killed", "injured", "hospitalised", "critical", "missing", "detained", "charged", "hostages", "released",
        "rescued",
    }
)  # fmt: skip
"""What befalls people."""
WIDE = frozenset({"officers", "protesters"})
"""Measures of those who only are there."""
_NARROW = {
    **dict.fromkeys(WIDE, FATES),
    "injured": frozenset({"hospitalised", "critical", "released"}),
}
"""What may be said of those that a wide measure counts; it is their measure then: of the injured, 20 in hospital."""


def measure_of(
    measures: Sequence[tuple[str, int]], words: Tokens, book: Lexicon, acts: frozenset[int], start: int, end: int
) -> str | None:
    """The measure that stands nearest; one that narrows (of the injured, so many are in hospital) from further on."""
    stop = _next_number(words, book, end)
    led = any(0 < start - m <= 2 and not parted(words, m + 1, start, book.joined) for _, m in measures)
    aside = 0 if led else _aside(words, book, stop)
    if aside:
        beyond = [(name, m) for name, m in measures if m >= aside and words.close(m)]
        stop = _next_number(words, book, aside)
        if beyond and beyond[0][1] < min(stop, aside + REACH):
            return beyond[0][0]
    if stop < len(words.raw) and _part(words, book, end, stop):
        return _of_part(measures, words, book, stop)
    behind = 0 if words.gaps[start].strip() == ":" else BEHIND  # "Killed: 3, injured: 20" tells what before
    near = [
        (m - end + BEHIND - behind + _CLAUSE * parted(words, end, m), name)
        for name, m in measures
        if 0 <= m - end < REACH and m < stop
    ]
    near += [
        (start - m + behind + _CLAUSE * parted(words, m + 1, start, book.joined), name)
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
        and not _elsewhere(words, book, acts, end, m)
    ]
    return min(narrow)[1] if narrow else best


def _part(words: Tokens, book: Lexicon, end: int, whole: int) -> bool:
    """Whether a number is a part of the next: two of the nine."""
    between = range(end, whole)
    return len(between) in {1, 2} and words.folded[end] in book.forms.part_of and words.close(whole)


def _aside(words: Tokens, book: Lexicon, part: int) -> int:
    """Where a sentence goes on behind a part set aside by commas (54 people, 24 of them officers, …); 0 without one."""
    behind = part + 1
    if not (0 < part < len(words.raw) and words.gaps[part].strip() == "," and behind < len(words.raw)):
        return 0
    if words.folded[behind] not in book.forms.part_of:
        return 0
    return next((at for at in range(behind + 1, min(len(words.raw), behind + REACH)) if "," in words.gaps[at]), 0)


def _of_part(measures: Sequence[tuple[str, int]], words: Tokens, book: Lexicon, whole: int) -> str | None:
    """What befell a part: the second measure behind the whole number, or the only one where the whole has none."""
    _, end = value_at(words, book, whole)
    stop = min(_next_number(words, book, end), end + REACH)
    behind = sorted((m, name) for name, m in measures if end <= m < stop)
    if not behind:
        return None
    first = behind[0]
    further = next((name for m, name in behind if m > first[0] and name != first[1]), None)
    return further or (first[1] if first[0] > end else None)


def _elsewhere(words: Tokens, book: Lexicon, acts: frozenset[int], end: int, at: int) -> bool:
    """Whether a fate befell others than those counted: officers were sent where people had been killed."""
    between = range(end, at)
    if any(words.folded[n] in book.forms.clause for n in between):
        return True
    joined = any(words.folded[n] in book.joined or not _PARTS.isdisjoint(words.gaps[n]) for n in between)
    return joined and not acts.isdisjoint(between)


def parted(words: Tokens, start: int, end: int, joined: frozenset[str] = frozenset()) -> bool:
    """Whether a comma, the like or an "and" stands between two words."""
    return any(words.folded[at - 1] in joined or not _PARTS.isdisjoint(words.gaps[at]) for at in range(start, end + 1))


def _next_number(words: Tokens, book: Lexicon, at: int) -> int:
    """Where the next number begins: what stands behind it is its own."""
    return next((n for n in range(at, len(words.raw)) if single(words, book, n) is not None), len(words.raw))


def counted(things: Mapping[int, str], end: int) -> str | None:
    """What stands after the number: a thing or role that the lexicon knows."""
    thing = next((things[at] for at in range(end, end + NOUN_REACH) if at in things), None)
    return None if thing is None else f"count:{thing}"
