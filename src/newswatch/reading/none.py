"""Nobody as a number: "no casualties", "nobody was hurt", «никто не погиб», «пострадавших нет» are figures of 0."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newswatch.reading.lexicon import Lexicon
from newswatch.reading.numbers import single
from newswatch.reading.terms import Term, Tokens

NOBODY = frozenset({"killed", "injured", "hospitalised", "critical", "missing"})
"""Measures of what befalls people. Of others nobody is who does it: "nobody detained him" counts no detained."""
_REACH = 6
"""Words between nobody and what befell nobody."""
_BEHIND = 2
"""Words between whom there were none of and the word that says so: пострадавших пока нет."""
_JOINED_REACH = 3
_IDLE = frozenset({"role", "body", "quality", "time"})
"""Kinds of words that may stand between: no police officers were seriously hurt."""


def nobody(
    words: Tokens,
    found: Sequence[Term],
    marked: Sequence[tuple[str, int, int]],
    measures: Sequence[tuple[str, int]],
    book: Lexicon,
) -> Iterator[tuple[str, int]]:
    """The measures that a sentence says nobody falls under, and where each stands.

    What nobody knows, hears or reports of is no such measure ("no one knows how many were killed", «данных о погибших
    нет»), nor is one that goes on ("no longer missing", "no further deaths").

    Args:
        words: the sentence's words.
        found: its terms.
        marked: its words of small tables.
        measures: measures of people that it names, with their places.
        book: its lexicon.
    """
    says = [(name[5:], at, size) for name, at, size in marked if name.startswith("none:")]
    if not says or not measures:
        return
    other = {at for name, at, _ in says if name == "not"}
    said = {at for _, at, _ in says}
    busy = {at for term in found if term.kind not in _IDLE and term.at not in said for at in _places(term)}
    busy -= {at for _, at in measures}
    for name, at, size in says:
        if at in other or name == "not":
            continue
        if name == "whole":
            yield from ((measure, m) for measure, m in measures if m == at)
        elif name == "before":
            yield from _behind(words, busy, measures, book, at + size)
        else:
            near = [(m, n) for n, m in measures if m < at and at - m <= _BEHIND + 1]
            last = max(near, default=None)
            if last is not None and _free(words, busy, book, last[0] + 1, at) and not _told_of(words, book, last[0]):
                yield last[1], last[0]
                yield from ((n, m) for n, m in measures if _joins(words, book, m, last[0]))


def _places(term: Term) -> range:
    return range(term.at, term.at + term.size)


def _behind(
    words: Tokens, busy: set[int], measures: Sequence[tuple[str, int]], book: Lexicon, start: int
) -> Iterator[tuple[str, int]]:
    first = min((m for _, m in measures if start <= m < start + _REACH), default=None)
    if first is None or not _free(words, busy, book, start, first):
        return
    for name, at in measures:
        if at == first or _joins(words, book, first, at):
            yield name, at


def _joins(words: Tokens, book: Lexicon, one: int, other: int) -> bool:
    """Whether two measures share nobody: no one was killed or hurt, жертв и пострадавших нет."""
    between = range(one + 1, other)
    return len(between) in range(1, _JOINED_REACH) and any(words.folded[at] in book.forms.joins for at in between)


def _free(words: Tokens, busy: set[int], book: Lexicon, start: int, end: int) -> bool:
    return all(
        at not in busy
        and words.folded[at] not in book.forms.about
        and single(words, book, at) is None
        and (at == start or words.close(at))
        for at in range(start, end)
    ) and (end == start or words.close(end) or start == 0)


def _told_of(words: Tokens, book: Lexicon, at: int) -> bool:
    """Whether it is only what is told, or not told, about: данных о погибших нет."""
    return any(word in book.forms.about for word in words.folded[max(0, at - 3) : at])
