"""What the store says of feeds, channels and outbox at a moment, for metrics; read in one of the console's threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from newswatch.alerting.outages import dead
from newswatch.config.load import Loaded
from newswatch.feeds.health import Health, health
from newswatch.model import FeedState
from newswatch.store import Gauges, Pages


@dataclass(frozen=True, slots=True)
class Standing:
    """How it all stands.

    Attributes:
        at: when it was read.
        feeds: configured feeds by id, with how each does.
        channels: configured channels by name, with whether nothing goes through.
        store: its size, and its outbox.
    """

    at: datetime
    feeds: tuple[tuple[str, Health], ...]
    channels: tuple[tuple[str, bool], ...]
    store: Gauges


def standing(pages: Pages, loaded: Loaded, now: datetime) -> Standing:
    """Read it.

    Raises:
        StoreError: the store cannot be read.
    """
    states = pages.feed_states(feed_id for feed_id, _ in loaded.feeds)
    after, settings = loaded.settings.polling.tell_after, loaded.settings
    outages = {one.channel: one for one in pages.outages()}

    def is_dead(channel: str) -> bool:
        found = outages.get(channel)
        return found is not None and dead(found, dead_after=settings.dead_after, now=now)

    return Standing(
        at=now,
        feeds=tuple(
            (feed_id, health(states.get(feed_id) or FeedState(feed_id, feed.url), now, tell_after=after))
            for feed_id, feed in loaded.feeds
        ),
        channels=tuple((name, is_dead(name)) for name in loaded.channels),
        store=pages.gauges(),
    )
