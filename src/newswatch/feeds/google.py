"""Links of news search and alerts that lead through somebody else: to the publisher, where they say who it is. Pure.

A Google News link (`/rss/articles/CBMi…`) is a protocol buffer in base64: a field 4 with the publisher's address in the
older form, with an opaque token in the newer one. Only the older is resolved; the newer needs a request to Google, and
stays as it is. Google Alerts and Bing News carry the address in their query.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qs, urlsplit

_ARTICLE = re.compile(r"/(?:rss/)?(?:articles|read)/([\w-]{8,3000})={0,2}\Z")
_LONGEST = 2_000
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"]+\Z")
# Hosts that carry others' addresses: where, and under which name.
_CARRIERS = {
    "www.google.com": ("/url", ("url", "q")),
    "google.com": ("/url", ("url", "q")),
    "www.bing.com": ("/news/apiclick.aspx", ("url",)),
    "bing.com": ("/news/apiclick.aspx", ("url",)),
    "news.google.com": ("/news/url", ("url",)),
}
_DASHES = (" - ", " – ", " — ", " | ")


def publisher_link(link: str) -> str:
    """The address that a redirecting link leads to, where it holds one; else the link itself."""
    if "google.com/" not in link and "bing.com/" not in link:
        return link
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return link
    if host == "news.google.com" and (match := _ARTICLE.search(parts.path)):
        return _decoded(match[1]) or link
    path, names = _CARRIERS.get(host, ("", ()))
    if path and parts.path == path:
        query = parse_qs(parts.query, max_num_fields=100) if parts.query.count("&") < 100 else {}
        return next((_good(value) for name in names for value in query.get(name, ()) if _good(value)), link)
    return link


def is_query_feed(url: str) -> bool:
    """Whether an address is a feed of Google News: every title in it ends with its publisher."""
    try:
        return urlsplit(url).hostname == "news.google.com"
    except ValueError:
        return False


def without_publisher(title: str, source: str) -> str:
    """A title without the publisher at its end, where that is the source that the entry names."""
    for dash in _DASHES:
        ending = dash + source
        if source and len(title) > len(ending) and title.casefold().endswith(ending.casefold()):
            return title[: -len(ending)].rstrip()
    return title


def site_name(source: str, source_link: str) -> str:
    """The source's name; where it has none, the host of its site without ``www.``."""
    if source or not source_link:
        return source
    try:
        return (urlsplit(source_link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _good(value: str) -> str:
    return value if len(value) <= _LONGEST and _ADDRESS.match(value) else ""


def _decoded(identity: str) -> str:
    """The address in an article's id, or nothing."""
    try:
        data = base64.urlsafe_b64decode(identity + "=" * (-len(identity) % 4))
    except (ValueError, binascii.Error):
        return ""
    for number, value in _fields(data):
        if number == 4:
            return _good(value.decode("utf-8", "replace"))
    return ""


def _fields(data: bytes) -> list[tuple[int, bytes]]:
    """Number and bytes of each field with a length (wire type 2); numbers (wire type 0) are passed over."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 == 0:
            _, at = _varint(data, at)
        elif tag & 7 == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                break
            found.append((tag >> 3, data[at : at + length]))
            at += length
        else:
            break
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number in sevens of bits, and where it ends; what is cut off counts as its end."""
    value = shift = 0
    while at < len(data) and shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    return value, at
