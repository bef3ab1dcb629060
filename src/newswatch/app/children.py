"""The sitemaps that an index names, read as one feed: each fetched and parsed with the guards of every feed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from newswatch.errors import FetchError, ParseError
from newswatch.model import Fetched
from newswatch.preparing import Prepared, PreparedFeed

Ask = Callable[[str], Awaitable[PreparedFeed]]
"""Fetches and parses one address; raises FetchError or ParseError."""


async def together(index: PreparedFeed, ask: Ask, *, seconds: float) -> PreparedFeed:
    """The entries of an index's sitemaps as one feed, each id once, the newest sitemap first.

    A sitemap that fails costs its own entries, with a warning. An index inside an index is not followed.

    Args:
        index: with the addresses of its children, newest first and bounded in number by the parser.
        ask: one after the other, so that an index costs a site no more at once than a feed does.
        seconds: for all of them together, as for one feed.

    Raises:
        FetchError: none of them could be read.
    """
    found: list[PreparedFeed] = []
    wrong: list[str] = []
    try:
        async with asyncio.timeout(seconds):
            for url in index.children:
                try:
                    child = await ask(url)
                except (FetchError, ParseError) as error:
                    wrong.append(str(error))
                    continue
                found.append(child)
                if child.children:
                    wrong.append(f"{url} is an index inside an index, which is not followed")
    except TimeoutError:
        wrong.append(f"the sitemaps of an index took more than {seconds:g} s; the rest is left out")
    if not found:
        raise FetchError(f"none of the sitemaps of the index could be read: {wrong[0]}")
    entries: dict[str, Prepared] = {}
    for child in found:
        for one in child.entries:
            entries.setdefault(one.entry.entry_id, one)
    return replace(
        index,
        title=next((child.title for child in found if child.title), index.title),
        entries=tuple(entries.values()),
        warnings=tuple(dict.fromkeys((*index.warnings, *wrong, *(one for child in found for one in child.warnings)))),
        children=(),
    )


def unremembered(fetched: Fetched) -> Fetched:
    """The answer without its validators and its body: an index that is not modified may name sitemaps that are."""
    return replace(fetched, etag="", last_modified="", body=b"")
