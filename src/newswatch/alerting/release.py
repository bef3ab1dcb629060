"""When what is to be told at once becomes an alert: together with the rest, within the rate, outside quiet hours. Pure.

    pending of a recipient + mutes + alerts of late -> alerts, what a mute diverts, and what goes on waiting

Nothing is kept of when something is due: it follows from when it was decided and from the settings as they are now, so
that a changed configuration, a mute that is lifted and a clock that is set hold from the next tick on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch.alerting.merge import merged
from newswatch.alerting.mutes import muted, scope
from newswatch.alerting.quiet import quiet_now
from newswatch.config.routes import URGENT
from newswatch.config.settings import Quiet, Recipient
from newswatch.config.values import Rate
from newswatch.model import Alert, AlertItem, Held, Mute, Pending, Severity, make_id

QUIET = "quiet hours"
_FAR = timedelta(days=366)
"""Quiet hours that never end are said to end as late as this."""
GROUPING = "more of the same event may come (group_wait)"


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes of a recipient's pending developments now.

    Attributes:
        alerts: each with what it tells.
        diverted: what goes into the digest since it was muted while it waited.
    """

    alerts: tuple[tuple[Alert, tuple[Pending, ...]], ...] = ()
    diverted: tuple[Pending, ...] = ()

    @property
    def nothing(self) -> bool:
        """Everything goes on waiting."""
        return not self.alerts and not self.diverted

    @property
    def held(self) -> tuple[Held, ...]:
        """What is diverted, as a digest keeps it."""
        return tuple(Held(p.recipient, p.item, p.event, p.event_title, p.since) for p in self.diverted)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a development waits for, in words, and until when."""

    why: str
    until: datetime


def release(
    pending: Sequence[Pending],
    recipient: Recipient,
    *,
    told_at: Sequence[datetime],
    mutes: Sequence[Mute],
    now: datetime,
    wait: bool = True,
) -> Release:
    """Decide what of a recipient's pending developments is told now; one alert an event, most urgent event first.

    Args:
        pending: all that waits for this recipient, in the order it was decided.
        recipient: the recipient.
        told_at: when the alerts of late were made, at least those within the rate's time.
        mutes: those that may hold now.
        now: the time it is.
        wait: False where nothing runs afterwards: then it does not wait for more of the same event.
    """
    sounding, quieted = _apart(pending, recipient, mutes, now)
    groups: dict[str, list[Pending]] = {}
    for one in _audible(sounding, recipient, now):
        groups.setdefault(one.event, []).append(one)
    due = [g for g in groups.values() if not wait or min(p.since for p in g) + recipient.group_wait <= now]
    due.sort(key=lambda g: (-_rank(g), min(p.since for p in g)))
    free = (
        None if recipient.at_most is None else max(recipient.at_most.count - _late(recipient.at_most, told_at, now), 0)
    )
    return Release(
        tuple((_alert(group, recipient, now), tuple(group)) for group in due[:free]),
        tuple(quieted) if recipient.digest is not None else (),
    )


def _apart(
    pending: Sequence[Pending], recipient: Recipient, mutes: Sequence[Mute], now: datetime
) -> tuple[list[Pending], list[Pending]]:
    """What may be told, and what is muted; with it goes what only came along with it, where a digest takes it."""
    sounding: list[Pending] = []
    quieted: list[Pending] = []
    for one in pending:
        mute = muted(mutes, one.recipient, one.event, one.item.development.topic, now)
        (sounding if mute is None else quieted).append(one)
    if recipient.digest is None or not quieted:
        return sounding, quieted
    least = Severity(recipient.alert_from).rank
    robbed = {_story(p) for p in quieted} - {_story(p) for p in sounding if _rank([p]) >= least}
    along = [p for p in sounding if _story(p) in robbed]
    return [p for p in sounding if _story(p) not in robbed], quieted + along


def _story(pending: Pending) -> tuple[str, str]:
    return pending.event, pending.item.story.story_id


def _audible(pending: Sequence[Pending], recipient: Recipient, now: datetime) -> list[Pending]:
    """What quiet hours let through: everything outside of them, inside the stories with something excepted."""
    quiet = [one for one, _ in quiet_now(recipient.quiet, recipient.timezone, now)]
    loud = {_story(p) for p in pending if all(disturbs(one, p.item) for one in quiet)}
    return [p for p in pending if _story(p) in loud]


def disturbs(quiet: Quiet, item: AlertItem) -> bool:
    """Whether a development is told in quiet hours too."""
    urgent = URGENT in quiet.except_ and item.development.severity is Severity.ALERT
    return urgent or item.development.topic in quiet.except_


def _rank(group: Iterable[Pending]) -> int:
    return max(p.item.development.severity.rank for p in group)


def _late(rate: Rate, told_at: Sequence[datetime], now: datetime) -> int:
    """How many alerts count against the rate now."""
    return sum(told > now - rate.per for told in told_at)


def _alert(group: Sequence[Pending], recipient: Recipient, now: datetime) -> Alert:
    first = group[0]
    told = (p.item.development.development_id for p in group)
    alert_id = make_id("alr", first.recipient, first.event, *told)
    return Alert(alert_id, first.event, first.event_title, first.recipient, now, merged(group, recipient.language))


def waits(
    story: Sequence[Pending],
    recipient: Recipient,
    *,
    told_at: Sequence[datetime],
    mutes: Sequence[Mute],
    now: datetime,
    wait: bool = True,
) -> tuple[Step, ...]:
    """What one story's pending developments wait for, one thing after the other, if nothing else comes; empty: nothing.

    Args:
        story: what one story says that is told at once; at least one.
        recipient: as for `release`, like all that follow.
        told_at: when the alerts of late were made.
        mutes: those that may hold.
        now: the time it is.
        wait: False where it does not wait for more of the same event.
    """
    steps: list[Step] = []
    at = now
    due = min(p.since for p in story) + recipient.group_wait
    if wait and due > now:
        at = due
        steps.append(Step(GROUPING, due))
    while at < now + _FAR and (step := _next(story, recipient, told_at, mutes, at)) is not None:
        if steps and steps[-1].why == step.why == QUIET:
            steps.pop()  # one span goes over into another
        steps.append(step)
        at = step.until
    return tuple(steps)


def _next(
    story: Sequence[Pending], recipient: Recipient, told_at: Sequence[datetime], mutes: Sequence[Mute], at: datetime
) -> Step | None:
    held = [muted(mutes, p.recipient, p.event, p.item.development.topic, at) for p in story]
    sounding = [p for p, mute in zip(story, held, strict=True) if mute is None]
    if not sounding:
        first = min((mute for mute in held if mute is not None), key=lambda mute: mute.until)
        return Step(f"{scope(first)} is muted by {first.made_by}", first.until)
    quiet = quiet_now(recipient.quiet, recipient.timezone, at)
    if quiet and not any(all(disturbs(one, p.item) for one, _ in quiet) for p in sounding):
        return Step(QUIET, min(end for _, end in quiet))
    rate = recipient.at_most
    if rate is not None and _late(rate, told_at, at) >= rate.count:
        return Step(f"at most {rate}", sorted(told_at)[-rate.count] + rate.per)
    return None
