"""A sitemap index polled as one feed, over a real server."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.polled import polled
from loopback.world import MOMENTS, write_config
from newswatch.app import PollReport
from newswatch.app.children import together
from newswatch.errors import FetchError
from newswatch.model import FeedState
from newswatch.preparing import PreparedFeed

NOW = MOMENTS[0]
NEWS = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>http://x.example/{name}</loc><news:news><news:publication><news:name>X</news:name></news:publication>
<news:publication_date>{when}</news:publication_date><news:title>{name}</news:title></news:news></url></urlset>"""


def index(*urls: str) -> Route:
    inside = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    xmlns = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return Route(f"<sitemapindex xmlns='{xmlns}'>{inside}</sitemapindex>".encode(), etag=True, content_type="text/html")


def news(name: str) -> Route:
    return Route(NEWS.format(name=name, when=NOW.isoformat()).encode())


def poll(config: Path, hours: int = 0) -> tuple[PollReport, FeedState]:
    report, states = polled(config, NOW + timedelta(hours=hours))
    return report, states["wire"]


def test_an_index_is_read_with_the_sitemaps_it_names_every_time(tmp_path: Path) -> None:
    with FeedServer({"/a": news("one"), "/b": Route(status=500)}) as feeds:
        feeds.routes["/index"] = index(feeds.url("/a"), feeds.url("/b"))
        config = write_config(tmp_path, {"wire": feeds.url("/index")})
        report, state = poll(config)
        assert (report.fresh, report.new, report.failed, state.etag) == (1, 1, 0, "")
        assert [problem.message for problem in report.problems + report.warnings] == [
            f"{feeds.url('/b')} answered 500: it is tried again later"
        ]
        # The index is the same; what it names is not.
        feeds.routes["/a"] = news("two")
        report, _ = poll(config, hours=1)
        assert (report.fresh, report.new) == (1, 1)
    assert [request.status for request in feeds.requests] == [200, 200, 500] * 2


def test_an_index_none_of_whose_sitemaps_can_be_read_has_failed(tmp_path: Path) -> None:
    with FeedServer() as feeds:
        feeds.routes["/index"] = index("http://127.0.0.1:1/a", "ftp://x/b", feeds.url("/none"))
        config = write_config(tmp_path, {"wire": feeds.url("/index")})
        report, state = poll(config)
    assert report.failed == 1
    assert "none of the sitemaps of the index could be read: " in state.last_error


def test_the_sitemaps_of_an_index_have_one_feeds_time_together() -> None:
    async def never(_: str) -> PreparedFeed:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(FetchError, match=r"the sitemaps of an index took more than 0\.05 s; the rest is left out"):
        asyncio.run(together(PreparedFeed("", (), (), children=("http://x/",)), never, seconds=0.05))
