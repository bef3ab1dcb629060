"""The outbox: due rows are rendered and sent; each is marked only after its receiver accepted it (`Marks`)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from newswatch.alerting import policy
from newswatch.alerting.body import Mistake
from newswatch.alerting.render import Renderer
from newswatch.app import trail
from newswatch.app.lanes import Lanes
from newswatch.app.marks import UNMARKED, Attempt, Marks, Rows
from newswatch.app.polling import Checkpoint
from newswatch.app.reports import DeliverReport, Refusal, problems_log
from newswatch.channels import Sender, address_print, open_channel
from newswatch.config.settings import Channel, FolderChannel, Recipient, WebhookChannel
from newswatch.errors import ConfigError, DeliveryError, Reason
from newswatch.model import Answer, Delivery, DeliveryState

log = logging.getLogger(__name__)

# One gulp of the outbox: large enough to keep a connection busy, small enough to stop soon after SIGTERM.
BATCH = 100
LOOK = 0.05
"""How old, in seconds, what is known of a row may be when its message is sent; a `drop` before that counts."""


@dataclass(slots=True)
class _Pass:
    """One gulp of the outbox on its way over one channel; ``looked`` is when its rows were looked at."""

    channel: str
    now: datetime
    rows: Rows
    lanes: Lanes
    marks: Marks
    report: DeliverReport = field(default_factory=DeliverReport)
    looked: float = field(default_factory=time.monotonic)

    async def next(self) -> Delivery | None:
        """The next one to send; not what a person has dropped more than `LOOK` ago."""
        began = time.monotonic()
        if began - self.looked >= LOOK and (waiting := self.lanes.waiting):
            due = await self.rows.still_due(waiting)
            self.lanes.drop(set(waiting) - due)
            self.looked = began
        return self.lanes.take()


class Outbox:
    """Sends what is due over the configured channels; connections are kept open between deliveries."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        recipients: Sequence[Recipient],
        *,
        base: Path,
        templates: Path | None,
        public_url: str,
        environ: Mapping[str, str],
        checkpoint: Checkpoint,
    ) -> None:
        self._settings = channels
        self._recipients = {recipient.id: recipient for recipient in recipients}
        self._base = base
        self._environ = environ
        self._renderer = Renderer(templates, public_url=public_url)
        self._idle: dict[str, list[Sender]] = {}
        self._addresses: dict[str, str] = {}
        self._checkpoint = checkpoint

    async def send(self, channel: str, due: Sequence[Delivery], rows: Rows, now: datetime) -> DeliverReport:
        """Try each delivery once, in order, as many at once as the channel's ``concurrency`` says.

        A recipient's messages go one after the other; those behind one that is put off wait with it (`Lanes`). It stops
        where the receiver cannot be reached, since the next would wait too.

        Args:
            channel: the channel's name.
            due: what to send over it, oldest first.
            rows: how a delivery stands in the store.
            now: the time the attempts count from.
        """
        at_once = self._at_once(channel)

        async def write(attempts: Sequence[Attempt]) -> None:
            await rows.record(attempts)
            for _ in attempts:
                self._checkpoint("after-mark")

        run = _Pass(channel, now, rows, Lanes(due), Marks(write, most=max(UNMARKED, at_once)))
        try:
            # Where the store fails under one, the others finish what they have begun: it would be sent again.
            work = (self._work(run) for _ in range(min(at_once, len(due))))
            for ended in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(ended, BaseException):
                    raise ended
        finally:
            await run.marks.finish()
        return run.report

    def _at_once(self, channel: str) -> int:
        settings = self._settings.get(channel)
        return 1 if settings is None or isinstance(settings, FolderChannel) else settings.concurrency

    async def _work(self, run: _Pass) -> None:
        try:
            while await run.marks.begin():
                attempt = None
                try:
                    if (delivery := await run.next()) is not None:
                        attempt = await self._tried(run, delivery)
                finally:
                    run.marks.end(attempt)
                if attempt is None:
                    break
                run.lanes.done(attempt.delivery, run.now)
                if run.report.unreachable:
                    run.lanes.stop()
        except BaseException:
            run.lanes.stop()
            raise

    async def _tried(self, run: _Pass, delivery: Delivery) -> Attempt:
        """One attempt, and what it came to."""
        try:
            answer = await self._attempt(run.channel, delivery)
        except DeliveryError as error:
            return Attempt(self._refused(run, delivery, error), error)
        except Exception as error:
            # A fault of ours in one message must not hold up those behind it.
            log.exception("delivery %s over %s: unexpected fault", delivery.delivery_id, run.channel)
            what = f"unexpected fault ({type(error).__name__}: {error}); please report it"
            fault = DeliveryError(what, reason=Reason.FAULT)
            return Attempt(self._refused(run, delivery, fault), fault)
        self._checkpoint("after-send")
        run.report.sent += 1
        return Attempt(self._sent(run, delivery, answer), None)

    def _sent(self, run: _Pass, delivery: Delivery, answer: Answer) -> Delivery:
        """Say that a delivery is sent, and who does not get it all the same; returns it as it goes on."""
        channel = run.channel
        log.info(
            "delivery %s of alert %s (%s) sent over %s: %s",
            delivery.delivery_id, delivery.alert.alert_id, trail.listed(trail.stories_of(delivery.alert)), channel,
            answer.said, extra=trail.of_delivery(delivery),
        )  # fmt: skip
        for one in answer.refused:
            what = f"{one.address} is refused for good ({one.answer}); the channel's other addresses have the message"
            run.report.refuse(Refusal(channel, what, Reason.REJECTED.value, one.address))
            problems_log.warning(
                "delivery %s over %s: %s", delivery.delivery_id, channel, what, extra=trail.of_delivery(delivery)
            )
        return replace(policy.sent(delivery, now=run.now), refused=answer.refused)

    def _refused(self, run: _Pass, delivery: Delivery, error: DeliveryError) -> Delivery:
        """Count a refusal; returns the delivery as it goes on."""
        channel, report = run.channel, run.report
        after = replace(policy.retry(delivery, error, now=run.now), taken=error.taken or delivery.taken)
        report.problems.append(Refusal(channel, str(error), error.reason.value))
        report.failed += after.state is DeliveryState.FAILED
        report.unreachable |= error.reason in {Reason.CONNECTION, Reason.CONFIGURATION, Reason.GONE}
        if error.reason is Reason.GONE:
            report.gone = str(error)
        problems_log.warning(
            "delivery %s over %s: %s: %s (%s)",
            delivery.delivery_id, channel, error.reason.value, error, after.state.value,
            extra=trail.of_delivery(delivery),
        )  # fmt: skip
        return after

    async def _attempt(self, name: str, delivery: Delivery) -> Answer:
        recipient = self._recipients.get(delivery.alert.recipient)
        if recipient is None:
            # Decided for somebody who has left the configuration since: the channel may still stand, so it is told.
            recipient = Recipient(id=delivery.alert.recipient, channels=(name,))
        settings = self._settings.get(name)
        form = settings.format if isinstance(settings, WebhookChannel) else None
        try:
            message = self._renderer.render(delivery, recipient=recipient, form=form)
        except Mistake as error:
            what = f"your own template {error}; mend it, and the message is sent at the next try"
            raise DeliveryError(what, reason=Reason.CONFIGURATION) from error
        if message.notice:
            log.warning("delivery %s: %s", delivery.delivery_id, message.notice)
        sender = self._sender(name)
        try:
            self._checkpoint("before-send")
            return await sender.send(message)
        finally:
            self._idle.setdefault(name, []).append(sender)

    def address(self, name: str) -> str:
        """The print of where a channel sends to; empty for one that is not configured, or cannot be opened.

        It tells whether a receiver that refused everything is still the one that is configured. Like the connection,
        it is kept until the configuration is read again.
        """
        settings = self._settings.get(name)
        if settings is not None and not self._addresses.get(name):
            self._addresses[name] = address_print(settings, base=self._base, environ=self._environ)
        return self._addresses.get(name, "")

    def _sender(self, name: str) -> Sender:
        """A sender that nobody uses just now; each has a connection of its own."""
        if self._idle.get(name):
            return self._idle[name].pop()
        settings = self._settings.get(name)
        if settings is None:
            raise DeliveryError(
                f"channel {name} is not in the configuration any more; put it back, or drop the delivery",
                reason=Reason.CONFIGURATION,
            )
        try:
            return open_channel(name, settings, base=self._base, environ=self._environ)
        except ConfigError as error:
            raise DeliveryError(str(error), reason=Reason.CONFIGURATION) from error

    async def close(self) -> None:
        """Close every channel's connections."""
        idle, self._idle = self._idle, {}
        for sender in (sender for senders in idle.values() for sender in senders):
            await sender.close()
