"""Feeds out: each event's newest developments as files, written whole, and only when something changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from newswatch.alerting.feedout import Published, atom, json_feed
from newswatch.alerting.worded import development
from newswatch.alerting.wording import Words
from newswatch.config.event import Event
from newswatch.errors import NewswatchError
from newswatch.model import Fact, FactStatus
from newswatch.store import Store

_NOTES = {FactStatus.RETRACTED: "corrected_since", FactStatus.DISPUTED: "disputed_since"}
"""What a feed notes of a fact, as a phrase of its language."""


def publish(store: Store, events: Iterable[Event], folder: Path, *, url: str, limit: int, spoken: Words) -> list[Path]:
    """Write ``EVENT.atom`` and ``EVENT.json`` of every event where they do not say so already.

    Args:
        store: what was told.
        events: the events.
        folder: made when missing.
        url: where the folder is found on the web, or empty.
        limit: how many developments a feed holds.
        spoken: the words of the feeds' language.

    Returns:
        The files that were written.

    Raises:
        StoreError: the store cannot be read.
        NewswatchError: a file cannot be written; says why. Those before it were.
    """
    written = []
    for event in events:
        entries = newest(store, event, limit, spoken)
        for ending, make in (("atom", atom), ("json", json_feed)):
            path = folder / f"{event.event}.{ending}"
            own = f"{url.rstrip('/')}/{path.name}" if url else ""
            if _write(path, make(event.event, event.title, entries, url=own, spoken=spoken)):
                written.append(path)
    return written


def newest(store: Store, event: Event, limit: int, spoken: Words) -> list[Published]:
    """The newest developments of an event, newest first, each with what became of it."""
    titles = {topic.id: topic.title for topic in event.topics}
    changed = _changed(store, event.event, spoken)
    found: dict[str, Published] = {}
    for decided, story, decision in store.told(event.event, limit):
        for told in decision.developments:
            after = [changed[key] for quote in told.evidence if (key := (story.story_id, quote)) in changed]
            at, note = max(after, default=(decided, ""))
            said = development(told, spoken, story.language)
            one = Published(said, story, decided, max(at, decided), note, titles.get(told.topic, ""))
            found.setdefault(told.development_id, one)
    return list(found.values())[:limit]


def _changed(store: Store, event: str, spoken: Words) -> dict[tuple[str, str], tuple[datetime, str]]:
    """Story and sentence of every fact that was taken back or disputed, with when and how."""
    marks = [mark for mark in store.marks(event) if mark.status in _NOTES]
    facts: dict[str, Fact] = store.facts_by_id(event, [mark.fact_id for mark in marks])
    return {
        (facts[mark.fact_id].story_id, facts[mark.fact_id].claim.evidence.sentence): (
            mark.made,
            spoken.phrases[_NOTES[mark.status]].format(why=spoken.why(mark.why) if mark.why else mark.reason)
            + (f" ({mark.source})" if mark.source else ""),
        )
        for mark in marks
        if mark.fact_id in facts
    }


def _write(path: Path, content: bytes) -> bool:
    """Write a file so that a reader sees the old one or the new one; False where it says so already."""
    partial = path.with_name(f".{path.name}.part")
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        what = error.strerror or type(error).__name__
        raise NewswatchError(f"{path} cannot be written ({what}); make room, or change publish.folder") from error
    return True
