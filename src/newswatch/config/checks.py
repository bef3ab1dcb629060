"""What no single value can tell: names that must exist, things that must be unique, and what is merely doubtful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from newswatch.config.access import mistakes_of_access
from newswatch.config.authority import mistakes_of_authority
from newswatch.config.event import Event
from newswatch.config.hooks import doubts_of_hook, mistakes_of_hook
from newswatch.config.paths import words_languages
from newswatch.config.plain import Plain
from newswatch.config.routes import doubts_of_route, mistakes_of_routes
from newswatch.config.secrets import at_home, read_secret
from newswatch.config.settings import EmailChannel, Polling, Recipient, Settings, WebhookChannel
from newswatch.config.yamlfile import Path_, YamlFile
from newswatch.errors import ConfigError, Problem

_SHORT = 2
"""A name of so few letters stands in too many texts, or is an ordinary word."""


@dataclass(frozen=True, slots=True)
class Names:
    """What newswatch.yaml may name. None: unknown, since an event file has mistakes where the names stand.

    Attributes:
        events: ids of the events.
        topics: ids of all their topics.
    """

    events: frozenset[str] | None
    topics: frozenset[str] | None


def names_of(events: Iterable[Plain], *, complete: bool) -> Names:
    """The names that event files give; what is broken besides does not unmake a name.

    Args:
        events: the files.
        complete: every file could be read.
    """
    files = list(events)
    ids = [file.text(("event",)) for file in files]
    topics = [file.text((*topic, "id")) for file in files for topic in file.blocks(("topics",))]
    listed = all(file.at(("topics",)) is None or ("topics",) not in file.wrong for file in files)
    counted = len(topics) == sum(file.length(("topics",)) for file in files)
    return Names(
        events=frozenset(ids) if complete and all(ids) else None,
        topics=frozenset(topics) if complete and listed and counted and all(topics) else None,
    )


def mistakes_of_settings(plain: Plain, names: Names, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Mistakes in newswatch.yaml that need a look at more than one value, or outside the file."""
    yield from _feeds(plain, names)
    yield from mistakes_of_authority(plain, ("polling", "ca_file"), environ)
    yield from mistakes_of_access(plain, environ)
    for name in plain.keys(("channels",)):
        yield from _channel(plain, name, environ)
    yield from _recipients(plain, names)
    templates = plain.text(("templates", "path"))
    if templates and not (plain.file.path.parent / at_home(Path(templates))).is_dir():
        where = plain.file.where(("templates", "path"))
        yield Problem(where, f"the folder {templates} is not there.", "Make it, or take this out.")


def mistakes_of_event(plain: Plain) -> Iterator[Problem]:
    """Mistakes in one event file that need a look at more than one value."""
    about = plain.at(("about",))
    if isinstance(about, dict) and plain.sound(("about",)) and not (about.get("any") or about.get("all")):
        where = plain.file.where(("about",))
        yield Problem(where, "`about` matches nothing.", "Name at least one phrase under `any` or `all`.")
    for kind, blocks in (("topics", ("topics",)), ("entities", ("entities",)), ("facts", ("baseline", "facts"))):
        yield from _twice(plain, blocks, kind)


def _unknown(where: str, what: str, name: str, known: Iterable[str], instead: str) -> Problem:
    names = ", ".join(sorted(known))
    return Problem(where, f"{what} `{name}` does not exist.", f"There are: {names}." if names else instead)


def _twice(plain: Plain, blocks: Path_, kind: str) -> Iterator[Problem]:
    first: dict[str, Path_] = {}
    for block in plain.blocks(blocks):
        place = (*block, "id")
        name = plain.text(place)
        if name and first.setdefault(name, place) != place:
            line = plain.file.lines[first[name]]
            what = f"two {kind} are called `{name}` (the first in line {line})."
            yield Problem(plain.file.where(place), what, "Rename one.")


def _feeds(plain: Plain, names: Names) -> Iterator[Problem]:
    yield from _twice(plain, ("feeds",), "feeds")
    urls: dict[str, Path_] = {}
    for feed in plain.blocks(("feeds",)):
        url = plain.text((*feed, "url"))
        if url and urls.setdefault(url, feed) != feed:
            first = plain.file.lines[urls[url]]
            where = plain.file.where((*feed, "url"))
            yield Problem(where, f"{url} is here twice (the first in line {first}).", "Keep one.")
        for place, event in plain.texts((*feed, "events")):
            if names.events is not None and event not in names.events:
                yield _unknown(plain.file.where(place), "event", event, names.events, "Write its file first.")


def _channel(plain: Plain, name: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    place: Path_ = ("channels", name)
    kind = plain.text((*place, "type"))
    if kind in {"webhook", "apprise"}:
        yield from mistakes_of_hook(plain, name, environ)
        return
    if kind != "email":
        return
    where = plain.file.where
    env, file = plain.text((*place, "password_env")), plain.text((*place, "password_file"))
    base = plain.file.path.parent
    key = "password_env" if env else "password_file"
    try:
        read_secret(env=env, file=Path(file) if file else None, base=base, environ=environ)
    except ConfigError as error:
        for problem in error.problems:
            yield Problem(where((*place, key)), f"channel `{name}`: {problem.what}", problem.instead)
    if kind == "email":
        yield from _email(plain, name, environ)


def _email(plain: Plain, name: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    """What an email channel lacks to log in, or has too much of."""
    place: Path_ = ("channels", name)
    where, keys = plain.file.where, set(plain.keys(place))
    passwords = {"password_env", "password_file", "password", "passwd"} & keys
    if plain.text((*place, "username")) and not passwords and "oauth2" not in keys:
        yield Problem(
            where((*place, "username")),
            f"channel `{name}` has a `username` and no password.",
            "Add `password_env: NAME` or `password_file: PATH`, or `oauth2`.",
        )
    if "oauth2" in keys:
        yield from _oauth2(plain, name, environ)
    yield from mistakes_of_authority(plain, (*place, "ca_file"), environ)


def _oauth2(plain: Plain, name: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    """One way to a token, with all that it needs and nothing of the other."""
    place: Path_ = ("channels", name, "oauth2")
    where, keys = plain.file.where, set(plain.keys(place))
    if not plain.text(("channels", name, "username")):
        what = f"channel `{name}` has `oauth2` and no `username`."
        yield Problem(where(place), what, "Add the address of the mailbox as `username`.")
    if {"password_env", "password_file"} & set(plain.keys(("channels", name))):
        yield Problem(where(place), f"channel `{name}` has a password and `oauth2`.", "Keep one.")
    given, fetched = {"token_env", "token_file"} & keys, {"token_url"} & keys
    if not given and not fetched:
        instead = "Add `token_file`, `token_env`, or `token_url` with `client_id` and `refresh_token_file`."
        yield Problem(where(place), f"`oauth2` of channel `{name}` names no token.", instead)
    elif given and fetched:
        what = f"`oauth2` of channel `{name}` has a token, and an address to fetch one."
        yield Problem(where(place), what, f"Keep `{min(given)}` or `token_url`.")
    elif fetched:
        for key, said in (("client_id", "client_id"), ("refresh_token", "refresh_token_file")):
            if not {key, f"{key}_env", f"{key}_file"} & keys:
                what = f"`oauth2` of channel `{name}` has a `token_url` and no `{said}`."
                yield Problem(where((*place, "token_url")), what, f"Add `{said}`.")
    for secret in ("token", "client_secret", "refresh_token"):
        env, file = plain.text((*place, f"{secret}_env")), plain.text((*place, f"{secret}_file"))
        try:
            base = plain.file.path.parent
            read_secret(env=env, file=Path(file) if file else None, base=base, environ=environ)
        except ConfigError as error:
            for problem in error.problems:
                key = f"{secret}_env" if env else f"{secret}_file"
                yield Problem(where((*place, key)), f"channel `{name}`: {problem.what}", problem.instead)


def _recipients(plain: Plain, names: Names) -> Iterator[Problem]:
    yield from _twice(plain, ("recipients",), "recipients")
    channels = plain.at(("channels",))
    known = {
        "channel": frozenset(plain.keys(("channels",))) if channels is None or isinstance(channels, dict) else None,
        "event": names.events,
        "topic": names.topics,
    }
    instead = {
        "channel": "There is none yet: describe it under `channels`.",
        "event": "There is none yet: write its file first.",
        "topic": "There is none yet: add `topics` to an event file.",
    }
    for recipient in plain.blocks(("recipients",)):
        for what, those in known.items():
            for place, name in plain.texts((*recipient, f"{what}s")):
                if those is not None and name not in those:
                    yield _unknown(plain.file.where(place), what, name, those, instead[what])
    yield from mistakes_of_routes(plain, names.topics)
    yield from _operator(plain)


def _operator(plain: Plain) -> Iterator[Problem]:
    operator, blocks = plain.text(("operator",)), plain.blocks(("recipients",))
    ids = [plain.text((*block, "id")) for block in blocks]
    complete = all(ids) and plain.length(("recipients",)) == len(blocks)
    if operator and complete and operator not in ids:
        instead = "Describe them under `recipients`, or take this out: the first other channel is used then."
        yield _unknown(plain.file.where(("operator",)), "recipient", operator, ids, instead)


# ---------------------------------------------------------------- doubts


def _doubt(file: YamlFile, place: Path_, what: str, instead: str) -> Problem:
    return Problem(file.where(place), what, instead, doubtful=True)


def doubts_of_settings(file: YamlFile, settings: Settings, events: Mapping[str, Event]) -> Iterator[Problem]:
    """What in newswatch.yaml works, but probably not as meant."""
    yield from _doubts_of_polling(file, settings.polling)
    yield from _doubts_of_feeds(file, settings, events)
    yield from _doubts_of_channels(file, settings)
    recipients = settings.recipients
    for event in events:
        if recipients and not any(not r.events or event in r.events for r in recipients):
            instead = f"Add `{event}` to the `events` of a recipient."
            yield _doubt(file, ("recipients",), f"nobody is told of event `{event}`.", instead)
    for number, recipient in enumerate(recipients):
        yield from _doubts_of_recipient(file, ("recipients", number), recipient, events)
        yield from doubts_of_route(file, ("recipients", number), recipient, words_languages(_templates(file, settings)))
    spoken, languages = settings.publish.language, words_languages(_templates(file, settings))
    if settings.publish.folder is not None and spoken not in languages:
        instead = f"There are: {', '.join(languages)}. Add `words/{spoken}.toml` to `templates.path`."
        yield _doubt(file, ("publish", "language"), f"feeds have no words in `{spoken}`, so they are English.", instead)


def _templates(file: YamlFile, settings: Settings) -> Path | None:
    path = settings.templates.path
    return None if path is None else file.path.parent / at_home(path)


def _doubts_of_polling(file: YamlFile, polling: Polling) -> Iterator[Problem]:
    if polling.timeout.total < max(polling.timeout.connect, polling.timeout.read):
        what = "`total` ends a fetch before `connect` or `read` could."
        yield _doubt(file, ("polling", "timeout", "total"), what, "Make it the longest of the three.")
    least, most = polling.min_interval or polling.interval, polling.max_interval or polling.interval
    if not least <= polling.interval <= most:
        key = "min_interval" if least > polling.interval else "max_interval"
        what = f"`interval` lies outside of the bound that `{key}` sets."
        yield _doubt(file, ("polling", key), what, "Put `interval` between the two.")
    if polling.max_decoded_bytes < polling.max_bytes:
        what = "`max_decoded_bytes` is less than `max_bytes`."
        instead = "Make it as much or more: what is decompressed grows."
        yield _doubt(file, ("polling", "max_decoded_bytes"), what, instead)


def _doubts_of_feeds(file: YamlFile, settings: Settings, events: Mapping[str, Event]) -> Iterator[Problem]:
    if not settings.feeds:
        yield _doubt(file, ("feeds",), "there is no feed: nothing will be polled.", "Add one under `feeds`.")
    for event in events:
        if settings.feeds and not any(not feed.events or event in feed.events for feed in settings.feeds):
            instead = f"Add `{event}` to the `events` of a feed."
            yield _doubt(file, ("feeds",), f"no feed is read for event `{event}`.", instead)
    for number, feed in enumerate(settings.feeds):
        interval = (feed.interval or settings.polling.interval).total_seconds()
        if interval < 60:
            what = f"{feed.url} is polled every {interval:g} s; most servers refuse that."
            yield _doubt(file, ("feeds", number, "interval"), what, "Write a minute or more.")
        if _private(feed.url) and not _allowed(feed.url, settings.polling):
            what = f"{feed.url} is on a private network, which newswatch does not reach."
            instead = "Write `allow_private: true` under `polling` if you mean it."
            yield _doubt(file, ("feeds", number, "url"), what, instead)


def _doubts_of_channels(file: YamlFile, settings: Settings) -> Iterator[Problem]:
    used = {name for recipient in settings.recipients for name in recipient.channels}
    for name, channel in settings.channels.items():
        place: Path_ = ("channels", name)
        if settings.recipients and name not in used:
            instead = "Add it to the `channels` of a recipient."
            yield _doubt(file, place, f"nobody is told over channel `{name}`.", instead)
        if isinstance(channel, EmailChannel) and channel.username and channel.security == "none":
            what = f"channel `{name}` would send its {'token' if channel.oauth2 else 'password'} unencrypted."
            yield _doubt(file, (*place, "security"), what, "Write `security: starttls` or `security: tls`.")
        if isinstance(channel, WebhookChannel):
            for key, what, instead in doubts_of_hook(name, channel):
                yield _doubt(file, (*place, key) if key else place, what, instead)
        if isinstance(channel, WebhookChannel) and _private(channel.url) and not channel.allow_private:
            what = f"webhook `{name}` is on a private network, which newswatch does not reach."
            yield _doubt(file, (*place, "url"), what, "Write `allow_private: true` beside it if you mean it.")


def _allowed(url: str, polling: Polling) -> bool:
    from newswatch.network import Reach

    host = urlsplit(url).hostname or ""
    reach = Reach.of(polling.allow_private)
    return reach.allows(host, "127.0.0.1" if host == "localhost" else host)


def _private(url: str) -> bool:
    from newswatch.network import private_literal

    host = urlsplit(url).hostname or ""
    return host == "localhost" or private_literal(host)


def _doubts_of_recipient(
    file: YamlFile, place: Path_, recipient: Recipient, events: Mapping[str, Event]
) -> Iterator[Problem]:
    if recipient.digest is None and recipient.alert_from == "alert":
        what = f"recipient `{recipient.id}` has no digest, so what is below `alert` is told at once too."
        yield _doubt(file, (*place, "digest"), what, "Give a digest, or write `alert_from: digest`.")
    for key in ("channels", "events", "topics"):
        for twice in (value for value, count in Counter(getattr(recipient, key)).items() if count > 1):
            yield _doubt(file, (*place, key), f"`{twice}` stands twice in `{key}`.", "Keep one.")
    told = [event for event in events.values() if not recipient.events or event.event in recipient.events]
    known = {topic.id for event in told for topic in event.topics}
    for number, topic in enumerate(recipient.topics):
        if topic not in known:
            what = f"topic `{topic}` belongs to no event that `{recipient.id}` is told of."
            yield _doubt(file, (*place, "topics", number), what, "Add its event to `events`.")


def doubts_of_event(file: YamlFile, event: Event) -> Iterator[Problem]:
    """What in an event file works, but probably not as meant; its phrases are doubted by `detect.topics`."""
    baseline = event.baseline
    if (baseline.text or baseline.facts) and baseline.as_of is None:
        what = "the baseline does not say when it was written: older stories will be told as news."
        yield _doubt(file, ("baseline",), what, "Add `as_of: 2019-08-08T10:00:00Z`.")
    if baseline.as_of is not None and not (baseline.text or baseline.facts):
        what = "the baseline says when, but not what was known: everything will be told as news."
        yield _doubt(file, ("baseline",), what, "Add `text` or `facts`.")
    owners: dict[str, str] = {}
    for number, entity in enumerate(event.entities):
        for index, name in enumerate((entity.name, *entity.names)):
            place: Path_ = ("entities", number, "name") if index == 0 else ("entities", number, "names", index - 1)
            if sum(character.isalnum() for character in name) <= _SHORT:
                what = f"entity `{entity.id}`: “{name}” is so short that it will be found where it is not meant."
                yield _doubt(file, place, what, "Write a longer form of the name.")
            owner = owners.setdefault(" ".join(name.casefold().split()), entity.id)
            if owner != entity.id:
                what = f"entity `{entity.id}`: “{name}” is also a name of `{owner}`."
                yield _doubt(file, place, what, "Keep it with one of them.")
