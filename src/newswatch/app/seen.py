"""What the store knows of the entries of several feeds: looked up once for all of them, and kept in step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from newswatch.model import Entry, Story
from newswatch.preparing import Prepared, PreparedFeed
from newswatch.store import KnownEntry, Transaction


class Seen:
    """Known entries and stories, as they stand in a transaction. What the transaction takes is told to it."""

    def __init__(self, tx: Transaction, feeds: Iterable[tuple[str, PreparedFeed]]) -> None:
        """Look up.

        Args:
            tx: the transaction.
            feeds: ids of feeds, with what they brought.
        """
        self._tx = tx
        self._entries: dict[str, dict[str, KnownEntry]] = {}
        urls: dict[str, None] = {}
        for feed_id, feed in feeds:
            known = tx.known_entries(feed_id, [one.entry.entry_id for one in feed.entries])
            self._entries[feed_id] = known
            urls |= {one.url: None for one in feed.entries if one.url and not _same(one.entry, known)}
        self._by_url = tx.stories_by_url(urls)

    def unseen(self, feed_id: str, feed: PreparedFeed) -> Iterator[Prepared]:
        """The entries that are new or were edited, by publication.

        Those without a date come last, in the reverse of the feed's order, which is newest first by custom.
        """
        yield from oldest_first(fresh(feed.entries, self._entries[feed_id]))

    def new(self, feed_id: str, feed: PreparedFeed) -> int:
        """How many entries were not seen before; edits of known ones are none."""
        known = self._entries[feed_id]
        return sum(one.entry.entry_id not in known for one in feed.entries)

    def story_of(self, entry: Entry) -> Story | None:
        """The story that an entry belongs to, if it was seen before."""
        known = self._entries[entry.feed_id].get(entry.entry_id)
        return self._tx.story(known.story_id) if known else None

    def at(self, url: str) -> Story | None:
        """The first story with this canonical URL; None for an empty URL."""
        return self._by_url.get(url) if url else None

    def took(self, story: Story) -> None:
        """A story is new, or stands otherwise now."""
        first = self._by_url.get(story.url)
        if story.url and (first is None or first.story_id == story.story_id):
            self._by_url[story.url] = story


def fresh(entries: Iterable[Prepared], known: dict[str, KnownEntry]) -> list[Prepared]:
    """Those that are new or were edited."""
    return [one for one in entries if not _same(one.entry, known)]


def oldest_first(entries: list[Prepared]) -> list[Prepared]:
    """By publication; those without a date last, in the reverse of their order, which is newest first by custom."""
    dated = [(one.entry.published, one.entry.entry_id, one) for one in entries if one.entry.published is not None]
    undated = [one for one in reversed(entries) if one.entry.published is None]
    return [one for _, _, one in sorted(dated, key=lambda key: key[:2])] + undated


def _same(entry: Entry, known: dict[str, KnownEntry]) -> bool:
    seen = known.get(entry.entry_id)
    return seen is not None and seen.fingerprint == entry.fingerprint
