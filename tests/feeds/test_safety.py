"""What a fetch does not do, whatever a server says: real servers on loopback that mean no good."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from loopback.feed_server import FeedServer, Route
from newswatch.config.access import Access
from newswatch.config.settings import Polling, Timeouts
from newswatch.errors import FetchError
from newswatch.feeds.fetch import Fetcher
from newswatch.model import Fetched
from newswatch.network import PrivateAddress, Reach, cause, private_literal, sessions

QUICK = Polling(
    allow_private=True,
    host_delay=timedelta(0),
    robots="ignore",
    timeout=Timeouts(connect=timedelta(seconds=1), read=timedelta(seconds=0.3), total=timedelta(seconds=0.6)),
    max_bytes=100_000,
)
SHUT = QUICK.model_copy(update={"allow_private": False})
SECRET = Access({"Authorization": "Basic x", "X-Token": "t"})


class Names(AbstractResolver):
    """Leads every name to what is written for it, one answer after the other; the last one stays."""

    def __init__(self, **names: list[str]) -> None:
        self.names = names
        self.asked: list[str] = []

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self.names[host.partition(".")[0]]
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


async def get(url: str, polling: Polling = QUICK, resolver: AbstractResolver | None = None, **more: Any) -> Fetched:
    async with Fetcher(polling, resolver=resolver) as fetcher:
        return await fetcher.fetch(feed_id="f", url=url, **more)


def named(server: FeedServer, host: str, path: str = "/f") -> str:
    return server.url(path).replace("127.0.0.1", host)


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0",  # noqa: S104
         "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.88.99.1", "168.63.129.16", "198.18.0.1", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1",
        "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1", "2001:0:1::",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert private_literal(address)
    assert not Reach().allows("x.example", address)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f::1", "64:ff9b::808:808", "2002:808:808::1"])
def test_addresses_that_are_public(address: str) -> None:
    assert not private_literal(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1", "0", "0.0.0.0", "localhost",  # noqa: S104
        "LOCALHOST", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①", "127。0。0。1",
        "１２７.0.0.1", "user@127.0.0.1", "[0:0:0:0:0:0:0:1]",
    ],
)  # fmt: skip
async def test_however_loopback_is_written_nothing_is_asked(host: str) -> None:
    with FeedServer({"/f": Route(b"secret")}) as server, pytest.raises(FetchError) as refused:
        await get(named(server, host), SHUT)
    assert server.requests == []
    assert any(words in str(refused.value) for words in ("private address", "is not an address", "cannot be reached"))


async def test_the_last_look_is_at_the_address_that_is_connected_to() -> None:
    """An address in digits is never looked up: were it not looked at before, the connection itself would refuse."""
    with FeedServer({"/f": Route(b"secret")}) as server:
        async with sessions(ssl.create_default_context(), allow_private=False)() as session:
            with pytest.raises(aiohttp.ClientError) as refused:
                await session.get(server.url("/f"))
    assert cause(refused.value, PrivateAddress)
    assert server.requests == []


async def test_a_name_that_leads_to_a_private_address_is_refused_where_it_is_looked_up() -> None:
    with FeedServer({"/f": Route(b"secret")}) as server:
        for address in ("127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
            with pytest.raises(FetchError, match="is at a private address"):
                await get(named(server, "evil.example"), SHUT, Names(evil=[address]))
    assert server.requests == []


async def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing() -> None:
    """DNS rebinding: the address that was looked at is the one that is connected to."""
    names = Names(evil=["93.184.215.14", "127.0.0.1"])
    with FeedServer({"/f": Route(b"secret")}) as server:
        async with Fetcher(SHUT, resolver=names) as fetcher:
            for _ in range(3):
                with pytest.raises(FetchError):
                    await fetcher.fetch(feed_id="f", url=named(server, "evil.example"))
    assert server.requests == []


@pytest.mark.parametrize("target", ["127.0.0.1", "localhost", "2130706433", "[::1]", "evil.example", "169.254.169.254"])
async def test_every_hop_is_looked_at(target: str) -> None:
    """A server that may be reached redirects to one that may not."""
    names = Names(good=["127.0.0.1"], evil=["127.0.0.2"], localhost=["127.0.0.1"])
    names.names["2130706433"] = ["127.0.0.1"]
    only = QUICK.model_copy(update={"allow_private": ("good.example",)})
    with FeedServer({"/f": Route(b"secret")}) as inner, FeedServer() as outer:
        outer.routes["/f"] = Route(status=302, headers={"location": named(inner, target)})
        with pytest.raises(FetchError, match=r"is at a private address|cannot be reached"):
            await get(named(outer, "good.example"), only, names)
    assert len(outer.requests) == 1
    assert inner.requests == []


async def test_what_is_allowed_by_name_or_network_is_reached() -> None:
    names = Names(good=["127.0.0.1"], other=["127.0.0.1"])
    with FeedServer({"/f": Route(b"ours")}) as server:
        for allowed, host in (
            (("good.example",), "GOOD.example"),
            (("127.0.0.0/8",), "127.0.0.1"),
            (("127.0.0.1",), "other.example"),
            (("127.0.0.0/8",), "[::ffff:127.0.0.1]"),
        ):
            polling = QUICK.model_copy(update={"allow_private": allowed})
            assert (await get(named(server, host), polling, names)).body == b"ours"
        for allowed, host in ((("good.example",), "127.0.0.1"), (("10.0.0.0/8",), "other.example")):
            with pytest.raises(FetchError, match="is at a private address"):
                await get(named(server, host), QUICK.model_copy(update={"allow_private": allowed}), names)


# ---------------------------------------------------------------- what is kept to oneself


async def test_cookies_are_not_kept() -> None:
    with FeedServer({"/new": Route(b"x")}) as server:
        cookie = {"set-cookie": "id=1; Path=/", "location": "/new"}
        server.routes["/f"] = Route(status=302, headers=cookie)
        async with Fetcher(QUICK) as fetcher:
            for _ in range(2):
                await fetcher.fetch(feed_id="f", url=server.url("/f"))
    assert len(server.requests) == 4
    assert all("cookie" not in request.headers for request in server.requests)


async def test_secrets_go_to_the_feeds_own_origin_only() -> None:
    names = Names(one=["127.0.0.1"], two=["127.0.0.1"])
    with FeedServer({"/new": Route(b"x")}) as same, FeedServer({"/new": Route(b"x")}) as port:
        for target in (named(same, "two.example", "/new"), named(port, "one.example", "/new")):
            same.routes["/f"] = Route(status=301, headers={"location": target})
            await get(named(same, "one.example"), QUICK, names, access=SECRET)
        same.routes["/f"] = Route(status=302, headers={"location": "/new"})
        await get(named(same, "one.example"), QUICK, names, access=SECRET)
    found = [(r.path, "authorization" in r.headers, r.headers.get("x-token")) for r in same.requests + port.requests]
    assert found == [
        ("/f", True, "t"), ("/new", False, None),  # another host
        ("/f", True, "t"),  # another port, below
        ("/f", True, "t"), ("/new", True, "t"),
        ("/new", False, None),
    ]  # fmt: skip


async def test_secrets_do_not_follow_a_move_that_is_remembered() -> None:
    with FeedServer({"/f": Route(b"x")}) as old, FeedServer({"/f": Route(b"x")}) as new:
        await get(new.url("/f"), access=SECRET, home=old.url("/f"))
    assert "authorization" not in new.requests[0].headers


def test_another_scheme_is_another_origin() -> None:
    from newswatch.feeds.fetch import _origin

    assert _origin("https://x.example/a") == _origin("https://X.example:443/b")
    assert _origin("https://x.example/a") != _origin("http://x.example/a")
    assert _origin("https://x.example:8443/a") != _origin("http://x.example:8443/a")
    assert _origin("https://bücher.example/") == _origin("https://xn--bcher-kva.example/")


async def test_a_feed_has_a_name_of_its_own() -> None:
    with FeedServer({"/f": Route(b"x")}) as server:
        await get(server.url("/f"), access=Access(user_agent="Reader/1"))
    assert server.requests[0].headers["user-agent"] == "Reader/1"


# ---------------------------------------------------------------- servers that never end


@asynccontextmanager
async def hostile(talk: Callable[[asyncio.StreamWriter], AsyncIterator[None]]) -> AsyncIterator[str]:
    """A server that says to everybody what it likes."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            async for _ in talk(writer):
                await writer.drain()
        except (OSError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/f"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def headers_without_end(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200_000):
        writer.write(b"X-%d: %s\r\n" % (number, b"a" * 1000))
        yield


async def one_header_without_end(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _ in range(200_000):
        writer.write(b"a" * 1000)
        yield


async def headers_drop_by_drop(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(1000):
        writer.write(b"a")
        yield
        await asyncio.sleep(0.02)


async def a_body_drop_by_drop(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        writer.write(b"a")
        yield
        await asyncio.sleep(0.02)


async def chunks_without_end(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(200_000):
        writer.write(b"400\r\n" + b"a" * 0x400 + b"\r\n")
        yield


async def redirects_to_itself_slowly(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    await asyncio.sleep(0.2)
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % time.monotonic_ns())
    yield


async def no_http_at_all(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n" * 100)
    yield


@pytest.mark.parametrize(
    ("talk", "sentence"),
    [
        (headers_without_end, "cannot be reached|is not an address|broke off"),
        (one_header_without_end, "cannot be reached|is not an address|broke off"),
        (headers_drop_by_drop, "did not answer completely within 0.6 s"),
        (a_body_drop_by_drop, "did not answer completely within 0.6 s"),
        (chunks_without_end, "sent more than 0.1 MB"),
        (redirects_to_itself_slowly, "did not answer completely within 0.6 s"),
        (no_http_at_all, "cannot be reached|broke off"),
    ],
)
async def test_a_server_that_never_ends_is_left_soon(
    talk: Callable[[asyncio.StreamWriter], AsyncIterator[None]], sentence: str
) -> None:
    started = time.monotonic()
    async with hostile(talk) as url:
        with pytest.raises(FetchError, match=sentence):
            await get(url)
    assert time.monotonic() - started < 2


# ---------------------------------------------------------------- proxies


@asynccontextmanager
async def forward_proxy(seen: list[tuple[str, dict[str, str]]]) -> AsyncIterator[str]:
    """An HTTP proxy that forwards what is asked in absolute form, and notes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        url = first.split()[1]
        seen.append((url, headers))
        async with aiohttp.ClientSession() as session, session.get(url.replace("feeds.example", "127.0.0.1")) as got:
            body = await got.read()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://me:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


async def test_a_feed_is_fetched_through_its_proxy() -> None:
    seen: list[tuple[str, dict[str, str]]] = []
    with FeedServer({"/f": Route(b"through")}) as server:
        async with forward_proxy(seen) as proxy:
            url = named(server, "feeds.example")
            found = await get(url, SHUT, access=Access({"X-Token": "t"}, proxy=proxy))
    assert found.body == b"through"
    [(asked, headers)] = seen
    assert asked == url
    assert headers["x-token"] == "t"
    assert headers["proxy-authorization"].startswith("Basic ")


async def test_a_private_address_is_refused_through_a_proxy_too() -> None:
    seen: list[tuple[str, dict[str, str]]] = []
    async with forward_proxy(seen) as proxy:
        with pytest.raises(FetchError, match="is at a private address"):
            await get("http://10.0.0.1/f", SHUT, access=Access(proxy=proxy))
    assert seen == []


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_not_there_is_said_without_its_password(scheme: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        proxy = f"{scheme}://me:secret@127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(FetchError, match="cannot be reached through the proxy") as refused:
            await get("http://feeds.example/f", SHUT, access=replace(SECRET, proxy=proxy))
    assert "secret" not in str(refused.value)


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with FeedServer({"/f": Route(b"direct")}) as server:
        assert (await get(server.url("/f"))).body == b"direct"
