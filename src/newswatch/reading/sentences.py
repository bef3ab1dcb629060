"""A text to sentences, in any language that ends them with a mark. Pure.

Marks end a sentence where white space and then a capital letter, a digit or an opening quote follow; not after an
abbreviation of the lexicon, an initial, or inside a date (``8. August``). A line break ends one only where an empty
line follows, since feeds wrap lines anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_TEXT = 60_000
"""A hostile or boundless text is read up to here; claims of news stand in front."""
MAX_SENTENCES = 300
MAX_SENTENCE = 2_000
"""A longer run without an end is cut here; no sentence of news is."""

_CLOSERS = "\"'”’»›)]"
_OPENERS = "\"'“‘«‹„([¿¡"
_END = re.compile(
    rf"(?<![.!?…])[.!?…]++[{re.escape(_CLOSERS)}]*+(?=\s+[{re.escape(_OPENERS)}\-–—]*\s?[^\W_a-zа-яёіїєґ])"
    r"|[。！？]|\n\s*\n"
)
_LAST_WORD = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)\.$")
_ONE_LETTER = re.compile(r"[^\W\d_]")
_MONTHDAY = re.compile(r"\b\d{1,2}\.$")


@dataclass(frozen=True, slots=True)
class Span:
    """One sentence as it stands in a story: its text with white space folded, its place (0 is the title)."""

    text: str
    index: int
    paragraph: int = 0


def split(title: str, text: str, abbreviations: frozenset[str] = frozenset()) -> list[Span]:
    """The sentences of a story, the title first.

    Args:
        title: becomes sentence 0, whole; left out where it is empty.
        text: paragraphs parted by empty lines.
        abbreviations: folded words that end in a full stop without ending a sentence (``mr``, ``aug``, ``тыс``).

    Returns:
        Spans in order; `index` counts from 1 in the text.
    """
    spans = [Span(headline, 0)] if (headline := " ".join(title.split())[:MAX_SENTENCE]) else []
    index = 1
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text[:MAX_TEXT])):
        for sentence in _sentences(" ".join(paragraph.split()), abbreviations):
            spans.append(Span(sentence, index, number))
            index += 1
            if index > MAX_SENTENCES:
                return spans
    return spans


def _sentences(paragraph: str, abbreviations: frozenset[str]) -> list[str]:
    found: list[str] = []
    start = 0
    for end in _END.finditer(paragraph):
        piece = paragraph[start : end.end()].strip()
        if not piece or (end.group() == "." and _goes_on(piece, paragraph[end.end() :], abbreviations)):
            continue
        found.append(piece)
        start = end.end()
    found.append(paragraph[start:].strip())
    return [cut for piece in found if piece for cut in _cut(piece)]


def _goes_on(piece: str, rest: str, abbreviations: frozenset[str]) -> bool:
    """Whether a full stop belongs to a word: an abbreviation, an initial, or a day before its month."""
    last = _LAST_WORD.search(piece)
    if last is None:
        return False
    word = last.group(1)
    if word.casefold() in abbreviations:
        return True
    if "." in word and not word.replace(".", "").isdigit():
        # U.S., т.е.: ends a sentence only where another clearly begins; 3.5 and 08.08.2019 end one as any word does
        return len(piece) < 40
    if len(word) == 1 and _ONE_LETTER.match(word) and word.isupper():
        return True
    # "8. August" of languages that write ordinals so: the stop after a number of one or two digits ends nothing
    # where a word with a capital and no further stop nearby follows.
    return bool(_MONTHDAY.search(piece)) and len(piece) < 30 and not rest[:1].isdigit() and len(piece.split()) < 3


def _cut(piece: str) -> list[str]:
    if len(piece) <= MAX_SENTENCE:
        return [piece]
    return [piece[at : at + MAX_SENTENCE] for at in range(0, len(piece), MAX_SENTENCE)]
