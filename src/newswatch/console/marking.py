"""A story's text with the sentences that prove something marked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_SENTENCES = 300


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: its kind is ``new``, ``known`` or empty; ``name`` is the sentence's number, or 0."""

    text: str
    kind: str = ""
    name: int = 0


def marked(text: str, sentences: Mapping[str, str]) -> list[list[Piece]]:
    """Paragraphs of pieces.

    Args:
        text: as it was published, paragraphs parted by empty lines.
        sentences: each, white space folded, with its kind; the first to claim a place in the text has it.
    """
    taken: list[tuple[int, int, str, int]] = []
    for name, (sentence, kind) in enumerate(list(sentences.items())[:MOST_SENTENCES], 1):
        found = _place(text, sentence)
        if found and all(found[1] <= start or found[0] >= end for start, end, _, _ in taken):
            taken.append((*found, kind, name))
    pieces: list[Piece] = []
    at = 0
    for start, end, kind, name in sorted(taken):
        pieces += [Piece(text[at:start]), Piece(text[start:end], kind, name)]
        at = end
    pieces.append(Piece(text[at:]))
    return _paragraphs(pieces)


def _place(text: str, sentence: str) -> tuple[int, int] | None:
    words = sentence.split()
    if not words:
        return None
    match = re.search(r"\s+".join(map(re.escape, words)), text)
    return match.span() if match else None


def _paragraphs(pieces: list[Piece]) -> list[list[Piece]]:
    paragraphs: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *others = re.split(r"\n\s*\n", piece.text)
        paragraphs[-1].append(Piece(first, piece.kind, piece.name))
        paragraphs += [[Piece(other, piece.kind, piece.name)] for other in others]
    whole = [[piece for piece in paragraph if piece.text] for paragraph in paragraphs]
    return [paragraph for paragraph in whole if any(piece.text.strip() for piece in paragraph)]


def changes(before: str, after: str) -> tuple[list[str], list[str]]:
    """Sentences that an edit took out, and those it put in."""
    old, new = _sentences(before), _sentences(after)
    return [one for one in old if one not in set(new)], [one for one in new if one not in set(old)]


def _sentences(text: str) -> list[str]:
    """Good enough to show what an edit changed; the judge has its own."""
    folded = (" ".join(part.split()) for part in re.split(r"\n\s*\n|(?<=[.!?…»”])\s+", text))
    return [one for one in folded if one]
