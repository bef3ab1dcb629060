"""What is wrong or doubtful in a recipient's route: quiet hours that never are, escalations that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from newswatch.config.plain import Plain
from newswatch.config.settings import Recipient
from newswatch.config.yamlfile import Path_, YamlFile
from newswatch.errors import Problem

URGENT: Final = "alert"
"""Among the exceptions of quiet hours: all of this severity."""


def mistakes_of_routes(plain: Plain, topics: frozenset[str] | None) -> Iterator[Problem]:
    """What keeps a route from working.

    Args:
        plain: newswatch.yaml.
        topics: all topics of the events, or None where they are unknown.
    """
    for recipient in plain.blocks(("recipients",)):
        yield from _quiet(plain, (*recipient, "quiet"), topics)
    yield from _escalations(plain)


def _quiet(plain: Plain, place: Path_, topics: frozenset[str] | None) -> Iterator[Problem]:
    start, end = plain.text((*place, "from")), plain.text((*place, "until"))
    if start and start.strip().zfill(5) == end.strip().zfill(5):
        what = f"quiet hours from {start} until {end} end as they begin."
        yield Problem(plain.file.where((*place, "until")), what, "Write two different times.")
    single = plain.text((*place, "except"))
    for where, name in [((*place, "except"), single)] if single else plain.texts((*place, "except")):
        if name != URGENT and topics is not None and name not in topics:
            there = ", ".join((URGENT, *sorted(topics)))
            what = f"topic `{name}` does not exist."
            yield Problem(plain.file.where(where), what, f"There are: {there}.")


def _escalations(plain: Plain) -> Iterator[Problem]:
    blocks = plain.blocks(("recipients",))
    ids = [plain.text((*block, "id")) for block in blocks]
    # Who has no readable id may be the one that is meant.
    complete = all(ids) and plain.length(("recipients",)) == len(blocks)
    to = {name: plain.text((*block, "escalate", "to")) for name, block in zip(ids, blocks, strict=True) if name}
    said: set[str] = set()
    for name, block in zip(ids, blocks, strict=True):
        where = plain.file.where((*block, "escalate", "to"))
        target = plain.text((*block, "escalate", "to"))
        if target and complete and target not in ids:
            what = f"recipient `{target}` does not exist."
            yield Problem(where, what, f"There are: {', '.join(sorted(ids))}.")
        circle = _circle(name, to)
        if circle and name not in said:
            said.update(circle)
            what = f"escalation runs in a circle: {' to '.join((*circle, name))}."
            yield Problem(where, what, "Let it end with somebody.")


def _circle(start: str, to: dict[str, str]) -> list[str]:
    """The recipients of a circle that a recipient is in; empty when there is none."""
    chain = [start] if start else []
    while chain and (following := to.get(chain[-1], "")):
        if following in chain:
            return chain if following == start else []
        chain.append(following)
    return []


def doubts_of_route(
    file: YamlFile, place: Path_, recipient: Recipient, languages: tuple[str, ...]
) -> Iterator[Problem]:
    """What works in a route, but probably not as meant.

    Args:
        file: newswatch.yaml.
        place: the recipient's.
        recipient: as it was read.
        languages: those that messages have words in.
    """
    quiet, who = recipient.quiet, recipient.id
    if quiet and URGENT in quiet.except_ and recipient.digest is not None and recipient.alert_from == URGENT:
        what = f"the quiet hours of `{who}` hold nothing back: only `alert` is told at once, and it is excepted."
        instead = "Name the topics that may disturb, or take it out."
        yield Problem(file.where((*place, "quiet", "except")), what, instead, doubtful=True)
    if recipient.language not in languages:
        what = f"messages have no words in `{recipient.language}`, so those of `{who}` are English."
        instead = f"There are: {', '.join(languages)}. Add `words/{recipient.language}.toml` to `templates.path`."
        yield Problem(file.where((*place, "language")), what, instead, doubtful=True)
