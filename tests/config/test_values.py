"""Single values: what is taken, and that what is refused is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newswatch.config.values import (
    cron_fields,
    header_fields,
    http_address,
    mailbox,
    parse_duration,
    parse_size,
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
