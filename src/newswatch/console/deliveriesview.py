"""The deliveries' page: the outbox as it stands, and the channels that do not work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from newswatch.alerting import outages
from newswatch.config.load import Loaded
from newswatch.model import Delivery, DeliveryState, DisabledChannel, Handling, Outage, RefusedAddress
from newswatch.store import Asked, OutboxCounts, Pages

PAGE = 50
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_CURSOR = re.compile(r"([0-9]{1,17})-([A-Za-z0-9_-]{1,64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Told:
    """A message on its way.

    Attributes:
        what: its first line.
        handled: what people did to it, oldest first.
    """

    delivery: Delivery
    what: str
    handled: tuple[Handling, ...] = ()

    @property
    def may_retry(self) -> bool:
        """Whether it can be tried again."""
        return self.delivery.state is not DeliveryState.SENT

    @property
    def may_drop(self) -> bool:
        """Whether it can be dropped."""
        return self.delivery.state in {DeliveryState.DUE, DeliveryState.FAILED}


@dataclass(frozen=True, slots=True)
class DeliveriesPage:
    """A page of the outbox.

    Attributes:
        asked: the filter in force.
        older: the cursor of the next page, or empty.
        dead: channels over which nothing goes through.
        disabled: channels whose receivers want nothing any more.
        refused: addresses that get nothing though their channels work.
    """

    asked: Asked
    rows: tuple[Told, ...]
    older: str
    counts: OutboxCounts
    dead: tuple[Outage, ...]
    disabled: tuple[DisabledChannel, ...]
    refused: tuple[RefusedAddress, ...]
    channels: tuple[str, ...]
    recipients: tuple[str, ...]


def deliveries_page(pages: Pages, loaded: Loaded, asked: Asked, now: datetime, *, limit: int = PAGE) -> DeliveriesPage:
    """The outbox, newest first.

    Args:
        pages: the store.
        loaded: the configuration.
        asked: the filter, and where the page before ended.
        now: the time it is.
        limit: how many.
    """
    found = pages.deliveries(replace(asked, limit=limit + 1))
    shown = found[:limit]
    return DeliveriesPage(
        asked=asked,
        rows=told(shown, pages.handlings(one.delivery_id for one in shown)),
        older=cursor(shown[-1].created, shown[-1].delivery_id) if len(found) > limit else "",
        counts=pages.outbox_counts(),
        dead=tuple(outages.broken(pages.outages(), dead_after=loaded.settings.dead_after, now=now)),
        disabled=pages.disabled_channels(),
        refused=pages.refused_addresses(),
        channels=_known(loaded.channels, asked.channel),
        recipients=_known((one.id for one in loaded.recipients), asked.recipient),
    )


def told(deliveries: Sequence[Delivery], handled: Mapping[str, tuple[Handling, ...]]) -> tuple[Told, ...]:
    """Deliveries with what they say and what was done to them."""
    return tuple(Told(one, summary(one), handled.get(one.delivery_id, ())) for one in deliveries)


def summary(delivery: Delivery) -> str:
    """What a message says, in a line."""
    alert = delivery.alert
    count = len(alert.items)
    if alert.digest:
        return f"Digest, {count} development{'' if count == 1 else 's'}"
    if not count:
        return "Nothing happened"
    return alert.items[0].development.summary + (f" and {count - 1} more" if count > 1 else "")


def _known(names: Iterable[str], asked: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, *filter(None, [asked]))))


def cursor(made: datetime, name: str) -> str:
    """Where a page ended."""
    return f"{(made - _EPOCH) // _MICROSECOND}-{name}"


def where(text: str) -> tuple[datetime, str] | None:
    """What a cursor says; None for the first page.

    Raises:
        ValueError: it is none of ours.
    """
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise ValueError("no cursor of ours")
    return _EPOCH + int(found[1]) * _MICROSECOND, found[2]
