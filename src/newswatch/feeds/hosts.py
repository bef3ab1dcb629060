"""Whose turn it is at a server, and until when it is not to be asked: plain arithmetic, with the time passed in."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from protego import Protego

from newswatch.config.settings import Polling
from newswatch.model import HostState
from newswatch.network import ascii_host, private_literal

DELAY = 1.0
"""Seconds between two requests to one server, unless the configuration says otherwise; none to one's own machines."""
LONGEST_CRAWL_DELAY = 300.0
"""Seconds. A longer Crawl-delay means a crawler that asks for thousands of pages, not a reader of a few feeds."""
ROBOTS_EVERY = timedelta(days=1)
ROBOTS_BYTES = 512_000
"""RFC 9309 wants 500 KiB read at least."""
PATIENCE = 5.0
"""Seconds. A shorter wait is waited; for a longer one the feed is due again when its turn comes."""
_FORGOTTEN = 600.0


@dataclass(frozen=True, slots=True)
class Turn:
    """When a feed may ask.

    Attributes:
        wait: seconds from now.
        later: it is too long to be waited: the feed has a place in the queue, and comes again.
    """

    wait: float
    later: bool = False


class Hosts:
    """What is known of the servers. Used on the event loop; what has to outlive it is taken by `take_changed`."""

    def __init__(self, polling: Polling) -> None:
        self._polling = polling
        self._states: dict[str, HostState] = {}
        self._changed: set[str] = set()
        self._last: dict[str, float] = {}
        self._queues: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def load(self, states: Iterable[HostState]) -> None:
        """Take in what was kept."""
        self._states |= {state.host: state for state in states}

    def take_changed(self) -> tuple[HostState, ...]:
        """What is to be kept, once."""
        changed, self._changed = self._changed, set()
        return tuple(self._states[host] for host in sorted(changed))

    def delay(self, host: str) -> float:
        """Seconds between two requests to a server: the user's, or its own where it wants more."""
        configured = self._polling.host_delay
        least = configured.total_seconds() if configured is not None else 0.0 if own_machine(host) else DELAY
        state = self._states.get(host)
        asked = state.crawl_delay if state is not None and self._robots(host) else None
        return max(least, min(asked or 0.0, LONGEST_CRAWL_DELAY))

    def turn(self, host: str, who: str, now: float, *, patience: float = PATIENCE) -> Turn:
        """When somebody may ask a server; it is theirs with the answer, unless it is for later.

        Args:
            host: the server.
            who: the feed; one that comes again finds its place in the queue.
            now: seconds of any steady clock.
            patience: the longest that is waited.
        """
        delay, queue = self.delay(host), self._queues[host]
        for gone in [one for one, place in queue.items() if place < now - _FORGOTTEN]:
            del queue[gone]
        at = max(now, self._last.get(host, -math.inf) + delay)
        overtakes = who not in queue and any(queue)
        if at - now <= patience and (not overtakes or patience == math.inf):
            queue.pop(who, None)
            self._last[host] = at
            return Turn(at - now)
        place = queue.get(who, 0.0)
        if place <= now:
            queue.pop(who, None)
            place = max(at, max(queue.values(), default=-math.inf) + delay)
            queue[who] = place
        return Turn(place - now, later=True)

    def asked(self, host: str, now: float) -> None:
        """Note a request that nobody waited for: a redirect's."""
        self._last[host] = max(now, self._last.get(host, now))

    def held(self, host: str, now: datetime) -> datetime | None:
        """Until when a server is not to be asked; None: it may be."""
        state = self._states.get(host)
        until = state.held_until if state else None
        return until if until is not None and until > now else None

    def hold(self, host: str, seconds: float, now: datetime) -> None:
        """Ask a server nothing for so long; but not longer than a failing feed waits."""
        until = now + timedelta(seconds=min(seconds, self._polling.max_backoff.total_seconds()))
        self._keep(replace(self._state(host), held_until=until))

    def wants_robots(self, host: str, now: datetime) -> bool:
        """Whether a server's robots.txt is to be looked at."""
        checked = self._state(host).robots_checked
        return self._robots(host) and (checked is None or now - checked >= ROBOTS_EVERY or checked > now)

    def saw_robots(self, host: str, text: str, agent: str, now: datetime) -> None:
        """Keep what a robots.txt says to us; an empty one says nothing."""
        self._keep(replace(self._state(host), crawl_delay=crawl_delay(text, agent), robots_checked=now))

    def _robots(self, host: str) -> bool:
        wanted = self._polling.robots or ("ignore" if own_machine(host) else "crawl-delay")
        return wanted == "crawl-delay"

    def _state(self, host: str) -> HostState:
        return self._states.get(host) or HostState(host)

    def _keep(self, state: HostState) -> None:
        self._states[state.host] = state
        self._changed.add(state.host)


def own_machine(host: str) -> bool:
    """The server is this machine, or one of the user's network, by its address."""
    name = host.removeprefix("[").partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return ascii_host(name) == "localhost" or private_literal(name)


def crawl_delay(text: str, agent: str) -> float | None:
    """Seconds that a robots.txt asks a reader to wait between two requests, or None.

    Args:
        text: the file.
        agent: the reader's User-Agent, of which the name before the slash counts (RFC 9309).
    """
    try:
        found = Protego.parse(text).crawl_delay(agent.partition("/")[0].strip() or "newswatch")
    except Exception:  # noqa: BLE001 - a file that its reader cannot read says nothing to us
        return None
    return float(found) if found is not None and math.isfinite(found) and found >= 0 else None
