"""What became of an attempt is written with how its channel stands; the operator is told of one that does not work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from newswatch.alerting import outages
from newswatch.app.reports import problems_log
from newswatch.config.settings import Recipient
from newswatch.errors import DeliveryError
from newswatch.model import Alert, Delivery, DeliveryState, Outage
from newswatch.store import Store, Transaction


class Outages:
    """Keeps how the channels stand. Used from the one thread that writes; survives restarts in rows."""

    def __init__(
        self,
        channels: Sequence[str],
        recipients: Sequence[Recipient],
        *,
        operator: str,
        dead_after: timedelta,
        store: Store,
    ) -> None:
        self._channels = channels
        self._recipients = recipients
        self._operator = operator
        self._dead_after = dead_after
        self._store = store
        self._rows: dict[str, Outage] | None = None
        self._said: set[tuple[str, datetime | None]] = set()

    @property
    def _known(self) -> dict[str, Outage]:
        if self._rows is None:
            self._rows = {outage.channel: outage for outage in self._store.outages()}
        return self._rows

    def record(self, delivery: Delivery, error: DeliveryError | None, now: datetime) -> None:
        """Write what became of an attempt to send, and what that says of its channel, in one transaction.

        Args:
            delivery: as it goes on.
            error: why it was not accepted; None: it was.
            now: the time it is.

        Raises:
            StoreError: nothing of it was written.
        """
        before = self._known.get(delivery.channel)
        after = before
        if error is not None:
            after = outages.failed(before, delivery, error, now=now)
        elif before is not None and before.since is not None:
            after = outages.over(before)
        waiting = self._waiting_after(delivery) if before is not None and before.told and error is None else 0
        with self._store.transaction() as tx:
            tx.save_delivery(delivery)
            if after is not None and after != before:
                tx.save_outage(after)
            if error is None and before is not None and before.told is not None:
                self._all_clear(tx, before, waiting, now)
        if after is not None:
            self._known[delivery.channel] = after

    def check(self, now: datetime) -> tuple[str, ...]:
        """Tell the operator of each channel that does not work; once, over another one.

        Returns:
            The channels over which something was put into the outbox.

        Raises:
            StoreError: the store cannot be read or written; it is told the next time.
        """
        over: list[str] = []
        for outage in tuple(self._known.values()):
            if outages.to_tell(outage, dead_after=self._dead_after, now=now):
                waiting = self._store.waiting_over(outage.channel)
                if waiting or outage.refused:
                    over += self._tell(outage, waiting, now)
                else:
                    # What it did not take was dropped by a person: nobody knows whether it works, or needs to.
                    self._write(outages.over(outage))
        return tuple(over)

    def teller(self, now: datetime) -> outages.Teller | None:
        """Who is told of what is wrong elsewhere, and over which channel; None: no channel works."""
        return self._teller("", now)

    def broken(self, now: datetime) -> Mapping[str, Outage]:
        """The channels that do not work, by name."""
        return {one.channel: one for one in outages.broken(self._known.values(), dead_after=self._dead_after, now=now)}

    def _tell(self, outage: Outage, waiting: int, now: datetime) -> tuple[str, ...]:
        to = self._teller(outage.channel, now)
        if to is None:
            disabled = {gone.name for gone in self._store.disabled_channels()}
            # Of a disabled one the log says so already.
            if (outage.channel, outage.since) not in self._said and outage.channel not in disabled:
                self._said.add((outage.channel, outage.since))
                problems_log.error(
                    "channel %s does not work, and there is no other one that does to tell the operator over: %s",
                    outage.channel, outage.last_error,
                )  # fmt: skip
            return ()
        self._write(outages.told(outage, to, now=now), outages.notice(outage, to, waiting=waiting, now=now))
        problems_log.error(
            "channel %s does not work, and %s is told so over %s: %s",
            outage.channel, to.recipient.id, to.channel, outage.last_error,
        )  # fmt: skip
        return (to.channel,)

    def _teller(self, about: str, now: datetime) -> outages.Teller | None:
        """Over a channel that failed lately only where there is no other: it may work again."""
        doubtful = {one.channel for one in self._known.values() if one.since is not None}
        for without in (doubtful, set(self.broken(now))):
            to = outages.teller(about, self._channels, self._recipients, self._operator, without)
            if to is not None:
                return to
        return None

    def _all_clear(self, tx: Transaction, outage: Outage, waiting: int, now: datetime) -> None:
        to = self._teller(outage.channel, now)
        problems_log.warning("channel %s works again", outage.channel)
        if to is not None:
            alert, delivery = outages.all_clear(outage, to, waiting=waiting, now=now)
            tx.add_alert(alert)
            tx.add_deliveries([delivery])

    def _waiting_after(self, delivery: Delivery) -> int:
        return self._store.waiting_over(delivery.channel) - (delivery.state is DeliveryState.SENT)

    def _write(self, outage: Outage, notice: tuple[Alert, Delivery] | None = None) -> None:
        with self._store.transaction() as tx:
            tx.save_outage(outage)
            if notice is not None:
                tx.add_alert(notice[0])
                tx.add_deliveries([notice[1]])
        self._known[outage.channel] = outage
