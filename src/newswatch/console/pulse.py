"""Does the service live, and is it ready? What `/healthz` and `/readyz` answer by. Times are monotonic seconds."""

from __future__ import annotations

from collections.abc import Callable

STUCK_AFTER = 120.0
"""Without a tick that got through to the store for so long, a service counts as hung; its watchdog says so too."""
FAILED_FOR = 30.0
"""A store that failed within this time counts as failing: some ticks only read, where a full disk does no harm."""


class Pulse:
    """Signs of life of a service; of one that never began to tick, there are none to miss."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._ticked: float | None = None
        self._failed: float | None = None
        self._nothing_due = False
        self._polled = False
        self._stopping = False

    def ticked(self) -> None:
        """A tick went through to the store and back."""
        self._ticked = self._monotonic()

    def store_failed(self) -> None:
        """The store did not take or give something."""
        self._failed = self._monotonic()

    def due(self, feeds: int) -> None:
        """So many feeds were due."""
        self._nothing_due |= feeds == 0

    def polled(self) -> None:
        """A feed was polled."""
        self._polled = True

    def stopping(self) -> None:
        """Nothing new begins."""
        self._stopping = True

    def ill(self) -> str:
        """Why the service does not live as it should, in words that name nothing; empty where it does."""
        now = self._monotonic()
        if self._failed is not None and now - self._failed < FAILED_FOR:
            return "the store fails; the log says how"
        if now - (self._began if self._ticked is None else self._ticked) >= STUCK_AFTER:
            return f"nothing got through to the store for {STUCK_AFTER:.0f} s"
        return ""

    def unready(self) -> str:
        """Why it is not ready, in the same way; empty where it is."""
        if self._stopping:
            return "it is stopping"
        if not (self._polled or self._nothing_due):
            return "no feed was polled yet"
        return self.ill()
