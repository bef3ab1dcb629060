"""The reference reader: feedparser, which reads what nobody else does. Slow, so the fast path is tried first."""

from __future__ import annotations

import re
from typing import Any

import feedparser

from newswatch.errors import ParseError
from newswatch.feeds.raw import RawEntry, RawFeed
from newswatch.feeds.text import one_line

_DECLARATION = re.compile(rb"\s*<\?xml\b(?:[^<>]*?encoding\s*=\s*['\"]([A-Za-z][\w.-]*)['\"])?[^<>]*>")
_SURROGATES = re.compile(rb"(?:&#(?:[xX][dD][89a-fA-F][0-9a-fA-F]{2}|5[5-7][0-9]{3});)+")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")


def read(body: bytes, *, content_type: str, url: str) -> RawFeed | None:
    """What feedparser finds; None where it finds no feed.

    Where its strict reader falls over damaged elements, what its loose one finds.

    Raises:
        ParseError: neither of its readers survives the body.
    """
    found = _survived(body, content_type or "application/xml", url)
    items = found.get("entries", [])
    if not found.get("version") and not items:
        return None
    feed = found.feed
    return RawFeed(
        title=feed.get("title") or "",
        link=feed.get("link") or "",
        language=feed.get("language") or "",
        entries=tuple(_entry(item) for item in items),
        warnings=_oddities(found),
    )


def _entry(item: Any) -> RawEntry:
    detail, source = item.get("title_detail", {}), item.get("source", {})
    contents = (part.get("value") or "" for part in item.get("content", []))
    return RawEntry(
        entry_id=item.get("id") or "",
        link=item.get("link") or "",
        title=item.get("title") or "",
        texts=(item.get("summary") or "", *contents),
        published=item.get("published") or "",
        # feedparser's fallback from one date to another is deprecated, and ours to decide.
        updated=dict.get(item, "updated") or "",
        language=detail.get("language") or "",
        author=item.get("author") or "",
        base=detail.get("base") or "",
        source=source.get("title") or "",
        source_link=source.get("href") or "",
    )


def _survived(body: bytes, content_type: str, url: str) -> Any:
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


def _oddities(found: Any) -> tuple[str, ...]:
    if not found.get("bozo"):
        return ()
    error = found.get("bozo_exception")
    line = getattr(error, "getLineNumber", lambda: None)()
    what = one_line(str(error))[:120]
    if isinstance(error, feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType):
        return ()
    return (f"not well-formed, line {line}: {what}" if line else f"not well-formed: {what}",)
