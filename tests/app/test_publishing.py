"""Feeds out: valid by their specifications, the same ids after every start, written only when something changed."""

import json
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest

from app.test_whole_way import configured, once, stand
from loopback.feed_server import FeedServer
from loopback.news import INJURED, NOW, STORY
from loopback.world import MOMENTS
from newswatch.alerting.feedout import Published, atom, json_feed
from newswatch.alerting.wording import words
from newswatch.app.publishing import publish
from newswatch.config.load import load_config
from newswatch.errors import NewswatchError
from newswatch.model import Development, Story
from newswatch.store import open_store

ATOM = "{http://www.w3.org/2005/Atom}"
NASTY = "a <b>&amp; ]]> \x00\x0b\ufffe\ud800 “ж”"
FOLDER = "https://x.example/f"
NOTE = "Corrected since: a lower number"
URL = "https://news.example.org/feeds/velmora.atom"


def published(number: int = 1, **changes: str) -> Published:
    story = Story("sty", "https://example.org/a?b=1&c=2", "T", "x", changes.get("source", "Herald"), "en", NOW, NOW)
    told = {**{field: getattr(INJURED, field) for field in INJURED.__slots__}, "development_id": f"dev_{number}"}
    told["summary"] = changes.get("summary", INJURED.summary)
    return Published(Development(**told), story, NOW, NOW + timedelta(hours=1), changes.get("note", ""), "Casualties")


def valid_atom(raw: bytes) -> ET.Element:
    """RFC 4287, section 4: what a feed and its entries must have, once each, and may not have twice."""
    feed = ET.fromstring(raw)  # noqa: S314 - our own bytes
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            [only] = element.findall(f"{ATOM}{name}")
            assert only.text
        assert element.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
        assert all(link.get("href") for link in element.findall(f"{ATOM}link"))
        assert len(element.findall(f"{ATOM}content")) <= 1
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    read = feedparser.parse(raw)
    assert not read.bozo
    assert read.version == "atom10"
    return feed


def valid_json(raw: bytes) -> list[dict[str, object]]:
    """JSON Feed 1.1: required keys, and the types of those that are there."""
    feed = json.loads(raw)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    items: list[dict[str, object]] = feed["items"]
    for item in items:
        assert isinstance(item["id"], str)
        assert item["content_html"] or item["content_text"]
        assert all(isinstance(author, dict) for author in item["authors"])  # type: ignore[attr-defined]
    assert len({str(item["id"]) for item in items}) == len(items)
    return items


@pytest.mark.parametrize("url", ["", URL])
@pytest.mark.parametrize("entries", [[], [published()], [published(n, summary=NASTY, source=NASTY) for n in range(3)]])
def test_both_are_valid_whatever_they_hold(entries: list[Published], url: str) -> None:
    feed = valid_atom(atom("velmora", NASTY, entries, url=url, spoken=words()))
    assert len(valid_json(json_feed("velmora", NASTY, entries, url=url, spoken=words()))) == len(entries)
    assert [link.get("href") for link in feed.findall(f"{ATOM}link")] == ([url] if url else [])


def test_what_was_corrected_is_updated_and_says_so() -> None:
    feed = valid_atom(
        atom("velmora", "Velmora", [published(note="Corrected since: a lower number")], url=URL, spoken=words())
    )
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}updated") != entry.findtext(f"{ATOM}published")
    assert "Corrected since: a lower number" in entry.findtext(f"{ATOM}content", "")
    assert STORY.url not in entry.findtext(f"{ATOM}content", "")
    assert entry.find(f"{ATOM}link").get("href") == "https://example.org/a?b=1&c=2"  # type: ignore[union-attr]


def test_over_real_runs_entries_keep_their_ids_and_nothing_is_written_twice(url: str, tmp_path: Path) -> None:
    seen: dict[str, str] = {}
    with FeedServer() as feeds:
        config = configured(tmp_path, feeds, "{box: {type: folder, path: outbox}}")
        config.write_text(
            f"{config.read_text()}store: {{url: '{url}'}}\npublish: {{folder: out, url: 'https://x.example/f'}}\n"
        )
        loaded = load_config(config, {})
        for now in MOMENTS:
            stand(feeds, now)
            once(config, now)
            store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
            try:
                assert loaded.published == tmp_path / "out"
                publish(store, loaded.events, tmp_path / "out", url=FOLDER, limit=50, spoken=words())
                assert publish(store, loaded.events, tmp_path / "out", url=FOLDER, limit=50, spoken=words()) == []
                [few] = [publish(store, loaded.events, tmp_path / "few", url="", limit=1, spoken=words())]
            finally:
                store.close()
            [path] = (tmp_path / "out").glob("*.atom")
            feed = valid_atom(path.read_bytes())
            titles = {e.findtext(f"{ATOM}id", ""): e.findtext(f"{ATOM}title", "") for e in feed.iter(f"{ATOM}entry")}
            assert seen.items() <= titles.items()
            seen = titles
            assert [i["id"] for i in valid_json(path.with_suffix(".json").read_bytes())] == list(titles)
    assert seen
    assert len(few) <= 2
    [small] = (tmp_path / "few").glob("*.json")
    assert len(valid_json(small.read_bytes())) == 1
    assert not list((tmp_path / "out").glob(".*"))


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    with FeedServer() as feeds:
        loaded = load_config(configured(tmp_path, feeds), {})
    (tmp_path / "out").write_text("", encoding="utf-8")
    store = open_store("sqlite:///x.db", base=tmp_path, now=MOMENTS[0])
    try:
        with pytest.raises(NewswatchError, match=r"cannot be written .*publish\.folder"):
            publish(store, loaded.events, tmp_path / "out", url="", limit=5, spoken=words())
    finally:
        store.close()
