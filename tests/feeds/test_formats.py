"""JSON Feed, news sitemaps and their indexes, news search: as they should be, and as they are."""

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from newswatch.errors import ParseError
from newswatch.feeds import google, sitemap
from newswatch.feeds.parse import parse
from newswatch.model import ParsedFeed

NOW = datetime(2031, 3, 4, tzinfo=UTC)
URL = "http://x.example/feed"


def read(body: bytes | str | dict[str, Any], content_type: str = "text/html", url: str = URL) -> ParsedFeed:
    raw = json.dumps(body) if isinstance(body, dict) else body
    data = raw.encode() if isinstance(raw, str) else raw
    return parse(data, feed_id="f", url=url, content_type=content_type, now=NOW)


def feed(*items: object, **more: object) -> dict[str, Any]:
    return {"version": "https://jsonfeed.org/version/1.1", "title": "T & <b>", "items": list(items)} | more


# ---------------------------------------------------------------- JSON Feed


def test_json_feed_is_read_by_what_it_is() -> None:
    item = {
        "id": "http://x.example/1", "url": "/1", "title": "AT&T <hr>", "content_html": "<p>Один</p><p>два</p>",
        "summary": "s", "date_published": "2031-03-02T10:00:00+06:00", "date_modified": "2031-03-03T00:00:00Z",
        "authors": [{"name": "A"}, {"name": "B"}], "language": "RU",
    }  # fmt: skip
    found = read(feed(item, language="en", home_page_url="http://x.example/"))
    assert (found.title, found.language, found.link) == ("T & <b>", "en", "http://x.example/")
    (entry,) = found.entries
    assert (entry.entry_id, entry.link) == ("http://x.example/1", "http://x.example/1")
    assert (entry.title, entry.summary, entry.author) == ("AT&T <hr>", "Один\n\nдва", "A")
    assert (entry.published, entry.updated) == (datetime(2031, 3, 2, 4, tzinfo=UTC), datetime(2031, 3, 3, tzinfo=UTC))
    assert entry.language == "ru"


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_feed_in_any_unicode(coding: str) -> None:
    assert read(json.dumps(feed({"title": "Дом"}), ensure_ascii=False).encode(coding)).entries[0].title == "Дом"


@pytest.mark.parametrize(
    ("item", "entry_id", "title"),
    [
        ({"id": 7, "title": "a"}, "7", "a"),
        ({"id": 1.50, "title": "a"}, "1.5", "a"),
        ({"id": None, "url": "http://x/1", "title": ["a"], "content_text": "b"}, "http://x/1", "b"),
        ({"external_url": "http://y/1", "title": "a", "author": "N"}, "http://y/1", "a"),
        ({"id": {}, "url": 5, "title": "a", "tags": 5, "authors": 5, "author": {"name": 3}}, None, "a"),
        ({"id": True, "summary": "only", "date_published": 1561804800}, None, "only"),
    ],
)
def test_wrong_types_cost_no_entry(item: dict[str, Any], entry_id: str | None, title: str) -> None:
    (entry,) = read(feed(item)).entries
    assert entry.title == title
    assert entry.entry_id == entry_id if entry_id else entry.entry_id


def test_what_is_wrong_with_a_json_feed_is_said() -> None:
    found = read({"title": 3, "items": [{"content_text": "a"}, 5, None]})
    assert [entry.title for entry in found.entries] == ["a"]
    assert found.warnings == ("a JSON Feed without its version", "2 of its items are no objects", "an item has no id")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "sent a JSON Feed that is broken (line 1: "),
        ("[" * 100_000, "sent JSON that nests too deep to be a feed"),
        ('{"items": [{"name": 1}]}', "sent JSON that is no JSON Feed"),
        ("[1, 2]", "sent JSON that is no JSON Feed"),
        ("{ not json", "sent JSON that is no JSON Feed"),
        (b'{"a": "\xff"}', "sent JSON that is no JSON Feed"),
        ("9" * 10, "sent something that is no feed"),
    ],
)
def test_other_json_is_no_feed(body: str | bytes, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body, "application/json")
    assert sentence in str(caught.value)


def test_numbers_of_any_length_are_harmless() -> None:
    assert read('{"version": "https://jsonfeed.org/version/1", "items": [{"id": ' + "9" * 100_000 + "}]}").entries


# ---------------------------------------------------------------- sitemaps

MAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?><!-- made by <x> --><urlset {MAP}
xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc> http://x.example/1?a=1&amp;b=2 </loc>
<image:image><image:loc>http://x/i.png</image:loc><image:title>no</image:title></image:image>
<n:news><n:publication><n:name>The X</n:name><n:language>ru</n:language></n:publication>
<n:publication_date>2031-03-02T10:00:00+06:00</n:publication_date><n:title>AT&amp;T &lt;b> Дом</n:title></n:news></url>
<url><loc>http://x.example/about</loc><lastmod>2031-01-01</lastmod></url></urlset>"""


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_news_sitemap_is_a_feed(coding: str) -> None:
    found = read(NEWS.replace("UTF-8", coding.removesuffix("-sig")).encode(coding))
    assert (found.title, found.language, len(found.entries)) == ("The X", "ru", 1)
    entry = found.entries[0]
    assert (entry.link, entry.title) == ("http://x.example/1?a=1&b=2", "AT&T <b> Дом")
    assert entry.published == datetime(2031, 3, 2, 4, tzinfo=UTC)


def test_a_gzip_file_is_unpacked_and_a_bomb_is_not() -> None:
    assert len(read(gzip.compress(NEWS.encode()), "application/x-gzip").entries) == 1
    with pytest.raises(ParseError, match="a gzip file that unpacks to more than 50 MB; refused"):
        read(gzip.compress(bytes(51_000_000)))
    with pytest.raises(ParseError, match="sent a broken gzip file"):
        read(b"\x1f\x8b\x08\x00broken....")


def test_a_sitemap_without_news_is_said_to_be_none() -> None:
    with pytest.raises(ParseError, match=r"is a sitemap without news .* look for the site's news sitemap or feed"):
        read(f"<urlset {MAP}><url><loc>http://x/1</loc></url></urlset>")
    assert read(f"<urlset {MAP}></urlset>").entries == ()


def test_what_stands_before_a_fault_is_kept() -> None:
    found = read(NEWS.replace("<url><loc>http://x.example/about", "<url><loc>a & b"))
    assert len(found.entries) == 1
    assert "not well-formed, line 6" in found.warnings[0]


def test_a_sitemap_with_entities_is_refused() -> None:
    with pytest.raises(ParseError, match="is a sitemap with a document type, which none has; refused"):
        read("<!DOCTYPE urlset [<!ENTITY e 'x'>]>" + NEWS.partition("?>")[2])


def test_an_index_names_its_newest_sitemaps() -> None:
    def one(name: str, when: str = "") -> str:
        return f"<sitemap><loc>http://x.example/{name}.xml</loc>{when and f'<lastmod>{when}</lastmod>'}</sitemap>"

    inside = (
        one("old", "2031-03-01")
        + one("plain")
        + one("news")
        + one("new", "2031-03-02T10:00:00Z")
        + one("ancient", "soon")
    )
    found = read(f"<sitemapindex {MAP}>{inside}<sitemap><loc>file:///x</loc></sitemap></sitemapindex>")
    assert [url.removeprefix("http://x.example/") for url in found.children] == [
        "new.xml", "old.xml", "news.xml", "plain.xml", "ancient.xml"
    ]  # fmt: skip
    many = "".join(one(str(number)) for number in range(100))
    assert len(read(f"<sitemapindex {MAP}>{many}</sitemapindex>").children) == sitemap.MAX_CHILDREN
    with pytest.raises(ParseError, match="is a sitemap index that names no sitemap"):
        read(f"<sitemapindex {MAP}/>")


# ---------------------------------------------------------------- news search


def identity(url: str, number: int = 4, extra: bytes = b"\xd2\x01\x00") -> str:
    """An id as Google News made them: a kind (field 1), the address (field 4), one for telephones (field 26)."""
    size = len(url.encode())
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    data = b"\x08\x13" + bytes([number << 3 | 2]) + length + url.encode() + extra
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize(
    "url", ["https://paper.example/a", "http://paper.example/" + "long/" * 40, "https://p.example/ё?a=1&b"]
)
@pytest.mark.parametrize("path", ["rss/articles/", "articles/", "read/"])
def test_an_old_link_of_google_news_leads_to_the_publisher(url: str, path: str) -> None:
    assert google.publisher_link(f"https://news.google.com/{path}{identity(url)}?oc=5&hl=en") == url


@pytest.mark.parametrize(
    "link",
    [
        "https://news.google.com/rss/articles/" + identity("AU_yqLPtoken-that-only-google-reads"),
        "https://news.google.com/rss/articles/" + identity("https://p.example/", number=2),
        "https://news.google.com/rss/articles/" + identity("javascript:alert(1)//"),
        "https://news.google.com/rss/articles/" + identity("https://p.example/a b\n"),
        "https://news.google.com/rss/articles/" + identity("https://p.example/aaaaaaaaaa")[:20],
        "https://news.google.com/rss/articles/" + "_" * 500,
        "https://news.google.com/rss/articles/C",
        "https://news.google.com/rss/search?q=x",
        "https://evil.example/rss/articles/" + identity("https://p.example/"),
        "https://www.google.com/url?url=javascript:x",
        "https://www.google.com/search?url=https://p.example/",
        "http://[", "",
    ],
)  # fmt: skip
def test_every_other_link_stays_as_it_is(link: str) -> None:
    assert google.publisher_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "https://www.google.com/url?rct=j&sa=t&url=https%3A%2F%2Fp.example%2Fa%3Fb%3D1&ct=ga",
        "http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2fp.example%2fa%3fb%3d1&c=1",
    ],
)
def test_links_of_alerts_and_of_another_search_are_resolved(link: str) -> None:
    assert google.publisher_link(link) == "https://p.example/a?b=1"


def test_a_feed_of_google_news_names_publishers() -> None:
    def item(title: str, source: str) -> str:
        link = f"https://news.google.com/rss/articles/{identity('https://p.example/a')}?oc=5"
        return f"<item><title>{title}</title><link>{link}</link><guid isPermaLink='false'>{title}</guid>{source}</item>"

    items = (
        item("Raid - again - The Paper", "<source url='https://p.example'>The Paper</source>"),
        item("No end", "<source url='https://www.q.example/x'></source>"),
        item("Other - Name", "<source url='https://p.example'>The Paper</source>"),
        item("The Paper", "<source url='https://p.example'>The Paper</source>"),
    )
    body = f"<rss version='2.0'><channel><title>x - Google News</title>{''.join(items)}</channel></rss>"
    found = read(body, url="https://news.google.com/rss/search?q=x").entries
    assert [entry.title for entry in found] == ["Raid - again", "No end", "Other - Name", "The Paper"]
    assert [entry.source for entry in found] == ["The Paper", "q.example", "The Paper", "The Paper"]
    assert {entry.link for entry in found} == {"https://p.example/a"}
    assert read(body).entries[0].title == "Raid - again - The Paper"
