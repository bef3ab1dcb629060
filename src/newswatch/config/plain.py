"""What can be trusted in a file that has mistakes: the values of which nothing wrong was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from newswatch.config.yamlfile import Path_, YamlFile


@dataclass(frozen=True, slots=True)
class Plain:
    """A file's values as they stand there, without those that are mistakes already.

    The checks that look at more than one value read from here and not from the models: one wrong value must not keep
    the mistakes of all others unsaid, and what is said of it must not be said again in other words.

    Attributes:
        file: what was read.
        wrong: the places of the mistakes.
    """

    file: YamlFile
    wrong: frozenset[Path_] = frozenset()

    def at(self, place: Path_) -> Any:
        """What stands at a place; None when nothing does."""
        value = self.file.value
        for part in place:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def text(self, place: Path_) -> str:
        """The text at a place; empty when there is none, or a wrong one."""
        value = self.at(place)
        return value if isinstance(value, str) and place not in self.wrong else ""

    def texts(self, place: Path_) -> list[tuple[Path_, str]]:
        """The texts of a list, each with its place."""
        found = [((*place, number), self.text((*place, number))) for number in range(self.length(place))]
        return [(where, text) for where, text in found if text]

    def length(self, place: Path_) -> int:
        """How many items a list has."""
        value = self.at(place)
        return len(value) if isinstance(value, list) else 0

    def blocks(self, place: Path_) -> list[Path_]:
        """The places of a list's items that are blocks."""
        places: list[Path_] = [(*place, number) for number in range(self.length(place))]
        return [where for where in places if isinstance(self.at(where), dict)]

    def keys(self, place: Path_) -> list[str]:
        """The keys of a block, whatever stands under them."""
        value = self.at(place)
        return [str(key) for key in value] if isinstance(value, dict) else []

    def sound(self, place: Path_) -> bool:
        """No mistake was said of this place or of what is in it."""
        return not any(wrong[: len(place)] == place for wrong in self.wrong)
