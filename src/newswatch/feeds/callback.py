"""Where hubs call: a handler that can be put into any aiohttp application, and a small application of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from aiohttp import web

MOST = 10_000_000
"""Bytes of one push that are read, for its signature."""


class Receiver(Protocol):
    """Who decides what hubs are answered."""

    async def verify(self, token: str, query: Mapping[str, str]) -> str | None:
        """The challenge to answer with, or None: nobody asked for that."""

    async def push(self, token: str, body: bytes, signature: str) -> bool:
        """Take a push; whether there is such a subscription. One that is not signed rightly changes nothing."""


def handler(receiver: Receiver) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answers GET and POST of a path that ends in ``{token}``.

    Args:
        receiver: who decides.
    """

    async def answer(request: web.Request) -> web.Response:
        token = request.match_info["token"]
        if request.method == "GET":
            challenge = await receiver.verify(token, request.query)
            # As text, and nothing else: what a stranger sends is not to become a page.
            quiet = {"X-Content-Type-Options": "nosniff"}
            return web.Response(status=404) if challenge is None else web.Response(text=challenge, headers=quiet)
        known = await receiver.push(token, await request.read(), request.headers.get("X-Hub-Signature", ""))
        # What is signed wrongly is acknowledged too (7.1): a stranger learns nothing. Who pushes to nobody may stop.
        return web.Response(status=202 if known else 410)

    return answer


def application(receiver: Receiver) -> web.Application:
    """An application with nothing but the callback, at whatever path a proxy in front of it leaves."""
    app = web.Application(client_max_size=MOST)
    answer = handler(receiver)
    app.router.add_get("/{path:(?:.*/)?}{token:[^/]+}", answer, allow_head=False)
    app.router.add_post("/{path:(?:.*/)?}{token:[^/]+}", answer)
    return app
