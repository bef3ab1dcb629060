"""Which feeds a page names: what it declares, what looks like a feed, and what is only guessed."""

import pytest

from newswatch.feeds.discover import MAX_CANDIDATES, Candidate, candidates, declared

URL = "https://x.example/news/"


def found(page: str, url: str = URL) -> list[tuple[str, str, str]]:
    return [(one.url, one.title, one.kind) for one in candidates(page.encode(), url)]


def test_what_a_page_declares_comes_first_and_comments_last() -> None:
    page = """<!doctype html><html><head><link rel=alternate type='application/rss+xml; charset=utf-8'
    title="Site &raquo; Comments Feed" href=/comments/feed/><LINK HREF='feed.atom' TYPE=application/atom+xml
    REL='ALTERNATE' TITLE='All &amp; more'>
    <link rel="alternate" type="application/feed+json" href="//cdn.example/f.json">
    <link rel='alternate stylesheet' type='text/xml' href='/feed.xml'>
    <link rel='alternate' type='application/json' href='/wp-json/wp/v2/posts/1'>
    <link rel='alternate' type='application/json+oembed' href='/oembed?format=rss'></head></html>"""
    assert found(page) == [
        ("https://x.example/news/feed.atom", "All & more", "atom"),
        ("https://cdn.example/f.json", "", "json"),
        ("https://x.example/comments/feed/", "Site » Comments Feed", "rss"),
    ]


@pytest.mark.parametrize(
    "href",
    ["/rss", "/a/feed/", "all.rss", "/x.rdf", "/export/rss2/archive/index.xml", "/?feed=rss2", "/list.php?format=atom",
     "/feed.json", "feed:https://x.example/plain", "feed://x.example/feeds/world", "https://feeds.x.example/world"],
)  # fmt: skip
def test_links_that_look_like_feeds_are_taken(href: str) -> None:
    if href.endswith("/plain"):
        assert found(f"<a href='{href}' type='application/rss+xml'>Ленты</a>")[0][0] == "https://x.example/plain"
    else:
        (one,) = found(f"<p><a title='RSS' href='{href}'>Лента <b>дня</b></a> and more")
        assert one[1:] == ("RSS Лента дня", "link")


@pytest.mark.parametrize(
    "href", ["/feedback", "/rss.html", "https://feedly.com/i/subscription/feed/x", "/news/2019/feeding",
     "mailto:a@b/rss", "javascript:rss", "http://[/rss", "#rss", URL]
)  # fmt: skip
def test_other_links_are_not(href: str) -> None:
    assert {kind for _, _, kind in found(f"<a href='{href}'>RSS</a>")} == {"guess"}


def test_only_a_page_that_names_none_is_answered_with_guesses() -> None:
    guesses = found("<html><body>hello")
    assert ("https://x.example/feed/", "", "guess") in guesses
    assert declared(b"<html><body>hello", URL) == ()
    assert found("<html><a href=/rss>") == [("https://x.example/rss", "", "link")]


def test_a_base_address_and_a_charset_are_heeded_and_each_address_stands_once() -> None:
    page = """<html><meta charset=windows-1251><base href='https://y.example/d/'>
    <link rel=alternate type=application/rss+xml title='Лента' href=rss><a href=rss>again</a><a href=rss#2>again</a>"""
    assert candidates(page.encode("cp1251"), URL) == (Candidate("https://y.example/d/rss", "Лента", "rss"),)


@pytest.mark.parametrize(
    "tag", ["<link ", "<a href='/rss'>", "<a ", "<link rel=alternate type=application/rss+xml href=", "<!--", "<p>"]
)
def test_hostile_pages_cost_little(tag: str) -> None:
    # pytest's own limit is the judge of time.
    assert len(candidates((tag * 200_000).encode(), URL)) <= MAX_CANDIDATES
