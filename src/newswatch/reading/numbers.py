"""The numbers that words and digits of a sentence stand for: ``two thousand three hundred``, ``1.5 million``."""

from __future__ import annotations

import re

from newswatch.reading.lexicon import Lexicon
from newswatch.reading.terms import NUMBER, Tokens, number

_MULTIPLIERS = 100


def value_at(words: Tokens, book: Lexicon, at: int) -> tuple[float | None, int]:
    """The number that begins at a word, and where it ends: ``two thousand``, ``1.5 million``, ``132``."""
    first = single(words, book, at)
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


def single(words: Tokens, book: Lexicon, at: int) -> float | None:
    """The value of one word, in digits or letters; None for what is no number, or a date or time."""
    word = words.raw[at]
    if NUMBER.fullmatch(word):
        if ":" in word or re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{2,4}", word):
            return None
        return number(word)
    return book.numbers.get(words.folded[at])
