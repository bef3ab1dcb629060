"""Who is told what, and when: pure decisions that return values.

    decision + recipients -> route -> alerts (told now) and held developments (told with the digest)
    alert -> deliveries -> sent | retry -> due again, or failed

Nothing is told twice and nothing is lost: a development goes to a recipient either in one alert or in one digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from newswatch.alerting.digests import DigestRun, digest_alert, digest_due
from newswatch.config.event import Event
from newswatch.config.settings import Recipient
from newswatch.errors import DeliveryError, Reason
from newswatch.model import (
    Alert,
    AlertItem,
    Decision,
    Delivery,
    DeliveryState,
    Development,
    Held,
    Severity,
    Story,
    make_id,
)

__all__ = (
    "DigestRun",
    "Held",
    "Routing",
    "deliveries",
    "digest_alert",
    "digest_due",
    "retry",
    "route",
    "sent",
)

# Waits after the first, second … failed attempt: Standard Webhooks 1.0, "Deliverability and reliability". Email keeps
# to the same, which spans the two to three days a mail server tries (RFC 5321, 4.5.4.1).
RETRY_SCHEDULE = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
)
# Every wait is lengthened by up to this share, so that a receiver that comes back is not hit by all at once.
JITTER = 0.1
# A Retry-After beyond this would be a refusal in disguise.
LONGEST_WAIT = timedelta(days=1)
# Nothing was sent while the configuration is at fault, so such a try is not counted; it is looked at again after this.
RECHECK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Routing:
    """What one decision means for all recipients: alerts to send now, and developments held for digests."""

    alerts: tuple[Alert, ...] = ()
    held: tuple[Held, ...] = ()


def route(
    decision: Decision,
    story: Story,
    *,
    event: Event,
    recipients: Sequence[Recipient],
    now: datetime,
    other_sources: Sequence[tuple[str, str]] = (),
) -> Routing:
    """Decide for each recipient whether a story's developments are told now, with the digest, or not.

    One story is at most one alert to a recipient. One development of severity ``alert_from`` or above sends it, and
    the story's other developments ride along, so that the digest does not tell them again. A recipient without a
    digest is told everything at once, since it would be lost otherwise. A recipient with a list of topics gets what
    belongs to one of these; a development that belongs to no topic goes to recipients without such a list.

    Args:
        decision: what was decided about the story; its developments come most important first.
        story: the story.
        event: the event's settings, for its title and its topics' titles.
        recipients: everybody, in the configuration's order.
        now: when it is decided.
        other_sources: ``(publisher, url)`` of other carriers of the story.
    """
    alerts: list[Alert] = []
    held: list[Held] = []
    for recipient in recipients:
        developments = _wanted(decision, recipient)
        if not developments:
            continue
        items = tuple(_item(d, story, event, other_sources) for d in developments)
        if _at_once(developments, recipient):
            alerts.append(_alert(decision, event, recipient, items, now))
        else:
            held += [Held(recipient.id, item, event.event, event.title, now) for item in items]
    return Routing(tuple(alerts), tuple(held))


def _wanted(decision: Decision, recipient: Recipient) -> list[Development]:
    """What of a decision this recipient is told at all, most severe first."""
    if recipient.events and decision.event not in recipient.events:
        return []
    wanted = [
        d
        for d in decision.developments
        if d.severity is not Severity.SILENT and (not recipient.topics or d.topic in recipient.topics)
    ]
    return sorted(wanted, key=lambda d: -d.severity.rank)


def _at_once(developments: Sequence[Development], recipient: Recipient) -> bool:
    if recipient.digest is None:
        return True
    threshold = Severity(recipient.alert_from).rank
    return any(d.severity.rank >= threshold for d in developments)


def _item(development: Development, story: Story, event: Event, other_sources: Sequence[tuple[str, str]]) -> AlertItem:
    topic = next((t.title for t in event.topics if t.id == development.topic), "")
    return AlertItem(development, story, tuple(other_sources), event.title, topic or development.topic)


def _alert(
    decision: Decision, event: Event, recipient: Recipient, items: tuple[AlertItem, ...], now: datetime
) -> Alert:
    told = (item.development.development_id for item in items)
    alert_id = make_id("alr", recipient.id, decision.event, decision.story_id, str(decision.revision), *told)
    return Alert(alert_id, event.event, event.title, recipient.id, now, items)


# ---------------------------------------------------------------- deliveries


def deliveries(alert: Alert, channels: Sequence[str], *, now: datetime) -> tuple[Delivery, ...]:
    """One delivery for each channel, due now; the same alert and channel always give the same id."""
    return tuple(
        Delivery(make_id("dlv", alert.alert_id, channel), alert, channel, created=now, next_due=now)
        for channel in dict.fromkeys(channels)
    )


def sent(delivery: Delivery, *, now: datetime) -> Delivery:
    """The receiver accepted it."""
    return replace(
        delivery,
        state=DeliveryState.SENT,
        attempts=delivery.attempts + 1,
        next_due=None,
        last_error="",
        sent_at=now,
    )


def retry(delivery: Delivery, error: DeliveryError, *, now: datetime) -> Delivery:
    """The receiver did not accept it: when is it tried again, if ever?

    The schedule is that of Standard Webhooks (`RETRY_SCHEDULE`), each wait up to a tenth longer, the same for the same
    delivery and attempt. A longer ``retry_after`` is honoured up to a day. A permanent refusal, and the failure of the
    tenth attempt, end it as FAILED. While the configuration is at fault, or the receiver wants nothing at all any more,
    attempts are not counted and it waits.
    """
    if error.permanent and error.reason is not Reason.GONE:
        return _failed(delivery, str(error))
    if error.reason in {Reason.CONFIGURATION, Reason.GONE}:
        return replace(delivery, next_due=now + RECHECK, last_error=str(error))
    if delivery.attempts >= len(RETRY_SCHEDULE):
        return _failed(delivery, f"given up after {delivery.attempts + 1} attempts; the last one: {error}")
    wait = RETRY_SCHEDULE[delivery.attempts] * (1 + JITTER * _share(delivery))
    if error.retry_after is not None:
        wait = max(wait, min(timedelta(seconds=error.retry_after), LONGEST_WAIT))
    return replace(delivery, attempts=delivery.attempts + 1, next_due=now + wait, last_error=str(error))


def _failed(delivery: Delivery, why: str) -> Delivery:
    return replace(delivery, state=DeliveryState.FAILED, attempts=delivery.attempts + 1, next_due=None, last_error=why)


def _share(delivery: Delivery) -> float:
    """A number in [0, 1) that depends on the delivery and the attempt only."""
    digest = blake2b(f"{delivery.delivery_id}/{delivery.attempts}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) / 2**32
