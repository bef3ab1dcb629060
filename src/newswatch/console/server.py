"""The console of a service: begun with it, told of its reloads and commits, ended before it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from aiohttp import web

from newswatch.app import App
from newswatch.config.console import split_listen
from newswatch.config.load import Loaded
from newswatch.console.live import Hub
from newswatch.console.meters import Meters
from newswatch.console.pages import console_app, news_of
from newswatch.console.probes import Probes
from newswatch.console.site import Desk, Served, Site, site
from newswatch.errors import ConfigError, NewswatchError
from newswatch.store import open_reader

log = logging.getLogger(__name__)


class Server:
    """One site on its socket, with what is live on it."""

    def __init__(
        self,
        first: Site,
        desk: Desk,
        *,
        every: float | None = None,
        heartbeat: float = 20.0,
        meters: Meters | None = None,
    ) -> None:
        self.served = Served(first)
        self._desk = desk
        self.hub = Hub(
            lambda seq: desk.read(lambda pages: news_of(self.served, desk, pages, seq)),
            lambda: desk.read(lambda pages: pages.newest()),
            every=every,
        )
        app = console_app(self.served, desk, self.hub, heartbeat=heartbeat)
        Probes(self.served, desk, self.hub, meters or Meters(desk.clock), alone=meters is None).add_to(app)
        self._runner = web.AppRunner(
            app,
            access_log=None, handle_signals=False, shutdown_timeout=2.0,
        )  # fmt: skip
        self._live: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen.

        Raises:
            NewswatchError: the address cannot be had, or the store cannot be read; says why.
        """
        await self.hub.begin()
        listen = self.served.site.settings.listen
        host, port = split_listen(listen)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as error:
            await self._runner.cleanup()
            why = error.strerror or str(error)
            raise NewswatchError(f"console: cannot listen on {listen}: {why}; change console.listen") from error
        self._live = asyncio.get_running_loop().create_task(self.hub.run())

    @property
    def port(self) -> int:
        """Where it listens: the configured port, or the one that 0 became."""
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Let everybody go and close the socket."""
        if self._live is not None:
            self._live.cancel()
            with suppress(asyncio.CancelledError):
                await self._live
        self.hub.close()
        await self._runner.cleanup()
        self._desk.close()


class Console:
    """The console beside a service: `newswatch.daemon.Beside`.

    Where it cannot begin, the log says why, and the service goes on: who waits for alerts must not lose them to a port
    that is taken. The next reload tries again.
    """

    def __init__(self, *, clock: Callable[[], datetime], environ: Mapping[str, str], meters: Meters) -> None:
        self._clock = clock
        self._meters = meters
        self._environ = environ
        self._server: Server | None = None

    async def start(self, app: App, loaded: Loaded) -> None:
        """Serve what the configuration wants, or nothing."""
        try:
            await self._start(app, loaded)
        except NewswatchError as error:
            log.error("%s", error)  # noqa: TRY400 - the sentence is the message

    async def _start(self, app: App, loaded: Loaded) -> None:
        first = site(loaded, app, self._environ, now=self._clock())
        if first is None:
            return
        desk = Desk(open_reader(loaded.settings.store.url, base=loaded.base), self._clock)
        server = Server(first, desk, meters=self._meters)
        try:
            await server.start()
        except NewswatchError:
            desk.close()
            raise
        self._server = server
        log.info("the console is at http://%s/", first.settings.listen)

    async def reloaded(self, app: App, loaded: Loaded) -> None:
        """Serve the new configuration; on the same socket, where it is the same."""
        server = self._server
        if server is not None:
            before = server.served.site
            try:
                new = site(loaded, app, self._environ, before=before, now=self._clock())
            except ConfigError as error:
                log.error("%s", error)  # noqa: TRY400 - the sentence is the message
                return
            same = new is not None and new.settings.listen == before.settings.listen
            if new is not None and same and loaded.settings.store == before.loaded.settings.store:
                server.served.site = new
                return
            self._server = None
            await server.stop()
        await self.start(app, loaded)

    def committed(self) -> None:
        """Something was written; whoever looks live may have news."""
        if self._server is not None:
            self._server.hub.wake()

    async def stop(self) -> None:
        """End."""
        if self._server is not None:
            await self._server.stop()
            self._server = None


async def serve_alone(
    loaded: Loaded,
    *,
    clock: Callable[[], datetime],
    environ: Mapping[str, str],
    until: asyncio.Event,
    every: float = 2.0,
) -> None:
    """A console over a store that another process writes, or none does: it only looks.

    Raises:
        NewswatchError: it cannot listen, or the store cannot be opened.
    """
    first = site(loaded, None, environ, now=clock())
    if first is None:
        raise NewswatchError("no console is configured")
    server = Server(first, Desk(open_reader(loaded.settings.store.url, base=loaded.base), clock), every=every)
    await server.start()
    try:
        await until.wait()
    finally:
        await server.stop()
