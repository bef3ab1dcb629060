"""Developments as a timeline shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from newswatch.alerting.wording import words
from newswatch.config.event import Event
from newswatch.model import Development, Story
from newswatch.store import Fate, Found, Pages


@dataclass(frozen=True, slots=True)
class Line:
    """A development on a timeline.

    Attributes:
        seq: its number in the order of commits.
        kind: how it stands against what was known, in words.
        topic: its topic's title, or empty.
        sources: whose words it stands in; the first brought it.
        fates: what became of it, recipient by recipient.
    """

    seq: int
    found: datetime
    told: Development
    story: Story | None
    kind: str
    topic: str
    sources: tuple[str, ...]
    fates: tuple[Fate, ...]


def lines(pages: Pages, found: Sequence[Found], events: Mapping[str, Event]) -> list[Line]:
    """Developments with what a reader wants beside them."""
    fates = pages.fates(one.development.development_id for one in found)
    sources = pages.origins(found)
    labels = words().labels
    return [
        Line(
            one.seq, one.found, one.development, one.story,
            labels.get(one.development.outcome.value, one.development.outcome.value),
            topic_title(events, one.development),
            sources.get(one.development.development_id, ()), fates.get(one.development.development_id, ()),
        )
        for one in found
    ]  # fmt: skip


def topic_title(events: Mapping[str, Event], told: Development) -> str:
    """As the event file writes it; the id of a topic that is gone from it."""
    event = events.get(told.event)
    titles = {topic.id: topic.title or topic.id for topic in event.topics} if event else {}
    return titles.get(told.topic, told.topic)


def by_day(shown: Iterable[Line], zone: tzinfo) -> tuple[tuple[datetime, tuple[Line, ...]], ...]:
    """Lines under the day they were found on, in the reader's zone."""
    days = groupby(shown, key=lambda line: line.found.astimezone(zone).date())
    parted = [tuple(some) for _, some in days]
    return tuple((some[0].found, some) for some in parted)
