"""How a feed does: the three silences told apart, each by the feed's own habit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newswatch.config.settings import Polling
from newswatch.errors import FetchError
from newswatch.feeds import schedule
from newswatch.feeds.health import Health, HealthKind, health, span
from newswatch.model import FeedState, Fetched

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED = FeedState("f", "http://x.example/feed", last_success=NOW, last_polled=NOW, last_status=200)
POLLING = Polling()


def of(now: datetime = NOW, **changes: Any) -> Health:
    return health(replace(ASKED, **changes), now)


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"last_success": None}, "unasked", "was not asked yet."),
        ({"items": 9, "last_new": NOW - HOUR / 2, "habit": 3600.0}, "well", "the last news came 30 minutes ago."),
        (
            {"items": 9, "last_new": NOW - 2 * DAY, "habit": 86400.0},
            "quiet",
            "answers, and has no news: the last came 2 days ago (usually something comes every 24 hours).",
        ),
        (
            {"items": 9, "last_new": NOW - 9 * DAY, "habit": 86400.0},
            "stale",
            "nothing new for 9 days (usually something comes every 24 hours); look whether it has moved.",
        ),
        ({"items": 9, "last_new": NOW - 2 * DAY, "habit": 60.0}, "quiet", "the last came 2 days ago"),
        ({"items": 9, "last_new": NOW - 4 * DAY, "habit": 60.0}, "stale", "nothing new for 4 days"),
        ({"items": 9, "last_new": NOW - 40 * DAY, "habit": 8e6}, "well", "is well"),
        ({"items": 1, "last_new": NOW - 29 * DAY}, "well", "the last news came 29 days ago"),
        ({"items": 1, "last_new": NOW - 31 * DAY}, "stale", "nothing new for 31 days"),
        ({"items": 0, "last_new": NOW - HOUR}, "stale", "answers with an empty feed, though it had entries before"),
        ({"items": 0}, "quiet", "answers, and never had an entry."),
        (
            {"items": 9, "last_new": NOW, "newest": NOW - 2000 * DAY, "habit": 600.0},
            "stale",
            "answers with entries of which the newest is dated 2025-09-09; look whether it is an archive.",
        ),
        ({"failures": 1, "last_error": "it broke"}, "failing", "failed once, it last answered just now: it broke."),
        (
            {"failures": 5, "last_error": "it broke", "last_success": NOW - 3 * HOUR},
            "broken",
            "is broken: it failed 5 times in a row, it last answered 3 hours ago: it broke.",
        ),
        ({"failures": 9, "last_error": "no", "last_success": None}, "broken", "it never answered: no."),
        ({"failures": 1, "last_status": 410}, "gone", "is gone for good, says its server (410); take it out"),
    ],
)  # fmt: skip
def test_how_a_feed_does(changes: dict[str, Any], kind: str, sentence: str) -> None:
    found = of(**changes)
    assert found.kind == kind
    assert sentence in found.sentence
    assert found.troubled == (kind in {"stale", "broken", "gone"})


def test_when_it_is_broken_is_the_users_to_say() -> None:
    state = replace(ASKED, failures=2, last_error="no")
    assert health(state, NOW, tell_after=2).kind is HealthKind.BROKEN
    assert health(state, NOW, tell_after=3).kind is HealthKind.FAILING


def test_todays_counts_are_of_today() -> None:
    state = replace(ASKED, day="2031-03-02", polls_today=7, failures_today=2)
    today, tomorrow = health(state, NOW), health(state, NOW + DAY)
    assert (today.polls_today, today.failures_today) == (7, 2)
    assert (tomorrow.polls_today, tomorrow.failures_today) == (0, 0)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "1 second"), (timedelta(seconds=89), "89 seconds"), (timedelta(minutes=40), "40 minutes"),
        (timedelta(hours=6), "6 hours"), (timedelta(hours=35), "35 hours"), (timedelta(days=3), "3 days"),
        (timedelta(days=4000), "4,000 days"), (timedelta(days=-1), "1 second"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_said_as_a_person_would(length: timedelta, words: str) -> None:
    assert span(length) == words


def polled(state: FeedState, now: datetime, new: int | None, **dates: datetime) -> FeedState:
    """After a good poll that brought so many new entries of ten; None: the same bytes as before."""
    brought = None if new is None else schedule.Brought(new, 10, **dates)
    answer = Fetched(b"x", 200, state.url, elapsed=2.0)
    pace = schedule.pace_of(None, POLLING)
    return schedule.after_success(state, answer, now=now, pace=pace, brought=brought)


def test_the_first_poll_takes_the_age_and_the_habit_from_the_dates() -> None:
    new = FeedState("f", "http://x.example/feed")
    state = polled(new, NOW, 10, newest=NOW - 100 * DAY, oldest=NOW - 109 * DAY)
    assert (state.last_new, state.habit) == (NOW - 100 * DAY, DAY.total_seconds())
    assert health(state, NOW).kind is HealthKind.STALE
    undated = polled(new, NOW, 10)
    assert (undated.last_new, undated.habit) == (NOW, 0.0)
    assert health(undated, NOW).kind is HealthKind.WELL


def test_a_habit_is_learned_from_when_something_new_comes() -> None:
    state = polled(FeedState("f", "http://x.example/feed"), NOW, 10)
    for number in range(1, 30):
        state = polled(state, NOW + number * HOUR, 1 if number % 2 else None)
    assert state.habit == pytest.approx(7200, rel=0.05)
    assert state.repeats is not None
    assert 0.9 < state.repeats < 1
    assert state.latency_mean == pytest.approx(2.0)


def test_failures_are_counted_with_when_they_began() -> None:
    state = replace(ASKED, last_success=NOW - HOUR)
    for number in range(3):
        now = NOW + number * HOUR
        state = schedule.after_failure(state, FetchError("no"), now=now, interval=HOUR, polling=POLLING)
    assert (state.failures, state.failing_since, state.failures_today, state.polls_today) == (3, NOW, 3, 3)
    good = polled(state, NOW + 3 * HOUR, 1)
    assert (good.failures, good.failing_since, good.failures_today, good.polls_today) == (0, None, 3, 4)
