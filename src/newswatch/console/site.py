"""What the console serves at a moment: a configuration with what follows from it. A reload makes another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from newswatch.app import App
from newswatch.config.console import console_token
from newswatch.config.event import Event
from newswatch.config.load import Loaded
from newswatch.config.settings import Console as ConsoleSettings
from newswatch.console.eventview import Figures
from newswatch.console.guard import Doors, Tries
from newswatch.console.render import Renderer
from newswatch.console.session import Keys
from newswatch.store import Pages, Reader

T = TypeVar("T")
READERS = 4


@dataclass(frozen=True, slots=True)
class Site:
    """One configuration, as the console serves it.

    Attributes:
        app: what writes; None where the console only looks.
        keys: the token and what is made of it.
        doors: whom it lets ask.
        cookie: the cookie's name; browsers give one host's cookies to all of its ports.
        read: when the configuration was read; None where nobody says.
    """

    loaded: Loaded
    settings: ConsoleSettings
    app: App | None
    keys: Keys
    doors: Doors
    renderer: Renderer
    zone: ZoneInfo
    cookie: str
    read: datetime | None = None

    @property
    def events(self) -> Mapping[str, Event]:
        """The events by id."""
        return {event.event: event for event in self.loaded.events}


@dataclass(slots=True)
class Served:
    """The site that is served now; a reload puts another here."""

    site: Site


@dataclass(slots=True)
class Desk:
    """What outlives a reload: the store, the threads that read it, the clock."""

    reader: Reader
    clock: Callable[[], datetime]
    tries: Tries = field(default_factory=Tries)
    figures: Figures = field(default_factory=Figures)
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(READERS, thread_name_prefix="console")
    )

    async def read(self, work: Callable[[Pages], T]) -> T:
        """Read and render in a thread of the console's own, so that nothing else waits for it.

        Raises:
            StoreError: the store cannot be read.
        """

        def reading() -> T:
            with self.reader.moment() as pages:
                return work(pages)

        return await asyncio.get_running_loop().run_in_executor(self.threads, reading)

    def close(self) -> None:
        """Give back the threads and connections."""
        self.threads.shutdown(wait=True, cancel_futures=True)
        self.reader.close()


def site(
    loaded: Loaded,
    app: App | None,
    environ: Mapping[str, str],
    *,
    before: Site | None = None,
    now: datetime | None = None,
) -> Site | None:
    """What a configuration makes of the console; None where it wants none.

    Args:
        loaded: the configuration.
        app: what writes, or None.
        environ: the environment, for the token.
        before: what was served until now; whoever is logged in there stays so, unless the token changed.
        now: the time it is, which is when the configuration was read.

    Raises:
        ConfigError: the token is not there any more.
    """
    settings = loaded.settings.console
    if settings is None:
        return None
    token = console_token(env=settings.token_env, file=settings.token_file, base=loaded.base, environ=environ)
    zone = ZoneInfo(settings.timezone)
    kept = before is not None and before.keys.same(token)
    return Site(
        loaded=loaded,
        settings=settings,
        app=app,
        keys=before.keys if before is not None and kept else Keys(token),
        doors=Doors(settings, loaded.settings.public_url),
        renderer=Renderer(loaded.templates, zone),
        zone=zone,
        cookie=f"newswatch_{settings.listen.rpartition(':')[2]}",
        read=now,
    )
