"""The metrics of Prometheus: counters that the service fills as it works, and gauges that are read when asked for.

Each `Meters` has a registry of its own, and outlives reloads; docs/operating.md lists what it exports, and
``monitoring/`` holds a dashboard and alert rules that use it.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from newswatch import __version__
from newswatch.app import DeliverReport, PollReport, ReleaseReport
from newswatch.console.pulse import Pulse
from newswatch.console.standing import Standing
from newswatch.feeds.health import HealthKind

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0)
"""Most feeds answer within a second; a fetch ends after `polling.timeout.total`, 45 s."""


class Meters:
    """What is counted of one process: `newswatch.app.Meter`, and what `/metrics` shows.

    Args:
        clock: the time it is, for timestamps.
        monotonic: seconds that never go back, for how long something is over.
    """

    def __init__(self, clock: Callable[[], datetime], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.pulse = Pulse(monotonic)
        self.registry = registry = CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Counter:
            return Counter(f"newswatch_{name}", what, labels, registry=registry)

        def gauge(name: str, what: str, *labels: str) -> Gauge:
            return Gauge(f"newswatch_{name}", what, labels, registry=registry)

        self._polls = counter("polls", "Polls of feeds, by what came of them.", "outcome")
        self._poll_seconds = Histogram(
            "newswatch_poll_duration_seconds", "How long a poll took, its wait for the server's turn included.",
            registry=registry, buckets=_SECONDS,
        )  # fmt: skip
        self._entries = counter("entries", "Entries of feeds not seen before, edits included.")
        self._stories = counter("stories", "Stories, new or edited, about an event or not.", "kind")
        self._event_stories = counter(
            "event_stories", "Stories about an event, by whether they are told.", "event", "kind", "outcome"
        )
        self._developments = counter(
            "developments", "What stories told that was not known.", "event", "outcome", "severity"
        )
        self._pages = counter("pages", "Articles read from their own pages, or not.", "outcome")
        self._alerts = counter("alerts", "Messages made of what is to be told.", "kind")
        self._deliveries = counter("deliveries", "Tries to send, by what came of them.", "channel", "outcome")
        self._store_errors = counter("store_errors", "Times that the store did not take or give something.")
        self._reloads = counter("config_reloads", "Times that the configuration was read again.", "outcome")
        self._last_tick = gauge("last_tick_timestamp_seconds", "When a tick last got through to the store and back.")
        self._last_poll = gauge("last_poll_timestamp_seconds", "When a feed was last polled.")
        self._last_success = gauge("last_success_timestamp_seconds", "When a feed last answered with a feed.")
        self._last_sent = gauge("last_delivery_timestamp_seconds", "When a message was last accepted.")
        self._reload_good = gauge("config_last_reload_successful", "1 while the file is the configuration in force.")
        self._reload_good.set(1)
        self._feeds = gauge("feeds", "Configured feeds, by how they do.", "health")
        self._feed_failures = gauge("feed_failures", "Failures of a feed in a row.", "feed")
        self._feed_success = gauge("feed_last_success_timestamp_seconds", "When a feed last answered.", "feed")
        self._feed_health = gauge("feed_health", "1 for how a feed does.", "feed", "health")
        self._outbox = gauge("outbox", "Deliveries in the store.", "channel", "state")
        self._oldest = gauge("outbox_oldest_due_seconds", "How long ago the oldest delivery still to be sent was made.")
        self._pending = gauge("pending_developments", "Developments that wait to be told at once.")
        self._dead = gauge("channel_dead", "1 while nothing goes through a channel.", "channel")
        self._watchers = gauge("live_clients", "Pages that are open on the console and get what is new (SSE).")
        self._size = gauge("store_bytes", "Size of the store, without its write-ahead log.")
        self._readable = gauge("store_readable", "1 where the store could be read for this answer.")
        Info("newswatch_build", "The version that runs.", registry=registry).info(
            {"version": __version__, "python": platform.python_version()}
        )
        ProcessCollector(registry=registry)
        self._begin()

    def _begin(self) -> None:
        """What has not happened yet is 0, and not absent: a rule can see it rise from there."""
        for outcome in ("fresh", "unchanged", "failed", "postponed"):
            self._polls.labels(outcome)
        for kind in ("new", "edited"):
            self._stories.labels(kind)
        for kind in ("alert", "escalation", "digest"):
            self._alerts.labels(kind)
        for outcome in ("good", "bad"):
            self._reloads.labels(outcome)

    # ------------------------------------------------------------ what the service says

    def ticked(self) -> None:
        """A tick went through to the store and back."""
        self.pulse.ticked()
        self._last_tick.set(self._now())

    def store_failed(self) -> None:
        """The store did not take or give something."""
        self.pulse.store_failed()
        self._store_errors.inc()

    def due(self, feeds: int) -> None:
        """The feeds that are due were looked up."""
        self.pulse.due(feeds)

    def polled(self, feed_id: str, report: PollReport, seconds: float) -> None:  # noqa: ARG002 - a series a feed is costly
        """One feed was polled, or it was not its turn yet."""
        if not report.polled:
            self._polls.labels("postponed").inc()
            return
        self.pulse.polled()
        outcome = "failed" if report.failed else "unchanged" if report.unchanged else "fresh"
        self._polls.labels(outcome).inc()
        self._poll_seconds.observe(seconds)
        self._entries.inc(report.entries)
        self._stories.labels("new").inc(report.new)
        self._stories.labels("edited").inc(report.edited)
        self._pages.labels("read").inc(report.pages)
        self._pages.labels("unread").inc(report.unread)
        for one in report.judged:
            if one.relevant:
                kind, outcome = "edited" if one.edited else "new", "told" if one.developments else "silent"
                self._event_stories.labels(one.event, kind, outcome).inc()
            for _, outcome, severity in one.developments:
                self._developments.labels(one.event, outcome, severity).inc()

    def released(self, report: ReleaseReport) -> None:
        """Alerts were made of what was pending."""
        self._alerts.labels("alert").inc(report.alerts)
        self._alerts.labels("escalation").inc(report.escalated)

    def digested(self, digests: int) -> None:
        """Digests were written into the outbox."""
        self._alerts.labels("digest").inc(digests)

    def delivered(self, channel: str, report: DeliverReport) -> None:
        """One pass over a channel's outbox is done."""
        refused = sum(not one.address for one in report.problems) - report.failed
        for outcome, count in (("sent", report.sent), ("failed", report.failed), ("put_off", refused)):
            self._deliveries.labels(channel, outcome).inc(max(count, 0))
        if report.sent:
            self._last_sent.set(self._now())

    def reloaded(self, *, good: bool) -> None:
        """The configuration was read again; a bad one is not in force."""
        self._reloads.labels("good" if good else "bad").inc()
        self._reload_good.set(good)

    def stopping(self) -> None:
        """The service finishes what is in flight."""
        self.pulse.stopping()

    # ------------------------------------------------------------ what is asked for

    def text(self, standing: Standing | None, *, watchers: int) -> bytes:
        """All of it, as Prometheus reads it.

        Args:
            standing: what the store says; None where it cannot be read: then the gauges of it are left out.
            watchers: pages that are open.
        """
        self._watchers.set(watchers)
        self._readable.set(standing is not None)
        for one in (self._feeds, self._feed_failures, self._feed_success, self._feed_health, self._outbox, self._dead):
            one.clear()
        if standing is not None:
            self._show(standing)
        return generate_latest(self.registry)

    def _show(self, standing: Standing) -> None:
        for kind in HealthKind:
            self._feeds.labels(kind.value).set(sum(found.kind is kind for _, found in standing.feeds))
        for feed_id, found in standing.feeds:
            self._feed_failures.labels(feed_id).set(found.failures)
            self._feed_health.labels(feed_id, found.kind.value).set(1)
            if found.last_success is not None:
                self._feed_success.labels(feed_id).set(found.last_success.timestamp())
        for channel, state, count in standing.store.deliveries:
            self._outbox.labels(channel, state).set(count)
        for channel, dead in standing.channels:
            self._dead.labels(channel).set(dead)
        for gauge, times in (
            (self._last_poll, [found.last_polled for _, found in standing.feeds]),
            (self._last_success, [found.last_success for _, found in standing.feeds]),
        ):
            gauge.set(max((when.timestamp() for when in times if when is not None), default=0))
        oldest = standing.store.oldest_due
        self._oldest.set(0 if oldest is None else max((standing.at - oldest).total_seconds(), 0))
        self._pending.set(standing.store.pending)
        self._size.set(standing.store.size)

    def _now(self) -> float:
        return self._clock().timestamp()
