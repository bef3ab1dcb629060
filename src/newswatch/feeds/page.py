"""A web page to the article in it: title, text, who published it and when. Pure, and linear however it nests.

What stands in ``<article>`` or ``<main>`` is taken where there is enough of it; menus, forms and asides are left
out, and so is every paragraph that ends like no sentence.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser

from newswatch.feeds.text import finish, one_line

MAX_PAGE = 3_000_000
"""Characters of markup that are read; scripts make pages long."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ENOUGH = 200
_PARAGRAPH = "\x1e"
_LOOKS_LIKE_A_PAGE = re.compile(r"<(?:!doctype html|html|head|body|article|div|p)\b", re.IGNORECASE)
_ENDS_A_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»›)\]]*\Z")
_BLOCKS = frozenset(
    ("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "td", "blockquote",
     "section", "article", "main", "figure", "figcaption", "hr", "pre", "header", "time")
)  # fmt: skip
_SILENT = frozenset(
    ("script", "style", "noscript", "iframe", "template", "nav", "footer", "aside", "form", "button", "select", "svg",
     "head", "figcaption")
)  # fmt: skip
_MAIN = frozenset({"article", "main"})
_TITLES = frozenset({"title", "h1"})
_PUBLISHED = ("article:published_time", "datepublished", "pubdate", "date", "dc.date", "time")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page holds.

    Attributes:
        title: of the article, one line, or empty.
        text: its paragraphs, parted by empty lines.
        publisher: as the page calls its site, or empty.
        published: when, where the page says so in a form that can be read.
    """

    title: str
    text: str
    publisher: str = ""
    published: datetime | None = None


def decoded(body: bytes, content_type: str) -> str | None:
    """A page's text: as its byte order mark, its header or its own words say, or as UTF-8; None where none fits."""
    marked = next((codec for mark, codec in _MARKS if body.startswith(mark)), "")
    said = _CHARSET.search(content_type) or _CHARSET.search(body[:4000].decode("latin-1"))
    for codec in filter(None, (marked, said[1] if said else "", "utf-8")):
        try:
            text = body.decode(codec)
        except (LookupError, ValueError):
            continue
        if "\0" not in text:
            return text
    return None


def looks_like_a_page(text: str) -> bool:
    """Whether a text is markup of a page."""
    return bool(_LOOKS_LIKE_A_PAGE.search(text[:5000]))


def read_page(markup: str) -> Page:
    """Read a page's article."""
    reader = _Reader()
    reader.feed(markup[:MAX_PAGE])
    finish(reader)
    article, whole = (_paragraphs("".join(pieces)) for pieces in (reader.article, reader.whole))
    text = article if sum(map(len, article)) >= _ENOUGH else whole or article
    titles = (reader.meta.get("og:title", ""), "".join(reader.titles["h1"]), "".join(reader.titles["title"]))
    return Page(
        next((found for title in titles if (found := one_line(title))), ""),
        "\n\n".join(text),
        one_line(reader.meta.get("og:site_name", "")),
        next((moment for key in _PUBLISHED if (moment := _moment(reader.meta.get(key, "")))), None),
    )


def _paragraphs(text: str) -> list[str]:
    """Those that end like a sentence; all of them where none does."""
    found = [one_line(paragraph) for paragraph in text.split(_PARAGRAPH)]
    sentences = [paragraph for paragraph in found if _ENDS_A_SENTENCE.search(paragraph)]
    return sentences or [paragraph for paragraph in found if paragraph]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class _Reader(HTMLParser):
    """Collects what a reader would read, all of it and that of the article; builds no tree."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.whole: list[str] = []
        self.article: list[str] = []
        self.titles: defaultdict[str, list[str]] = defaultdict(list)
        self.meta: dict[str, str] = {}
        self._titled: set[str] = set()
        self._open: dict[str, int] = dict.fromkeys((*_SILENT, *_MAIN, *_TITLES), 0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            key = given.get("property") or given.get("name") or given.get("itemprop") or ""
            self.meta.setdefault(key.lower(), given.get("content", ""))
        elif tag == "time" and not self._inside(_SILENT):
            self.meta.setdefault("time", given.get("datetime", ""))
        if tag == "body":
            self._open["head"] = 0  # pages forget to close it
        if tag in self._open:
            self._open[tag] += 1
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            self._open[tag] = max(self._open[tag] - 1, 0)
            if tag in self.titles:
                self._titled.add(tag)
        self._part(tag)

    def handle_data(self, data: str) -> None:
        for tag in _TITLES:
            if self._open[tag] and tag not in self._titled:
                self.titles[tag].append(data)
        if not self._inside(_SILENT) and not self._inside(_TITLES):
            self._add(data.replace(_PARAGRAPH, " "))

    def _inside(self, tags: frozenset[str]) -> bool:
        return any(self._open[tag] for tag in tags)

    def _part(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._add(_PARAGRAPH)

    def _add(self, text: str) -> None:
        self.whole.append(text)
        if self._inside(_MAIN):
            self.article.append(text)
