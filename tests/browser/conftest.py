"""A real browser before a real service: chromium, driven by Playwright, looks at the console as a person does."""

from __future__ import annotations

import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio

from browser.seeing import LIMIT, Eyes, World
from loopback import routes
from loopback.console import TOKEN, polled_into
from loopback.feed_server import FeedServer
from loopback.service import running
from loopback.world import MOMENTS

if TYPE_CHECKING:
    from playwright.async_api import Browser, StorageState

OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = int(sock.getsockname()[1])
    base, bearer = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {TOKEN}"}
    with FeedServer() as feeds:
        config = polled_into(tmp_path_factory.mktemp("browser"), feeds)
        text = config.read_text(encoding="utf-8").replace("interval: 1m", "interval: 1s, min_interval: 1s")
        console = f"console: {{listen: '127.0.0.1:{port}', token_env: TOKEN}}\n"
        config.write_text(text + console, encoding="utf-8")
        start = MOMENTS[-1] + timedelta(minutes=5)
        with (
            running(config, start, base, {"TOKEN": TOKEN}),
            httpx.Client(base_url=base, headers=bearer, timeout=20.0) as client,
        ):
            yield World(base, feeds, config, tuple(routes.found(routes.of_config(config), client)))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; without it, or without what drives it, the tests are skipped and say so."""
    driving = pytest.importorskip("playwright.async_api", reason="Playwright's Python package is not installed")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no chromium here; install Debian's package chromium")
    async with driving.async_playwright() as driven:
        browser = await driven.chromium.launch(executable_path=chromium, args=list(OPTIONS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cookies(browser: Browser, world: World) -> StorageState:
    """Log in once, as a person does: with the keyboard, on the login page."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{world.base}/")
    await page.keyboard.type(TOKEN)  # the field has the focus
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{world.base}/", timeout=LIMIT)
    state = await context.storage_state()
    await context.close()
    return state


@pytest.fixture
def eyes(browser: Browser, cookies: StorageState, world: World) -> Eyes:
    return Eyes(world, browser, cookies)
