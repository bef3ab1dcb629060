"""The feeds' page: how each does, in words, those in trouble before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch.config.load import Loaded
from newswatch.config.settings import Feed
from newswatch.feeds.health import Health, HealthKind, health
from newswatch.model import FeedState
from newswatch.store import Pages

TROUBLE = (
    HealthKind.BROKEN, HealthKind.GONE, HealthKind.STALE, HealthKind.FAILING, HealthKind.UNASKED, HealthKind.QUIET,
    HealthKind.WELL,
)  # fmt: skip
"""From the worst to the best."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed of the configuration, with what is remembered of it.

    Attributes:
        due: when it is asked next; None: at once.
        every: how often it is asked.
    """

    feed_id: str
    feed: Feed
    state: FeedState
    health: Health
    every: timedelta

    @property
    def due(self) -> datetime | None:
        """When it is asked next; None: at once."""
        return self.state.next_due


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """Every feed, and how many do how."""

    rows: tuple[FeedRow, ...]
    kinds: tuple[tuple[str, int], ...]
    troubled: int


def feeds_page(pages: Pages, loaded: Loaded, now: datetime) -> FeedsPage:
    """The feeds' page."""
    states = pages.feed_states(feed_id for feed_id, _ in loaded.feeds)
    rows = sorted(
        (_row(feed_id, feed, states.get(feed_id), loaded, now) for feed_id, feed in loaded.feeds),
        key=lambda row: (TROUBLE.index(row.health.kind), (row.feed.title or row.feed_id).casefold()),
    )
    kinds = tuple((kind.value, sum(row.health.kind is kind for row in rows)) for kind in TROUBLE)
    return FeedsPage(tuple(rows), tuple(one for one in kinds if one[1]), sum(row.health.troubled for row in rows))


def _row(feed_id: str, feed: Feed, state: FeedState | None, loaded: Loaded, now: datetime) -> FeedRow:
    if state is None or (state.configured_url or state.url) != feed.url:
        state = FeedState(feed_id, feed.url, configured_url=feed.url)  # a row of another address says nothing of this
    polling = loaded.settings.polling
    pace = timedelta(seconds=state.pace) if state.pace else polling.interval
    return FeedRow(feed_id, feed, state, health(state, now, tell_after=polling.tell_after), feed.interval or pace)
