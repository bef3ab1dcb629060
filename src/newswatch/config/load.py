"""Finding, reading and checking the configuration: newswatch.yaml and the event files it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import ValidationError

from newswatch.config.checks import problems_of_event, problems_of_paths, problems_of_settings
from newswatch.config.event import Event
from newswatch.config.settings import Channel, Feed, FolderChannel, Recipient, Settings
from newswatch.config.words import problems_of
from newswatch.config.yamlfile import YamlFile, read_yaml
from newswatch.errors import ConfigError, Problem

OUTBOX = "outbox"
EVERYONE = "everyone"
M = TypeVar("M", Settings, Event)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used, with every default filled in.

    Attributes:
        path: the file.
        settings: as written.
        events: the events, in the order of their files.
        feeds: ``(id, feed)``, every feed with an id.
        channels: by name; a folder ``outbox/`` when none is configured.
        recipients: one who gets everything when none is configured.
        doubts: what is usable but probably not as meant.
    """

    path: Path
    settings: Settings
    events: tuple[Event, ...]
    feeds: tuple[tuple[str, Feed], ...]
    channels: Mapping[str, Channel]
    recipients: tuple[Recipient, ...]
    doubts: tuple[Problem, ...] = ()

    @property
    def base(self) -> Path:
        """The folder that relative paths are relative to."""
        return self.path.parent

    @property
    def templates(self) -> Path | None:
        """The user's templates, or None."""
        path = self.settings.templates.path
        return None if path is None else self.base / path.expanduser()


def find_config(given: Path | None, environ: Mapping[str, str]) -> Path:
    """The configuration file: the given one, or the first of the usual places that has one.

    Raises:
        ConfigError: none of the places has one.
    """
    if given is not None:
        return given
    if named := environ.get("NEWSWATCH_CONFIG"):
        return Path(named)
    home = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME", "/")) / ".config")
    places = (
        Path("newswatch.yaml"),
        Path("config/newswatch.yaml"),
        home / "newswatch/newswatch.yaml",
        Path("/etc/newswatch/newswatch.yaml"),
    )
    for place in places:
        if place.is_file():
            return place
    tried = ", ".join(str(place) for place in places)
    raise ConfigError(
        (
            Problem(
                "configuration",
                f"none found (looked for {tried}).",
                "Name one with --config, or write one with `newswatch init`.",
            ),
        )
    )


def load_config(given: Path | None, environ: Mapping[str, str]) -> Loaded:
    """Read newswatch.yaml and its event files.

    Args:
        given: the file, or None to look in the usual places (`find_config`).
        environ: the environment, for secrets and places.

    Raises:
        ConfigError: with every mistake of every file.
    """
    path = find_config(given, environ)
    file = read_yaml(path)
    mistakes = list(file.mistakes)
    settings = _validated(file, Settings, mistakes)
    patterns = settings.events if settings is not None else _event_patterns(file)
    events: dict[str, Event] = {}
    doubts: list[Problem] = []
    for event_path in _event_files(file, patterns, mistakes):
        event = _event(event_path, mistakes, doubts)
        if event is not None and event.event in events:
            mistakes.append(Problem(str(event_path), f"another file has the event `{event.event}` too.", "Rename one."))
        elif event is not None:
            events[event.event] = event
    if settings is not None:
        found = [*problems_of_settings(file, settings, events, environ), *problems_of_paths(file, settings)]
        mistakes += [problem for problem in found if not problem.doubtful]
        doubts = [problem for problem in found if problem.doubtful] + doubts
    if mistakes or settings is None:
        raise ConfigError(tuple(dict.fromkeys(mistakes)))
    channels: Mapping[str, Channel] = settings.channels or {OUTBOX: FolderChannel(type="folder", path=Path(OUTBOX))}
    everyone = (Recipient(id=EVERYONE, channels=tuple(channels)),)
    return Loaded(
        path=path.absolute(),
        settings=settings,
        events=tuple(events.values()),
        feeds=_named(settings.feeds),
        channels=channels,
        recipients=settings.recipients or everyone,
        doubts=tuple(doubts),
    )


def load_event(path: Path) -> Event:
    """Read one event file.

    Raises:
        ConfigError: with every mistake in it.
    """
    mistakes: list[Problem] = []
    event = _event(path, mistakes, [])
    if mistakes or event is None:
        raise ConfigError(tuple(mistakes))
    return event


def _validated(file: YamlFile, model: type[M], mistakes: list[Problem]) -> M | None:
    if not isinstance(file.value, dict):
        what = "is empty." if file.value is None else "must be a block of keys and values."
        mistakes.append(Problem(str(file.path), what, "`newswatch init` writes one to start from."))
        return None
    try:
        return model.model_validate(file.value)
    except ValidationError as error:
        mistakes += problems_of(error, file, model)
        return None


def _event(path: Path, mistakes: list[Problem], doubts: list[Problem]) -> Event | None:
    try:
        file = read_yaml(path)
    except ConfigError as error:
        mistakes += error.problems
        return None
    mistakes += file.mistakes
    event = _validated(file, Event, mistakes)
    if event is not None:
        found = list(problems_of_event(file, event))
        mistakes += [problem for problem in found if not problem.doubtful]
        doubts += [problem for problem in found if problem.doubtful]
    return event


def _event_patterns(file: YamlFile) -> tuple[str, ...]:
    """The patterns of a file that has other mistakes, so that the event files' mistakes are said in the same go."""
    value = file.value.get("events") if isinstance(file.value, dict) else None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return Settings().events if value is None else ()


def _event_files(file: YamlFile, patterns: tuple[str, ...], mistakes: list[Problem]) -> list[Path]:
    found: dict[Path, None] = {}
    for number, pattern in enumerate(patterns):
        if Path(pattern).is_absolute():
            paths = sorted(Path("/").glob(pattern.lstrip("/")))
        else:
            paths = sorted(file.path.parent.glob(pattern))
        if not paths:
            where = file.where(("events", number))
            mistakes.append(Problem(where, f"`{pattern}` names no event file.", "`newswatch init` writes one."))
        found |= dict.fromkeys(paths)
    return list(found)


def _named(feeds: tuple[Feed, ...]) -> tuple[tuple[str, Feed], ...]:
    """Every feed with an id: its own, or one made of its host (and its path, where a host has several)."""
    taken = {feed.id for feed in feeds if feed.id}
    named = []
    for feed in feeds:
        name = feed.id or _free_name(feed.url, taken)
        taken.add(name)
        named.append((name, feed))
    return tuple(named)


def _free_name(url: str, taken: set[str]) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "feed").removeprefix("www.")
    words = "".join(c if c.isalnum() and c.isascii() else "-" for c in f"{host}{parts.path}".lower()).strip("-")
    short = "".join(c if c.isalnum() and c.isascii() else "-" for c in host.lower()).strip("-") or "feed"
    for candidate in (short, words[:64].strip("-")):
        if candidate not in taken:
            return candidate
    number = next(n for n in range(2, 1_000_000) if f"{short}-{n}" not in taken)
    return f"{short}-{number}"
