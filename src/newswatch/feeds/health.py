"""How a feed does, from its row: broken, stale though it answers, or simply without news. Pure.

The three silences are told apart by the feed's own habit, which is how long it takes between two times that something
new comes. A feed that brings something every ten minutes is stale after days, one that does so every month after many.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from newswatch.model import FeedState

TELL_AFTER = 5
"""Failures in a row that make a feed broken, unless the configuration says otherwise (``polling.tell_after``)."""
HABITS = 8.0
"""A silence this many times the usual one is not chance: of a feed whose news comes at random, 3 in 10,000 are."""
LEAST = timedelta(days=3)
"""No silence is stale before: newsrooms have weekends."""
UNKNOWN = timedelta(days=30)
"""When a feed without a habit yet, or with one entry only, is stale."""


class HealthKind(StrEnum):
    """How a feed does, from never asked to gone."""

    UNASKED = "unasked"
    WELL = "well"
    QUIET = "quiet"
    STALE = "stale"
    FAILING = "failing"
    BROKEN = "broken"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Health:
    """How a feed does, for a person.

    Attributes:
        kind: in a word.
        sentence: in a sentence that stands after the feed's name and says what to do, where something is to be done.
        since: since when it is so; None where that is not known, or nothing is wrong.
        last_polled, last_success, last_new: of the last poll, the last good answer, the newest entry.
        failures: in a row.
        error: the last of them in words; empty while it answers.
        latency, latency_mean: seconds that the last good answer took, and smoothed; None before the first.
        repeats: share of entries already seen at a poll (0 to 1), smoothed; None while unknown.
        usual: how long it takes between two times that something new comes; None while unknown.
        every: how often it is polled at present; None while unknown.
        polls_today, failures_today: on the UTC day that it is.
    """

    kind: HealthKind
    sentence: str
    since: datetime | None
    last_polled: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    failures: int
    error: str
    latency: float | None
    latency_mean: float | None
    repeats: float | None
    usual: timedelta | None
    every: timedelta | None
    polls_today: int
    failures_today: int

    @property
    def troubled(self) -> bool:
        """Whether somebody should look at it."""
        return self.kind in {HealthKind.STALE, HealthKind.BROKEN, HealthKind.GONE}


def health(state: FeedState, now: datetime, *, tell_after: int = TELL_AFTER) -> Health:
    """How a feed does.

    Args:
        state: its row.
        now: the time it is.
        tell_after: failures in a row that make it broken.
    """
    kind, sentence, since = _judged(state, now, tell_after)
    today = state.day == day_of(now)
    answered = state.last_success is not None
    return Health(
        kind=kind,
        sentence=sentence,
        since=since,
        last_polled=state.last_polled,
        last_success=state.last_success,
        last_new=state.last_new,
        failures=state.failures,
        error=state.last_error,
        latency=state.latency if answered else None,
        latency_mean=state.latency_mean if answered else None,
        repeats=state.repeats,
        usual=timedelta(seconds=state.habit) if state.habit else None,
        every=timedelta(seconds=state.pace) if state.pace else None,
        polls_today=state.polls_today if today else 0,
        failures_today=state.failures_today if today else 0,
    )


@dataclass(frozen=True, slots=True)
class News:
    """What the operator is to be told of a feed, and what of that which they were told is over.

    Attributes:
        tell: ``broken``, ``gone`` or ``stale``; empty for nothing.
        over: which of these is no longer so.
        recovered: it answers again, after they were told that it did not.
    """

    tell: str = ""
    over: frozenset[str] = frozenset()
    recovered: bool = False


def news(found: Health, standing: Collection[str]) -> News:
    """What the operator is to be told of a feed: each trouble once, and when it answers again.

    That a stale feed has news again is not told: its news says so.

    Args:
        found: how it does.
        standing: what they were told and have not been told otherwise.
    """
    kind, down = found.kind, {"broken", "gone"} & set(standing)
    if kind is HealthKind.GONE:
        return News(tell="" if "gone" in standing else "gone")
    if kind is HealthKind.BROKEN:
        return News(tell="" if down else "broken")
    if kind in {HealthKind.FAILING, HealthKind.UNASKED}:
        return News()
    if kind is HealthKind.STALE:
        return News("" if "stale" in standing else "stale", frozenset(down), bool(down))
    return News("", frozenset(standing), bool(down))


def day_of(now: datetime) -> str:
    """The UTC day that polls are counted on; times of newswatch are UTC."""
    return f"{now:%Y-%m-%d}"


def patience(state: FeedState) -> timedelta:
    """How long a feed may be silent before it is stale."""
    if not state.habit:
        return UNKNOWN
    return max(LEAST, timedelta(seconds=min(state.habit, 1e9) * HABITS))


def _judged(state: FeedState, now: datetime, tell_after: int) -> tuple[HealthKind, str, datetime | None]:
    if state.failures:
        return _failing(state, now, tell_after)
    if state.last_success is None:
        return HealthKind.UNASKED, "was not asked yet.", None
    if state.items == 0 and state.last_new is not None:
        sentence = "answers with an empty feed, though it had entries before; look whether it has moved."
        return HealthKind.STALE, sentence, state.last_new
    return _silence(state, now)


def _failing(state: FeedState, now: datetime, tell_after: int) -> tuple[HealthKind, str, datetime | None]:
    since = state.failing_since
    if state.last_status == 410:
        sentence = "is gone for good, says its server (410); take it out of the configuration, or give its new address."
        return HealthKind.GONE, sentence, since
    times = "once" if state.failures == 1 else f"{state.failures} times in a row"
    last = "it never answered" if state.last_success is None else f"it last answered {ago(now - state.last_success)}"
    sentence = f"failed {times}, {last}: {state.last_error}."
    if state.failures < tell_after:
        return HealthKind.FAILING, sentence, since
    return HealthKind.BROKEN, f"is broken: it {sentence}", since


def _silence(state: FeedState, now: datetime) -> tuple[HealthKind, str, datetime | None]:
    last, newest = state.last_new, state.newest
    if last is None:
        return HealthKind.QUIET, "answers, and never had an entry.", None
    usual = f" (usually something comes every {span(timedelta(seconds=state.habit))})" if state.habit else ""
    if now - last > patience(state):
        sentence = f"answers, and has had nothing new for {span(now - last)}{usual}; look whether it has moved."
        return HealthKind.STALE, sentence, last
    if newest is not None and now - newest > patience(state):
        sentence = (
            f"answers with entries of which the newest is dated {newest:%Y-%m-%d}; look whether it is an archive."
        )
        return HealthKind.STALE, sentence, newest
    if state.habit and now - last > timedelta(seconds=state.habit):
        return HealthKind.QUIET, f"answers, and has no news: the last came {ago(now - last)}{usual}.", None
    return HealthKind.WELL, f"is well: the last news came {ago(now - last)}.", None


def ago(length: timedelta) -> str:
    """A length of time before now in words."""
    return "just now" if length < timedelta(minutes=1) else f"{span(length)} ago"


def span(length: timedelta) -> str:
    """A length of time in words, as coarse as a person would say it: ``40 minutes``, ``6 hours``, ``3 days``."""
    seconds = max(length.total_seconds(), 0)
    units = (("second", 1, 90), ("minute", 60, 90 * 60), ("hour", 3600, 36 * 3600))
    name, unit = next(((name, unit) for name, unit, most in units if seconds < most), ("day", 86400))
    count = max(round(seconds / unit), 1)
    return f"1 {name}" if count == 1 else f"{count:,} {name}s"
