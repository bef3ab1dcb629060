"""A body to prepared entries: pure, for one process or another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from newswatch.config.event import Event
from newswatch.detect.stories import canonical_url
from newswatch.detect.topics import Matcher
from newswatch.feeds.parse import parse
from newswatch.model import Entry, ParsedFeed


@dataclass(frozen=True, slots=True)
class Job:
    """A body that a feed brought.

    Attributes:
        feed_id: the feed.
        url: where the body came from.
        content_type: its header.
        now: dates much later are not believed.
        events: ids of the events that the feed is read for.
        body: decoded bytes.
    """

    feed_id: str
    url: str
    content_type: str
    now: datetime
    events: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entry, and what can be said of it without the store.

    Attributes:
        entry: the entry.
        url: the canonical address of its link, or empty.
        beside: for each of the job's events, why its title and summary are not about it; empty where they are.
    """

    entry: Entry
    url: str
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreparedFeed:
    """What a body holds.

    Attributes:
        title: the feed's own.
        warnings: what was odd but survived.
        entries: in the feed's order.
        children: of a sitemap index, the sitemaps to be read as well.
    """

    title: str
    warnings: tuple[str, ...]
    entries: tuple[Prepared, ...]
    children: tuple[str, ...] = ()

    def told_by(self, entries: Iterable[Entry]) -> PreparedFeed:
        """The same with fuller entries, one for each; what those are about is not said any more."""
        found = zip(self.entries, entries, strict=True)
        return replace(self, entries=tuple(one if one.entry is e else Prepared(e, one.url, ()) for one, e in found))


class Preparer:
    """Prepares what feeds bring for some events."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._matchers = {event.event: Matcher(event) for event in events}

    def __call__(self, job: Job) -> PreparedFeed:
        """Read a body.

        Raises:
            ParseError: there is no feed in it.
        """
        parsed = parse(job.body, feed_id=job.feed_id, url=job.url, content_type=job.content_type, now=job.now)
        return self.of(parsed, job.events)

    def of(self, parsed: ParsedFeed, events: Iterable[str]) -> PreparedFeed:
        """Prepare what was read."""
        about = [self._matchers[event].about for event in events]
        return PreparedFeed(
            parsed.title,
            parsed.warnings,
            tuple(
                Prepared(entry, canonical_url(entry.link) if entry.link else "", _beside(entry, about))
                for entry in parsed.entries
            ),
            parsed.children,
        )


def _beside(entry: Entry, about: Iterable[Callable[[str], Any]]) -> tuple[str, ...]:
    text = f"{entry.title}\n{entry.summary}"
    found = (ask(text) for ask in about)
    return tuple("" if one.matched else one.why for one in found)


Packed = tuple[Any, ...]


def packed(feed: PreparedFeed) -> Packed:
    """As plain tuples: a dataclass with slots takes several times as long to be sent to another process."""
    entries = [(*_values(one.entry), one.url, one.beside) for one in feed.entries]
    return feed.title, feed.warnings, entries, feed.children


def unpacked(feed_id: str, sent: Packed) -> PreparedFeed:
    """What `packed` was given."""
    title, warnings, entries, children = sent
    prepared = tuple(Prepared(Entry(feed_id, *values[:-2]), values[-2], values[-1]) for values in entries)
    return PreparedFeed(title, warnings, prepared, children)


def _values(e: Entry) -> tuple[Any, ...]:
    return (e.entry_id, e.link, e.title, e.summary, e.published, e.updated, e.language, e.author, e.fingerprint,
            e.source)  # fmt: skip
