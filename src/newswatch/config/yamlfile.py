"""YAML files as plain values that remember their lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from newswatch.errors import ConfigError, Problem

MAX_BYTES = 5_000_000
# Aliases make a small file as large as they like when expanded ("billion laughs"); no real file comes near this.
MAX_NODES = 200_000
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_TAG + kind for kind in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge")}
_DEEP = "nests deeper than 50 levels; no configuration does."
_STUMBLES = (
    (
        "mapping values",
        "a colon stands where none may.",
        "Write the colon that the line above lacks, indent both alike, or put the value into quotes.",
    ),
    ("undefined alias", "`*{0}` stands for `&{0}`, which is not there.", "Put text that begins with * into quotes."),
    ("another document", "a second document begins here.", "Keep one in a file, without a line of ---."),
    ("cannot start any token", "no value begins with {0}.", "Put the value into quotes."),
    ("could not find expected ':'", "a colon is missing behind the key.", "Write `key: value`."),
    ("expected <block end>", "this line is indented otherwise than those it belongs to.", "Indent all of them alike."),
)

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a file holds, and where.

    Attributes:
        path: the file, as errors name it.
        value: dicts, lists, strings, numbers, booleans and None; times stay text.
        lines: line number, from 1, of each key and item by its place: ``("feeds", 0, "url")``.
        mistakes: what was found while reading: keys that stand twice.
    """

    path: Path
    value: Any
    lines: dict[Path_, int]
    mistakes: tuple[Problem, ...] = ()

    def standing(self, place: Path_) -> Path_:
        """The place as it stands in the file, or the nearest thing around it that does."""
        known: Path_ = ()
        for part in place:
            # Validators put words of their own into a place (the kind of a channel); these are passed over.
            if (*known, part) in self.lines:
                known = (*known, part)
        return known

    def where(self, place: Path_) -> str:
        """``file:line`` of a place, or of the nearest thing around it that stands in the file."""
        return f"{self.path}:{self.lines.get(self.standing(place), 1)}"


def read_yaml(path: Path) -> YamlFile:
    """Read a file.

    Raises:
        ConfigError: it cannot be read, or it is no YAML; says where and what to do.
    """
    return parse_yaml(_read(path), path)


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        if path.is_symlink():
            what = "is a link that leads nowhere."
            raise _refused(str(path), what, "Mend the link, or name another file.") from None
        raise _refused(str(path), "there is no such file.", "`newswatch init` writes one to start from.") from None
    except IsADirectoryError:
        raise _refused(str(path), "is a folder.", "Name the file in it.") from None
    except OSError as error:
        raise _refused(str(path), f"cannot be read: {error.strerror}.", "Make it readable for this user.") from None
    if len(raw) > MAX_BYTES:
        what = f"is {len(raw) / 1_000_000:.1f} MB; a configuration has at most {MAX_BYTES // 1_000_000} MB."
        raise _refused(str(path), what, "Is it another file?")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(f"{path}:{line}", "is not UTF-8 text.", "Save the file as UTF-8.") from None


def parse_yaml(text: str, path: Path) -> YamlFile:
    """Parse YAML text.

    Raises:
        ConfigError: it is no YAML.
    """
    if text.lstrip().startswith("<"):
        raise _refused(
            str(path), "is a web page or XML, not YAML.", "Save the file itself, not the page that shows it."
        )
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        walker = _Walker(yaml, path)
        value = walker.plain(node, ()) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what, instead = _in_words(error, text)
        raise _refused(f"{path}:{mark.line + 1}" if mark else str(path), what, instead) from None
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        what = f"is not YAML: it holds the control character U+{ord(text[error.position]):04X}."
        raise _refused(f"{path}:{line}", what, "Take it out.") from None
    except RecursionError:
        raise _refused(str(path), _DEEP) from None
    return YamlFile(path, value, walker.lines, tuple(walker.mistakes))


def _refused(where: str, what: str, instead: str = "") -> ConfigError:
    return ConfigError((Problem(where, what, instead),))


def _in_words(error: MarkedYAMLError, text: str) -> tuple[str, str]:
    """What a parser stumbled over, for somebody who does not know YAML's words; and what to write instead."""
    said = str(error.problem or error.context or "it cannot be read").strip()
    mark, opened = error.problem_mark, error.context_mark
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    first = f"in line {opened.line + 1}" if opened else "above"
    if "\t" in line[: len(line) - len(line.lstrip())] or "\\t" in said:
        return "is not YAML: a tab stands where spaces belong.", "Indent with spaces."
    if "quoted scalar" in str(error.context):
        return f"is not YAML: the quote that opens {first} is not closed.", "Close it."
    if said.startswith("expected ',' or") and not said.endswith("'-'"):
        bracket = "[" if "']'" in said.partition(", but")[0] else "{"
        if said.endswith("':'"):
            return "is not YAML: a colon stands inside a value.", "Put the value into quotes."
        return f"is not YAML: the {bracket} that opens {first} is not closed.", "Close it."
    for sign, what, instead in _STUMBLES:
        if sign in said:
            name = said.rpartition("'")[0].rpartition("'")[2]
            return f"is not YAML: {what.format(name)}", instead.format(name)
    column = f" (column {mark.column + 1})" if mark else ""
    return f"is not YAML: {said}{column}.", "Look at this line and the one above: a colon, quote or bracket is missing."


class _Walker:
    """Turns composed nodes into plain values and notes their lines."""

    def __init__(self, yaml: YAML, path: Path) -> None:
        self._yaml = yaml
        self._path = path
        self._left = MAX_NODES
        self.lines: dict[Path_, int] = {}
        self.mistakes: list[Problem] = []

    def plain(self, node: Node, place: Path_) -> Any:
        self._left -= 1
        where = f"{self._path}:{node.start_mark.line + 1}"
        if self._left < 0:
            what = f"holds more than {MAX_NODES:,} values when its aliases (*name) are filled in."
            raise _refused(str(self._path), what, "Write out what you need.")
        if len(place) > 50:
            raise _refused(where, _DEEP)
        if node.tag not in _PLAIN_TAGS:
            tag = str(node.tag).replace(_TAG, "!!")
            raise _refused(where, f"`{tag}` is a kind of value that newswatch does not know.", "Take it out.")
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self._item(child, (*place, number)) for number, child in enumerate(node.value)]
        if isinstance(node, ScalarNode) and node.tag in {_TAG + "str", _TAG + "timestamp"}:
            return str(node.value)
        try:
            return self._yaml.constructor.construct_object(node)
        except ValueError:
            # A number of thousands of digits, and !!int before what is none.
            raise _refused(where, "holds a number that cannot be read.", "Write it with fewer digits.") from None

    def _item(self, node: Node, place: Path_) -> Any:
        self.lines[place] = node.start_mark.line + 1
        return self.plain(node, place)

    def _mapping(self, node: MappingNode, place: Path_) -> dict[Any, Any]:
        merged: dict[Any, Any] = {}
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.tag == _TAG + "merge":
                for source in value_node.value if isinstance(value_node, SequenceNode) else [value_node]:
                    merged = {**self.plain(source, place), **merged}
                continue
            key = key_node.value if isinstance(key_node, ScalarNode) else str(key_node.value)
            if key in found:
                first = self.lines.get((*place, key), line)
                self.mistakes.append(
                    Problem(f"{self._path}:{line}", f"`{key}` stands here again (first in line {first}).", "Keep one.")
                )
            self.lines[(*place, key)] = line
            found[key] = self.plain(value_node, (*place, key))
        return {**merged, **found}
