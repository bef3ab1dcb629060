"""In which order deliveries of one channel are sent, several at a time: one after the other for each recipient."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from newswatch.model import Delivery, DeliveryState
from newswatch.store import PATIENCE


class Lanes:
    """What one gulp of the outbox holds. Each recipient is a lane; lanes run side by side, a lane keeps its order."""

    def __init__(self, due: Sequence[Delivery]) -> None:
        self._waiting = list(due)
        self._busy: set[str] = set()
        self._held: set[str] = set()

    def take(self) -> Delivery | None:
        """The oldest delivery whose recipient is not being told something just now; None when there is none."""
        for number, delivery in enumerate(self._waiting):
            recipient = delivery.alert.recipient
            if recipient not in self._busy and recipient not in self._held:
                self._busy.add(recipient)
                return self._waiting.pop(number)
        return None

    def done(self, delivery: Delivery, now: datetime) -> None:
        """Say what became of one that was taken; its recipient's next one may follow, or has to wait with it."""
        self._busy.discard(delivery.alert.recipient)
        if holds_up(delivery, now):
            self._held.add(delivery.alert.recipient)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids of what was not taken yet."""
        return tuple(delivery.delivery_id for delivery in self._waiting)

    def drop(self, delivery_ids: Collection[str]) -> None:
        """Take these out: a person does not want them sent."""
        self._waiting = [delivery for delivery in self._waiting if delivery.delivery_id not in delivery_ids]

    def stop(self) -> None:
        """Take nothing more: the receiver cannot be reached."""
        self._waiting.clear()


def holds_up(delivery: Delivery, now: datetime) -> bool:
    """Whether the later deliveries of its recipient wait with it: it was put off, and not for too long already."""
    since = delivery.failing_since
    return delivery.state is DeliveryState.DUE and since is not None and now - since < PATIENCE
