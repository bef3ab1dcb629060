"""The page of the configuration in force: what runs, with every default filled in, and never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from newswatch.alerting.aloud import sentences, short
from newswatch.config.load import Loaded
from newswatch.config.settings import WebhookChannel
from newswatch.errors import Problem

HIDDEN = "•••"
_SECRET = re.compile(r"key|token|secret|pass|auth|sig|code|credential", re.IGNORECASE)
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_WHOLE = frozenset({"feeds", "channels", "recipients", "events"})
"""What has a section of its own for each of its members."""


@dataclass(frozen=True, slots=True)
class Value:
    """A key with what it is.

    Attributes:
        key: as in the file; a block's are joined by dots.
        text: its value, for a person; never a secret.
        meaning: what the key is for.
        default: nobody wrote it.
    """

    key: str
    text: str
    meaning: str
    default: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Keys that belong together, such as a channel's."""

    title: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ConfigPage:
    """What is in force.

    Attributes:
        path: the file.
        read: when it was read, or None.
        routes: each recipient, read aloud.
        doubts: what is usable but probably not as meant.
        parts: a title and its blocks: the service, the feeds, the channels, the recipients, the events.
    """

    path: str
    read: datetime | None
    routes: tuple[tuple[str, str], ...]
    doubts: tuple[Problem, ...]
    parts: tuple[tuple[str, tuple[Block, ...]], ...]


def config_page(loaded: Loaded, read: datetime | None) -> ConfigPage:
    """The page of a configuration, and when that was read."""
    settings = loaded.settings
    service = Block("newswatch.yaml", tuple(one for one in values(settings) if one.key.split(".")[0] not in _WHOLE))
    feeds = tuple(Block(feed.title or feed_id, tuple(values(feed))) for feed_id, feed in loaded.feeds)
    channels = tuple(Block(name, tuple(values(channel))) for name, channel in loaded.channels.items())
    recipients = tuple(Block(one.id, tuple(values(one))) for one in loaded.recipients)
    events = tuple(Block(one.title, tuple(values(one))) for one in loaded.events)
    parts = (
        ("The service", (service,)), ("Channels", channels), ("Recipients", recipients), ("Events", events),
        ("Feeds", feeds),
    )  # fmt: skip
    routes = tuple((one.id, " ".join(sentences(one)).replace("`", "")) for one in loaded.recipients)
    return ConfigPage(str(loaded.path), read, routes, loaded.doubts, parts)


def values(model: BaseModel, before: str = "") -> Iterator[Value]:
    """Every key of a model with its value, blocks within it too; of secrets only where they come from."""
    for name, info in type(model).model_fields.items():
        key, value = f"{before}{info.alias or name}", getattr(model, name)
        if isinstance(value, BaseModel):
            yield from values(value, f"{key}.")
            continue
        meaning = " ".join((info.description or "").replace("``", "").replace("`", "").split())
        text = _host(str(value)) if isinstance(model, WebhookChannel) and name == "url" else _text(name, value)
        yield Value(key, text, meaning, _is_default(model, name, info))


def _is_default(model: BaseModel, name: str, info: FieldInfo) -> bool:
    written = name in model.model_fields_set
    return not written or (not info.is_required() and getattr(model, name) == info.get_default())


def _text(name: str, value: object) -> str:
    """A value for a person to read."""
    if value is None or value in ("", (), {}):
        return "none"
    if name.endswith("_env") and isinstance(value, str):
        return f"set from ${value}"
    if name.endswith("_file") and name != "ca_file":
        return f"read from the file {value}"
    if isinstance(value, Mapping):
        return _mapping(name, value)
    if isinstance(value, (tuple, list, frozenset)):
        return _several(name, value)
    return _single(name, value)


def _single(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return short(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, int) and name.endswith("bytes"):
        return f"{value / 1_000_000:g} MB"
    text = str(value)
    return bare_address(text) if _ADDRESS.match(text) else text


def _mapping(name: str, value: Mapping[object, object]) -> str:
    """Headers may be secrets whatever they are called, so only their names are said."""
    if name == "headers":
        return ", ".join(f"{one}: {HIDDEN}" for one in value)
    if name.endswith("_env"):
        return ", ".join(f"{one}: set from ${variable}" for one, variable in value.items())
    return ", ".join(f"{one}: {_text(str(one), other)}" for one, other in value.items())


def _several(name: str, value: tuple[object, ...] | list[object] | frozenset[object]) -> str:
    if any(isinstance(one, BaseModel) for one in value):
        return "; ".join(_model(one) for one in value if isinstance(one, BaseModel))
    return ", ".join(_text(name, one) for one in value)


def _model(one: BaseModel) -> str:
    """A member of a list, in a line: what was written of it."""
    written = [value for value in values(one) if not value.default]
    return ", ".join(f"{value.key} {value.text}" for value in written) or "as the defaults"


def _host(text: str) -> str:
    """A webhook's address as far as it is no secret: whoever has all of it may post there."""
    if not text:
        return "none"
    parts = urlsplit(text)
    return f"{parts.scheme}://{parts.hostname}/{HIDDEN}"


def bare_address(text: str) -> str:
    """An address without the login in it, and without what its query may keep secret."""
    try:
        parts = urlsplit(text)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    if not parts.netloc:
        return text  # sqlite:///a.db
    host = parts.hostname or ""
    login = f"{HIDDEN}@" if parts.username or parts.password else ""
    query = urlencode(
        [(key, HIDDEN if _SECRET.search(key) else value) for key, value in parse_qsl(parts.query)], safe="•/:,"
    )
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{login}{host}{port}", parts.path, query, ""))
