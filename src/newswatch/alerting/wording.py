"""The fixed words and dates of messages in a recipient's language: data files, one a language, English beneath each.

``templates/words/<language>.toml``; a file of the same name in the user's own templates wins, key by key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from newswatch.config.paths import data_dir
from newswatch.model import Why
from newswatch.reasons import ENGLISH as ENGLISH_REASONS
from newswatch.reasons import NAMED, english, filled

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """What a message needs of a language; ``en.toml`` says what each is.

    Attributes:
        language: the code, as HTML's ``lang`` takes it.
        phrases: what templates say; ``{names}`` in braces are filled in.
        labels: by outcome. bounds: by how a number is hedged.
        counted: the forms of what a digest counts. sentences: the forms of sentences with a number ``{n}`` in them.
        plural: which form a number takes.
        days, months: from Monday and January.
        moment: the form of a time.
        thousands, decimal: the marks of a number.
        reasons: why something is told, by the codes of `newswatch.reasons`.
        measures, groups, roles, concepts: what is counted, of whom, who speaks, and crimes and posts, by id.
    """

    language: str
    phrases: Mapping[str, str]
    labels: Mapping[str, str]
    bounds: Mapping[str, str]
    counted: Mapping[str, tuple[str, ...]]
    plural: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    moment: str
    thousands: str
    decimal: str
    sentences: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]
    measures: Mapping[str, str]
    groups: Mapping[str, str]
    roles: Mapping[str, str]
    concepts: Mapping[str, str]

    def count(self, label: str, number: int) -> str:
        """What is counted, in the form that the number takes; an unknown label stays as it is."""
        forms = self.counted.get(label, (label,))
        return forms[min(_form(self.plural, number), len(forms) - 1)]

    def sentence(self, name: str, number: int) -> str:
        """A sentence with a number in it, in the form that the number takes."""
        forms = self.sentences[name]
        return forms[min(_form(self.plural, number), len(forms) - 1)].format(n=number)

    def why(self, why: Why) -> str:
        """A reason, all of it in this language but for what a story is quoted with."""
        kind, _, name = why.code.partition(":")
        if kind in NAMED:
            tables = {"measures": self.measures, "roles": self.roles, "concepts": self.concepts}
            said = tables[kind].get(name) or english(why)
            return said.lower() if kind == "measures" else said
        said = self.reasons.get(why.code, ENGLISH_REASONS.get(why.code, why.code))
        return said.format(**{key: self._said(value) for key, value in why.about})

    def _said(self, value: str | float | Why) -> str:
        if isinstance(value, Why):
            return self.why(value)
        return value if isinstance(value, str) else self.number(value)

    def measure(self, measure: str, group: str = "") -> str:
        """What a number counts: ``Injured``, ``Killed (police)``; an unknown one by its id."""
        label = self.measures.get(measure) or measure.replace("-", " ").capitalize()
        if not group:
            return label
        return f"{label} ({', '.join(self.groups.get(one, one) for one in group.split(', '))})"

    def number(self, value: float) -> str:
        """``98``, ``1,250``, ``2.5``."""
        plain = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")
        return plain.translate({ord(","): self.thousands, ord("."): self.decimal})


def _form(plural: str, number: int) -> int:
    """Which of a noun's forms a number takes: Unicode CLDR's cardinal rules for whole numbers."""
    if plural == "one-few-many":
        ones, tens = number % 10, number % 100
        if ones == 1 and tens != 11:
            return 0
        return 1 if ones in {2, 3, 4} and tens not in {12, 13, 14} else 2
    return 0 if plural == "same" or number == 1 else 1


@lru_cache(maxsize=64)
def words(language: str = ENGLISH, users: Path | None = None) -> Words:
    """The words of a language, English where it has none.

    Args:
        language: ``en``, ``ru`` …
        users: the user's own templates, whose ``words/`` win.

    Raises:
        ValueError: a file cannot be used; names it.
    """
    data: dict[str, Any] = {}
    there = ENGLISH
    for code in dict.fromkeys((ENGLISH, language)):
        for folder in (data_dir("templates"), users):
            path = None if folder is None else folder / "words" / f"{code}.toml"
            if path is not None and path.is_file():
                data = _over(data, _read(path), path)
                there = code
    return _made(there, data)


def words_or_english(language: str, users: Path | None) -> Words:
    """The words of a language; newswatch's own English where a file of the user's cannot be used."""
    try:
        return words(language, users)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return words()


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"words/{path.name}: {error}") from error


def _over(below: Mapping[str, Any], above: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """One file's tables laid over another's; what is of another shape than in English is refused."""
    merged = dict(below)
    for key, value in above.items():
        old = below.get(key)
        if old is not None and type(value) is not type(old):
            raise ValueError(f"words/{path.name}: `{key}` is not written as in en.toml")
        if isinstance(old, str | list) and (strange := _names(value) - _names(old)):
            raise ValueError(f"words/{path.name}: `{key}` has {{{strange.pop()}}}, which is not filled in")
        merged[key] = _over(old, value, path) if isinstance(old, dict) else value
    return merged


def _names(value: str | list[object]) -> set[str]:
    """The names in braces of a phrase or its forms."""
    return filled(value if isinstance(value, str) else " ".join(map(str, value)))


def _made(language: str, data: Mapping[str, Any]) -> Words:
    dates, numbers = data["dates"], data["numbers"]
    return Words(
        language=language,
        phrases=data["phrases"],
        labels=data["labels"],
        bounds=data["bounds"],
        counted={label: tuple(forms) for label, forms in data["counted"].items()},
        plural=data["plural"],
        days=tuple(dates["days"]),
        months=tuple(dates["months"]),
        moment=dates["moment"],
        thousands=numbers["thousands"],
        decimal=numbers["decimal"],
        sentences={name: tuple(forms) for name, forms in data["sentences"].items()},
        reasons=data["reasons"],
        measures=data["measures"],
        groups=data["groups"],
        roles=data["roles"],
        concepts=data["concepts"],
    )
