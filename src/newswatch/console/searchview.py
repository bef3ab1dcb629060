"""The search page: stories and developments that hold what was asked for, with the words marked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newswatch.config.event import Event
from newswatch.console.marking import Piece
from newswatch.console.timeline import Line, lines
from newswatch.model import Story
from newswatch.store import FURTHEST, Pages, Query, parsed
from newswatch.text import fold

PAGE = 20
AROUND = 110
"""Letters shown on each side of the first word found."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that was found: its title and the place in its text, the words that were asked for marked."""

    story: Story
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class LineHit:
    """A development that was found, the words that were asked for marked in its line."""

    line: Line
    event_title: str
    summary: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What was found.

    Attributes:
        said: the query as it was written.
        kind: ``stories`` or ``developments``.
        page: from 1 on.
        more: whether there is a next one.
        asked: whether anything was asked for.
    """

    said: str
    kind: str
    page: int
    more: bool
    asked: bool
    stories: tuple[Hit, ...] = ()
    developments: tuple[LineHit, ...] = ()


def search_page(
    pages: Pages, said: str, kind: str, page: int, events: Mapping[str, Event], *, limit: int = PAGE
) -> SearchPage:
    """A page of results, the newest first.

    Args:
        pages: the store.
        said: the query as a person wrote it.
        kind: ``stories`` or ``developments``.
        page: which, from 1 on.
        events: the events by id.
        limit: results of a page.
    """
    query, offset = parsed(said), (page - 1) * limit
    more = offset + limit < FURTHEST
    if kind == "developments":
        found = pages.search_developments(query, limit=limit + 1, offset=offset)
        shown = tuple(
            LineHit(line, _title(events, line), marks(line.told.summary, query))
            for line in lines(pages, found[:limit], events)
        )
        return SearchPage(said, kind, page, more and len(found) > limit, bool(query), developments=shown)
    stories = pages.search_stories(query, limit=limit + 1, offset=offset)
    hits = tuple(Hit(one, marks(one.title, query), excerpt(one.text, query)) for one in stories[:limit])
    return SearchPage(said, kind, page, more and len(stories) > limit, bool(query), stories=hits)


def _title(events: Mapping[str, Event], line: Line) -> str:
    event = events.get(line.told.event)
    return event.title if event else line.told.event


def marks(text: str, query: Query) -> tuple[Piece, ...]:
    """A text with the words that were asked for marked."""
    pieces, at = [], 0
    for start, end in _places(text, query):
        pieces += [Piece(text[at:start]), Piece(text[start:end], "found")]
        at = end
    pieces.append(Piece(text[at:]))
    return tuple(piece for piece in pieces if piece.text)


def excerpt(text: str, query: Query) -> tuple[Piece, ...]:
    """The text around the first words that were asked for; its beginning, where they are in the title only."""
    flat = " ".join(text.split())
    first = next(iter(_places(flat, query)), (0, 0))[0]
    start = max(first - AROUND, 0)
    start = flat.rfind(" ", 0, start) + 1 if start else 0
    end = flat.find(" ", first + 2 * AROUND)
    cut = flat[start : end if end > 0 else len(flat)]
    shown = cut if len(cut) <= 6 * AROUND else cut[: 6 * AROUND]
    return marks(("… " if start else "") + shown + (" …" if end > 0 else ""), query)


def _places(text: str, query: Query) -> Sequence[tuple[int, int]]:
    """Where words stand that were asked for; of a phrase, all of it."""
    words = [(found.start(), found.end(), fold(found.group())) for found in _WORD.finditer(text)]
    places: set[tuple[int, int]] = set()
    for term in query.terms:
        if term.begins:
            places |= {(start, end) for start, end, word in words if term.marks(word)}
            continue
        size, wanted = len(term.words), term.words
        for n in range(len(words) - size + 1):
            if tuple(word for _, _, word in words[n : n + size]) == wanted:
                places.add((words[n][0], words[n + size - 1][1]))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
