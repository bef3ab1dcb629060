"""For programs that watch the service: `/healthz`, `/readyz`, `/metrics`. One look at the store serves some seconds."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from aiohttp import web

from newswatch.console.live import Hub
from newswatch.console.meters import CONTENT_TYPE, Meters
from newswatch.console.site import Desk, Served
from newswatch.console.standing import Standing, standing
from newswatch.errors import StoreError

log = logging.getLogger(__name__)

KEPT = 5.0
"""Seconds that one look at the store serves all who ask, however many and often."""
WITHIN = 5.0
"""Seconds after which a store that does not answer is taken as one that cannot be read."""


class Probes:
    """Answers the three addresses.

    Args:
        served: the configuration that is served now.
        desk: the store and its threads.
        hub: who looks live.
        meters: what is counted; ``alone`` where no service fills it.
        alone: there is no service: only the store can be well or not.
    """

    def __init__(
        self,
        served: Served,
        desk: Desk,
        hub: Hub,
        meters: Meters,
        *,
        alone: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._served = served
        self._desk = desk
        self._hub = hub
        self._meters = meters
        self._alone = alone
        self._monotonic = monotonic
        self._one_at_a_time = asyncio.Lock()
        self._looked: tuple[float, Standing | None] | None = None

    def add_to(self, app: web.Application) -> None:
        """Put the addresses into an application."""
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)

    async def _healthz(self, _request: web.Request) -> web.Response:
        return _answer("" if self._alone else self._meters.pulse.ill(), await self._look())

    async def _readyz(self, _request: web.Request) -> web.Response:
        return _answer("" if self._alone else self._meters.pulse.unready(), await self._look())

    async def _metrics(self, _request: web.Request) -> web.Response:
        text = self._meters.text(await self._look(), watchers=self._hub.readers)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})

    async def _look(self) -> Standing | None:
        """How the store stands, not older than `KEPT`; None where it cannot be read."""
        async with self._one_at_a_time:
            if self._looked is None or self._monotonic() - self._looked[0] >= KEPT:
                self._looked = (self._monotonic(), await self._read())
            return self._looked[1]

    async def _read(self) -> Standing | None:
        loaded, now = self._served.site.loaded, self._desk.clock()
        try:
            async with asyncio.timeout(WITHIN):
                return await self._desk.read(lambda pages: standing(pages, loaded, now))
        except (StoreError, TimeoutError) as error:
            log.warning("the store cannot be read for metrics: %s", str(error) or f"no answer within {WITHIN:.0f} s")
            return None


def _answer(why: str, found: Standing | None) -> web.Response:
    """200 or 503, with why; what it says names nothing that is watched, so that nobody needs a token to ask."""
    why = why or ("" if found is not None else "the store cannot be read; the log says why")
    return web.json_response({"ok": not why, "why": why}, status=503 if why else 200)
