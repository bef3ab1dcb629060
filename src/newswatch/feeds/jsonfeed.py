"""JSON Feed 1.0 and 1.1 (jsonfeed.org), as the specification says and as found in the wild.

The specification asks readers to be tolerant: an id may be a number, `authors` was `author` in 1.0, and whatever is of
another type than it should be is as good as absent. Only what carries nothing at all is dropped, with a warning.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

from newswatch.errors import ParseError
from newswatch.feeds.raw import RawEntry, RawFeed

MAX_ITEMS = 10_000


def looks_like_json(body: bytes) -> bool:
    """Whether a body is JSON rather than XML, by its first character; what the server calls it says little."""
    return body[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] in {b"{", b"["}


def read(body: bytes, *, url: str) -> RawFeed | None:
    """What a JSON Feed holds; None where it is JSON of another kind.

    Args:
        body: UTF-8, UTF-16 or UTF-32, with or without a BOM.
        url: for the error.

    Raises:
        ParseError: it is broken JSON; the text says where.
    """
    try:
        found = json.loads(body.removeprefix(b"\xef\xbb\xbf"), parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise ParseError(f"{url} sent JSON that nests too deep to be a feed") from None
    except ValueError as error:
        _refuse_broken(body, url, error)
        return None
    if not isinstance(found, dict) or not isinstance(found.get("items"), list):
        return None
    items = found["items"]
    # A list of things that no feed would hold is an API's answer, unless it says that it is a feed.
    if "jsonfeed.org" not in _text(found, "version") and not any(_like_an_item(item) for item in items):
        return None
    good = [item for item in items[:MAX_ITEMS] if isinstance(item, dict)]
    return RawFeed(
        title=_plain(found, "title"),
        link=_text(found, "home_page_url"),
        language=_text(found, "language"),
        entries=tuple(map(_entry, good)),
        warnings=tuple(_warnings(found, items, good)),
    )


def _refuse_broken(body: bytes, url: str, error: ValueError) -> None:
    """Raise what is wrong with a feed; not for what does not even begin like one."""
    if b"jsonfeed.org/version" in body[:4096]:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "not Unicode"
        raise ParseError(f"{url} sent a JSON Feed that is broken ({where}); ask its owner to mend it")


def _warnings(found: Mapping[str, Any], items: list[Any], good: list[dict[str, Any]]) -> Iterator[str]:
    if "jsonfeed.org" not in _text(found, "version"):
        yield "a JSON Feed without its version"
    if len(items) > MAX_ITEMS:
        yield f"more than {MAX_ITEMS} items; the first {MAX_ITEMS} are read"
    lost = min(len(items), MAX_ITEMS) - len(good)
    if lost:
        yield f"{lost} of its items are no objects"
    if any(not _text(item, "id") for item in good):
        yield "an item has no id"


def _like_an_item(item: object) -> bool:
    return isinstance(item, dict) and bool(item.keys() & {"content_text", "content_html", "date_published"})


def _entry(item: dict[str, Any]) -> RawEntry:
    link = _text(item, "url")
    # A blog of links names the page it points to; the entry's own page is its link where it has one.
    return RawEntry(
        entry_id=_text(item, "id"),
        link=link or _text(item, "external_url") or _as_link(_text(item, "id")),
        title=_plain(item, "title"),
        texts=(_text(item, "content_html"), _plain(item, "content_text"), _plain(item, "summary")),
        published=_text(item, "date_published"),
        updated=_text(item, "date_modified"),
        language=_text(item, "language"),
        author=_author(item),
    )


def _as_link(identity: str) -> str:
    """The specification recommends the page's address as its id."""
    return identity if identity.startswith(("http://", "https://")) else ""


def _author(item: Mapping[str, Any]) -> str:
    authors = item.get("authors")
    listed = authors if isinstance(authors, list) else [authors]
    for author in (*listed, item.get("author")):
        name = _plain(author, "name") if isinstance(author, dict) else _escaped(author)
        if name:
            return name
    return ""


def _text(item: Mapping[str, Any], key: str) -> str:
    """A string, or a number as one (numbers are read as they are written); anything else is as good as absent."""
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _plain(item: Mapping[str, Any], key: str) -> str:
    """Text that is no markup, as markup."""
    return _escaped(item.get(key))


def _escaped(value: object) -> str:
    return html.escape(value, quote=False) if isinstance(value, str) else ""
