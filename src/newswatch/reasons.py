"""Why something is told: a code with what it is about, and the English for it. Pure.

A decision keeps both: the English for logs and the command line, the code for whoever reads another language. A
message's words (``templates/words/*.toml``, ``[reasons]``) say the same codes in theirs.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Final

from newswatch.model import Why

ENGLISH: Final[Mapping[str, str]] = {
    # figures
    "number-known": "the number {value} is known",
    "number-taken-back": "the number {value} was taken back",
    "number-unknown": "no such number of {of} was known",
    "number-older": "an older number: {value} is known",
    "number-less-exact": "{value} was known less exactly",
    "number-rises": "rises: {value} was known",
    "number-falls": "falls: {value} was known",
    "number-corrected": "{value} was told, and is corrected",
    "number-withdrawn": "{value} was told, and is withdrawn",
    "number-lowered": "the story gave {value} before it was edited",
    "number-between": "{why}; {values} in between",
    "number-disputed": "sources disagree: {other} says {theirs}, {mine} {own}",
    # happenings, by how they are told
    "act": "“{act}”",
    "act-planned": "“{act}” as planned",
    "act-attempted": "“{act}” as attempted",
    "act-failed": "“{act}” as failed",
    "act-called-off": "“{act}” as called off",
    "act-denied": "“{act}” as denied",
    "act-alleged": "“{act}” as alleged",
    "act-known": "{what} is known",
    "act-unknown": "{what} was not known",
    "act-unknown-but-meant": "{what} was not known, but that it was meant",
    "act-unknown-again": "{what} again was not known",
    "act-unknown-of": "{what} was not known of {who}",
    "act-unknown-in-detail": "{what} was not known {details}",
    "act-corrected": "{what} was told, and is corrected",
    "act-withdrawn": "{what} was told, and is withdrawn",
    "act-done-denied": "{what} was told as done, and is denied",
    "act-alleged-denied": "{what} was alleged, and is denied",
    "act-denied-done": "{what} was denied, and is told as done",
    "act-done-failed": "{what} was told as done, and is told as failed",
    "act-planned-called-off": "{what} was planned, and is called off",
    "detail-article": "under article {of}",
    "detail-with": "for {of}",
    "detail-years": "for {of} years",
    "detail-months": "for {of} months",
    "detail-until": "until {of}",
    "detail-as": "as {of}",
    # statements and who makes them
    "statement-known": "{who} says what is known",
    "statement-first": "the first statement of {who}",
    "statement-unknown": "{who} says what was not known; {share}% of it was",
    "official-word": "first official word of it, {who}",
    "confirmed": "confirmed by {source}",
    "was-disputed": "it was disputed",
    "was-alleged": "it was alleged",
    "was-told": "{source} had told it",
    "side": "{source} ({who})",
    "one-source": "one source",
    # sentences
    "sentence-unknown": "nothing like it was known",
    "sentence-nearest": "the nearest known fact says {share}% of it",
    "taken-out": "an edit took out what the story had told",
    "no-longer": "No longer in the story: “{sentence}”",
    # what people said in the ledger
    "no-longer-held": "No longer held as known: “{sentence}”",
    "held-again": "Held as known again: “{sentence}”",
    "rejected": "rejected by {who}",
    "rejection-undone": "{who} took back the rejection",
    # joined
    "and": "{first} and {second}",
    "list": "{first}, {second}",
    "then": "{first}; {second}",
}
"""Code -> English. ``{names}`` are filled in from `Why.about`."""
NAMED: Final = ("measures", "roles", "concepts")
"""Codes ``measures:injured`` … name an id; the words' table of that name says it, else it is said by the id."""


def because(code: str, **about: str | float | Why) -> Why:
    """A reason.

    Raises:
        KeyError: there is no such code, or something is not what it is about.
    """
    if code in ENGLISH and set(about) != filled(ENGLISH[code]):
        raise KeyError(f"{code} is not about {', '.join(about) or 'nothing'}")
    if code not in ENGLISH and code.partition(":")[0] not in NAMED:
        raise KeyError(code)
    return Why(code, tuple(about.items()))


def joined(code: str, parts: Sequence[str | float | Why]) -> Why | str | float:
    """Several as one: ``and``, ``list`` or ``then``. At least one."""
    return reduce(lambda one, other: because(code, first=one, second=other), parts)


def english(why: Why) -> str:
    """A reason in English, as decisions and the command line say it."""
    kind, _, name = why.code.partition(":")
    if kind in NAMED:
        return f"{'the ' if kind == 'roles' else ''}{name.replace('-', ' ')}"
    return ENGLISH[why.code].format(**{key: _english(value) for key, value in why.about})


def _english(value: str | float | Why) -> str:
    if isinstance(value, Why):
        return english(value)
    return value if isinstance(value, str) else f"{value:,.10g}"


def filled(text: str) -> set[str]:
    """The names in braces of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
