"""Feeds in the shapes of the wild: RSS 2.0, RSS with HTML content, sloppy RSS, Atom, RDF, and a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from demo.corpus import Item, Outlet, Shape

CONTENT_TYPES: dict[Shape, str] = {
    "rss": "application/rss+xml",
    "rss-content": "text/xml; charset=utf-8",
    "rss-sloppy": "text/html",
    "atom": "application/atom+xml; charset=utf-8",
    "rdf": "application/rdf+xml",
    "page": "text/html; charset=utf-8",
}

BISHKEK = timezone(timedelta(hours=6))


def render(outlet: Outlet, items: Sequence[Item]) -> bytes:
    """The feed's bytes, in the outlet's shape and encoding."""
    return _SHAPES[outlet.shape](outlet, items).encode(outlet.encoding)


def _rss(outlet: Outlet, items: Sequence[Item]) -> str:
    entries = "".join(
        f"""    <item>
      <title>{escape(item.title)}</title>
      <link>{escape(item.link)}</link>
      <guid isPermaLink="false">{escape(item.guid)}</guid>
      <pubDate>{format_datetime(item.published)}</pubDate>
      <description>{escape(item.text)}</description>
    </item>
"""
        for item in items
    )
    return _channel(outlet, entries)


def _rss_content(outlet: Outlet, items: Sequence[Item]) -> str:
    entries = "".join(
        f"""    <item>
      <title><![CDATA[{item.title}]]></title>
      <link>{escape(item.link)}</link>
      <guid>{escape(item.link)}</guid>
      <pubDate>{_local(item.published)}</pubDate>
      <description><![CDATA[{_paragraphs(item.text)[0]}]]></description>
      <content:encoded><![CDATA[<div class="body">{_html(item.text)}<script>count();</script></div>]]></content:encoded>
    </item>
"""
        for item in items
    )
    return _channel(outlet, entries, ' xmlns:content="http://purl.org/rss/1.0/modules/content/"')


def _channel(outlet: Outlet, entries: str, namespaces: str = "") -> str:
    return f"""<?xml version="1.0" encoding="{outlet.encoding}"?>
<rss version="2.0"{namespaces}>
  <channel>
    <title>{escape(outlet.title)}</title>
    <link>https://{outlet.id}.example/</link>
    <description>{escape(outlet.title)}</description>
    <language>{outlet.language}</language>
{entries}  </channel>
</rss>
"""


def _sloppy(outlet: Outlet, items: Sequence[Item]) -> str:
    """As some sites write it: nothing escaped, HTML left open, an entity XML does not know, no guid, no end."""
    entries = "".join(
        f"""<item>
<title>{item.title}</title>
<link>{item.link}</link>
<pubDate>{_local(item.published)}</pubDate>
<description>{"<br>".join(_paragraphs(item.text))}&nbsp;<a href="{item.link}">More & pictures</a></description>
</item>
"""
        for item in items
    )
    return f"""<rss version="2.0"><channel>
<title>{outlet.title}</title><link>https://{outlet.id}.example/</link>
<description>News & views from the steppe</description>
{entries}"""


def _atom(outlet: Outlet, items: Sequence[Item]) -> str:
    newest = max((item.updated for item in items), default=None)
    entries = "".join(
        f"""  <entry>
    <id>tag:{outlet.id}.example,2019:{escape(item.guid)}</id>
    <title>{escape(item.title)}</title>
    <link rel="alternate" href="{escape(item.link)}"/>
    <published>{item.published.isoformat()}</published>
    <updated>{item.updated.isoformat()}</updated>
    <content type="html">{escape(_html(item.text))}</content>
  </entry>
"""
        for item in items
    )
    return f"""<?xml version="1.0" encoding="{outlet.encoding}"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">
  <id>tag:{outlet.id}.example,2019:feed</id>
  <title>{escape(outlet.title)}</title>
  <link href="https://{outlet.id}.example/"/>
  <updated>{newest.isoformat() if newest else "2019-08-01T00:00:00+00:00"}</updated>
{entries}</feed>
"""


def _rdf(outlet: Outlet, items: Sequence[Item]) -> str:
    listed = "".join(f'        <rdf:li rdf:resource="{escape(item.link)}"/>\n' for item in items)
    entries = "".join(
        f"""  <item rdf:about="{escape(item.link)}">
    <title>{escape(item.title)}</title>
    <link>{escape(item.link)}</link>
    <dc:date>{item.published.isoformat()}</dc:date>
    <description>{escape(item.text)}</description>
  </item>
"""
        for item in items
    )
    return f"""<?xml version="1.0" encoding="{outlet.encoding}"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel rdf:about="https://{outlet.id}.example/">
    <title>{escape(outlet.title)}</title>
    <link>https://{outlet.id}.example/</link>
    <description>{escape(outlet.title)}</description>
    <dc:language>{outlet.language}</dc:language>
    <items>
      <rdf:Seq>
{listed}      </rdf:Seq>
    </items>
  </channel>
{entries}</rdf:RDF>
"""


def _page(outlet: Outlet, items: Sequence[Item]) -> str:  # noqa: ARG001 - it has no items: that is its fault
    return f"<!doctype html><html><head><title>{outlet.title}</title></head><body><h1>We have moved</h1></body></html>"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]


def _html(text: str) -> str:
    return "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in _paragraphs(text))


def _local(at: datetime) -> str:
    """The same moment on a Bishkek clock, as local sites write it."""
    return format_datetime(at.astimezone(BISHKEK))


_SHAPES: dict[Shape, Callable[[Outlet, Sequence[Item]], str]] = {
    "rss": _rss,
    "rss-content": _rss_content,
    "rss-sloppy": _sloppy,
    "atom": _atom,
    "rdf": _rdf,
    "page": _page,
}
