"""What newswatch tells the operator of itself takes the form of news, so that every channel and format can carry it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from newswatch.config.settings import Recipient
from newswatch.model import Alert, AlertItem, Delivery, Development, Outcome, Severity, Story, make_id

EVENT = "newswatch"
"""Stands where the event's id stands in what newswatch tells of itself; no event of a user is told with it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to tell.

    Attributes:
        key: the same for the same thing, so that it is not told twice.
        title: what it is about, after the program's name.
        summary: the sentence.
        proof: what stands beneath it.
        reason: of what kind it is.
    """

    key: str
    title: str
    summary: str
    proof: str
    reason: str


def notice(
    lines: Sequence[Line], to: Recipient, channel: str, *, now: datetime, language: str = "en"
) -> tuple[Alert, Delivery]:
    """An alert on its way over one channel, with one or more things to tell.

    Args:
        lines: at least one.
        to: who is told.
        channel: over which channel.
        now: the time it is.
        language: of the lines.
    """
    items = tuple(_item(line, language, now) for line in lines)
    alert = Alert(make_id("alr", *(line.key for line in lines)), EVENT, "newswatch", to.id, now, items)
    delivery = Delivery(make_id("dlv", alert.alert_id, channel), alert, channel, created=now, next_due=now)
    return alert, delivery


def _item(line: Line, language: str, now: datetime) -> AlertItem:
    title = f"newswatch: {line.title}"
    story = Story(line.key, "", title, "", "newswatch", language, now, now)
    told = Development(
        line.key, EVENT, line.key, "notice", Outcome.NEW, line.summary, "", Severity.DIGEST, (line.proof,),
        reason=line.reason,
    )  # fmt: skip
    return AlertItem(told, story, event_title="newswatch")
