"""What a browser sees of the console, and what is wrong with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from loopback.feed_server import FeedServer
from loopback.routes import Found

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        ConsoleMessage,
        Page,
        Request,
        Response,
        StorageState,
        ViewportSize,
    )

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
LIMIT = 15_000
"""Milliseconds that anything may take."""
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class World:
    """A service that runs, the feeds that it polls, and the addresses of its console."""

    base: str
    feeds: FeedServer
    config: Path
    found: tuple[Found, ...]


@dataclass
class Look:
    """A page of the browser, and what went wrong on it."""

    page: Page
    base: str
    wrong: list[str] = field(default_factory=list)
    expected: tuple[int, ...] = ()

    def watch(self) -> None:
        """Note what the console says, what fails, and what goes to others."""
        page = self.page
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"a script failed: {error}"))
        page.on("dialog", lambda dialog: self.wrong.append(f"a dialog: {dialog.message}"))
        page.on("request", lambda request: self._asked(request.url))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, said: ConsoleMessage) -> None:
        expected = any(f"status of {status}" in said.text for status in self.expected)
        if said.type in {"error", "warning"} and not expected:
            self.wrong.append(f"the console says: {said.text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.base}/", "data:", "blob:")):
            self.wrong.append(f"asked another host: {url}")

    def _failed(self, request: Request) -> None:
        if not request.url.partition("?")[0].endswith("/live"):  # ended with its page
            self.wrong.append(f"failed: {request.url} {request.failure}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 400 and answer.status not in self.expected:
            self.wrong.append(f"{answer.status}: {answer.url}")

    async def go(self, path: str) -> None:
        """Open a page, and wait until it is there."""
        await self.page.goto(f"{self.base}{path}", wait_until="load")


class Eyes:
    """Opens pages for a test, logged in, and closes them."""

    def __init__(self, world: World, browser: Browser, cookies: StorageState) -> None:
        self._world, self._browser, self._cookies = world, browser, cookies

    @asynccontextmanager
    async def look(
        self, scheme: Scheme = "light", viewport: ViewportSize = DESKTOP, *, logged_in: bool = True
    ) -> AsyncIterator[Look]:
        """A page in a browser without a cache; what went wrong on it fails the test at the end."""
        context = await self._browser.new_context(
            color_scheme=scheme, viewport=viewport, reduced_motion="reduce", locale="en-GB",
            storage_state=self._cookies if logged_in else None,
        )  # fmt: skip
        context.set_default_timeout(LIMIT)
        look = Look(await context.new_page(), self._world.base)
        look.watch()
        try:
            yield look
            assert look.wrong == []
        finally:
            await context.close()
