"""A story's page to its article; pages for consent, for a person and for money are not taken for one."""

import json
import time

import pytest

from newswatch.feeds.fulltext import MAX_TEXT, FullText, read_full_text

TITLE = "Dam breaks above Velmora"
SUMMARY = "A dam broke above the town of Velmora on Saturday."
FIRST = "A dam broke above the town of Velmora on Saturday & flooded its centre, the governor's office said."
SECOND = "Three people were killed and at least twenty were hurt, and two hundred houses were under water by night."
THIRD = "The governor, who arrived on Sunday morning, promised that everybody who had lost a house would get a new one."
MENU = "<nav><ul><li><a href=/>Home</a><li><a href=/world>World</a></ul></nav>"
AROUND = '<footer><p><a href="/terms">Terms</a></p><p>All rights reserved.</p></footer>'


def page(*paragraphs: str, head: str = "", title: str = TITLE) -> str:
    body = "".join(f"<p>{paragraph.replace('&', '&amp;')}</p>" for paragraph in paragraphs)
    return (
        f"<!doctype html><html><head><title>{title} | The Wire</title>{head}</head><body>{MENU}"
        f"<article><h1>{title}</h1>{body}</article>{AROUND}</body></html>"
    )


def read(
    markup: str | bytes, *, url: str = "https://wire.example/a", kind: str = "text/html; charset=utf-8"
) -> FullText:
    body = markup.encode() if isinstance(markup, str) else markup
    return read_full_text(body, url=url, content_type=kind, title=TITLE, summary=SUMMARY)


def test_the_article_is_read_without_what_stands_around_it() -> None:
    found = read(page(FIRST, SECOND, THIRD))
    assert found.reason == ""
    for paragraph in (FIRST, SECOND, THIRD):
        assert paragraph in found.text.split("\n\n")
    assert "Terms" not in found.text
    assert "Home" not in found.text


def test_a_russian_page_in_its_old_coding_is_read() -> None:
    title, summary = "Прорвало плотину над Вельморой", "Плотину над городом Вельмора прорвало в субботу."
    text = ("Плотину над городом Вельмора прорвало в субботу вечером, сообщил губернатор. " * 3).strip()
    more = "Погибли три человека, ещё двадцать пострадали, двести домов оказались под водой, добавил он."
    markup = page(
        text, more, title=title, head='<meta http-equiv=content-type content="text/html; charset=windows-1251">'
    )
    found = read_full_text(
        markup.encode("cp1251"), url="https://wire.example/a", content_type="text/html", title=title, summary=summary
    )
    assert more in found.text


def test_a_paragraph_that_stands_twice_is_kept_once() -> None:
    assert read(page(FIRST, SECOND, THIRD, SECOND)).text.count(SECOND) == 1


def ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


@pytest.mark.parametrize(
    "head",
    [
        ld({"@type": "NewsArticle", "isAccessibleForFree": False}),
        ld([{"@type": "NewsArticle", "isAccessibleForFree": "False"}]),
        ld(
            {
                "@graph": [
                    {"@type": "WebPage"},
                    {"@type": "NewsArticle", "isAccessibleForFree": "http://schema.org/False"},
                ]
            }
        ),
        '<script type="application/ld+json">{"isAccessibleForFree": false,}</script>',
        '<meta property="article:content_tier" content="locked">',
        '<meta content="premium" name="article:content_tier"/>',
    ],
)
def test_a_page_behind_a_paywall_is_known_by_its_own_words(head: str) -> None:
    assert read(page(FIRST, SECOND, head=head)) == FullText("", "is behind a paywall")


def test_a_page_that_is_not_free_and_shows_its_article_all_the_same_is_read() -> None:
    long = [f"{THIRD[:-1]}, for the {number}th time." for number in range(20)]
    assert SECOND in read(page(FIRST, SECOND, *long, head=ld({"isAccessibleForFree": False}))).text


@pytest.mark.parametrize(
    "head",
    [
        ld({"isAccessibleForFree": True}),
        ld({"isAccessibleForFree": "true"}),
        '<meta property="article:content_tier" content="free">',
        '<script type="application/ld+json">not json</script>',
        ld("a text"),
        ld([1, None, {"@graph": 7}]),
        '<script type="application/ld+json">' + "[" * 5000 + "</script>",
    ],
)
def test_a_free_page_is_no_paywall(head: str) -> None:
    assert SECOND in read(page(FIRST, SECOND, head=head)).text


COOKIES = (
    "We and our 842 partners store and access personal data, like browsing data, on your device, and need your choice.",
    "Selecting I Accept enables tracking technologies to support the purposes shown under we and our partners process.",
    "You can withdraw this choice at any time by clicking the link at the foot of every page of this site.",
)


def test_a_page_for_consent_is_no_article() -> None:
    assert "another text" in read(page(*COOKIES, title="Before you continue")).reason
    url = "https://consent.wire.example/m?continue=a"
    assert read(page(FIRST, SECOND, THIRD), url=url).reason == "asks for consent before it shows anything"


@pytest.mark.parametrize(
    ("markup", "kind", "why"),
    [
        ("", "text/html", "is empty"),
        ("%PDF-1.7", "application/pdf", "is no web page (application/pdf)"),
        ("just words", "text/html", "is no web page"),
        ("<html><body><div id=app></div></body></html>", "text/html", "holds no article (it may need JavaScript)"),
        ("<html><body><div id=cf-challenge></div></body></html>", "text/html", "wants a person (a challenge)"),
        (page("A dam broke above Velmora."), "text/html", "holds no more than the feed"),
    ],
)
def test_what_is_no_article_is_said(markup: str, kind: str, why: str) -> None:
    found = read(markup, kind=kind)
    assert found.text == ""
    assert found.reason.startswith(why)


def test_a_page_without_end_is_cut_at_a_paragraph() -> None:
    found = read(page(FIRST, *(f"{SECOND[:-1]}, says report number {number}." for number in range(2000))))
    assert MAX_TEXT * 0.9 < len(found.text) <= MAX_TEXT
    assert found.text.endswith(".")


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 50_000 + FIRST,
        "<p " * 50_000,
        "<a href='" * 50_000,
        page(FIRST) + "<script type='application/ld+json'>" * 2_000,
        "<table><tr><td>" * 20_000 + FIRST,
        "\x00" * 10_000 + page(FIRST, SECOND),
        page(FIRST, SECOND, "&#xD800;&#x110000;\ufffe" * 100),
    ],
)
def test_hostile_markup_ends_soon(markup: str) -> None:
    started = time.process_time()
    read(markup)
    assert time.process_time() - started < 5
