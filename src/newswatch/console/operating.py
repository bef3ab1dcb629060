"""The pages of whoever operates it: feeds, deliveries, the configuration in force, search, and an alert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from aiohttp import hdrs, web

from newswatch.app.handling import DROP, RETRY
from newswatch.console.alertview import alert_page
from newswatch.console.configview import config_page
from newswatch.console.deliveriesview import deliveries_page, where
from newswatch.console.feedsview import feeds_page
from newswatch.console.searchview import PAGE, search_page
from newswatch.console.web import DESK, asked, read_page
from newswatch.errors import NewswatchError
from newswatch.model import DeliveryState
from newswatch.store import FURTHEST, Asked, Pages

BY = "console"
LONGEST_NOTE = 500
LONGEST_QUERY = 200
_STATES = {state.value: state for state in DeliveryState}
_DONE = {
    RETRY: "It is due now, with the whole schedule of tries before it.",
    DROP: "It is dropped; a retry brings it back.",
    "ack": "Acknowledged.",
    "already": "Somebody had acknowledged it before.",
}


def add_to(app: web.Application) -> None:
    """Give an application these pages."""
    app.router.add_get("/feeds", _feeds)
    app.router.add_get("/deliveries", _deliveries)
    app.router.add_post("/deliveries/{delivery}/{action:retry|drop}", _handle)
    app.router.add_get("/configuration", _configuration)
    app.router.add_get("/search", _search)
    app.router.add_get("/alerts/{alert}", _alert)
    app.router.add_post("/alerts/{alert}/acknowledge", _acknowledge)


async def _feeds(request: web.Request) -> web.Response:
    loaded = asked(request).site.loaded
    return await read_page(request, "feeds", lambda pages, now: {"seen": feeds_page(pages, loaded, now)})


async def _configuration(request: web.Request) -> web.Response:
    site = asked(request).site
    return await read_page(request, "configuration", lambda _pages, _now: {"seen": config_page(site.loaded, site.read)})


async def _search(request: web.Request) -> web.Response:
    query, events = request.query, asked(request).site.events
    said, kind = query.get("q", "")[:LONGEST_QUERY], query.get("in", "stories")
    if kind not in {"stories", "developments"}:
        raise web.HTTPBadRequest(text="Search in “stories” or in “developments”.")
    page = page_number(query.get("page", ""))
    if page is None:
        raise web.HTTPBadRequest(text=f"“page” must be a number from 1 to {FURTHEST // PAGE}.")
    return await read_page(
        request, "search", lambda pages, _now: {"seen": search_page(pages, said, kind, page, events)}
    )


def page_number(text: str, size: int = PAGE) -> int | None:
    """A page's number as an address says it; None: it is none, or too far."""
    if not text:
        return 1
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    return number if 1 <= number <= FURTHEST // size else None


# ---------------------------------------------------------------- deliveries and alerts


def filter_of(query: Mapping[str, str]) -> Asked:
    """Which deliveries an address asks for.

    Raises:
        ValueError: what it says is no state, or no cursor of ours; the text says which.
    """
    state = query.get("state", "")
    if state and state not in _STATES:
        raise ValueError(f"No state is called {state!r}; there are {', '.join(_STATES)}.")
    try:
        after = where(query.get("after", ""))
    except ValueError:
        raise ValueError("“after” must be what a page before said is next.") from None
    states = (_STATES[state],) if state else ()
    return Asked(states, query.get("channel", "")[:64], query.get("recipient", "")[:64], after=after)


async def _deliveries(request: web.Request) -> web.Response:
    loaded, done = asked(request).site.loaded, _DONE.get(request.query.get("done", ""), "")
    try:
        wanted = filter_of(request.query)
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
    filters = {name: value for name in ("state", "channel", "recipient") if (value := request.query.get(name, "")[:64])}

    def work(pages: Pages, now: datetime) -> Mapping[str, object]:
        return {"seen": deliveries_page(pages, loaded, wanted, now), "filters": filters, "done": done}

    return await read_page(request, "deliveries", work)


async def _handle(request: web.Request) -> web.Response:
    app, form = asked(request).site.app, await request.post()
    if app is None:
        raise web.HTTPForbidden(text="This console only looks: the service's own takes orders.")
    name, action = request.match_info["delivery"], request.match_info["action"]
    why = str(form.get("why", ""))[:LONGEST_NOTE]
    changed = await app.handle(name, action, request.app[DESK].clock(), by=BY, why=why)
    if not changed.done:
        raise web.HTTPConflict(text=f"{changed.message}.")
    return _back(str(form.get("back", "")), action)


def _back(to: str, done: str) -> web.Response:
    """To the page whose button was pressed: an alert's, or the outbox with its filter."""
    if to.startswith("/alerts/") and to.isascii() and to.isprintable() and not set(to) & set("?#\\"):
        return web.Response(status=303, headers={hdrs.LOCATION: f"{to}?done={done}"})
    kept = {name: value for name, value in _pairs(to) if name in {"state", "channel", "recipient"}}
    return web.Response(status=303, headers={hdrs.LOCATION: f"/deliveries?{urlencode({**kept, 'done': done})}"})


def _pairs(to: str) -> list[tuple[str, str]]:
    return parse_qsl(to.partition("?")[2][:500])


async def _alert(request: web.Request) -> web.Response:
    loaded, name = asked(request).site.loaded, request.match_info["alert"]
    done = _DONE.get(request.query.get("done", ""), "")

    def work(pages: Pages, _now: datetime) -> Mapping[str, object]:
        alert = pages.alert(name)
        if alert is None:
            raise NewswatchError("No alert of this name is kept; it may be past the retention.")
        return {"seen": alert_page(pages, alert, loaded), "done": done}

    return await read_page(request, "alert", work)


async def _acknowledge(request: web.Request) -> web.Response:
    app, form = asked(request).site.app, await request.post()
    if app is None:
        raise web.HTTPForbidden(text="This console only looks: the service's own takes orders.")
    name, note = request.match_info["alert"], str(form.get("note", ""))[:LONGEST_NOTE]
    before = await app.acknowledge(name, request.app[DESK].clock(), by=BY, note=note)
    done = "ack" if before is None else "already"
    return web.Response(status=303, headers={hdrs.LOCATION: f"/alerts/{name}?done={done}"})
