"""What waits to be told, mutes, acknowledgements and escalations: rows to values of the model, on any connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from newswatch.model import Alert, AlertItem, Mute, Pending
from newswatch.store import tables as t
from newswatch.store.codec import load

DIVERTED = "digest"
"""What a settled pending row says when its development went into the digest; else it says the alert's id."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who has seen an alert, and when."""

    made: datetime
    made_by: str
    note: str


def recipients_waiting(connection: Connection) -> tuple[str, ...]:
    """Ids of the recipients for whom something is pending."""
    query = select(t.pending.c.recipient).where(t.pending.c.settled == "").distinct().order_by(t.pending.c.recipient)
    return tuple(connection.scalars(query))


def pending(connection: Connection, recipient: str) -> tuple[Pending, ...]:
    """What waits to be told to a recipient, in the order it was decided."""
    query = t.pending.select().where(t.pending.c.settled == "", t.pending.c.recipient == recipient)
    return tuple(
        Pending(row.recipient, load(AlertItem, row.body), row.event, row.event_title, row.since)
        for row in connection.execute(query.order_by(t.pending.c.seq))
    )


def told_at(connection: Connection, recipient: str, since: datetime) -> tuple[datetime, ...]:
    """When alerts were made for a recipient after a time, oldest first; digests are none."""
    query = select(t.alert.c.created).where(
        t.alert.c.recipient == recipient, t.alert.c.created > since, t.alert.c.digest.is_(False)
    )
    return tuple(connection.scalars(query.order_by(t.alert.c.created)))


def mutes(connection: Connection, now: datetime) -> tuple[Mute, ...]:
    """The mutes that are not over and were not ended, the one that ends first before."""
    query = t.mute.select().where(t.mute.c.until > now, t.mute.c.ended.is_(None))
    return tuple(
        Mute(row.mute_id, row.until, row.made, row.made_by, row.event, row.topic, row.recipient, row.why)
        for row in connection.execute(query.order_by(t.mute.c.until, t.mute.c.mute_id))
    )


def alerts_like(connection: Connection, beginning: str, limit: int) -> tuple[Alert, ...]:
    """Alerts whose id begins so, newest first; digests are none."""
    query = select(t.alert.c.body).where(
        t.alert.c.alert_id.startswith(beginning, autoescape=True), t.alert.c.digest.is_(False)
    )
    rows = connection.scalars(query.order_by(t.alert.c.created.desc(), t.alert.c.alert_id).limit(limit))
    return tuple(load(Alert, body) for body in rows)


def alert(connection: Connection, alert_id: str) -> Alert | None:
    """An alert or digest by its id."""
    body = connection.scalar(select(t.alert.c.body).where(t.alert.c.alert_id == alert_id))
    return None if body is None else load(Alert, body)


def newest_alerts(
    connection: Connection, *, recipient: str = "", after: tuple[datetime, str] | None = None, limit: int = 50
) -> tuple[Alert, ...]:
    """Alerts and digests, newest first.

    Args:
        connection: the database.
        recipient: only of this one.
        after: when the last one of the page before was made, and its id: the next page.
        limit: how many.
    """
    query = select(t.alert.c.body)
    if recipient:
        query = query.where(t.alert.c.recipient == recipient)
    if after is not None:
        made, name = after
        same = and_(t.alert.c.created == made, t.alert.c.alert_id > name)
        query = query.where(t.alert.c.created <= made, or_(t.alert.c.created < made, same))
    rows = connection.scalars(query.order_by(t.alert.c.created.desc(), t.alert.c.alert_id).limit(limit))
    return tuple(load(Alert, body) for body in rows)


def recent_alerts(connection: Connection, since: datetime) -> tuple[tuple[Alert, Acknowledged | None], ...]:
    """Alerts made after a time, newest first, each with its acknowledgement; digests are none."""
    query = t.alert.select().where(t.alert.c.created > since, t.alert.c.digest.is_(False))
    alerts = [load(Alert, row.body) for row in connection.execute(query.order_by(t.alert.c.created.desc()))]
    return tuple((alert, acknowledged(connection, alert)) for alert in alerts)


def acknowledged(connection: Connection, alert: Alert) -> Acknowledged | None:
    """Who has seen an alert, or the one it was escalated from."""
    query = t.acknowledgement.select().where(t.acknowledgement.c.alert_id == (alert.origin or alert.alert_id))
    row = connection.execute(query).first()
    return None if row is None else Acknowledged(row.made, row.made_by, row.note)


def due_escalations(connection: Connection, now: datetime) -> tuple[Alert, ...]:
    """Alerts that were to be acknowledged by now, oldest first, and whose escalation is not settled yet."""
    query = select(t.alert.c.body).join(t.escalation, t.alert.c.alert_id == t.escalation.c.alert_id)
    due = query.where(t.escalation.c.outcome == "", t.escalation.c.due <= now)
    return tuple(load(Alert, body) for body in connection.scalars(due.order_by(t.escalation.c.due)))
