"""What became of attempts, written in groups: one commit takes all that ended meanwhile.

    attempt ends -> mark waits ──┐
    attempt ends -> mark waits ──┴─> one transaction -> one wait for the disk -> they count as marked

A commit waits for the disk, and a server that is near answers sooner. So the next message is sent while the mark of the
last waits: for the commit before it, or for `LINGER`, so that some come together. What is sent and not marked yet is
sent again after a power cut, with its id: so there are never more than `UNMARKED` of them, and the marks of a pass are
written when it ends. They are written in the order in which the attempts ended: where a recipient's later message is
marked, so are the earlier ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from newswatch.errors import DeliveryError
from newswatch.model import Delivery

UNMARKED = 16
"""How many messages of a channel may be on their way, or taken and not marked; more where it sends more at once."""

LINGER = 0.01
"""How long a mark waits for others at most, seconds."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to send that has ended: the delivery as it goes on, and why it was not accepted, or None."""

    delivery: Delivery
    error: DeliveryError | None


class Rows(Protocol):
    """How the deliveries that are being sent stand in the store."""

    async def still_due(self, delivery_ids: Sequence[str]) -> frozenset[str]:
        """Those that are still to be sent: a person may have dropped some since they were read."""

    async def record(self, attempts: Sequence[Attempt]) -> None:
        """Write what became of attempts, all of it or nothing.

        Raises:
            StoreError: nothing was written.
        """


class Marks:
    """The attempts of one pass over a channel, on their way into the store."""

    def __init__(self, write: Callable[[Sequence[Attempt]], Awaitable[None]], *, most: int = UNMARKED) -> None:
        self._write = write
        self._most = most
        self._open = 0
        self._ended: list[Attempt] = []
        self._lingering: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._failed = False

    async def begin(self) -> bool:
        """Wait until one more message may be sent; False where the store does not take the marks: send nothing more."""
        while self._open >= self._most and not self._failed:
            self._start()
            if self._writing is not None:
                await asyncio.wait({self._writing})
        self._open += not self._failed
        return not self._failed

    def end(self, attempt: Attempt | None) -> None:
        """Say what became of what was begun; None: nothing was sent."""
        if attempt is None:
            self._open -= 1
        else:
            self._ended.append(attempt)
            self._go_on()

    async def finish(self) -> None:
        """Wait until everything is written; what could not be is tried once more, all of it, in its order.

        Raises:
            StoreError: the store does not take it. What was sent is sent again, with its id.
        """
        while self._writing is not None:
            await asyncio.wait({self._writing})
        self._linger_no_more()
        if self._ended:
            await self._write_ended()

    def _go_on(self) -> None:
        """See to it that what waits is written: now where it is many, else soon."""
        if len(self._ended) * 2 >= self._most:
            self._start()
        elif self._ended and self._lingering is None:
            self._lingering = asyncio.get_running_loop().call_later(LINGER, self._start)

    def _start(self) -> None:
        self._linger_no_more()
        if self._ended and self._writing is None and not self._failed:
            self._writing = asyncio.get_running_loop().create_task(self._group())

    def _linger_no_more(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None

    async def _group(self) -> None:
        try:
            await self._write_ended()
        except Exception:  # noqa: BLE001 - `finish` tries again, and raises it
            self._failed = True
        finally:
            self._writing = None
        self._go_on()

    async def _write_ended(self) -> None:
        group = tuple(self._ended)
        await self._write(group)
        del self._ended[: len(group)]
        self._open -= len(group)
