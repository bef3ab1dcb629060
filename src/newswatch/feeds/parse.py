"""What a body holds: feedparser reads it, and what it reads is checked and cleaned. Pure.

`parse` is the seam for a faster reader: whatever reads a body must give what this gives, for which feedparser is the
reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from newswatch.errors import ParseError
from newswatch.feeds.dates import believed
from newswatch.feeds.text import one_line, plain
from newswatch.model import Entry, ParsedFeed

_LINK_ALTERNATE = re.compile(
    # Bounded by the next tag: a page of "<link " again and again must not take a second.
    rb"<link\b(?=[^<>]*rel\s*=\s*['\"]?alternate)(?=[^<>]*type\s*=\s*['\"]?application/(?:rss|atom)\+xml)[^<>]*>",
    re.IGNORECASE,
)
_DECLARATION = re.compile(rb"\s*<\?xml\b(?:[^<>]*?encoding\s*=\s*['\"]([A-Za-z][\w.-]*)['\"])?[^<>]*>")
_SURROGATES = re.compile(rb"(?:&#(?:[xX][dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7][0-9]{3});)+")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_HREF = re.compile(rb"href\s*=\s*['\"]?([^'\"\s>]+)", re.IGNORECASE)
_CHALLENGES = (b"cf-challenge", b"captcha", b"are you a robot", b"enable javascript", b"ddos-guard", b"just a moment")


def parse(body: bytes, *, feed_id: str, url: str, content_type: str, now: datetime) -> ParsedFeed:
    """Read a feed: RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, as found in the wild.

    Args:
        body: decoded bytes.
        feed_id: goes into the entries.
        url: where it came from; relative links are resolved against it.
        content_type: the header, for the charset.
        now: dates much later are not believed.

    Raises:
        ParseError: there is no feed in it; the text says what it looks like instead.
    """
    found = _read(body, content_type or "application/xml", url)
    raw = found.get("entries", [])
    if not found.get("version") and not raw:
        raise ParseError(_what_it_is(body, url))
    warnings: list[str] = _oddities(found)
    language = one_line(found.feed.get("language", "")).lower()
    entries = _distinct((_entry(item, feed_id, url, language, now, warnings.append) for item in raw), warnings.append)
    return ParsedFeed(
        title=one_line(plain(found.feed.get("title", ""))),
        language=language,
        link=_absolute(found.feed.get("link", ""), url),
        entries=tuple(entries),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _read(body: bytes, content_type: str, url: str) -> Any:
    """What feedparser finds; where its strict reader falls over damaged elements, what its loose one finds."""
    try:
        return _feedparser(body, content_type, url)
    except Exception:  # noqa: BLE001 - it has faults of many kinds; the second reading says what it was
        declared = _DECLARATION.match(body)
        if declared and declared[1]:
            content_type = f"application/xml; charset={declared[1].decode('ascii')}"
        # Nothing well-formed begins so, which sends it to the loose reader at once.
        loose = b"&loose; " + _SURROGATES.sub(_whole, body[declared.end() :] if declared else body)
    try:
        return _feedparser(loose, content_type, url)
    except Exception as error:
        what = f"{type(error).__name__}: {one_line(str(error))[:120]}"
        raise ParseError(f"{url} is too damaged to be read ({what}); ask its owner to mend it") from error


def _whole(pieces: re.Match[bytes]) -> bytes:
    """Halves of characters outside of the basic plane, as JavaScript counts them, put together; a lone half is lost."""
    units = (int(x, 16) if x else int(d) for x, d in _REFERENCE.findall(pieces[0]))
    text = b"".join(unit.to_bytes(2) for unit in units).decode("utf-16-be", "replace")
    return "".join(f"&#{ord(character)};" for character in text).encode()


def _feedparser(body: bytes, content_type: str, url: str) -> Any:
    return feedparser.parse(
        body,
        response_headers={"content-type": content_type, "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _what_it_is(body: bytes, url: str) -> str:
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return f"{url} sent nothing (an empty body)"
    if start.startswith((b"{", b"[")):
        return f"{url} sent JSON; JSON Feed is not read yet"
    if b"<html" in start or b"<!doctype html" in start:
        if any(sign in body[:65536].lower() for sign in _CHALLENGES):
            return (
                f"{url} sent a page that wants a person (a challenge), not a feed; ask its owner to let feeds through"
            )
        links = [_HREF.search(tag) for tag in _LINK_ALTERNATE.findall(body[:65536])]
        feeds = [urljoin(url, link[1].decode("utf-8", "replace")) for link in links if link]
        if feeds:
            return f"{url} is a web page, not a feed; it names {', '.join(feeds[:3])}"
        return f"{url} is a web page, not a feed; look for a feed's address on it"
    return f"{url} sent something that is no feed (it begins with {start[:30].decode('utf-8', 'replace')!r})"


def _oddities(found: Any) -> list[str]:
    if not found.get("bozo"):
        return []
    error = found.get("bozo_exception")
    line = getattr(error, "getLineNumber", lambda: None)()
    what = one_line(str(error))[:120]
    if isinstance(error, feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType):
        return []
    return [f"not well-formed, line {line}: {what}" if line else f"not well-formed: {what}"]


def _entry(
    item: Any,
    feed_id: str,
    url: str,
    language: str,
    now: datetime,
    warn: Callable[[str], None],
) -> Entry:
    title = one_line(plain(item.get("title", "")))
    summary = _fullest(item)
    link = _absolute(item.get("link", ""), item.get("title_detail", {}).get("base") or url)
    if not (title or summary or link):
        warn("an entry has neither title nor text nor link")
    published, doubt = believed(item.get("published", ""), item.get("published_parsed"), now)
    updated, other_doubt = believed(_own(item, "updated") or "", _own(item, "updated_parsed"), now)
    for one in (doubt, other_doubt):
        if one:
            warn(one)
    fingerprint = blake2b(f"{title}\n{summary}".encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return Entry(
        feed_id=feed_id,
        entry_id=one_line(item.get("id", "")) or link or fingerprint,
        link=link,
        title=title or summary.split("\n\n")[0][:120] or link,
        summary=summary,
        published=published or updated,
        updated=updated,
        language=one_line(item.get("title_detail", {}).get("language") or language).lower(),
        author=one_line(plain(item.get("author", ""))),
        fingerprint=fingerprint,
        source=one_line(plain(item.get("source", {}).get("title", ""))),
    )


def _own(item: Any, key: str) -> Any:
    """What the entry itself has; feedparser's fallback from one date to another is deprecated, and ours to decide."""
    return dict.get(item, key)


def _fullest(item: Any) -> str:
    """The longest of summary and contents, as plain text."""
    texts = [item.get("summary", ""), *(part.get("value", "") for part in item.get("content", []))]
    return max((plain(text or "") for text in texts), key=len)


def _absolute(link: str, base: str) -> str:
    """An absolute http(s) URL, or nothing."""
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
