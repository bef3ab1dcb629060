"""Single values: what is taken, and that what is refused is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.config.values import (
    Rate,
    base_address,
    cron_fields,
    header_fields,
    http_address,
    language_code,
    mailbox,
    parse_clock,
    parse_duration,
    parse_rate,
    parse_size,
    parse_wait,
    server_name,
    store_address,
    time_zone,
    variable_name,
    zoned,
)


def outcome(check: Callable[[Any], object], value: object) -> tuple[str, object]:
    """What is said of a value, or what it is read as."""
    try:
        return "", check(value)
    except ValueError as error:
        return str(error), None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("1.5m", 90), ("2H", 7200), (" 1d ", 86400), ("1w", 604800), (90, 90), (0.5, 0.5)],
)
def test_durations(text: object, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "size"), [("500kB", 500_000), ("1.5 MB", 1_500_000), ("1gb", 10**9), ("9b", 9), (7, 7)]
)
def test_sizes(text: object, size: int) -> None:
    assert parse_size(text) == size


@given(
    st.one_of(
        st.text(max_size=30),
        st.floats(),
        st.integers(),
        st.booleans(),
        st.none(),
        st.from_regex(r"[0-9.]+[smhdwkKMGB]+"),
    )
)
def test_any_value_is_read_or_refused_in_words(value: object) -> None:
    for parse in (parse_duration, parse_size):
        said, read = outcome(parse, value)
        assert "write for example" in said or (read > timedelta() if isinstance(read, timedelta) else read)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for check in (http_address, mailbox, server_name, store_address, time_zone, cron_fields, variable_name):
        said, read = outcome(check, text)
        assert said or read == text


@pytest.mark.parametrize(
    ("url", "base"),
    [("", ""), ("https://a.example/", "https://a.example"), ("http://a.example:8080/n/", "http://a.example:8080/n")],
)
def test_an_address_that_paths_are_put_behind(url: str, base: str) -> None:
    assert base_address(url) == base


@pytest.mark.parametrize("url", ["https://новости.example/rss", "http://[::1]:8080/", "HTTPS://A.example/?q=a%20b"])
def test_addresses_that_can_be_asked(url: str) -> None:
    assert http_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///newswatch.db",
        "sqlite:////var/lib/newswatch/newswatch.db",
        "postgresql+psycopg://u@db/news",
        "postgresql://u@db/news",
    ],
)
def test_stores(url: str) -> None:
    assert store_address(url) == url


@pytest.mark.parametrize("host", ["smtp.example.org", "localhost", "127.0.0.1", "::1", "почта.example"])
def test_servers(host: str) -> None:
    assert server_name(host) == host


def test_a_value_of_a_header_is_never_shown() -> None:
    assert header_fields({"X-Token": "a b"}) == {"X-Token": "a b"}
    for value in ("hunter2\n", "hunter2\x00", "hunter2é"):
        with pytest.raises(ValueError, match="X-Token") as caught:
            header_fields({"X-Token": value})
        assert "hunter2" not in str(caught.value)


def test_a_secret_in_place_of_a_variable_is_never_shown() -> None:
    with pytest.raises(ValueError, match="not the secret itself") as caught:
        variable_name("whsec_bG9vcGJhY2s")
    assert "bG9v" not in str(caught.value)


def test_a_time_needs_a_zone() -> None:
    assert zoned(datetime(2019, 8, 8, tzinfo=UTC)).tzinfo is UTC
    with pytest.raises(ValueError, match="write 2019-08-08T00:00:00Z for UTC"):
        zoned(datetime(2019, 8, 8))  # noqa: DTZ001 - that is the mistake


@pytest.mark.parametrize(
    ("text", "count", "per", "again"),
    [
        ("6 per hour", 6, 3600, "6 per hour"),
        (" 1  PER 10m ", 1, 600, "1 per 600s"),
        ("30 a day", 30, 86400, "30 per day"),
        ("3 an hour", 3, 3600, "3 per hour"),
        ("2 every minute", 2, 60, "2 per minute"),
    ],
)
def test_rates(text: str, count: int, per: float, again: str) -> None:
    rate = Rate(count, timedelta(seconds=per))
    assert outcome(parse_rate, text) == ("", rate)
    assert str(rate) == again
    assert parse_rate(rate) is rate


@pytest.mark.parametrize(
    "value", ["", "6", 6, "per hour", "6 per week", "-1 per hour", "1.5 per hour", None, ["6 per hour"]]
)
def test_what_is_no_rate(value: object) -> None:
    assert outcome(parse_rate, value)[0].startswith("is not a rate; write for example `6 per hour`")


def test_a_rate_lets_something_through_and_its_time_is_a_time() -> None:
    assert outcome(parse_rate, "0 per hour")[0].startswith("would let nothing through, ever")
    assert outcome(parse_rate, "1 per 0s")[0].startswith("must be longer than nothing")


@pytest.mark.parametrize(
    ("text", "clock"), [("22:00", time(22)), ("7:05", time(7, 5)), (" 00:00 ", time(0)), (time(3), time(3))]
)
def test_times_of_day(text: object, clock: time) -> None:
    assert outcome(parse_clock, text) == ("", clock)


@pytest.mark.parametrize("value", ["24:00", "7", "07:60", "noon", 1320, None, "07:00:00"])
def test_what_is_no_time_of_day(value: object) -> None:
    assert outcome(parse_clock, value)[0].startswith("is not a time of day; write for example")


@pytest.mark.parametrize("value", [0, "0", "0s", timedelta(0)])
def test_a_wait_may_be_nothing(value: object) -> None:
    assert outcome(parse_wait, value) == ("", timedelta(0))


def test_a_wait_is_a_duration_otherwise() -> None:
    assert outcome(parse_wait, "30s") == ("", timedelta(seconds=30))
    assert outcome(parse_wait, False)[0].startswith("is not a duration")


@pytest.mark.parametrize("code", ["", "e", "EN", "en-GB", "русский", "english"])
def test_what_is_no_language(code: str) -> None:
    assert outcome(language_code, code)[0].startswith("is not the code of a language")
    assert language_code("ru") == "ru"
