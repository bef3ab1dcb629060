"""What became of an attempt is written with how its channel stands; the operator is told of one that does not work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from newswatch.alerting import outages
from newswatch.alerting.wording import Words, words_or_english
from newswatch.app.marks import Attempt
from newswatch.app.reports import problems_log
from newswatch.config.settings import Recipient
from newswatch.model import Alert, Delivery, Outage, RefusedAddress
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
        templates: Path | None,
    ) -> None:
        self._channels = channels
        self._recipients = recipients
        self._operator = operator
        self._dead_after = dead_after
        self._store = store
        self._templates = templates
        self._rows: dict[str, Outage] | None = None
        self._refused: dict[str, Mapping[str, RefusedAddress]] | None = None
        self._said: set[tuple[str, datetime | None]] = set()

    @property
    def _known(self) -> dict[str, Outage]:
        if self._rows is None:
            self._rows = {outage.channel: outage for outage in self._store.outages()}
        return self._rows

    @property
    def _refusing(self) -> dict[str, Mapping[str, RefusedAddress]]:
        """By channel: its addresses that get nothing though it works."""
        if self._refused is None:
            rows = self._store.refused_addresses()
            self._refused = {
                name: {r.address: r for r in rows if r.channel == name} for name in {r.channel for r in rows}
            }
        return self._refused

    def record(self, attempts: Sequence[Attempt], now: datetime) -> None:
        """Write what became of attempts to send, and what that says of their channels, in one transaction.

        Args:
            attempts: in the order in which they ended.
            now: the time it is.

        Raises:
            StoreError: nothing of it was written.
        """
        stand, missed, over = dict(self._known), dict(self._refusing), list[Outage]()
        for attempt in attempts:
            channel = attempt.delivery.channel
            before = stand.get(channel)
            after = _after(before, attempt, now)
            if after is not None:
                stand[channel] = after
            if attempt.error is not None:
                continue
            missed[channel] = outages.refusing(missed.get(channel, {}), attempt.delivery, now=now)
            if before is not None and before.told is not None:
                over.append(before)
        with self._store.transaction() as tx:
            tx.save_deliveries(attempt.delivery for attempt in attempts)
            for outage in stand.values():
                if outage != self._known.get(outage.channel):
                    tx.save_outage(outage)
            for channel, addresses in missed.items():
                if addresses != self._refusing.get(channel, {}):
                    tx.save_refused(channel, addresses.values())
            for outage in over:
                self._all_clear(tx, outage, now)
        self._known.update(stand)
        self._refusing.update(missed)

    def check(self, now: datetime) -> tuple[str, ...]:
        """Tell the operator of each channel that does not work, and of each address that one does not reach; once.

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
        for channel in tuple(self._refusing):
            over += self._tell_of_refused(channel, now)
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
        self._write(
            outages.told(outage, to, now=now), outages.notice(outage, to, self._spoken(to), waiting=waiting, now=now)
        )
        problems_log.error(
            "channel %s does not work, and %s is told so over %s: %s",
            outage.channel, to.recipient.id, to.channel, outage.last_error,
        )  # fmt: skip
        return (to.channel,)

    def _tell_of_refused(self, channel: str, now: datetime) -> tuple[str, ...]:
        """Over another channel, or where there is none over this one: it reaches the others."""
        known = self._refusing[channel]
        new = [one for one in known.values() if one.told is None]
        to = (self._teller(channel, now) or self._teller("", now)) if new else None
        if to is None:
            return ()
        told = {one.address: replace(one, told=one.told or now) for one in known.values()}
        alert, delivery = outages.refusal_notice(new, to, self._spoken(to), now=now)
        with self._store.transaction() as tx:
            tx.save_refused(channel, told.values())
            tx.add_alert(alert)
            tx.add_deliveries([delivery])
        self._refusing[channel] = told
        return (to.channel,)

    def _teller(self, about: str, now: datetime) -> outages.Teller | None:
        """Over a channel that failed lately only where there is no other: it may work again."""
        doubtful = {one.channel for one in self._known.values() if one.since is not None}
        for without in (doubtful, set(self.broken(now))):
            to = outages.teller(about, self._channels, self._recipients, self._operator, without)
            if to is not None:
                return to
        return None

    def _all_clear(self, tx: Transaction, outage: Outage, now: datetime) -> None:
        to = self._teller(outage.channel, now)
        problems_log.warning("channel %s works again", outage.channel)
        if to is not None:
            waiting = tx.waiting_over(outage.channel)
            alert, delivery = outages.all_clear(outage, to, self._spoken(to), waiting=waiting, now=now)
            tx.add_alert(alert)
            tx.add_deliveries([delivery])

    def _spoken(self, to: outages.Teller) -> Words:
        return words_or_english(to.recipient.language, self._templates)

    def _write(self, outage: Outage, notice: tuple[Alert, Delivery] | None = None) -> None:
        with self._store.transaction() as tx:
            tx.save_outage(outage)
            if notice is not None:
                tx.add_alert(notice[0])
                tx.add_deliveries([notice[1]])
        self._known[outage.channel] = outage


def _after(before: Outage | None, attempt: Attempt, now: datetime) -> Outage | None:
    """How a channel stands after an attempt; None: nothing ever went wrong with it."""
    if attempt.error is not None:
        return outages.failed(before, attempt.delivery, attempt.error, now=now)
    return outages.over(before) if before is not None and before.since is not None else before
