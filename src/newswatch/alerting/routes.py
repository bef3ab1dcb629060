"""Who is told of what, and whether at once: each development of a decision for each recipient, with the reason. Pure.

    decision + recipients + mutes -> verdicts -> pending (to be told at once) and held (for the digest)

When what is pending becomes an alert is decided in `newswatch.alerting.release`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from newswatch.alerting.mutes import muted, scope
from newswatch.config.event import Event
from newswatch.config.settings import Recipient
from newswatch.model import AlertItem, Decision, Development, Held, Mute, Pending, Severity, Story


class Told(StrEnum):
    """How a recipient is told of a development."""

    AT_ONCE = "at once"
    DIGEST = "in the digest"
    NOT = "not at all"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one recipient is told of one development, and why, in words."""

    development: Development
    told: Told
    why: str


@dataclass(frozen=True, slots=True)
class Routing:
    """What one decision means for all recipients: what is told at once, and what is held for digests."""

    pending: tuple[Pending, ...] = ()
    held: tuple[Held, ...] = ()


def verdicts(
    developments: Sequence[Development], recipient: Recipient, *, event: str, mutes: Sequence[Mute], now: datetime
) -> tuple[Verdict, ...]:
    """Decide for one recipient how each development of one story is told; most severe first.

    One development of severity ``alert_from`` or above is told at once, and the story's others ride along, so that the
    digest does not tell them again. A recipient without a digest is told everything at once, since it would be lost
    otherwise. With a list of topics a recipient gets what belongs to one of these; a development that belongs to no
    topic goes to recipients without such a list. What is muted goes into the digest, however urgent it is; where there
    is no digest it waits for the end of the mute.
    """
    ranked = sorted(developments, key=lambda d: -d.severity.rank)
    first = [_alone(d, recipient, event, mutes, now) for d in ranked]
    at_once = [v.development.severity.value for v in first if v.told is Told.AT_ONCE]
    if not at_once:
        return tuple(first)
    why = f"it comes along with what is told at once of the same story ({at_once[0]})"
    return tuple(
        Verdict(v.development, Told.AT_ONCE, why)
        if v.told is Told.DIGEST and not muted(mutes, recipient.id, event, v.development.topic, now)
        else v
        for v in first
    )


def _alone(development: Development, recipient: Recipient, event: str, mutes: Sequence[Mute], now: datetime) -> Verdict:
    """How a development is told when its story says nothing else."""
    severity, topic = development.severity, development.topic

    def verdict(told: Told, why: str) -> Verdict:
        return Verdict(development, told, why)

    if recipient.events and event not in recipient.events:
        return verdict(Told.NOT, f"its events are {', '.join(recipient.events)}")
    if severity is Severity.SILENT:
        return verdict(Told.NOT, "it is silent")
    if recipient.topics and topic not in recipient.topics:
        return verdict(Told.NOT, f"its topics are {', '.join(recipient.topics)}")
    mute = muted(mutes, recipient.id, event, topic, now)
    if recipient.digest is None:
        return verdict(Told.AT_ONCE, "there is no digest, so everything is told at once")
    if mute is not None:
        return verdict(Told.DIGEST, f"{scope(mute)} is muted by {mute.made_by}")
    if severity.rank >= Severity(recipient.alert_from).rank:
        return verdict(Told.AT_ONCE, f"{severity.value} is told at once (alert_from: {recipient.alert_from})")
    return verdict(Told.DIGEST, f"{severity.value} is below alert_from: {recipient.alert_from}")


def route(
    decision: Decision,
    story: Story,
    *,
    event: Event,
    recipients: Sequence[Recipient],
    now: datetime,
    mutes: Sequence[Mute] = (),
    other_sources: Sequence[tuple[str, str]] = (),
) -> Routing:
    """Decide for each recipient whether a story's developments are told at once, with the digest, or not.

    Args:
        decision: what was decided about the story; its developments come most important first.
        story: the story.
        event: the event's settings, for its title and its topics' titles.
        recipients: everybody, in the configuration's order.
        now: when it is decided.
        mutes: those that may hold now.
        other_sources: ``(publisher, url)`` of other carriers of the story.
    """
    pending: list[Pending] = []
    held: list[Held] = []
    for recipient in recipients:
        for verdict in verdicts(decision.developments, recipient, event=event.event, mutes=mutes, now=now):
            item = _item(verdict.development, story, event, other_sources)
            if verdict.told is Told.AT_ONCE:
                pending.append(Pending(recipient.id, item, event.event, event.title, now))
            elif verdict.told is Told.DIGEST:
                held.append(Held(recipient.id, item, event.event, event.title, now))
    return Routing(tuple(pending), tuple(held))


def _item(development: Development, story: Story, event: Event, other_sources: Sequence[tuple[str, str]]) -> AlertItem:
    topic = next((t.title for t in event.topics if t.id == development.topic), "")
    return AlertItem(development, story, tuple(other_sources), event.title, topic or development.topic)
