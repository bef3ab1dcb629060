"""An urgent alert that nobody acknowledged is told to somebody else. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from newswatch.alerting.mutes import muted
from newswatch.config.settings import Recipient
from newswatch.model import Alert, Mute, Severity, make_id


def urgent(alert: Alert) -> bool:
    """Whether an alert is one that may be escalated: something in it is of severity ``alert``."""
    return not alert.digest and any(item.development.severity is Severity.ALERT for item in alert.items)


def escalates_at(alert: Alert, recipient: Recipient) -> datetime | None:
    """When an alert is told to somebody else unless it was acknowledged; None: never."""
    if recipient.escalate is None or not urgent(alert):
        return None
    return alert.created + recipient.escalate.after


def quieted(alert: Alert, to: str, mutes: Sequence[Mute], now: datetime) -> bool:
    """Whether all of an alert is muted now, for whom it was told or for whom it would be: then it waits."""
    return any(
        all(muted(mutes, who, alert.event, item.development.topic, now) for item in alert.items)
        for who in (alert.recipient, to)
    )


def escalated(alert: Alert, to: Recipient, *, now: datetime) -> Alert:
    """The same alert for another recipient; quiet hours and the rate are not asked, since somebody has to look."""
    return replace(
        alert,
        alert_id=make_id("alr", "escalated", alert.alert_id, to.id),
        recipient=to.id,
        created=now,
        escalated_from=alert.recipient,
        origin=alert.origin or alert.alert_id,
    )
