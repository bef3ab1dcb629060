"""Quiet hours: across midnight, on chosen days, and on the nights when the clocks change."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.alerting.quiet import quiet_now, quiet_until, span
from newswatch.config.settings import Quiet

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"


def quiet(start: str, end: str, **keys: Any) -> Quiet:
    return Quiet.model_validate({"from": start, "until": end} | keys)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def until(setting: Quiet, zone: str, text: str) -> str:
    """When it ends, as UTC; empty when it is not quiet."""
    end = quiet_until([setting], zone, at(text))
    return "" if end is None else f"{end:%Y-%m-%dT%H:%M:%SZ}"


NIGHT = quiet("22:00", "07:00")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2031-01-15T21:59:59+01:00", ""),
        ("2031-01-15T22:00:00+01:00", "2031-01-16T06:00:00Z"),
        ("2031-01-16T00:00:00+01:00", "2031-01-16T06:00:00Z"),
        ("2031-01-16T06:59:59+01:00", "2031-01-16T06:00:00Z"),
        ("2031-01-16T07:00:00+01:00", ""),
        ("2031-01-16T12:00:00+01:00", ""),
    ],
)
def test_a_night_begins_on_one_day_and_ends_on_the_next(now: str, end: str) -> None:
    assert until(NIGHT, BERLIN, now) == end


def test_quiet_hours_within_a_day() -> None:
    lunch = quiet("12:30", "13:15")
    assert until(lunch, BERLIN, "2031-01-15T12:29:59+01:00") == ""
    assert until(lunch, BERLIN, "2031-01-15T12:30:00+01:00") == "2031-01-15T12:15:00Z"
    assert until(lunch, BERLIN, "2031-01-15T13:15:00+01:00") == ""


def test_the_day_is_the_one_on_which_it_begins() -> None:
    friday = quiet("22:00", "07:00", days=["fri"])
    assert until(friday, BERLIN, "2031-01-17T23:00:00+01:00") == "2031-01-18T06:00:00Z"  # a Friday
    assert until(friday, BERLIN, "2031-01-18T06:00:00+01:00") == "2031-01-18T06:00:00Z"
    assert until(friday, BERLIN, "2031-01-18T23:00:00+01:00") == ""
    assert until(friday, BERLIN, "2031-01-17T06:00:00+01:00") == ""


# The clocks go forward on 30 March 2031 in Berlin (02:00 to 03:00) and back on 26 October (03:00 to 02:00); in New York
# on 9 March and 2 November.
@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, "2031-03-29", 8), (BERLIN, "2031-10-25", 10), (BERLIN, "2031-07-01", 9),
        (NEW_YORK, "2031-03-08", 8), (NEW_YORK, "2031-11-01", 10), (NEW_YORK, "2031-07-01", 9),
    ],
)  # fmt: skip
def test_a_night_of_the_change_is_an_hour_shorter_or_longer(zone: str, day: str, hours: int) -> None:
    start, end = span(NIGHT, ZoneInfo(zone), datetime.fromisoformat(day).date())
    assert end - start == timedelta(hours=hours)
    assert f"{start.astimezone(ZoneInfo(zone)):%H:%M} {end.astimezone(ZoneInfo(zone)):%H:%M}" == "22:00 07:00"
    assert until(NIGHT, zone, (end - timedelta(seconds=1)).isoformat()) == f"{end:%Y-%m-%dT%H:%M:%SZ}"
    assert until(NIGHT, zone, end.isoformat()) == ""


@pytest.mark.parametrize(
    ("zone", "day", "moment"),
    [
        (BERLIN, "2031-03-30", "2031-03-30T01:00:00Z"),
        (NEW_YORK, "2031-03-09", "2031-03-09T07:00:00Z"),
    ],
)
def test_half_past_two_that_is_skipped_is_the_moment_after_the_skip(zone: str, day: str, moment: str) -> None:
    date = datetime.fromisoformat(day).date()
    _, end = span(quiet("00:30", "02:30"), ZoneInfo(zone), date)
    start, _ = span(quiet("02:30", "06:00"), ZoneInfo(zone), date)
    assert f"{end:%Y-%m-%dT%H:%M:%SZ}" == f"{start:%Y-%m-%dT%H:%M:%SZ}" == moment


@pytest.mark.parametrize(
    ("zone", "day", "first", "second"),
    [
        (BERLIN, "2031-10-26", "2031-10-26T00:30:00Z", "2031-10-26T01:30:00Z"),
        (NEW_YORK, "2031-11-02", "2031-11-02T05:30:00Z", "2031-11-02T06:30:00Z"),
        (LORD_HOWE, "2031-04-06", "2031-04-05T14:45:00Z", "2031-04-05T15:15:00Z"),  # by half an hour, at 02:00
    ],
)
def test_of_a_time_that_comes_twice_quiet_hours_begin_with_the_first_and_end_with_the_second(
    zone: str, day: str, first: str, second: str
) -> None:
    clock = "01:45" if zone == LORD_HOWE else "02:30" if zone == BERLIN else "01:30"
    date = datetime.fromisoformat(day).date()
    start, _ = span(quiet(clock, "06:00"), ZoneInfo(zone), date)
    _, end = span(quiet("00:30", clock), ZoneInfo(zone), date)
    assert (f"{start:%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}") == (first, second)


def test_quiet_hours_inside_the_skip_are_empty_that_night() -> None:
    start, end = span(quiet("02:15", "02:45"), ZoneInfo(BERLIN), datetime(2031, 3, 30).date())  # noqa: DTZ001
    assert start == end
    assert until(quiet("02:15", "02:45"), BERLIN, "2031-03-30T03:00:00+02:00") == ""


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Kiritimati"])
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The machine's own zone, while a test runs."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def test_the_zone_of_the_machine_does_not_matter(machine: str) -> None:
    assert until(NIGHT, BERLIN, "2031-03-30T00:30:00+01:00") == "2031-03-30T05:00:00Z"
    assert until(NIGHT, BERLIN, "2031-03-30T07:00:00+02:00") == ""
    local = datetime(2031, 3, 30, 0, 30, tzinfo=ZoneInfo(machine))
    assert quiet_until([NIGHT], machine, local) is not None


CLOCKS = st.times().map(lambda clock: f"{clock:%H:%M}")


@given(CLOCKS, CLOCKS, st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, "Asia/Bishkek"]), st.datetimes(
    datetime(2031, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC)))  # fmt: skip  # noqa: DTZ001
def test_it_is_quiet_whenever_the_wall_clock_says_so(start: str, end: str, zone: str, now: datetime) -> None:
    if start == end:
        return
    found = quiet_until([quiet(start, end)], zone, now)
    shown = f"{now.astimezone(ZoneInfo(zone)):%H:%M}"
    inside = start <= shown < end if start < end else shown >= start or shown < end
    if found is not None:
        assert now < found <= now + timedelta(hours=26)
    # Quiet hours may last longer than the wall clock says, where it shows a time twice; shorter never.
    assert not (inside and found is None)


NIGHTS_AND_WEEKENDS = [NIGHT, quiet("00:00", "23:59", days=["sat", "sun"], **{"except": "alert"})]


def test_it_is_quiet_whenever_it_is_by_one_of_several_spans() -> None:
    def ends(text: str) -> list[str]:
        return [f"{end:%a %H:%M}" for _, end in quiet_now(NIGHTS_AND_WEEKENDS, BERLIN, at(text))]

    assert ends("2031-01-17T12:00:00+01:00") == []  # a Friday
    assert ends("2031-01-17T23:00:00+01:00") == ["Sat 06:00"]
    assert ends("2031-01-18T03:00:00+01:00") == ["Sat 06:00", "Sat 22:59"]
    assert ends("2031-01-18T12:00:00+01:00") == ["Sat 22:59"]
    assert quiet_until(NIGHTS_AND_WEEKENDS, BERLIN, at("2031-01-18T03:00:00+01:00")) == at("2031-01-18T07:00:00+01:00")
    assert quiet_until([], BERLIN, at("2031-01-18T03:00:00+01:00")) is None


def test_several_spans_hold_on_the_nights_when_the_clocks_change() -> None:
    nights = [quiet("23:00", "02:30"), quiet("02:30", "06:00", days=["sun"])]
    forward = at("2031-03-30T01:45:00+01:00")
    assert [f"{end:%H:%M}" for _, end in quiet_now(nights, BERLIN, forward)] == ["01:00"]
    assert [f"{end:%H:%M}" for _, end in quiet_now(nights, BERLIN, forward + timedelta(minutes=15))] == ["04:00"]
    back = at("2031-10-26T02:45:00+02:00")  # 02:30 comes twice: the first has ended by its second only
    assert [f"{end:%H:%M}" for _, end in quiet_now(nights, BERLIN, back)] == ["01:30", "05:00"]
