"""What a pass did, as plain counts that add up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC

from newswatch.model import DisabledChannel

problems_log = logging.getLogger("newswatch.problems")
"""What fails is logged here as it happens, for the service. A command that shows a report at its end silences it."""


@dataclass(frozen=True, slots=True)
class FeedProblem:
    """A feed that failed or answered oddly, with the sentence to show."""

    feed_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that a channel did not take, with the sentence to show.

    Attributes:
        channel: its name.
        message: what happened.
        reason: in a word, as `errors.Reason` names it.
        address: the only one of the channel that does not have the message, or empty.
    """

    channel: str
    message: str
    reason: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A new or edited story held against one event, as logs and metrics name it.

    Attributes:
        feed_id, story_id, event: which.
        edited: it was known, and its text changed.
        relevant: it is about the event.
        severity: ``alert``, ``digest`` or ``silent``.
        reason: why, in a few words.
        developments: id, outcome and severity of each that is told.
        at_once, later: recipients who are told at once, or in their digests.
    """

    feed_id: str
    story_id: str
    event: str
    edited: bool
    relevant: bool
    severity: str
    reason: str
    developments: tuple[tuple[str, str, str], ...] = ()
    at_once: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


@dataclass(slots=True)
class PollReport:
    """One pass over the due feeds.

    ``polled`` = ``unchanged`` + ``fresh`` + ``failed``; ``new`` + ``edited`` stories = ``about`` + ``not_about``;
    ``about`` = ``told`` + ``silent``.

    Attributes:
        polled: feeds asked.
        unchanged: answered 304, or with the same bytes.
        fresh: answered with new bytes.
        failed: did not answer with a feed.
        entries: entries not seen before, edits included.
        new: stories seen for the first time.
        edited: stories whose text changed.
        about: new or edited stories about at least one event.
        told: those with at least one development to tell.
        pages: articles read from the stories' own pages.
        unread: pages that were asked for and gave none; the feed's text stands for them.
        pending: developments to be told at once, once for each recipient.
        held: developments held for a digest, once for each recipient.
        problems: what failed, feed by feed.
        warnings: what was odd but survived.
        unrecorded: polls that the store did not take; they count as failed too, and are repeated.
        judged: every new or edited story with every event that its feed is read for.
    """

    polled: int = 0
    unchanged: int = 0
    fresh: int = 0
    failed: int = 0
    entries: int = 0
    new: int = 0
    edited: int = 0
    about: int = 0
    told: int = 0
    pages: int = 0
    unread: int = 0
    pending: int = 0
    held: int = 0
    unrecorded: int = 0
    problems: list[FeedProblem] = field(default_factory=list)
    warnings: list[FeedProblem] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)

    @property
    def silent(self) -> int:
        """Stories about an event that say nothing new."""
        return self.about - self.told

    @property
    def not_about(self) -> int:
        """Stories about no event."""
        return self.new + self.edited - self.about

    def add(self, other: PollReport) -> None:
        """Take in another report's counts and problems."""
        for name in ("polled", "unchanged", "fresh", "failed", "entries", "new", "edited"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("about", "told", "pages", "unread", "pending", "held", "unrecorded"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems += other.problems
        self.warnings += other.warnings
        self.judged += other.judged


@dataclass(slots=True)
class DeliverReport:
    """One pass over the outbox.

    Attributes:
        sent: accepted by their receivers in this pass.
        waiting: still due, now or later.
        failed: given up in this pass.
        unreachable: a receiver could not be reached; the rest of its outbox waits for the next pass.
        problems: each refusal in this pass, and each channel that is disabled. An address that is refused for good
            while others have the messages, is there once.
        gone: what a receiver said that wants no more messages at all; empty when none did. For one channel only.
    """

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    unreachable: bool = False
    problems: list[Refusal] = field(default_factory=list)
    gone: str = ""

    def add(self, other: DeliverReport) -> None:
        """Take in another channel's counts and problems; ``waiting`` is counted by the store, not added up."""
        self.sent += other.sent
        self.failed += other.failed
        self.unreachable |= other.unreachable
        for refusal in other.problems:
            self.refuse(refusal)

    def refuse(self, refusal: Refusal) -> None:
        """Note a refusal; of an address that gets nothing one mention is enough, however many messages it missed."""
        if not (refusal.address and refusal in self.problems):
            self.problems.append(refusal)


def disabled_words(channel: DisabledChannel) -> str:
    """What the operator has to know of a channel over which nothing is sent, after its name."""
    since = f"{channel.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return (
        f"is disabled since {since} ({channel.reason}); what it should carry waits. Give it another address, or, once "
        f"the receiver takes messages again, run `newswatch test-channel {channel.name}`"
    )
