"""What no single value can tell: names that must exist, things that must be unique, and what is merely doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newswatch.config.cron import cron_trigger
from newswatch.config.event import Event
from newswatch.config.secrets import read_secret
from newswatch.config.settings import EmailChannel, FolderChannel, Settings, WebhookChannel
from newswatch.config.yamlfile import Path_, YamlFile
from newswatch.errors import ConfigError, Problem


def problems_of_settings(
    file: YamlFile, settings: Settings, events: Mapping[str, Event], environ: Mapping[str, str]
) -> Iterator[Problem]:
    """Mistakes and doubts in newswatch.yaml that need a look at more than one value."""
    yield from _feeds(file, settings, events)
    yield from _channels(file, settings, environ)
    yield from _recipients(file, settings, events)
    yield from _doubts(file, settings, events)


def _unknown(where: str, what: str, name: str, known: Iterator[str] | list[str]) -> Problem:
    names = ", ".join(sorted(known)) or "none"
    return Problem(where, f"{what} `{name}` does not exist.", f"There are: {names}.")


def bad_url(url: str) -> str:
    """What is wrong with a feed's or webhook's address, or nothing."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        return f"is not an address ({error})"
    if parts.scheme not in {"http", "https"}:
        return "is not an http or https address"
    if not host:
        return "names no host"
    if parts.username or parts.password:
        return "holds a user name or password; put it into `headers` by environment, not into the address"
    return ""


def _feeds(file: YamlFile, settings: Settings, events: Mapping[str, Event]) -> Iterator[Problem]:
    ids: dict[str, int] = {}
    urls: dict[str, int] = {}
    for number, feed in enumerate(settings.feeds):
        place: Path_ = ("feeds", number)
        if wrong := bad_url(feed.url):
            yield Problem(file.where((*place, "url")), f"`url` {feed.url!r} {wrong}.")
        if feed.id is not None and ids.setdefault(feed.id, number) != number:
            yield Problem(file.where((*place, "id")), f"two feeds are called `{feed.id}`.", "Give each its own `id`.")
        if urls.setdefault(feed.url, number) != number:
            first = file.where(("feeds", urls[feed.url])).rpartition(":")[2]
            yield Problem(
                file.where((*place, "url")), f"{feed.url} is here twice (first in line {first}).", "Keep one."
            )
        for index, event in enumerate(feed.events):
            if event not in events:
                yield _unknown(file.where((*place, "events", index)), "event", event, list(events))


def _channels(file: YamlFile, settings: Settings, environ: Mapping[str, str]) -> Iterator[Problem]:
    for name, channel in settings.channels.items():
        place: Path_ = ("channels", name)
        if isinstance(channel, FolderChannel):
            continue
        if isinstance(channel, EmailChannel):
            env, secret = channel.password_env, channel.password_file
            key = "password_env" if env else "password_file"
            if channel.username and not (env or secret):
                yield Problem(
                    file.where((*place, "username")),
                    f"channel `{name}` has a `username` and no password.",
                    "Add `password_env: NAME` or `password_file: PATH`.",
                )
            if channel.username and channel.security == "none":
                yield Problem(
                    file.where((*place, "security")),
                    f"channel `{name}` would send its password unencrypted.",
                    "Write `security: starttls` or `security: tls`.",
                    doubtful=True,
                )
        else:
            env, secret = channel.secret_env, channel.secret_file
            key = "secret_env" if env else "secret_file"
            yield from _webhook(file, name, channel)
        try:
            read_secret(env=env, file=secret, base=file.path.parent, environ=environ)
        except ConfigError as error:
            for problem in error.problems:
                yield Problem(file.where((*place, key)), f"channel `{name}`: {problem.what}", problem.instead)


def _webhook(file: YamlFile, name: str, channel: WebhookChannel) -> Iterator[Problem]:
    place: Path_ = ("channels", name)
    if wrong := bad_url(channel.url):
        yield Problem(file.where((*place, "url")), f"`url` {channel.url!r} {wrong}.")
    if not (channel.secret_env or channel.secret_file):
        yield Problem(
            file.where(place),
            f"webhook `{name}` is not signed: its receiver cannot tell our calls from anybody's.",
            "Add `secret_env` or `secret_file` with a whsec_… secret.",
            doubtful=True,
        )


def _recipients(file: YamlFile, settings: Settings, events: Mapping[str, Event]) -> Iterator[Problem]:
    topics = {topic.id for event in events.values() for topic in event.topics}
    ids: set[str] = set()
    for number, recipient in enumerate(settings.recipients):
        place: Path_ = ("recipients", number)
        if recipient.id in ids:
            yield Problem(file.where((*place, "id")), f"two recipients are called `{recipient.id}`.", "Rename one.")
        ids.add(recipient.id)
        for key, names, known in (
            ("channel", recipient.channels, set(settings.channels)),
            ("event", recipient.events, set(events)),
            ("topic", recipient.topics, topics),
        ):
            for index, name in enumerate(names):
                if name not in known:
                    yield _unknown(file.where((*place, f"{key}s", index)), key, name, sorted(known))
        try:
            ZoneInfo(recipient.timezone)
        except (KeyError, ValueError, OSError):
            yield Problem(
                file.where((*place, "timezone")),
                f"there is no time zone {recipient.timezone!r}.",
                "Write an IANA name such as Europe/London or Asia/Bishkek.",
            )
        if recipient.digest is not None:
            try:
                cron_trigger(recipient.digest.cron, "UTC")
            except ValueError as error:
                yield Problem(
                    file.where((*place, "digest", "cron")),
                    f"`cron` {recipient.digest.cron!r} cannot be read: {error}.",
                    "Write five fields, minute hour day month weekday: 0 7 * * * is every day at seven.",
                )


def _doubts(file: YamlFile, settings: Settings, events: Mapping[str, Event]) -> Iterator[Problem]:
    if not settings.feeds:
        yield Problem(file.where(("feeds",)), "there is no feed: nothing will be polled.", "Add feeds.", doubtful=True)
    for event in events:
        if settings.feeds and not any(not feed.events or event in feed.events for feed in settings.feeds):
            yield Problem(file.where(("feeds",)), f"no feed is read for event `{event}`.", "Add one.", doubtful=True)
        if settings.recipients and not any(not r.events or event in r.events for r in settings.recipients):
            yield Problem(
                file.where(("recipients",)), f"nobody is told of event `{event}`.", "Add a recipient.", doubtful=True
            )
    used = {name for recipient in settings.recipients for name in recipient.channels}
    for name in settings.channels:
        if settings.recipients and name not in used:
            yield Problem(file.where(("channels", name)), f"nobody is told over channel `{name}`.", doubtful=True)
    for number, feed in enumerate(settings.feeds):
        interval = feed.interval or settings.polling.interval
        if interval.total_seconds() < 60:
            yield Problem(
                file.where(("feeds", number)),
                f"{feed.url} is polled every {interval.total_seconds():g} s; most servers refuse that.",
                "Write a minute or more.",
                doubtful=True,
            )


def problems_of_event(file: YamlFile, event: Event) -> Iterator[Problem]:
    """Mistakes and doubts in one event file that need a look at more than one value."""
    if not (event.about.any or event.about.all):
        yield Problem(
            file.where(("about",)), "`about` matches nothing.", "Name at least one phrase under `any` or `all`."
        )
    as_of = event.baseline.as_of
    if as_of is not None and as_of.tzinfo is None:
        yield Problem(
            file.where(("baseline", "as_of")),
            f"`as_of` {as_of.isoformat()} has no time zone.",
            f"Write {as_of.isoformat()}Z for UTC, or {as_of.isoformat()}+06:00.",
        )
    if (event.baseline.text or event.baseline.facts) and as_of is None:
        yield Problem(
            file.where(("baseline",)),
            "the baseline does not say when it was written: older stories will be told as news.",
            "Add `as_of: 2019-08-08T10:00:00Z`.",
            doubtful=True,
        )
    for plural, ids in (("topics", [t.id for t in event.topics]), ("entities", [e.id for e in event.entities])):
        for number, name in enumerate(ids):
            if name in ids[:number]:
                yield Problem(file.where((plural, number, "id")), f"two {plural} are called `{name}`.", "Rename one.")
    for number, topic in enumerate(event.topics):
        if not (topic.any or topic.all):
            yield Problem(
                file.where(("topics", number)), f"topic `{topic.id}` has no phrases and never matches.", doubtful=True
            )


def problems_of_paths(file: YamlFile, settings: Settings) -> Iterator[Problem]:
    """Folders and files that the configuration names and that are not there."""
    templates = settings.templates.path
    if templates is not None and not (file.path.parent / templates.expanduser()).is_dir():
        yield Problem(
            file.where(("templates", "path")), f"the folder {templates} is not there.", "Make it, or take this out."
        )
    for name, channel in settings.channels.items():
        ca_file = channel.ca_file if isinstance(channel, EmailChannel) else None
        if ca_file is not None and not (file.path.parent / Path(ca_file).expanduser()).is_file():
            yield Problem(file.where(("channels", name, "ca_file")), f"the file {ca_file} is not there.")
