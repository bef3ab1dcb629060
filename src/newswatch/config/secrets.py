"""Secrets come from the environment or from a file, never from the configuration itself, and go nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from newswatch.errors import ConfigError, Problem


def resolve(base: Path, path: Path, environ: Mapping[str, str]) -> Path:
    """A path of the configuration: ``$VARIABLES`` and ``~`` filled in, relative to the configuration's folder."""
    return base / Path(Template(str(path)).safe_substitute(environ)).expanduser()


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
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise _refuse(f"the secret file {path} cannot be read: {why}.", "Make it readable for this user.") from None
    if not value:
        raise _refuse(f"the secret file {path} is empty.", "Put the secret into it.")
    return value


def _refuse(what: str, instead: str) -> ConfigError:
    return ConfigError((Problem("secrets", what, instead),))
