"""A real WebSub hub on loopback: it takes subscriptions, verifies them at the callback, and pushes what it signs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web


class Hub:
    """Listens on a free port of 127.0.0.1 while used as an async context manager.

    Args:
        lease: seconds that it grants.
        status: what it answers a subscription with.
    """

    def __init__(self, *, lease: int = 86400, status: int = 202) -> None:
        self.lease, self.status = lease, status
        self.asked: list[dict[str, str]] = []
        self.verified: list[tuple[int, bool]] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hub", self._subscribe)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hub"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _subscribe(self, request: web.Request) -> web.Response:
        self.asked.append(dict(parse_qsl(await request.text())))
        return web.Response(status=self.status, text="" if self.status == 202 else "no such topic")

    async def verify(self, **changes: str) -> tuple[int, bool]:
        """Ask at the callback of the last subscription; the status, and whether the challenge came back."""
        asked, challenge = self.asked[-1], secrets.token_hex(8)
        query = {
            "hub.mode": "subscribe", "hub.topic": asked["hub.topic"], "hub.challenge": challenge,
            "hub.lease_seconds": str(self.lease), **{f"hub.{name}": value for name, value in changes.items()},
        }  # fmt: skip
        async with aiohttp.ClientSession() as session, session.get(asked["hub.callback"], params=query) as answer:
            return answer.status, await answer.text() == challenge

    async def push(self, body: bytes, *, method: str = "sha256", secret: str = "") -> int:
        """Push to the callback of the last subscription; the status."""
        asked = self.asked[-1]
        key = (secret or asked["hub.secret"]).encode()
        headers = {"X-Hub-Signature": f"{method}={hmac.new(key, body, getattr(hashlib, method)).hexdigest()}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(asked["hub.callback"], data=body, headers=headers) as answer,
        ):
            return answer.status
