"""The fixed words and dates of messages in a recipient's language: data files, one a language, English beneath each.

``templates/words/<language>.toml``; a file of the same name in the user's own templates wins, key by key.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from newswatch.config.paths import data_dir

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Words:
    """What a message needs of a language; ``en.toml`` says what each is.

    Attributes:
        language: the code, as HTML's ``lang`` takes it.
        phrases: what templates say; ``{names}`` in braces are filled in.
        labels: by outcome. bounds: by how a number is hedged.
        counted: the forms of what a digest counts.
        plural: which form a number takes.
        days, months: from Monday and January.
        moment: the form of a time.
        thousands, decimal: the marks of a number.
        reasons: patterns of why something is told, with their translations.
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
    reasons: tuple[tuple[re.Pattern[str], str], ...]

    def count(self, label: str, number: int) -> str:
        """What is counted, in the form that the number takes; an unknown label stays as it is."""
        forms = self.counted.get(label, (label,))
        return forms[min(_form(self.plural, number), len(forms) - 1)]

    def reason(self, text: str) -> str:
        """Why something is told; what has no translation stays English."""
        for pattern, instead in self.reasons:
            if found := pattern.fullmatch(text):
                return instead.replace("{a}", found[1]) if pattern.groups else instead
        return text

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
        if isinstance(old, str) and (strange := _filled(value) - _filled(old)):
            raise ValueError(f"words/{path.name}: `{key}` has {{{strange.pop()}}}, which is not filled in")
        merged[key] = _over(old, value, path) if isinstance(old, dict) else value
    return merged


def _filled(text: str) -> set[str]:
    """The names in braces of a phrase."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


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
        # The fullest first: what "{a} was known" would take for {a} may have words of its own.
        reasons=tuple(
            (_pattern(text), data["reasons"][text]) for text in sorted(data["reasons"], key=_plain, reverse=True)
        ),
    )


def _plain(text: str) -> int:
    """Letters of a pattern that are given."""
    return len(text.replace("{a}", ""))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(re.escape("{a}"), "(.+)", 1))
