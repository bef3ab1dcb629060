"""What a body holds: formats, encodings, dates, ids, and what is no feed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss
from newswatch.errors import ParseError
from newswatch.feeds.parse import parse
from newswatch.feeds.text import plain
from newswatch.model import ParsedFeed

NOW = datetime(2031, 3, 4, tzinfo=UTC)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ru"><title>Лента</title>
<entry><id>tag:a,1</id><title type="html">Плотина &amp;lt; река</title>
<link href="/a/1"/><updated>2031-03-02T10:00:00+06:00</updated>
<content type="html">&lt;p&gt;Первый&lt;/p&gt;
&lt;script&gt;x()&lt;/script&gt;&lt;p&gt;второй абзац&lt;/p&gt;</content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://x/"><title>R</title></channel>
<item rdf:about="http://x/1"><title>One</title><link>http://x/1</link><dc:date>2031-03-02T10:00:00Z</dc:date></item></rdf:RDF>"""


def read(body: bytes | str, content_type: str = "application/xml") -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse(raw, feed_id="f", url="http://x.example/feed", content_type=content_type, now=NOW)


def item(inside: str) -> str:
    return f"<rss version='2.0'><channel><title>T</title><item>{inside}</item></channel></rss>"


def test_atom_rdf_and_rss_are_read() -> None:
    entry = read(ATOM).entries[0]
    assert (entry.entry_id, entry.link, entry.language) == ("tag:a,1", "http://x.example/a/1", "ru")
    assert entry.title == "Плотина < река"
    assert entry.summary == "Первый\n\nвторой абзац"
    assert entry.published == datetime(2031, 3, 2, 4, tzinfo=UTC)
    assert read(RDF).entries[0].published == datetime(2031, 3, 2, 10, tzinfo=UTC)
    assert sum(len(read(rss(name, MOMENTS[2])).entries) for name in FEEDS) == 8


def test_windows_1251_is_read_by_declaration_and_by_header() -> None:
    text = item("<title>Задержан директор</title>")
    declared = f"<?xml version='1.0' encoding='windows-1251'?>{text}".encode("cp1251")
    assert read(declared).entries[0].title == "Задержан директор"
    assert read(text.encode("cp1251"), "text/xml; charset=windows-1251").entries[0].title == "Задержан директор"


@pytest.mark.parametrize(
    ("date", "expected", "warning"),
    [
        ("Sun, 02 Mar 2031 10:00:00 +0600", datetime(2031, 3, 2, 4, tzinfo=UTC), ""),
        ("2016/6/29", datetime(2016, 6, 29, tzinfo=UTC), ""),
        ("1561804800", datetime(2019, 6, 29, 10, 40, tzinfo=UTC), ""),
        ("Sun, 02 Mar 2036 10:00:00 GMT", None, "is not believed: it is in the future"),
        ("Sun, 02 Mar 1975 10:00:00 GMT", None, "is not believed: it is before 1990"),
        ("soon", None, "the date 'soon' cannot be read"),
    ],
)
def test_dates_are_believed_when_they_can_be(date: str, expected: datetime | None, warning: str) -> None:
    found = read(item(f"<title>t</title><pubDate>{date}</pubDate>"))
    assert found.entries[0].published == expected
    assert warning in " ".join(found.warnings)


def test_entries_without_id_date_or_link_are_kept() -> None:
    only_title = read(item("<title>Only a title</title>")).entries[0]
    assert (only_title.title, only_title.link, only_title.published) == ("Only a title", "", None)
    assert only_title.entry_id
    assert read(item("<description>Only text</description>")).entries[0].title == "Only text"
    assert read(item("<link>http://x/1</link>")).entries[0].entry_id == "http://x/1"


def test_one_id_for_two_texts_gives_two_entries() -> None:
    between = "</item><item>"
    twice = between.join(f"<guid>1</guid><title>{title}</title>" for title in "aba")
    found = read(item(twice))
    assert [entry.title for entry in found.entries] == ["a", "b"]
    assert len({entry.entry_id for entry in found.entries}) == 2


def test_malformed_feeds_survive_with_a_warning() -> None:
    found = read("<rss version='2.0'><channel><item><title>A & B</title><item><title>C<b>")
    assert found.entries[0].title.startswith("A & B")
    assert "not well-formed" in found.warnings[0]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "sent nothing (an empty body)"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "sent JSON that is no JSON Feed"),
        (b"<!doctype html><html><body>hello", "is a web page, not a feed; look for a feed's address on it"),
        (
            b"<html><head><link rel='alternate' type='application/rss+xml' href='/rss'></head>",
            "is a web page, not a feed; it names http://x.example/rss",
        ),
        (b"<html><title>Just a moment...</title>", "a page that wants a person (a challenge), not a feed"),
        (b"\x89PNG....", "sent something that is no feed"),
    ],
)
def test_what_is_no_feed_is_said_what_it_is(body: bytes, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert sentence in str(caught.value)


QUADRATIC = f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e '{'x' * 100_000}'>]>" + item(
    f"<title>{'&e;' * 10_000}</title>"
)
LAUGHS = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10 if n else 'ha'}'>" for n in range(9))
DEEP = 50_000


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(f"<?xml version='1.0'?><!DOCTYPE x [{LAUGHS}]>" + item("<title>&a8;</title>"), id="laughs"),
        pytest.param(QUADRATIC, id="one long entity, often"),
        pytest.param(item("<title>q</title><description>" + "&lt;div&gt;" * DEEP + "</description>"), id="deep markup"),
        pytest.param(item("<title>q</title>" + "<a>" * DEEP + "</a>" * DEEP), id="deep elements"),
        pytest.param(item("<title>q</title>" + "<a>" * DEEP), id="deep and open"),
        pytest.param(item("<title>q</title>" + "<![CDATA[" * DEEP), id="open CDATA"),
        pytest.param(item("<title>q</title>" + "<!--" * DEEP), id="open comments"),
        pytest.param(item("<title>q</title>" + "<a b='" * DEEP), id="open quotes"),
        pytest.param(item("<title>" + "<" * DEEP), id="brackets"),
        pytest.param("<html>" + "<link " * DEEP, id="a page of links"),
    ],
)
def test_bombs_are_harmless(bomb: str) -> None:
    # Each gives little, in fair time: pytest's own limit is the judge of that.
    try:
        found = read(bomb).entries
    except ParseError:
        found = ()
    assert len(found) <= 1
    assert sum(len(entry.title) + len(entry.summary) for entry in found) < 1_000_000


def test_external_entities_are_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    with FeedServer({"/e": Route(b"secret"), "/dtd": Route(b"<!ENTITY e 'secret'>")}) as server:
        for address in ((tmp_path / "secret").as_uri(), server.url("/e")):
            start = f"<?xml version='1.0'?><!DOCTYPE x SYSTEM '{server.url('/dtd')}' [<!ENTITY e SYSTEM '{address}'>]>"
            entry = read(start + item("<title>a&e;b</title>")).entries[0]
            assert "secret" not in entry.title + entry.summary
        assert server.requests == []


def test_a_feed_without_entries_is_a_feed() -> None:
    found = read("<rss version='2.0'><channel><title>T</title></channel></rss>")
    assert (found.title, found.entries, found.warnings) == ("T", (), ())


def test_plain_text() -> None:
    assert plain("a&nbsp;b<br>c") == "a b\n\nc"
    assert plain("5 < 6 & 7 > 3") == "5 < 6 & 7 > 3"
    assert plain("one\n\ntwo\x00\u200b three") == "one\n\ntwo three"


@pytest.mark.parametrize(
    "inside",
    [
        "<title>Kept</title><gml:Polygon xmlns:gml='http://www.opengis.net/gml'><gml:posList>1</gml:posList></gml:Polygon>",
        "<title>Kept</title><x xmlns:a='http://x/ y' a:b='c'/>",
    ],
)
def test_elements_that_feedparser_falls_over_cost_nothing(inside: str) -> None:
    assert read(item(inside)).entries[0].title == "Kept"


def test_halves_of_characters_are_put_together() -> None:
    entry = read(
        item("<title>a&#xD83D;&#xDE00;b&#55357;&#56832;c</title><description>&#xD800;d</description>")
    ).entries[0]
    assert (entry.title, entry.summary) == ("a😀b😀c", "\ufffdd")


def test_a_broken_declaration_costs_nothing() -> None:
    body = b"<?xml version='1.0' encoding='\x8etf8'?>" + item("<title>Велмора</title>").encode()
    assert read(body).entries[0].title == "Велмора"


def test_what_no_reader_can_read_is_said() -> None:
    uri = "http://backend.userland.com/creativeCommonsRssModule"
    with pytest.raises(
        ParseError, match=r"is too damaged to be read \(KeyError: 'license'\); ask its owner to mend it"
    ):
        read(item(f"<title>q</title><l:license xmlns:l='{uri}'/></l:license>"))
