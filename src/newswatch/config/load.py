"""Finding, reading and checking the configuration: newswatch.yaml and the event files it names."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from newswatch.config.event import Event
from newswatch.config.read import Read, read_config, read_event
from newswatch.config.secrets import at_home, resolve
from newswatch.config.settings import Channel, Feed, FolderChannel, Polling, Recipient, Settings
from newswatch.errors import ConfigError, Problem

OUTBOX = "outbox"
EVERYONE = "everyone"


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
        return None if path is None else self.base / at_home(path)

    @property
    def published(self) -> Path | None:
        """The folder of the feeds that are written, or None."""
        folder = self.settings.publish.folder
        return None if folder is None else self.base / at_home(folder)

    def polling(self, environ: Mapping[str, str]) -> Polling:
        """How feeds are polled, with ``ca_file`` where it is found."""
        polling = self.settings.polling
        if polling.ca_file is None:
            return polling
        return polling.model_copy(update={"ca_file": resolve(self.base, polling.ca_file, environ)})


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
    return usable(read_config(find_config(given, environ), environ))


def load_event(path: Path) -> Event:
    """Read one event file.

    Raises:
        ConfigError: with every mistake in it.
    """
    read = read_event(path)
    if read.mistakes or read.event is None:
        raise ConfigError(read.mistakes)
    return read.event


def usable(found: Read) -> Loaded:
    """What was read, as it is used.

    Raises:
        ConfigError: it has mistakes.
    """
    settings = found.settings
    if found.mistakes or settings is None:
        raise ConfigError(found.mistakes)
    channels: Mapping[str, Channel] = settings.channels or {OUTBOX: FolderChannel(type="folder", path=Path(OUTBOX))}
    everyone = (Recipient(id=EVERYONE, channels=tuple(channels)),)
    return Loaded(
        path=found.path.absolute(),
        settings=settings,
        events=tuple(event for _, event in found.events),
        feeds=_named(settings.feeds),
        channels=channels,
        recipients=settings.recipients or everyone,
        doubts=found.doubts,
    )


def _named(feeds: tuple[Feed, ...]) -> tuple[tuple[str, Feed], ...]:
    """Every feed with an id: its own, or one made of its host (and its path, where a host has several)."""
    taken = {feed.id for feed in feeds if feed.id}
    named = []
    for feed in feeds:
        name = feed.id or free_name(feed.url, taken)
        taken.add(name)
        named.append((name, feed))
    return tuple(named)


def free_name(url: str, taken: AbstractSet[str]) -> str:
    """An id for a feed: of its host, of its host and path, or of its host with a number."""
    parts = urlsplit(url)
    host = (parts.hostname or "feed").removeprefix("www.")
    words = "".join(c if c.isalnum() and c.isascii() else "-" for c in f"{host}{parts.path}".lower()).strip("-")
    short = "".join(c if c.isalnum() and c.isascii() else "-" for c in host.lower()).strip("-") or "feed"
    for candidate in (short, words[:64].strip("-")):
        if candidate not in taken:
            return candidate
    number = next(n for n in range(2, 1_000_000) if f"{short}-{n}" not in taken)
    return f"{short}-{number}"
