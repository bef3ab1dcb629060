"""The outbox: due rows are rendered and sent; each is marked only after its receiver accepted it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from newswatch.alerting import policy
from newswatch.alerting.body import Mistake
from newswatch.alerting.render import NEWSWATCH, Renderer
from newswatch.app.polling import Checkpoint
from newswatch.app.reports import DeliverReport, Refusal, problems_log
from newswatch.channels import Sender, address_print, open_channel
from newswatch.config.settings import Channel, Recipient, WebhookChannel
from newswatch.errors import ConfigError, DeliveryError, Reason
from newswatch.model import Delivery, DeliveryState

log = logging.getLogger(__name__)

# One gulp of the outbox: large enough to keep a connection busy, small enough to stop soon after SIGTERM.
BATCH = 100


class Outbox:
    """Sends what is due over the configured channels; one connection a channel, kept open between deliveries."""

    def __init__(
        self,
        channels: Mapping[str, Channel],
        recipients: Sequence[Recipient],
        *,
        base: Path,
        templates: Path | None,
        environ: Mapping[str, str],
        checkpoint: Checkpoint,
    ) -> None:
        self._settings = channels
        self._recipients = {recipient.id: recipient for recipient in recipients}
        self._base = base
        self._environ = environ
        self._renderer = Renderer(templates)
        self._senders: dict[str, Sender] = {}
        self._addresses: dict[str, str] = {}
        self._checkpoint = checkpoint

    async def send(
        self, channel: str, due: Sequence[Delivery], save: Callable[[Delivery], Awaitable[None]], now: datetime
    ) -> DeliverReport:
        """Try each delivery once, in order; stop where the receiver cannot be reached, since the next would wait too.

        Args:
            channel: the channel's name.
            due: what to send over it.
            save: called with each delivery's new state as soon as it is known.
            now: the time the attempts count from.
        """
        report = DeliverReport()
        for delivery in due:
            try:
                answer = await self._attempt(channel, delivery)
            except DeliveryError as error:
                after = self._refused(channel, delivery, error, report, now)
            except Exception as error:
                # A fault of ours in one message must not hold up those behind it.
                log.exception("delivery %s over %s: unexpected fault", delivery.delivery_id, channel)
                what = f"unexpected fault ({type(error).__name__}: {error}); please report it"
                after = self._refused(channel, delivery, DeliveryError(what, reason=Reason.REJECTED), report, now)
            else:
                self._checkpoint("after-send")
                after = policy.sent(delivery, now=now)
                report.sent += 1
                log.info("delivery %s sent over %s: %s", delivery.delivery_id, channel, answer)
            await save(after)
            self._checkpoint("after-mark")
            if report.unreachable:
                break
        return report

    def _refused(
        self, channel: str, delivery: Delivery, error: DeliveryError, report: DeliverReport, now: datetime
    ) -> Delivery:
        """Count a refusal; returns the delivery as it goes on."""
        after = policy.retry(delivery, error, now=now)
        report.problems.append(Refusal(channel, str(error), error.reason.value))
        report.failed += after.state is DeliveryState.FAILED
        report.unreachable = error.reason in {Reason.CONNECTION, Reason.CONFIGURATION, Reason.GONE}
        if error.reason is Reason.GONE:
            report.gone = str(error)
        problems_log.warning(
            "delivery %s over %s: %s: %s (%s)",
            delivery.delivery_id, channel, error.reason.value, error, after.state.value,
        )  # fmt: skip
        return after

    async def _attempt(self, name: str, delivery: Delivery) -> str:
        recipient = self._recipients.get(delivery.alert.recipient)
        if recipient is None:
            # Decided for somebody who has left the configuration since: the channel may still stand, so it is told.
            recipient = Recipient(id=delivery.alert.recipient, channels=(name,))
        settings = self._settings.get(name)
        form = settings.format if isinstance(settings, WebhookChannel) else NEWSWATCH
        try:
            message = self._renderer.render(delivery, recipient=recipient, form=form)
        except Mistake as error:
            what = f"your own template {error}; mend it, and the message is sent at the next try"
            raise DeliveryError(what, reason=Reason.CONFIGURATION) from error
        if message.notice:
            log.warning("delivery %s: %s", delivery.delivery_id, message.notice)
        sender = self._sender(name)
        self._checkpoint("before-send")
        return await sender.send(message)

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
        if name not in self._senders:
            settings = self._settings.get(name)
            if settings is None:
                raise DeliveryError(
                    f"channel {name} is not in the configuration any more; put it back, or drop the delivery",
                    reason=Reason.CONFIGURATION,
                )
            try:
                self._senders[name] = open_channel(name, settings, base=self._base, environ=self._environ)
            except ConfigError as error:
                raise DeliveryError(str(error), reason=Reason.CONFIGURATION) from error
        return self._senders[name]

    async def close(self) -> None:
        """Close every channel's connection."""
        senders, self._senders = self._senders, {}
        for sender in senders.values():
            await sender.close()
