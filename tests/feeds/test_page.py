"""Web pages to the article in them, whatever stands around it and however broken the markup is."""

import time
from datetime import UTC, datetime

import pytest

from newswatch.feeds.page import Page, looks_like_a_page, read_page

BODY = "The dam broke on Saturday & flooded the town of Velmora, where three people were killed and twenty were hurt."


def test_the_article_is_taken_and_what_stands_around_it_is_not() -> None:
    page = read_page(
        f"""<!doctype html><html><head><title>Dam breaks — Wire</title>
        <meta property="og:site_name" content="The Wire">
        <meta property="article:published_time" content="2031-03-02T18:00:00+03:00">
        <script>var menu = "<p>Not this.</p>";</script></head>
        <body><nav><p>Home.</p></nav><p>Subscribe to our letter.</p>
        <article><h1>Dam <em>breaks</em></h1><p>{BODY.replace("&", "&amp;")}</p><p>Read also</p>
        <figure><img><figcaption>The dam.</figcaption></figure><p>{BODY}</p></article>
        <aside><p>Most read.</p></aside><footer><p>All rights reserved.</p></footer></body></html>"""
    )
    assert page == Page("Dam breaks", f"{BODY}\n\n{BODY}", "The Wire", datetime(2031, 3, 2, 15, tzinfo=UTC))


def test_without_an_article_the_sentences_of_the_page_are_taken() -> None:
    page = read_page(
        "<head><title>T</title><body><div>Menu</div><div>Three died.</div><br>“So it is.”<form>Search.</form>"
    )
    assert (page.title, page.text) == ("T", "Three died.\n\n“So it is.”")
    assert read_page("<p>no end").text == "no end"


@pytest.mark.parametrize(
    ("markup", "moment"),
    [
        ('<time datetime="2031-03-02T18:00:00Z">today</time>', datetime(2031, 3, 2, 18, tzinfo=UTC)),
        ('<meta itemprop="datePublished" content="2031-03-02">', datetime(2031, 3, 2, tzinfo=UTC)),
        ('<meta name="date" content="yesterday">', None),
        ("<p>2031</p>", None),
    ],
)
def test_a_date_is_taken_where_it_can_be_read(markup: str, moment: datetime | None) -> None:
    assert read_page(markup).published == moment


@pytest.mark.parametrize(
    "markup", ["<nav>" * 200_000, "<article>" * 200_000, "<" * 1_000_000, "<p " * 300_000, "&#x110000;\0<title>"]
)
def test_hostile_pages_are_read_in_bounded_time(markup: str) -> None:
    started = time.monotonic()
    read_page(markup)
    assert time.monotonic() - started < 20


def test_plain_text_is_no_page() -> None:
    assert not looks_like_a_page("5 < 6 and <nobody> said so.")
    assert looks_like_a_page("\n<!DOCTYPE HTML>")
