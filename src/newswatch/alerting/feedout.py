"""Developments of an event as a feed: Atom (RFC 4287) and JSON Feed 1.1. Pure: the same in, the same bytes out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from xml.etree import ElementTree as ET

from newswatch.alerting.plain import plain, safe_link
from newswatch.alerting.wording import Words
from newswatch.model import Development, Story

_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_SPACE = uuid.UUID("5d1b3f0e-62c2-5a0c-9f0f-2f1f6f2f4c11")
"""Ids are UUIDs of names in this space (RFC 9562, version 5): the same on every machine and after every start."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = dict.fromkeys((0xFFFE, 0xFFFF))


@dataclass(frozen=True, slots=True)
class Published:
    """One development in a feed.

    Attributes:
        development: in the feed's language, as `worded.development` says it.
        found: when it was decided.
        changed: when it was corrected or disputed, else ``found``.
        note: what became of it then, in words; empty when nothing did.
        topic: its topic's title, or empty.
    """

    development: Development
    story: Story
    found: datetime
    changed: datetime
    note: str = ""
    topic: str = ""


def atom(event: str, title: str, entries: Sequence[Published], *, url: str, spoken: Words) -> bytes:
    """An Atom feed, newest first; ``url`` is its own address, or empty; ``spoken`` the words of its language."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {_LANGUAGE: spoken.language})
    _add(feed, "id", _urn("event", event))
    _add(feed, "title", _clean(title))
    _add(feed, "updated", _time(max((entry.changed for entry in entries), default=_NEVER)))
    _add(_add(feed, "author"), "name", "newswatch")
    _add(feed, "generator", "newswatch")
    if url:
        _add(feed, "link", rel="self", type="application/atom+xml", href=url)
    for entry in entries:
        _entry(feed, entry, spoken)
    raw: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return raw + b"\n"


def _entry(feed: ET.Element, published: Published, spoken: Words) -> None:
    told, story = published.development, published.story
    entry = _add(feed, "entry")
    _add(entry, "id", _urn("development", told.development_id))
    _add(entry, "title", _clean(told.summary), type="text")
    _add(entry, "published", _time(published.found))
    _add(entry, "updated", _time(published.changed))
    _add(_add(entry, "author"), "name", _clean(story.source) or "newswatch")
    if link := safe_link(story.url):
        _add(entry, "link", rel="alternate", type="text/html", href=link)
    if told.topic:
        _add(entry, "category", term=_clean(told.topic), label=_clean(published.topic or told.topic))
    _add(entry, "content", _html(published, spoken), type="html")


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    element.text = text or None
    return element


def json_feed(event: str, title: str, entries: Sequence[Published], *, url: str, spoken: Words) -> bytes:
    """A JSON Feed, newest first; ``url`` is its own address, or empty; ``spoken`` the words of its language."""
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _clean(title) or event,
        **({"feed_url": url} if url else {}),
        "language": spoken.language,
        "authors": [{"name": "newswatch"}],
        "items": [_item(entry, spoken) for entry in entries],
    }
    return json.dumps(feed, ensure_ascii=False, indent=2).encode() + b"\n"


def _item(published: Published, spoken: Words) -> dict[str, object]:
    told, story = published.development, published.story
    link = safe_link(story.url)
    return {
        "id": _urn("development", told.development_id),
        **({"url": link} if link else {}),
        "title": _clean(told.summary),
        "content_html": _html(published, spoken),
        "content_text": "\n\n".join(_lines(published, spoken)),
        "date_published": _time(published.found),
        "date_modified": _time(published.changed),
        "authors": [{"name": _clean(story.source) or "newswatch"}],
        **({"tags": [_clean(published.topic or told.topic)]} if told.topic else {}),
    }


def _lines(published: Published, spoken: Words) -> list[str]:
    """What an entry says: what became of it, the news, what was known, the proof, the source."""
    told, story = published.development, published.story
    known = f"{spoken.phrases['known_before']} {told.known_before}" if told.known_before else ""
    lines = (published.note, told.summary, known, *(f"“{quote}”" for quote in told.evidence[:3]), story.source)
    return [clean for clean in map(_clean, lines) if clean]


def _html(published: Published, spoken: Words) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in _lines(published, spoken))


def _clean(text: str) -> str:
    """One line that XML can hold (XML 1.0, 2.2)."""
    return plain(text).translate(_NOT_XML)


def _urn(kind: str, name: str) -> str:
    return uuid.uuid5(_SPACE, f"{kind} {name}").urn


def _time(when: datetime) -> str:
    """RFC 3339, whole seconds, UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
