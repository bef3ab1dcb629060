"""The feeds that a web page names, or may have. Pure, and linear in the page however it nests.

First what the page itself declares (``<link rel="alternate">``, as the HTML standard says), then links that look like
feeds, and where there is neither, the paths at which sites of its kind keep theirs. Nothing is asked here: whether an
address holds a feed is only known once it is fetched and read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from newswatch.feeds.text import finish, one_line

MAX_PAGE = 1_000_000
"""Bytes of a page that are looked at."""
MAX_CANDIDATES = 50
_TITLE = 200
_LONGEST = 2_000
_KINDS = {
    "application/rss+xml": "rss",
    "application/x-rss+xml": "rss",
    "application/rdf+xml": "rss",
    "text/rss+xml": "rss",
    "text/rss": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}
# Types that say less: their address must look like a feed as well (WordPress names its API as application/json).
_LOOSE = {"application/json": "json", "application/xml": "rss", "text/xml": "rss"}
_GUESSES = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json", "/news-sitemap.xml")
_LOOKS_LIKE_A_FEED = re.compile(
    r"""\.(?:rss|rdf|atom)\Z | /(?:feeds?|rss2?|atom|rdf)/?\Z | /(?:feed|rss|atom)/[\w./-]{0,80}\Z
      | (?:feed|rss|atom|index|news)[\w-]{0,40}\.(?:xml|json)\Z | /feeds/[\w./-]{1,80}\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_QUERY = re.compile(
    r"(?:\A|&)(?:feed|format|output|type|alt|mode|view|_format)=(?:rss\d?|rdf|atom|feed|rss2\.0)\b", re.IGNORECASE
)
# Services that offer to subscribe to somebody's feed are no feed of the page.
_READERS = frozenset(
    ("feedly.com", "inoreader.com", "netvibes.com", "newsblur.com", "theoldreader.com",
     "my.yahoo.com", "add.my.yahoo.com")
)  # fmt: skip
_PAGES = re.compile(r"\.(?:html?|php|aspx?|png|jpe?g|gif|svg|css|js|pdf|mp3)\Z", re.IGNORECASE)
_CHARSET = re.compile(rb"<meta\b[^<>]{0,200}charset\s*=\s*['\"]?([A-Za-z][\w.:-]{1,30})", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?\b|комментари", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address at which a feed may be.

    Attributes:
        url: absolute, http or https.
        title: as the page calls it, one line, or empty.
        kind: ``rss``, ``atom`` or ``json`` where the page declares a feed of that kind; ``link`` for a link that
            looks like one; ``guess`` for a path that is common.
    """

    url: str
    title: str
    kind: str


def candidates(body: bytes, url: str) -> tuple[Candidate, ...]:
    """The feeds that a page names, the likeliest first, each address once, `MAX_CANDIDATES` at most.

    Declared feeds come first, those of comments after the others, then links that look like feeds. Only a page that
    names none is answered with guesses, so that nobody asks a site for what it does not have.

    Args:
        body: the page, decoded from its content coding.
        url: where it came from; relative addresses are resolved against it, or against the page's ``<base>``.
    """
    page = _Page(url)
    page.feed(_text(body[:MAX_PAGE]))
    finish(page)
    page.done()
    found = sorted(page.declared, key=lambda one: bool(_COMMENTS.search(one.title or one.url))) + page.links
    each = {one.url: one for one in reversed(found) if one.url != url}
    return tuple(reversed(each.values()))[:MAX_CANDIDATES] or _guesses(url)


def declared(body: bytes, url: str) -> tuple[Candidate, ...]:
    """Those of `candidates` that stand on the page: no guesses."""
    return tuple(one for one in candidates(body, url) if one.kind != "guess")


def _guesses(url: str) -> tuple[Candidate, ...]:
    found = (_absolute(url, path) for path in _GUESSES)
    return tuple(Candidate(one, "", "guess") for one in found if one and one != url)


def _text(body: bytes) -> str:
    match = _CHARSET.search(body[:4096])
    try:
        return body.decode(match[1].decode("ascii") if match else "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _absolute(base: str, link: str) -> str:
    """An absolute http(s) address without its fragment, or nothing."""
    link = one_line(link[:_LONGEST])
    if link.lower().startswith("feed:"):
        link = link[5:] if link[5:].lower().startswith("http") else f"http:{link[5:]}"
    try:
        parts = urlsplit(urljoin(base, link))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return parts._replace(fragment="").geturl()


def _looks_like_a_feed(url: str) -> bool:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if host in _READERS or _PAGES.search(parts.path):
        return bool(_QUERY.search(parts.query)) and host not in _READERS
    return bool(
        _LOOKS_LIKE_A_FEED.search(parts.path) or _QUERY.search(parts.query) or host.startswith(("feeds.", "rss."))
    )


class _Page(HTMLParser):
    """Collects declared feeds and links that look like feeds; builds no tree."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.declared: list[Candidate] = []
        self.links: list[Candidate] = []
        self._base = url
        self._link = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"a", "link", "base"}:
            return
        given = {name: value or "" for name, value in reversed(attrs)}
        if tag == "base" and given.get("href"):
            self._base = _absolute(self._base, given["href"]) or self._base
        elif tag == "link":
            self._declare(given)
        elif tag == "a":
            self.done()
            self._anchor(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.done()

    def handle_data(self, data: str) -> None:
        if self._link and len(self._words) < _TITLE:
            self._words.append(data[:_TITLE])

    def done(self) -> None:
        """The link that was open, with its words."""
        if self._link:
            self.links.append(Candidate(self._link, one_line(" ".join(self._words))[:_TITLE], "link"))
        self._link, self._words = "", []

    def _declare(self, given: dict[str, str]) -> None:
        relations = set(given.get("rel", "").lower().split())
        if len(self.declared) >= MAX_CANDIDATES or not relations & {"alternate", "feed"} or "stylesheet" in relations:
            return
        address = _absolute(self._base, given["href"]) if given.get("href") else ""
        mime = given.get("type", "").split(";")[0].strip().lower()
        kind = _KINDS.get(mime, "")
        if address and not kind and (mime in _LOOSE or "feed" in relations) and _looks_like_a_feed(address):
            kind = _LOOSE.get(mime, "rss")
        if address and kind:
            self.declared.append(Candidate(address, one_line(given.get("title", ""))[:_TITLE], kind))

    def _anchor(self, given: dict[str, str]) -> None:
        kind = _KINDS.get(given.get("type", "").strip().lower())
        if len(self.links) >= MAX_CANDIDATES or not given.get("href"):
            return
        address = _absolute(self._base, given["href"])
        if address and (kind or _looks_like_a_feed(address)):
            self._link = address
            self._words = [given["title"][:_TITLE]] if given.get("title") else []
