"""An alert's page: what messages link to; the alert as it was told, who has seen it, and its deliveries."""

from __future__ import annotations

from dataclasses import dataclass

from newswatch.alerting import policy
from newswatch.alerting.notices import EVENT
from newswatch.config.load import Loaded
from newswatch.console.deliveriesview import Told, told
from newswatch.model import Alert, AlertItem
from newswatch.store import Acknowledged, Pages


@dataclass(frozen=True, slots=True)
class Item:
    """A development of an alert.

    Attributes:
        kept: its story is still there to be read.
    """

    item: AlertItem
    kept: bool


@dataclass(frozen=True, slots=True)
class AlertPage:
    """An alert or digest.

    Attributes:
        own: it tells of newswatch itself, not of news.
        waits: nobody has acknowledged it, and it wants that.
        known: its event is configured still, so it has a page.
    """

    alert: Alert
    title: str
    items: tuple[Item, ...]
    corrected: tuple[Item, ...]
    deliveries: tuple[Told, ...]
    seen: Acknowledged | None
    waits: bool
    own: bool
    known: bool


def alert_page(pages: Pages, alert: Alert, loaded: Loaded) -> AlertPage:
    """An alert's page."""
    deliveries = pages.deliveries_of(alert.alert_id)
    seen = pages.acknowledged(alert)
    kept = pages.stories(one.story.story_id for one in (*alert.items, *alert.corrected))
    titles = [item.development.summary for item in alert.items]
    title = alert.event_title if alert.digest or not titles else titles[0]
    return AlertPage(
        alert=alert,
        title=title or alert.event,
        items=tuple(Item(one, one.story.story_id in kept) for one in alert.items),
        corrected=tuple(Item(one, one.story.story_id in kept) for one in alert.corrected),
        deliveries=told(deliveries, pages.handlings(one.delivery_id for one in deliveries)),
        seen=seen,
        waits=seen is None and policy.urgent(alert),
        own=alert.event == EVENT,
        known=any(event.event == alert.event for event in loaded.events),
    )
