"""Two ways to write an address are one feed; two feeds of a host are two."""

from pathlib import Path

import pytest

from loopback.world import write_config
from newswatch.config.load import load_config
from newswatch.model import FeedState
from newswatch.subscriptions.addresses import key, known, new_id


@pytest.mark.parametrize(
    "other",
    ["http://a.example/rss", "https://a.example/rss/", "HTTPS://A.Example:443/rss", "http://a.example:80/rss#x",
     "https://a.example./rss"],
)  # fmt: skip
def test_the_same_feed(other: str) -> None:
    assert key(other) == key("https://a.example/rss")


@pytest.mark.parametrize(
    "other",
    ["https://a.example/rss?x=1", "https://www.a.example/rss", "https://a.example:8443/rss", "https://a.example/RSS",
     "https://[bad/", "https://a.example:x/rss"],
)  # fmt: skip
def test_another_feed(other: str) -> None:
    assert key(other) != key("https://a.example/rss")


def test_where_a_feed_moved_to_is_known(tmp_path: Path) -> None:
    loaded = load_config(write_config(tmp_path, {"wire": "https://old.example/"}), {})
    moved = FeedState("wire", "https://new.example/rss", configured_url="https://old.example/")
    assert known(loaded, {"wire": moved})[key("http://new.example/rss")] == "wire"
    another = FeedState("wire", "https://new.example/rss", configured_url="https://older.example/")
    assert key("https://new.example/rss") not in known(loaded, {"wire": another})


def test_an_id_is_free_and_readable() -> None:
    assert new_id("https://www.kloop.kg/feed/", []) == "kloop-kg"
    assert new_id("https://www.kloop.kg/feed/", ["kloop-kg"]) == "kloop-kg-feed"
    assert new_id("https://www.kloop.kg/feed/", ["kloop-kg", "kloop-kg-feed"]) == "kloop-kg-2"
    assert new_id("https://a.example/", [], "wish") == "wish"
    assert new_id("https://a.example/", [], "No Id!") == "a-example"
    assert new_id("https://a.example/", ["wish"], "wish") == "a-example"
