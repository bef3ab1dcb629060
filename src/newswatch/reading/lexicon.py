"""Lexicons: data files, one a language, that map its words to ids no language owns.

`lexicons/concepts.toml` names the concepts and what kind of thing each is; `lexicons/<language>.toml` says how a
language calls them, and holds its numbers, hedges and small words. To add a language, write its file: every table is
optional. In a pattern each word is compared by stem; ``storm*`` is a prefix; several words are a phrase, and the
longest phrase wins. ``lexicons/README.md`` explains every table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from newswatch.text import fold, stem
from newswatch.text import words as split_words

TABLES = (
    "measures", "groups", "status", "again", "hedges", "after", "tone", "dates", "details", "none", "currencies",
    "corrections",
)  # fmt: skip
"""Small tables of a language: id = comma-separated patterns. One word may stand in several."""
KINDS = ("urgent", "action", "speech", "thing", "role", "body", "place", "quality", "time")
"""Kinds of concepts; the first two are happenings, ``urgent`` such as are told at once where nothing else is said."""
FORMS = (
    "done_words", "aim_before", "not_before", "attributes", "ahead_words", "clause", "about", "joins", "place_before",
    "part_of",
)  # fmt: skip
_LEAST_SHARED = 3
_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found: the id it stands for and how many words it takes."""

    id: str
    size: int


_Part = tuple[str, bool]
_Phrase = tuple[tuple[_Part, ...], str]
_Rest = tuple[int, tuple[_Part, ...], str]
"""Words of a phrase, what follows its second, and its id."""
_Seconds = tuple[dict[str, list[_Rest]], list[tuple[str, _Rest]]]
_NO_PHRASE: _Seconds = ({}, [])


def _length(phrase: _Phrase) -> int:
    """The longest first."""
    return -len(phrase[0])


def _longest_first(found: tuple[int, str]) -> int:
    return -found[0]


class Patterns:
    """Many patterns of one language, looked up at a word.

    A word is looked up as it stands, then by stem and prefix: of those the pattern that shares the longest beginning
    with it, since stems alone make one of too many words (``officer`` and ``office``). Words are remembered once looked
    up: news uses the same few thousand again and again.
    """

    def __init__(self, language: str, patterns: Iterable[tuple[str, str]]) -> None:
        """Compile ``(id, "pattern, pattern")``; a pattern may stand for several ids, in the order given."""
        self._exact: dict[str, tuple[str, ...]] = {}
        self._stems: dict[str, tuple[tuple[str, str], ...]] = {}
        self._prefixes: dict[str, tuple[str, ...]] = {}
        self._phrases: dict[str, list[_Phrase]] = {}
        for name, text in patterns:
            for phrase in text.split(","):
                self._add(name, phrase.split(), language)
        for phrases in self._phrases.values():
            phrases.sort(key=_length)
        self._lengths = sorted({len(prefix) for prefix in self._prefixes}, reverse=True)
        self._heads = sorted({len(key) - 1 for key in self._phrases if key.endswith("*")})
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}
        self._starts: dict[tuple[str, str], _Seconds] = {}

    def _add(self, name: str, words: list[str], language: str) -> None:
        pieces = [piece for word in words for piece in _pieces(word)]
        parts = tuple((fold(w[:-1]), True) if w.endswith("*") else (stem(w, language), False) for w in pieces)
        if len(parts) > 1:
            first, prefix = parts[0]
            self._phrases.setdefault(f"{first}*" if prefix else first, []).append((parts, name))
        elif parts and parts[0][1]:
            self._prefixes[parts[0][0]] = (*self._prefixes.get(parts[0][0], ()), name)
        elif parts:
            word = fold(pieces[0])
            self._exact[word] = (*self._exact.get(word, ()), name)
            self._stems[parts[0][0]] = (*self._stems.get(parts[0][0], ()), (word, name))

    def all_at(self, folded: Sequence[str], stems: Sequence[str], place: int) -> list[Hit]:
        """Every id that begins at a word: phrases, the longest first, then the word by itself."""
        found = [Hit(name, size) for size, name in self._phrases_at(folded, stems, place)]
        found += [Hit(name, 1) for name in self._word(folded[place], stems[place])]
        return found

    def at(self, folded: Sequence[str], stems: Sequence[str], place: int, *, single: bool = True) -> Hit | None:
        """The longest pattern that begins at a word; with ``single`` false, phrases only."""
        for size, name in self._phrases_at(folded, stems, place):
            return Hit(name, size)
        if single:
            for name in self._word(folded[place], stems[place]):
                return Hit(name, 1)
        return None

    def _phrases_at(self, folded: Sequence[str], stems: Sequence[str], place: int) -> list[tuple[int, str]]:
        """Words and id of every phrase that begins at a word, the longest first.

        Most phrases are told by the word that follows the first.
        """
        if place + 1 >= len(folded):
            return []
        key = (folded[place], stems[place])
        starts = self._starts.get(key)
        if starts is None:
            starts = self._by_second(*key)
            if len(self._starts) < _REMEMBERED:
                self._starts[key] = starts
        if starts is _NO_PHRASE:
            return []
        words, beginnings = starts
        following = folded[place + 1]
        rests = words.get(stems[place + 1], ())
        if beginnings:
            rests = [*rests, *(rest for beginning, rest in beginnings if following.startswith(beginning))]
        found = [(size, name) for size, rest, name in rests if not rest or _goes_on(rest, folded, stems, place + 2)]
        if beginnings:
            found.sort(key=_longest_first)
        return found

    def _by_second(self, word: str, base: str) -> _Seconds:
        """The phrases that a word begins: those by the stem of the second word, and those by how it begins."""
        keys = (base, *(f"{word[:size]}*" for size in self._heads if len(word) >= size))
        found = sorted((phrase for start in keys for phrase in self._phrases.get(start, ())), key=_length)
        words: dict[str, list[_Rest]] = {}
        beginnings: list[tuple[str, _Rest]] = []
        for parts, name in found:
            second, prefix = parts[1]
            rest = (len(parts), parts[2:], name)
            if prefix:
                beginnings.append((second, rest))
            else:
                words.setdefault(second, []).append(rest)
        return (words, beginnings) if found else _NO_PHRASE

    def _word(self, word: str, base: str) -> tuple[str, ...]:
        key = (word, base)
        found = self._known.get(key)
        if found is None:
            found = self._closest(word, base)
            if len(self._known) < _REMEMBERED:
                self._known[key] = found
        return found

    def _closest(self, word: str, base: str) -> tuple[str, ...]:
        if word in self._exact:
            return self._exact[word]
        best: tuple[str, ...] = ()
        shared = 0
        for size in self._lengths:
            if (names := self._prefixes.get(word[:size])) is not None:
                best, shared = names, size
                break
        for other, name in self._stems.get(base, ()):
            common = _common(word, other)
            if common >= max(_LEAST_SHARED, min(len(word), len(other)) - 3):
                if common > shared:
                    best, shared = (name,), common
                elif common == shared and name not in best:  # "offices" is rather an office than an officer
                    best = (name, *best) if word.startswith(other) else (*best, name)
        return best


def _pieces(word: str) -> list[str]:
    """A word of a pattern as texts are read: ``sit-in`` is two, so is ``p.m``; a star stays with the last."""
    found = [part.text for piece in split_words(word) for part in piece.parts()]
    if found and word.endswith("*"):
        found[-1] += "*"
    return found


def _common(one: str, other: str) -> int:
    """Letters that two words begin with together."""
    for at, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return at
    return min(len(one), len(other))


def _goes_on(rest: tuple[_Part, ...], folded: Sequence[str], stems: Sequence[str], place: int) -> bool:
    """Whether the rest of a phrase stands from a word on."""
    if place + len(rest) > len(folded):
        return False
    for at, (word, prefix) in enumerate(rest, place):
        if not (folded[at].startswith(word) if prefix else stems[at] == word):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Forms:
    """How a language shows whether something was done, is meant or is denied: by endings and by words before it.

    Attributes:
        done, aim: endings of a word that tells what was done, or what is meant (an infinitive).
        headline: endings that tell what was done in a headline only.
        denied, ahead: endings of words that tell what was not done, or what will be.
        done_words: folded irregular words that do.
        aim_before, not_before: folded words shortly before that make it meant, or denied.
        attributes: folded words after which a form of what was done only describes a noun (the captured men).
        ahead_words: folded words that tell what will be done (задержит), whatever their ending says.
        clause: folded words that begin another clause (where, after).
        about: folded words before what is only told about (reports of, данных о).
        joins: folded words between two that share a denial (killed or hurt).
        place_before: folded words before the name of a place (in).
        part_of: folded words between a part and the whole (two of nine).
    """

    done: tuple[str, ...] = ()
    aim: tuple[str, ...] = ()
    headline: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    done_words: frozenset[str] = frozenset()
    aim_before: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    ahead_words: frozenset[str] = frozenset()
    clause: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    place_before: frozenset[str] = frozenset()
    part_of: frozenset[str] = frozenset()


@dataclass(slots=True)
class Lexicon:
    """One language, ready to be looked up.

    Attributes:
        language: its code.
        concepts: what words stand for.
        marks: the small tables in one, ids written ``table:id``.
        forms: how its verbs say done, meant and denied.
        numbers: folded word -> value.
        loose: folded number words that name no number (``dozens``).
        multipliers: folded words below a hundred that multiply what stands before (two ``dozen``).
        joined: folded words inside a number (a hundred ``and`` twenty) and between the ends of a range.
        between: folded words before a range whose ends `joined` parts.
        to: folded words between the ends of a range (20 ``to`` 30).
        capitals: folded words that are a month or a day only when they begin with a capital (``may``).
        nouns: all nouns have a capital, not names alone.
        stop: folded words that say nothing by themselves.
        pronouns: folded words that a sentence begins with when it speaks of who was named before.
        abbreviations: folded words whose full stop ends no sentence.
        labels: id -> how an alert writes it.
    """

    language: str
    concepts: Patterns
    marks: Patterns
    forms: Forms = Forms()
    numbers: dict[str, float] = field(default_factory=dict)
    loose: frozenset[str] = frozenset()
    multipliers: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()
    between: frozenset[str] = frozenset()
    to: frozenset[str] = frozenset()
    capitals: frozenset[str] = frozenset()
    nouns: bool = False
    stop: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    abbreviations: frozenset[str] = frozenset()
    labels: dict[str, str] = field(default_factory=dict)


def _words(value: object) -> frozenset[str]:
    return frozenset(fold(word) for word in str(value or "").split())


def _endings(value: object) -> tuple[str, ...]:
    return tuple(fold(ending) for ending in str(value or "").split())


def parse_lexicon(language: str, text: str) -> Lexicon:
    """Read a lexicon file's text.

    Raises:
        ValueError: it is no TOML, or a table holds something else than text.
    """
    data = tomllib.loads(text)
    for name in ("concepts", "forms", *TABLES):
        table = data.get(name, {})
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            raise ValueError(f'[{name}] must hold lines such as: id = "word, other word, two words"')
    forms = data.get("forms", {})
    numbers = data.get("numbers", {})
    if not all(isinstance(value, int | float) for value in numbers.values()):
        raise ValueError("[numbers] must hold lines such as: seven = 7")
    return Lexicon(
        language=language,
        concepts=Patterns(language, data.get("concepts", {}).items()),
        marks=Patterns(language, ((f"{t}:{name}", text) for t in TABLES for name, text in data.get(t, {}).items())),
        forms=Forms(
            _endings(forms.get("done")),
            _endings(forms.get("aim")),
            _endings(forms.get("headline")),
            _endings(forms.get("denied")),
            _endings(forms.get("ahead")),
            *(_words(forms.get(name)) for name in FORMS),
        ),
        numbers={fold(word): float(value) for word, value in numbers.items()},
        loose=_words(data.get("loose")),
        multipliers=_words(data.get("multipliers")),
        joined=_words(data.get("and")),
        between=_words(data.get("between")),
        to=_words(data.get("to")),
        capitals=_words(data.get("capitals")),
        nouns=data.get("nouns") == "capital",
        stop=_words(data.get("stop")),
        pronouns=_words(data.get("pronouns")),
        abbreviations=_words(data.get("abbreviations")),
        labels=dict(data.get("labels", {})),
    )


def _folder() -> Traversable:
    return files("newswatch.reading").joinpath("lexicons")


@cache
def lexicon(language: str) -> Lexicon | None:
    """The lexicon of a language, loaded on first use; None where there is none.

    Raises:
        ValueError: its file is broken.
    """
    file = _folder().joinpath(f"{language}.toml")
    if not re.fullmatch(r"[a-z]{2,3}", language) or not file.is_file():
        return None
    return parse_lexicon(language, file.read_text(encoding="utf-8"))


@cache
def languages() -> tuple[str, ...]:
    """Languages that have a lexicon."""
    names = (file.name for file in _folder().iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if re.fullmatch(r"[a-z]{2,3}\.toml", name)))


@cache
def _concepts() -> Mapping[str, object]:
    return tomllib.loads(_folder().joinpath("concepts.toml").read_text(encoding="utf-8"))


@cache
def kinds() -> Mapping[str, str]:
    """Concept id -> its kind (`KINDS`), for every concept that any language may name."""
    return {concept: kind for kind in KINDS for concept in str(_concepts().get(kind, "")).split()}


@cache
def possessed() -> frozenset[str]:
    """Keys of concepts that belong to somebody: a name beside one is its owner, not who a happening is about."""
    return frozenset(f"#{concept}" for concept in str(_concepts().get("possessed", "")).split())


def _listed(name: str) -> frozenset[str]:
    return frozenset(str(_concepts().get(name, "")).split())


def _table(name: str) -> Mapping[str, tuple[str, ...]]:
    table = _concepts().get(name, {})
    return {key: tuple(str(value).split()) for key, value in table.items()} if isinstance(table, dict) else {}


@cache
def addressed() -> frozenset[str]:
    """Keys of ways of saying that are done to somebody: ``#warn``, ``#accuse``."""
    return frozenset(f"#{concept}" for concept in _listed("addressed"))


@cache
def crimes() -> frozenset[str]:
    """Concepts that somebody may be charged with."""
    return _listed("crimes")


@cache
def posts() -> frozenset[str]:
    """Concepts of posts that somebody is appointed to, resigns or is dismissed from."""
    return _listed("posts")


@cache
def vague() -> frozenset[str]:
    """Keys of places that say nothing of where: ``#inside``, ``#across-everywhere``."""
    return frozenset(f"#{concept}" for concept in _listed("vague"))


@cache
def steps() -> Mapping[str, tuple[str, ...]]:
    """Happening -> the measures of its own that it may have (`newswatch.reading.details`)."""
    return _table("details")


@cache
def composed() -> Mapping[str, tuple[str, str]]:
    """Key of a concept that is a step and its crime in one -> the step, and the crime: murder charge."""
    return {f"#{concept}": (parts[0], parts[1]) for concept, parts in _table("composed").items()}


@cache
def sums() -> Mapping[str, str]:
    """Key of a concept -> the measure that a sum of money near it is of: ``#fine`` -> ``fine``."""
    return {f"#{concept}": measure for measure, concepts in _table("sums").items() for concept in concepts}


@cache
def symbols() -> Mapping[str, str]:
    """Sign or code that stands beside a sum -> its currency: ``$`` -> ``usd``."""
    return {sign: unit for unit, signs in _table("currencies").items() for sign in signs}


@cache
def official() -> frozenset[str]:
    """Keys of the bodies and roles that speak for a state or one of its courts: their word is an official one."""
    return frozenset(f"#{concept}" for concept in str(_concepts().get("official", "")).split())


@cache
def measured(measure: str) -> frozenset[str]:
    """Keys of the concepts that a measure counts: ``injured`` counts ``#injure``, ``count:bus`` counts ``#bus``."""
    if measure.startswith("count:"):
        return frozenset({f"#{measure[6:]}"})
    return frozenset(f"#{one}" for one in _table("measures").get(measure, ()))
