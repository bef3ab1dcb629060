"""Secrets come from the environment or from a file, never from the configuration itself, and go nowhere else."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from newswatch.errors import ConfigError, Problem

_PREFIX = "whsec_"
_BOT_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")


def resolve(base: Path, path: Path, environ: Mapping[str, str]) -> Path:
    """A path of the configuration: ``$VARIABLES`` and ``~`` filled in, relative to the configuration's folder."""
    return base / at_home(Path(Template(str(path)).safe_substitute(environ)))


def at_home(path: Path) -> Path:
    """A path with its ``~`` filled in; the ``~`` of a user who does not exist stays, and is not found."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def read_secret(*, env: str, file: Path | None, base: Path, environ: Mapping[str, str]) -> str:
    """The secret that an environment variable or a file holds; empty when neither is named.

    Raises:
        ConfigError: it is named, but not there, not readable or empty. The text never holds any of it.
    """
    if env and file:
        raise _refuse(f"the secret is named twice, by the variable {env} and the file {file}.", "Keep one.")
    if env:
        value = environ.get(env, "").strip()
        if not value:
            raise _refuse(f"the environment variable {env} is not set, or is empty.", "Set it to the secret.")
        return value
    if file is None:
        return ""
    path = resolve(base, file, environ)
    try:
        value = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise _refuse(f"the secret file {path} is not there.", "Make it, readable for this user only.") from None
    except IsADirectoryError:
        raise _refuse(f"the secret file {path} is a folder.", "Name the file in it.") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _refuse(f"the secret file {path} cannot be read: {why}.", "Make it readable for this user.") from None
    if not value:
        raise _refuse(f"the secret file {path} is empty.", "Put the secret into it.")
    return value


def signing_key(secret: str) -> bytes:
    """The key of a ``whsec_…`` secret (Standard Webhooks 1.0).

    Raises:
        ValueError: it is not ``whsec_`` and 24 to 64 bytes in base64; the text never says the secret.
    """
    if len(secret.split()) > 1:
        raise ValueError("the webhook secret holds white space; name the one before it with previous_secret_file")
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError(
            "the webhook secret must be whsec_ followed by 24 to 64 bytes in base64; "
            "make the second part with `openssl rand -base64 32`"
        )
    return key


def bot_token(text: str) -> str:
    """A Telegram bot's token.

    Raises:
        ValueError: it is none; the text never says it.
    """
    if not _BOT_TOKEN.fullmatch(text):
        raise ValueError("the bot's token must be a number, a colon and letters; @BotFather gives it")
    return text


def bearer_token(text: str) -> str:
    """A token that a header can carry.

    Raises:
        ValueError: it holds white space or letters outside ASCII; the text never says it.
    """
    if not (text.isascii() and text.isprintable() and " " not in text):
        raise ValueError("the token holds white space or letters outside ASCII; write it alone, in one line")
    return text


def topic_of(url: str) -> tuple[str, str]:
    """An ntfy server's address and the topic at the end of the given one; the topic lets anybody read, so it is secret.

    Raises:
        ValueError: no topic is at its end; the text never says the address.
    """
    parts = urlsplit(url)
    root, _, topic = parts.path.rpartition("/")
    if not _TOPIC.fullmatch(topic) or parts.query or parts.fragment:
        raise ValueError("the address of ntfy must end in its topic; write for example https://ntfy.sh/my-topic")
    return f"{parts.scheme}://{parts.netloc}{root}/", topic


def _refuse(what: str, instead: str) -> ConfigError:
    return ConfigError((Problem("secrets", what, instead),))
