"""From sentences that are news to the few lines an alert tells, and to the trace of every decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from newswatch.config.event import Event
from newswatch.detect.novelty import TALLIES, Finding, in_detail
from newswatch.judging.keys import says, told_by
from newswatch.judging.standing import attributed
from newswatch.judging.urgency import Urgency
from newswatch.model import (
    Bound,
    Claim,
    Development,
    Fact,
    Figure,
    FigureChange,
    Happening,
    Outcome,
    Sentence,
    Severity,
    Statement,
    Status,
    Story,
    TraceLine,
    Why,
    make_id,
)
from newswatch.reading import kinds, lexicon, official
from newswatch.reasons import because, english
from newswatch.text import without_dateline

if TYPE_CHECKING:
    from newswatch.judging.judge import Weighed

MOST_LINES = 5
"""At most this many lines in one alert: an analyst reads a few."""
ALIKE = 0.45
"""Sentences of one story that share this much of their terms say the same; the fuller one is told."""
KNOWN_SHARE = 0.5
"""Only a fact that holds this share of the sentence was "known before"; a far one would puzzle the reader."""
LEAST_HEADLINE = 3
"""A headline of fewer terms is a name, and says no news."""
LONGEST = 240
_DOUBTS = frozenset({Outcome.CONTRADICTS, Outcome.CORRECTED})
_HELD = frozenset({*_DOUBTS, Outcome.CONFIRMS})
"""Outcomes that say something of one known fact, however near its words are."""
_KINDS = {
    "legal": "charge indict sentence convict court-ruling trial case-law prosecute arrest pretrial-detention",
    "position": "resign dismiss appoint ousted",
}
_KIND_OF = {concept: kind for kind, concepts in _KINDS.items() for concept in concepts.split()}
_SIGNS = {
    Bound.ABOVE: "more than ", Bound.AT_LEAST: "at least ", Bound.ABOUT: "about ", Bound.AT_MOST: "up to ",
    Bound.BELOW: "fewer than ",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """One line that may be told."""

    weighed: Weighed
    claim: Claim
    finding: Finding
    topic: str
    severity: Severity
    headline: bool = False

    @property
    def rank(self) -> tuple[int, bool, bool, float]:
        """The most urgent first, then what the headline says, what can be read by itself, what is most likely news."""
        alone = "pronoun" not in self.weighed.sentence.marks
        return self.severity.rank, self.headline, alone, self.weighed.probability


def developments(
    event: Event,
    urgency: Urgency,
    story: Story,
    weighed: Sequence[Weighed],
    told: Sequence[Weighed],
    *,
    push: float,
    edited: bool,
) -> tuple[Development, ...]:
    """The few lines worth telling: one a sentence, the most urgent first, and every number that is new or changed.

    Args:
        event: the event.
        urgency: its topics.
        story: the story.
        weighed: all of its sentences; their changed numbers are told once anything is.
        told: those that are news.
        push: the probability from which a line may be urgent.
        edited: the story was told before in other words.
    """
    lines = [_line(urgency, one, push) for one in _distinct(told)]
    listed = {one.sentence.evidence.index for one in told}
    for one in weighed:
        for claim, finding in one.pairs:
            if _is_news_number(claim, finding) and not (
                one.sentence.evidence.index in listed and any(line.claim == claim for line in lines)
            ):
                topic, severity = urgency.of(one.sentence, claim, finding.outcome)
                lines.append(_Line(one, claim, finding, topic, _held(one, severity, push)))
    headline = next((one.sentence for one in weighed if one.sentence.evidence.index == 0), None)
    lines = [
        replace(line, headline=headline is not None and _alike(headline, line.weighed.sentence))
        for line in _once(lines)
        if line.severity is not Severity.SILENT
    ]
    lines.sort(key=lambda line: line.rank, reverse=True)
    found = []
    for line in lines[:MOST_LINES]:
        led = headline if headline is not None and _leads(headline, line) else None
        found.append(_development(event, story, line, led, edited=edited))
        headline = None if led is not None else headline
    return tuple(found)


def gone(event: Event, urgency: Urgency, story: Story, sentence: Sentence, fact: Fact, claim: Claim) -> Development:
    """The line for what an edited story told before, and says no more; it can wait for the digest.

    Args:
        event: the event.
        urgency: its topics.
        story: the story as it is now.
        sentence: the sentence that it lost.
        fact: what it told.
        claim: the claim of the sentence that is the fact's.
    """
    topic, severity = urgency.of(sentence, claim, Outcome.CORRECTED)
    summary = because("no-longer", sentence=without_dateline(sentence.evidence.sentence))
    why = because("taken-out")
    return Development(
        make_id("dev", event.event, story.story_id, str(story.revision), f"gone {_key(claim)}"),
        event.event,
        story.story_id,
        _kind(claim),
        Outcome.CORRECTED,
        english(summary),
        topic,
        min(severity, Severity.DIGEST, key=lambda s: s.rank),
        (sentence.evidence.sentence,),
        against=fact.fact_id,
        reason=english(why),
        why=why,
        worded=summary,
    )


def _leads(headline: Sentence, line: _Line) -> bool:
    """Whether the headline says a line better than its sentence, which then proves it: the same, shorter, named."""
    sentence = line.weighed.sentence
    if sentence.evidence.index == 0 or (isinstance(line.claim, Figure) and not line.claim.measure.startswith("count:")):
        return False
    if len(headline.terms) < LEAST_HEADLINE:
        return False
    return _alike(headline, sentence) or "pronoun" in sentence.marks


def _distinct(told: Sequence[Weighed]) -> list[Weighed]:
    """One of those sentences that say the same: the body's, since a headline says it shorter."""
    kept: list[Weighed] = []
    for one in sorted(told, key=lambda w: (w.sentence.evidence.index == 0, -w.probability)):
        if not any(_alike(one.sentence, other.sentence) for other in kept):
            kept.append(one)
    return kept


def _alike(one: Sentence, other: Sentence) -> bool:
    mine, theirs = set(one.terms), set(other.terms)
    return len(mine & theirs) >= ALIKE * min(len(mine), len(theirs))


def _once(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Every number once, though several sentences state it."""
    seen: set[tuple[str, float, str]] = set()
    for line in lines:
        if isinstance(line.claim, Figure):
            key = (line.claim.measure, line.claim.value, line.claim.unit)
            if key in seen:
                continue
            seen.add(key)
        yield line


def _is_news_number(claim: Claim, finding: Finding) -> bool:
    return (
        isinstance(claim, Figure)
        and not claim.background
        and claim.measure in TALLIES
        and finding.outcome in {Outcome.NEW, Outcome.CHANGED, *_DOUBTS}
    )


def _line(urgency: Urgency, one: Weighed, push: float) -> _Line:
    """A sentence's line, led by the claim that says most of what is new in it."""
    choices = []
    for claim, finding in one.pairs:
        as_told = claim
        if finding.outcome is Outcome.CORRECTED and isinstance(claim, Happening):
            as_told = replace(claim, status=Status.DONE)  # as urgent as what it takes back
        topic, severity = urgency.of(one.sentence, as_told, finding.outcome)
        choices.append((_weight(claim, finding, severity), claim, finding, topic, severity))
    _, claim, finding, topic, severity = max(choices, key=lambda choice: choice[0])
    if finding.outcome is Outcome.CONFIRMS and finding.open:
        severity = min(severity, Severity.DIGEST, key=lambda s: s.rank)
    return _Line(one, claim, finding, topic, _held(one, severity, push))


def _held(one: Weighed, severity: Severity, push: float) -> Severity:
    """No more than the digest for what is too unlikely to be news to be told at once."""
    return severity if one.probability >= push else min(severity, Severity.DIGEST, key=lambda s: s.rank)


def _weight(claim: Claim, finding: Finding, severity: Severity) -> tuple[bool, bool, int, int]:
    """What leads: what is new, what casts doubt on what was told, the urgent, numbers, urgent acts, statements."""
    if isinstance(claim, Figure):
        order = 1 if claim.measure.startswith("count:") else 4
    elif isinstance(claim, Happening):
        order = 3 if kinds().get(claim.type) == "urgent" else 0
    else:
        order = 2
    return not finding.quiet, finding.outcome in _DOUBTS, severity.rank, order


def _development(event: Event, story: Story, line: _Line, headline: Sentence | None, *, edited: bool) -> Development:
    claim, finding, sentence = line.claim, line.finding, line.weighed.sentence
    stated = (sentence, headline) if headline is not None else (sentence,)
    figure = _change(claim, finding) if isinstance(claim, Figure) else None
    outcome = Outcome.NEW if finding.quiet else finding.outcome
    if edited and outcome is Outcome.NEW:
        outcome = Outcome.EDITED
    held = figure is not None or outcome in _HELD
    against = finding.against if held else line.weighed.overlap.nearest
    near = held or line.weighed.overlap.best >= KNOWN_SHARE
    speaker = next((c.speaker for c in sentence.claims if isinstance(c, Statement)), "")
    if outcome is Outcome.CONFIRMS:
        speaker = finding.said_by  # else the publisher confirms it
    elif outcome in _DOUBTS:
        speaker = attributed(sentence)
    return Development(
        make_id("dev", event.event, story.story_id, str(story.revision), _key(claim)),
        event.event,
        story.story_id,
        _kind(claim),
        outcome,
        _summary(claim, finding, headline or sentence, figure),
        line.topic,
        line.severity,
        (sentence.evidence.sentence,),
        figure,
        _display(event, sentence, speaker) if speaker else "",
        against.fact_id if against else "",
        without_dateline(against.claim.evidence.sentence) if against and near else "",
        english(why := _why(line)),
        why,
        role=speaker[1:] if speaker in official() else "",
        tells=told_by(claim, stated, _people(event)),
        says=says(stated, _people(event)),
    )


def _why(line: _Line) -> Why:
    if not line.finding.quiet:
        return line.finding.why
    share = line.weighed.overlap.best
    return because("sentence-nearest", share=f"{100 * share:.0f}") if share else because("sentence-unknown")


def _people(event: Event) -> frozenset[str]:
    return frozenset(f"@{entity.id}" for entity in event.entities if entity.type == "person")


def _change(claim: Figure, finding: Finding) -> FigureChange:
    """The number, with the one it was where it became another.

    A line of its own is what counts people or sums: not a thing (``count:bus``), nor one that is taken back, nor that
    nobody befell something: said as a number, it would read as a change of what others are told of.
    """
    known = finding.against.claim if finding.against else None
    same = _same(known, claim)
    old = known if isinstance(known, Figure) and not finding.quiet and not same else None
    taken_back = finding.outcome is Outcome.CORRECTED and same
    line = not claim.measure.startswith("count:") and not taken_back and (bool(claim.value) or old is not None)
    return FigureChange(
        claim.measure, claim.value, old.value if old else None, claim.bound, old.bound if old else Bound.EXACT,
        line=line, group=", ".join(claim.whom), unit=claim.unit, was_unit=old.unit if old else "",
    )  # fmt: skip


def _display(event: Event, sentence: Sentence, speaker: str) -> str:
    entity = next((e.name for e in event.entities if f"@{e.id}" == speaker), None)
    return entity or sentence.spelt.get(speaker, speaker[1:].replace("-", " ").capitalize())


def _kind(claim: Claim) -> str:
    return _KIND_OF.get(claim.type, "happening") if isinstance(claim, Happening) else claim.kind


def _key(claim: Claim) -> str:
    if isinstance(claim, Figure):
        unit = f" {claim.unit}" if claim.unit else ""
        return f"figure {claim.measure} {claim.value:g} {claim.whom}{unit}"
    return f"{claim.kind} {claim.evidence.sentence}"


def _summary(claim: Claim, finding: Finding, sentence: Sentence, figure: FigureChange | None) -> str:
    """One line of news: a figure by its numbers, anything else by its sentence."""
    if isinstance(claim, Figure) and figure is not None and figure.line:
        known = finding.against.claim if finding.against else None
        group = f" ({figure.group})" if figure.group else ""
        parted = " or " if finding.outcome is Outcome.CONTRADICTS else " → "
        was = f"{_number(known)}{parted}" if isinstance(known, Figure) and figure.was is not None else ""
        return f"{_label(claim.measure)}{group}: {was}{_number(claim)}"
    text = without_dateline(sentence.evidence.sentence)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _same(known: Claim | None, claim: Figure) -> bool:
    """Whether the number is the known one: it is confirmed or taken back, and did not become another."""
    return isinstance(known, Figure) and (known.value, known.whom) == (claim.value, claim.whom)


def _label(measure: str) -> str:
    book = lexicon("en")
    return (book.labels.get(measure) if book else None) or measure.replace("-", " ").capitalize()


def _number(claim: Figure) -> str:
    unit = f" {claim.unit.upper()}" if claim.unit else ""
    return f"{_SIGNS.get(claim.bound, '')}{claim.value:,.10g}{unit}"


def traced(one: Weighed, tell: float) -> Iterator[TraceLine]:
    """What was read from a sentence, how each claim stands, and how likely the sentence is news."""
    for claim, finding in one.pairs:
        against = finding.against.fact_id if finding.against else ""
        yield TraceLine(
            _words(claim, one.sentence),
            finding.outcome.value,
            against,
            finding.reason,
            claim.evidence.sentence,
            one.probability,
            one.probability >= tell,
        )


def _words(claim: Claim, sentence: Sentence) -> str:
    match claim:
        case Figure():
            return f"{claim.measure.removeprefix('count:')} {_number(claim)}"
        case Statement():
            return f"{sentence.spelt.get(claim.speaker, claim.speaker[1:])} {claim.act}"
        case Happening():
            who = ", ".join(sentence.spelt.get(key, key[1:]) for key in claim.actors)
            what = f"{claim.type.removeprefix('verb:')} ({claim.status.value})" + (f" {who}" if who else "")
            return f"{what} {in_detail(claim.details)}" if claim.details else what
