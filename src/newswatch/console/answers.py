"""What the API answers and takes, as models: the OpenAPI document is made of them, and a test holds answers to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9_-]*$")]
Note = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\u0000]*$")]
Limit = Annotated[int, Field(ge=1, le=200)]
Cursor = Annotated[str, StringConstraints(max_length=100, pattern=r"^[\x20-\x7e]*$")]


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")


class Asking(BaseModel):
    """Base of what is asked: an unknown name is a mistake."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True, extra="forbid")


class Problem(BaseModel):
    """Why something was not done (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str = "about:blank"
    title: str
    """In a few words."""
    status: int
    detail: str
    """In a sentence."""


# ---------------------------------------------------------------- status


class FeedCounts(Answer):
    """How many feeds there are, and how many of them fail."""

    configured: int
    failing: int


class DeliveryCounts(Answer):
    """How many deliveries are in which state."""

    due: int
    sent: int
    failed: int
    dropped: int


class EventLine(Answer):
    """An event, with what its last day brought."""

    event: str
    title: str
    alerts: int
    """Developments of the last 24 hours that were told at once."""
    digest: int
    """Those that were told in a digest, or will be."""


class Status(Answer):
    """Whether it works."""

    works: bool
    wrong: tuple[str, ...]
    """What is wrong, a sentence each."""
    polled: datetime | None
    """When a feed was asked last."""
    stories_last_day: int
    feeds: FeedCounts
    deliveries: DeliveryCounts
    waiting_to_be_told: int
    events: tuple[EventLine, ...]


class Events(Answer):
    """The events that are configured."""

    events: tuple[EventLine, ...]


# ---------------------------------------------------------------- an event


class Topic(Answer):
    """A topic of an event."""

    topic: str
    title: str
    severity: Literal["alert", "digest", "silent"]


class Known(Answer):
    """A fact of the ledger."""

    fact: str
    sentence: str
    source: str
    story: str | None
    """The story that brought it; null for what was known at the start."""
    since: datetime
    why: str
    by: str


class Ledger(Answer):
    """The newest of what is known, disputed and corrected, and what was known at the start."""

    known: tuple[Known, ...]
    disputed: tuple[Known, ...]
    corrected: tuple[Known, ...]
    baseline: tuple[str, ...]


class FigurePoint(Answer):
    """A figure at a time."""

    at: datetime
    text: str
    source: str
    story: str | None


class Figure(Answer):
    """A figure over time, newest first."""

    label: str
    now: str
    points: tuple[FigurePoint, ...]


class Event(Answer):
    """An event with what is known of it."""

    event: str
    title: str
    languages: tuple[str, ...]
    topics: tuple[Topic, ...]
    ledger: Ledger
    figures: tuple[Figure, ...]


class Fate(Answer):
    """What became of a development for one recipient."""

    recipient: str
    how: Literal["told", "waits", "held", "digest"]
    at: datetime


class Development(Answer):
    """Something new."""

    number: int
    """In the order in which they were committed, over all events."""
    development: str
    event: str
    story: str | None
    """The story that brought it first; null past the retention."""
    source: str | None
    url: str | None
    language: str
    found: datetime
    kind: str
    outcome: str
    topic: str
    severity: Literal["alert", "digest", "silent"]
    summary: str
    evidence: tuple[str, ...]
    known_before: str
    sources: tuple[str, ...]
    """Whose words it stands in, the first before: independent of each other."""
    fates: tuple[Fate, ...]


class Developments(Answer):
    """A page of developments, newest first."""

    developments: tuple[Development, ...]
    before: int | None
    """For the next page; null where there is none."""


class DevelopmentsAsked(Asking):
    """Which developments."""

    topic: Name = ""
    """Only of this topic."""
    language: Annotated[str, StringConstraints(max_length=16, pattern=r"^[A-Za-z-]*$")] = ""
    """Only of stories in this language, such as ``en``."""
    severity: Literal["", "alert", "digest", "silent"] = ""
    """Only of this severity."""
    before: Annotated[int, Field(ge=0, le=10**15)] | None = None
    """Only those with a smaller number: the next page."""
    limit: Limit = 25
    """How many."""


# ---------------------------------------------------------------- stories and search


class Decision(Answer):
    """What was decided of a story for an event."""

    event: str
    decided: datetime
    revision: int
    severity: Literal["alert", "digest", "silent"]
    reason: str
    developments: tuple[str, ...]


class Story(Answer):
    """A story as its publisher wrote it."""

    story: str
    url: str
    title: str
    text: str
    source: str
    language: str
    published: datetime
    first_seen: datetime
    revision: int
    near_copy_of: str | None


class WholeStory(Answer):
    """A story with what was decided of it."""

    story: Story
    decisions: tuple[Decision, ...]
    copies: tuple[str, ...]
    feeds: tuple[str, ...]


class Hit(Answer):
    """A story that was found; what was asked for is marked by ⟦ and ⟧."""

    story: str
    title: str
    excerpt: str
    url: str
    source: str
    language: str
    published: datetime


class Results(Answer):
    """A page of what was found, newest first."""

    page: int
    more: bool
    stories: tuple[Hit, ...]
    developments: tuple[Development, ...]


class SearchAsked(Asking):
    """What to look for."""

    q: Annotated[str, StringConstraints(max_length=200)] = ""
    """Words that must all be there, in any of their forms; phrases in double quotes."""
    kind: Literal["stories", "developments"] = "stories"
    """What to look through."""
    page: Annotated[int, Field(ge=1, le=50)] = 1
    """From 1 on."""


# ---------------------------------------------------------------- feeds, deliveries, alerts


class Feed(Answer):
    """A feed, and how it does."""

    feed: str
    title: str
    url: str
    """Without a login or what a query may keep secret."""
    language: str
    health: Literal["unasked", "well", "quiet", "stale", "failing", "broken", "gone"]
    sentence: str
    last_polled: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    next_due: datetime | None
    """Null: at once."""
    every: float
    """Seconds between two polls."""
    failures: int
    """In a row."""
    last_error: str
    latency: float | None
    """Seconds that an answer takes, smoothed."""
    repeats: float | None
    """Share of entries that were seen before, from 0 to 1."""
    polls_today: int
    failures_today: int


class Feeds(Answer):
    """The feeds, those in trouble before."""

    feeds: tuple[Feed, ...]


class Handled(Answer):
    """What a person did to a delivery."""

    action: str
    at: datetime
    by: str
    why: str


class Refused(Answer):
    """An address that refuses a message for good."""

    address: str
    answer: str


class Delivery(Answer):
    """A message over a channel."""

    delivery: str
    alert: str
    state: Literal["due", "sent", "failed", "dropped"]
    channel: str
    recipient: str
    event: str
    summary: str
    created: datetime
    attempts: int
    next_due: datetime | None
    sent: datetime | None
    last_error: str
    refused: tuple[Refused, ...]
    handled: tuple[Handled, ...]


class Outage(Answer):
    """A channel over which nothing goes through, or is sent."""

    channel: str
    since: datetime
    disabled: bool
    """Its receiver wants no more messages, so none is sent."""
    why: str


class Deliveries(Answer):
    """A page of the outbox, newest first."""

    deliveries: tuple[Delivery, ...]
    after: str | None
    """For the next page; null where there is none."""
    counts: DeliveryCounts
    outages: tuple[Outage, ...]


class DeliveriesAsked(Asking):
    """Which deliveries."""

    state: Literal["", "due", "sent", "failed", "dropped"] = ""
    """Only in this state."""
    channel: Name = ""
    """Only over this channel."""
    recipient: Name = ""
    """Only for this recipient."""
    after: Cursor = ""
    """What the page before said."""
    limit: Limit = 50
    """How many."""


class Changed(Answer):
    """What became of a delivery that somebody wanted changed."""

    delivery: str
    state: Literal["due", "sent", "failed", "dropped"]
    done: bool
    message: str


class Why(Asking):
    """Why, for the others."""

    why: Note = ""


class Acknowledgement(Answer):
    """Who has seen an alert."""

    at: datetime
    by: str
    note: str


class Item(Answer):
    """A development as it was told."""

    development: str
    story: str
    summary: str
    severity: Literal["alert", "digest", "silent"]
    topic: str
    evidence: tuple[str, ...]
    source: str
    url: str


class Alert(Answer):
    """An alert or a digest to one recipient."""

    alert: str
    event: str
    title: str
    recipient: str
    created: datetime
    digest: bool
    items: tuple[Item, ...]
    acknowledged: Acknowledgement | None
    deliveries: tuple[str, ...]


class Alerts(Answer):
    """A page of alerts and digests, newest first."""

    alerts: tuple[Alert, ...]
    after: str | None
    """For the next page; null where there is none."""


class AlertsAsked(Asking):
    """Which alerts."""

    recipient: Name = ""
    """Only to this recipient."""
    after: Cursor = ""
    """What the page before said."""
    limit: Limit = 50
    """How many."""


class Acknowledge(Asking):
    """That somebody has seen an alert."""

    note: Note = ""
    """What is done about it."""


class Acknowledged(Answer):
    """Whether somebody had said so before."""

    alert: str
    already: bool


class MuteAsked(Asking):
    """What not to tell at once for a while; at least one of event, topic and recipient."""

    event: Name = ""
    topic: Name = ""
    recipient: Name = ""
    minutes: Annotated[int, Field(ge=1, le=60 * 24 * 30)]
    """How long."""
    why: Note = ""


class Mute(Answer):
    """What is told in the digest only, until when."""

    mute: str
    event: str
    topic: str
    recipient: str
    until: datetime
    made: datetime
    by: str
    why: str


class Mutes(Answer):
    """What is muted now, the one that ends first before."""

    mutes: tuple[Mute, ...]


class FeedbackAsked(Asking):
    """What a person says of a development."""

    development: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    label: Literal["not-new", "wrong", "mute"]
    note: Note = ""
    hours: Annotated[int, Field(ge=1, le=24 * 30)] = 4
    """How long to mute."""


class Done(Answer):
    """What was done, in words."""

    done: str
