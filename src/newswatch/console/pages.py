"""The pages: each reads one moment of the store in a thread, renders there, and answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from aiohttp import hdrs, web

from newswatch.app import Opinion
from newswatch.console import api, operating, startview
from newswatch.console.assets import assets
from newswatch.console.eventview import event_page
from newswatch.console.live import MOST_READERS, Hub, News, Reader, frame
from newswatch.console.openapi import document
from newswatch.console.site import Desk, Served, Site
from newswatch.console.storyview import story_page
from newswatch.console.timeline import lines
from newswatch.console.web import ASKED, DESK, SERVED, application, asked, check, page, read_page
from newswatch.errors import NewswatchError
from newswatch.model import Label, Severity
from newswatch.store import Pages, Wanted

HUB = web.AppKey("hub", Hub)
HEARTBEAT = web.AppKey("heartbeat", float)
LONGEST_NOTE = 500
BY = "console"
FOR_YEARS = "public, max-age=31536000, immutable"
_LENGTHS = {"1h": timedelta(hours=1), "4h": timedelta(hours=4), "1d": timedelta(days=1)}
MOST_BEHIND = 1000
"""Events that a page which comes back is given one by one; beyond, it is told to load itself again."""


def console_app(served: Served, desk: Desk, hub: Hub, *, heartbeat: float = 20.0) -> web.Application:
    """The console as an application for aiohttp.

    Args:
        served: what is served now.
        desk: store, threads, clock.
        hub: what is live.
        heartbeat: seconds between two signs of life to whoever looks live.
    """
    app = application(served, desk)
    app[HUB] = hub
    app[HEARTBEAT] = heartbeat
    app.router.add_get("/", _start)
    app.router.add_get("/events/{event}", _event)
    app.router.add_get("/events/{event}/live", _live, allow_head=False)
    app.router.add_get("/stories/{story}", _story)
    app.router.add_post("/stories/{story}/feedback", _feedback)
    app.router.add_get("/login", _login)
    app.router.add_post("/login", _log_in)
    app.router.add_post("/logout", _log_out)
    app.router.add_get("/static/{name}", _static)
    app.router.add_get("/api/status", _status)
    app.router.add_get("/api/openapi.json", _document)
    operating.add_to(app)
    api.add_to(app)
    return app


# ---------------------------------------------------------------- to read


async def _start(request: web.Request) -> web.Response:
    loaded = asked(request).site.loaded
    return await read_page(request, "start", lambda pages, now: {"start": startview.start(pages, loaded, now)})


async def _event(request: web.Request) -> web.Response:
    found, figures = asked(request), request.app[DESK].figures
    event = found.site.events.get(request.match_info["event"])
    if event is None:
        raise web.HTTPNotFound(text="No event of this name is configured.")
    wanted, before = _wanted(request), _number(request, "before")

    def work(pages: Pages, now: datetime) -> Mapping[str, object]:
        seen = event_page(pages, event, wanted, before=before, figures=figures, now=now, zone=found.site.zone)
        return {"seen": seen, "filters": _query(wanted)}

    return await read_page(request, "event", work)


async def _story(request: web.Request) -> web.Response:
    loaded, name, done = asked(request).site.loaded, request.match_info["story"], request.query.get("done", "")

    def work(pages: Pages, _now: datetime) -> Mapping[str, object]:
        story = pages.story(name)
        if story is None:
            raise NewswatchError("No story of this name is kept; it may be past the retention.")
        return {"seen": story_page(pages, story, loaded), "done": _DONE.get(done, "")}

    return await read_page(request, "story", work)


async def _status(request: web.Request) -> web.Response:
    loaded, desk = asked(request).site.loaded, request.app[DESK]
    now = desk.clock()
    seen = await desk.read(lambda pages: startview.start(pages, loaded, now))
    return web.json_response(
        {
            "works": seen.works,
            "wrong": list(seen.wrong),
            "polled": seen.polled.isoformat() if seen.polled else None,
            "stories_last_day": seen.stories,
            "feeds": {"configured": seen.feeds, "failing": len(seen.failing)},
            "deliveries": {"due": seen.outbox.due, "sent": seen.outbox.sent, "failed": seen.outbox.failed},
            "waiting_to_be_told": seen.waiting,
            "events": [
                {"event": one.event.event, "title": one.event.title, "alerts": one.alerts, "digest": one.digest}
                for one in seen.events
            ],
        }
    )


async def _document(_request: web.Request) -> web.Response:
    return web.json_response(document())


async def _static(request: web.Request) -> web.Response:
    """One of the files that were read at the start; no path is ever looked up."""
    asset = assets().get(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound(text="There is no such file.")
    headers = {hdrs.CACHE_CONTROL: FOR_YEARS}
    return web.Response(body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers)


def _wanted(request: web.Request) -> Wanted:
    """The filter of the address; what is not as a form of ours writes it asks for nothing."""
    query = request.query
    severity = query.get("severity", "")
    if severity not in {"", *(one.value for one in Severity)}:
        raise web.HTTPBadRequest(text=f"No severity is called {severity!r}; there are alert, digest and silent.")
    return Wanted(query.get("topic", "")[:64], query.get("language", "")[:16], severity)


def _query(wanted: Wanted) -> dict[str, str]:
    named = {"topic": wanted.topic, "language": wanted.language, "severity": wanted.severity}
    return {name: value for name, value in named.items() if value}


def _number(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise web.HTTPBadRequest(text=f"“{name}” must be a number.")
    return int(text)


# ---------------------------------------------------------------- to log in


async def _login(request: web.Request) -> web.Response:
    return await page(request, "login", {"to": _local(request.query.get("to", "/")), "wrong": ""})


async def _log_in(request: web.Request) -> web.Response:
    form = await request.post()
    found, given, to = asked(request), str(form.get("token", "")), _local(str(form.get("to", "/")))
    try:
        check(request, given.strip())
    except web.HTTPUnauthorized:
        return await page(request, "login", {"to": to, "wrong": "That is not the token."}, status=401)
    # Another name than the one before the login: who planted that one knows nothing of this one.
    session = found.site.keys.fresh(signed_in=True, now=time.time())
    request[ASKED] = replace(found, session=session, fresh=True)
    return web.Response(status=303, headers={hdrs.LOCATION: to})


async def _log_out(request: web.Request) -> web.Response:
    found = asked(request)
    response = web.Response(status=303, headers={hdrs.LOCATION: "/login"})
    response.del_cookie(found.site.cookie, path="/", httponly=True, samesite="Strict", secure=found.caller.https)
    return response


def _local(to: str) -> str:
    """A path of ours; anything that a browser might take for another site's is the start page."""
    clean = to.isascii() and to.isprintable() and to.startswith("/") and "\\" not in to and not to.startswith("//")
    return to if clean else "/"


# ---------------------------------------------------------------- to say something

_DONE = {
    Label.WRONG.value: "Noted as wrong: what it says counts as unknown now.",
    Label.NOT_NEW.value: "Noted as not new.",
    Label.MUTE.value: "Muted: what comes meanwhile goes into the digest.",
}


async def _feedback(request: web.Request) -> web.Response:
    form = await request.post()
    found, story = asked(request), request.match_info["story"]
    if found.site.app is None:
        raise web.HTTPForbidden(text="This console only looks: the service's own takes corrections.")
    try:
        label = Label(str(form.get("label", "")))
        length = _LENGTHS[str(form.get("length", "4h"))]
    except (ValueError, KeyError):
        raise web.HTTPBadRequest(text="Say “not-new”, “wrong” or “mute”, and how long.") from None
    note = str(form.get("note", ""))[:LONGEST_NOTE]
    opinion = Opinion(story, str(form.get("development", "")), label, BY, note, length)
    words = await found.site.app.feedback(opinion, request.app[DESK].clock())
    if found.session is None:
        return web.json_response({"done": words})
    return web.Response(status=303, headers={hdrs.LOCATION: f"/stories/{story}?done={label.value}"})


# ---------------------------------------------------------------- live


def news_of(served: Served, desk: Desk, pages: Pages, seq: int) -> list[News]:
    """What was committed after a number, each rendered once."""
    site: Site = served.site
    now = desk.clock()
    return [
        News(
            line.seq, line.told.event, line.told.topic, line.story.language if line.story else "",
            line.told.severity.value, site.renderer.page("development", {"line": line}, now=now),
        )
        for line in lines(pages, pages.since(seq), site.events)
    ]  # fmt: skip


async def _live(request: web.Request) -> web.StreamResponse:
    """Server-sent events of an event's page: what was missed, then what comes, and a sign of life in between."""
    hub, served = request.app[HUB], request.app[SERVED]
    event, wanted = request.match_info["event"], _wanted(request)
    if event not in served.site.events:
        raise web.HTTPNotFound(text="No event of this name is configured.")
    if hub.readers >= MOST_READERS:
        raise web.HTTPServiceUnavailable(headers={hdrs.RETRY_AFTER: "30"}, text="Too many pages are open.")
    last = _last_seen(request)
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "text/event-stream", "X-Accel-Buffering": "no"})
    with hub.reader(event, wanted) as reader, suppress(ConnectionError):  # the page was closed
        await response.prepare(request)
        await response.write(b"retry: 3000\n\n")
        seen = await _missed(request, response, reader, last)
        if seen is not None:
            await _coming(response, reader, seen, request.app[HEARTBEAT])
    return response


async def _missed(request: web.Request, response: web.StreamResponse, reader: Reader, last: int) -> int | None:
    """Pass on what was committed since a page was here, out of the store; None when it is too much of that."""
    desk, served, behind = request.app[DESK], request.app[SERVED], 0
    while news := await desk.read(partial(news_of, served, desk, seq=last)):
        for one in news:
            last, behind = one.seq, behind + 1
            if one.is_for(reader.event, reader.wanted):
                await response.write(one.frame())
        if behind > MOST_BEHIND:
            await response.write(frame("load", name="stale", seq=last))
            return None
    return last


async def _coming(response: web.StreamResponse, reader: Reader, last: int, heartbeat: float) -> None:
    """Pass on what comes, and a sign of life in between, until one side goes."""
    while True:
        try:
            one = await asyncio.wait_for(reader.queue.get(), heartbeat)
        except TimeoutError:
            # An event without data moves the number on, and is shown to nobody.
            await response.write(f": still here\nid: {last}\n\n".encode())
            continue
        if one is None or reader.late:
            return
        if one.seq > last:
            last = one.seq
            await response.write(one.frame())


def _last_seen(request: web.Request) -> int:
    """What a browser that comes back saw last; else what the page had when it was made."""
    text = request.headers.get("Last-Event-ID", "")
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    return _number(request, "after") or 0
