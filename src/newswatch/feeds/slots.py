"""How many feeds are fetched at once, and that slow servers keep nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

PATIENCE = 1.0
"""Seconds after which a server that has not answered yet gives its place to another feed, and goes on beside it."""
SLOW = 10
"""So many times as many may go on so; each costs a socket."""


async def _at_once() -> None:
    """Nothing to wait for."""


class Slots:
    """Places for fetches."""

    def __init__(
        self, count: int, *, room: Callable[[], Awaitable[None]] = _at_once, patience: float = PATIENCE
    ) -> None:
        """Keep how many.

        Args:
            count: places.
            room: waited for in a place before anything is asked: what came must be read and written some day.
            patience: seconds before a slow one gives up its place.
        """
        self._free = asyncio.Semaphore(count)
        self._room = room
        self._patience = patience
        self._slow_left = count * SLOW

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and keep it to the end, or until another needs it more."""
        await self._free.acquire()
        given_up = False

        def give_up() -> None:
            nonlocal given_up
            if self._slow_left:
                given_up = True
                self._slow_left -= 1
                self._free.release()

        timer: asyncio.TimerHandle | None = None
        try:
            await self._room()
            timer = asyncio.get_running_loop().call_later(self._patience, give_up)
            yield
        finally:
            if timer is not None:
                timer.cancel()
            if given_up:
                self._slow_left += 1
            else:
                self._free.release()
