"""Developments of one message that tell the same fact become one line that names every source. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from newswatch.model import AlertItem, Development, Outcome

_PLAIN = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.REFINES, Outcome.EDITED})
"""What may be told along with another; what corrects, contradicts or confirms is told by itself."""


def told_once(items: Sequence[AlertItem], language: str) -> tuple[AlertItem, ...]:
    """The items in their order, each fact once.

    What tells nothing that another does not is told with it: of "98 injured" and a copy of it one remains, with the
    number before where either knows it, the urgency of the more urgent, and the other's source. A line in the reader's
    language never gives way to one that is not. Of two that tell the same, the reader's language remains, then a
    sentence before a bare number, then the first.

    Args:
        items: in the order they are to be told.
        language: the reader's.
    """
    kept: list[AlertItem] = []
    for item in items:
        for place, other in enumerate(kept):
            if (one := _as_one(other, item, language)) is not None:
                kept[place] = one
                break
        else:
            kept.append(item)
    return tuple(kept)


def _as_one(first: AlertItem, second: AlertItem, language: str) -> AlertItem | None:
    """Two as one, or None where each tells something of its own."""
    ways = []
    if _tells_no_more(second, first, language):
        ways.append((first, second))
    if _tells_no_more(first, second, language):
        ways.append((second, first))
    if not ways:
        return None
    keeper, other = max(ways, key=lambda way: _fitness(way[0], language))  # the first of equals
    return replace(
        keeper, development=_with(keeper.development, other.development), other_sources=_named(keeper, other)
    )


def _fitness(item: AlertItem, language: str) -> tuple[bool, bool]:
    figure = item.development.figure
    return item.story.language == language, figure is None or not figure.line


def _tells_no_more(item: AlertItem, than: AlertItem, language: str) -> bool:
    one, other = item.development, than.development
    if one.event != other.event or not {one.outcome, other.outcome} <= _PLAIN:
        return False
    if item.story.language == language != than.story.language:
        return False
    tells = _tells(one)
    return bool(tells) and set(tells) <= {*_tells(other), *other.says}


def _tells(told: Development) -> tuple[str, ...]:
    """What an older newswatch kept has no keys; its number is one."""
    return told.tells or ((told.figure.key,) if told.figure is not None else ())


def _with(keeper: Development, other: Development) -> Development:
    """A development with what the other knows better: the number before and its topic, that of the more urgent."""
    told = keeper
    figure = keeper.figure
    if other.figure is not None and (figure is None or (figure.was is None and figure.key == other.figure.key)):
        line = figure is not None and figure.line
        told = replace(told, figure=replace(other.figure, line=line), topic=other.topic or told.topic)
        if other.figure.was is not None:
            told = replace(
                told, outcome=other.outcome, known_before=other.known_before, against=other.against,
                reason=other.reason, why=other.why,
            )  # fmt: skip
    if other.severity.rank > keeper.severity.rank:
        told = replace(told, severity=other.severity, topic=other.topic)
    return replace(told, says=tuple(dict.fromkeys((*told.says, *other.says))))


def _named(keeper: AlertItem, other: AlertItem) -> tuple[tuple[str, str], ...]:
    """Everybody else who tells it, each publisher once."""
    named: dict[str, str] = {}
    for name, url in _sources(keeper, other):
        if name and name != keeper.story.source:
            named.setdefault(name, url)
    return tuple(named.items())


def _sources(keeper: AlertItem, other: AlertItem) -> Iterable[tuple[str, str]]:
    return *keeper.other_sources, (other.story.source, other.story.url), *other.other_sources
