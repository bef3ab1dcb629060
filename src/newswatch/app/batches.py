"""Group commit: whatever is ready when the writer becomes free is written together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from newswatch.app.polling import Outcome, Recorder
from newswatch.app.reports import PollReport

T = TypeVar("T")
InStore = Callable[[Callable[[], T]], Awaitable[T]]

FEEDS = 200
"""At most so many feeds are written together."""
ROWS = 4_000
"""They bring at most about so many entries."""
BACKLOG = 64
"""So many answers may wait to be read and written before nothing more is fetched: they are held in memory."""


class Backlog:
    """How many answers are held in memory, to be read and written. Use as a context manager around each."""

    def __init__(self) -> None:
        self._held = 0
        self._room = asyncio.Event()
        self._room.set()

    def __enter__(self) -> None:
        self._held += 1
        if self._held >= BACKLOG:
            self._room.clear()

    def __exit__(self, *_error: object) -> None:
        self._held -= 1
        if self._held < BACKLOG:
            self._room.set()

    async def room(self) -> None:
        """Wait until there is room for one more."""
        while not self._room.is_set():
            await self._room.wait()


class Batches:
    """Gathers what came of feeds, and has it recorded in batches, in the order in which it came."""

    def __init__(self, recorder: Recorder, in_store: InStore[list[PollReport | Exception]]) -> None:
        """Keep who records, and how to run work in the thread that writes."""
        self._recorder = recorder
        self._in_store = in_store
        self._waiting: deque[tuple[Outcome, asyncio.Future[PollReport]]] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def record(self, outcome: Outcome) -> PollReport:
        """Have it recorded, alone or with others.

        Raises:
            StoreError: the store did not take it.
        """
        written: asyncio.Future[PollReport] = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        return await written

    async def finish(self) -> None:
        """Wait until everything that was given is written, or refused."""
        while self._writing is not None and not self._writing.done():
            await asyncio.wait({self._writing})

    async def _write(self) -> None:
        while self._waiting:
            batch = self._next()
            results = await self._recorded([outcome for outcome, _ in batch])
            for (_, written), result in zip(batch, results, strict=False):
                if written.done():  # nobody waits for it any more
                    continue
                if isinstance(result, Exception):
                    written.set_exception(result)
                else:
                    written.set_result(result)
            self._waiting.extendleft(reversed(batch[len(results) :]))

    async def _recorded(self, outcomes: list[Outcome]) -> list[PollReport | Exception]:
        try:
            return await self._in_store(lambda: self._recorder.record(outcomes))
        except Exception as error:  # noqa: BLE001 - it is everybody's result, and nobody may wait for ever
            return [error] * len(outcomes)

    def _next(self) -> list[tuple[Outcome, asyncio.Future[PollReport]]]:
        batch: list[tuple[Outcome, asyncio.Future[PollReport]]] = []
        rows = 0
        while self._waiting and len(batch) < FEEDS and (not batch or rows + self._waiting[0][0].weight <= ROWS):
            batch.append(self._waiting.popleft())
            rows += batch[-1][0].weight
        return batch
