"""Mistakes and doubts in webhook and Apprise channels: addresses, tokens, secrets and formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from newswatch.config.authority import mistakes_of_authority
from newswatch.config.paths import data_dir
from newswatch.config.plain import Plain
from newswatch.config.secrets import at_home, bearer_token, bot_token, read_secret, signing_key, topic_of
from newswatch.config.settings import WebhookChannel
from newswatch.config.values import http_address
from newswatch.config.yamlfile import Path_
from newswatch.errors import ConfigError, Problem

BUILT_IN = "newswatch"
TEMPLATE = "{}.json.j2"
_SECRET_ADDRESSES = frozenset({"slack", "discord", "teams", "mattermost"})
"""Who knows the address may post: it is as good as a password."""


def ready_formats() -> tuple[str, ...]:
    """The formats that newswatch has templates for, and its own body."""
    ending = TEMPLATE.format("")
    found = (path.name.removesuffix(ending) for path in data_dir("templates").glob(f"*{ending}"))
    return (BUILT_IN, *sorted(found))


def mistakes_of_hook(plain: Plain, name: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Mistakes in one channel of type webhook or apprise."""
    hook = _Hook(plain, ("channels", name), name, environ)
    if plain.text((*hook.place, "type")) == "apprise":
        yield from hook.address(lambda text: text)
        return
    form = plain.text((*hook.place, "format")) or BUILT_IN
    yield from hook.address(topic_of if form == "ntfy" else http_address, needed=form != "telegram")
    yield from hook.secret("token", bot_token if form == "telegram" else bearer_token)
    yield from hook.secret("secret", signing_key)
    yield from hook.secret("previous_secret", signing_key)
    yield from hook.together(form)
    yield from hook.format(form)
    yield from mistakes_of_authority(plain, (*hook.place, "ca_file"), environ)


class _Hook:
    """One channel as it stands in the file."""

    def __init__(self, plain: Plain, place: Path_, name: str, environ: Mapping[str, str]) -> None:
        self.plain = plain
        self.place = place
        self.name = name
        self.environ = environ

    def where(self, key: str) -> str:
        return self.plain.file.where((*self.place, key))

    def text(self, key: str) -> str:
        return self.plain.text((*self.place, key))

    def problem(self, key: str, what: str, instead: str = "") -> Problem:
        return Problem(self.where(key), f"channel `{self.name}`: {what}", instead)

    def lacks(self, key: str, what: str, instead: str) -> Problem:
        return Problem(self.where(key), f"channel `{self.name}` {what}", instead)

    def secret(self, key: str, check: Callable[[str], object]) -> Iterator[Problem]:
        """What ``KEY_env`` or ``KEY_file`` names is there, and is what it should be."""
        env, file = self.text(f"{key}_env"), self.text(f"{key}_file")
        named = f"{key}_env" if env else f"{key}_file"
        base = self.plain.file.path.parent
        try:
            value = read_secret(env=env, file=Path(file) if file else None, base=base, environ=self.environ)
            if value:
                check(value)
        except ConfigError as error:
            yield from (self.problem(named, problem.what, problem.instead) for problem in error.problems)
        except ValueError as error:
            # What is in brackets is said by a library, and may hold a piece of what is secret.
            what, _, instead = re.sub(r" \(.*?\)", "", str(error)).partition("; ")
            what = what if what.startswith("the ") else f"what `{named}` holds {what}"
            yield self.problem(named, f"{what}.", f"{instead[:1].upper()}{instead[1:]}.")

    def address(self, check: Callable[[str], object], *, needed: bool = True) -> Iterator[Problem]:
        """One address is named, and it can be asked."""
        given = [key for key in ("url", "url_env", "url_file") if key in self.plain.keys(self.place)]
        if not given and needed:
            apprise = self.text("type") == "apprise"
            keys = "`url_env: NAME` or `url_file: PATH`"
            yield self.lacks("type", "names no address.", f"Add {keys}." if apprise else f"Add `url: …`, {keys}.")
        if len(given) > 1:
            yield self.problem(given[1], f"the address is named twice, by `{given[0]}` and `{given[1]}`.", "Keep one.")
            return
        yield from self.secret("url", check)
        if (url := self.text("url")) and check is not http_address:
            try:
                check(url)
            except ValueError as error:
                what, _, instead = str(error).partition("; ")
                yield self.problem("url", f"{what}.", f"{instead[:1].upper()}{instead[1:]}.")

    def together(self, form: str) -> Iterator[Problem]:
        """Keys that need one another."""
        keys = set(self.plain.keys(self.place))
        if {"previous_secret_env", "previous_secret_file"} & keys and not {"secret_env", "secret_file"} & keys:
            what = "has the secret before, and none that is in use."
            yield self.lacks("type", what, "Add `secret_env: NAME` or `secret_file: PATH`.")
        if form == "telegram":
            if not {"token_env", "token_file", "token"} & keys:
                what = "has no token of the bot."
                yield self.lacks("format", what, "Add `token_env: NAME` or `token_file: PATH`.")
            if "chat_id" not in keys:
                yield self.lacks("format", "does not say which chat.", "Add `chat_id: …`.")
        elif "chat_id" in keys:
            yield self.problem("chat_id", "only `format: telegram` has a `chat_id`.", "Take it out.")

    def format(self, form: str) -> Iterator[Problem]:
        """The format is ready made, or a template of the user's."""
        folder = self.plain.text(("templates", "path"))
        own = self.plain.file.path.parent / at_home(Path(folder)) if folder else None
        file = TEMPLATE.format(form)
        if form in ready_formats() or (own is not None and (own / file).is_file()):
            return
        there = f"There are: {', '.join(ready_formats())}."
        where = f"no {file} is in {folder}" if folder else "`templates` names no folder for your own"
        yield self.problem("format", f"`{form}` is no format that newswatch has, and {where}.", there)


def doubts_of_hook(name: str, channel: WebhookChannel) -> Iterator[tuple[str, str, str]]:
    """What works, but probably not as meant, as ``(key, what, instead)``; the key may be empty."""
    if channel.format in ready_formats()[1:]:
        if channel.url and channel.format in _SECRET_ADDRESSES:
            what = f"webhook `{name}`: who knows this address may post there, so it is a secret."
            yield "url", what, "Keep it in the environment or a file: `url_env: NAME` or `url_file: PATH`."
        return
    if not (channel.secret_env or channel.secret_file):
        what = f"webhook `{name}` is not signed: its receiver cannot tell our calls from anybody's."
        yield "", what, "Add `secret_env` or `secret_file` with a whsec_… secret."
