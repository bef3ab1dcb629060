"""Fetching one feed: conditional, bounded in time and size, redirects followed by hand.

httpx over aiohttp's transport: plain httpx burns 20 s of CPU for 1000 requests over 100 connections, 0.6 s this way.
"""

from __future__ import annotations

import asyncio
import math
import ssl
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport

from newswatch import __version__
from newswatch.config.access import Access
from newswatch.config.settings import Polling
from newswatch.errors import ConfigError, FetchError, Postponed, Problem, TooLarge
from newswatch.feeds import decode
from newswatch.feeds.hosts import ROBOTS_BYTES, Hosts
from newswatch.feeds.slots import Slots
from newswatch.model import Fetched
from newswatch.network import (
    PrivateAddress,
    Reach,
    ascii_host,
    cause,
    retry_after,
    sessions,
    system_words,
    trusting,
    untrusted,
)

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
)
PLAINLY = Access()
_BUSY = {429, 503}
_PERMANENT = {301, 308}
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True, slots=True)
class _Ask:
    """One feed's request."""

    feed_id: str
    url: str
    etag: str
    last_modified: str
    access: Access
    home: str
    now: datetime


class Fetcher:
    """Fetches feeds, many at once, each bounded on its own. Use as an async context manager."""

    def __init__(
        self,
        polling: Polling,
        *,
        room: Callable[[], Awaitable[None]] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Keep the settings.

        Args:
            polling: timeouts, caps, concurrency, who to say we are; a relative ``ca_file`` is one of the folder we
                work in (`Loaded.polling` resolves it).
            room: waited for before anything is asked, see `Slots`.
            clock: for a Retry-After that names a date.
            resolver: what looks names up; the system's when left out.
        """
        self._resolver = resolver
        self._reach = Reach.of(polling.allow_private)
        self._proxied: dict[str, httpx.AsyncClient] = {}
        self._polling = polling
        self._clock = clock
        self._agent = polling.user_agent or _user_agent(polling.contact)
        self._client: httpx.AsyncClient | None = None
        self._slots = Slots(polling.concurrency, room=room) if room else Slots(polling.concurrency)
        self._at_once: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(polling.per_host))
        self._looking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.hosts = Hosts(polling)
        """What servers asked of us; to be loaded before, and kept after."""

    async def __aenter__(self) -> Self:
        """Make ready to fetch.

        Raises:
            ConfigError: the file of the user's own authority cannot be used.
        """
        limits = self._polling.timeout
        context = self._trusting()
        reachable = sessions(context, allow_private=self._polling.allow_private, resolver=self._resolver)
        self._timeout = httpx.Timeout(None, connect=limits.connect.total_seconds(), read=limits.read.total_seconds())
        self._client = self._keeping_nothing(AiohttpTransport(verify=context, client=reachable))
        return self

    def _trusting(self) -> ssl.SSLContext:
        try:
            return trusting(self._polling.ca_file)
        except OSError as error:
            why = error.strerror or type(error).__name__
            what = f"{self._polling.ca_file} cannot be used as a certificate authority ({why})."
            raise ConfigError((Problem("polling.ca_file", what, "Give a PEM file."),)) from error

    def _keeping_nothing(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        """A client that takes no cookies, and nothing from the environment."""
        refusing = CookieJar(policy=DefaultCookiePolicy(allowed_domains=()))
        return httpx.AsyncClient(transport=transport, timeout=self._timeout, cookies=refusing, trust_env=False)

    def _client_for(self, proxy: str) -> httpx.AsyncClient:
        """The client for a proxy, made on first use; the proxy looks names up, so only what is written is checked."""
        if self._client is None:
            raise RuntimeError("Fetcher is used outside of its `async with`")
        if not proxy:
            return self._client
        if proxy not in self._proxied:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
            transport = httpx.AsyncHTTPTransport(proxy=proxy, limits=limits, trust_env=False, verify=self._trusting())
            self._proxied[proxy] = self._keeping_nothing(transport)
        return self._proxied[proxy]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        proxied, self._proxied = self._proxied, {}
        for one in (client, *proxied.values()):
            if one is not None:
                await one.aclose()

    async def fetch(
        self,
        *,
        feed_id: str,
        url: str,
        etag: str = "",
        last_modified: str = "",
        access: Access = PLAINLY,
        home: str = "",
        now: datetime | None = None,
        patience: float = math.inf,
    ) -> Fetched:
        """Fetch a feed, or learn that it has not changed.

        Args:
            feed_id: for messages.
            url: where it is.
            etag: validator of the last 200, or empty.
            last_modified: the other validator of the last 200, or empty.
            access: the headers, login, proxy and name to ask with. What is secret in it goes to `home` only.
            home: the address that the user gave, where it is another by now (a remembered redirect); the headers go to
                its scheme, host and port, and nowhere else.
            now: the time it is; the clock's when left out.
            patience: the longest to wait until it is this feed's turn at its server, in seconds.

        Raises:
            Postponed: the server is not to be asked yet.
            TooLarge: the answer is over a cap, raw or decoded.
            FetchError: no answer, not in time, or not a good one; the text says what, where and what follows.
        """
        ask = _Ask(feed_id, url, etag, last_modified, access, home or url, now or self._clock())
        total = self._polling.timeout.total.total_seconds()
        host = _host(url)
        await self._turn(ask, host, patience)
        # Waiting for a slot is not the server's fault, so the clock starts inside.
        async with self._at_once[host], self._slots.place():
            self._free(url, host, ask.now)
            started = time.monotonic()
            try:
                async with asyncio.timeout(total):
                    fetched = await self._follow(ask)
            except TimeoutError:
                raise FetchError(f"{url} did not answer completely within {total:g} s") from None
            except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
                raise self._failed(url, error, proxied=bool(access.proxy)) from error
        return replace(fetched, elapsed=time.monotonic() - started)

    async def post(self, url: str, fields: Mapping[str, str], *, proxy: str = "") -> tuple[int, str]:
        """Send a form, by the rules that feeds are fetched by; redirects are not followed.

        Returns:
            The status, and the beginning of what was said.

        Raises:
            FetchError: no answer, or not in time.
        """
        try:
            self._check(url)
            async with (
                self._slots.place(),
                asyncio.timeout(self._polling.timeout.total.total_seconds()),
                self._client_for(proxy).stream(
                    "POST", url, data=dict(fields), headers={"user-agent": self._agent, "accept-encoding": "identity"}
                ) as response,
            ):
                said = b""
                async for chunk in response.aiter_raw():
                    said += chunk
                    if len(said) > 1000:
                        break
                return response.status_code, " ".join(said[:1000].decode("utf-8", "replace").split())[:200]
        except TimeoutError:
            raise FetchError(f"{url} did not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
            raise self._failed(url, error, proxied=bool(proxy)) from error

    async def _turn(self, ask: _Ask, host: str, patience: float) -> None:
        """Wait until it is this feed's turn at its server.

        Raises:
            Postponed: that is too long, or the server does not want to be asked.
        """
        self._free(ask.url, host, ask.now)
        if self.hosts.wants_robots(host, ask.now):
            async with self._looking[host]:
                if self.hosts.wants_robots(host, ask.now):
                    await self._look_at_robots(ask, host)
        turn = self.hosts.turn(host, ask.feed_id, time.monotonic(), patience=patience)
        if turn.later:
            until = ask.now + timedelta(seconds=turn.wait)
            what = f"{ask.url} waits for its turn: {host} is asked every {self.hosts.delay(host):g} s"
            raise Postponed(what, until=until, asked_for=False)
        if turn.wait:
            await asyncio.sleep(turn.wait)

    def _free(self, url: str, host: str, now: datetime) -> None:
        until = self.hosts.held(host, now)
        if until is not None:
            what = f"{url} was not asked: {host} wants no requests before {until:%Y-%m-%d %H:%M:%S} UTC"
            raise Postponed(what, until=until, asked_for=True)

    async def _look_at_robots(self, ask: _Ask, host: str) -> None:
        """Read what a robots.txt says to us, by the same rules as a feed; one that cannot be had says nothing."""
        url = urljoin(ask.url, "/robots.txt")
        agent = ask.access.user_agent or self._agent
        plain = replace(ask, url=url, etag="", last_modified="", access=replace(ask.access, headers={}))
        text = ""
        with suppress(
            FetchError, TimeoutError, httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError
        ):
            async with self._slots.place(), asyncio.timeout(self._polling.timeout.total.total_seconds()):
                found = await self._follow(plain)
            text = (found.body or b"")[:ROBOTS_BYTES].decode("utf-8", "replace")
        self.hosts.asked(host, time.monotonic())
        self.hosts.saw_robots(host, text, agent, ask.now)

    async def _follow(self, ask: _Ask) -> Fetched:
        """The redirects, by hand: each hop is checked, and a purely permanent chain is told."""
        url, moved, permanent = ask.url, "", True
        seen = {url}
        for _ in range(self._polling.max_redirects + 1):
            self._check(url)
            found = await self._get(ask, url)
            if isinstance(found, Fetched):
                return replace(found, url=url, moved_to=moved)
            status, target = found
            url = urljoin(url, target)
            permanent = permanent and status in _PERMANENT
            moved = url if permanent else ""
            if url in seen:
                raise FetchError(f"{ask.url} redirects in a circle (back to {url}); look for the feed's new address")
            seen.add(url)
            host = _host(url)
            self._free(url, host, ask.now)
            self.hosts.asked(host, time.monotonic())
        raise FetchError(f"{ask.url} redirects more than {self._polling.max_redirects} times; look for its new address")

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise FetchError(f"{url} is not an http or https address", permanent=True)
        # As it is asked for: circled digits and ideographic dots are an address like any other.
        if self._reach.refuses(httpx.URL(url).host) or self._reach.refuses(ascii_host(parts.hostname)):
            raise _private(url)

    async def _get(self, ask: _Ask, url: str) -> Fetched | tuple[int, str]:
        """One request: a good answer, or the status and target of a redirect."""
        async with self._client_for(ask.access.proxy).stream("GET", url, headers=self._headers(ask, url)) as response:
            status = response.status_code
            if status in _REDIRECTS and response.headers.get("location"):
                return status, response.headers["location"]
            if status == 304:
                return _fetched(response, None, ask)
            if status != 200:
                refused = self._refused(url, response, ask.now)
                if status in _BUSY and refused.retry_after:
                    self.hosts.hold(_host(url), refused.retry_after, ask.now)
                raise refused
            return _fetched(response, await self._body(url, response), ask)

    def _headers(self, ask: _Ask, url: str) -> dict[str, str]:
        headers = {
            "accept": ACCEPT,
            "accept-encoding": "gzip, deflate, br",
            "user-agent": ask.access.user_agent or self._agent,
        }
        if ask.etag:
            headers["if-none-match"] = ask.etag
        if ask.last_modified:
            headers["if-modified-since"] = ask.last_modified
        if _origin(url) == _origin(ask.home):
            headers |= {name.lower(): value for name, value in ask.access.headers.items()}
        return headers

    async def _body(self, url: str, response: httpx.Response) -> bytes:
        """The decoded body, while both caps hold."""
        coding = response.headers.get("content-encoding", "")
        decoder = decode.decoder_for(coding)
        if decoder is None:
            raise FetchError(f"{url} answered in the coding {coding!r}, which nobody asked for")
        length = response.headers.get("content-length", "")
        if length.isdigit() and int(length) > self._polling.max_bytes:
            raise self._too_large(url, self._polling.max_bytes, "polling.max_bytes")
        raw = decoded = 0
        pieces: list[bytes] = []
        async for chunk in response.aiter_raw():
            raw += len(chunk)
            if raw > self._polling.max_bytes:
                raise self._too_large(url, self._polling.max_bytes, "polling.max_bytes")
            # A chunk is at most 16 kB, of which gzip makes 16 MB and brotli far more: looked at piece by piece.
            for piece in _decoded(decoder, chunk, url, coding):
                decoded += len(piece)
                if decoded > self._polling.max_decoded_bytes:
                    raise self._too_large(url, self._polling.max_decoded_bytes, "polling.max_decoded_bytes")
                pieces.append(piece)
        if (length.isdigit() and raw < int(length)) or (raw and not decoder.finished):
            raise FetchError(f"{url} broke off after {raw} bytes; it is tried again later")
        return b"".join(pieces)

    def _too_large(self, url: str, cap: int, key: str) -> TooLarge:
        return TooLarge(f"{url} sent more than {cap / 1e6:g} MB; raise {key} if that is right for this feed")

    def _refused(self, url: str, response: httpx.Response, now: datetime) -> FetchError:
        status = response.status_code
        wait = retry_after(response.headers.get("retry-after", ""), now=now)
        meaning = {
            401: "it wants a login; give one under `headers`",
            403: "it does not want us; ask its owner, or name yourself in polling.contact",
            404: "there is no such feed; look for its new address",
            410: "the feed is gone for good; take it out of the configuration",
            429: "it wants us to come less often",
        }.get(status, "it is tried again later")
        return FetchError(
            f"{url} answered {status}: {meaning}", status=status, permanent=status == 410, retry_after=wait
        )

    def _failed(self, url: str, error: Exception, *, proxied: bool) -> FetchError:
        limits = self._polling.timeout
        if proxied and isinstance(error, httpx.ProxyError | httpx.ConnectError):
            # What the library says may hold the proxy's password.
            return FetchError(f"{url} cannot be reached through the proxy; look at `proxy`, and whether it runs")
        if cause(error, PrivateAddress):
            return _private(url)
        if cause(error, ssl.SSLCertVerificationError):
            why = untrusted(error, remedy="name that authority's PEM file with polling.ca_file")
            return FetchError(f"{url}: {why}, so nothing was asked")
        if cause(error, aiohttp.ConnectionTimeoutError):
            return FetchError(f"{url} could not be reached within {limits.connect.total_seconds():g} s")
        if cause(error, aiohttp.SocketTimeoutError) or isinstance(error, httpx.ReadTimeout):
            return FetchError(f"{url} said nothing for {limits.read.total_seconds():g} s")
        if cause(error, aiohttp.ClientPayloadError):
            return FetchError(f"{url} broke off in the middle; it is tried again later")
        if isinstance(error, httpx.InvalidURL | ValueError):
            return FetchError(f"{url} is not an address that can be asked ({system_words(error)})", permanent=True)
        return FetchError(f"{url} cannot be reached ({system_words(error)})")


def _decoded(decoder: decode.Decoder, chunk: bytes, url: str, coding: str) -> Iterator[bytes]:
    try:
        yield from decoder.feed(chunk)
    except decode.ERRORS as error:
        raise FetchError(f"{url} says it is {coding} and is not") from error


def _private(url: str) -> FetchError:
    return FetchError(
        f"{url} is at a private address; set polling.allow_private: true if that is meant", permanent=True
    )


def _host(url: str) -> str:
    """Name and port of a server, as they stand in an address."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port (RFC 6454), which together are where secrets may go."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, ascii_host(parts.hostname or ""), parts.port or {"http": 80, "https": 443}.get(scheme)


def _fetched(response: httpx.Response, body: bytes | None, ask: _Ask) -> Fetched:
    headers = response.headers
    kept = ask if body is None else replace(ask, etag="", last_modified="")
    return Fetched(
        body=body,
        status=response.status_code,
        url=str(response.url),
        content_type=headers.get("content-type", ""),
        etag=headers.get("etag", kept.etag),
        last_modified=headers.get("last-modified", kept.last_modified),
        links=tuple(headers.get_list("link")),
        max_age=_max_age(headers.get("cache-control", "")),
    )


def _max_age(cache_control: str) -> float | None:
    """Seconds of max-age (RFC 9111, 5.2.2.1), or None."""
    for directive in cache_control.lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name == "max-age" and value.strip('"').isdigit():
            return float(value.strip('"'))
    return None


def _user_agent(contact: str) -> str:
    return f"newswatch/{__version__} (+{contact})" if contact else f"newswatch/{__version__} (news feed reader)"
