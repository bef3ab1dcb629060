"""Where phrases stand in a text, whatever their inflection, case, accents or script; many thousand at once.

A text is cut into tokens once. What a token may be is worked out once per distinct token and remembered, so that
a text costs one regular expression and one dictionary look-up a word, however many phrases there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from newswatch.inflection import bases, own_bases, romanised, script, variants
from newswatch.text import TOKEN, fold, latin, stem

_GAP = re.compile(r"\.|[^\S\n]*[\s\-‐‑–/'’\"“”„«»&+]?[^\S\n]*")
"""What may stand between the words of a phrase: no comma, no end of a sentence, no empty line."""
_INITIAL = re.compile(r"\.[^\S\n]?")
"""What may stand after a single letter besides: U.S. troops."""
_FUZZY = 89.0
"""rapidfuzz ratio of romanised names from which they are one: true pairs score 89 or more, impostors 73 or less."""
_FUZZY_LENGTH = 6
_SAME_SCRIPT_LENGTH = 5
"""Letters from which two spellings in one script (Sergeyev, Sergejew) may be one name by themselves."""
_PART_LENGTH = 3
"""Letters from which they may be one beside another word of the phrase (Koy-Su, Koi-Su), or across scripts."""
_REMEMBERED = 200_000
"""Distinct tokens kept; then it starts anew. About 30 MB."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one word of a phrase asks of a token.

    To be exactly it, to begin with it, to be a form of it; or a form of it as a name, in any script, that stands alone
    or is part of a longer phrase.
    """

    kind: Literal["exact", "prefix", "word", "name", "part"]
    word: str


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase (by its number) at ``text[start:end]``."""

    phrase: int
    start: int
    end: int


def rules(phrase: str) -> tuple[Rule, ...]:
    """What a phrase asks for, word by word; empty when it holds no letter or digit and can never match."""
    if phrase.startswith("="):
        return tuple(Rule("exact", token) for token in TOKEN.findall(phrase[1:]) if fold(token))
    tokens = [token for token in TOKEN.finditer(phrase) if fold(token.group())]
    name: Literal["name", "part"] = "part" if len(tokens) > 1 else "name"
    found = []
    for token in tokens:
        folded = variants(token.group())[0]
        if phrase[token.end() : token.end() + 1] == "*":
            found.append(Rule("prefix", folded))
        else:
            found.append(Rule(name if _capitalised(token.group()) else "word", folded))
    return tuple(found)


class Phrases:
    """A fixed set of phrases to look for. Safe to share between threads."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._phrases = tuple(phrases)
        asked = [rules(phrase) for phrase in phrases]
        ids: dict[Rule, int] = {}
        self._sequences = [tuple(ids.setdefault(rule, len(ids)) for rule in sequence) for sequence in asked]
        starting: dict[int, list[int]] = defaultdict(list)
        for number, sequence in enumerate(self._sequences):
            if sequence:
                starting[sequence[0]].append(number)
        self._memory = _Memory(_Index(ids), starting)

    def find(self, text: str) -> Iterator[Found]:
        """Every place where a phrase stands, by its beginning; a phrase found inside another is found too."""
        self._memory.trim()
        met = [*map(self._memory.__getitem__, TOKEN.findall(text))]
        beginning = [(at, known) for at, known in enumerate(met) if known is not None and known.phrases]
        if not beginning:
            return
        spans = [token.span() for token in TOKEN.finditer(text)]
        for at, known in beginning:
            for number in known.phrases:
                end = self._match(text, number, at, met, spans)
                if end is not None:
                    yield Found(number, spans[at][0], end)

    def _match(
        self, text: str, number: int, at: int, met: list[_Known | None], spans: list[tuple[int, int]]
    ) -> int | None:
        """The end of the phrase that begins at a token, or None when it does not stand there."""
        sequence = self._sequences[number]
        if at + len(sequence) > len(met):
            return None
        for step, rule in enumerate(sequence[1:], at + 1):
            known = met[step]
            if known is None or rule not in known.rules or not _adjacent(text, spans[step - 1], spans[step]):
                return None
        phrase, end = self._phrases[number], spans[at + len(sequence) - 1][1]
        if phrase.startswith("="):
            literal = phrase[1:]
            before = TOKEN.search(literal)
            start = spans[at][0] - (before.start() if before else 0)
            if start < 0 or not text.startswith(literal, start):
                return None
        return end


def _adjacent(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether nothing parts two tokens that follow each other."""
    if _GAP.fullmatch(text, one[1], other[0]):
        return True
    return one[1] - one[0] == 1 and _INITIAL.fullmatch(text, one[1], other[0]) is not None


class _Index:
    """Which rules a token meets."""

    def __init__(self, ids: dict[Rule, int]) -> None:
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._prefixes: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._bases: dict[str, set[int]] = defaultdict(set)
        self._lower: dict[str, set[int]] = defaultdict(set)
        self._latin: dict[tuple[str, str], set[int]] = defaultdict(set)
        self._parts = {number for rule, number in ids.items() if rule.kind == "part"}
        for rule, number in ids.items():
            self._add(rule, number)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes})
        self._near: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, spelling in self._latin:
            if len(spelling) >= _FUZZY_LENGTH:
                self._near[kind, spelling[:1]].append(spelling)

    def _add(self, rule: Rule, number: int) -> None:
        if rule.kind == "exact":
            self._exact[rule.word].add(number)
        elif rule.kind == "prefix":
            self._prefixes[rule.word].add(number)
        else:
            kind = script(rule.word)
            stems = self._stems if rule.kind == "word" else self._lower
            stems[stem(rule.word)].add(number)
            if rule.kind != "word" or kind == "cyrillic":
                for base in own_bases(rule.word):
                    self._bases[base].add(number)
            if rule.kind != "word" and kind:
                for base in own_bases(rule.word):
                    self._latin[kind, latin(base)].add(number)

    def meets(self, token: str) -> frozenset[int]:
        met = set(self._exact.get(token, ()))
        for folded in variants(token):
            self._as_word(folded, met, capital=_capitalised(token))
            if _capitalised(token):
                self._as_name(folded, met)
        return frozenset(met)

    def _as_word(self, folded: str, met: set[int], *, capital: bool) -> None:
        stemmed = stem(folded)
        met.update(self._stems.get(stemmed, ()))
        if not capital:  # a capital letter may tell Иванов from Иван, where the stems are one
            met.update(self._lower.get(stemmed, ()))
        for length in self._lengths:
            met.update(self._prefixes.get(folded[:length], ()) if len(folded) >= length else ())
        for base in bases(folded):
            met.update(self._bases.get(base, ()))

    def _as_name(self, folded: str, met: set[int]) -> None:
        own = script(folded)
        spelt = romanised(bases(folded))
        for spelling in spelt:
            if len(spelling) >= _PART_LENGTH:
                same = self._latin.get((own, spelling), set())
                met.update(same if len(spelling) >= _SAME_SCRIPT_LENGTH else same & self._parts)
        for other in ("latin", "cyrillic"):
            if own and other != own:
                self._across(other, spelt, met)

    def _across(self, other: str, spelt: frozenset[str], met: set[int]) -> None:
        for spelling in spelt:
            met.update(self._latin.get((other, spelling), ()) if len(spelling) >= _PART_LENGTH else ())
            if len(spelling) >= _FUZZY_LENGTH:
                known = self._near.get((other, spelling[:1]), [])
                for near, _, _ in process.extract(spelling, known, scorer=fuzz.ratio, score_cutoff=_FUZZY, limit=None):
                    met.update(self._latin[other, near])


@dataclass(frozen=True, slots=True)
class _Known:
    """The rules that a token meets, and the phrases that may begin with it."""

    rules: frozenset[int]
    phrases: tuple[int, ...]


class _Memory(dict[str, _Known | None]):
    """What each token seen so far meets. Threads may compute a token twice; they come to the same."""

    def __init__(self, index: _Index, starting: dict[int, list[int]]) -> None:
        super().__init__()
        self._index = index
        self._starting = starting

    def __missing__(self, token: str) -> _Known | None:
        met = self._index.meets(token)
        numbers = {number for rule in met for number in self._starting.get(rule, ())}
        known = self[token] = _Known(met, tuple(sorted(numbers))) if met else None
        return known

    def trim(self) -> None:
        if len(self) > _REMEMBERED:
            self.clear()


def _capitalised(token: str) -> bool:
    """Whether a token could be a name: it begins with a capital, or carries one after an apostrophe (d'Ivoire)."""
    return token != token.lower()


def folded(phrase: str) -> str:
    """A phrase as it is compared, to tell that two ask for the same."""
    if phrase.startswith("="):
        return phrase
    return " ".join(f"{rule.word}*" if rule.kind == "prefix" else rule.word for rule in rules(fold(phrase)))
