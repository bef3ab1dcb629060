"""Secrets come from the environment or from a file, never from the configuration itself, and go nowhere else."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from string import Template

from newswatch.errors import ConfigError, Problem

_PREFIX = "whsec_"


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


def signing_keys(text: str) -> tuple[bytes, ...]:
    """The keys of one ``whsec_…`` secret, or of two with white space between while one replaces the other.

    Raises:
        ValueError: a secret is not ``whsec_`` and 24 to 64 bytes in base64; the text never says the secret.
    """
    keys = []
    for secret in text.split():
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
            raise ValueError(
                "the webhook secret must be whsec_ followed by 24 to 64 bytes in base64; "
                "make the second part with `openssl rand -base64 32`"
            )
        keys.append(key)
    return tuple(keys)


def _refuse(what: str, instead: str) -> ConfigError:
    return ConfigError((Problem("secrets", what, instead),))
