"""The application: what every request goes through before a page answers it.

errors in words | our own name | who asks | a session | the token | a form of our own | the page
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from newswatch.console.guard import HEADERS, Caller
from newswatch.console.session import LASTS, Session
from newswatch.console.site import Desk, Served, Site
from newswatch.errors import NewswatchError, StoreError
from newswatch.store import Pages

log = logging.getLogger(__name__)


def _without_trace(record: logging.LogRecord) -> bool:
    """What is no HTTP is said in a line; whoever scans ports would fill the log with traces otherwise."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.exc_info = None
    return True


wire = logging.getLogger(f"{__name__}.wire")
wire.addFilter(_without_trace)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MOST_BODY = 16 * 1024
FOR_ALL = frozenset({"/healthz", "/readyz"})
"""Whoever asks whether the service lives needs no token: the answer names nothing that is watched."""
BODY_WITHIN, QUIET = 10.0, 60.0
"""Seconds in which a form has to arrive, and after which a connection without a whole request is closed."""

_WORDS = {
    400: ("That cannot be asked", "Something in the address or the form is not as this console writes it."),
    401: ("Log in first", "This console needs its token."),
    403: ("That is not allowed", "The form was not this console's own, or is too old. Load the page again; repeat."),
    409: ("It has changed meanwhile", "Look at it again."),
    404: ("There is nothing here", "The page does not exist, or what it showed is past the retention."),
    405: ("That cannot be done here", "This address does not take that kind of request."),
    408: ("That took too long", "What was sent did not arrive in time. Load the page again; repeat."),
    413: ("That is too long", "Write less."),
    415: ("That is not understood", "Send JSON, and say so: Content-Type: application/json."),
    421: ("This is not a name of this console", "Ask for it by an address of this machine, or set public_url."),
    429: ("Too many wrong tokens", "Wait a minute, then try again."),
    500: ("Something broke here", "The log of the service says what. Everything else goes on."),
    503: ("The store does not answer", "The service goes on trying. Load the page again in a moment."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request before a page answers it.

    Attributes:
        site: the configuration it is answered by.
        caller: who asks.
        session: of a browser; None for a program with a token.
        fresh: the cookie has to be set.
        let_in: may see what is watched; until then no page names it.
    """

    site: Site
    caller: Caller
    session: Session | None
    fresh: bool = False
    let_in: bool = False

    @property
    def form_token(self) -> str:
        """For the forms of a page."""
        return "" if self.session is None else self.site.keys.form_token(self.session)


SERVED = web.AppKey("served", Served)
DESK = web.AppKey("desk", Desk)
ASKED = web.RequestKey("asked", Asked)


def asked(request: web.Request) -> Asked:
    """What the guards found out."""
    return request[ASKED]


def is_for_programs(request: web.Request) -> bool:
    """Whether a program asks, to which a page says nothing."""
    return request.path.startswith("/api/") or request.path.endswith("/live") or request.path in {*FOR_ALL, "/metrics"}


async def page(request: web.Request, name: str, values: dict[str, object], *, status: int = 200) -> web.Response:
    """A page that needs nothing from the store."""
    found = asked(request)
    now = request.app[DESK].clock()
    html = found.site.renderer.page(name, {**base(request), **values}, now=now)
    return web.Response(text=html, content_type="text/html", status=status)


async def read_page(
    request: web.Request, name: str, work: Callable[[Pages, datetime], Mapping[str, object]]
) -> web.Response:
    """Read and render a page in one thread, from one moment of the store."""
    desk, found, shared = request.app[DESK], asked(request), base(request)
    now = desk.clock()

    def whole(pages: Pages) -> str:
        return found.site.renderer.page(name, {**shared, **work(pages, now)}, now=now)

    return web.Response(text=await desk.read(whole), content_type="text/html")


def base(request: web.Request) -> dict[str, object]:
    """What every page shows beside its own."""
    found = asked(request)
    return {
        "csrf": found.form_token,
        "signed_in": found.session is not None and found.session.signed_in,
        "may_write": found.site.app is not None,
        "let_in": found.let_in,
        "events": found.site.loaded.events if found.let_in else (),
        "path": request.path,
    }


def application(served: Served, desk: Desk) -> web.Application:
    """An application without pages, with everything that guards them."""
    app = web.Application(
        middlewares=[_errors, _names, _sessions, _tokens, _forms],
        client_max_size=MOST_BODY,
        handler_args={
            "max_line_size": 8190,
            "max_field_size": 8190,
            "keepalive_timeout": QUIET,
            # No form of ours comes packed; what unpacks to something else than a form is not for us.
            "auto_decompress": False,
            "logger": wire,
        },
    )
    app[SERVED] = served
    app[DESK] = desk
    app.on_response_prepare.append(_headers)
    return app


async def _headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")


# ---------------------------------------------------------------- in this order


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is said as a page in words, or as RFC 9457 has it to a program; never a traceback."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        own = (error.text or "").startswith(f"{error.status}: ")
        return await _said(request, error.status, "" if own else error.text or "", dict(error.headers))
    except StoreError as error:
        log.warning("the console: %s", error)
        return await _said(request, 503, "", {})
    except NewswatchError as error:
        return await _said(request, 404, str(error), {})
    except (ConnectionError, TimeoutError):
        raise
    except Exception:
        log.exception("the console: %s %s", request.method, request.path)
        return await _said(request, 500, "", {})


async def _said(request: web.Request, status: int, why: str, headers: dict[str, str]) -> web.Response:
    title, words = _WORDS.get(status, _WORDS[400 if status < 500 else 500])
    kept = {name: value for name, value in headers.items() if name in {"Allow", "Retry-After", "WWW-Authenticate"}}
    if status == 421:
        return web.Response(text=f"{title}. {words}\n", status=status)
    if is_for_programs(request) or ASKED not in request:
        said = {"type": "about:blank", "title": title, "status": status, "detail": why or words}
        text = json.dumps(said, ensure_ascii=False) + "\n"
        return web.Response(text=text, status=status, content_type="application/problem+json", headers=kept)
    response = await page(request, "error", {"heading": title, "why": why or words, "status": status}, status=status)
    response.headers.update(kept)
    return response


@web.middleware
async def _names(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only those who ask for us by a name of ours; then every error may be a page."""
    site = request.app[SERVED].site
    caller = site.doors.caller(request.remote or "", request.headers)
    request[ASKED] = Asked(site, caller, None)
    if not site.doors.lets(request.headers.get(hdrs.HOST, "")):
        raise web.HTTPMisdirectedRequest
    return await handler(request)


@web.middleware
async def _sessions(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The session of the cookie, or a new one; its cookie goes out with the answer."""
    before = asked(request)
    if request.path.startswith("/static/"):
        return await handler(request)
    keys, now = before.site.keys, time.time()
    session = keys.opened(request.cookies.get(before.site.cookie, ""), now=now)
    fresh = session is None
    request[ASKED] = replace(before, session=session or keys.fresh(signed_in=False, now=now), fresh=fresh)
    response = await handler(request)
    after = asked(request)
    if after.fresh and after.session is not None and not response.prepared and not is_for_programs(request):
        set_cookie(response, after)
    return response


def set_cookie(response: web.StreamResponse, found: Asked) -> None:
    """Give the browser its session: no script reads it, and no other site's page sends it."""
    if found.session is None:
        return
    response.set_cookie(
        found.site.cookie,
        found.site.keys.sealed(found.session),
        max_age=LASTS,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=found.caller.https,
    )


@web.middleware
async def _tokens(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The token, in a header or by a session; without it there are the login page and the style sheet."""
    found = asked(request)
    if request.path == "/login" or request.path.startswith("/static/") or request.path in FOR_ALL:
        return await handler(request)
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if found.site.keys.needed and scheme.lower() == "bearer":
        check(request, given.strip())
        request[ASKED] = replace(found, session=None, fresh=False, let_in=True)
        return await handler(request)
    if not found.site.keys.needed or (found.session is not None and found.session.signed_in):
        request[ASKED] = replace(found, let_in=True)
        return await handler(request)
    if is_for_programs(request) or request.method not in {"GET", "HEAD"}:
        raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="newswatch"'})
    if found.fresh and request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A link in a mail: the browser holds back a strict cookie on the way from another site, and sends it on ours.
        response = await page(request, "opening", {"to": request.path_qs})
        request[ASKED] = replace(found, fresh=False)
        return response
    raise web.HTTPSeeOther(f"/login?to={quote(request.path_qs, safe='')}")


def check(request: web.Request, given: str) -> None:
    """Compare a token, unless too many wrong ones came.

    Raises:
        HTTPTooManyRequests: wait.
        HTTPUnauthorized: it is wrong.
    """
    found, tries, now = asked(request), request.app[DESK].tries, time.monotonic()
    if wait := tries.wait(found.caller.address, now):
        raise web.HTTPTooManyRequests(headers={hdrs.RETRY_AFTER: str(wait)})
    if not found.site.keys.opens(given):
        tries.failed(found.caller.address, now)
        log.warning("the console: a wrong token from %s", found.caller.address)
        raise web.HTTPUnauthorized(headers={hdrs.WWW_AUTHENTICATE: 'Bearer realm="newswatch"'})


@web.middleware
async def _forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What changes something is a form of ours, with its session's token, sent from our own page."""
    if request.method in {"GET", "HEAD"}:
        return await handler(request)
    found = asked(request)
    try:
        async with asyncio.timeout(BODY_WITHIN):
            form = await request.post()
            await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ValueError, LookupError, web.RequestPayloadError):  # no such charset, coding or form
        raise web.HTTPBadRequest from None
    if found.session is None:  # a program with the token in a header, which no other site's page can send
        return await handler(request)
    if request.path.startswith("/api/"):
        # No form can send JSON, and no other site's script may without asking before, which is not answered.
        if not found.site.doors.same_site(request.headers):
            raise web.HTTPForbidden
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="Send JSON, and say so: Content-Type: application/json.")
        return await handler(request)
    given = form.get("csrf", "")
    if not found.site.doors.same_site(request.headers) or not isinstance(given, str):
        raise web.HTTPForbidden
    if found.fresh or not found.site.keys.is_form_token(found.session, given):
        raise web.HTTPForbidden
    return await handler(request)
