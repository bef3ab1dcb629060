"""When a feed is polled next: pure arithmetic on its row. A feed is never dropped, however long it fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from newswatch.config.settings import Polling
from newswatch.errors import FetchError
from newswatch.model import FeedState, Fetched

# Feeds that were added together would be polled together for ever; each drifts by up to this share of its interval.
JITTER = 0.1
# A permanent redirect is believed when it was seen this often in a row: servers in trouble send wrong ones.
MOVES_TO_BELIEVE = 3
# Cache-Control may ask for more than the interval, but a news feed that says "a year" is a mistake.
LONGEST_MAX_AGE = timedelta(hours=6)


def body_hash(body: bytes) -> str:
    """BLAKE2b of a decoded body, 32 hex digits."""
    return blake2b(body, digest_size=16).hexdigest()


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether the feed may be polled now."""
    return state.next_due is None or state.next_due <= now


def after_success(
    state: FeedState, fetched: Fetched, *, now: datetime, interval: timedelta, new_entries: int
) -> FeedState:
    """The row after a good answer: validators saved, also for an equal body; failures forgotten.

    Args:
        state: the row before.
        fetched: the answer; a 304 keeps the body's hash.
        now: when it came.
        interval: the feed's own; longer where its Cache-Control says so, up to `LONGEST_MAX_AGE`.
        new_entries: entries not seen before.
    """
    asked = timedelta(seconds=min(fetched.max_age or 0.0, LONGEST_MAX_AGE.total_seconds()))
    moved = fetched.moved_to
    count = (state.moved_count + 1 if moved == state.moved_to else 1) if moved else 0
    believed = count >= MOVES_TO_BELIEVE
    return replace(
        state,
        url=moved if believed else state.url,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        body_hash=state.body_hash if fetched.body is None else body_hash(fetched.body),
        next_due=now + _jittered(max(interval, asked), state.feed_id),
        failures=0,
        last_polled=now,
        last_success=now,
        last_new=now if new_entries else state.last_new,
        last_error="",
        last_status=fetched.status,
        moved_to="" if believed else moved,
        moved_count=0 if believed else count,
    )


def after_failure(
    state: FeedState, error: FetchError, *, now: datetime, interval: timedelta, polling: Polling
) -> FeedState:
    """The row after a failure: the wait doubles with each in a row, up to ``polling.max_backoff``.

    A feed whose own interval is longer than that waits its interval, as it does when all is well. A Retry-After is
    honoured up to the same. A feed that is gone (410), or whose address can never work, waits the longest at once; it
    is still looked at, since addresses come back.
    """
    failures = state.failures + 1
    longest = max(polling.max_backoff, interval).total_seconds()
    doubled = interval.total_seconds() * 2.0 ** min(failures - 1, 30)
    wait = _jittered(timedelta(seconds=longest if error.permanent else min(doubled, longest)), state.feed_id)
    if error.retry_after is not None:
        wait = max(wait, timedelta(seconds=min(error.retry_after, longest)))
    return replace(
        state,
        next_due=now + wait,
        failures=failures,
        last_polled=now,
        last_error=str(error),
        last_status=error.status,
        moved_to="",
        moved_count=0,
        last_failure=now,
        failed_with=str(error),
    )


def _jittered(wait: timedelta, feed_id: str) -> timedelta:
    """Up to a tenth shorter, always the same for the same feed, so that the user's interval is never exceeded."""
    share = int.from_bytes(blake2b(feed_id.encode(), digest_size=4).digest()) / 2**32
    return wait * (1 - JITTER * share)
