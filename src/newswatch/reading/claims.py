"""A story's text to claims: figures, happenings and statements, each with its sentence. Pure.

Claims do not depend on the language: measures, happenings and speech are ids, names are spelt in rough Latin, so that
a Russian story can be held against what an English one told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from newswatch.model import Bound, Claim, Evidence, Figure, Happening, Statement, Status
from newswatch.reading.lexicon import Lexicon, lexicon
from newswatch.text import fold, latin, stem, words

# A hostile or boundless text is read up to here; claims of news stand in front.
MAX_TEXT = 60_000
MAX_SENTENCES = 300
# A measure stands close after its number (98 people were injured), or further before it (the death toll … rose to 9).
REACH = 4
REACH_BACK = 8
_END = re.compile(r"(?<=[.!?…])[\"'”»)]*\s+(?=[\"'“«(]*[A-ZА-ЯЁ0-9])|\n\s*\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Gen|Lt|Col|Sgt|Gov|Sen|Rep|Prof|No|им|ул|г|гг|тыс|млн|руб|т\.д|т\.п|[A-ZА-Я]))\.$"
)
_NUMBER = re.compile(r"\d[\d.,\u00a0]*")
_ORDER = (
    ("called-off", Status.CALLED_OFF),
    ("denied", Status.DENIED),
    ("failed", Status.FAILED),
    ("planned", Status.PLANNED),
    ("alleged", Status.ALLEGED),
    ("attempted", Status.ATTEMPTED),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, taken apart.

    Attributes:
        text: verbatim, white space folded.
        index: its place, 0 being the title.
        raw, folded, stems: its words in three forms.
    """

    text: str
    index: int
    raw: list[str]
    folded: list[str]
    stems: list[str]


def sentences(title: str, text: str, language: str) -> list[Sentence]:
    """The sentences of a story, the title first."""
    found = [" ".join(title.split())] if title.strip() else [""]
    pending = ""
    for piece in _END.split(text[:MAX_TEXT]):
        pending = f"{pending} {piece}".strip() if pending else piece.strip()
        if pending and not _ABBREVIATION.search(pending):
            found.append(" ".join(pending.split()))
            pending = ""
    if pending:
        found.append(" ".join(pending.split()))
    return [_sentence(t, i, language) for i, t in enumerate(found[:MAX_SENTENCES]) if t]


def _sentence(text: str, index: int, language: str) -> Sentence:
    # Hyphens part words; commas and colons inside numbers do not.
    raw = [piece.text for word in words(text) for piece in (word.parts() if "-" in word.text else (word,))]
    return Sentence(text, index, raw, [fold(w) for w in raw], [stem(w, language) for w in raw])


class Reader:
    """Reads stories of one event: knows how its entities are called."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """Keep the names.

        Args:
            names: entity id -> its spellings.
        """
        self._names: dict[str, str] = {}
        for entity, spellings in names.items():
            for spelling in spellings:
                last = latin(spelling.split()[-1]) if spelling.split() else ""
                if len(last) > 3:
                    self._names.setdefault(last[:6], entity)

    def read(self, title: str, text: str, language: str) -> list[Claim]:
        """All claims of a story, in the order of its sentences."""
        book = lexicon(language)
        found: list[Claim] = []
        for sentence in sentences(title, text, language):
            found += self._claims(sentence, book)
        return found

    def _claims(self, s: Sentence, book: Lexicon) -> Iterator[Claim]:
        evidence = Evidence(s.text, s.index)
        hits = {t: _hits(s, book, t) for t in ("happenings", "speech", "status", "measures", "background", "again")}
        background = bool(hits["background"])
        names = self._entities(s, book)
        terms = self._terms(s, book, names)
        yield from _figures(s, book, hits["measures"], evidence, background)
        speaker = _speaker(hits["speech"], names)
        if hits["speech"] and speaker:
            act = hits["speech"][0][0]
            yield Statement(evidence, speaker, act, terms=terms, background=background)
        status = next((status for name, status in _ORDER if any(h[0] == name for h in hits["status"])), Status.DONE)
        ordinal = 2 if hits["again"] else 1
        types = list(dict.fromkeys(name for name, _, _ in hits["happenings"]))
        for kind in types[:3] or ["other"]:
            yield Happening(
                evidence, kind, status, actors=tuple(n for _, n in names[:4]), terms=terms, ordinal=ordinal,
                background=background,
            )  # fmt: skip

    def _entities(self, s: Sentence, book: Lexicon) -> list[tuple[int, str]]:
        """Names, known and unknown, with their places: words with a capital that do not merely begin the sentence."""
        found = []
        for at, word in enumerate(s.raw):
            if len(word) < 3 or not word[0].isupper() or s.folded[at] in book.stop:
                continue
            name = latin(word)
            known = self._names.get(name[:6]) if len(name) > 3 else None
            if known:
                found.append((at, known))
            elif at and not word.isupper():
                found.append((at, name[:6]))
        return found

    def _terms(self, s: Sentence, book: Lexicon, names: list[tuple[int, str]]) -> tuple[str, ...]:
        """What the sentence is about, language-free as far as the lexicon goes."""
        named = dict(names)
        found: dict[str, None] = {}
        at = 0
        while at < len(s.raw):
            hit = next(iter(book.find("happenings", s.stems, s.folded, at)), None)
            number = _value(s, book, at)
            if at in named:
                found[f"@{named[at]}"] = None
            elif hit:
                found[f"#{hit[0]}"] = None
                at += hit[1] - 1
            elif number is not None:
                found[f"={number:g}"] = None
            elif s.folded[at] not in book.stop and len(s.folded[at]) > 2:
                found[s.stems[at]] = None
            at += 1
        return tuple(found)


def _hits(s: Sentence, book: Lexicon, table: str) -> list[tuple[str, int, int]]:
    return [(name, at, size) for at in range(len(s.raw)) for name, size in book.find(table, s.stems, s.folded, at)]


def _speaker(speech: list[tuple[str, int, int]], names: list[tuple[int, str]]) -> str:
    """The name nearest to the verb of speech."""
    if not speech or not names:
        return ""
    at = speech[0][1]
    return min(names, key=lambda pair: abs(pair[0] - at))[1]


def _value(s: Sentence, book: Lexicon, at: int) -> float | None:
    word = s.raw[at]
    if _NUMBER.fullmatch(word):
        text = word.rstrip(".,").replace("\u00a0", "")
        text = re.sub(r"[.,](?=\d{3}\b)", "", text).replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return None
    return book.numbers.get(s.folded[at])


def _figures(
    s: Sentence, book: Lexicon, measures: list[tuple[str, int, int]], evidence: Evidence, background: bool
) -> Iterator[Figure]:
    seen: set[tuple[str, float]] = set()
    for at in range(len(s.raw)):
        value = _value(s, book, at)
        if value is None or (at and _value(s, book, at - 1) is not None):
            continue
        end = at + 1
        while end < len(s.raw) and (more := _value(s, book, end)) is not None:
            value = value * more if more >= 100 > value or more >= 1000 else value + more
            end += 1
        near = [
            (abs(m - at) - (0.5 if m > at else 0), name) for name, m, _ in measures if -REACH_BACK <= m - at <= REACH
        ]
        if not near or _no_count(s, book, at, end, value):
            continue
        measure = min(near)[1]
        if (measure, value) not in seen:
            seen.add((measure, value))
            yield Figure(
                evidence, measure, value, bound=_bound(s, book, at), whom=_whom(s, book, end), background=background
            )


def _no_count(s: Sentence, book: Lexicon, at: int, end: int, value: float) -> bool:
    """A year, a date, a time, an age or a share: no count of people or things."""
    after = end < len(s.raw) and any(book.find(t, s.stems, s.folded, end) for t in ("time", "months"))
    before = at and any(book.find("months", s.stems, s.folded, at - 1))
    year = 1900 <= value <= 2100 and s.raw[at].isdigit() and len(s.raw[at]) == 4
    return bool(after or before or year or ":" in s.raw[at])


def _bound(s: Sentence, book: Lexicon, at: int) -> Bound:
    for start in range(max(at - 3, 0), at):
        for name, size in book.find("hedges", s.stems, s.folded, start):
            if start + size >= at - 1:
                return Bound(name)
    return Bound.EXACT


def _whom(s: Sentence, book: Lexicon, end: int) -> tuple[str, ...]:
    for at in range(end, min(end + 3, len(s.raw))):
        for name, _ in book.find("groups", s.stems, s.folded, at):
            return (name,)
    return ()
