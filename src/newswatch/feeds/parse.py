"""What a body holds: whichever reader is right for it, and what it reads checked and cleaned. Pure.

```
body | JSON Feed? | plain? fast reader | refuse bombs | sitemap? | else feedparser | clean, believe, make distinct
```

feedparser is the reference: what the fast reader gives is what feedparser would.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from urllib.parse import urljoin, urlsplit

from newswatch.errors import ParseError
from newswatch.feeds import bombs, fast, google, jsonfeed, reference, sitemap, whatitis
from newswatch.feeds.dates import believed
from newswatch.feeds.raw import RawEntry, RawFeed
from newswatch.feeds.text import one_line, plain
from newswatch.model import Entry, ParsedFeed

# An address that needs no mending: urljoin and urlsplit, which take most of the time for a link, would not change it.
_CLEAN_LINK = re.compile(
    r"https?://[a-z0-9.-]+(?::\d{1,5})?/[A-Za-z0-9/_.~%+=&-]*(?:\?[A-Za-z0-9/_.~%+=&-]+)?\Z", re.ASCII
)


def parse(
    body: bytes, *, feed_id: str, url: str, content_type: str, now: datetime, fast_path: bool = True
) -> ParsedFeed:
    """Read a feed as found in the wild: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed, news sitemap or its index.

    Args:
        body: decoded bytes.
        feed_id: goes into the entries.
        url: where it came from; relative links are resolved against it.
        content_type: the header, for the charset; what it says of the format is not believed.
        now: dates much later are not believed.
        fast_path: try the fast reader first; without it, the reference is always asked.

    Raises:
        ParseError: there is no feed in it, or nothing safe to read; the text says what it looks like instead.
    """
    body = bombs.unzipped(body, url)
    raw = _read(body, content_type, url, fast_path=fast_path)
    if raw is None:
        raise ParseError(whatitis.in_words(body, url))
    warnings = list(raw.warnings)
    language = one_line(raw.language).lower()
    search = google.is_query_feed(url)
    entries = (_entry(item, feed_id, url, language, now, warnings.append, search=search) for item in raw.entries)
    return ParsedFeed(
        title=_line(raw.title),
        language=language,
        link=_absolute(raw.link, url),
        entries=tuple(_distinct(entries, warnings.append)),
        warnings=tuple(dict.fromkeys(warnings)),
        children=raw.children,
    )


def _read(body: bytes, content_type: str, url: str, *, fast_path: bool) -> RawFeed | None:
    if jsonfeed.looks_like_json(body):
        return jsonfeed.read(body, url=url)
    if fast_path and (found := fast.read(body, content_type=content_type)):
        return found
    bombs.refuse(body, url)
    if sitemap.looks_like_a_sitemap(body):
        return sitemap.read(body, url=url)
    return reference.read(body, content_type=content_type, url=url)


def _entry(
    item: RawEntry,
    feed_id: str,
    url: str,
    language: str,
    now: datetime,
    warn: Callable[[str], None],
    *,
    search: bool,
) -> Entry:
    title = _line(item.title)
    summary = _fullest(item.texts)
    link = google.publisher_link(_absolute(item.link, item.base or url))
    if not (title or summary or link):
        warn("an entry has neither title nor text nor link")
    published, doubt = believed(item.published, now)
    updated, other_doubt = believed(item.updated, now)
    for one in (doubt, other_doubt):
        if one:
            warn(one)
    source = google.site_name(_line(item.source), item.source_link)
    if search:
        title = google.without_publisher(title, source)
    fingerprint = blake2b(f"{title}\n{summary}".encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return Entry(
        feed_id=feed_id,
        entry_id=one_line(item.entry_id) or link or fingerprint,
        link=link,
        title=title or summary.split("\n\n")[0][:120] or link,
        summary=summary,
        published=published or updated,
        updated=updated,
        language=one_line(item.language or language).lower(),
        author=_line(item.author),
        fingerprint=fingerprint,
        source=source,
    )


def _line(markup: str) -> str:
    """One line of plain text."""
    return one_line(plain(markup)) if markup else ""


def _fullest(texts: tuple[str, ...]) -> str:
    """The longest of summary and contents, as plain text."""
    return max((plain(text) for text in dict.fromkeys(texts) if text), key=len, default="")


def _absolute(link: str, base: str) -> str:
    """An absolute http(s) URL, or nothing."""
    if _CLEAN_LINK.match(link):
        return link
    try:
        absolute = urljoin(base, one_line(link))
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    return absolute if link and parts.scheme in {"http", "https"} and parts.hostname else ""


def _distinct(entries: Iterable[Entry], warn: Callable[[str], None]) -> list[Entry]:
    """Each id once: a repeat with the same text is dropped, with another text it gets an id of its own."""
    found: dict[str, Entry] = {}
    for entry in entries:
        first = found.get(entry.entry_id)
        if first is not None and first.fingerprint != entry.fingerprint:
            warn(f"the id {entry.entry_id[:60]!r} stands for several entries")
            own = entry.link if entry.link and entry.link not in found else entry.fingerprint
            found.setdefault(f"{entry.entry_id}#{own}", replace(entry, entry_id=f"{entry.entry_id}#{own}"))
        elif first is None:
            found[entry.entry_id] = entry
    return list(found.values())
