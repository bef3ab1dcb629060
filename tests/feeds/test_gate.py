"""The fast reader gives what the reference gives, or declines; and what would take for ever is refused."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from benchmarks.feeds import NOW, URL
from benchmarks.fuzz_parse import MUTATIONS, judged
from benchmarks.plainfeeds import AGENCY, ATOM, BLOG, BROADCASTER, PLAIN
from hypothesis import given, settings
from hypothesis import strategies as st

from newswatch.errors import ParseError
from newswatch.feeds import bombs, dates, fast
from newswatch.feeds.parse import parse
from newswatch.feeds.text import _of_simple, _Text, finish, one_line


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_feed_takes_the_fast_path_and_reads_the_same(name: str) -> None:
    body = PLAIN[name].encode()
    assert judged(body) == ("equal", "")
    assert judged(body.replace(b"\n", b"\r\n")) == ("equal", "")
    assert judged(b"\xef\xbb\xbf" + body) == ("equal", "")


def test_the_common_single_byte_encoding_of_russian_takes_it_too() -> None:
    body = AGENCY.replace('encoding="utf-8"', 'encoding="windows-1251"').encode("cp1251")
    assert judged(body) == ("equal", "")
    assert parse(body, feed_id="f", url=URL, content_type="", now=NOW).title == "Агентство"


@pytest.mark.parametrize(
    ("odd", "feed"),
    [
        ("no id", BROADCASTER.replace("<guid>https://x.example/b</guid>", "")),
        ("no title", BROADCASTER.replace("<title>B</title>", "")),
        ("document type", BLOG.replace("<rss ", "<!DOCTYPE rss><rss ", 1)),
        ("bare ampersand", BLOG.replace("&#038;", "&")),
        ("named reference", BLOG.replace("&#038;", "&nbsp;")),
        ("C1", BLOG.replace("&#8220;", "&#147;")),
        ("C1 as it is", BLOG.replace("&#8220;", "\x93")),
        ("encoded twice", AGENCY.replace("Лента</d", "x</d").replace("Агентство</t", "Ð\x90</t")),
        ("base", ATOM.replace("<entry>", "<entry xml:base='http://y/'>", 1)),
        ("language of one", ATOM.replace("<entry>", "<entry xml:lang='de'>", 1)),
        ("two titles", BLOG.replace("<item>", "<item><title>x</title>")),
        ("media title", BLOG.replace("<media:credit>X</media:credit>", "<media:title>X</media:title>")),
        ("xhtml", ATOM.replace('type="html"', 'type="xhtml"')),
        ("markup in a text", BLOG.replace("A story", "A <b>story</b>")),
        ("relative link", ATOM.replace("https://x.example/2", "/2")),
        ("relative id", BROADCASTER.replace("<guid>https://x.example/b", "<guid>b")),
        ("unknown element", BLOG.replace("<item>", "<item><summary>x</summary>")),
        ("wrong declaration", BLOG.replace('"1.0"', '"1.1"')),
        ("another charset", BLOG.replace("UTF-8", "iso-8859-2")),
        ("two alternates", ATOM.replace("<entry>", "<entry><link href='http://y/'/>", 1)),
        ("comment in a text", BLOG.replace("A story", "A <!-- x -->story")),
        ("text beside an empty name", ATOM.replace("<name>me</name>", "<name> </name>me")),
        ("email", BLOG.replace("One & Other", "x@y.example (X)")),
        ("old Atom", ATOM.replace("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")),
        ("no entry", re.sub(r"<item>.*</item>", "", BLOG, flags=re.DOTALL)),
        ("prefix of another", AGENCY.replace("yandex:", "dc:").replace(":yandex", ":dc")),
    ],
)
def test_every_oddity_is_the_references(odd: str, feed: str) -> None:
    assert fast.read(feed.encode(), content_type="") is None, odd


def test_a_charset_in_the_header_that_says_otherwise_is_the_references() -> None:
    assert fast.read(BLOG.encode(), content_type="text/xml; charset=UTF-8") is not None
    assert fast.read(BLOG.encode(), content_type="text/xml; charset=windows-1251") is None


@given(st.sampled_from(sorted(PLAIN)), st.sampled_from(MUTATIONS), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_mutated_feeds_read_the_same_or_are_declined(name: str, mutate: Callable[..., bytes], rng: object) -> None:
    pool = [
        b"<title>x</title>",
        b"<media:title>y</media:title>",
        b"<dc:date>2031-01-01</dc:date>",
        b"<link/>",
        b"<source/>",
    ]
    outcome, details = judged(mutate(PLAIN[name].encode(), rng, pool), limit=0)
    assert outcome in {"equal", "declined"}, details


def slow(markup: str) -> str:
    reader = _Text()
    reader.feed(markup)
    finish(reader)
    return "".join(reader.pieces)


def paragraphs(text: str) -> list[str]:
    return [part for part in map(one_line, text.split("\x1e")) if part]


MARKUP = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<br/>", "<br />", "<B>", "</b >", "<a href='x>y'>", '<a href="x" b>', "<img src=x>", "<", ">", "&amp;", "&lt;b",
         "&nbsp", "&#8217;", "&#", "&notit;", "a", " ", "\n", "é", "<!-- x -->", "<![CDATA[y]]>", "<?z?>", "<script>", "</script>", "<p a='",
         "<li\n>", "<h1 x=''>", "<o:p>", "<p/ >", "\x1e", "\x00", "</>", "<>", "< p>", "<a b=c d>", "<p\x0b>", "&amp", "<a href='&lt;'>"]
    ),
    max_size=12,
)  # fmt: skip


@given(MARKUP)
@settings(max_examples=1000, deadline=None)
def test_simple_markup_reads_as_html_parser_reads_it(pieces: list[str]) -> None:
    markup = "".join(pieces)
    fast_text = _of_simple(markup)
    assert fast_text is None or paragraphs(fast_text) == paragraphs(slow(markup))


def item(inside: str) -> str:
    return f"<rss version='2.0'><channel><title>T</title><item>{inside}</item></channel></rss>"


BILLION = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(9))
MANY = 30_000


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (f"<!DOCTYPE x [{BILLION}]>" + item("<title>&a8;</title>"), "has a document type with entities made of entities"),
        (f'<!DOCTYPE x [<!ENTITY e "{"x" * 10_000}">]>' + item("&e;" * 1_000), "entities that expand beyond measure"),
        (item("<a>" * MANY), "nests more than 2000 elements"),
        (item("<p " + " ".join(f"a{n}='x'" for n in range(MANY)) + ">"), "has an element with more than 250 attributes"),
        (item("".join(f"<a{n}:b xmlns:a{n}='http://x/{n}'/>" for n in range(MANY))), "declares more than 250 namespaces"),
        (item("<p xml:base='a/'/>" * MANY), "has more than 300 relative base addresses"),
        (item("".join(f"<category>{n}</category>" for n in range(MANY))), "has an entry with more than 1000 categories"),
        (item(f"<author>{'a.b-' * MANY}</author>"), "has a person whose name is one word of more than 500 letters"),
        (item(f"<author><![CDATA[a@{'a.' * MANY}]]></author>"), "has a person whose name is one word"),
        (item(f"<author>{'aa<!-- -->' * MANY}</author>"), "has a person whose name is one word"),
        (item(f"<author>{'&#97;' * MANY}</author>"), "has a person whose name is one word"),
        (item(f"<tags>{','.join(map(str, range(MANY)))}</tags>"), "has keywords of more than 20 kB"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_what_would_take_for_ever_is_refused_in_words(body: str, sentence: str, coding: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(body.encode(coding), feed_id="f", url=URL, content_type="", now=NOW)
    assert sentence in str(caught.value)
    assert "refused" in str(caught.value)


def test_a_large_feed_with_many_categories_is_no_bomb() -> None:
    one = "<item><title>t</title>" + "<category>c</category>" * 20 + "</item>"
    bombs.refuse(f"<rss><channel>{one * 2_000}</channel></rss>".encode(), URL)
    bombs.refuse(b'<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY c "Copyright">]><rss>&nbsp;&c;</rss>', URL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Чт, 08 авг 2019 10:00:00 +0600", datetime(2019, 8, 8, 4, tzinfo=UTC)),
        ("8 августа 2019 г. в 10:00", datetime(2019, 8, 8, 10, tzinfo=UTC)),
        ("08 Авг 2019 10:00:00 MSK", datetime(2019, 8, 8, 7, tzinfo=UTC)),
        ("Thu, 08 Aug 2019 10:00:00 МСК", datetime(2019, 8, 8, 7, tzinfo=UTC)),
        ("Thu, 08 Aug 2019 10:00:00 IST", datetime(2019, 8, 8, 4, 30, tzinfo=UTC)),
        ("Thu, 08 Aug 2019 10:00:00 CEST", datetime(2019, 8, 8, 8, tzinfo=UTC)),
        ("Thu, 08 Aug 2019 10:00:00 GMT+06:00", datetime(2019, 8, 8, 4, tzinfo=UTC)),
        ("Do, 08 Mär 2018 10:00:00 +0100", datetime(2018, 3, 8, 9, tzinfo=UTC)),
        ("jeudi 8 août 2019 10:00:00 +0200", datetime(2019, 8, 8, 8, tzinfo=UTC)),
        ("jue, 8 de agosto de 2019", datetime(2019, 8, 8, tzinfo=UTC)),
        ("August 8, 2019 3:05 pm EST", datetime(2019, 8, 8, 20, 5, tzinfo=UTC)),
        ("Aug 8th, 2019 12:30 AM", datetime(2019, 8, 8, 0, 30, tzinfo=UTC)),
        ("08.08.2019 10:00", datetime(2019, 8, 8, 10, tzinfo=UTC)),
        ("2019/8/8 10:00:01", datetime(2019, 8, 8, 10, 0, 1, tzinfo=UTC)),
        ("1561804800000", datetime(2019, 6, 29, 10, 40, tzinfo=UTC)),
        ("2019-08-08T10:00:00.5+06:00", datetime(2019, 8, 8, 4, tzinfo=UTC)),
        ("8 месяца 2019", None), ("99.99.2019", None), ("2019/13/45", None), ("x" * 5000, None),
        ("Thu, 31 Feb 2019 10:00:00 GMT", None),
    ],
)  # fmt: skip
def test_dates_in_the_ways_of_the_world(text: str, expected: datetime | None) -> None:
    assert dates.read(text) == expected
