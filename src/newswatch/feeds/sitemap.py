"""News sitemaps (sitemaps.org with Google's news extension) and sitemap indexes. Pure.

Expat reads them, with a document type refused before it is read: no entities, no tree, time in proportion to the body.

A sitemap without the news extension lists pages, with nothing that says which of them is news or what it says: it is
no feed, and said to be none. An index names sitemaps; their addresses are given back, newest first, to be fetched.
"""

from __future__ import annotations

import html
from contextlib import suppress
from datetime import UTC, datetime
from xml.parsers import expat

from newswatch.errors import ParseError
from newswatch.feeds.dates import read as read_date
from newswatch.feeds.raw import RawEntry, RawFeed

MAX_CHILDREN = 5
"""Sitemaps of an index that are read; news is in the newest, and Google allows 1000 addresses in each."""
MAX_ENTRIES = 5_000
_START = 16_384
_NEVER = datetime.min.replace(tzinfo=UTC)
_FIELDS = frozenset(
    ("loc", "lastmod", "news title", "news publication_date", "news language", "news name", "news keywords")
)  # fmt: skip


def looks_like_a_sitemap(body: bytes) -> bool:
    """Whether the first element is a sitemap's or an index's."""
    start = body[:_START]
    flat = start.replace(b"\x00", b"")
    if b"urlset" not in flat and b"sitemapindex" not in flat:
        return False
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    # A piece, which may end in the middle of anything: what is wrong after the first element does not matter here.
    with suppress(expat.ExpatError):
        parser.Parse(start, False)
    return bool(names) and names[0].rpartition(" ")[2] in {"urlset", "sitemapindex"}


def read(body: bytes, *, url: str) -> RawFeed:
    """The entries of a news sitemap, or the addresses that an index names.

    What is well-formed up to a fault is kept, with a warning.

    Raises:
        ParseError: a sitemap without news, an index without sitemaps, or nothing readable.
    """
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.refuse
    warnings = []
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        warnings.append(f"not well-formed, line {error.lineno}: {expat.ErrorString(error.code)}")
    except _DocumentType:
        raise ParseError(f"{url} is a sitemap with a document type, which none has; refused") from None
    if reader.index:
        return RawFeed(children=_children(reader.found, url), warnings=tuple(warnings))
    news = [one for one in reader.found if any(key.startswith("news ") for key in one) and one.get("loc")]
    if reader.found and not news:
        raise ParseError(
            f"{url} is a sitemap without news (no <news:news> in it): a list of pages, not a feed; look for the site's "
            "news sitemap or feed"
        )
    if len(news) > MAX_ENTRIES:
        warnings.append(f"more than {MAX_ENTRIES} entries; the first {MAX_ENTRIES} are read")
    names = {one.get("news name", "") for one in news} - {""}
    languages = {one.get("news language", "") for one in news} - {""}
    return RawFeed(
        title=html.escape(names.pop()) if len(names) == 1 else "",
        language=languages.pop() if len(languages) == 1 else "",
        entries=tuple(map(_entry, news[:MAX_ENTRIES])),
        warnings=tuple(warnings),
    )


def _entry(one: dict[str, str]) -> RawEntry:
    return RawEntry(
        entry_id=one["loc"],
        link=one["loc"],
        title=html.escape(one.get("news title", ""), quote=False),
        published=one.get("news publication_date", "") or one.get("lastmod", ""),
        updated=one.get("lastmod", ""),
        language=one.get("news language", ""),
    )


def _children(found: list[dict[str, str]], url: str) -> tuple[str, ...]:
    """Newest first by their dates; of those without, in the index's order, the ones that call themselves news first."""
    each = {one["loc"]: read_date(one.get("lastmod", "")) or _NEVER for one in found if one.get("loc")}
    if not each:
        raise ParseError(f"{url} is a sitemap index that names no sitemap")
    order = sorted(each, key=lambda loc: (each[loc], "news" in loc.lower()), reverse=True)
    return tuple(loc for loc in order if loc.startswith(("http://", "https://")) and loc != url)[:MAX_CHILDREN]


class _DocumentType(Exception):  # noqa: N818 - how expat's handler stops the reading
    """A document type was seen."""


class _Reader:
    """Collects the fields of each <url> or <sitemap>."""

    def __init__(self) -> None:
        self.index = False
        self.found: list[dict[str, str]] = []
        self._depth = 0
        self._open = ""
        self._pieces: list[str] = []

    def refuse(self, *_: object) -> None:
        raise _DocumentType

    def start(self, name: str, _: dict[str, str]) -> None:
        self._depth += 1
        name = _short(name)
        if self._depth == 1:
            self.index = name == "sitemapindex"
        elif self._depth == 2 and name in {"url", "sitemap"}:
            self.found.append({})
        self._open = name if name in _FIELDS and self.found else ""
        self._pieces = []
        # The extension without a title is still the extension.
        if name == "news news" and self.found:
            self.found[-1].setdefault("news ", "")

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._open and self._open == _short(name):
            self.found[-1].setdefault(self._open, "".join(self._pieces).strip())
        self._open = ""

    def data(self, text: str) -> None:
        if self._open:
            self._pieces.append(text)


def _short(name: str) -> str:
    """`news title` for the extension's elements whatever their prefix, the bare name for a sitemap's own."""
    uri, _, local = name.rpartition(" ")
    if "schemas/sitemap-news" in uri:
        return f"news {local}"
    return local if not uri or ("sitemap" in uri and "schemas/sitemap-" not in uri) else f"? {local}"
