"""Fetching over a real server: what is sent, what is kept, and every way it can go wrong."""

import asyncio
import gzip
import re
import ssl
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import trustme

from loopback.feed_server import FeedServer, Route
from newswatch.config.access import Access
from newswatch.config.settings import Polling, Timeouts
from newswatch.errors import ConfigError, FetchError, TooLarge
from newswatch.feeds.fetch import Fetcher
from newswatch.model import Fetched

BODY = b"<rss version='2.0'><channel><title>x</title></channel></rss>" * 20
QUICK = Polling(
    allow_private=True,
    timeout=Timeouts(connect=timedelta(seconds=1), read=timedelta(seconds=0.3), total=timedelta(seconds=0.6)),
    max_bytes=100_000,
    max_decoded_bytes=1_000_000,
)


async def get(server: FeedServer, path: str = "/f", polling: Polling = QUICK, **kept: str) -> Fetched:
    async with Fetcher(polling) as fetcher:
        return await fetcher.fetch(feed_id="f", url=server.url(path), **kept)  # type: ignore[arg-type]


async def test_a_feed_comes_with_its_validators_and_is_asked_for_conditionally() -> None:
    with FeedServer({"/f": Route(BODY, etag=True, modified="Thu, 08 Aug 2019 10:00:00 GMT")}) as server:
        first = await get(server)
        assert first.body == BODY
        second = await get(server, etag=first.etag, last_modified=first.last_modified)
        assert (second.body, second.status) == (None, 304)
        assert (second.etag, second.last_modified) == (first.etag, first.last_modified)
        sent = server.requests[0].headers
    assert sent["user-agent"].startswith("newswatch/")
    assert sent["accept-encoding"] == "gzip, deflate, br"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:50]) + gzip.compress(BODY[50:])),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("br", brotli.compress(BODY)),
    ],
    ids=["gzip", "gzip in two members", "deflate", "deflate without its wrapping", "br"],
)
async def test_codings_are_undone(coding: str, body: bytes) -> None:
    with FeedServer({"/f": Route(body, headers={"content-encoding": coding})}) as server:
        assert (await get(server)).body == BODY


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", lambda b: brotli.compress(b, quality=1))],
)
async def test_a_bomb_is_refused(coding: str, pack: Callable[[bytes], bytes]) -> None:
    body = pack(bytes(50_000_000))
    server = FeedServer({"/f": Route(body, headers={"content-encoding": coding})})
    with server, pytest.raises(TooLarge, match=r"sent more than 1 MB; raise polling\.max_decoded_bytes"):
        await get(server)


@pytest.mark.parametrize(
    ("route", "sentence"),
    [
        (Route(status=500), "answered 500: it is tried again later"),
        (Route(status=404), "answered 404: there is no such feed; look for its new address"),
        (Route(hang="headers"), "said nothing for 0.3 s"),
        (Route(BODY, hang="body"), "said nothing for 0.3 s"),
        (Route(b"x" * 1000, endless=True), "sent more than 0.1 MB; raise polling.max_bytes"),
        (Route(b"x", headers={"content-length": "900000"}), "sent more than 0.1 MB; raise polling.max_bytes"),
        (Route(BODY, headers={"content-length": str(len(BODY) + 5)}), "broke off"),
        (Route(gzip.compress(BODY)[:-20], headers={"content-encoding": "gzip"}), "broke off after"),
        (Route(b"plain", headers={"content-encoding": "gzip"}), "says it is gzip and is not"),
        (Route(b"x", headers={"content-encoding": "zstd"}), "answered in the coding 'zstd', which nobody asked for"),
        (Route(BODY[:300], drip=0.02), "did not answer completely within 0.6 s"),
        (Route(status=302, headers={"location": "/f"}), "redirects in a circle"),
        (Route(status=302, headers={"location": "http://[bad/"}), "is not an address that can be asked"),
        (Route(status=302), "answered 302: it is tried again later"),
        (Route(status=302, headers={"location": "file:///etc/passwd"}), "is not an http or https address"),
    ],
)
async def test_what_goes_wrong_is_said(route: Route, sentence: str) -> None:
    with FeedServer({"/f": route}) as server, pytest.raises(FetchError) as caught:
        await get(server)
    assert sentence in str(caught.value)


async def test_retry_after_and_gone_carry_their_decision() -> None:
    routes = {"/f": Route(status=429, headers={"retry-after": "120"}), "/g": Route(status=410)}
    with FeedServer(routes) as server:
        with pytest.raises(FetchError) as late:
            await get(server)
        with pytest.raises(FetchError) as gone:
            await get(server, "/g")
    assert (late.value.status, late.value.retry_after, late.value.permanent) == (429, 120, False)
    assert gone.value.permanent


async def test_retry_after_as_a_date_is_counted_from_now() -> None:
    now = datetime(2031, 3, 2, 18, tzinfo=UTC)
    route = Route(status=503, headers={"retry-after": "Sun, 02 Mar 2031 18:07:00 GMT"})
    with FeedServer({"/f": route}) as server:
        async with Fetcher(QUICK, clock=lambda: now) as fetcher:
            with pytest.raises(FetchError) as late:
                await fetcher.fetch(feed_id="f", url=server.url("/f"))
    assert (late.value.status, late.value.retry_after) == (503, 420)


async def test_redirects_without_end_are_given_up() -> None:
    routes = {f"/{n}": Route(status=302, headers={"location": f"/{n + 1}"}) for n in range(9)}
    with FeedServer(routes) as server, pytest.raises(FetchError, match="redirects more than 5 times; look for its new"):
        await get(server, "/0")
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    ("name", "until", "known", "sentence"),
    [
        ("127.0.0.1", None, False, "name that authority's PEM file with polling.ca_file), so nothing"),
        ("other.example", None, True, "IP address mismatch, certificate is not valid for '127.0.0.1'; tell its owner"),
        ("127.0.0.1", datetime(2020, 1, 1, tzinfo=UTC), True, "certificate has expired; tell its owner"),
    ],
)
@pytest.mark.parametrize("how", ["polling.ca_file", "SSL_CERT_FILE"])
async def test_a_certificate_that_is_not_trusted_is_said(
    how: str,
    name: str,
    until: datetime | None,
    known: bool,
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    if known:
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        if how == "SSL_CERT_FILE":
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    own = tmp_path / "ca.pem" if known and how == "polling.ca_file" else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=until).configure_cert(context)
    with FeedServer({"/f": Route(BODY)}, context=context) as server, pytest.raises(FetchError) as caught:
        await get(server, polling=QUICK.model_copy(update={"ca_file": own}))
    assert "its certificate is not trusted (" in str(caught.value)
    assert sentence in str(caught.value)
    assert server.requests == []


async def test_a_feed_behind_an_authority_of_ones_own_is_fetched(tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FeedServer({"/f": Route(BODY)}, context=context) as server:
        fetched = await get(server, polling=QUICK.model_copy(update={"ca_file": tmp_path / "ca.pem"}))
    assert fetched.body == BODY


async def test_a_file_that_holds_no_authority_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name, why in (("ca.pem", "cannot be used as a certificate authority ("), ("gone.pem", "(No such file or")):
        with pytest.raises(ConfigError, match=re.escape(why)) as caught:
            await Fetcher(QUICK.model_copy(update={"ca_file": tmp_path / name})).__aenter__()
        assert str(caught.value).startswith("polling.ca_file: ")


async def test_an_authority_of_ones_own_is_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FeedServer({"/f": Route(BODY)}, context=context) as server:
        assert (await get(server)).body == BODY


async def test_https_to_a_server_without_tls_is_said() -> None:
    with FeedServer({"/f": Route(BODY)}) as server:
        async with Fetcher(QUICK) as fetcher:
            with pytest.raises(FetchError, match=r"cannot be reached \(TLS failed: .*; does it speak https\?\)"):
                await fetcher.fetch(feed_id="f", url=server.url("/f").replace("http:", "https:"))


async def test_redirects_are_followed_and_a_permanent_chain_is_told() -> None:
    with FeedServer({"/new": Route(BODY)}) as server:
        server.routes["/f"] = Route(status=301, headers={"location": "/mid"})
        server.routes["/mid"] = Route(status=308, headers={"location": "/new"})
        server.routes["/t"] = Route(status=302, headers={"location": "/new"})
        assert (await get(server)).moved_to == server.url("/new")
        assert (await get(server, "/t")).moved_to == ""


async def test_headers_of_a_feed_stay_with_its_host() -> None:
    with FeedServer({"/new": Route(BODY)}) as other, FeedServer() as server:
        server.routes["/f"] = Route(status=302, headers={"location": other.url("/new")})
        async with Fetcher(QUICK) as fetcher:
            await fetcher.fetch(feed_id="f", url=server.url("/f"), access=Access({"Authorization": "Basic x"}))
        assert server.requests[0].headers["authorization"] == "Basic x"
        assert "authorization" not in other.requests[0].headers


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "192.168.1.1"])
async def test_private_addresses_are_refused(host: str) -> None:
    async with Fetcher(QUICK.model_copy(update={"allow_private": False})) as fetcher:
        with pytest.raises(FetchError, match="is at a private address"):
            await fetcher.fetch(feed_id="f", url=f"http://{host}:9/f")


async def test_a_hung_feed_delays_no_other() -> None:
    routes = {"/f": Route(BODY), "/hung": Route(hang="headers")}
    with FeedServer(routes) as server:
        async with Fetcher(QUICK) as fetcher:
            hung = asyncio.create_task(fetcher.fetch(feed_id="h", url=server.url("/hung")))
            await asyncio.sleep(0)
            started = time.monotonic()
            await fetcher.fetch(feed_id="f", url=server.url("/f"))
            assert not hung.done()
            assert time.monotonic() - started < 0.3
            with pytest.raises(FetchError):
                await hung
