"""Stories' own pages, over a real server: read where the feed gives little, and never in the way of news."""

from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.polled import polled
from loopback.world import MOMENTS, write_config
from newswatch.app import pages
from newswatch.model import Story
from newswatch.store import open_store

NOW = MOMENTS[0]
TITLE = "Velmora after the dam broke"
TEASER = "What the people of Velmora saw when the dam of Lake Arda broke."
ARTICLE = (
    "The dam of Lake Arda broke on Saturday night, and the people of Velmora saw the water come down the valley.",
    "Nine people were killed when the water reached the town of Velmora, the rescue service said on Sunday.",
    "The dam had been inspected in the autumn by the engineers of the district, who saw nothing wrong with it.",
)
OTHER = "Runners in Kestrel will start at nine on Sunday."


def page(*paragraphs: str) -> Route:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    markup = f"<!doctype html><html><body><article><h1>{TITLE}</h1>{text}</article></body></html>"
    return Route(markup.encode(), content_type="text/html; charset=utf-8")


def feed(server: FeedServer, teaser: str = TEASER, title: str = TITLE) -> Route:
    items = "".join(
        f"<item><guid>{path}</guid><title>{escape(head)}</title><link>{server.url(path)}</link>"
        f"<description>{escape(text)}</description></item>"
        for path, head, text in (("/a", title, teaser), ("/run", "A marathon", OTHER))
    )
    return Route(f"<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>".encode())


def configure(folder: Path, server: FeedServer, full_text: str = "auto", **feeds: str) -> Path:
    config = write_config(folder, feeds or {"wire": server.url("/feed")})
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("interval: 1m", f"interval: 1m, full_text: {full_text}"), encoding="utf-8")
    return config


def stories(folder: Path) -> dict[str, Story]:
    store = open_store("sqlite:///newswatch.db", base=folder, now=NOW)
    found = {story.title: story for story, _ in store.recent_decisions(limit=100)}
    store.close()
    return found


def asked(server: FeedServer) -> list[str]:
    return [request.path for request in server.requests]


def test_the_page_of_a_story_about_the_event_is_read_and_no_other(tmp_path: Path) -> None:
    with FeedServer({"/a": page(*ARTICLE), "/run": page(*ARTICLE)}) as server:
        server.routes["/feed"] = feed(server)
        config = configure(tmp_path, server)
        report, _ = polled(config, NOW)
        assert (report.pages, report.unread, report.told) == (1, 0, 1)
        story = stories(tmp_path)[TITLE]
        assert story.full
        assert story.text == "\n\n".join((TEASER, *ARTICLE))
        again, _ = polled(config, NOW + timedelta(hours=1))
        assert (again.pages, again.new, again.edited) == (0, 0, 0)
    assert asked(server) == ["/feed", "/a", "/feed"]


def test_nothing_is_asked_for_where_nobody_wants_it(tmp_path: Path) -> None:
    with FeedServer({"/a": page(*ARTICLE)}) as server:
        server.routes["/feed"] = feed(server)
        report, _ = polled(configure(tmp_path, server, full_text="never"), NOW)
        assert (report.pages, report.told) == (0, 0)
    assert asked(server) == ["/feed"]


def test_a_feed_that_gives_the_article_needs_no_page(tmp_path: Path) -> None:
    with FeedServer({"/a": page(*ARTICLE)}) as server:
        server.routes["/feed"] = feed(server, teaser=" ".join(ARTICLE) * 4)
        polled(configure(tmp_path, server), NOW)
        assert asked(server) == ["/feed"]
        polled(configure(tmp_path / "always", server, full_text="always"), NOW)
        assert asked(server) == ["/feed", "/feed", "/a"]


@pytest.mark.parametrize(
    "route",
    [
        Route(status=404),
        Route(status=403),
        Route(b"%PDF-1.7", content_type="application/pdf"),
        page("Accept our cookies to continue to the site, or choose which partners may store data on your device."),
        Route(b"<html>", headers={"content-encoding": "gzip"}, content_type="text/html"),
        Route(b"<html>" * 10, headers={"content-length": "9999"}, content_type="text/html"),
    ],
)
def test_a_page_that_cannot_be_read_leaves_the_feeds_text(tmp_path: Path, route: Route) -> None:
    with FeedServer({"/a": route}) as server:
        server.routes["/feed"] = feed(server, teaser=TEASER + " Nine people were killed.")
        report, states = polled(configure(tmp_path, server), NOW)
    assert (report.pages, report.unread, report.failed, report.told) == (0, 1, 0, 1)
    assert not stories(tmp_path)[TITLE].full
    assert states["wire"].failures == 0


def test_a_page_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "WITHIN", 0.2)
    with FeedServer({"/a": Route(hang="headers")}) as server:
        server.routes["/feed"] = feed(server, teaser=TEASER + " Nine people were killed.")
        report, _ = polled(configure(tmp_path, server), NOW)
    assert (report.unread, report.told) == (1, 1)


def test_another_feeds_excerpt_is_no_edit_of_the_article(tmp_path: Path) -> None:
    with FeedServer({"/a": page(*ARTICLE)}) as server:
        server.routes["/feed"] = feed(server)
        server.routes["/other"] = feed(server, teaser="Velmora in pictures: what the water left.")
        both = {"wire": server.url("/feed"), "second": server.url("/other")}
        polled(configure(tmp_path, server), NOW)
        server.routes["/a"] = Route(status=503)
        report, _ = polled(configure(tmp_path, server, **both), NOW + timedelta(hours=1))
        assert (report.unread, report.told) == (1, 0)
    text = stories(tmp_path)[TITLE].text
    assert text.startswith("Velmora in pictures")
    assert text.endswith("\n\n".join(ARTICLE))


def test_an_edited_entry_has_its_page_read_again(tmp_path: Path) -> None:
    with FeedServer({"/a": page(*ARTICLE)}) as server:
        server.routes["/feed"] = feed(server)
        config = configure(tmp_path, server)
        polled(config, NOW)
        server.routes["/feed"] = feed(server, teaser=TEASER + " (Updated.)")
        more = "The number of people killed has risen to twelve in the town of Velmora, the rescue service said."
        server.routes["/a"] = page(*ARTICLE, more)
        report, _ = polled(config, NOW + timedelta(hours=1))
        assert (report.pages, report.edited, report.told) == (1, 1, 1)
    assert more in stories(tmp_path)[TITLE].text


def test_a_feeds_own_headers_do_not_go_to_the_pages(tmp_path: Path) -> None:
    with FeedServer({"/a": page(*ARTICLE)}) as server:
        server.routes["/feed"] = feed(server)
        config = configure(tmp_path, server)
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace("/feed'}", "/feed', headers: {authorization: secret}}"), encoding="utf-8")
        polled(config, NOW)
        seen = {request.path: request.headers.get("authorization") for request in server.requests}
    assert seen == {"/feed": "secret", "/a": None}
