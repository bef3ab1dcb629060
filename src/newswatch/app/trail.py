"""An entry's way in the log: every line names the id before it and the one after it.

    feed | story sty_… | its decision, developments dev_… | alert alr_… | deliveries dlv_… | sent

So `grep sty_…` shows all of it. What is about an event, and what is told, is said at INFO, the rest at DEBUG. Each line
has its ids as fields too (``record.ids``), for logs that are read by programs. What a story says
stands in reasons only, without control characters.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from newswatch.alerting import policy
from newswatch.app.reports import Judged
from newswatch.model import Alert, Delivery, Pending

log = logging.getLogger("newswatch.trail")
MOST = 20
"""So many ids stand in one line; of a longer digest the others are counted."""

Ids = dict[str, str | list[str]]


def fields(**ids: str | Iterable[str]) -> dict[str, Ids]:
    """The ``extra`` of a line: its ids by their nouns (``feed``, ``story`` …), many as a list."""
    return {"ids": {name: one if isinstance(one, str) else list(one) for name, one in ids.items()}}


def judged(lines: Sequence[Judged]) -> None:
    """Say what a poll brought, and what was decided about it; after it was recorded."""
    about = {one.story_id for one in lines if one.relevant}
    if not log.isEnabledFor(logging.DEBUG):
        # Of thousands of stories few are about an event, and of the others nothing would be written.
        lines = [one for one in lines if one.story_id in about]
    for one in {one.story_id: one for one in lines}.values():
        level = logging.INFO if one.story_id in about else logging.DEBUG
        kind = "edited" if one.edited else "new"
        extra = fields(feed=one.feed_id, story=one.story_id)
        log.log(level, "feed %s brought story %s (%s)", one.feed_id, one.story_id, kind, extra=extra)
    for one in lines:
        _decided(one)


def _decided(one: Judged) -> None:
    told = [development_id for development_id, _, _ in one.developments]
    extra = fields(feed=one.feed_id, story=one.story_id, event=one.event, severity=one.severity, development=told)
    if not one.relevant:
        log.debug("story %s is not about %s", one.story_id, one.event, extra=extra)
    elif not told:
        log.info("story %s about %s is silent: %s", one.story_id, one.event, _line(one.reason), extra=extra)
    else:
        to = [f"at once to {name}" for name in one.at_once] + [f"in the digest of {name}" for name in one.later]
        log.info(
            "story %s about %s is told (%s): %s; %s",
            one.story_id, one.event, one.severity, listed(told), ", ".join(to) or "to nobody", extra=extra,
        )  # fmt: skip


def alerted(alert: Alert, channels: Sequence[str], *, kind: str = "alert", of: Iterable[Pending] = ()) -> None:
    """Say what an alert or digest tells, and by which deliveries; after it was recorded.

    Args:
        alert: the alert.
        channels: over which it goes.
        kind: as it is called.
        of: what it was made of; it names one story of those that told the same, and the log names them all.
    """
    items = (*alert.items, *(one.item for one in of))
    told = list(dict.fromkeys(item.development.development_id for item in items))
    stories = list(dict.fromkeys(item.story.story_id for item in items))
    deliveries = policy.deliveries(alert, channels, now=alert.created)
    log.info(
        "%s %s to %s tells %s of %s; it goes out as %s",
        kind, alert.alert_id, alert.recipient, listed(told) or "that nothing is new", listed(stories) or "no story",
        ", ".join(f"{one.delivery_id} over {one.channel}" for one in deliveries),
        extra=fields(
            event=alert.event, story=stories, development=told, alert=alert.alert_id, recipient=alert.recipient,
            delivery=[one.delivery_id for one in deliveries], channel=[one.channel for one in deliveries],
        ),
    )  # fmt: skip


def of_delivery(delivery: Delivery) -> dict[str, Ids]:
    """The ids of a line about a delivery."""
    alert = delivery.alert
    return fields(
        delivery=delivery.delivery_id, alert=alert.alert_id, channel=delivery.channel, recipient=alert.recipient,
        event=alert.event, story=stories_of(alert),
    )  # fmt: skip


def stories_of(alert: Alert) -> list[str]:
    """The stories that an alert tells of, each once."""
    return list(dict.fromkeys(item.story.story_id for item in alert.items))


def listed(ids: Sequence[str]) -> str:
    """The ids, or as many as a line takes."""
    more = len(ids) - MOST
    return ", ".join(ids[:MOST]) + (f" and {more} more" if more > 0 else "")


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
