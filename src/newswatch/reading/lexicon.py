"""Lexicons: data files, one a language, that map its words to ids no language owns.

A file has tables ``measures``, ``groups``, ``happenings``, ``speech``, ``status``, ``again`` (id = comma-separated
patterns), ``numbers`` (word = value), ``hedges`` and the lists ``stop``, ``background``, ``time`` and ``months``. In a
pattern each word is compared by stem; ``storm*`` is a prefix; several words are a phrase.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from newswatch.text import fold, stem

TABLES = ("measures", "groups", "happenings", "speech", "status", "again", "hedges")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to say something: for each word its stem, or its beginning."""

    words: tuple[tuple[str, bool], ...]


@dataclass(slots=True)
class Lexicon:
    """One language, ready to be looked up.

    Attributes:
        tables: table -> first letters of the first word -> ``(pattern, id)``.
        numbers: folded word -> value.
    """

    language: str
    tables: dict[str, dict[str, list[tuple[Pattern, str]]]] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)
    stop: frozenset[str] = frozenset()
    labels: dict[str, str] = field(default_factory=dict)

    def find(self, table: str, stems: list[str], folded: list[str], at: int) -> list[tuple[str, int]]:
        """Ids whose pattern begins at a word, with the number of words it takes."""
        index = self.tables.get(table, {})
        found = []
        for pattern, name in index.get(folded[at][:2], ()):
            size = len(pattern.words)
            if at + size <= len(stems) and all(
                folded[at + n].startswith(word) if prefix else stems[at + n] == word
                for n, (word, prefix) in enumerate(pattern.words)
            ):
                found.append((name, size))
        return found


def _pattern(text: str, language: str) -> Pattern:
    words = text.split()
    return Pattern(tuple((fold(w[:-1]), True) if w.endswith("*") else (stem(w, language), False) for w in words))


def _compile(table: dict[str, str], language: str) -> dict[str, list[tuple[Pattern, str]]]:
    index: dict[str, list[tuple[Pattern, str]]] = {}
    for name, text in table.items():
        for phrase in (part.strip() for part in text.split(",")):
            if phrase:
                index.setdefault(fold(phrase.split()[0])[:2], []).append((_pattern(phrase, language), name))
    return index


def parse_lexicon(language: str, text: str) -> Lexicon:
    """Read a lexicon file's text.

    Raises:
        ValueError: it is no TOML, or a table holds something else than text.
    """
    data = tomllib.loads(text)
    tables = {name: data.get(name, {}) for name in TABLES}
    tables["background"] = {"background": data.get("background", "")}
    tables["time"] = {"time": data.get("time", "")}
    tables["months"] = {"months": data.get("months", "")}
    return Lexicon(
        language=language,
        tables={name: _compile(table, language) for name, table in tables.items()},
        numbers={fold(word): float(value) for word, value in data.get("numbers", {}).items()},
        stop=frozenset(fold(word) for word in str(data.get("stop", "")).split()),
        labels=dict(data.get("labels", {})),
    )


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language, loaded on first use; English where there is none."""
    folder = files("newswatch.reading").joinpath("lexicons")
    file = folder.joinpath(f"{language}.toml")
    if not re.fullmatch(r"[a-z]{2,3}", language) or not file.is_file():
        return lexicon("en")
    return parse_lexicon(language, file.read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """Languages that have a lexicon."""
    folder = files("newswatch.reading").joinpath("lexicons")
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml")))
