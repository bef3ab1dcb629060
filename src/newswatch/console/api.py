"""The JSON API: what the pages show and do, for programs. Each operation is written once, here.

    path, query and body as a model | the function of the page | an answer as a model | JSON

The OpenAPI document (`newswatch.console.openapi`) is made of the same list.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import hdrs, web
from pydantic import ValidationError

from newswatch.app import App, Opinion
from newswatch.app.handling import DROP, RETRY
from newswatch.console import answers as a
from newswatch.console import asanswer, startview
from newswatch.console.deliveriesview import cursor, deliveries_page, where
from newswatch.console.eventview import ledger
from newswatch.console.feedsview import feeds_page
from newswatch.console.searchview import search_page
from newswatch.console.timeline import lines
from newswatch.console.web import DESK, asked
from newswatch.errors import NewswatchError
from newswatch.model import DeliveryState, Label
from newswatch.store import Asked, Pages, Wanted

BY = "api"


class Nothing(a.Asking):
    """Nothing is asked for."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        method, path: as a program asks.
        name: its id in the document.
        summary: what it does.
        answer: what it answers.
        work: what it does.
        query, body: what it takes.
    """

    method: str
    path: str
    name: str
    summary: str
    answer: type[a.Answer]
    work: Callable[[web.Request, Any], Awaitable[a.Answer]]
    query: type[a.Asking] = Nothing
    body: type[a.Asking] | None = None


def add_to(app: web.Application) -> None:
    """Give an application the API."""
    for one in OPERATIONS:
        app.router.add_route(one.method, f"/api/v1{one.path}", _handler(one))


def _handler(one: Operation) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        query = _query(request, one.query)
        said = query if one.body is None else await _body(request, one.body)
        answer = await one.work(request, said)
        return web.Response(text=answer.model_dump_json() + "\n", content_type="application/json")

    return handle


def _query(request: web.Request, model: type[a.Asking]) -> a.Asking:
    names = [name for name, _ in request.query.items()]
    if len(names) != len(set(names)):
        raise web.HTTPBadRequest(text="A name stands twice in the address.")
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        raise web.HTTPBadRequest(text=_mistakes(error)) from None


async def _body(request: web.Request, model: type[a.Asking]) -> a.Asking:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send JSON, and say so: Content-Type: application/json.")
    raw = await request.read()
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=_mistakes(error)) from None


def _mistakes(error: ValidationError) -> str:
    """Every mistake in a sentence; what was sent is not said again."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return " ".join(f"{'.'.join(map(str, one['loc'])) or 'The body'}: {one['msg']}." for one in found[:10])


async def _read(request: web.Request, work: Callable[[Pages, datetime], a.Answer]) -> a.Answer:
    desk = request.app[DESK]
    now = desk.clock()
    return await desk.read(lambda pages: work(pages, now))


def _writing(request: web.Request) -> tuple[App, datetime]:
    """What writes, and the time it is."""
    app = asked(request).site.app
    if app is None:
        raise web.HTTPForbidden(text="This console only looks: the service's own takes orders.")
    return app, request.app[DESK].clock()


# ---------------------------------------------------------------- to read


async def _status(request: web.Request, _asked: Nothing) -> a.Answer:
    loaded = asked(request).site.loaded
    return await _read(request, lambda pages, now: asanswer.status(startview.start(pages, loaded, now)))


async def _events(request: web.Request, _asked: Nothing) -> a.Answer:
    loaded = asked(request).site.loaded
    return await _read(
        request, lambda pages, now: a.Events(events=asanswer.event_lines(startview.start(pages, loaded, now).events))
    )


async def _event(request: web.Request, _asked: Nothing) -> a.Answer:
    event, figures = asked(request).site.events.get(request.match_info["event"]), request.app[DESK].figures
    if event is None:
        raise web.HTTPNotFound(text="No event of this name is configured.")
    return await _read(
        request,
        lambda pages, now: asanswer.event(event, ledger(pages, event.event), figures.of(pages, event, now)),
    )


async def _developments(request: web.Request, wanted: a.DevelopmentsAsked) -> a.Answer:
    name, events = request.match_info["event"], asked(request).site.events
    if name not in events:
        raise web.HTTPNotFound(text="No event of this name is configured.")

    def work(pages: Pages, _now: datetime) -> a.Answer:
        kept = Wanted(wanted.topic, wanted.language, wanted.severity)
        found = pages.developments(name, wanted=kept, before=wanted.before, limit=wanted.limit + 1)
        shown = lines(pages, found[: wanted.limit], events)
        return a.Developments(
            developments=tuple(asanswer.development(line) for line in shown),
            before=shown[-1].seq if len(found) > wanted.limit else None,
        )

    return await _read(request, work)


async def _story(request: web.Request, _asked: Nothing) -> a.Answer:
    name = _path(request, "story")

    def work(pages: Pages, _now: datetime) -> a.Answer:
        story = pages.story(name)
        if story is None:
            raise NewswatchError("No story of this name is kept; it may be past the retention.")
        return asanswer.whole_story(story, pages.decisions(name), pages.copies(story), pages.entries(name))

    return await _read(request, work)


def _path(request: web.Request, name: str) -> str:
    """A name in the path; none of ours has other letters, and PostgreSQL keeps not all of them."""
    given = request.match_info[name]
    if not (given.isascii() and given.isprintable() and len(given) <= 100):
        raise web.HTTPNotFound(text="There is nothing of this name.")
    return given


async def _search(request: web.Request, wanted: a.SearchAsked) -> a.Answer:
    events = asked(request).site.events
    return await _read(
        request,
        lambda pages, _now: asanswer.results(search_page(pages, wanted.q, wanted.kind, wanted.page, events)),
    )


async def _feeds(request: web.Request, _asked: Nothing) -> a.Answer:
    loaded = asked(request).site.loaded
    return await _read(request, lambda pages, now: asanswer.feeds(feeds_page(pages, loaded, now)))


def _after(text: str) -> tuple[datetime, str] | None:
    try:
        return where(text)
    except ValueError:
        raise web.HTTPBadRequest(text="“after” must be what a page before said is next.") from None


async def _deliveries(request: web.Request, wanted: a.DeliveriesAsked) -> a.Answer:
    loaded, after = asked(request).site.loaded, _after(wanted.after)
    states = (DeliveryState(wanted.state),) if wanted.state else ()
    filters = Asked(states, wanted.channel, wanted.recipient, after=after)
    return await _read(
        request,
        lambda pages, now: asanswer.deliveries(deliveries_page(pages, loaded, filters, now, limit=wanted.limit)),
    )


async def _alerts(request: web.Request, wanted: a.AlertsAsked) -> a.Answer:
    after = _after(wanted.after)

    def work(pages: Pages, _now: datetime) -> a.Answer:
        found = pages.alerts(recipient=wanted.recipient, after=after, limit=wanted.limit + 1)
        shown = found[: wanted.limit]
        more = len(found) > wanted.limit
        return a.Alerts(
            alerts=tuple(asanswer.alert(pages, one) for one in shown),
            after=cursor(shown[-1].created, shown[-1].alert_id) if more else None,
        )

    return await _read(request, work)


async def _alert(request: web.Request, _asked: Nothing) -> a.Answer:
    name = _path(request, "alert")

    def work(pages: Pages, _now: datetime) -> a.Answer:
        found = pages.alert(name)
        if found is None:
            raise NewswatchError("No alert of this name is kept; it may be past the retention.")
        return asanswer.alert(pages, found)

    return await _read(request, work)


async def _mutes(request: web.Request, _asked: Nothing) -> a.Answer:
    return await _read(request, lambda pages, now: a.Mutes(mutes=tuple(asanswer.mute(one) for one in pages.mutes(now))))


# ---------------------------------------------------------------- to do


async def _retry(request: web.Request, why: a.Why) -> a.Answer:
    return await _handled(request, RETRY, why)


async def _drop(request: web.Request, why: a.Why) -> a.Answer:
    return await _handled(request, DROP, why)


async def _handled(request: web.Request, action: str, why: a.Why) -> a.Answer:
    app, now = _writing(request)
    changed = await app.handle(_path(request, "delivery"), action, now, by=BY, why=why.why)
    if not changed.done:
        raise web.HTTPConflict(text=f"{changed.message}.")
    delivery = changed.delivery
    return a.Changed(delivery=delivery.delivery_id, state=delivery.state.value, done=True, message=changed.message)


async def _acknowledge(request: web.Request, said: a.Acknowledge) -> a.Answer:
    app, now = _writing(request)
    name = _path(request, "alert")
    before = await app.acknowledge(name, now, by=BY, note=said.note)
    return a.Acknowledged(alert=name, already=before is not None)


async def _mute(request: web.Request, said: a.MuteAsked) -> a.Answer:
    app, now = _writing(request)
    found = asked(request).site
    if not (said.event or said.topic or said.recipient):
        raise web.HTTPBadRequest(text="Say what: an event, a topic or a recipient.")
    if said.event and said.event not in found.events:
        raise web.HTTPBadRequest(text="No event of this name is configured.")
    topics = {topic.id for name, event in found.events.items() if said.event in {"", name} for topic in event.topics}
    if said.topic and said.topic not in topics:
        raise web.HTTPBadRequest(text="No topic of this name is configured.")
    if said.recipient and said.recipient not in {one.id for one in found.loaded.recipients}:
        raise web.HTTPBadRequest(text="No recipient of this name is configured.")
    length = timedelta(minutes=said.minutes)
    made = await app.mute(said.event, said.topic, said.recipient, now, length=length, by=BY, why=said.why)
    return asanswer.mute(made)


async def _feedback(request: web.Request, said: a.FeedbackAsked) -> a.Answer:
    app, now = _writing(request)
    opinion = Opinion(
        _path(request, "story"), said.development, Label(said.label), BY, said.note, timedelta(hours=said.hours)
    )
    return a.Done(done=await app.feedback(opinion, now))


GET, POST = hdrs.METH_GET, hdrs.METH_POST
OPERATIONS = (
    Operation(GET, "/status", "status", "Whether it works", a.Status, _status),
    Operation(GET, "/events", "events", "The events, with what the last day brought", a.Events, _events),
    Operation(GET, "/events/{event}", "event", "An event: its ledger and figures", a.Event, _event),
    Operation(
        GET, "/events/{event}/developments", "developments", "What was new, newest first", a.Developments,
        _developments, a.DevelopmentsAsked,
    ),
    Operation(GET, "/stories/{story}", "story", "A story with what was decided of it", a.WholeStory, _story),
    Operation(
        POST, "/stories/{story}/feedback", "feedback", "Say that something was not new, or wrong; or mute it", a.Done,
        _feedback, body=a.FeedbackAsked,
    ),
    Operation(GET, "/search", "search", "Full text of stories or developments", a.Results, _search, a.SearchAsked),
    Operation(GET, "/feeds", "feeds", "How each feed does, those in trouble before", a.Feeds, _feeds),
    Operation(
        GET, "/deliveries", "deliveries", "The outbox, newest first", a.Deliveries, _deliveries, a.DeliveriesAsked
    ),
    Operation(
        POST, "/deliveries/{delivery}/retry", "retry", "Try a delivery again now", a.Changed, _retry, body=a.Why
    ),
    Operation(POST, "/deliveries/{delivery}/drop", "drop", "Do not send a delivery", a.Changed, _drop, body=a.Why),
    Operation(GET, "/alerts", "alerts", "Alerts and digests, newest first", a.Alerts, _alerts, a.AlertsAsked),
    Operation(GET, "/alerts/{alert}", "alert", "An alert as it was told", a.Alert, _alert),
    Operation(
        POST, "/alerts/{alert}/acknowledge", "acknowledge", "Say that an alert was seen", a.Acknowledged, _acknowledge,
        body=a.Acknowledge,
    ),
    Operation(GET, "/mutes", "mutes", "What is muted now", a.Mutes, _mutes),
    Operation(POST, "/mutes", "mute", "Tell something in digests only, for a while", a.Mute, _mute, body=a.MuteAsked),
)  # fmt: skip
