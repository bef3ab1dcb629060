"""Feeds out: valid by their specifications, the same ids after every start, written only when something changed."""

import json
import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import lxml.etree
import pytest
from jsonschema import Draft202012Validator

from app.test_corrections import TOLL, feed, served
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
from newswatch.store import Store, open_store

SCHEMAS = Path(__file__).parents[1] / "schemas"
GRAMMAR = lxml.etree.RelaxNG(lxml.etree.parse(SCHEMAS / "atom.rng"))
JSON_FEED = Draft202012Validator(json.loads((SCHEMAS / "jsonfeed-1.1.schema.json").read_text(encoding="utf-8")))
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


def faults(raw: bytes) -> list[str]:
    """What RFC 4287 has against a document: its grammar (appendix B, `atom.rng`), and the two rules beside it."""
    tree = lxml.etree.fromstring(raw)
    found = [] if GRAMMAR.validate(tree) else [str(error.message) for error in GRAMMAR.error_log]
    for entry in tree.iter(f"{ATOM}entry"):
        whose = (entry.find(f"{ATOM}author"), tree.find(f"{ATOM}author"), entry.find(f"{ATOM}source/{ATOM}author"))
        if all(author is None for author in whose):
            found.append("an entry has no author")
        links = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
        if not links and entry.find(f"{ATOM}content") is None:
            found.append("an entry has neither an alternate link nor content")
    return found


def valid_atom(raw: bytes) -> ET.Element:
    """RFC 4287: its grammar, and what its section 4 says beyond that of texts, times (RFC 3339), links and ids."""
    assert faults(raw) == []
    feed = ET.fromstring(raw)  # noqa: S314 - our own bytes
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        assert element.findtext(f"{ATOM}title")
        assert element.findtext(f"{ATOM}id", "").startswith("urn:uuid:")
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        times = [element.findtext(f"{ATOM}{name}") for name in ("published", "updated")]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times if time)
        links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in element.findall(f"{ATOM}link")]
        assert len(links) == len(set(links))
        assert all(link.get("href") for link in element.findall(f"{ATOM}link"))
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    read = feedparser.parse(raw)
    assert not read.bozo
    assert read.version == "atom10"
    return feed


def valid_json(raw: bytes) -> list[dict[str, object]]:
    """JSON Feed 1.1, by a schema written from the specification; and that no id is there twice."""
    feed = json.loads(raw)
    JSON_FEED.validate(feed)
    items: list[dict[str, object]] = feed["items"]
    assert len({str(item["id"]) for item in items}) == len(items)
    return items


@pytest.mark.parametrize("url", ["", URL])
@pytest.mark.parametrize("entries", [[], [published()], [published(n, summary=NASTY, source=NASTY) for n in range(3)]])
def test_both_are_valid_whatever_they_hold(entries: list[Published], url: str) -> None:
    feed = valid_atom(atom("velmora", NASTY, entries, url=url, spoken=words()))
    assert len(valid_json(json_feed("velmora", NASTY, entries, url=url, spoken=words()))) == len(entries)
    assert [link.get("href") for link in feed.findall(f"{ATOM}link")] == ([url] if url else [])


ENTRY = "<entry><id>e</id><title>t</title><updated>2031-03-02T18:05:00Z</updated>{}</entry>"
HEAD = "<id>f</id><title>t</title><updated>2031-03-02T18:05:00Z</updated>"
ANA = "<author><name>Ana</name></author>"


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        (HEAD, ""),
        (HEAD + ANA + ENTRY.format("<content type='html'>&lt;p></content>"), ""),
        (HEAD + ANA + ENTRY.format("<content>a</content><content>b</content>"), "entry"),
        (HEAD + ENTRY.format("<content>a</content>"), "an entry has no author"),
        (HEAD + ANA + ENTRY.format(""), "an entry has neither an alternate link nor content"),
        (HEAD.replace("T18:05:00Z", ""), "updated"),
        (HEAD + "<title>twice</title>", "title"),
        (HEAD + "<link rel='self'/>", "link"),
        (HEAD + ANA + ENTRY.format("<author/><link href='https://x.example/'/>"), "entry"),
        (HEAD + "<item/>", "item"),
        (ANA + ENTRY.format("<content>a</content>") + HEAD, "feed"),
    ],
)
def test_the_atom_check_finds_what_is_wrong(inside: str, fault: str) -> None:
    found = faults(f"<feed xmlns='http://www.w3.org/2005/Atom'>{inside}</feed>".encode())
    assert any(fault in one for one in found) if fault else found == []


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"version": "https://jsonfeed.org/version/1"},
        {"feed_url": "velmora.json"},
        {"authors": [{}]},
        {"entries": []},
        {"items": [{"id": 1, "content_text": "a"}]},
        {"items": [{"id": "1"}]},
        {"items": [{"id": "1", "content_text": "a", "date_modified": "2031-03-02"}]},
        {"items": [{"id": "1", "content_text": "a", "tags": "one"}]},
    ],
)
def test_the_json_feed_check_finds_what_is_wrong(change: dict[str, object]) -> None:
    feed = {**json.loads(json_feed("velmora", "Velmora", [published()], url=URL, spoken=words())), **change}
    assert not JSON_FEED.is_valid({key: value for key, value in feed.items() if value is not None})


def test_a_correction_in_the_store_updates_its_entry_and_no_other(url: str, tmp_path: Path) -> None:
    seen: list[tuple[ET.Element, list[dict[str, object]]]] = []

    def read(store: Store) -> None:
        event = load_config(tmp_path / "newswatch.yaml", {}).events[0]
        publish(store, [event], tmp_path / "out", url="", limit=50, spoken=words())
        raw = valid_atom((tmp_path / "out" / "velmora.atom").read_bytes())
        seen.append((raw, valid_json((tmp_path / "out" / "velmora.json").read_bytes())))

    detained = "Police detained Igor Lyadov, the director of the dam above Velmora, on suspicion of negligence."
    withdrawn = "The rescue service corrected its earlier statement on Velmora: seven people were killed, not nine."
    with FeedServer() as feeds:
        steps = (("wire", feed("Wire", ("toll", TOLL), ("held", detained)), read),
                 ("herald", feed("Herald", ("back", withdrawn)), read))  # fmt: skip
        served(url, tmp_path, feeds, steps)
    (before, _), (after, items) = seen
    old, new = ({e.findtext(f"{ATOM}title", ""): e for e in one.iter(f"{ATOM}entry")} for one in (before, after))
    assert len(old) >= 2
    assert old.keys() < new.keys()
    changed = [title for title in old if ET.tostring(old[title]).strip() != ET.tostring(new[title]).strip()]
    [title] = changed
    assert "9" in title or "nine" in title.lower()
    assert "Corrected since: " in new[title].findtext(f"{ATOM}content", "")
    for name in ("id", "published", "title"):
        assert old[title].findtext(f"{ATOM}{name}") == new[title].findtext(f"{ATOM}{name}")
    assert old[title].findtext(f"{ATOM}updated", "") < new[title].findtext(f"{ATOM}updated", "")
    assert after.findtext(f"{ATOM}updated") == new[title].findtext(f"{ATOM}updated")
    [item] = [item for item in items if item["id"] == new[title].findtext(f"{ATOM}id")]
    assert item["date_modified"] == new[title].findtext(f"{ATOM}updated")
    assert str(item["content_text"]).startswith("Corrected since: ")


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
