"""The start page: does it work, and what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch.config.event import Event
from newswatch.config.load import Loaded
from newswatch.console.timeline import Line, lines
from newswatch.store import OutboxCounts, Pages

LATELY = timedelta(days=1)
QUIET_FOR = timedelta(minutes=30)
"""With no feed polled for so long, nothing works; the longest usual interval is ten minutes."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event on the start page, with what the last day brought."""

    event: Event
    alerts: int
    digest: int
    newest: Line | None


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed that fails."""

    title: str
    failures: int
    since: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class Start:
    """Whether it works, and what happened.

    Attributes:
        works: nothing is wrong; ``wrong`` says what is.
        polled: when a feed was asked last, or None.
        stories: how many came in the last day.
        oldest: when the oldest delivery that waits was made, or None.
    """

    works: bool
    wrong: tuple[str, ...]
    polled: datetime | None
    stories: int
    events: tuple[EventLine, ...]
    feeds: int
    failing: tuple[FeedLine, ...]
    outbox: OutboxCounts
    oldest: datetime | None
    waiting: int
    outages: tuple[tuple[str, datetime, str], ...]


def start(pages: Pages, loaded: Loaded, now: datetime) -> Start:
    """The start page."""
    states = pages.feed_states(feed_id for feed_id, _ in loaded.feeds)
    failing = tuple(
        FeedLine(feed.title or feed_id, state.failures, state.last_success, state.last_error)
        for feed_id, feed in loaded.feeds
        if (state := states.get(feed_id)) is not None and state.failures
    )
    polled = max((state.last_polled for state in states.values() if state.last_polled), default=None)
    outbox, oldest = pages.outbox_counts(), pages.oldest_due()
    outages = tuple((one.channel, one.since, one.last_error) for one in pages.outages() if one.since)
    wrong = tuple(_wrong(loaded, failing, polled, outages, now))
    return Start(
        works=not wrong,
        wrong=wrong,
        polled=polled,
        stories=pages.stories_since(now - LATELY),
        events=tuple(_events(pages, loaded, now)),
        feeds=len(loaded.feeds),
        failing=failing,
        outbox=outbox,
        oldest=oldest,
        waiting=pages.pending_count(),
        outages=outages,
    )


def _wrong(
    loaded: Loaded,
    failing: Sequence[FeedLine],
    polled: datetime | None,
    outages: Sequence[tuple[str, datetime, str]],
    now: datetime,
) -> Iterable[str]:
    """What somebody has to look at; one feed of many that fails is nothing yet."""
    if not loaded.feeds:
        yield "No feed is configured."
    elif polled is None:
        yield "No feed has been asked yet."
    elif now - polled > max(QUIET_FOR, loaded.settings.polling.interval * 3):
        yield "No feed was asked for a while: is the service running?"
    if failing and len(failing) * 2 > len(loaded.feeds):
        yield f"{len(failing)} of {len(loaded.feeds)} feeds fail."
    for channel, _, _ in outages:
        yield f"Nothing goes through channel {channel}."


def _events(pages: Pages, loaded: Loaded, now: datetime) -> Iterable[EventLine]:
    events = {event.event: event for event in loaded.events}
    counts = pages.counts(events, now - LATELY)
    for name, event in events.items():
        newest = lines(pages, pages.developments(name, limit=1), events)
        mine = counts[name]
        yield EventLine(event, mine.get("alert", 0), mine.get("digest", 0), newest[0] if newest else None)
