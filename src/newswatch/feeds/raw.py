"""What a reader finds in a body, before anything is cleaned or believed. Every format is read into this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One item, as its feed writes it.

    Attributes:
        entry_id: guid, Atom id or the like, or empty.
        link: absolute or relative, or empty.
        title, author: markup or text.
        texts: summary and contents, markup or text; the fullest is taken.
        published, updated: dates as written, or empty.
        language: the entry's own, or empty.
        base: what a relative link is relative to, or empty for the feed's own address.
        source: the name of the publisher, where the feed says that the entry is somebody else's.
        source_link: their site, or empty.
    """

    entry_id: str = ""
    link: str = ""
    title: str = ""
    texts: tuple[str, ...] = ()
    published: str = ""
    updated: str = ""
    language: str = ""
    author: str = ""
    base: str = ""
    source: str = ""
    source_link: str = ""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed, as it is written.

    Attributes:
        title, link, language: of the feed, or empty.
        entries: in its order.
        warnings: what was wrong but survived, in words.
        children: of a sitemap index, the sitemaps it names, newest first.
    """

    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[RawEntry, ...] = ()
    warnings: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
