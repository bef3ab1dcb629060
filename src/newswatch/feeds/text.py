"""Feed markup to plain text: paragraphs kept, everything that does not read dropped."""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser

_BLOCKS = frozenset(
    ("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "blockquote", "section",
     "article", "figure", "figcaption", "hr", "pre")
)  # fmt: skip
_SILENT = frozenset({"script", "style", "noscript", "iframe", "template"})
_LOOKS_LIKE_MARKUP = re.compile(r"<[a-zA-Z/!?][^<>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z]\w+);")
# Controls but tab and newline, zero-width characters, and the marks that turn the direction of text.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_PARAGRAPH = "\x1e"
_EMPTY_LINE = re.compile(r"\n[ \t]*\n\s*")
# A tag as nearly all feeds write them. Nothing in it can match in two ways, so that a text of many "<" costs no more.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][a-zA-Z0-9]*+)"""
    r"""(?:[ \t\n\r\f]++[a-zA-Z][a-zA-Z0-9:_-]*+(?:=(?:"[^"<>]*+"|'[^'<>]*+'))?+)*+[ \t\n\r\f]*+/?>"""
)
# Elements whose content html.parser reads otherwise, in one of its versions or all.
_RAW = frozenset(
    ("script", "style", "noscript", "iframe", "template", "textarea", "title", "xmp", "noembed", "noframes",
     "plaintext")
)  # fmt: skip
_LEFT = 2_000
# The markup of one entry is read up to this many characters: a novel, and a bound on hostile nesting.
MAX_MARKUP = 400_000


class _Text(HTMLParser):
    """Collects what a reader would read. Linear in the text, however deep it nests: no tree is built."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's signature
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.pieces.append(_PARAGRAPH)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in _BLOCKS:
            self.pieces.append(_PARAGRAPH)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data.replace(_PARAGRAPH, " "))


def plain(markup: str) -> str:
    """Readable text of HTML or text: NFC, paragraphs parted by an empty line, no control characters.

    Scripts and styles go with their content; entities are decoded once, so that ``&amp;lt;`` reads ``&lt;``.
    """
    markup = markup[:MAX_MARKUP]
    if ("<" in markup or "&" in markup) and _LOOKS_LIKE_MARKUP.search(markup):
        text = _of_simple(markup)
        if text is None:
            reader = _Text()
            reader.feed(markup)
            finish(reader)
            text = "".join(reader.pieces)
    else:
        text = markup.replace(_PARAGRAPH, " ")
        if "\n" in text:
            text = _EMPTY_LINE.sub(_PARAGRAPH, text)
    if _PARAGRAPH not in text:
        return one_line(text)
    paragraphs = (one_line(part) for part in text.split(_PARAGRAPH))
    return "\n\n".join(part for part in paragraphs if part)


def _of_simple(markup: str) -> str | None:
    """What html.parser would give for markup without anything odd, ten times as fast; None for other markup."""
    pieces = _TAG.split(markup.replace(_PARAGRAPH, " ") if _PARAGRAPH in markup else markup)
    # Text, slash, name, text, slash, name, … text: a "<" that is left in a text begins no tag as nearly all are.
    for at in range(0, len(pieces), 3):
        text = pieces[at]
        if "<" in text:
            return None
        if "&" in text:
            pieces[at] = html.unescape(text)
    for at in range(2, len(pieces), 3):
        name = pieces[at].lower()
        if name in _RAW:
            return None
        pieces[at - 1] = ""
        pieces[at] = _PARAGRAPH if name in _BLOCKS else ""
    return "".join(pieces)


def finish(reader: HTMLParser) -> None:
    """Read what is left after the last whole tag; a long piece only where no tag begins in it.

    A tag that never ends is looked at again from each of its beginnings: 20,000 of ``<p `` took half a minute.
    """
    if len(reader.rawdata) <= _LEFT or "<" not in reader.rawdata:
        reader.close()


def one_line(text: str) -> str:
    """One line without control characters, white space folded, NFC."""
    if text.isprintable():  # nothing invisible in it, and no white space but the space
        return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub(" ", text.replace("\u00ad", ""))).split())
