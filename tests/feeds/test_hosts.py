"""Manners towards servers: whose turn it is, Retry-After for all feeds of a host, and robots.txt's Crawl-delay."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback.feed_server import FeedServer, Route
from newswatch.config.settings import Polling
from newswatch.errors import FetchError, Postponed
from newswatch.feeds.fetch import Fetcher
from newswatch.feeds.hosts import DELAY, LONGEST_CRAWL_DELAY, Hosts, crawl_delay, own_machine
from newswatch.model import HostState

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
HOST = "news.example"


def hosts(**settings: Any) -> Hosts:
    return Hosts(Polling.model_validate(settings))


def test_a_server_is_asked_with_a_pause_and_ones_own_machines_are_not() -> None:
    assert hosts().delay(HOST) == DELAY
    assert hosts(host_delay="3s").delay(HOST) == hosts(host_delay="3s").delay("127.0.0.1:80") == 3
    assert hosts(host_delay=0).delay(HOST) == 0
    for mine in ("localhost", "localhost:8080", "127.0.0.1:9", "[::1]:9", "10.0.0.1"):
        assert own_machine(mine)
        assert hosts().delay(mine) == 0
    assert not own_machine("example.org:8080")


def test_short_waits_are_waited_and_long_ones_get_a_place_in_the_queue() -> None:
    one = hosts(host_delay="3s")
    assert one.turn(HOST, "a", 100).wait == 0
    assert one.turn(HOST, "b", 100).wait == 3
    assert [one.turn(HOST, who, 100) for who in "cd"] == [one.turn(HOST, who, 100) for who in "cd"]
    third, fourth = one.turn(HOST, "c", 100), one.turn(HOST, "d", 100)
    assert (third.wait, third.later, fourth.wait, fourth.later) == (6, True, 9, True)
    assert one.turn("other.example", "e", 100).wait == 0
    assert one.turn(HOST, "new", 106).later, "nobody overtakes those who wait"
    assert one.turn(HOST, "c", 106).wait == 0
    assert one.turn(HOST, "d", 109).wait == 0


def test_who_is_patient_waits_as_long_as_it_takes() -> None:
    one = hosts(host_delay="10s")
    assert [one.turn(HOST, who, 0, patience=float("inf")).wait for who in "abcd"] == [0, 10, 20, 30]


@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 20)), max_size=60), st.sampled_from([0, 0.5, 1, 3, 9])
)
def test_no_two_requests_are_closer_than_the_delay_and_everybody_gets_a_turn(
    comings: list[tuple[str, float]], delay: float
) -> None:
    one, now, asked = hosts(host_delay=delay), 0.0, []
    for who, later in comings:
        now += later
        turn = one.turn(HOST, who, now)
        assert 0 <= turn.wait <= max(9 * delay, 5)
        if not turn.later:
            asked.append(now + turn.wait)
    assert all(b - a >= delay - 1e-6 for a, b in pairwise(asked))


def test_what_a_server_asked_for_is_kept_and_taken_in_again() -> None:
    one = hosts()
    one.hold(HOST, 600, NOW)
    one.hold("long.example", 1e9, NOW)
    kept = one.take_changed()
    assert one.take_changed() == ()
    again = hosts()
    again.load(kept)
    assert again.held(HOST, NOW) == NOW + timedelta(minutes=10)
    assert again.held(HOST, NOW + timedelta(minutes=10)) is None
    assert again.held("long.example", NOW) == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10.0),
        ("User-agent: newswatch\nCrawl-delay: 2.5\n\nUser-agent: *\nCrawl-delay: 90", 2.5),
        ("User-agent: other\nCrawl-delay: 10", None),
        ("User-agent: *\nDisallow: /", None),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: -4", None),
        ("User-agent: *\nCrawl-delay: nan", None),
        ("User-agent: *\nCrawl-delay: 1e999", None),
        ("<html>Not found</html>", None),
        ("", None),
        ("\x00\ufffd" * 1000, None),
    ],
)
def test_what_a_robots_txt_asks_of_us(text: str, seconds: float | None) -> None:
    assert crawl_delay(text, "newswatch/1 (+me)") == seconds


def test_a_crawl_delay_counts_where_it_is_longer_within_reason() -> None:
    one = hosts()
    for text, delay in (
        ("Crawl-delay: 20", 20.0),
        ("Crawl-delay: 0.1", DELAY),
        ("Crawl-delay: 9999", LONGEST_CRAWL_DELAY),
    ):
        one.saw_robots(HOST, f"User-agent: *\n{text}", "newswatch", NOW)
        assert one.delay(HOST) == delay
    ignoring = hosts(robots="ignore")
    ignoring.load(one.take_changed())
    assert ignoring.delay(HOST) == DELAY
    assert not ignoring.wants_robots("new.example", NOW)


def test_a_robots_txt_is_looked_at_once_a_day() -> None:
    one = hosts()
    assert one.wants_robots(HOST, NOW)
    one.saw_robots(HOST, "", "newswatch", NOW)
    assert not one.wants_robots(HOST, NOW + timedelta(hours=23))
    assert one.wants_robots(HOST, NOW + timedelta(days=1))


# ---------------------------------------------------------------- over real servers


async def test_feeds_of_one_server_are_asked_one_after_the_other() -> None:
    at: list[float] = []

    class Noting(FeedServer):
        def answer(self, request: Any) -> None:
            at.append(time.monotonic())
            super().answer(request)

    polling = Polling(allow_private=True, host_delay=timedelta(seconds=0.1))
    with Noting({"/f": Route(b"x")}) as server:
        async with Fetcher(polling) as fetcher:
            await asyncio.gather(*(fetcher.fetch(feed_id=f"f{n}", url=server.url("/f")) for n in range(5)))
    assert all(later - earlier > 0.08 for earlier, later in pairwise(at))


async def test_no_more_feeds_of_one_server_are_fetched_at_once_than_may_be() -> None:
    polling = Polling.model_validate({"allow_private": True, "per_host": 2, "timeout": {"read": "0.2s"}})
    with FeedServer({"/f": Route(hang="headers")}) as server:
        async with Fetcher(polling) as fetcher:
            tasks = [asyncio.create_task(fetcher.fetch(feed_id=f"f{n}", url=server.url("/f"))) for n in range(6)]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            assert len(server.requests) <= 4
            assert all(isinstance(one, FetchError) for one in await asyncio.gather(*tasks, return_exceptions=True))
    assert len(server.requests) == 6


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_wants_no_more_requests_is_not_asked_for_its_other_feeds(status: int) -> None:
    busy = Route(status=status, headers={"retry-after": "600"})
    with FeedServer({"/a": busy, "/b": Route(b"x")}) as server, FeedServer({"/c": Route(b"x")}) as other:
        async with Fetcher(Polling(allow_private=True)) as fetcher:
            with pytest.raises(FetchError):
                await fetcher.fetch(feed_id="a", url=server.url("/a"), now=NOW)
            with pytest.raises(Postponed, match="wants no requests before 2031-03-02 12:10:00 UTC") as held:
                await fetcher.fetch(feed_id="b", url=server.url("/b"), now=NOW)
            assert (held.value.until, held.value.asked_for) == (NOW + timedelta(minutes=10), True)
            assert (await fetcher.fetch(feed_id="c", url=other.url("/c"), now=NOW)).body == b"x"
            later = NOW + timedelta(minutes=10)
            assert (await fetcher.fetch(feed_id="b", url=server.url("/b"), now=later)).body == b"x"
    assert [request.path for request in server.requests] == ["/a", "/b"]


ASKING = Polling(allow_private=True, robots="crawl-delay")


async def test_a_crawl_delay_is_asked_for_once_and_kept() -> None:
    robots = Route(b"User-agent: *\nDisallow: /\nCrawl-delay: 60", content_type="text/plain")
    with FeedServer({"/robots.txt": robots, "/f": Route(b"x")}) as server:
        async with Fetcher(ASKING) as fetcher:
            with pytest.raises(Postponed) as first:
                await fetcher.fetch(feed_id="f", url=server.url("/f"), now=NOW, patience=5)
            assert 50 < (first.value.until - NOW).total_seconds() <= 60
            assert not first.value.asked_for
            [state] = fetcher.hosts.take_changed()
            assert (state.crawl_delay, state.robots_checked) == (60.0, NOW)
        async with Fetcher(ASKING) as later:
            later.hosts.load([state])
            assert (await later.fetch(feed_id="f", url=server.url("/f"), now=NOW, patience=5)).body == b"x"
            with pytest.raises(Postponed, match=r"waits for its turn: .* is asked every 60 s"):
                await later.fetch(feed_id="g", url=server.url("/f"), now=NOW, patience=5)
    assert [request.path for request in server.requests] == ["/robots.txt", "/f"]


@pytest.mark.parametrize(
    "robots",
    [
        Route(status=404), Route(status=500), Route(hang="headers"), Route(b"a" * 1000, endless=True),
        Route(status=302, headers={"location": "/robots.txt"}), Route(b"", drip=0),
    ],
)  # fmt: skip
async def test_a_robots_txt_that_cannot_be_had_says_nothing(robots: Route) -> None:
    quick = Polling.model_validate(
        {"allow_private": True, "robots": "crawl-delay", "max_bytes": "1MB", "timeout": {"read": "0.2s"}}
    )
    with FeedServer({"/robots.txt": robots, "/f": Route(b"x")}) as server:
        async with Fetcher(quick) as fetcher:
            assert (await fetcher.fetch(feed_id="f", url=server.url("/f"), now=NOW)).body == b"x"
            assert fetcher.hosts.take_changed() == (
                HostState(server.url("").removeprefix("http://"), robots_checked=NOW),
            )
