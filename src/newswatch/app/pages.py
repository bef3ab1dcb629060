"""The pages of stories about an event: fetched with a feed's guards, read in another thread, never waited for long."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from newswatch.config.access import Access
from newswatch.detect.stories import joined
from newswatch.errors import FetchError, Postponed
from newswatch.feeds.fetch import PLAINLY, Fetcher
from newswatch.feeds.fulltext import FullText, read_full_text
from newswatch.model import Entry, Fetched, ParsedFeed

log = logging.getLogger(__name__)

WITHIN = 20.0
"""Seconds for all pages of one poll; what did not come by then is judged by the feed's text, since news cannot wait."""
ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Fuller:
    """A feed with the articles of its stories' pages in place of its own excerpts.

    Attributes:
        parsed: the feed.
        read: pages that gave an article.
        unread: pages that gave none.
    """

    parsed: ParsedFeed
    read: int = 0
    unread: int = 0


async def read_pages(
    parsed: ParsedFeed, entries: Sequence[Entry], fetcher: Fetcher, readers: Executor, access: Access = PLAINLY
) -> Fuller:
    """Read the pages of some of a feed's entries.

    A page that cannot be fetched or read changes nothing: the feed's own text stands.

    Args:
        parsed: the feed.
        entries: those of its entries whose pages are wanted.
        fetcher: asks for them, with the guards of feeds, and without a feed's own headers.
        readers: where the pages are read.
        access: how the feed is asked; its proxy and its name for us serve for the pages too, its headers do not.
    """
    if not entries:
        return Fuller(parsed)
    texts: dict[str, str] = {}
    asking = replace(access, headers={"accept": ACCEPT})

    async def one(entry: Entry) -> None:
        found = await _read(entry, fetcher, readers, asking)
        if found.text:
            texts[entry.entry_id] = joined(entry.summary, found.text)
        else:
            log.info("story %s: its page %s; the feed's text is judged", entry.link, found.reason)

    tasks = [asyncio.create_task(one(entry)) for entry in entries]
    try:
        await asyncio.wait(tasks, timeout=WITHIN)
    finally:
        late = [task for task in tasks if not task.done()]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    if late:
        log.info("feed %s: %d pages did not come within %g s", entries[0].feed_id, len(late), WITHIN)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            log.error("feed %s: a page could not be read", entries[0].feed_id, exc_info=error)
    fuller = [replace(e, summary=texts[e.entry_id], full=True) if e.entry_id in texts else e for e in parsed.entries]
    return Fuller(replace(parsed, entries=tuple(fuller)), len(texts), len(entries) - len(texts))


async def _read(entry: Entry, fetcher: Fetcher, readers: Executor, access: Access) -> FullText:
    try:
        fetched = await fetcher.fetch(feed_id=entry.feed_id, url=entry.link, access=access, patience=WITHIN)
    except (FetchError, Postponed) as error:
        return FullText("", f"cannot be read ({error})")
    return await asyncio.get_running_loop().run_in_executor(readers, _reading(entry, fetched))


def _reading(entry: Entry, fetched: Fetched) -> Callable[[], FullText]:
    return lambda: read_full_text(
        fetched.body or b"", url=fetched.url, content_type=fetched.content_type, title=entry.title,
        summary=entry.summary,
    )  # fmt: skip
