"""The fast reader: feedparser-rs, for the bodies that `gate` lets through; what it gives is what feedparser would.

Rust, without a tree and without dependencies, fifty times as fast as feedparser. It sets no flag where it reads an
oddity otherwise than feedparser does, which is why a gate stands before it and a check behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import feedparser_rs

from newswatch.feeds import gate
from newswatch.feeds.raw import RawEntry, RawFeed

_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(
    rb"<\?xml\s+version=['\"]1\.0['\"](?:\s+encoding=['\"]([\w.:-]+)['\"])?(?:\s+standalone=['\"](?:yes|no)['\"])?\s*\?>"
)
_ANY_DECLARATION = re.compile(rb"\s*<\?xml\s")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]*)", re.IGNORECASE)
# C1 controls, as they are and as references: feedparser takes them for Windows-1252. Patterns begin with a literal,
# which is what makes its search fast.
_C1 = (re.compile(rb"\xc2[\x80-\x9f]"), re.compile(rb"&#(?:0*1[2-5]\d|[xX]0*[89][0-9a-fA-F]);"))
# Addresses that every reader takes as they are.
_ADDRESS = re.compile(
    r"(?:https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?][\w/.~%+=&?#,:@!$*()-]*)?|tag:[\w/.:,@-]+)\Z", re.IGNORECASE
)
# Where something may have been encoded twice: a letter as UTF-8's first byte, then one as a further byte.
_TWICE = (
    re.compile(rb"\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]|&#)"),
    re.compile(
        rb"&#(?:0*(?:19[4-9]|2[0-3]\d|24[0-4])|[xX]0*(?:[cC][2-9a-fA-F]|[dDeE][0-9a-fA-F]|[fF][0-4]));(?:\xc2[\x80-\xbf]|&#)"
    ),
)
# One byte each, so that any bytes can be read, and as feedparser reads them.
_OTHERS = {"windows-1251": "cp1251", "koi8-r": "koi8-r"}


def read(body: bytes, *, content_type: str) -> RawFeed | None:
    """What a plain feed holds, as feedparser would read it; None where only feedparser should say.

    Args:
        body: as it came.
        content_type: the header, for its charset.
    """
    plain = _utf8(body, content_type)
    if plain is None:
        return None
    expected = gate.entries(plain)
    if expected is None:
        return None
    found = feedparser_rs.parse(plain, sanitize_html=False, resolve_relative_uris=False)
    if found.bozo or len(found.entries) != len(expected):
        return None
    # It copies RSS's date of publication into a date of change that nobody gave.
    changes = found.version.startswith("atom")
    entries = tuple(_entry(*both, changes=changes) for both in zip(found.entries, expected, strict=True))
    feed = RawFeed(
        title=found.feed.title or "",
        link=found.feed.link or "",
        language=found.feed.language or "",
        entries=entries,
    )
    if any(pattern.search(plain) for pattern in _TWICE) and any(map(_twice_encoded, _strings(feed))):
        return None
    good = all(_good(*both) for both in zip(entries, expected, strict=True))
    return feed if good and (not feed.link or _ADDRESS.match(feed.link)) else None


def _utf8(body: bytes, content_type: str) -> bytes | None:
    """The body in UTF-8 without declaration, with line ends as XML reads them; None where it takes guessing."""
    start = body.removeprefix(_BOM)
    declaration = _DECLARATION.match(start)
    if declaration is None and _ANY_DECLARATION.match(start):
        return None
    declared = (declaration[1] or b"utf-8").decode("ascii").lower() if declaration else "utf-8"
    charset = _CHARSET.search(content_type)
    header = charset[1].lower() if charset else declared
    if header != declared or (start is not body and declared != "utf-8"):
        return None
    rest = start[declaration.end() :] if declaration else start
    try:
        if declared in _OTHERS and not content_type.startswith("text/"):
            rest = rest.decode(_OTHERS[declared]).encode()
        elif declared != "utf-8":
            return None
        elif not rest.isascii():
            rest.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any(pattern.search(rest) for pattern in _C1):
        return None
    if b"\r" in rest:
        rest = rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return rest.strip()


def _entry(item: Any, plain: gate.Plain, *, changes: bool) -> RawEntry:
    source = item.source
    contents = item.content or ()
    return RawEntry(
        entry_id=item.id or "",
        link=item.link or "",
        title=item.title or "",
        texts=(item.summary or "", *(part.value or "" for part in contents)),
        published=item.published or "",
        updated=(item.updated or "") if changes else "",
        # It takes the feed's author where an entry has none.
        author=(item.author or "") if plain.author else "",
        source=(source.title or "") if source else "",
        source_link=(source.href or "") if source else "",
    )


def _good(entry: RawEntry, plain: gate.Plain) -> bool:
    """Whether feedparser would leave addresses and people as they are written."""
    if plain.permalink and entry.entry_id and not _ADDRESS.match(entry.entry_id):
        return False
    # An author that only one reader finds: text beside an empty name.
    if plain.author and not entry.author.strip():
        return False
    return bool(_ADDRESS.match(entry.link)) and "@" not in entry.author


def _strings(feed: RawFeed) -> Iterator[str]:
    yield from (feed.title, feed.link, feed.language)
    for one in feed.entries:
        yield from (one.entry_id, one.link, one.title, one.published, one.updated, one.author, one.source, *one.texts)


def _twice_encoded(text: str) -> bool:
    """Whether feedparser would mend a text that was UTF-8 and was encoded a second time; this reader does not."""
    if text.isascii():
        return False
    try:
        text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return False
    return True
