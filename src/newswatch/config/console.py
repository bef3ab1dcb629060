"""The console's own checks: where it listens, and that nobody reads it from outside without a token."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from newswatch.config.plain import Plain
from newswatch.config.secrets import bearer_token, read_secret
from newswatch.errors import ConfigError, Problem

SHORTEST_TOKEN = 16
"""Letters of a token that nobody guesses, where each try counts."""
_SECRETS = ("token_env", "token_file")
_ADD = "Add `token_env: NAME` or `token_file: PATH`; `openssl rand -hex 24` makes one."


def listen_address(text: str) -> str:
    """``host:port``, with an IPv6 address in brackets.

    Raises:
        ValueError: it is none.
    """
    host, port = split_listen(text)
    if not host or not 0 <= port <= 65535 or any(character.isspace() for character in host):
        raise ValueError("is no address to listen on; write for example 127.0.0.1:8080")
    return text


def split_listen(text: str) -> tuple[str, int]:
    """Host and port of ``127.0.0.1:8080`` or ``[::1]:8080``; port -1 where there is none."""
    host, _, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare and bare == host:
        return "", -1
    return bare, int(port) if port.isascii() and port.isdigit() else -1


def proxy_addresses(values: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses or networks of proxies.

    Raises:
        ValueError: one is neither.
    """
    for value in values:
        try:
            ip_network(value, strict=False)
        except ValueError:
            raise ValueError(
                f"holds {value!r}, which is no address; write for example 127.0.0.1 or 10.0.0.0/8"
            ) from None
    return values


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def console_token(*, env: str, file: Path | None, base: Path, environ: Mapping[str, str]) -> str:
    """The token that opens the console; empty when none is configured.

    Raises:
        ConfigError: it is named and not there, or too short; the text never says it.
    """
    token = read_secret(env=env, file=file, base=base, environ=environ)
    if not token:
        return ""
    try:
        bearer_token(token)
    except ValueError as error:
        raise ConfigError((Problem("secrets", f"{error}.", "Make one with `openssl rand -hex 24`."),)) from None
    if len(token) < SHORTEST_TOKEN:
        what = f"the console's token has fewer than {SHORTEST_TOKEN} letters, so it can be guessed."
        raise ConfigError((Problem("secrets", what, "Make one with `openssl rand -hex 24`."),))
    return token


def mistakes_of_console(plain: Plain, environ: Mapping[str, str]) -> Iterator[Problem]:
    """A token that is not there, or one that is missing where others than this machine can ask."""
    block = plain.at(("console",))
    if not isinstance(block, dict):
        return
    where, keys = plain.file.where, plain.keys(("console",))
    env, file = plain.text(("console", "token_env")), plain.text(("console", "token_file"))
    try:
        base = plain.file.path.parent
        console_token(env=env, file=Path(file) if file else None, base=base, environ=environ)
    except ConfigError as error:
        for problem in error.problems:
            key = "token_env" if env else "token_file"
            yield Problem(where(("console", key)), f"console: {problem.what}", problem.instead)
    if any(key in keys for key in _SECRETS):
        return
    listen = plain.text(("console", "listen"))
    if listen and plain.sound(("console", "listen")) and not is_loopback(split_listen(listen)[0]):
        what = f"the console would be open to everybody who reaches {listen}: it has no token."
        yield Problem(where(("console", "listen")), what, f"{_ADD} Or listen on 127.0.0.1.")
        return
    if plain.texts(("console", "trusted_proxies")):
        what = "the console is behind a proxy and has no token."
        yield Problem(where(("console", "trusted_proxies")), what, _ADD)
        return
    public = plain.text(("public_url",))
    if public and plain.sound(("public_url",)) and not is_loopback(urlsplit(public).hostname or ""):
        what = f"the console is to be found at {public} and has no token."
        yield Problem(where(("console",)), what, _ADD)
