"""What is pending becomes alerts, and alerts nobody acknowledged are told to somebody else: gather, decide, record.

One transaction for each recipient and one for each escalation, so that a kill between any two loses nothing and tells
nothing twice: a row is pending until the very transaction that writes its alert.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from newswatch.alerting import policy
from newswatch.app import trail
from newswatch.app.reports import problems_log
from newswatch.config.settings import Recipient
from newswatch.model import Alert, Mute, Pending
from newswatch.store import DIVERTED, Store, Transaction

Checkpoint = Callable[[str], None]
NOBODY, ACKNOWLEDGED = "nobody", "acknowledged"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some of a recipient's developments that wait for the same.

    Attributes:
        recipient: recipient id.
        count: how many.
        why, until: what they wait for, in words, and when that is over at the latest known now.
    """

    recipient: str
    count: int
    why: str
    until: datetime


@dataclass(slots=True)
class ReleaseReport:
    """One pass over what is pending.

    Attributes:
        alerts: made of what was pending.
        told: developments in them.
        diverted: developments that went into a digest, since they were muted while they waited.
        escalated: alerts told to somebody else.
    """

    alerts: int = 0
    told: int = 0
    diverted: int = 0
    escalated: int = 0


class Releaser:
    """Makes alerts of what is pending. Used from the one thread that writes."""

    def __init__(self, recipients: tuple[Recipient, ...], store: Store, checkpoint: Checkpoint) -> None:
        self._recipients: Mapping[str, Recipient] = {recipient.id: recipient for recipient in recipients}
        self._store = store
        self._checkpoint = checkpoint
        self._unknown: set[str] = set()

    def release(self, now: datetime, *, wait: bool) -> ReleaseReport:
        """Make the alerts that are due, and escalate those that nobody acknowledged.

        Args:
            now: the time it is.
            wait: False where nothing runs afterwards: then it does not wait for more of the same event.

        Raises:
            StoreError: the store cannot be read or written; what was not recorded is pending still.
        """
        report = ReleaseReport()
        for name in self._store.recipients_waiting():
            recipient = self._recipients.get(name)
            if recipient is not None:
                self._recipient(recipient, now, wait, report)
            elif name not in self._unknown:
                self._unknown.add(name)
                problems_log.warning("what is pending for %s waits: there is no such recipient any more", name)
        for alert in self._store.due_escalations(now):
            self._escalate(alert, now, report)
        return report

    def waiting(self, now: datetime) -> list[Waiting]:
        """What goes on waiting, recipient by recipient, told by what it waits for last; the wait for more is none.

        Raises:
            StoreError: the store cannot be read.
        """
        known = (self._recipients.get(name) for name in self._store.recipients_waiting())
        return [one for recipient in known if recipient is not None for one in self._waiting(recipient, now)]

    def _waiting(self, recipient: Recipient, now: datetime) -> list[Waiting]:
        pending, told_at, mutes = _gathered(self._store, recipient, now)
        stories: dict[tuple[str, str], list[Pending]] = {}
        for one in pending:
            stories.setdefault((one.event, one.item.story.story_id), []).append(one)
        found: dict[policy.Step, int] = {}
        for story in stories.values():
            steps = policy.waits(story, recipient, told_at=told_at, mutes=mutes, now=now, wait=False)
            if steps:
                found[steps[-1]] = found.get(steps[-1], 0) + len(story)
        return [Waiting(recipient.id, count, step.why, step.until) for step, count in found.items()]

    def _recipient(self, recipient: Recipient, now: datetime, wait: bool, report: ReleaseReport) -> None:
        decided = _decide(self._store, recipient, now, wait)
        if not decided.nothing:
            with self._store.transaction() as tx:
                # A mute may have come between; what is recorded was decided on what the transaction sees.
                decided = _decide(tx, recipient, now, wait)
                _record(tx, decided, recipient, now)
                self._checkpoint("before-release")
            self._checkpoint("after-release")
            for alert, told in decided.alerts:
                trail.alerted(alert, recipient.channels, of=told)
        report.alerts += len(decided.alerts)
        report.told += sum(len(told) for _, told in decided.alerts)
        report.diverted += len(decided.diverted)

    def _escalate(self, alert: Alert, now: datetime, report: ReleaseReport) -> None:
        before = self._recipients.get(alert.recipient)
        target = before.escalate.to if before is not None and before.escalate is not None else ""
        to = self._recipients.get(target)
        if to is not None and policy.quieted(alert, to.id, self._store.mutes(now), now):
            return
        escalated = None
        with self._store.transaction() as tx:
            if tx.acknowledged(alert):
                tx.settle_escalation(alert, ACKNOWLEDGED)
            elif to is None:
                tx.settle_escalation(alert, NOBODY)
            else:
                escalated = policy.escalated(alert, to, now=now)
                _tell(tx, escalated, to, now)
                tx.settle_escalation(alert, escalated.alert_id)
                report.escalated += 1
            self._checkpoint("before-escalation")
        self._checkpoint("after-escalation")
        if escalated is not None and to is not None:
            trail.alerted(escalated, to.channels, kind="escalated alert")


def _gathered(
    source: Store | Transaction, recipient: Recipient, now: datetime
) -> tuple[tuple[Pending, ...], tuple[datetime, ...], tuple[Mute, ...]]:
    late = timedelta(0) if recipient.at_most is None else recipient.at_most.per
    return source.pending(recipient.id), source.told_at(recipient.id, now - late), source.mutes(now)


def _decide(source: Store | Transaction, recipient: Recipient, now: datetime, wait: bool) -> policy.Release:
    pending, told_at, mutes = _gathered(source, recipient, now)
    return policy.release(pending, recipient, told_at=told_at, mutes=mutes, now=now, wait=wait)


def _record(tx: Transaction, decided: policy.Release, recipient: Recipient, now: datetime) -> None:
    for alert, told in decided.alerts:
        _tell(tx, alert, recipient, now)
        tx.settle(told, alert.alert_id)
    tx.hold(decided.held)
    tx.settle(decided.diverted, DIVERTED)


def _tell(tx: Transaction, alert: Alert, recipient: Recipient, now: datetime) -> None:
    tx.add_alert(alert)
    tx.add_deliveries(policy.deliveries(alert, recipient.channels, now=now))
    due = policy.escalates_at(alert, recipient)
    if due is not None:
        tx.add_escalation(alert, due)
