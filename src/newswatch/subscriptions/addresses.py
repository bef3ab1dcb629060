"""Which addresses are the same feed, and what a feed is called. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from newswatch.config.load import Loaded, free_name
from newswatch.model import FeedState

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_PORTS = {"http": 80, "https": 443}


def key(url: str) -> str:
    """What two addresses of one feed have in common: neither http or https, nor a closing slash, makes another feed.

    The host's letters, a default port and a fragment do not either; ``www.`` does, since sites keep different things
    there.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    shown = "" if port in (None, _PORTS.get(parts.scheme.lower())) else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{shown}{parts.path.rstrip('/')}{query}"


def known(loaded: Loaded, states: Mapping[str, FeedState]) -> dict[str, str]:
    """Id of the feed by the key of each address that it has, or moved to."""
    found: dict[str, str] = {}
    for feed_id, feed in loaded.feeds:
        state = states.get(feed_id)
        moved = (state.url, state.moved_to) if state is not None and state.configured_url in ("", feed.url) else ()
        for url in (feed.url, *moved):
            if url:
                found.setdefault(key(url), feed_id)
    return found


def new_id(url: str, taken: Iterable[str], wish: str = "") -> str:
    """An id that is free: the wish where it is one, else made of the address."""
    names = frozenset(taken)
    return wish if _ID.fullmatch(wish) and wish not in names else free_name(url, names)
