"""What a period brought one recipient, for a digest: rows to values of the model, on any connection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, func, select, union

from newswatch.model import Alert, AlertItem, DeliveryState, Held
from newswatch.store import tables as t
from newswatch.store.codec import load


def held(connection: Connection, recipient: str, until: datetime) -> tuple[Held, ...]:
    """What waits for a recipient's digest, oldest first."""
    query = t.held.select().where(*waiting(recipient, until)).order_by(t.held.c.since)
    return tuple(
        Held(row.recipient, load(AlertItem, row.body), row.event, row.event_title, row.since)
        for row in connection.execute(query)
    )


def waiting(recipient: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """The rows of `held` that a digest takes."""
    return t.held.c.recipient == recipient, t.held.c.run_key == "", t.held.c.since <= until


def counts(
    connection: Connection, recipient: str, start: datetime, until: datetime, events: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """A period in numbers of stories that add up.

    Every story seen or decided about in the period is counted once, in the first that holds: failed (an alert with it
    could be delivered over no channel), waiting (it is to be told and is not yet), told, silent, not about an event.
    So seen = about + not about, and about = told + waiting + silent + failed.

    Args:
        connection: where to.
        recipient: whom the stories were told, or not.
        start: when the period begins; that moment is not of it.
        until: its end.
        events: ids of the recipient's events; empty for all.
    """
    inside = [t.decision.c.decided > start, t.decision.c.decided <= until]
    first_seen = (t.story.c.first_seen > start, t.story.c.first_seen <= until)
    both = union(select(t.story.c.story_id).where(*first_seen), select(t.decision.c.story_id).where(*inside))
    seen = connection.scalar(select(func.count()).select_from(both.subquery())) or 0
    if events:
        inside.append(t.decision.c.event.in_(events))
    about = _ids(connection, select(t.decision.c.story_id).where(*inside, t.decision.c.relevant.is_(True)))
    waits, at_once = _pending(connection, recipient, start, until)
    later = select(t.development.c.story_id).join(t.held, t.held.c.development_id == t.development.c.development_id)
    later = later.where(t.held.c.recipient == recipient, t.held.c.since > start, t.held.c.since <= until)
    failed = about & _failed(connection, recipient, start, until)
    waiting_still = (about & waits) - failed
    told = (about & (at_once | _ids(connection, later))) - failed - waiting_still
    return (
        ("seen", seen),
        ("not about", seen - len(about)),
        ("about", len(about)),
        ("told", len(told)),
        ("waiting", len(waiting_still)),
        ("silent", len(about) - len(told) - len(waiting_still) - len(failed)),
        ("failed", len(failed)),
    )


def _ids(connection: Connection, query: Select[tuple[str]]) -> set[str]:
    return set(connection.scalars(query.distinct()))


def _pending(connection: Connection, recipient: str, start: datetime, until: datetime) -> tuple[set[str], set[str]]:
    """Stories that wait to be told at once, and those that were."""
    query = select(t.development.c.story_id).join(
        t.pending, t.pending.c.development_id == t.development.c.development_id
    )
    mine = query.where(t.pending.c.recipient == recipient, t.pending.c.since > start, t.pending.c.since <= until)
    return (
        _ids(connection, mine.where(t.pending.c.settled == "")),
        _ids(connection, mine.where(t.pending.c.settled != "")),
    )


def _failed(connection: Connection, recipient: str, start: datetime, until: datetime) -> set[str]:
    """Stories in alerts of which every delivery failed for good, and in no other alert."""
    gone: set[str] = set()
    reached: set[str] = set()
    states: dict[str, set[str]] = {}
    mine = (t.alert.c.recipient == recipient, t.alert.c.digest.is_(False), t.alert.c.created > start)
    query = select(t.alert.c.alert_id, t.delivery.c.state).join(t.delivery, t.delivery.c.alert_id == t.alert.c.alert_id)
    for row in connection.execute(query.where(*mine)):
        states.setdefault(row.alert_id, set()).add(row.state)
    if not any(state == {DeliveryState.FAILED.value} for state in states.values()):
        return gone
    waited = select(t.pending.c.settled, t.development.c.story_id).join(
        t.development, t.development.c.development_id == t.pending.c.development_id
    )
    merged: dict[str, set[str]] = {}  # an alert names one story of those that told the same
    for row in connection.execute(waited.where(t.pending.c.recipient == recipient, t.pending.c.settled.in_(states))):
        merged.setdefault(row.settled, set()).add(row.story_id)
    for alert in alerts(connection, recipient, start, until):
        stories = {item.story.story_id for item in alert.items} | merged.get(alert.alert_id, set())
        failed = states.get(alert.alert_id) == {DeliveryState.FAILED.value}
        (gone if failed else reached).update(stories)
    return gone - reached


def alerts(connection: Connection, recipient: str, start: datetime, until: datetime) -> tuple[Alert, ...]:
    """What a recipient was told at once in a period, oldest first."""
    mine = (t.alert.c.recipient == recipient, t.alert.c.digest.is_(False))
    query = select(t.alert.c.body).where(*mine, t.alert.c.created > start, t.alert.c.created <= until)
    return tuple(load(Alert, body) for body in connection.scalars(query.order_by(t.alert.c.created)))
