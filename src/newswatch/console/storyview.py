"""A story's page: its text with what was read of it, the decisions, the copies, the edits, what people said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from newswatch.config.event import Event
from newswatch.config.load import Loaded
from newswatch.console.marking import Piece, changes, marked
from newswatch.console.timeline import Line, lines
from newswatch.model import Decision, Fact, Feedback, Story, TraceLine
from newswatch.store import Found, Pages


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence that was read: its claims, and what they were held against."""

    sentence: str
    name: int
    news: bool
    probability: float
    claims: tuple[tuple[TraceLine, Fact | None], ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One decision about a story."""

    decision: Decision
    at: datetime
    event_title: str
    told: tuple[Line, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """What an edit changed: sentences that went, and those that came."""

    number: int
    out: tuple[str, ...]
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryPage:
    """A story with what was read of it and decided."""

    story: Story
    title: tuple[Piece, ...]
    paragraphs: tuple[tuple[Piece, ...], ...]
    judged: tuple[Judged, ...]
    feeds: tuple[tuple[str, str, datetime], ...]
    copies: tuple[Story, ...]
    edits: tuple[Edit, ...]
    feedback: Mapping[str, tuple[Feedback, ...]]


def story_page(pages: Pages, story: Story, loaded: Loaded) -> StoryPage:
    """A story's page: what the newest decisions read is marked in its text."""
    events = {event.event: event for event in loaded.events}
    decisions = pages.decisions(story.story_id)
    sentences = _sentences(decision for _, decision in decisions if decision.revision == story.revision)
    text = marked(story.text, sentences)
    title = [piece for paragraph in marked(story.title, sentences) for piece in paragraph]
    names = {sentence: number for number, sentence in enumerate(sentences, 1)}
    feedback: dict[str, tuple[Feedback, ...]] = {}
    for one in pages.feedback(story.story_id):
        feedback[one.development_id] = (*feedback.get(one.development_id, ()), one)
    editions = pages.editions(story.story_id)
    edits = [
        (later.number, *changes(f"{first.title}\n\n{first.text}", f"{later.title}\n\n{later.text}"))
        for first, later in pairwise(editions)
    ]
    return StoryPage(
        story=story,
        title=tuple(title),
        paragraphs=tuple(tuple(paragraph) for paragraph in text),
        judged=tuple(_judged(pages, story, at, decision, events, names) for at, decision in decisions),
        feeds=pages.entries(story.story_id),
        copies=pages.copies(story),
        edits=tuple(Edit(number, tuple(out), tuple(into)) for number, out, into in edits),
        feedback=feedback,
    )


def _sentences(decisions: Iterable[Decision]) -> dict[str, str]:
    """Every sentence that was read, with whether it proves something new."""
    found: dict[str, str] = {}
    for decision in decisions:
        found |= {quote: "new" for told in decision.developments for quote in told.evidence}
        for line in decision.trace:
            found.setdefault(line.sentence, "known")
    return found


def _judged(
    pages: Pages, story: Story, at: datetime, decision: Decision, events: Mapping[str, Event], names: Mapping[str, int]
) -> Judged:
    against = pages.facts_by_id(decision.event, [line.against for line in decision.trace if line.against])
    steps = []
    for sentence, claims in groupby(decision.trace, key=lambda line: line.sentence):
        some = list(claims)
        steps.append(
            Step(
                sentence, names.get(sentence, 0), any(line.news for line in some), some[0].probability,
                tuple((line, against.get(line.against)) for line in some),
            )
        )  # fmt: skip
    found = [Found(0, at, told, story) for told in decision.developments]
    event = events.get(decision.event)
    title = event.title if event else decision.event
    return Judged(decision, at, title, tuple(lines(pages, found, events)), tuple(steps))
