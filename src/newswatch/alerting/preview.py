"""Who would be told what, when and why, by the very decisions of the service. Pure.

items of one story + a recipient -> verdicts -> the steps it would wait for, or the next digest
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newswatch.alerting.escalation import escalates_at
from newswatch.alerting.release import Step, waits
from newswatch.alerting.routes import Told, Verdict, verdicts
from newswatch.config.cron import cron_trigger
from newswatch.config.settings import Recipient
from newswatch.model import Alert, AlertItem, Mute, Pending


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of some developments of one story for one recipient.

    Attributes:
        recipient: the recipient.
        told: at once, in the digest or not at all.
        verdicts: those of these developments, each with its reason.
        at: when it would be told, UTC; None when it would not.
        steps: what it would wait for before that, one thing after the other.
        escalates: when the recipient of ``escalate`` would be told too unless it is acknowledged, or None.
    """

    recipient: Recipient
    told: Told
    verdicts: tuple[Verdict, ...]
    at: datetime | None
    steps: tuple[Step, ...] = ()
    escalates: datetime | None = None


def preview(
    items: Sequence[AlertItem],
    recipient: Recipient,
    *,
    event: str,
    told_at: Sequence[datetime],
    mutes: Sequence[Mute],
    now: datetime,
) -> tuple[Preview, ...]:
    """What would become of the developments of one story; those that go the same way are one preview.

    Args:
        items: what one story says for one event.
        recipient: for whom.
        event: the event's id.
        told_at: when alerts were made for the recipient of late.
        mutes: those that may hold.
        now: when it would be decided.
    """
    found = verdicts([item.development for item in items], recipient, event=event, mutes=mutes, now=now)
    ways = {told: tuple(v for v in found if v.told is told) for told in Told}
    by_id = {item.development.development_id: item for item in items}
    previews = []
    if ways[Told.AT_ONCE]:
        told = [by_id[v.development.development_id] for v in ways[Told.AT_ONCE]]
        pending = [Pending(recipient.id, item, event, item.event_title, now) for item in told]
        steps = waits(pending, recipient, told_at=told_at, mutes=mutes, now=now)
        at = steps[-1].until if steps else now
        alert = Alert("", event, "", recipient.id, at, tuple(told))
        previews.append(Preview(recipient, Told.AT_ONCE, ways[Told.AT_ONCE], at, steps, escalates_at(alert, recipient)))
    if ways[Told.DIGEST]:
        previews.append(Preview(recipient, Told.DIGEST, ways[Told.DIGEST], next_digest(recipient, now)))
    if ways[Told.NOT]:
        previews.append(Preview(recipient, Told.NOT, ways[Told.NOT], None))
    return tuple(previews)


def next_digest(recipient: Recipient, now: datetime) -> datetime | None:
    """When the recipient's next digest goes out, UTC; None when there is none."""
    if recipient.digest is None:
        return None
    trigger = cron_trigger(recipient.digest.cron, recipient.timezone)
    fire: datetime | None = trigger.get_next_fire_time(None, now.astimezone(trigger.timezone))
    return None if fire is None else fire.astimezone(now.tzinfo)
