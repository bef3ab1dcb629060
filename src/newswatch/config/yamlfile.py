"""YAML files as plain values that remember their lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from newswatch.errors import ConfigError, Problem

MAX_BYTES = 5_000_000
# Aliases make a small file as large as they like when expanded ("billion laughs"); no real file comes near this.
MAX_NODES = 200_000
_TAG = "tag:yaml.org,2002:"

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

    def where(self, place: Path_) -> str:
        """``file:line`` of a place, or of the nearest thing around it that stands in the file."""
        known: Path_ = ()
        for part in place:
            # Validators put words of their own into a place (the kind of a channel); these are passed over.
            if (*known, part) in self.lines:
                known = (*known, part)
        return f"{self.path}:{self.lines.get(known, 1)}"


def read_yaml(path: Path) -> YamlFile:
    """Read a file.

    Raises:
        ConfigError: it cannot be read, or it is no YAML; says where and what to do.
    """
    return parse_yaml(_read(path), path)


def _read(path: Path) -> str:
    def refuse(what: str, instead: str = "") -> ConfigError:
        return ConfigError((Problem(str(path), what, instead),))

    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise refuse("there is no such file.", "`newswatch init` writes one to start from.") from None
    except IsADirectoryError:
        raise refuse("is a folder.", "Name the file in it.") from None
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}.", "Make it readable for this user.") from None
    if len(raw) > MAX_BYTES:
        raise refuse(f"is {len(raw) // 1_000_000} MB; a configuration has at most {MAX_BYTES // 1_000_000} MB.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError((Problem(f"{path}:{line}", "is not UTF-8 text.", "Save the file as UTF-8."),)) from None


def parse_yaml(text: str, path: Path) -> YamlFile:
    """Parse YAML text.

    Raises:
        ConfigError: it is no YAML.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
        walker = _Walker(yaml, path)
        value = walker.plain(node, ()) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise ConfigError((Problem(place, f"is not YAML: {_in_words(error, text)}"),)) from None
    except (YAMLError, RecursionError) as error:
        raise ConfigError((Problem(str(path), f"is not YAML: {str(error).splitlines()[0]}"),)) from None
    return YamlFile(path, value, walker.lines, tuple(walker.mistakes))


def _in_words(error: MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "\\t" in str(error.problem):
        return "a tab stands where spaces belong. Indent with spaces."
    said = str(error.problem or error.context or "it cannot be read").strip()
    column = f" (column {mark.column + 1})" if mark else ""
    return f"{said}{column}. Look at this line and the one above: a missing colon, quote or bracket?"


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
        if self._left < 0 or len(place) > 50:
            raise YAMLError(f"it holds more than {MAX_NODES:,} values, or nests deeper than 50 levels")
        self.lines.setdefault(place, node.start_mark.line + 1)
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self._item(child, (*place, number)) for number, child in enumerate(node.value)]
        if isinstance(node, ScalarNode) and node.tag in {_TAG + "str", _TAG + "timestamp"}:
            return str(node.value)
        return self._yaml.constructor.construct_object(node)

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
