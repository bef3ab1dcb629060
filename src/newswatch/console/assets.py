"""The console's own files, read once: each under a name with a print of its content, so that browsers keep it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from newswatch.config.paths import data_dir

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FILES = ("console.css", "console.js", "icon.svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file, and how it is served."""

    body: bytes
    content_type: str


@cache
def assets() -> dict[str, Asset]:
    """Every file by the name it is asked for: ``console.1f2e3d4c.css``. What is not in here is not there."""
    found = {}
    for name in _FILES:
        body = (data_dir("templates") / "console" / name).read_bytes()
        found[_printed(name, body)] = Asset(body, _TYPES[name.rpartition(".")[2]])
    return found


@cache
def asset_urls() -> dict[str, str]:
    """File name to the address a page names it by."""
    plain = {f"{name.split('.')[0]}.{name.rpartition('.')[2]}": name for name in assets()}
    return {name: f"/static/{plain[name]}" for name in _FILES}


def _printed(name: str, body: bytes) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}.{hashlib.blake2b(body, digest_size=6).hexdigest()}.{ending}"
