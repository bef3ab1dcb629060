"""What is remembered of a feed between polls, over a real server: validators, moves, changed addresses."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.polled import polled
from loopback.world import MOMENTS, rss, write_config
from newswatch.app import PollReport
from newswatch.app.polling import address
from newswatch.feeds.schedule import MOVES_TO_BELIEVE
from newswatch.model import FeedState
from newswatch.store import open_store

NOW = MOMENTS[0]
BODY = rss("wire", NOW)


def poll(config: Path, now: datetime) -> tuple[PollReport, FeedState]:
    report, states = polled(config, now)
    return report, states["wire"]


def test_new_validators_of_an_equal_body_are_kept(tmp_path: Path) -> None:
    with FeedServer() as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        for number in range(3):
            feeds.routes["/wire"] = Route(BODY, headers={"etag": f'"{number}"', "last-modified": f"day {number}"})
            report, state = poll(config, NOW + timedelta(hours=number))
            assert (report.fresh, report.unchanged) == ((1, 0) if number == 0 else (0, 1))
            assert (state.etag, state.last_modified) == (f'"{number}"', f"day {number}")
    asked = [(r.headers.get("if-none-match"), r.headers.get("if-modified-since")) for r in feeds.requests]
    assert asked == [(None, None), ('"0"', "day 0"), ('"1"', "day 1")]


def test_a_feed_that_moved_for_good_is_asked_at_its_new_place(tmp_path: Path) -> None:
    with FeedServer({"/new": Route(BODY)}) as feeds:
        feeds.routes["/wire"] = Route(status=301, headers={"location": "/new"})
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        for number in range(MOVES_TO_BELIEVE + 1):
            _, state = poll(config, NOW + timedelta(hours=number))
        assert state.url == feeds.url("/new")
    assert [r.path for r in feeds.requests] == ["/wire", "/new"] * MOVES_TO_BELIEVE + ["/new"]


def test_an_address_that_the_user_changed_is_asked_at_once(tmp_path: Path) -> None:
    with FeedServer({"/old": Route(BODY, etag=True), "/new": Route(BODY, etag=True)}) as feeds:
        poll(write_config(tmp_path, {"wire": feeds.url("/old")}), NOW)
        report, state = poll(write_config(tmp_path, {"wire": feeds.url("/new")}), NOW)
        assert (report.polled, report.new, state.url) == (1, 0, feeds.url("/new"))
    assert [r.path for r in feeds.requests] == ["/old", "/new"]
    assert "if-none-match" not in feeds.requests[1].headers


def test_an_alert_links_to_where_the_feed_says_the_story_is(tmp_path: Path) -> None:
    body = rss("wire", MOMENTS[1]).replace(
        b"https://wire.example.org/w2?", b"http://www.wire.example.org/w2/?id=7&amp;"
    )
    assert b"http://www.wire.example.org/w2/?id=7&amp;utm_source=rss" in body
    with FeedServer({"/wire": Route(body)}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        poll(config, MOMENTS[1])
    store = open_store("sqlite:///newswatch.db", base=tmp_path, now=MOMENTS[1])
    links = {pending.item.story.url for pending in store.pending("everyone")}
    store.close()
    assert links == {"http://www.wire.example.org/w2/?id=7", "https://wire.example.org/w3"}


@pytest.mark.parametrize(
    ("url", "link", "found"),
    [
        ("https://a.example/x", "http://a.example/x?utm_source=rss", "http://a.example/x"),
        ("https://a.example/x?id=1", "https://www.a.example/x/?id=1&fbclid=2", "https://www.a.example/x/?id=1"),
        ("https://a.example/x", "https://user:secret@a.example/x", "https://a.example/x"),
        ("https://a.example/x", "https://news.example/read?url=https://a.example/x", "https://a.example/x"),
        ("https://a.example/x", "https://a.example/amp/x", "https://a.example/x"),
        ("https://a.example/x", "http://[broken", "https://a.example/x"),
        ("https://a.example/x", "", "https://a.example/x"),
        ("", "not an address", ""),
    ],
)
def test_where_a_reader_finds_a_story(url: str, link: str, found: str) -> None:
    assert address(url, link) == found


def test_a_fault_of_ours_is_said_and_backs_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_args: object, **_kept: object) -> None:
        raise RuntimeError("one of ours")

    monkeypatch.setattr("newswatch.preparing.workshop.unpacked", fault)
    with FeedServer({"/wire": Route(BODY, etag=True)}) as feeds:
        report, state = poll(write_config(tmp_path, {"wire": feeds.url("/wire")}), NOW)
    [problem] = report.problems
    assert problem.message == "unexpected fault (RuntimeError: one of ours); please report it"
    assert (state.failures, state.last_error, state.etag) == (1, problem.message, "")
    assert state.next_due is not None
    assert state.next_due > NOW


def test_a_server_that_is_busy_is_left_alone_over_restarts(tmp_path: Path) -> None:
    busy = Route(status=429, headers={"retry-after": "7200"})
    with FeedServer({"/a": busy, "/b": Route(BODY)}) as feeds:
        config = write_config(tmp_path, {"a": feeds.url("/a")})
        polled(config, NOW)
        config = write_config(tmp_path, {"a": feeds.url("/a"), "b": feeds.url("/b")})
        report, states = polled(config, NOW + timedelta(hours=1))
        assert (report.polled, report.failed, len(report.warnings)) == (0, 0, 1)
        assert "wants no requests before 2031-03-02 14:00:00 UTC" in report.warnings[0].message
        assert (states["b"].next_due, states["b"].failures) == (NOW + timedelta(hours=2), 0)
        assert len(feeds.requests) == 1
        report, states = polled(config, NOW + timedelta(hours=2))
        assert (report.polled, states["b"].last_status) == (2, 200)


def test_secrets_do_not_follow_a_move_that_is_remembered(tmp_path: Path) -> None:
    with FeedServer({"/new": Route(BODY)}) as other, FeedServer() as feeds:
        feeds.routes["/wire"] = Route(status=301, headers={"location": other.url("/new")})
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        login = "username: me, password_file: secret.txt, headers_env: {X-Token: TOKEN}}"
        config.write_text(config.read_text().replace("/wire'}", f"/wire', {login}"))
        (tmp_path / "secret.txt").write_text("open sesame\n")
        for number in range(MOVES_TO_BELIEVE + 2):
            _, states = polled(config, NOW + timedelta(hours=number), {"TOKEN": "t"})
        assert states["wire"].url == other.url("/new")
    assert len(feeds.requests) == MOVES_TO_BELIEVE
    assert {(r.headers["authorization"], r.headers["x-token"]) for r in feeds.requests} == {
        ("Basic bWU6b3BlbiBzZXNhbWU=", "t")
    }
    assert len(other.requests) == MOVES_TO_BELIEVE + 2
    assert not any({"authorization", "x-token"} & set(r.headers) for r in other.requests)


def test_a_feed_is_polled_by_its_habit(tmp_path: Path) -> None:
    with FeedServer({"/wire": Route(BODY, etag=True)}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        config.write_text(config.read_text().replace("interval: 1m", "interval: 10m, max_interval: 15m"))
        paces = []
        for number in range(5):
            _, state = poll(config, NOW + timedelta(hours=number))
            assert state.next_due is not None
            paces.append(state.pace / 60)
            assert 0.9 <= (state.next_due - NOW - timedelta(hours=number)).total_seconds() / state.pace <= 1
        assert paces == [10, 12.5, 15, 15, 15]
        feeds.routes["/wire"] = Route(rss("wire", MOMENTS[1]), etag=True)
        _, state = poll(config, NOW + timedelta(hours=5))
        assert state.pace == 15 * 60 / 1.25
        assert (state.polls_today, state.failures_today, state.items) == (6, 0, 3)
        assert state.latency > 0
        assert state.repeats is not None


def test_an_edited_entry_is_no_new_one(tmp_path: Path) -> None:
    with FeedServer({"/wire": Route(BODY)}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        _, first = poll(config, NOW)
        feeds.routes["/wire"] = Route(BODY.replace(b"three dead", b"four dead"))
        report, state = poll(config, NOW + timedelta(hours=1))
        assert (report.entries, report.edited) == (1, 1)
        assert state.last_new == first.last_new
