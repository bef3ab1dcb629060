"""The tables, as SQLAlchemy Core sees them today. How they came to be: ``migrations/``; a test holds both together.

Times are whole microseconds since 1970, UTC: exact, sortable, and the same in every database. Values that are only
read back whole (claims, alerts, traces) are JSON.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(value: datetime) -> int:
    """An aware datetime as whole microseconds since 1970; a time without a zone is our own mistake."""
    if value.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone")
    return (value - _EPOCH) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware datetime as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database, in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData()


migration = Table(
    "migration",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("applied", Moment, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("configured_url", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("body_hash", Text, nullable=False),
    Column("next_due", Moment),
    Column("failures", Integer, nullable=False),
    Column("last_polled", Moment),
    Column("last_success", Moment),
    Column("last_new", Moment),
    Column("last_error", Text, nullable=False),
    Column("last_status", Integer),
    Column("moved_to", Text, nullable=False),
    Column("moved_count", Integer, nullable=False),
    Column("last_failure", Moment),
    Column("failed_with", Text, nullable=False, server_default=""),
    Column("failing_since", Moment),
    Column("items", Integer),
    Column("newest", Moment),
    Column("habit", Double, nullable=False, server_default="0"),
    Column("pace", Double, nullable=False, server_default="0"),
    Column("repeats", Double),
    Column("latency", Double, nullable=False, server_default="0"),
    Column("latency_mean", Double, nullable=False, server_default="0"),
    Column("day", Text, nullable=False, server_default=""),
    Column("polls_today", Integer, nullable=False, server_default="0"),
    Column("failures_today", Integer, nullable=False, server_default="0"),
)

feed_notice = Table(
    "feed_notice",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("told", Moment, nullable=False),
)

host = Table(
    "host",
    metadata,
    Column("host", Text, primary_key=True),
    Column("held_until", Moment),
    Column("crawl_delay", Double),
    Column("robots_checked", Moment),
)

subscription = Table(
    "subscription",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("hub", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("lease_until", Moment),
    Column("ask_at", Moment),
    Column("attempts", Integer, nullable=False),
)

entry = Table(
    "entry",
    metadata,
    Column("feed_id", Text, primary_key=True),
    Column("entry_id", Text, primary_key=True),
    Column("story_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("seen", Moment, nullable=False),
    Index("entry_story", "story_id"),
)

story = Table(
    "story",
    metadata,
    Column("story_id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("published", Moment, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("near_copy_of", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("full_text", Boolean, nullable=False),
    Index("story_url", "url"),
    Index("story_first_seen", "first_seen"),
    Index("story_near_copy_of", "near_copy_of"),
)

revision = Table(
    "revision",
    metadata,
    Column("story_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
)

band = Table(
    "band",
    metadata,
    Column("band", Text, primary_key=True),
    Column("story_id", Text, primary_key=True),
    Index("band_story", "story_id"),
)

baseline = Table(
    "baseline",
    metadata,
    Column("event", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)

fact = Table(
    "fact",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("event", Text, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("fact_event_id", "event", "fact_id", unique=True),
    Index("fact_story", "event", "story_id"),
    Index("fact_told", "event", "told", "seq"),
)

correction = Table(
    "correction",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("event", Text, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("other_id", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("made", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("correction_event", "event", "seq"),
)

mark = Table(
    "mark",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("event", Text, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("made", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("said_by", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Index("mark_event", "event", "seq"),
)

origin = Table(
    "origin",
    metadata,
    Column("event", Text, primary_key=True),
    Column("fact_id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("origin", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("seen", Moment, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("event", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("relevant", Boolean, nullable=False),
    Column("severity", Text, nullable=False),
    Column("decided", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("decision_story", "story_id", "event"),
    Index("decision_event", "event", "seq"),
    Index("decision_decided", "decided"),
)

development = Table(
    "development",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("development_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("found", Moment, nullable=False),
    Index("development_once", "development_id", unique=True),
    Index("development_event", "event", "found"),
    Index("development_newest", "event", "seq"),
    Index("development_topic", "event", "topic", "seq"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("label", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("story_id", Text, nullable=False),
    Column("development_id", Text, nullable=False),
    Column("made", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("weights", Text, nullable=False),
    Column("story", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Index("feedback_story", "story_id", "seq"),
)

alert = Table(
    "alert",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("digest", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("alert_recipient", "recipient", "created"),
    Index("alert_created", "created"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", Text, primary_key=True),
    Column("alert_id", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_due", Moment),
    Column("last_error", Text, nullable=False),
    Column("sent", Moment),
    Column("taken", Text, nullable=False, server_default=""),  # addresses, a line each
    Column("failing_since", Moment),
    Column("refused", Text, nullable=False, server_default=""),  # an address, a tab and the answer, a line each
    Index("delivery_due", "state", "channel", "next_due"),
    Index("delivery_order", "state", "channel", "created", "delivery_id"),
    Index("delivery_created", "created"),
    Index("delivery_state_newest", "state", "created"),
    Index("delivery_channel_newest", "channel", "created"),
    Index("delivery_alert", "alert_id"),
)

handling = Table(
    "handling",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("delivery_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("made", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Index("handling_delivery", "delivery_id", "seq"),
)

outage = Table(
    "outage",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("since", Moment),
    Column("last_error", Text, nullable=False),
    Column("refused", Boolean, nullable=False),
    Column("told", Moment),
    Column("told_over", Text, nullable=False),
    Column("last_told", Moment),
)

refusal = Table(
    "refusal",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("told", Moment),
)

channel = Table(
    "channel",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("disabled", Moment, nullable=False),
    Column("reason", Text, nullable=False),
)

held = Table(
    "held",
    metadata,
    Column("recipient", Text, primary_key=True),
    Column("development_id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("event_title", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("run_key", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("held_waiting", "recipient", "run_key", "since"),
    Index("held_by_development", "development_id"),
)

digest_run = Table(
    "digest_run",
    metadata,
    Column("recipient", Text, primary_key=True),
    Column("run_key", Text, primary_key=True),
    Column("until", Moment, nullable=False),
)

pending = Table(
    "pending",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("development_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("event_title", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("settled", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("pending_development", "recipient", "development_id", unique=True),
    Index("pending_waiting", "settled", "recipient"),
    Index("pending_by_development", "development_id"),
)

mute = Table(
    "mute",
    metadata,
    Column("mute_id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Column("made", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("ended", Moment),
    Column("ended_by", Text, nullable=False),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("made", Moment, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("note", Text, nullable=False),
)

escalation = Table(
    "escalation",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("due", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("escalation_due", "outcome", "due"),
)
