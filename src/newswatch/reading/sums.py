"""Sums of money: a number with a currency right beside it, and what the sum is for."""

from __future__ import annotations

from collections.abc import Sequence

from newswatch.reading.lexicon import Lexicon, sums, symbols
from newswatch.reading.numbers import single
from newswatch.reading.terms import NUMBER, Term, Tokens

MEASURE = "money"
_REACH = 6
"""Words between a sum and what it is for: a fine, damage."""


def currency(
    words: Tokens, marked: Sequence[tuple[str, int, int]], book: Lexicon, start: int, end: int
) -> tuple[str, int]:
    """The currency of a number and where the sum ends; empty where it is no sum.

    Args:
        words: the sentence's words.
        marked: its words of small tables.
        book: its lexicon.
        start: the place of the number's first word.
        end: the place of the word behind it.

    Returns:
        An id such as ``usd`` or ``kgs``, lower-case ISO 4217: of the sign before the number (``$5 m``, ``USD 5``), the
        sign behind it (``5 €``), or the word behind it, perhaps with one between (``5 million new lira``).
    """
    signs = symbols()
    before = words.gaps[start].strip()
    if before:
        glued = words.raw[start - 1] + before if start and not words.gaps[start].startswith(" ") else ""
        sign = signs.get(glued) or signs.get(before) or signs.get(before[-1])
        if sign:
            return sign, end
    elif start and words.raw[start - 1] in signs:
        return signs[words.raw[start - 1]], end
    behind = words.gaps[end].strip()
    if words.folded[end - 1] in book.abbreviations:
        behind = behind.removeprefix(".")  # 300 тыс. руб.
    if behind and behind[0] in signs:
        return signs[behind[0]], end
    if behind or end >= len(words.raw):
        return "", end
    if words.raw[end] in signs:
        return signs[words.raw[end]], end + 1
    for name, at, size in marked:
        if not name.startswith("currencies:") or at not in {end, end + 1}:
            continue
        if at == end or (words.close(at) and not NUMBER.fullmatch(words.raw[end])):
            return name[11:], at + size
    return "", end


def sum_for(words: Tokens, found: Sequence[Term], book: Lexicon, start: int, end: int) -> str:
    """The measure of a sum: ``fine``, ``bail``, ``damage`` … of the nearest such word, else ``money``.

    A word beyond another number is that one's.

    Args:
        words: the sentence's words.
        found: its terms.
        book: its lexicon.
        start: the place where the sum begins.
        end: the place behind it.
    """
    low, high = max(0, start - _REACH), min(len(words.raw), end + _REACH)
    low = max((at + 1 for at in range(low, start) if single(words, book, at) is not None), default=low)
    high = min((at for at in range(end, high) if single(words, book, at) is not None), default=high)
    near = [
        (min(abs(start - term.at), abs(term.at - end)), sums()[term.key])
        for term in found
        if term.key in sums() and low <= term.at < high
    ]
    return min(near)[1] if near else MEASURE
