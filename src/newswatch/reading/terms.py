"""A sentence to terms: what its words stand for, in keys that no language owns.

``#arrest`` is a concept of the lexicons, ``@atambayev`` an entity of the event, ``@opumba`` a name that nobody
listed (in rough Latin, so that scripts and inflections meet), ``=98`` a number, and any other content word its stem.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from newswatch.inflection import bases
from newswatch.reading.lexicon import Lexicon, kinds, lexicon, symbols
from newswatch.text import fold, latin, stem
from newswatch.text import words as split_words

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
NUMBER = re.compile(r"\d[\d.,:\u00a0]*")
_GROUP = re.compile(r"\d{3}(?:\d{3})*")
_GROUPS = re.compile(r"[1-9]\d{0,2}|\d{3}")
_MONTHS = frozenset(f"dates:{month}" for month in MONTHS)
_MOST = 1e15
_OPENS = frozenset('"«“„‘(:.…!?–—')
"""What stands before a word that may have its capital for beginning something."""
_SHORT = 3
_NAME_LENGTH = 6
"""Letters of a rough Latin spelling that are compared: endings differ after them, names seldom do."""


@dataclass(frozen=True, slots=True)
class Term:
    """What one or more words of a sentence stand for.

    Attributes:
        key: see the module.
        kind: a kind of the lexicons, or ``name``, ``number`` or ``word``.
        at: the place of its first word.
        size: how many words it takes.
    """

    key: str
    kind: str
    at: int
    size: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a sentence in three forms, hyphens parting them; `gaps` stand before each and at the end."""

    raw: list[str]
    folded: list[str]
    stems: list[str]
    gaps: list[str]

    def close(self, at: int) -> bool:
        """Whether only a space or a hyphen stands before a word, and another word before that."""
        return at > 0 and self.gaps[at] in {" ", "-", ""}


_ENDING = re.compile(r"(?<=\d)['’]\w+$")
"""A case ending behind digits: 50'den."""


_DIGIT = re.compile(r"\d")
_SHORT_SUM = re.compile(r"(?<![\w.])(\d[\d.,]*)\s?(bn|bln|mn|mln|tn|trn|million|billion|trillion|m|k)\b", re.IGNORECASE)
_SHORT_FOR = {
    "k": "thousand", "m": "million", "mn": "million", "mln": "million", "bn": "billion", "bln": "billion",
    "tn": "trillion", "trn": "trillion",
}  # fmt: skip


def _written_out(text: str) -> str:
    """``$1.4bn`` with its million or billion as a word; ``5m`` and ``5k`` only behind a sign, since m are metres."""

    def whole(found: re.Match[str]) -> str:
        digits, short = found.groups()
        sign = text[: found.start()].rstrip()[-1:]
        if short.lower() in {"m", "k"} and sign not in symbols():
            return found.group()
        return f"{digits} {_SHORT_FOR.get(short.lower(), short)}"

    return _SHORT_SUM.sub(whole, text)


def tokens(text: str, language: str) -> Tokens:
    """Take a sentence apart."""
    if language == "en" and _DIGIT.search(text):
        text = _written_out(text)
    pieces = [piece for word in split_words(text) for piece in (word.parts() if "-" in word.text else (word,))]
    raw = [_ENDING.sub("", piece.text) if piece.text[:1].isdigit() else piece.text for piece in pieces]
    folded = [_bare(fold(word)) for word in raw]
    edges = [(0, 0), *((piece.start, piece.end) for piece in pieces), (len(text), len(text))]
    gaps = [text[one[1] : other[0]] for one, other in pairwise(edges)]
    found = Tokens(raw, folded, [stem(word, language) for word in folded], gaps)
    for at in range(len(raw) - 2, -1, -1):
        if _GROUP.fullmatch(raw[at + 1]) and _GROUPS.fullmatch(raw[at]) and gaps[at + 1] in {" ", "\u00a0", "\u202f"}:
            _join(found, at, language)
    return found


def _join(found: Tokens, at: int, language: str) -> None:
    """Make one of digits in groups (``100 000``), unless the first are a day after its month (August 8 300 people)."""
    book = lexicon(language)
    marks = book.marks.all_at(found.folded, found.stems, at - 1) if book is not None and at else []
    if any(hit.id in _MONTHS for hit in marks):
        return
    for words in (found.raw, found.folded, found.stems):
        words[at : at + 2] = [words[at] + words[at + 1]]
    del found.gaps[at + 1]


_ELISION = re.compile(r"^(?:[cdjlmnst]|qu)'(?=[^\W\d_]{2})")


def _bare(word: str) -> str:
    """Without what is only grammar: Atambayev's, l'attaque."""
    if "'" not in word:
        return word
    word = _ELISION.sub("", word)
    return word.removesuffix("'s")


@lru_cache(maxsize=1 << 16)
def name_key(word: str) -> str:
    """A name in rough Latin without its case endings: ``Слесарева`` and ``Slesarev`` give ``slesar``."""
    return latin(min(bases(_bare(fold(word))), key=len))[:_NAME_LENGTH]


class Names:
    """How the entities of an event are called: words in a row, each by its rough Latin key."""

    def __init__(self, spellings: Mapping[str, Iterable[str]], people: Container[str] = ()) -> None:
        """Keep the names.

        Args:
            spellings: entity id -> how it is called.
            people: the entities that go by the last word of a spelling alone.
        """
        self._starts: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for entity, names in spellings.items():
            for name in names:
                words = [piece.text for word in split_words(name) for piece in word.parts()]
                self._add(tuple(map(name_key, words)), entity)
                if entity in people and len(words) > 1 and len(words[-1]) > _SHORT:
                    self._add((name_key(words[-1]),), entity)
        for known in self._starts.values():
            known.sort(key=lambda pair: -len(pair[0]))

    def _add(self, keys: tuple[str, ...], entity: str) -> None:
        if keys and (len(keys) > 1 or len(keys[0]) >= _SHORT):
            known = self._starts.setdefault(keys[0], [])
            if all(other != keys for other, _ in known):
                known.append((keys, entity))

    def at(self, keys: Sequence[str], place: int) -> tuple[str, int] | None:
        """The entity whose longest name begins at a word, and how many words it takes."""
        for name, entity in self._starts.get(keys[place], ()):
            if tuple(keys[place : place + len(name)]) == name:
                return entity, len(name)
        return None

    def key_of(self, name: str) -> str:
        """The key of a name as a term: of the entity that it names, else its own."""
        words = [piece.text for word in split_words(name) for piece in word.parts()]
        found = self.at([name_key(word) for word in words], 0) if words else None
        return f"@{found[0]}" if found else f"@{name_key(words[-1] if words else name)}"


def sure_names(found: Tokens, book: Lexicon | None) -> set[str]:
    """Keys of what must be somebody's name: a capital inside a sentence, where the language has it for names only.

    Other sentences of the story may begin with the same word, stand in a Headline Where Most Words Have One, or be in
    a language whose nouns all have a capital; there two in a row are a name.
    """
    if not _capital_means_a_name(found, book):
        return set()
    return {
        name_key(word)
        for at, word in enumerate(found.raw)
        if _has_capital(word, found.folded[at], book)
        and (_in_a_row(found, at, book) if book is not None and book.nouns else not _begins(found, at))
    }


def terms(found: Tokens, book: Lexicon | None, names: Names, seen: Container[str] = ()) -> list[Term]:
    """The terms of a sentence, in order; small words are left out.

    Args:
        found: its words.
        book: its language's lexicon; without one every capital begins a name.
        names: the event's entities.
        seen: names that stand elsewhere in the story (`sure_names`).
    """
    kind_of = kinds()
    capital = _capital_means_a_name(found, book)
    keys = [name_key(word) if len(word) > 1 else word for word in found.raw]
    result: list[Term] = []
    named: set[str] = set()
    at = 0
    while at < len(found.raw):
        word, folded = found.raw[at], found.folded[at]
        size = 1
        upper = word[:1].isupper()
        entity = names.at(keys, at) if upper else None
        hit = book.concepts.at(found.folded, found.stems, at) if book is not None else None
        if hit is not None and hit.size == 1 and book is not None and (folded in book.stop or folded in book.numbers):
            hit = None  # семь is seven, not a family
        if NUMBER.fullmatch(word):
            result.append(Term(f"={number(word):g}", "number", at, 1))
        elif entity is not None:
            size = entity[1]
            _add_name(result, found, Term(f"@{entity[0]}", "name", at, size), named)
            named.add(f"@{entity[0]}")
        elif hit is not None and not (
            capital and upper and at and hit.size == 1 and _is_a_name(kind_of.get(hit.id, ""))
        ):
            size = hit.size
            result.append(Term(f"#{hit.id}", kind_of.get(hit.id, "thing"), at, size))
        elif book is not None and folded in book.numbers:
            result.append(Term(f"={book.numbers[folded]:g}", "number", at, 1))
        elif len(folded) > 2 and (book is None or folded not in book.stop):
            if upper and _named(found, at, book, keys[at], seen, capital=capital):
                _add_name(result, found, Term(f"@{name_key(word)}", "name", at, 1), named)
            else:
                result.append(Term(found.stems[at], "word", at, 1))
        at += size
    return result


def _add_name(result: list[Term], found: Tokens, term: Term, named: set[str]) -> None:
    """Names in a row are one, and it goes by its last word: Farid Niyazov by Niyazov. Listed names stand alone."""
    last = result[-1] if result else None
    if (
        last is not None
        and last.kind == "name"
        and last.key not in named
        and last.at + last.size == term.at
        and found.close(term.at)
    ):
        result[-1] = Term(term.key, "name", last.at, last.size + term.size)
    else:
        result.append(term)


def _named(found: Tokens, at: int, book: Lexicon | None, key: str, seen: Container[str], *, capital: bool) -> bool:
    """Whether a word with a capital that no lexicon knows is a name.

    A capital that any word would have there, at the beginning or in a language whose nouns have one, needs more: the
    name stands elsewhere in the story, another word with a capital follows, or who bears it speaks.
    """
    if key in seen or (book is None and (capital or not at)):
        return True
    if not capital or book is None:
        return not at and _speaks(found, at, book)
    if not (book.nouns or _begins(found, at)):
        return True
    return _in_a_row(found, at, book) or _speaks(found, at, book)


def _begins(found: Tokens, at: int) -> bool:
    """Whether a word begins a sentence, or one that is quoted or follows a colon or a stop."""
    return not at or not _OPENS.isdisjoint(found.gaps[at])


def _has_capital(word: str, folded: str, book: Lexicon | None) -> bool:
    return word[:1].isupper() and len(word) > _SHORT - 1 and (book is None or folded not in book.stop)


def _in_a_row(found: Tokens, at: int, book: Lexicon | None) -> bool:
    """Whether a word with a capital stands right beside it, and neither is known for something else."""
    return any(
        0 <= other < len(found.raw)
        and found.close(max(at, other))
        and _has_capital(found.raw[other], found.folded[other], book)
        and not _means(found, other, book)
        for other in (at + 1, at - 1)
    )


def _means(found: Tokens, at: int, book: Lexicon | None) -> bool:
    return book is not None and book.concepts.at(found.folded, found.stems, at) is not None


def _speaks(found: Tokens, at: int, book: Lexicon | None) -> bool:
    """Whether a verb of speech follows, as after who says something."""
    if book is None or at + 1 >= len(found.raw) or not found.close(at + 1):
        return False
    hit = book.concepts.at(found.folded, found.stems, at + 1)
    return hit is not None and kinds().get(hit.id) == "speech"


def _is_a_name(kind: str) -> bool:
    """A word with a capital inside a sentence that is no place, body, role or day is somebody's name."""
    return kind in {"thing", "quality", "action", "urgent", "speech"}


def _capital_means_a_name(found: Tokens, book: Lexicon | None) -> bool:
    """Not in a headline where Most Words Have One: there only small words and second halves stand without."""
    long = [word for word in found.raw[1:] if len(word) > 3]
    if not long or sum(word[:1].isupper() for word in long) <= 0.6 * len(long):
        return True
    small = book.stop if book is not None else frozenset()
    return any(
        raw.islower() and len(raw) > (2 if small else 3) and folded not in small and "-" not in gap
        for raw, folded, gap in zip(found.raw, found.folded, found.gaps, strict=False)
    )


def number(word: str) -> float:
    """The value of digits as news writes them: ``1,500``, ``1 500``, ``2.5``; of ``14:35`` the hour; to 1e15."""
    text = word.replace("\u00a0", "").partition(":")[0].rstrip(".,")
    text = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", text).replace(",", ".")
    try:
        return min(float(text), _MOST)
    except ValueError:
        return float(re.sub(r"\D", "", text)[:15] or 0)
