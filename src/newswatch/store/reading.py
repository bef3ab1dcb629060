"""Queries: rows to values of the model. Each takes a connection, to serve inside and outside a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from newswatch.model import (
    Action,
    Correction,
    Decision,
    DisabledChannel,
    Fact,
    FactStatus,
    Feedback,
    FeedNotice,
    FeedState,
    HostState,
    Label,
    Mark,
    Origin,
    Story,
    Subscription,
    Why,
)
from newswatch.store import tables as t
from newswatch.store.codec import load

# SQLite takes 32,766 variables in one statement; this keeps well below on any database.
CHUNK = 500
_FEED_FIELDS = tuple(field.name for field in fields(FeedState))


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An entry that was seen before: its text's fingerprint, and the story it belongs to."""

    fingerprint: str
    story_id: str


def chunks(values: Iterable[str]) -> Iterable[list[str]]:
    """Distinct values in pieces that a statement can take."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


def feed_states(connection: Connection, ids: Iterable[str]) -> dict[str, FeedState]:
    """The rows of these feeds; feeds never polled are missing."""
    found = {}
    for some in chunks(ids):
        for row in connection.execute(t.feed.select().where(t.feed.c.feed_id.in_(some))):
            values = row._mapping
            found[row.feed_id] = FeedState(**{name: values[name] for name in _FEED_FIELDS})
    return found


def waiting_feeds(connection: Connection, now: datetime) -> dict[str, str]:
    """Ids of the feeds that are not due yet, with the addresses that the configuration gave them."""
    query = select(t.feed.c.feed_id, t.feed.c.configured_url, t.feed.c.url).where(t.feed.c.next_due > now)
    return {feed_id: configured or url for feed_id, configured, url in connection.execute(query)}


def feed_notices(connection: Connection) -> tuple[FeedNotice, ...]:
    """What the operator was told of feeds and is still so."""
    rows = connection.execute(t.feed_notice.select().order_by(t.feed_notice.c.feed_id))
    return tuple(FeedNotice(**row._mapping) for row in rows)


def hosts(connection: Connection) -> tuple[HostState, ...]:
    """What servers asked of us."""
    return tuple(HostState(**row._mapping) for row in connection.execute(t.host.select()))


def subscriptions(connection: Connection) -> tuple[Subscription, ...]:
    """What hubs were asked, or said."""
    return tuple(Subscription(**row._mapping) for row in connection.execute(t.subscription.select()))


def known_entries(connection: Connection, feed_id: str, entry_ids: Iterable[str]) -> dict[str, KnownEntry]:
    """Those of a feed's entries that were seen before."""
    found = {}
    for some in chunks(entry_ids):
        query = select(t.entry.c.entry_id, t.entry.c.fingerprint, t.entry.c.story_id).where(
            t.entry.c.feed_id == feed_id, t.entry.c.entry_id.in_(some)
        )
        for row in connection.execute(query):
            found[row.entry_id] = KnownEntry(row.fingerprint, row.story_id)
    return found


def to_story(row: Row[Any]) -> Story:
    """A row of the story table as a `Story`."""
    return Story(
        story_id=row.story_id,
        url=row.url,
        title=row.title,
        text=row.body,
        source=row.source,
        language=row.language,
        published=row.published,
        first_seen=row.first_seen,
        revision=row.revision,
        near_copy_of=row.near_copy_of,
        full=row.full_text,
    )


def story(connection: Connection, story_id: str) -> Story | None:
    """A story by its id."""
    row = connection.execute(t.story.select().where(t.story.c.story_id == story_id)).first()
    return to_story(row) if row else None


def story_by_url(connection: Connection, url: str) -> Story | None:
    """The first story with this canonical URL; None for an empty URL."""
    if not url:
        return None
    query = t.story.select().where(t.story.c.url == url).order_by(t.story.c.first_seen, t.story.c.story_id).limit(1)
    row = connection.execute(query).first()
    return to_story(row) if row else None


def stories_by_url(connection: Connection, urls: Iterable[str]) -> dict[str, Story]:
    """The first story with each of these canonical URLs; those of none are missing."""
    found: dict[str, Story] = {}
    for some in chunks(url for url in urls if url):
        query = t.story.select().where(t.story.c.url.in_(some)).order_by(t.story.c.first_seen, t.story.c.story_id)
        for row in connection.execute(query):
            found.setdefault(row.url, to_story(row))
    return found


def near(connection: Connection, bands: Sequence[str]) -> list[tuple[Story, bytes]]:
    """Stories that share a band, with their signatures."""
    ids: dict[str, None] = {}
    for some in chunks(bands):
        found = connection.scalars(select(t.band.c.story_id).where(t.band.c.band.in_(some)))
        ids |= dict.fromkeys(found)
    stories = []
    for some in chunks(ids):
        rows = connection.execute(t.story.select().where(t.story.c.story_id.in_(some)))
        stories += [(to_story(row), bytes(row.signature)) for row in rows]
    return stories


def carriers(connection: Connection, story_id: str) -> tuple[tuple[str, str], ...]:
    """Publisher and address of everybody else who carries the same article: other feeds' entries, and near copies."""
    me = story(connection, story_id)
    if me is None:
        return ()
    root = me.near_copy_of or me.story_id
    family = t.story.select().where((t.story.c.story_id == root) | (t.story.c.near_copy_of == root))
    found: dict[str, str] = {}
    for row in connection.execute(family.order_by(t.story.c.first_seen, t.story.c.story_id)):
        if row.story_id != story_id:
            found.setdefault(row.source, row.url)
    entries = select(t.entry.c.source, t.entry.c.link).where(t.entry.c.story_id == story_id).order_by(t.entry.c.seen)
    for row in connection.execute(entries):
        found.setdefault(row.source, row.link)
    found.pop(me.source, None)
    return tuple(found.items())


def facts(connection: Connection, event: str) -> tuple[Fact, ...]:
    """The ledger of an event, in the order it grew."""
    query = select(t.fact.c.body).where(t.fact.c.event == event).order_by(t.fact.c.seq)
    return tuple(load(Fact, body) for body in connection.scalars(query))


def baseline_facts(connection: Connection, event: str) -> tuple[Fact, ...]:
    """The recorded facts of an event's baseline."""
    query = select(t.fact.c.body).where(t.fact.c.event == event, t.fact.c.story_id == "").order_by(t.fact.c.seq)
    return tuple(load(Fact, body) for body in connection.scalars(query))


def facts_by_id(connection: Connection, event: str, fact_ids: Iterable[str]) -> dict[str, Fact]:
    """Those of these facts that the ledger has."""
    found: dict[str, Fact] = {}
    for some in chunks(fact_ids):
        query = select(t.fact.c.body).where(t.fact.c.event == event, t.fact.c.fact_id.in_(some))
        found |= {fact.fact_id: fact for fact in (load(Fact, body) for body in connection.scalars(query))}
    return found


def facts_of_story(connection: Connection, event: str, story_id: str) -> tuple[Fact, ...]:
    """What a story brought into an event's ledger, in the order it grew."""
    query = select(t.fact.c.body).where(t.fact.c.event == event, t.fact.c.story_id == story_id).order_by(t.fact.c.seq)
    return tuple(load(Fact, body) for body in connection.scalars(query))


def corrections(connection: Connection, event: str) -> tuple[Correction, ...]:
    """What people said of an event's facts, oldest first."""
    query = t.correction.select().where(t.correction.c.event == event).order_by(t.correction.c.seq)
    return tuple(
        Correction(
            row.event, row.fact_id, Action(row.action), row.sentence, row.made, row.made_by, row.other_id, row.note
        )
        for row in connection.execute(query)
    )


def marks(connection: Connection, event: str) -> tuple[Mark, ...]:
    """What stories made of an event's facts, oldest first."""
    query = t.mark.select().where(t.mark.c.event == event).order_by(t.mark.c.seq)
    return tuple(
        Mark(
            row.event,
            row.fact_id,
            FactStatus(row.status),
            row.story_id,
            row.source,
            row.made,
            row.reason,
            row.said_by,
            load(Why, row.why) if row.why else None,
        )
        for row in connection.execute(query)
    )


def newest_correction(connection: Connection) -> int:
    """The number of the newest correction of any event; 0 when there is none."""
    return connection.scalar(select(func.max(t.correction.c.seq))) or 0


def origins(connection: Connection, event: str) -> tuple[Origin, ...]:
    """Who else states the facts of an event, as it was seen."""
    query = t.origin.select().where(t.origin.c.event == event).order_by(t.origin.c.seen, t.origin.c.source)
    return tuple(Origin(**row._mapping) for row in connection.execute(query))


def decided_titles(connection: Connection) -> list[tuple[str, str]]:
    """Id and title of every story that was decided about, newest first."""
    decided = select(t.decision.c.story_id)
    query = select(t.story.c.story_id, t.story.c.title).where(t.story.c.story_id.in_(decided))
    rows = connection.execute(query.order_by(t.story.c.published.desc(), t.story.c.story_id))
    return [(row.story_id, row.title) for row in rows]


def baseline_digest(connection: Connection, event: str) -> str:
    """What the recorded baseline was read from; empty when none is recorded."""
    return connection.scalar(select(t.baseline.c.digest).where(t.baseline.c.event == event)) or ""


def decisions(connection: Connection, story_id: str) -> tuple[Decision, ...]:
    """All decisions about a story, oldest first."""
    query = select(t.decision.c.body).where(t.decision.c.story_id == story_id).order_by(t.decision.c.seq)
    return tuple(load(Decision, body) for body in connection.scalars(query))


def recent_decisions(
    connection: Connection, event: str | None, told: bool | None, limit: int, relevant: bool | None
) -> list[tuple[Story, Decision]]:
    """The newest decisions with their stories."""
    query: Select[Any] = select(t.decision.c.body.label("decided_body"), t.story).join(
        t.story, t.story.c.story_id == t.decision.c.story_id
    )
    if event is not None:
        query = query.where(t.decision.c.event == event)
    if told is not None:
        query = query.where(t.decision.c.severity != "silent" if told else t.decision.c.severity == "silent")
    if relevant is not None:
        query = query.where(t.decision.c.relevant == relevant)
    rows = connection.execute(query.order_by(t.decision.c.seq.desc()).limit(limit))
    return [(to_story(row), load(Decision, row.decided_body)) for row in rows]


def disabled_channels(connection: Connection) -> tuple[DisabledChannel, ...]:
    """Channels over which nothing is sent, by name."""
    rows = connection.execute(t.channel.select().order_by(t.channel.c.name))
    return tuple(DisabledChannel(row.name, row.address, row.disabled, row.reason) for row in rows)


def last_digest_run(connection: Connection, recipient: str) -> datetime | None:
    """The end of the period that the recipient's last digest told."""
    query = select(t.digest_run.c.until).where(t.digest_run.c.recipient == recipient)
    return connection.scalar(query.order_by(t.digest_run.c.until.desc()).limit(1))


def told(connection: Connection, event: str, limit: int) -> list[tuple[datetime, Story, Decision]]:
    """The newest decisions that told something of an event, with when and with their stories, newest first."""
    query: Select[Any] = select(t.decision.c.decided, t.decision.c.body.label("decided_body"), t.story).join(
        t.story, t.story.c.story_id == t.decision.c.story_id
    )
    query = query.where(t.decision.c.event == event, t.decision.c.severity != "silent")
    rows = connection.execute(query.order_by(t.decision.c.seq.desc()).limit(limit))
    return [(row.decided, to_story(row), load(Decision, row.decided_body)) for row in rows]


def figures(connection: Connection, event: str) -> tuple[Fact, ...]:
    """Facts with numbers that were told or stood in the baseline, and all that corrections name, as the ledger grew."""
    named = select(t.correction.c.fact_id).where(t.correction.c.event == event)
    others = select(t.correction.c.other_id).where(t.correction.c.event == event)
    known = (t.fact.c.told.is_(True)) | (t.fact.c.story_id == "")
    mine = t.fact.c.event == event
    numbers = select(t.fact.c.seq, t.fact.c.body).where(mine, known, t.fact.c.body.like('%"kind":"figure"%'))
    said = select(t.fact.c.seq, t.fact.c.body).where(mine, t.fact.c.fact_id.in_(named.union(others)))
    rows = {row.seq: row.body for query in (numbers, said) for row in connection.execute(query)}
    return tuple(load(Fact, rows[seq]) for seq in sorted(rows))


def feedback(connection: Connection, story_id: str | None = None) -> tuple[Feedback, ...]:
    """What people said of decisions, oldest first; of one story, or of all."""
    query = t.feedback.select().order_by(t.feedback.c.seq)
    if story_id is not None:
        query = query.where(t.feedback.c.story_id == story_id)
    return tuple(
        Feedback(
            Label(row.label), load(Story, row.story), load(Decision, row.decision), row.development_id,
            row.made, row.made_by, row.version, row.weights, row.note,
        )
        for row in connection.execute(query)
    )  # fmt: skip
