"""What is wrong or doubtful in a recipient's route: quiet hours that never are, escalations that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from newswatch.config.plain import Plain
from newswatch.config.settings import Quiet, Recipient
from newswatch.config.yamlfile import Path_, YamlFile
from newswatch.errors import Problem

URGENT: Final = "alert"
"""Among the exceptions of quiet hours: all of this severity."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60  # minutes


def mistakes_of_routes(plain: Plain, topics: frozenset[str] | None) -> Iterator[Problem]:
    """What keeps a route from working.

    Args:
        plain: newswatch.yaml.
        topics: all topics of the events, or None where they are unknown.
    """
    for recipient in plain.blocks(("recipients",)):
        place = (*recipient, "quiet")
        for span in plain.blocks(place) or [place]:
            yield from _quiet(plain, span, topics)
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
    who = recipient.id
    if _never_ends(recipient.quiet):
        what = f"the quiet hours of `{who}` never end: what is told at once waits for ever, but for what is excepted."
        yield Problem(file.where((*place, "quiet")), what, "Leave some time of the week out.", doubtful=True)
    for quiet in recipient.quiet:
        if URGENT in quiet.except_ and recipient.digest is not None and recipient.alert_from == URGENT:
            what = f"the quiet hours of `{who}` hold nothing back: only `alert` is told at once, and it is excepted."
            instead = "Name the topics that may disturb, or take it out."
            yield Problem(file.where((*place, "quiet", "except")), what, instead, doubtful=True)
    if recipient.language not in languages:
        what = f"messages have no words in `{recipient.language}`, so those of `{who}` are English."
        instead = f"There are: {', '.join(languages)}. Add `words/{recipient.language}.toml` to `templates.path`."
        yield Problem(file.where((*place, "language")), what, instead, doubtful=True)


def _never_ends(spans: Sequence[Quiet]) -> bool:
    """Whether it is quiet at every minute of a week, by the wall clock."""
    quiet: set[int] = set()
    for one in spans:
        start, end = (clock.hour * 60 + clock.minute for clock in (one.from_, one.until))
        for number, day in enumerate(_DAYS):
            if not one.days or day in one.days:
                first = number * _DAY + start
                quiet.update(minute % (7 * _DAY) for minute in range(first, first + (end - start) % _DAY))
    return len(quiet) == 7 * _DAY
