"""Where phrases stand in a text, whatever their inflection, case, accents or script; many thousand at once.

What a token may be is worked out once per distinct token and remembered, and so is whether a phrase may begin in a
chunk, which is what stands between white space. So a text costs one look-up a word, however many phrases there are, and
is looked at closely only where a phrase may begin.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
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
_REMEMBERED = 300_000
"""Distinct tokens and chunks kept; then it starts anew. About 40 MB."""
_FEW = 24
"""So many chunks are looked for one after the other; more of them in one pass."""
_CHUNK = re.compile(r"\S+")


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
        self._alone = [len(s) == 1 and not p.startswith("=") for s, p in zip(self._sequences, phrases, strict=True)]
        self._silent: set[str] = set()
        self._loud: set[str] = set()

    def find(self, text: str) -> Iterator[Found]:
        """Every place where a phrase stands, by its beginning; a phrase found inside another is found too."""
        self._trim()
        unknown = set(text.split()) - self._silent
        if not unknown:
            return iter(())
        loud = unknown & self._loud
        if len(loud) < len(unknown):
            loud.update(chunk for chunk in unknown - loud if self._begins(chunk))
        found = [one for start, end in _places(text, loud) for one in self._from(text, start, end)] if loud else []
        if len(found) > 1:
            found.sort(key=_by_place)
        return iter(found)

    def _begins(self, chunk: str) -> bool:
        """Whether a phrase may begin in a chunk that was not seen before; kept, since most begin none."""
        known = map(self._memory.__getitem__, TOKEN.findall(chunk))
        loud = any(one is not None and one.phrases for one in known)
        (self._loud if loud else self._silent).add(chunk)
        return loud

    def _from(self, text: str, start: int, end: int) -> Iterator[Found]:
        """The phrases that begin in ``text[start:end]``."""
        for token in TOKEN.finditer(text, start, end):
            known = self._memory[token.group()]
            if known is None:
                continue
            for number in known.phrases:
                last = token.end() if self._alone[number] else self._match(text, number, token)
                if last is not None:
                    yield Found(number, token.start(), last)

    def _match(self, text: str, number: int, first: re.Match[str]) -> int | None:
        """The end of the phrase that begins at a token, or None when it does not stand there."""
        before = first
        for rule in self._sequences[number][1:]:
            token = TOKEN.search(text, before.end())
            known = self._memory[token.group()] if token else None
            if token is None or known is None or rule not in known.rules or not _adjacent(text, before, token):
                return None
            before = token
        phrase = self._phrases[number]
        if phrase.startswith("="):
            literal = phrase[1:]
            inside = TOKEN.search(literal)
            start = first.start() - (inside.start() if inside else 0)
            if start < 0 or not text.startswith(literal, start):
                return None
        return before.end()

    def _trim(self) -> None:
        """Forget everything before it is too much. Threads may work something out twice; they come to the same."""
        if len(self._silent) + len(self._loud) + len(self._memory) > _REMEMBERED:
            self._silent, self._loud = set(), set()
            self._memory.clear()


def _by_place(one: Found) -> tuple[int, int]:
    return one.start, one.phrase


def _places(text: str, chunks: Collection[str]) -> Iterator[tuple[int, int]]:
    """Where these chunks stand between white space."""
    if len(chunks) > _FEW:
        yield from (one.span() for one in _CHUNK.finditer(text) if one.group() in chunks)
        return
    for chunk in chunks:
        at = text.find(chunk)
        while at >= 0:
            end = at + len(chunk)
            alone = (at == 0 or text[at - 1].isspace()) and (end == len(text) or text[end].isspace())
            if alone:
                yield at, end
            at = text.find(chunk, end if alone else at + 1)


def _adjacent(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether nothing parts two tokens that follow each other."""
    start, end = one.end(), other.start()
    if _GAP.fullmatch(text, start, end):
        return True
    return start - one.start() == 1 and _INITIAL.fullmatch(text, start, end) is not None


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
        own = (self._stems, self._lower, self._prefixes, self._bases)
        self._heads = {_head(word) for words in own for word in words}
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
        if token not in self._exact and not self._may(token):
            return frozenset()
        met = set(self._exact.get(token, ()))
        for folded in variants(token):
            self._as_word(folded, met, capital=_capitalised(token))
            if _capitalised(token):
                self._as_name(folded, met)
        return frozenset(met)

    def _may(self, token: str) -> bool:
        """False where a look at its first letters shows that a token meets nothing, as it does for most.

        No stemmer asked here (English, Russian) and no ending touches them, but for English y and i (dying: die).
        """
        if _capitalised(token) or "'" in (folded := fold(token)):
            return True
        return _head(folded) in self._heads or folded[:1] in self._heads

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


def _head(word: str) -> str:
    """The first two letters of a folded word or stem, English y taken for i."""
    return word[:1] + word[1:2].replace("y", "i")


def _capitalised(token: str) -> bool:
    """Whether a token could be a name: it begins with a capital, or carries one after an apostrophe (d'Ivoire)."""
    return token != token.lower()


def folded(phrase: str) -> str:
    """A phrase as it is compared, to tell that two ask for the same."""
    if phrase.startswith("="):
        return phrase
    return " ".join(f"{rule.word}*" if rule.kind == "prefix" else rule.word for rule in rules(fold(phrase)))
