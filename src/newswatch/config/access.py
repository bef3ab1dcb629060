"""How a feed is asked: the headers, the login, the proxy and the name it is asked with, secrets filled in."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from newswatch.config.plain import Plain
from newswatch.config.secrets import read_secret
from newswatch.config.settings import Feed, Polling
from newswatch.config.values import header_fields, proxy_address
from newswatch.config.yamlfile import Path_
from newswatch.errors import ConfigError, Problem

DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Access:
    """How one feed is asked.

    Attributes:
        headers: sent to the feed's own origin only; secrets among them.
        proxy: address of the proxy, with its password; empty for none.
        user_agent: empty for the usual one.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str = field(default="", repr=False)
    user_agent: str = ""


def access(feed: Feed, polling: Polling, *, base: Path, environ: Mapping[str, str]) -> Access:
    """How a feed is asked.

    Raises:
        ConfigError: a secret is named, but not there, or cannot be sent. The text never holds any of it.
    """
    headers = {**feed.headers}
    for name, variable in feed.headers_env.items():
        headers[name] = read_secret(env=variable, file=None, base=base, environ=environ)
        _sendable(name, headers[name])
    if feed.username:
        password = read_secret(env=feed.password_env, file=feed.password_file, base=base, environ=environ)
        login = base64.b64encode(f"{feed.username}:{password}".encode()).decode()
        headers["Authorization"] = f"Basic {login}"
    return Access(headers, _proxy(feed, polling, base, environ), feed.user_agent)


def _sendable(name: str, value: str) -> None:
    try:
        header_fields({name: value})
    except ValueError as error:
        raise ConfigError((Problem("secrets", f"`headers_env` {error}."),)) from None


def _proxy(feed: Feed, polling: Polling, base: Path, environ: Mapping[str, str]) -> str:
    """The feed's own proxy, or that of all."""
    for owner in (feed, polling):
        secret = read_secret(env=owner.proxy_env, file=owner.proxy_file, base=base, environ=environ)
        if secret:
            _proxy_named(secret)
            return secret
        if owner.proxy:
            return "" if owner.proxy == DIRECT else owner.proxy
    return ""


def _proxy_named(url: str) -> None:
    scheme, parted, rest = url.partition("://")
    try:
        proxy_address(f"{scheme}{parted}{rest.rpartition('@')[2]}")
    except ValueError as error:
        raise ConfigError((Problem("secrets", f"the proxy's address {error}."),)) from None


def mistakes_of_access(plain: Plain, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Secrets of feeds and proxies that are named and not there, and logins of which a half is missing."""
    places: list[Path_] = [("polling",), *plain.blocks(("feeds",))]
    for place in places:
        yield from _secret(plain, place, "proxy", environ)
        for name in plain.keys((*place, "headers_env")):
            variable = plain.text((*place, "headers_env", name))
            if variable:
                yield from _missing(plain, (*place, "headers_env", name), variable, "", environ)
        yield from _secret(plain, place, "password", environ)
        keys = set(plain.keys(place))
        passwords = {"password_env", "password_file"} & keys
        if place != ("polling",) and bool(plain.text((*place, "username"))) != bool(passwords):
            has, lacks = ("username", "password_env") if not passwords else (min(passwords), "username")
            if has in keys:
                yield Problem(plain.file.where((*place, has)), f"the feed has a `{has}` and no `{lacks}`.", "Add it.")


def _secret(plain: Plain, place: Path_, what: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    env, file = plain.text((*place, f"{what}_env")), plain.text((*place, f"{what}_file"))
    if env or file:
        yield from _missing(plain, (*place, f"{what}_env" if env else f"{what}_file"), env, file, environ)


def _missing(plain: Plain, place: Path_, env: str, file: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    try:
        read_secret(env=env, file=Path(file) if file else None, base=plain.file.path.parent, environ=environ)
    except ConfigError as error:
        for problem in error.problems:
            yield Problem(plain.file.where(place), problem.what, problem.instead)
