"""What stands beside a number and is its own: where it was counted, and as of when."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime

from newswatch.reading.days import day_named
from newswatch.reading.lexicon import Lexicon, vague
from newswatch.reading.terms import Term, Tokens

_REACH = 14
"""Words between a number and its place or day."""
_AS_OF = 5
_PARTS = frozenset(",;")


def places(words: Tokens, found: Sequence[Term], book: Lexicon, known: Container[str]) -> list[tuple[str, int]]:
    """Keys of the places that a sentence names, and where: of the lexicon, of the event, and names after "in".

    Args:
        words: the sentence's words.
        found: its terms.
        book: its lexicon.
        known: keys of the event's places.
    """
    return [
        (term.key, term.at)
        for term in found
        if (term.kind == "place" and term.key not in vague())
        or (term.kind == "name" and (term.key in known or _stands_in(words, book, term)))
    ]


def _stands_in(words: Tokens, book: Lexicon, name: Term) -> bool:
    owner = words.raw[name.at + name.size - 1].endswith(("'s", "’s"))
    return name.at > 0 and words.folded[name.at - 1] in book.forms.place_before and words.close(name.at) and not owner


def own(words: Tokens, starts: Sequence[int], start: int, at: int) -> bool:
    """Whether a word belongs to the number that begins at `start`, of all that begin at `starts`.

    What stands behind a number is its own, up to the next; but before the next number's clause it is the next one's
    ("9 died in the north, in the south 20"). What stands before the first number is every number's.
    """
    following = next((other for other in starts if other > start), len(words.raw))
    if at > start:
        if at >= following or at - start > _REACH:
            return False
        return following == len(words.raw) or not _parted(words, start, at) or _parted(words, at, following)
    before = max((other for other in starts if other < start), default=None)
    if before is None:
        return True
    if at > before:
        return _parted(words, before, at) and not _parted(words, at, start)
    return at < starts[0]


def _parted(words: Tokens, start: int, end: int) -> bool:
    return any(not _PARTS.isdisjoint(words.gaps[at]) for at in range(start + 1, end + 1))


def where(words: Tokens, named: Sequence[tuple[str, int]], starts: Sequence[int], start: int) -> tuple[str, ...]:
    """The places of one number; those behind or in its clause before those that open the sentence."""
    mine = [(key, at) for key, at in named if own(words, starts, start, at)]
    close = [pair for pair in mine if pair[1] > starts[0]]
    return tuple(dict.fromkeys(key for key, _ in close or mine))


def as_of(
    words: Tokens,
    marked: Sequence[tuple[str, int, int]],
    starts: Sequence[int],
    start: int,
    published: datetime,
    when: datetime | None,
) -> datetime | None:
    """The day of one number: what "as of" names, else the day beside it, else the sentence's.

    Args:
        words: the sentence's words.
        marked: its words of small tables.
        starts: where its numbers begin.
        start: where this number begins.
        published: when the story was published.
        when: the day that the sentence names.
    """
    days = [one for one in marked if one[0].startswith("dates:")]
    said = [at + size for name, at, size in marked if name == "details:as-of"]
    if said:
        behind = [one for one in days if any(end <= one[1] < end + _AS_OF for end in said)]
        return (day_named(words, behind, published) if behind else None) or when
    if len(days) < 2 or len(starts) < 2:
        return when
    mine = [one for one in days if own(words, starts, start, one[1])]
    mine = [one for one in mine if one[1] > starts[0]] or mine
    return (day_named(words, mine, published) if mine else None) or when
