"""When a feed is polled next: intervals, Cache-Control, Retry-After, backoff, and addresses that moved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.config.settings import Polling
from newswatch.errors import FetchError
from newswatch.feeds import schedule
from newswatch.model import FeedState, Fetched

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
TEN = timedelta(minutes=10)
DAY = timedelta(days=1)
FIRST = FeedState("f", "http://x.example/feed")
NEW = "http://x.example/new"
POLLING = Polling()


def answer(**changes: Any) -> Fetched:
    plain = Fetched(
        body=b"<rss/>",
        status=200,
        url="http://x.example/feed",
        content_type="",
        etag="",
        last_modified="",
        max_age=None,
    )
    return replace(plain, **changes)


def good(state: FeedState = FIRST, *, interval: timedelta = TEN, new: int = 0, **changes: Any) -> FeedState:
    brought = schedule.Brought(new, 10) if new else None
    fixed = schedule.Pace(interval, interval, interval)
    return schedule.after_success(state, answer(**changes), now=NOW, pace=fixed, brought=brought)


def bad(
    state: FeedState = FIRST, *, interval: timedelta = TEN, polling: Polling = POLLING, **decision: Any
) -> FeedState:
    error = FetchError("it broke", **decision)
    return schedule.after_failure(state, error, now=NOW, interval=interval, polling=polling)


def wait(state: FeedState) -> timedelta:
    assert state.next_due is not None
    return state.next_due - NOW


def within(found: timedelta, asked: timedelta) -> bool:
    """Up to a tenth shorter, never longer."""
    return asked * (1 - schedule.JITTER) <= found <= asked


def test_a_feed_is_due_at_its_time_and_when_it_is_new() -> None:
    assert schedule.is_due(FIRST, NOW)
    state = replace(FIRST, next_due=NOW)
    assert schedule.is_due(state, NOW)
    assert not schedule.is_due(state, NOW - timedelta(microseconds=1))


def test_a_good_answer_forgets_failures_and_notes_what_came() -> None:
    state = good(replace(FIRST, failures=7, last_error="no", last_status=500, last_new=NOW - DAY), new=0)
    assert (state.failures, state.last_error, state.last_status) == (0, "", 200)
    assert (state.last_polled, state.last_success, state.last_new) == (NOW, NOW, NOW - DAY)
    assert good(state, new=2).last_new == NOW


def test_both_validators_are_saved_on_every_200_even_for_an_equal_body() -> None:
    state = good(etag='"1"', last_modified="Sun, 02 Mar 2031 10:00:00 GMT")
    assert (state.etag, state.last_modified) == ('"1"', "Sun, 02 Mar 2031 10:00:00 GMT")
    again = good(state, etag='"2"', last_modified="")
    assert (again.etag, again.last_modified, again.body_hash) == ('"2"', "", state.body_hash)
    assert good(state, body=b"<rss> </rss>").body_hash != state.body_hash


def test_a_304_keeps_the_hash_of_the_body() -> None:
    state = good(etag='"1"')
    assert good(state, body=None, status=304, etag='"1"').body_hash == state.body_hash != ""


@pytest.mark.parametrize(
    ("max_age", "expected"),
    [
        (None, TEN),
        (0.0, TEN),
        (60.0, TEN),
        (3600.0, timedelta(hours=1)),
        (31_536_000.0, schedule.LONGEST_MAX_AGE),
        (1e300, schedule.LONGEST_MAX_AGE),
    ],
)
def test_cache_control_may_ask_for_longer_within_reason(max_age: float | None, expected: timedelta) -> None:
    assert within(wait(good(max_age=max_age)), expected)


def test_an_interval_of_the_users_own_is_not_cut() -> None:
    week = timedelta(days=7)
    assert within(wait(good(interval=week)), week)
    assert within(wait(bad(interval=week)), week)


@pytest.mark.parametrize("error", [{}, {"status": 500}, {"permanent": True}])
def test_waits_double_up_to_a_day_and_a_feed_is_never_off(error: dict[str, Any]) -> None:
    state, waits = FIRST, []
    for _ in range(2000):
        state = bad(state, **error)
        waits.append(wait(state))
    assert state.failures == 2000
    assert all(timedelta(0) < one <= DAY for one in waits)
    assert waits == sorted(waits)
    assert within(waits[-1], DAY)
    if not error.get("permanent"):
        assert [within(one, TEN * factor) for one, factor in zip(waits, (1, 2, 4, 8), strict=False)] == [True] * 4
    else:
        assert within(waits[0], DAY)
    assert good(state).failures == 0
    assert within(wait(good(state)), TEN)


def test_a_failure_keeps_what_the_next_question_needs() -> None:
    state = good(etag='"1"', last_modified="Sun, 02 Mar 2031 10:00:00 GMT")
    after = bad(state, status=503)
    assert (after.etag, after.last_modified, after.body_hash) == (state.etag, state.last_modified, state.body_hash)
    assert (after.last_error, after.last_status, after.last_success) == ("it broke", 503, NOW)


@pytest.mark.parametrize(
    ("seconds", "at_least", "at_most"),
    [
        (0.0, TEN * 0.9, TEN),
        (30.0, TEN * 0.9, TEN),
        (7200.0, timedelta(hours=2), timedelta(hours=2)),
        (1e9, DAY, DAY),
        (1e300, DAY, DAY),
    ],
)
def test_retry_after_is_the_least_that_is_waited_up_to_a_day(
    seconds: float, at_least: timedelta, at_most: timedelta
) -> None:
    assert at_least <= wait(bad(status=429, retry_after=seconds)) <= at_most


def test_a_move_is_believed_when_it_was_seen_three_times_in_a_row() -> None:
    state = FIRST
    for _ in range(schedule.MOVES_TO_BELIEVE - 1):
        state = good(state, moved_to=NEW)
        assert state.url == FIRST.url
    state = good(state, moved_to=NEW)
    assert (state.url, state.moved_to, state.moved_count) == (NEW, "", 0)


@pytest.mark.parametrize("between", [{"moved_to": ""}, {"moved_to": "http://x.example/other"}, None])
def test_anything_else_between_begins_the_count_again(between: dict[str, Any] | None) -> None:
    state = good(good(moved_to=NEW), moved_to=NEW)
    state = bad(state) if between is None else good(state, **between)
    state = good(good(state, moved_to=NEW), moved_to=NEW)
    assert state.url == FIRST.url
    assert good(state, moved_to=NEW).url == NEW


@given(st.text(max_size=20), st.floats(1, 1e7), st.none() | st.floats(0, 1e12), st.integers(0, 10**9))
def test_the_next_time_is_always_later_and_never_beyond_what_is_meant(
    feed_id: str, interval: float, asked: float | None, failures: int
) -> None:
    state = replace(FIRST, feed_id=feed_id, failures=failures)
    every = timedelta(seconds=interval)
    longest = max(DAY, every)
    assert timedelta(0) < wait(good(state, interval=every, max_age=asked)) <= longest
    assert timedelta(0) < wait(bad(state, interval=every, retry_after=asked)) <= longest


def test_feeds_drift_apart_and_each_stays_the_same() -> None:
    waits = {wait(good(replace(FIRST, feed_id=f"feed{number}"))) for number in range(100)}
    assert len(waits) == 100
    assert max(waits) - min(waits) > TEN * 0.08
    assert wait(good()) == wait(good())


SPAN = schedule.pace_of(None, Polling.model_validate({"interval": "10m", "min_interval": "2m", "max_interval": "1h"}))


def paced(state: FeedState, new: int | None, entries: int = 30) -> FeedState:
    brought = None if new is None else schedule.Brought(new, entries)
    return schedule.after_success(state, answer(), now=NOW, pace=SPAN, brought=brought)


def every(state: FeedState) -> timedelta:
    return timedelta(seconds=state.pace)


def test_the_pace_begins_at_the_interval_and_slows_without_news() -> None:
    state = paced(FIRST, 30)
    assert every(state) == TEN
    state = paced(state, None)
    assert every(state) == TEN * schedule.STEP
    assert within(wait(state), TEN * schedule.STEP)
    for _ in range(20):
        state = paced(state, 0)
    assert every(state) == timedelta(hours=1)


def test_the_pace_quickens_with_news_and_more_so_where_most_is_new() -> None:
    state = paced(paced(FIRST, 30), 2)
    assert every(state) == TEN / schedule.STEP
    assert every(paced(state, 20)) == TEN / schedule.STEP / 2
    for _ in range(20):
        state = paced(state, 1)
    assert every(state) == timedelta(minutes=2)


def test_in_the_long_run_about_every_second_poll_finds_something() -> None:
    state, now, polls, found, last = paced(FIRST, 30), NOW, 0, 0, NOW
    for _ in range(400):
        now += every(state)
        new = (now - last) // timedelta(minutes=25)
        last += new * timedelta(minutes=25)
        state = paced(state, new)
        polls, found = polls + 1, found + bool(new)
    assert 0.4 < found / polls < 0.6


def test_an_interval_of_a_feeds_own_is_kept_to_whatever_comes() -> None:
    pace = schedule.pace_of(timedelta(minutes=3), Polling())
    state = FIRST
    for new in (30, None, None, 20, 1):
        brought = None if new is None else schedule.Brought(new, 30)
        state = schedule.after_success(state, answer(), now=NOW, pace=pace, brought=brought)
        assert every(state) == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("settings", "least", "most"),
    [
        ({}, 5, 30),
        ({"interval": "1h"}, 30, 180),
        ({"max_interval": "10m"}, 5, 10),
        ({"min_interval": "1m"}, 1, 30),
        ({"max_interval": "2m"}, 2, 2),
        ({"min_interval": "1h"}, 60, 60),
    ],
)
def test_bounds_that_are_left_out_follow_from_the_interval(settings: dict[str, str], least: int, most: int) -> None:
    pace = schedule.pace_of(None, Polling.model_validate(settings))
    assert (pace.least, pace.most) == (timedelta(minutes=least), timedelta(minutes=most))
    assert pace.least <= pace.start <= pace.most


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0, 1e9), st.booleans())
def test_the_pace_stays_within_its_bounds(new: int, more: int, before: float, asked: bool) -> None:
    state = replace(FIRST, pace=before, last_success=NOW if asked else None)
    found = schedule.next_pace(state, schedule.Brought(new, new + more), SPAN)
    assert SPAN.least <= found <= SPAN.most
