"""When a feed is polled next: pure arithmetic on its row. A feed is never dropped, however long it fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from newswatch.config.settings import Polling
from newswatch.errors import FetchError
from newswatch.feeds.health import day_of
from newswatch.model import FeedState, Fetched

# Feeds that were added together would be polled together for ever; each drifts by up to this share of its interval.
JITTER = 0.1
# A permanent redirect is believed when it was seen this often in a row: servers in trouble send wrong ones.
MOVES_TO_BELIEVE = 3
# Cache-Control may ask for more than the interval, but a news feed that says "a year" is a mistake.
LONGEST_MAX_AGE = timedelta(hours=6)
# The pace of polling goes up and down by this, so that in the long run every second poll finds something new.
STEP = 1.25
# Where most of what a body holds is new, entries may already have fallen off its end.
MOSTLY_NEW = 0.5
# How much the newest value counts in what is smoothed.
SMOOTHING = 0.2


@dataclass(frozen=True, slots=True)
class Brought:
    """What a body that was read held.

    Attributes:
        new: entries not seen before; edits of known ones are none.
        entries: all of them.
        newest, oldest: the latest and earliest date among them, or None.
    """

    new: int
    entries: int
    newest: datetime | None = None
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a feed is polled: between two bounds, by how much of what comes is new. Equal bounds: always so.

    Attributes:
        start: the interval before anything is known of the feed, and between the first failures.
        least, most: its bounds.
    """

    start: timedelta
    least: timedelta
    most: timedelta


def pace_of(interval: timedelta | None, polling: Polling) -> Pace:
    """The bounds of a feed.

    Args:
        interval: the feed's own, which is kept to as it is; None: it has none.
        polling: the interval and the bounds of all others; a bound that is left out is half and three times of it.
    """
    if interval is not None:
        return Pace(interval, interval, interval)
    start = polling.interval
    least = polling.min_interval or min(start / 2, polling.max_interval or start)
    most = polling.max_interval or max(start * 3, least)
    return Pace(min(max(start, least), most), least, most)


def body_hash(body: bytes) -> str:
    """BLAKE2b of a decoded body, 32 hex digits."""
    return blake2b(body, digest_size=16).hexdigest()


def is_due(state: FeedState, now: datetime) -> bool:
    """Whether the feed may be polled now."""
    return state.next_due is None or state.next_due <= now


def after_success(
    state: FeedState, fetched: Fetched, *, now: datetime, pace: Pace, brought: Brought | None = None
) -> FeedState:
    """The row after a good answer: validators saved, also for an equal body; failures forgotten.

    Args:
        state: the row before.
        fetched: the answer; a 304 keeps the body's hash.
        now: when it came.
        pace: how often it is polled; less often where its Cache-Control says so, up to `LONGEST_MAX_AGE`.
        brought: what its body held; None where it was not read (304, or equal bytes).
    """
    asked = timedelta(seconds=min(fetched.max_age or 0.0, LONGEST_MAX_AGE.total_seconds()))
    moved = fetched.moved_to
    count = (state.moved_count + 1 if moved == state.moved_to else 1) if moved else 0
    believed = count >= MOVES_TO_BELIEVE
    every = next_pace(state, brought, pace)
    return replace(
        _counted(_learned(state, brought, now), now, failed=False),
        url=moved if believed else state.url,
        etag=fetched.etag,
        last_modified=fetched.last_modified,
        body_hash=state.body_hash if fetched.body is None else body_hash(fetched.body),
        next_due=now + _jittered(max(every, asked), state.feed_id),
        failures=0,
        failing_since=None,
        last_polled=now,
        last_success=now,
        last_error="",
        last_status=fetched.status,
        moved_to="" if believed else moved,
        moved_count=0 if believed else count,
        pace=every.total_seconds(),
        latency=fetched.elapsed,
        latency_mean=_smoothed(state.latency_mean if state.last_success else None, fetched.elapsed),
    )


def next_pace(state: FeedState, brought: Brought | None, pace: Pace) -> timedelta:
    """How long until the next poll, before jitter: a step longer without news, a step shorter with some.

    Where more than half of a body is new, it is half as long. The first body of a feed says nothing: all of it is new.
    """
    now = timedelta(seconds=state.pace) if state.pace else pace.start
    if brought is not None and state.last_success is None:
        now = pace.start
    elif brought is None or not brought.new:
        now *= STEP
    elif brought.new > brought.entries * MOSTLY_NEW:
        now /= 2
    else:
        now /= STEP
    return min(max(now, pace.least), pace.most)


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
        _counted(state, now, failed=True),
        next_due=now + wait,
        failures=failures,
        failing_since=state.failing_since or now,
        last_polled=now,
        last_error=str(error),
        last_status=error.status,
        moved_to="",
        moved_count=0,
        last_failure=now,
        failed_with=str(error),
    )


def _learned(state: FeedState, brought: Brought | None, now: datetime) -> FeedState:
    """What a good answer says of a feed's habit."""
    if brought is None:
        return replace(state, repeats=_smoothed(state.repeats, 1.0))
    known = replace(state, items=brought.entries, newest=brought.newest if brought.entries else state.newest)
    if state.last_success is None:
        # What stands there at the first poll is as old as it says, and its dates show the habit.
        last = min(brought.newest, now) if brought.newest else now
        return replace(known, last_new=last if brought.entries else None, habit=_habit_of(brought))
    if brought.entries:
        share = 1 - min(brought.new / brought.entries, 1.0)
        known = replace(known, repeats=_smoothed(state.repeats, share))
    if not brought.new:
        return known
    since = (now - state.last_new).total_seconds() if state.last_new else 0.0
    habit = _smoothed(state.habit or None, since) if since > 0 else state.habit
    return replace(known, last_new=now, habit=habit)


def _habit_of(brought: Brought) -> float:
    """Seconds between two entries, by their dates; 0 where they tell nothing."""
    if brought.newest is None or brought.oldest is None or brought.entries < 2:
        return 0.0
    return (brought.newest - brought.oldest).total_seconds() / (brought.entries - 1)


def _counted(state: FeedState, now: datetime, *, failed: bool) -> FeedState:
    today = day_of(now)
    same = state.day == today
    polls, failures = (state.polls_today, state.failures_today) if same else (0, 0)
    return replace(state, day=today, polls_today=polls + 1, failures_today=failures + failed)


def _smoothed(before: float | None, value: float) -> float:
    """An exponential moving average; the first value stands for itself."""
    return value if before is None else before + SMOOTHING * (value - before)


def _jittered(wait: timedelta, feed_id: str) -> timedelta:
    """Up to a tenth shorter, always the same for the same feed, so that the user's interval is never exceeded."""
    share = int.from_bytes(blake2b(feed_id.encode(), digest_size=4).digest()) / 2**32
    return wait * (1 - JITTER * share)
