"""OPML 1.0 and 2.0, as feed readers write it and as they read it. Pure.

Read with the standard library's reader of markup: it knows no DTD and no entities but HTML's, opens no file, builds no
tree, and reads on where a title holds a bare ``&``. Specification: http://opml.org/spec2.opml
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html.parser import HTMLParser
from xml.sax.saxutils import quoteattr

from newswatch.errors import NewswatchError
from newswatch.feeds.text import finish, one_line

MAX_BYTES = 20_000_000
MAX_OUTLINES = 100_000
MAX_DEPTH = 20
"""Folders in folders that make a category."""
NAMESPACE = "urn:newswatch:opml"
_ADDRESSES = ("xmlurl", "feedurl", "xml_url", "rssurl")
_DECLARED = re.compile(rb"<\?xml[^<>]{0,200}?encoding\s*=\s*['\"]([A-Za-z][\w.:-]{1,30})['\"]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed as an OPML file has it.

    Attributes:
        url: as written there (``xmlUrl``), without surrounding white space.
        title: one line, or empty.
        site: address of its web page (``htmlUrl``), or empty.
        language: as stated, lower case, or empty.
        categories: of its ``category`` and of the folders it stands in: ``news/asia``.
        id, interval: newswatch's own, where newswatch wrote the file.
        line: where it stands, from 1.
    """

    url: str
    title: str = ""
    site: str = ""
    language: str = ""
    categories: tuple[str, ...] = ()
    id: str = ""
    interval: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Outlines:
    """What an OPML file holds: its feeds in order, each place once, and what was odd but survived, in words."""

    feeds: tuple[Subscription, ...]
    doubts: tuple[str, ...] = ()


def read_opml(body: bytes, name: str) -> Outlines:
    """Read a list of subscriptions.

    Args:
        body: the file.
        name: of the file, for errors.

    Raises:
        NewswatchError: it is no OPML; says what it looks like instead.
    """
    if len(body) > MAX_BYTES:
        raise NewswatchError(f"{name} has {len(body) / 1e6:.0f} MB; no list of feeds is longer than 20 MB")
    text, doubts = _decoded(body)
    reader = _Reader()
    reader.feed(text)
    finish(reader)
    if not reader.is_opml:
        raise NewswatchError(f"{name} is not OPML{_instead(text)}; export the subscriptions of your reader as OPML")
    if reader.too_many:
        doubts.append(f"only the first {MAX_OUTLINES:,} outlines were read")
    return Outlines(tuple(reader.feeds), tuple(doubts))


def write_opml(feeds: Iterable[Subscription], *, title: str, now: datetime) -> str:
    """The feeds as OPML 2.0.

    Args:
        feeds: in this order.
        title: of the list.
        now: when it is written.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:newswatch="{NAMESPACE}">',
        "  <head>",
        f"    <title>{quoteattr(_clean(title))[1:-1]}</title>",
        f"    <dateCreated>{format_datetime(now, usegmt=True)}</dateCreated>",
        "  </head>",
        "  <body>",
        *(f"    {_outline(feed)}" for feed in feeds),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _outline(feed: Subscription) -> str:
    title = _clean(feed.title) or feed.id or feed.url
    given = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": feed.url,
        "htmlUrl": feed.site,
        "language": feed.language,
        # The specification's form: slashes part folders, commas part categories.
        "category": ",".join(f"/{category}" for category in feed.categories),
        "newswatch:id": feed.id,
        "newswatch:interval": feed.interval,
    }
    attributes = " ".join(f"{key}={quoteattr(_clean(value))}" for key, value in given.items() if value)
    return f"<outline {attributes}/>"


def _clean(text: str) -> str:
    """Without the characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)


def _decoded(body: bytes) -> tuple[str, list[str]]:
    """The text, and what its encoding was if it was not what it says."""
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if body.startswith(mark):
            return body.removeprefix(mark).decode(codec, "replace"), []
    declared = _DECLARED.search(body[:1000])
    said = declared[1].decode("ascii").lower() if declared else "utf-8"
    for codec in dict.fromkeys((said, "utf-8")):
        try:
            return body.decode(codec), [] if codec == said else [f"it says that it is {said}, and is {codec}"]
        except (LookupError, ValueError):
            continue
    return body.decode("cp1252", "replace"), [f"it is not {said}, as it says; read as windows-1252"]


def _instead(text: str) -> str:
    start = text[:2000].lstrip().lower()
    if not start:
        return " (it is empty)"
    if "<rss" in start or "<feed" in start or "<rdf" in start:
        return " (it is a feed itself: `newswatch feeds add` takes its address)"
    if "<html" in start or "<!doctype html" in start:
        return " (it is a web page)"
    return " (it is JSON)" if start[0] in "[{" else ""


class _Reader(HTMLParser):
    """Collects outlines with an address; folders by the titles of outlines that have none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.is_opml = self.too_many = False
        self.feeds: list[Subscription] = []
        self._folders: list[str] = []
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs, opens=True)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._start(tag, attrs, opens=False)

    def handle_endtag(self, tag: str) -> None:
        if tag == "outline" and self._folders:
            self._folders.pop()

    def _start(self, tag: str, attrs: list[tuple[str, str | None]], *, opens: bool) -> None:
        if tag == "opml":
            self.is_opml = True
        if tag != "outline" or not self.is_opml:
            return
        self._count += 1
        self.too_many = self._count > MAX_OUTLINES
        if self.too_many:
            return
        given = {name: (value or "").strip() for name, value in reversed(attrs)}
        # Miniflux and others give both; an editor's text may be a placeholder.
        title = one_line(given.get("title") or given.get("text", ""))[:500]
        url = next((given[name] for name in _ADDRESSES if given.get(name)), "")
        if not url and given.get("type", "").lower() in {"rss", "atom"}:
            url = given.get("url", "")
        if url:
            self._feed(url, title, given)
        if opens:
            self._folders.append("" if url else title)

    def _feed(self, url: str, title: str, given: dict[str, str]) -> None:
        folder = "/".join(name for name in self._folders[:MAX_DEPTH] if name)
        own = (one_line(part).strip("/ ") for part in given.get("category", "").split(","))
        language = given.get("language", "").lower()
        self.feeds.append(
            Subscription(
                url=url,
                title="" if title == url else title,
                site=given.get("htmlurl", ""),
                language="" if language == "unknown" else language,
                categories=tuple(dict.fromkeys(name for name in (*own, folder) if name)),
                id=given.get("newswatch:id", ""),
                interval=given.get("newswatch:interval", ""),
                line=self.getpos()[0],
            )
        )
