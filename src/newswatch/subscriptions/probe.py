"""One address, asked now: the feed that it holds, or the feeds that its page links to. Nothing is remembered."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from newswatch.config.access import Access
from newswatch.errors import FetchError, NewswatchError, ParseError
from newswatch.feeds.discover import Candidate, candidates
from newswatch.feeds.fetch import PLAINLY, Fetcher
from newswatch.feeds.parse import parse
from newswatch.model import Fetched, ParsedFeed

MOST = 20
"""Candidates of one page that are asked."""
_BEFORE_ROOT = re.compile(rb"(?:\s+|<\?[^>]{0,500}\?>|<!--.{0,2000}?-->|<!DOCTYPE[^>\[]{0,500}>)*", re.DOTALL)
_RSS = re.compile(rb"<rss\b[^>]{0,2000}?version\s*=\s*['\"]([0-9.]{1,6})", re.IGNORECASE)
_JSON = re.compile(rb"jsonfeed\.org/version/([0-9.]{1,5})")
_ROOTS = (
    (b"<rss", "RSS"),
    (b"<rdf:rdf", "RSS 1.0 (RDF)"),
    (b"<feed", "Atom 1.0"),
    (b"<urlset", "news sitemap"),
    (b"<sitemapindex", "sitemap index"),
)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address gave.

    Attributes:
        url: what was asked.
        fetched: the answer, or None where there was none.
        feed: the feed in it, or None.
        page: the addresses that it may mean, where a page came in place of a feed.
        error: why there is no feed, or None.
    """

    url: str
    fetched: Fetched | None = None
    feed: ParsedFeed | None = None
    page: tuple[Candidate, ...] = ()
    error: NewswatchError | None = None

    @property
    def address(self) -> str:
        """Where the feed is to be asked: what was asked, or where it has moved for good."""
        return (self.fetched.moved_to if self.fetched else "") or self.url

    @property
    def format(self) -> str:
        """``RSS 2.0``, ``Atom 1.0`` …, by the first element; empty without a feed."""
        return form(self.fetched.body or b"") if self.feed and self.fetched else ""

    @property
    def newest(self) -> datetime | None:
        """The latest date of an entry, or None where none is dated."""
        dates = (entry.published or entry.updated for entry in (self.feed.entries if self.feed else ()))
        return max((date for date in dates if date is not None), default=None)

    @property
    def language(self) -> str:
        """As feed or entries state it, without its region: ``en``; or empty."""
        if self.feed is None:
            return ""
        stated = Counter(entry.language for entry in self.feed.entries if entry.language)
        match = _LANGUAGE.fullmatch(self.feed.language or next((name for name, _ in stated.most_common(1)), ""))
        return match[1] if match else ""


async def ask(fetcher: Fetcher, url: str, now: datetime, *, access: Access = PLAINLY) -> Answer:
    """Ask an address, with all guards of polling. What goes wrong is in the answer."""
    try:
        fetched = await fetcher.fetch(feed_id=url, url=url, access=access, now=now)
    except FetchError as error:
        return Answer(url, error=error)
    body = fetched.body or b""
    try:
        feed = await asyncio.to_thread(
            parse, body, feed_id=url, url=fetched.url, content_type=fetched.content_type, now=now
        )
    except ParseError as error:
        page = await asyncio.to_thread(candidates, body, fetched.url) if _is_page(body) else ()
        return Answer(url, fetched, page=page, error=error)
    return Answer(url, fetched, feed)


async def ask_all(
    fetcher: Fetcher, found: Sequence[Candidate], now: datetime, *, access: Access = PLAINLY
) -> tuple[Answer, ...]:
    """Ask what a page links to, all at once, as many at a time as polling allows."""
    return tuple(await asyncio.gather(*(ask(fetcher, one.url, now, access=access) for one in found[:MOST])))


def form(body: bytes) -> str:
    """Which format a body is in, by its first element."""
    start = body[:8192].removeprefix(b"\xef\xbb\xbf")
    before = _BEFORE_ROOT.match(start)
    start = start[before.end() :] if before else start
    if start.startswith((b"{", b"[")):
        version = _JSON.search(start)
        return f"JSON Feed {version[1].decode()}" if version else "JSON Feed"
    name = next((name for root, name in _ROOTS if start.lower().startswith(root)), "")
    if name == "RSS":
        version = _RSS.match(start)
        return f"RSS {version[1].decode()}" if version else name
    if name == "Atom 1.0" and b"purl.org/atom/ns#" in start[:1000]:
        return "Atom 0.3"
    return name or "a feed"


def server(url: str) -> str:
    """Name and port of a server, as they stand in an address: the key of what is remembered of it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _is_page(body: bytes) -> bool:
    start = body[:8192].lower()
    return b"<html" in start or b"<!doctype html" in start or b"<head" in start or b"<body" in start
