"""Developments as they happen: server-sent events, one read of the store for all who look.

    commit | wake | read what is new, once | render each, once | a queue for each reader | its connection

A reader that cannot keep up is let go; its browser comes back with the number of the last event it saw
(``Last-Event-ID``), and gets what it missed out of the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from newswatch.errors import StoreError
from newswatch.store import Wanted

log = logging.getLogger(__name__)

QUEUE = 100
"""Events that a slow reader may be behind."""
MOST_READERS = 500


@dataclass(frozen=True, slots=True)
class News:
    """A development, rendered once for everybody."""

    seq: int
    event: str
    topic: str
    language: str
    severity: str
    html: str

    def is_for(self, event: str, wanted: Wanted) -> bool:
        """Whether somebody who looks at this event with this filter sees it."""
        return (
            self.event == event
            and wanted.topic in {"", self.topic}
            and wanted.language in {"", self.language}
            and wanted.severity in {"", self.severity}
        )

    def frame(self) -> bytes:
        """As it goes over the wire (WHATWG HTML, 9.2.5)."""
        return frame(self.html, name="development", seq=self.seq)


def frame(data: str, *, name: str, seq: int) -> bytes:
    """One event: its number, its name, its data a line each."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"id: {seq}\nevent: {name}\n{lines}\n".encode()


@dataclass(eq=False, slots=True)
class Reader:
    """One open page."""

    event: str
    wanted: Wanted
    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    late: bool = False


class Hub:
    """Who looks at what, and what is new for them.

    Args:
        read: what was committed after a number, oldest first.
        newest: the number of the newest development.
        every: seconds after which to look without being woken, where another process writes; None: never.
    """

    def __init__(
        self,
        read: Callable[[int], Awaitable[list[News]]],
        newest: Callable[[], Awaitable[int]],
        *,
        every: float | None = None,
    ) -> None:
        self._read = read
        self._newest = newest
        self._every = every
        self._readers: set[Reader] = set()
        self._woken = asyncio.Event()
        self.seen = 0

    def wake(self) -> None:
        """Something was committed."""
        self._woken.set()

    @property
    def readers(self) -> int:
        """How many look."""
        return len(self._readers)

    @contextmanager
    def reader(self, event: str, wanted: Wanted) -> Iterator[Reader]:
        """Somebody looks, until the block ends."""
        one = Reader(event, wanted)
        self._readers.add(one)
        try:
            yield one
        finally:
            self._readers.discard(one)

    async def begin(self) -> None:
        """What is there by now is not new; before anybody can look.

        Raises:
            StoreError: the store cannot be read.
        """
        self.seen = await self._newest()

    async def run(self) -> None:
        """Pass on what is new, until cancelled."""
        while True:
            try:
                await self._look()
            except StoreError as error:
                log.warning("what is new cannot be shown: %s", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._every)
            self._woken.clear()

    async def _look(self) -> None:
        while news := await self._read(self.seen):
            self.seen = news[-1].seq
            for one in news:
                for reader in tuple(self._readers):
                    if one.is_for(reader.event, reader.wanted):
                        self._hand(reader, one)

    def _hand(self, reader: Reader, one: News) -> None:
        try:
            reader.queue.put_nowait(one)
        except asyncio.QueueFull:
            reader.late = True

    def close(self) -> None:
        """Let everybody go."""
        for reader in tuple(self._readers):
            reader.late = True
            with suppress(asyncio.QueueFull):
                reader.queue.put_nowait(None)
