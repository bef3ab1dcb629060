r"""What is refused before any reader sees it: markup made to take a reader's time or memory. Pure, and linear.

feedparser's strict reader stands on expat, which is safe; but what feedparser itself does is quadratic for some shapes
(found by doubling fifty of them; docs/feeds.md lists what was found), and its loose reader expands what a document type
declares. News feeds declare no entities but characters (``<!ENTITY nbsp "&#160;">``) and nest a dozen deep. The limits
lie far above both. What is hostile in another way is for whoever runs `parse`: a process that can be ended.
"""

from __future__ import annotations

import re
import zlib

from newswatch.errors import ParseError

MAX_NESTING = 2_000
MAX_UNZIPPED = 50_000_000
MAX_EXPANDED = 1_000_000
MAX_ATTRIBUTES = 250
MAX_NAMESPACES = 250
MAX_BASES = 300
MAX_CATEGORIES = 1_000

_DOCTYPE = re.compile(rb"<!DOCTYPE\b", re.IGNORECASE)
_ENTITY = re.compile(
    rb"<!ENTITY\s+(?:%\s*)?([^\s\"'<>;&%]{1,100})\s+(?:SYSTEM\b|PUBLIC\b|\"([^\"<]*)\"|'([^'<]*)')", re.IGNORECASE
)
_ANY_ENTITY = re.compile(rb"<!ENTITY\b", re.IGNORECASE)
_CHARACTER = re.compile(rb"(?:&#(?:\d{1,7}|[xX][0-9a-fA-F]{1,6});|&(?:amp|lt|gt|quot|apos);|[^&%])*\Z")
_USED = re.compile(rb"&([^\s&;<>]{1,100});")
_TAG = re.compile(rb"<(/?)([A-Za-z_](?:[\w:.-]{0,100}))([^<>]*)(>?)")
_PREFIX = re.compile(rb"xmlns:([\w.-]{1,100})")
_BASE = re.compile(rb"\b(?:xml:)?base\s*=\s*['\"](?!https?:)", re.IGNORECASE)
_ENTRIES = frozenset({b"item", b"entry"})
_CATEGORIES = frozenset({b"category", b"subject", b"keywords"})
_PERSON = re.compile(
    rb"<((?:[\w.-]{1,40}:)?(?:author|creator|managingeditor|webmaster|publisher|owner|name|email))\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_PERSON_BYTES = 100_000
# What parts a text, and what disappears from it or becomes one letter of it.
_PARTS = re.compile(rb"<[A-Za-z/][^<>]*>")
_WITHIN = re.compile(rb"<!--.*?-->|<!\[CDATA\[|\]\]>|&#?\w{1,10};", re.DOTALL)
_LONG_WORD = re.compile(rb"[\w.+@-]{500}")
_LONG_KEYWORDS = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(?:keywords|tags)\b[^<>]{0,500}>(?:\s*<!\[CDATA\[)?[^<]{20000}", re.IGNORECASE
)


def unzipped(body: bytes, url: str) -> bytes:
    """A body that is itself a gzip file (``sitemap.xml.gz``), unpacked; any other as it is.

    Raises:
        ParseError: it unpacks to more than `MAX_UNZIPPED` bytes, or is broken.
    """
    if not body.startswith(b"\x1f\x8b\x08"):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacker.decompress(body, MAX_UNZIPPED)
    except zlib.error as error:
        raise ParseError(f"{url} sent a broken gzip file ({error})") from None
    if unpacker.unconsumed_tail:
        raise ParseError(f"{url} sent a gzip file that unpacks to more than {MAX_UNZIPPED / 1e6:g} MB; refused")
    return found


def refuse(body: bytes, url: str) -> None:
    """Raise ParseError for what would cost a reader more than a feed can be worth; the text says what it has."""
    # UTF-16 and UTF-32 hide the same markup behind zeros.
    flat = body.replace(b"\x00", b"") if b"\x00" in body[:4096] else body
    what = _entities(flat) or _shape(flat) or _texts(flat)
    if what:
        raise ParseError(f"{url} {what}; refused, since no feed needs that and reading it may take for ever")


def _entities(body: bytes) -> str:
    """Entities that are declared in terms of others, or that come out long."""
    if not (_DOCTYPE.search(body[:100_000]) or _ANY_ENTITY.search(body)):
        return ""
    declared = {match[1]: match[2] or match[3] or b"" for match in _ENTITY.finditer(body)}
    if any(not _CHARACTER.match(value) for value in declared.values()):
        return "has a document type with entities made of entities"
    long = {name: len(value) for name, value in declared.items() if len(value) > 10}
    if not long:
        return ""
    expanded = sum(long.get(match[1], 0) for match in _USED.finditer(body))
    return "has a document type with entities that expand beyond measure" if expanded > MAX_EXPANDED else ""


def _shape(body: bytes) -> str:
    """Too much nesting, too many attributes, namespaces, relative bases, or categories of one entry."""
    depth = categories = 0
    for match in _TAG.finditer(body):
        closing, name, rest, _ = match.groups()
        local = name.rpartition(b":")[2].lower()
        if closing:
            depth -= depth > 0
        elif not rest.endswith(b"/"):
            depth += 1
            if depth > MAX_NESTING:
                return f"nests more than {MAX_NESTING} elements"
        if len(rest) > MAX_ATTRIBUTES and rest.count(b"=") > MAX_ATTRIBUTES:
            return f"has an element with more than {MAX_ATTRIBUTES} attributes"
        if local in _ENTRIES:
            categories = 0
        elif local in _CATEGORIES and not closing:
            categories += 1
            if categories > MAX_CATEGORIES:
                return f"has an entry with more than {MAX_CATEGORIES} categories"
    if body.count(b"xmlns:") > MAX_NAMESPACES and len(set(_PREFIX.findall(body))) > MAX_NAMESPACES:
        return f"declares more than {MAX_NAMESPACES} namespaces"
    if b"base" in body and len(_BASE.findall(body)) > MAX_BASES:
        return f"has more than {MAX_BASES} relative base addresses"
    return ""


def _texts(body: bytes) -> str:
    if _long_person(body):
        return "has a person whose name is one word of more than 500 letters"
    if _LONG_KEYWORDS.search(body):
        return "has keywords of more than 20 kB"
    return ""


def _long_person(body: bytes) -> bool:
    """Whether somebody's name holds a word that a pattern of feedparser's goes through from each of its letters."""
    at = 0
    while match := _PERSON.search(body, at):
        end = body.find(b"</" + match[1], match.end(), match.end() + _PERSON_BYTES)
        at = end if end >= 0 else match.end() + _PERSON_BYTES
        text = body[match.end() : at]
        if len(text) >= 500 and _LONG_WORD.search(_WITHIN.sub(b"x", _PARTS.sub(b" ", text))):
            return True
    return False
