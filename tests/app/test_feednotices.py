"""The operator is told of feeds in trouble: once, after so many failures, over restarts; and when they work again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.world import MOMENTS, rss, write_config
from newswatch.app import App
from newswatch.app.feednotices import MOST
from newswatch.config.load import load_config
from newswatch.model import FeedNotice
from newswatch.store import open_store

NOW, HOUR, DAY = MOMENTS[0], timedelta(hours=1), timedelta(days=1)
GOOD = Route(rss("wire", NOW), etag=True)
DOWN = Route(status=500)


def run(config: Path, now: datetime) -> tuple[FeedNotice, ...]:
    """One `newswatch once` in a process of its own: polled, and told. What the operator was told and is still so."""

    async def work() -> None:
        async with App(loaded, store, environ={}) as app:
            await app.poll(now)
            await app.deliver(now)

    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    try:
        asyncio.run(work())
        return store.feed_notices()
    finally:
        store.close()


def told(folder: Path) -> list[str]:
    """The subjects of what was told of feeds, oldest first."""
    mails = sorted((folder / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    return [text for text in (mail.read_text() for mail in mails) if "newswatch: feed" in text]


def kinds(standing: tuple[FeedNotice, ...]) -> list[str]:
    return [one.kind for one in standing]


def test_a_broken_feed_is_told_once_over_restarts_and_again_when_it_works(tmp_path: Path) -> None:
    with FeedServer({"/wire": GOOD}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        run(config, NOW)
        feeds.routes["/wire"] = DOWN
        for number in range(1, 5):
            assert run(config, NOW + number * DAY) == ()
        assert told(tmp_path) == []
        for number in range(5, 8):
            assert kinds(run(config, NOW + number * DAY)) == ["broken"]
        [broken] = told(tmp_path)
        assert "newswatch: feed wire is broken" in broken
        assert "failed 5 times in a row, it last answered 5 days ago" in " ".join(broken.replace("=\n", "").split())
        feeds.routes["/wire"] = Route(rss("wire", MOMENTS[1]).replace(b" 02 Mar", b" 10 Mar"))
        assert run(config, NOW + 8 * DAY) == ()
        assert sum("newswatch: feed wire works again" in mail for mail in told(tmp_path)) == 1
        assert len(told(tmp_path)) == 2


def test_after_how_many_failures_is_the_users_to_say(tmp_path: Path) -> None:
    with FeedServer({"/wire": DOWN}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        config.write_text(config.read_text().replace("polling: {", "polling: {tell_after: 1, "))
        assert kinds(run(config, NOW)) == ["broken"]


def test_a_feed_that_is_gone_is_told_at_once(tmp_path: Path) -> None:
    with FeedServer({"/wire": Route(status=410)}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        assert kinds(run(config, NOW)) == ["gone"]
        assert kinds(run(config, NOW + 2 * DAY)) == ["gone"]
        [gone] = told(tmp_path)
        assert "feed wire is gone" in gone
        assert feeds.requests[-1].status == 410
        assert len(feeds.requests) == 2


@pytest.mark.parametrize("how", ["304", "equal bytes", "an empty feed"])
def test_a_feed_that_answers_and_has_nothing_new_is_told_once(tmp_path: Path, how: str) -> None:
    empty = Route(b"<rss version='2.0'><channel><title>Wire</title></channel></rss>")
    later = {"304": GOOD, "equal bytes": Route(GOOD.body), "an empty feed": empty}[how]
    with FeedServer({"/wire": GOOD}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        assert run(config, NOW) == ()
        feeds.routes["/wire"] = later
        if how == "an empty feed":
            assert kinds(run(config, NOW + HOUR)) == ["stale"]
        else:
            assert run(config, NOW + DAY) == ()
        for days in (4, 5, 6):
            assert kinds(run(config, NOW + days * DAY)) == ["stale"]
        [stale] = told(tmp_path)
        assert "feed wire has nothing new" in stale
        feeds.routes["/wire"] = Route(rss("wire", MOMENTS[2]).replace(b" 03 Mar", b" 08 Mar"))
        assert run(config, NOW + 7 * DAY) == ()
        assert len(told(tmp_path)) == 1


def test_many_feeds_that_break_together_are_one_message(tmp_path: Path) -> None:
    many = {f"feed{number:02}": Route(status=410) for number in range(MOST + 5)}
    with FeedServer({f"/{name}": route for name, route in many.items()}) as feeds:
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in many})
        assert len(run(config, NOW)) == MOST + 5
    [mail] = told(tmp_path)
    text = mail.replace("=\n", "")
    assert "feed00" in text
    assert "The same is to be said of 5 more feeds." in text


def test_a_crash_before_it_is_told_tells_it_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_args: object) -> None:
        raise KeyboardInterrupt

    tell: Callable[..., object] = App.tell_of_feeds
    with FeedServer({"/wire": Route(status=410)}) as feeds:
        config = write_config(tmp_path, {"wire": feeds.url("/wire")})
        monkeypatch.setattr(App, "tell_of_feeds", crash)
        with pytest.raises(KeyboardInterrupt):
            run(config, NOW)
        monkeypatch.setattr(App, "tell_of_feeds", tell)
        assert kinds(run(config, NOW + 2 * DAY)) == ["gone"]
    assert len(told(tmp_path)) == 1
