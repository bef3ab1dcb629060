"""The list ``feeds:`` in the text of a configuration, changed by a line at a time. Pure.

A YAML library that writes a document anew keeps its comments, and gives all of it one indent and one spacing, which are
not its owner's. So the library only says where things stand; lines are put in and taken out of the text itself. What
comes out is read again, and must say what was meant and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from newswatch.config.yamlfile import parse_yaml
from newswatch.errors import ConfigError, NewswatchError

_PLAIN = re.compile(r"[^\W\d_](?:[\w ./()’-]*[\w)])?|[0-9]+[smhdw]")
# Words that YAML, in one version or another, takes for something else than text.
_NO_TEXT = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
_COMMENT = re.compile(r"[ \t]*(#[^\r\n]*)?")
_COLON = re.compile(r":(?:[ \t]+[&!][^\s]*)*")
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")


@dataclass(frozen=True, slots=True)
class NewFeed:
    """A feed that is to be written.

    Attributes:
        url, id, title, language: as in the configuration; what is empty is left out.
        interval: as the user writes it: ``15m``; or empty.
        events: ids of events; none for all.
    """

    url: str
    id: str
    title: str = ""
    language: str = ""
    interval: str = ""
    events: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """Key and value, in the order in which they are written."""
        texts = {"id": self.id, "url": self.url, "title": self.title, "language": self.language}
        found: dict[str, Any] = {key: value for key, value in (texts | {"interval": self.interval}).items() if value}
        return found | ({"events": list(self.events)} if self.events else {})


@dataclass(slots=True)
class _Node:
    """A value, and where it stands: characters from ``start`` up to ``end``; keys and values of a mapping by turns."""

    kind: str
    flow: bool
    start: int
    end: int
    value: str = ""
    children: list[_Node] = field(default_factory=list)

    def last(self) -> int:
        """Where the content ends; a block's own end is where the next thing begins."""
        return self.end if self.flow or not self.children else self.children[-1].last()


def added(text: str, feeds: Sequence[NewFeed], path: Path) -> str:
    """The text with feeds behind those it has.

    Args:
        text: of the configuration, without a byte order mark.
        feeds: in this order.
        path: the file, for errors.

    Raises:
        ConfigError: the text is no YAML.
        NewswatchError: it is written in a way that cannot be changed by itself.
    """
    before = parse_yaml(text, path).value
    old = (before.get("feeds") if isinstance(before, dict) else None) or []
    meant = {**(before or {}), "feeds": [*old, *(feed.values() for feed in feeds)]}
    return _verified(_Text(text).with_feeds(feeds), meant, path) if feeds else text


def removed(text: str, places: Collection[int], path: Path) -> str:
    """The text without some of its feeds; comments above and below them stay.

    Args:
        text: of the configuration, without a byte order mark.
        places: which, counted from 0.
        path: the file, for errors.

    Raises:
        ConfigError: the text is no YAML.
        NewswatchError: it is written in a way that cannot be changed by itself.
    """
    before = parse_yaml(text, path).value
    kept = [feed for place, feed in enumerate(before["feeds"]) if place not in places]
    return _verified(_Text(text).without(places), {**before, "feeds": kept}, path)


def _verified(text: str, meant: object, path: Path) -> str:
    try:
        says = parse_yaml(text, path).value
    except ConfigError:
        says = None
    if says != meant:
        raise NewswatchError(
            f"{path} cannot be changed by itself: `feeds` is written in an unusual way (an alias, perhaps, or an "
            "anchor that another place needs); change it by hand"
        )
    return text


class _Text:
    """A text, its parsed shape, and what is to change in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._edits: list[tuple[int, int, str]] = []
        self._root = _shape(text)
        self._key, self._feeds = self._find()

    def _find(self) -> tuple[_Node | None, _Node | None]:
        pairs = self._root.children if self._root is not None and self._root.kind == "map" else []
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if key.kind == "scalar" and key.value == "feeds":
                if value.start == value.end:
                    # The parser puts nothing where the next thing begins; it stands behind the colon.
                    value.start = value.end = self._behind_colon(key)
                return key, value
        return None, None

    # ------------------------------------------------------------ putting in

    def with_feeds(self, feeds: Sequence[NewFeed]) -> str:
        root, node = self._root, self._feeds
        if root is None:
            raise NewswatchError("the configuration is empty; `newswatch init` writes one to start from")
        if node is None:
            self._new_list(root, feeds)
        elif node.kind == "seq" and node.children:
            (self._into_flow if node.flow else self._into_block)(node, feeds)
        elif root.flow:
            # Nothing stands here, or null, or []: whatever it is, it makes room.
            self._edits.append((node.start, node.end, f" [{', '.join(map(_flow, feeds))}]"))
        else:
            self._instead(root, node, feeds)
        return self._done()

    def _new_list(self, root: _Node, feeds: Sequence[NewFeed]) -> None:
        if root.flow:
            comma = ", " if root.children else ""
            at = root.last() if not root.children else root.children[-1].last()
            at = at if root.children else root.start + 1
            self._edits.append((at, at, f"{comma}feeds: [{', '.join(map(_flow, feeds))}]"))
            return
        column = self._column(root.start)
        at = self._line_end(root.last())
        self._lines(at, column, ["feeds:", *(f"  - {_flow(feed)}" for feed in feeds)])

    def _instead(self, root: _Node, node: _Node, feeds: Sequence[NewFeed]) -> None:
        """A list where ``feeds:`` has none, or an empty one."""
        if "#" in self._text[node.start : node.end]:
            # Comments within brackets stay where they are.
            self._edits.append((node.start + 1, node.start + 1, ", ".join(map(_flow, feeds))))
            return
        if node.end > node.start:
            self._edits.append((len(self._text[: node.start].rstrip(" \t")), node.end, ""))
        self._lines(self._line_end(node.end), self._column(root.start), [f"  - {_flow(feed)}" for feed in feeds])

    def _into_block(self, node: _Node, feeds: Sequence[NewFeed]) -> None:
        dashes = self._dashes(node)
        column = self._column(dashes[-1])
        last = node.children[-1]
        at = self._item_end(last, column)
        lines: list[str] = []
        for feed in feeds:
            if last.kind == "map" and not last.flow:
                same_line = "\n" not in self._text[dashes[-1] : last.start]
                indent = last.start - dashes[-1] if same_line else 2
                pairs = [f"{key}: {_value(value)}" for key, value in feed.values().items()]
                lines += [f"-{' ' * (indent - 1)}{pairs[0]}", *(f"{' ' * indent}{pair}" for pair in pairs[1:])]
            else:
                lines.append(f"- {_flow(feed)}")
        self._lines(at, column, lines)

    def _into_flow(self, node: _Node, feeds: Sequence[NewFeed]) -> None:
        last = node.children[-1]
        gap = self._gap(last.end)
        comma = self._text[gap : gap + 1] == ","
        closes = self._gap(gap + 1) if comma else gap
        line_end = self._text.find("\n", last.end, closes)
        own_line = not self._text[self._line_start(last.start) : last.start].strip()
        if line_end < 0 or not own_line:
            indent = f",{self._newline}{' ' * self._column(last.start)}" if own_line else ", "
            self._edits.append((last.end, last.end, "".join(f"{indent}{_flow(feed)}" for feed in feeds)))
            return
        if not comma:
            self._edits.append((last.end, last.end, ","))
        rows = [_flow(feed) for feed in feeds]
        rows = [f"{row}," for row in rows] if comma else [*(f"{row}," for row in rows[:-1]), rows[-1]]
        self._lines(line_end + 1, self._column(last.start), rows)

    # ------------------------------------------------------------ taking out

    def without(self, places: Collection[int]) -> str:
        node, key = self._feeds, self._key
        if node is None or key is None or node.kind != "seq":
            return self._text
        if node.flow:
            # From the last on: what stands before keeps its place.
            for place in sorted(places, reverse=True):
                start, end = self._out_of_flow(node, place)
                self._text = self._text[:start] + self._text[end:]
            return self._text
        dashes = self._dashes(node)
        column = self._column(dashes[0])
        for place in places:
            self._edits.append((self._line_start(dashes[place]), self._item_end(node.children[place], column), ""))
        if len(places) == len(node.children):
            at = self._behind_colon(key)
            self._edits.append((at, at, " []"))
        return self._done()

    def _out_of_flow(self, node: _Node, place: int) -> tuple[int, int]:
        """From where to where an item of a bracketed list goes, with its comma."""
        item = node.children[place]
        gap = self._gap(item.end)
        comma = self._text[gap : gap + 1] == "," and "#" not in self._text[item.end : gap]
        end = gap + 1 if comma else item.end
        start, line_end = self._line_start(item.start), self._line_end(end)
        if not self._text[start : item.start].strip() and _COMMENT.fullmatch(self._text[end:line_end].rstrip()):
            return start, line_end
        if comma:
            return item.start, end + len(self._text[end:line_end]) - len(self._text[end:line_end].lstrip(" "))
        before = node.children[place - 1].end if place else item.start
        return (item.start, item.end) if self._text[before : item.start].strip(" ,") else (before, item.end)

    # ------------------------------------------------------------ places

    def _dashes(self, node: _Node) -> list[int]:
        """Where each item's dash stands: all in one column, with nothing but comments before each."""
        found: list[int] = []
        at, pattern = self._line_start(node.start), re.compile(r"^ *-(?=\s)", re.MULTILINE)
        for item in node.children:
            match = pattern.search(self._text, at)
            if match is None:
                raise NewswatchError("`feeds` is written in an unusual way; change it by hand")
            found.append(match.end() - 1)
            column = self._column(found[0])
            pattern = re.compile(rf"^ {{{column}}}-(?=\s)", re.MULTILINE)
            at = max(self._line_end(item.last()), match.end())
        return found

    def _item_end(self, item: _Node, column: int) -> int:
        """Behind the last line of an item, comments among its keys included, but for commented-out items."""
        at = self._line_end(item.last())
        if item.kind != "map" or item.flow:
            return at
        inner = re.compile(rf"[ ]{{{column + 1},}}#(?!\s*-\s)[^\n]*(?:\n|\Z)")
        while match := inner.match(self._text, at):
            at = match.end()
        return at

    def _behind_colon(self, key: _Node) -> int:
        """Behind a key's colon, and an anchor or tag of its value."""
        colon = _COLON.search(self._text, key.end)
        return colon.end() if colon else key.end

    def _gap(self, at: int) -> int:
        """Behind white space and comments."""
        match = _GAP.match(self._text, at)
        return match.end() if match else at

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        """Behind the line in which something ends; a block scalar ends where the next line begins."""
        if at and self._text[at - 1] == "\n":
            return at
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end + 1

    def _column(self, at: int) -> int:
        return at - self._line_start(at)

    # ------------------------------------------------------------ writing

    def _lines(self, at: int, column: int, lines: Sequence[str]) -> None:
        """Whole lines, put in where a line begins, or at the end of a file whose last line lacks its end."""
        written = "".join(f"{' ' * column}{line}{self._newline}" for line in lines)
        if at and self._text[at - 1] != "\n":
            written = self._newline + written.removesuffix(self._newline)
        self._edits.append((at, at, written))

    def _done(self) -> str:
        text = self._text
        for start, end, instead in sorted(self._edits, reverse=True):
            text = text[:start] + instead + text[end:]
        return text


def _shape(text: str) -> _Node | None:
    """The document's values by the events of its parse, in which an alias stands where it is written."""
    try:
        events = iter(YAML(typ="safe", pure=True).parse(text))
        for event in events:
            if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
                return _node(event, events, text)
    except MarkedYAMLError as error:
        raise NewswatchError(f"the configuration is no YAML: {error.problem}") from error
    return None


def _node(event: Event, events: Iterator[Event], text: str) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, ScalarEvent):
        if event.style in {"|", ">"}:
            end = start + len(text[start:end].rstrip())
        return _Node("scalar", True, start, end, str(event.value))
    if isinstance(event, AliasEvent):
        return _Node("alias", True, start, end)
    node = _Node(
        "map" if isinstance(event, MappingStartEvent) else "seq", bool(getattr(event, "flow_style", False)), start, end
    )
    for child in events:
        if isinstance(child, MappingEndEvent | SequenceEndEvent):
            node.end = child.end_mark.index
            return node
        node.children.append(_node(child, events, text))
    return node


def _value(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if _PLAIN.fullmatch(value) and value.casefold() not in _NO_TEXT:
        return value
    # JSON's form is a YAML scalar, once what YAML does not print is written as YAML's own escapes.
    return "".join(char if char.isprintable() else _escaped(char) for char in json.dumps(value, ensure_ascii=False))


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def _flow(feed: NewFeed) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in feed.values().items()) + "}"
