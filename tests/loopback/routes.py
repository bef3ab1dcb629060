"""Every address of the console, out of its router: a route that is added is tested without being named anywhere."""

import re
from dataclasses import dataclass
from pathlib import Path

import httpx
from aiohttp import web

from loopback.console import TOKEN
from loopback.world import MOMENTS
from newswatch.config.load import load_config
from newswatch.console.server import Server
from newswatch.console.site import Desk, site
from newswatch.store import open_reader

FILLED = {"/static/{name}": "", "/deliveries/{delivery}/{action}": "/deliveries/dlv_x/retry"}
"""Addresses for routes with a part that differs; those that are linked to need none. Empty: not a page."""
STARTS = ("/", "/events/velmora")


@dataclass(frozen=True, order=True)
class Found:
    """A route: its method, its pattern, and an address of it that exists; empty where none is known."""

    method: str
    pattern: str
    address: str = ""

    @property
    def is_page(self) -> bool:
        """Whether a person reads it."""
        return (
            self.method == "GET"
            and bool(self.address)
            and not re.search(r"/live$|^/api/|^/static/|^/login|^/(healthz|readyz|metrics)$", self.pattern)
        )


def of_application(app: web.Application) -> list[tuple[str, str]]:
    """Methods and patterns of an application."""
    return sorted({(route.method, route.resource.canonical) for route in app.router.routes() if route.resource})


def of_config(config: Path) -> list[tuple[str, str]]:
    """Methods and patterns of the console of a configuration."""
    loaded = load_config(config, {"TOKEN": TOKEN})
    first = site(loaded, None, {"TOKEN": TOKEN})
    assert first is not None
    desk = Desk(open_reader(loaded.settings.store.url, base=loaded.base), lambda: MOMENTS[-1])
    try:
        return of_application(Server(first, desk)._runner.app)
    finally:
        desk.close()


def found(routes: list[tuple[str, str]], get: httpx.Client) -> list[Found]:
    """The routes with an address for each: their own, or one that pages link to or send a form to."""
    linked = crawled(get, [*STARTS, *(pattern for method, pattern in routes if method == "GET" and "{" not in pattern)])
    return [Found(method, pattern, _address(pattern, linked)) for method, pattern in routes if method != "HEAD"]


def crawled(get: httpx.Client, starts: list[str]) -> list[str]:
    """What pages link to, one page of a kind: the first address with the same number of parts and the same first."""
    linked, seen, waiting = list[str](), set[tuple[str, int]](), list(starts)
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0].partition("#")[0]
        linked.append(path)
        kind = (path.split("/")[1], path.count("/"))
        if kind in seen or path.endswith("/live"):
            continue
        seen.add(kind)
        answer = get.get(address)
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += re.findall(r'(?:href|action|data-live|src)="(/[^"]*)"', answer.text)
    return linked


def _address(pattern: str, linked: list[str]) -> str:
    if pattern in FILLED:
        return FILLED[pattern]
    if "{" not in pattern:
        return pattern
    parts = re.split(r"\{[^}]*\}", pattern)
    wanted = re.compile("[^/]+".join(re.escape(part) for part in parts))
    return next((one for one in linked if wanted.fullmatch(one)), "")
