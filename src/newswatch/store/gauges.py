"""What a look at the store tells those who watch the service: its size, and what its outbox holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from newswatch.model import DeliveryState
from newswatch.store import tables as t


@dataclass(frozen=True, slots=True)
class Gauges:
    """How the store stands.

    Attributes:
        size: bytes that it takes on the disk, without the write-ahead log.
        deliveries: how many there are, by channel and state.
        oldest_due: when the oldest delivery that is still to be sent was made; None: none is.
        pending: developments that wait to be told at once.
    """

    size: int
    deliveries: tuple[tuple[str, str, int], ...]
    oldest_due: datetime | None
    pending: int


def gauges(connection: Connection) -> Gauges:
    """Read them, through indexes only."""
    delivery = t.delivery.c
    counted = select(delivery.channel, delivery.state, func.count()).group_by(delivery.state, delivery.channel)
    oldest: datetime | None = connection.scalar(
        select(func.min(delivery.created)).where(delivery.state == DeliveryState.DUE.value)
    )
    waiting = select(func.count()).select_from(t.pending).where(t.pending.c.settled == "")
    return Gauges(
        size=size(connection),
        deliveries=tuple((str(name), str(state), int(count)) for name, state, count in connection.execute(counted)),
        oldest_due=oldest,
        pending=connection.scalar(waiting) or 0,
    )


def size(connection: Connection) -> int:
    """Bytes that the database takes on the disk."""
    if connection.dialect.name == "sqlite":
        pages = connection.scalar(text("PRAGMA page_count")) or 0
        return int(pages) * int(connection.scalar(text("PRAGMA page_size")) or 0)
    return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
