"""What waited together, put in order and without what it overtook itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from newswatch.alerting.same import told_once
from newswatch.alerting.worded import ARROW
from newswatch.model import AlertItem, Development, Outcome, Pending
from newswatch.reasons import because, english, joined

# What follows from one another; a contradiction or a correction is told beside what it corrects.
_RISES = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.REFINES})


def merged(waiting: Sequence[Pending], language: str) -> tuple[AlertItem, ...]:
    """The items of an alert: most severe first, then newest; a figure that rose twice, and a fact, are told once.

    Where 50 became 98 and 98 became 132 while both waited, 50 → 132 is told, with what was known before the first.
    What came in one story keeps its order, most important first.

    Args:
        waiting: what goes into the alert, in the order it was decided.
        language: the recipient's.
    """
    ranked = sorted(
        without_overtaken(waiting),
        key=lambda p: (-p.item.development.severity.rank, -p.since.timestamp(), -p.item.story.published.timestamp()),
    )
    return told_once([pending.item for pending in ranked], language)


def without_overtaken(waiting: Sequence[Pending]) -> list[Pending]:
    """Each chain of figures as its last link, which then says what was known before the first."""
    chains: list[list[Pending]] = []
    for later in sorted(waiting, key=lambda p: p.since):
        chain = next((c for c in chains if _follows(c[-1].item.development, later.item.development)), None)
        if chain is not None:
            chains.remove(chain)
        chains.append([*(chain or ()), later])
    return [_told_as_one(chain) for chain in chains]


def _follows(first: Development, second: Development) -> bool:
    """The second begins with the number that the first ends with, of the same measure and the same people."""
    a, b = first.figure, second.figure
    if a is None or b is None or b.was is None or first.event != second.event:
        return False
    if first.outcome not in _RISES or second.outcome not in _RISES:
        return False
    same_people = first.summary.partition(":")[0] == second.summary.partition(":")[0] or ARROW not in second.summary
    return a.measure == b.measure and (a.value, a.bound) == (b.was, b.was_bound) and same_people


def _told_as_one(chain: Sequence[Pending]) -> Pending:
    """The last of a chain, with what was known before the first and how urgent the most urgent was."""
    developments = [pending.item.development for pending in chain]
    first, last = developments[0], developments[-1]
    if len(chain) == 1 or first.figure is None or last.figure is None:
        return chain[-1]
    weightiest = max(developments, key=lambda d: d.severity.rank)
    between = joined("list", [d.figure.value for d in developments[:-1] if d.figure])
    why = because("number-between", why=last.why or last.reason, values=between)
    told = replace(
        last,
        outcome=first.outcome if first.figure.was is None else last.outcome,
        severity=weightiest.severity,
        topic=weightiest.topic if weightiest.severity is not last.severity else last.topic,
        summary=_spanning(first.summary, last.summary),
        figure=replace(
            last.figure, was=first.figure.was, was_bound=first.figure.was_bound, was_unit=first.figure.was_unit
        ),
        against=first.against,
        known_before=first.known_before,
        reason=english(why),
        why=why,
    )
    return replace(chain[-1], item=replace(chain[-1].item, development=told))


def _spanning(first: str, second: str) -> str:
    """``Injured: 50 → 98`` and ``Injured: 98 → 132`` as ``Injured: 50 → 132``; sentences stay as they are."""
    label, parted, numbers = second.partition(": ")
    if not parted or ARROW not in numbers:
        return second
    last = numbers.rpartition(ARROW)[2]
    before = first.partition(": ")[2].partition(ARROW)[0] + ARROW if ARROW in first else ""
    return f"{label}: {before}{last}"
