"""What a line tells, as keys that no language owns, so that two stories that tell one fact can be seen to.

A number is told by its measure, value and group. A happening is told by its type, its status and the event's people in
it, with its details; without any of these people it is not known well enough to be the same as another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from newswatch.detect.novelty import RISING, TALLIES
from newswatch.model import Claim, Figure, FigureChange, Happening, Sentence
from newswatch.reading import kinds, measured
from newswatch.text import fold

_NUMERAL = re.compile(r"\d+")


def told_by(claim: Claim, stated: Sequence[Sentence], people: Collection[str]) -> tuple[str, ...]:
    """Keys of what a line tells; empty where it cannot be told whether another line tells the same.

    A happening that is counted (people were injured) tells the number that its sentences give, where they give one.

    Args:
        claim: what leads the line.
        stated: its sentence, and the headline where that says it.
        people: keys of the event's people.
    """
    if isinstance(claim, Happening):
        counted = [measure for measure in sorted(TALLIES) if f"#{claim.type}" in measured(measure)]
        tallies = [key for sentence in stated for measure, key in _tallies(sentence) if measure in counted]
        if not counted and kinds().get(claim.type) != "urgent":
            # "The number reached 98": what happened says little, the number is the news.
            tallies = [_number(figure) for sentence in stated for figure in _read(sentence)]
        if tallies:
            return tuple(dict.fromkeys(tallies))
    found = tuple(dict.fromkeys(_keys(claim, people)))
    if not found and all(sentence.evidence.index == 0 for sentence in stated):
        # A headline with a number tells that number, whichever of its words leads.
        return tuple(dict.fromkeys(key for sentence in stated for _, key in _tallies(sentence)))
    return found


def says(stated: Sequence[Sentence], people: Collection[str]) -> tuple[str, ...]:
    """Keys of everything that a line's sentence and its headline say."""
    keys = [key for sentence in stated for claim in sentence.claims for key in _keys(claim, people)]
    keys += [key for sentence in stated for _, key in _tallies(sentence)]
    return tuple(dict.fromkeys(keys))


def _keys(claim: Claim, people: Collection[str]) -> Iterator[str]:
    if isinstance(claim, Figure):
        yield _number(claim)
    elif isinstance(claim, Happening):
        names = [key for key in claim.actors if key in people and key != claim.said_by]
        again = f" {claim.ordinal}" if claim.ordinal > 1 else ""
        act = f"{claim.type}{again} {claim.status.value}"
        yield from (f"{act} {name}" for name in names)
        yield from (f"{act} {name} {value}" for name, value in claim.details if names)
    else:
        yield f"{claim.speaker} {fold(claim.evidence.sentence)}"


def _tallies(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Measures with their numbers in a sentence: those that were read, and numerals beside a word that is counted."""
    read = _read(sentence)
    yield from ((claim.measure, _number(claim)) for claim in read)
    # Of the injured some are in hospital or in danger; a number that is not read as that is of all of them.
    beside = [
        m for m in sorted(RISING - {claim.measure for claim in read}) if not measured(m).isdisjoint(sentence.terms)
    ]
    for number in _NUMERAL.findall(sentence.evidence.sentence):
        yield from ((measure, FigureChange(measure, float(number)).key) for measure in beside)


def _read(sentence: Sentence) -> list[Figure]:
    return [claim for claim in sentence.claims if isinstance(claim, Figure) and claim.measure in TALLIES]


def _number(claim: Figure) -> str:
    return FigureChange(claim.measure, claim.value, unit=claim.unit, group=", ".join(claim.whom)).key
