"""The outbox as rows: what is due and in which order, what a person asks for, and which channels do not work.

Of one recipient over one channel, an earlier delivery goes before a later one. While an earlier one that its receiver
put off waits for its next try, the later ones wait with it; but only for `PATIENCE` after it was first put off. What is
never tried again (failed, dropped), or was not sent for a fault of the configuration, holds nothing up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, Subquery, and_, func, or_, select

from newswatch.model import Alert, Delivery, DeliveryState, Handling, Outage, Refused, RefusedAddress
from newswatch.store import tables as t
from newswatch.store.codec import load
from newswatch.store.reading import chunks

PATIENCE = timedelta(minutes=15)
"""How long one delivery that its receiver puts off holds up the later ones of its recipient over its channel."""


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """How many deliveries are in which state."""

    due: int = 0
    sent: int = 0
    failed: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """Which deliveries to list; what is left out asks for all.

    Attributes:
        states: in one of these states.
        channel, recipient: over this channel, for this recipient.
        since: made after it.
        limit: at most so many, the newest.
        after: when the last one of the page before was made, and its id: the next page.
    """

    states: tuple[DeliveryState, ...] = ()
    channel: str = ""
    recipient: str = ""
    since: datetime | None = None
    limit: int | None = None
    after: tuple[datetime, str] | None = None


ALL = Asked()


def _to_delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        alert=load(Alert, row.body),
        channel=row.channel,
        created=row.created,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_due=row.next_due,
        last_error=row.last_error,
        sent_at=row.sent,
        taken=tuple(row.taken.splitlines()),
        failing_since=row.failing_since,
        refused=tuple(Refused(*line.split("\t", 1)) for line in row.refused.splitlines()),
    )


def _deliveries() -> Select[Any]:
    return select(t.delivery, t.alert.c.body).join(t.alert, t.alert.c.alert_id == t.delivery.c.alert_id)


# ------------------------------------------------------------ what is due


def _held_up(now: datetime, channel: str | None) -> Subquery:
    """For each recipient and channel where a delivery waits for its next try: when the first such was made."""
    waiting = [
        t.delivery.c.state == DeliveryState.DUE.value,
        t.delivery.c.next_due > now,
        t.delivery.c.failing_since > now - PATIENCE,
    ]
    if channel is not None:
        waiting.append(t.delivery.c.channel == channel)
    first = func.min(t.delivery.c.created).label("first")
    query = select(t.delivery.c.channel, t.alert.c.recipient, first)
    joined = query.join(t.alert, t.alert.c.alert_id == t.delivery.c.alert_id).where(*waiting)
    return joined.group_by(t.delivery.c.channel, t.alert.c.recipient).subquery("held_up")


def _due(query: Select[Any], now: datetime, channel: str | None) -> Select[Any]:
    """Those of a query over deliveries and alerts that may be sent now."""
    held = _held_up(now, channel)
    mine = and_(held.c.channel == t.delivery.c.channel, held.c.recipient == t.alert.c.recipient)
    query = query.outerjoin(held, mine).where(
        t.delivery.c.state == DeliveryState.DUE.value,
        t.delivery.c.next_due <= now,
        or_(held.c.first.is_(None), t.delivery.c.created <= held.c.first),
    )
    return query if channel is None else query.where(t.delivery.c.channel == channel)


def due_deliveries(connection: Connection, now: datetime, limit: int, channel: str | None) -> list[Delivery]:
    """What may be sent now, oldest first."""
    query = _due(_deliveries(), now, channel)
    rows = connection.execute(query.order_by(t.delivery.c.created, t.delivery.c.delivery_id).limit(limit))
    return [_to_delivery(row) for row in rows]


def due_channels(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Channels over which something may be sent now."""
    query = select(t.delivery.c.channel).join(t.alert, t.alert.c.alert_id == t.delivery.c.alert_id)
    return tuple(connection.scalars(_due(query, now, None).distinct().order_by(t.delivery.c.channel)))


def still_due(connection: Connection, delivery_ids: Iterable[str]) -> frozenset[str]:
    """Those of these deliveries that are still to be sent."""
    found: set[str] = set()
    for some in chunks(delivery_ids):
        mine = (t.delivery.c.delivery_id.in_(some), t.delivery.c.state == DeliveryState.DUE.value)
        found.update(connection.scalars(select(t.delivery.c.delivery_id).where(*mine)))
    return frozenset(found)


# ------------------------------------------------------------ what a person asks for


def deliveries(connection: Connection, asked: Asked) -> list[Delivery]:
    """The outbox, newest first."""
    query = _deliveries()
    if asked.states:
        query = query.where(t.delivery.c.state.in_([state.value for state in asked.states]))
    if asked.channel:
        query = query.where(t.delivery.c.channel == asked.channel)
    if asked.recipient:
        query = query.where(t.alert.c.recipient == asked.recipient)
    if asked.since is not None:
        query = query.where(t.delivery.c.created > asked.since)
    if asked.after is not None:
        made, name = asked.after
        same = and_(t.delivery.c.created == made, t.delivery.c.delivery_id > name)
        query = query.where(t.delivery.c.created <= made, or_(t.delivery.c.created < made, same))
    rows = connection.execute(query.order_by(t.delivery.c.created.desc(), t.delivery.c.delivery_id).limit(asked.limit))
    return [_to_delivery(row) for row in rows]


def deliveries_of(connection: Connection, alert_id: str) -> tuple[Delivery, ...]:
    """An alert's deliveries, by channel."""
    query = _deliveries().where(t.delivery.c.alert_id == alert_id).order_by(t.delivery.c.channel)
    return tuple(_to_delivery(row) for row in connection.execute(query))


def deliveries_like(connection: Connection, beginning: str, limit: int) -> tuple[Delivery, ...]:
    """Deliveries whose id begins so, newest first."""
    query = _deliveries().where(t.delivery.c.delivery_id.startswith(beginning, autoescape=True))
    rows = connection.execute(query.order_by(t.delivery.c.created.desc(), t.delivery.c.delivery_id).limit(limit))
    return tuple(_to_delivery(row) for row in rows)


def handlings(connection: Connection, delivery_ids: Iterable[str]) -> dict[str, tuple[Handling, ...]]:
    """What people did to these deliveries, oldest first; those nobody touched are missing."""
    found: dict[str, tuple[Handling, ...]] = {}
    for some in chunks(delivery_ids):
        query = t.handling.select().where(t.handling.c.delivery_id.in_(some)).order_by(t.handling.c.seq)
        for row in connection.execute(query):
            one = Handling(row.delivery_id, row.action, row.made, row.made_by, row.why)
            found[row.delivery_id] = (*found.get(row.delivery_id, ()), one)
    return found


def outbox_counts(connection: Connection) -> OutboxCounts:
    """How many deliveries are in which state."""
    query = select(t.delivery.c.state, func.count()).group_by(t.delivery.c.state)
    return OutboxCounts(**{str(state): int(count) for state, count in connection.execute(query)})


# ------------------------------------------------------------ channels that do not work


def outages(connection: Connection) -> tuple[Outage, ...]:
    """Channels over which nothing goes through, or did not until lately, by name."""
    rows = connection.execute(t.outage.select().order_by(t.outage.c.channel))
    return tuple(Outage(**row._mapping) for row in rows)


def refused_addresses(connection: Connection) -> tuple[RefusedAddress, ...]:
    """Addresses that get nothing though their channels work, by channel and address."""
    rows = connection.execute(t.refusal.select().order_by(t.refusal.c.channel, t.refusal.c.address))
    return tuple(RefusedAddress(**row._mapping) for row in rows)


def waiting_over(connection: Connection, channel: str) -> int:
    """How many deliveries of a channel are still to be sent."""
    mine = (t.delivery.c.channel == channel, t.delivery.c.state == DeliveryState.DUE.value)
    return connection.scalar(select(func.count()).select_from(t.delivery).where(*mine)) or 0
