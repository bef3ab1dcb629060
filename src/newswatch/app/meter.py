"""What the service says of its work, for whoever counts it: the console's metrics, and nobody in `newswatch once`."""

from __future__ import annotations

from typing import Protocol

from newswatch.app.releasing import ReleaseReport
from newswatch.app.reports import DeliverReport, PollReport


class Meter(Protocol):
    """Counts what happens. Called from the event loop, often; must neither wait nor raise."""

    def ticked(self) -> None:
        """A tick went through to the store and back."""

    def store_failed(self) -> None:
        """The store did not take or give something."""

    def due(self, feeds: int) -> None:
        """The feeds that are due were looked up."""

    def polled(self, feed_id: str, report: PollReport, seconds: float) -> None:
        """One feed was polled, or it was not its turn yet (``report.polled`` is 0).

        Args:
            feed_id: the feed.
            report: what came of it.
            seconds: from its turn in the loop until it was recorded.
        """

    def released(self, report: ReleaseReport) -> None:
        """Alerts were made of what was pending."""

    def digested(self, digests: int) -> None:
        """Digests were written into the outbox."""

    def delivered(self, channel: str, report: DeliverReport) -> None:
        """One pass over a channel's outbox is done."""

    def reloaded(self, *, good: bool) -> None:
        """The configuration was read again; a bad one is not in force."""

    def stopping(self) -> None:
        """The service finishes what is in flight, and begins nothing new."""


class Unmetered:
    """Nobody counts."""

    def ticked(self) -> None:
        """Nothing."""

    def store_failed(self) -> None:
        """Nothing."""

    def due(self, feeds: int) -> None:
        """Nothing."""

    def polled(self, feed_id: str, report: PollReport, seconds: float) -> None:
        """Nothing."""

    def released(self, report: ReleaseReport) -> None:
        """Nothing."""

    def digested(self, digests: int) -> None:
        """Nothing."""

    def delivered(self, channel: str, report: DeliverReport) -> None:
        """Nothing."""

    def reloaded(self, *, good: bool) -> None:
        """Nothing."""

    def stopping(self) -> None:
        """Nothing."""
