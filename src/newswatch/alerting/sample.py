"""A message to test a channel or a template with: made up, about nobody, and marked as a test. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from newswatch.model import (
    Alert,
    AlertItem,
    Bound,
    Delivery,
    Development,
    FigureChange,
    Outcome,
    Severity,
    Story,
    make_id,
)

_TITLE = "Test: this is no news"
_URL = "https://example.org/newswatch-test"


def sample(channel: str, recipient: str, *, now: datetime, digest: bool = False) -> Delivery:
    """A delivery whose id is new at every time, so that no receiver takes it for a repeat.

    Args:
        channel: the channel it goes over.
        recipient: whose zone its times are in.
        now: when.
        digest: a digest over the day before, not an alert.
    """
    story = Story(
        story_id="sty_test",
        url=_URL,
        title="A test message of newswatch",
        text="This is a test. The number of test messages rose to 2.",
        source="newswatch test",
        language="en",
        published=now,
        first_seen=now,
    )
    rise = Development(
        development_id="dev_test_figure",
        event="test",
        story_id=story.story_id,
        kind="figure",
        outcome=Outcome.CHANGED,
        summary="This is a test: the number of test messages rose from 1 to 2.",
        topic="test",
        severity=Severity.DIGEST if digest else Severity.ALERT,
        evidence=("The number of test messages rose to 2.", "A second sentence proves it too."),
        figure=FigureChange("messages", 2, 1, Bound.EXACT, Bound.EXACT),
        known_before="There was 1 test message.",
        reason="somebody tests this channel",
    )
    items = (AlertItem(rise, story, (("Another test source", _URL),), _TITLE, "test"),)
    kind = "digest" if digest else "alert"
    alert = Alert(
        alert_id=make_id("alr", "test", kind, channel, now.isoformat()),
        event="" if digest else "test",
        event_title="" if digest else _TITLE,
        recipient=recipient,
        created=now,
        items=items,
        digest=digest,
        period=(now - timedelta(days=1), now) if digest else None,
        counts=(("seen", 2), ("told", 1)) if digest else (),
    )
    return Delivery(make_id("dlv", alert.alert_id, channel), alert, channel, created=now, next_due=now)
