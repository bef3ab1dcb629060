"""newswatch.yaml and its event files, read and checked: every mistake of all of them, and what is usable all the same.

::

    file | YAML | models | names, secrets, folders        a mistake at one step keeps nothing else from being checked
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from newswatch.config.checks import (
    doubts_of_event,
    doubts_of_settings,
    mistakes_of_event,
    mistakes_of_settings,
    names_of,
)
from newswatch.config.event import Event
from newswatch.config.plain import Plain
from newswatch.config.settings import Settings
from newswatch.config.words import problems_of
from newswatch.config.yamlfile import YamlFile, parse_yaml, read_yaml
from newswatch.errors import ConfigError, Problem

M = TypeVar("M", Settings, Event)


@dataclass(frozen=True, slots=True)
class Read:
    """What was found in newswatch.yaml and its event files.

    Attributes:
        path: newswatch.yaml.
        settings: what it says, or None when it has mistakes.
        events: the events without mistakes of their own, each with its file, in the order of the files.
        mistakes: every mistake of every file.
        doubts: what is usable but probably not as meant.
    """

    path: Path
    settings: Settings | None
    events: tuple[tuple[YamlFile, Event], ...]
    mistakes: tuple[Problem, ...]
    doubts: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """What was found in an event file.

    Attributes:
        plain: its values, or None when it could not be read.
        event: what it says, or None when it has mistakes.
        mistakes: every one.
        doubts: what is usable but probably not as meant.
    """

    plain: Plain | None
    event: Event | None
    mistakes: tuple[Problem, ...]
    doubts: tuple[Problem, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Mistakes, then doubts."""
        return (*self.mistakes, *self.doubts)


def read_config(path: Path, environ: Mapping[str, str], *, text: str | None = None) -> Read:
    """Read newswatch.yaml and its event files.

    Args:
        path: newswatch.yaml.
        environ: the environment, for secrets.
        text: what it would hold, to be checked before it is written; None for what it holds.
    """
    try:
        file = read_yaml(path) if text is None else parse_yaml(text, path)
    except ConfigError as error:
        return Read(path, None, (), error.problems, ())
    plain, settings, mistakes = _validated(file, Settings)
    paths, missing = _event_files(plain)
    files = [read_event(event_path) for event_path in paths]
    complete = not missing and plain.sound(("events",)) and all(read.plain is not None for read in files)
    names = names_of((read.plain for read in files if read.plain is not None), complete=complete)
    mistakes = _by_line([*mistakes, *missing, *mistakes_of_settings(plain, names, environ)])
    events = tuple((read.plain.file, read.event) for read in files if read.plain and read.event)
    doubts: list[Problem] = []
    if settings is not None and not mistakes and len(events) == len(files):
        doubts = _by_line(doubts_of_settings(file, settings, {event.event: event for _, event in events}))
    mistakes += [problem for read in files for problem in read.mistakes]
    mistakes += _same_event(files)
    doubts += [problem for read in files for problem in read.doubts]
    return Read(path, settings, events, tuple(mistakes), tuple(doubts))


def read_event(path: Path) -> ReadEvent:
    """Read an event file."""
    try:
        file = read_yaml(path)
    except ConfigError as error:
        return ReadEvent(None, None, error.problems)
    plain, event, mistakes = _validated(file, Event)
    mistakes += mistakes_of_event(plain)
    if mistakes or event is None:
        return ReadEvent(plain, None, tuple(_by_line(mistakes)))
    return ReadEvent(plain, event, (), tuple(_by_line(doubts_of_event(file, event))))


def _by_line(problems: Iterable[Problem]) -> list[Problem]:
    """The problems of one file as its reader meets them, each once."""

    def line(problem: Problem) -> int:
        number = problem.where.rpartition(":")[2]
        return int(number) if number.isdecimal() else 0

    return sorted(dict.fromkeys(problems), key=line)


def _validated(file: YamlFile, model: type[M]) -> tuple[Plain, M | None, list[Problem]]:
    mistakes = list(file.mistakes)
    if not isinstance(file.value, dict):
        what = "is empty." if file.value is None else "must be a block of keys and values."
        mistakes.append(Problem(str(file.path), what, "`newswatch init` writes one to start from."))
        return Plain(file), None, mistakes
    try:
        return Plain(file), model.model_validate(file.value), mistakes
    except ValidationError as error:
        problems, wrong = problems_of(error, file, model)
        return Plain(file, frozenset(wrong)), None, mistakes + problems


def _event_files(plain: Plain) -> tuple[list[Path], list[Problem]]:
    """The files that `events` names, each once, and what it names in vain."""
    file = plain.file
    found: dict[Path, None] = {}
    missing = []
    # What cannot be read at all says nothing about its events; its own mistake is enough.
    given = plain.texts(("events",)) if isinstance(file.value, dict) else []
    if isinstance(file.value, dict) and "events" not in file.value:
        given = [(("events",), pattern) for pattern in Settings().events]
    for place, pattern in given:
        root, relative = (
            (Path("/"), pattern.lstrip("/")) if Path(pattern).is_absolute() else (file.path.parent, pattern)
        )
        paths = _matching(root, relative)
        # A link that leads nowhere is matched by no pattern, but a file that is named is meant.
        if not paths and (root / relative).is_symlink():
            paths = [root / relative]
        if not paths:
            missing.append(
                Problem(file.where(place), f"`{pattern}` names no event file.", "`newswatch init` writes one.")
            )
        found |= dict.fromkeys(paths)
    return list(found), missing


def _matching(root: Path, pattern: str) -> list[Path]:
    try:
        return sorted(root.glob(pattern))
    except (ValueError, NotImplementedError, OSError):  # no pattern at all: empty, or ** beside other letters
        return []


def _same_event(files: list[ReadEvent]) -> list[Problem]:
    first: dict[str, Path] = {}
    problems = []
    for read in files:
        name = read.plain.text(("event",)) if read.plain else ""
        if read.plain and name and first.setdefault(name, read.plain.file.path) != read.plain.file.path:
            what = f"{first[name]} has the event `{name}` too."
            problems.append(Problem(read.plain.file.where(("event",)), what, "Rename one."))
    return problems
