"""What must hold of every route that the router knows, over real HTTP: a new one is held to it without being named.

Where a new page needs something that these tests cannot know, an address is named in `loopback.routes`.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree, html

from loopback import routes
from loopback.console import NASTY, TOKEN, Served, serving
from loopback.routes import Found
from loopback.world import MOMENTS
from newswatch.console import web
from newswatch.console.guard import HEADERS
from newswatch.console.site import Desk
from newswatch.model import Decision, Development, Entry, Evidence, Fact, FeedState, Figure, Outcome, Severity, Story

OPEN = {"/login", "/static/{name}", "/healthz", "/readyz"}
"""What may be asked without the token; it says nothing of what is watched."""
SECRET = re.compile("Velmora|Sandoval|casualties|Lake Arda", re.IGNORECASE)
INSIDE = re.compile(r"Traceback|RuntimeError|site-packages|\.py\b|sqlite|a secret thing", re.IGNORECASE)
NOW = MOMENTS[-1]
EVIL_IDS = ("..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fnewswatch.yaml", "..%5c..%5cnewswatch.yaml", "%00",
            "newswatch.db", "a%0d%0aSet-Cookie:%20x=y", "%F0%28%8C%28", "'%20OR%201=1--", "x" * 4000)  # fmt: skip


@asynccontextmanager
async def known(config: Path) -> AsyncIterator[tuple[Served, list[Found]]]:
    """A console, and all of its routes with their addresses."""
    async with serving(config) as served:
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=served.client.base_url, headers=bearer, timeout=20.0) as client:
            app = routes.of_application(served.server._runner.app)
            yield served, await asyncio.to_thread(routes.found, app, client)


async def logged_in(served: Served) -> str:
    """Log in; the token of this session's forms."""
    page = await served.client.get("/login")
    csrf = _csrf(page.text)
    answer = await served.client.post("/login", data={"csrf": csrf, "token": TOKEN, "to": "/"})
    assert answer.status_code == 303
    return _csrf((await served.client.get("/login")).text)


def _csrf(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


def addresses(found: list[Found], *methods: str) -> list[Found]:
    """Routes of these methods, each with something to ask for."""
    some = [one for one in found if one.method in methods]
    return [replace(one, address=one.address or re.sub(r"\{[^}]*\}", "x", one.pattern)) for one in some]


async def raw(served: Served, text: bytes) -> str:
    """The answer to bytes as they are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
    writer.write(text)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer.decode("utf-8", "replace")


# ---------------------------------------------------------------- who may ask


async def test_without_the_token_no_route_says_anything(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        assert {one.pattern for one in found} > OPEN - {"/healthz", "/readyz"}
        for one in addresses(found, "GET"):
            for method in ("GET", "HEAD", "OPTIONS", "PROPFIND"):
                answer = await served.client.request(method, one.address)
                where = (method, one.pattern, answer.status_code)
                assert not SECRET.search(answer.text), where
                if one.pattern not in OPEN:
                    assert answer.status_code in {303, 401, 405}, where
                    assert answer.headers.get("location", "/login").startswith("/login"), where
        for one in addresses(found, "POST", "PUT", "PATCH", "DELETE"):
            if one.pattern not in OPEN:
                answer = await served.client.request(one.method, one.address, data={"label": "wrong"})
                assert answer.status_code == 401, one
        for wrong in ("Bearer", "Bearer nope", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x"):
            answer = await served.client.get("/api/status", headers={"Authorization": wrong})
            assert answer.status_code in {401, 429}, wrong


async def test_what_changes_something_takes_no_form_of_others(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        csrf = await logged_in(served)
        async with httpx.AsyncClient(base_url=served.client.base_url) as other:
            foreign = _csrf((await other.get("/login")).text)
        for one in addresses(found, "POST", "PUT", "PATCH", "DELETE"):
            for given, headers in (
                ({}, {}), ({"csrf": foreign}, {}), ({"csrf": ""}, {}), ({"csrf": csrf[:-1]}, {}),
                ({"csrf": csrf}, {"Origin": "https://evil.example"}), ({"csrf": csrf}, {"Origin": "null"}),
                ({"csrf": csrf}, {"Sec-Fetch-Site": "cross-site"}), ({"csrf": csrf}, {"Sec-Fetch-Site": "same-site"}),
            ):  # fmt: skip
                form = {"label": "wrong", "token": TOKEN, **given}
                answer = await served.client.request(one.method, one.address, data=form, headers=headers)
                # A program's interface takes JSON alone, which no form of another site can be.
                refused = {403, 415} if one.pattern.startswith("/api/") else {403}
                assert answer.status_code in refused, (one, given, headers)
            program = {"Content-Type": "application/json", "Origin": "https://evil.example"}
            answer = await served.client.request(one.method, one.address, content=b"{}", headers=program)
            assert answer.status_code == 403, one
        assert served.store.feedback() == ()
        assert (await served.client.get("/")).status_code == 200, "nobody was logged out"


async def test_a_foreign_name_is_refused_everywhere(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for one in addresses(found, "GET", "POST"):
            for host in ("evil.example", "localhost.evil.example", "203.0.113.7"):
                answer = await served.client.request(one.method, one.address, headers={"Host": host, **bearer})
                assert answer.status_code == 421, (one, host)
                assert not SECRET.search(answer.text)


# ---------------------------------------------------------------- how it answers


async def test_every_answer_is_framed_by_nobody_and_kept_by_nobody(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        for one in addresses(found, "GET"):
            async with served.client.stream("GET", one.address, headers=bearer) as answer:
                for name, value in HEADERS.items():
                    assert answer.headers[name] == value, (one, name)
                if one.pattern != "/static/{name}":
                    assert answer.headers["cache-control"] == "no-store", one
                kind = answer.headers.get("content-type", "")
                assert "charset=utf-8" in kind or not kind.startswith("text/html"), one


def behind_proxy(config: Path) -> Path:
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("token_env: TOKEN", "token_env: TOKEN, trusted_proxies: [127.0.0.1]"))
    return config


async def test_a_cookie_is_no_scripts_no_other_sites_and_over_tls_where_there_is_tls(closed_config: Path) -> None:
    async with serving(behind_proxy(closed_config)) as served:
        for proto, secure in (("https", True), ("http", False)):
            answer = await served.client.get("/login", headers={"X-Forwarded-Proto": proto, "Cookie": ""})
            cookie = answer.headers["set-cookie"]
            assert ("HttpOnly" in cookie, "SameSite=Strict" in cookie, "Secure" in cookie) == (True, True, secure)
            assert "Domain" not in cookie
            assert TOKEN not in cookie


async def test_no_id_climbs_or_breaks_anything(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        for one in found:
            if "{" not in one.pattern:
                continue
            for evil in EVIL_IDS:
                path = evil.join(re.split(r"\{[^}]*\}", one.pattern))
                answer = await raw(
                    served,
                    f"{one.method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
                    "Content-Length: 0\r\nConnection: close\r\n\r\n".encode(),
                )
                head, _, body = answer.partition("\r\n\r\n")
                assert re.match(r"HTTP/1\.1 (40[0345]|415) ", head), (path[:80], head[:200])
                assert "root:" not in answer
                assert "x=y" not in head
                assert not INSIDE.search(body.replace("newswatch.yaml", "")), (path[:80], body)


async def test_what_breaks_says_nothing_of_the_inside(closed_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with known(closed_config) as (served, found):

        async def broken(_self: Desk, _work: object) -> object:
            raise RuntimeError("a secret thing at /srv/newswatch/store.py")

        monkeypatch.setattr(Desk, "read", broken)
        bearer, broke = {"Authorization": f"Bearer {TOKEN}"}, 0
        for one in addresses(found, "GET"):
            if one.pattern.endswith("/live"):  # has begun to answer by then; its end is the answer
                continue
            answer = await served.client.get(one.address, headers=bearer)
            broke += answer.status_code >= 500
            assert not INSIDE.search(answer.text), one
        assert broke > 3


# ---------------------------------------------------------------- what others wrote


def nasty(served: Served) -> None:
    """A story, a feed and a fact as somebody would write them who wants to be a part of the page."""
    link = "javascript:alert(4)"
    story = Story("sty_nasty", link, f"Velmora {NASTY}", f"Velmora {NASTY} killed.\n\n{NASTY}", NASTY, "en", NOW, NOW)
    figure = Figure(Evidence(f"{NASTY} killed", 0), "killed", 7)
    told = Development(
        "dev_nasty", "velmora", "sty_nasty", "figure", Outcome.NEW, f"Killed {NASTY}", "casualties", Severity.ALERT,
        (f"{NASTY} killed",), known_before=NASTY, reason=NASTY,
    )  # fmt: skip
    decision = Decision("velmora", "sty_nasty", 1, True, Severity.ALERT, ("casualties",), NASTY, (told,))
    with served.store.transaction() as tx:
        tx.save_feed(FeedState("nasty", link, failures=3, last_error=NASTY))
        tx.save_story(story, signature=b"", bands=())
        tx.save_entry(Entry("nasty", NASTY, link, NASTY, NASTY, NOW), "sty_nasty", NOW, source=NASTY)
        tx.save_decision(decision, NOW)
        tx.add_facts([Fact("fct_nasty", "velmora", figure, "sty_nasty", NASTY, NOW, told=True)])


def harm(text: str) -> list[str]:
    """What a browser would run, load or follow that is not the console's own."""
    wrong = []
    for element in html.document_fromstring(text).iter(etree.Element):
        for name, value in element.attrib.items():
            scheme = urlsplit(value).scheme if name in {"href", "src", "action", "formaction", "data-live"} else ""
            if name.startswith("on") or name in {"style", "srcdoc"} or scheme not in {"", "http", "https"}:
                wrong.append(f"{element.tag} {name}={value}")
        if element.tag in {"script", "img", "iframe", "object", "embed", "base", "style", "form"}:
            own = element.get("src") or element.get("action") or ""
            if (
                not own.startswith("/")
                or own.startswith("//")
                or (element.text_content().strip() and element.tag == "script")
            ):
                wrong.append(html.tostring(element).decode()[:200])
    return wrong + (["a template ran"] if "onerror=alert(2)&gt;49" in text else [])


async def test_nothing_that_others_wrote_is_part_of_a_page(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        nasty(served)
        words = ("q", "topic", "language", "done", "to", "feed", "channel", "recipient", "state", "event", "source")
        asked = dict.fromkeys(words, NASTY) | {"to": f"javascript:{NASTY}"}
        searched = {"q": "Velmora"}
        pages = [one.address for one in found if one.is_page or one.pattern == "/login"]
        seen = 0
        for path in [*pages, "/stories/sty_nasty", f"/{NASTY}"]:
            for query in ({}, asked, searched, {**asked, "severity": NASTY}, {**asked, "before": NASTY}):
                answer = await served.client.get(path, params=query, headers=bearer)
                assert answer.status_code in {200, 400, 404}, (path, query)
                assert harm(answer.text) == [], (path, query)
                seen += "&lt;script&gt;alert(1)" in answer.text
        assert seen > 5, "what is nasty stands on the pages, as text"


async def test_harm_is_seen() -> None:
    """The check above can fail."""
    for bad in (
        '<a href="javascript:alert(1)">x</a>', "<img src=x>", '<p onclick="x()">', "<script>alert(1)</script>",
        '<script src="//evil.example/x.js"></script>', '<form action="https://evil.example/">', '<p style="x">',
    ):  # fmt: skip
        assert harm(f"<html><body>{bad}</body></html>"), bad
    assert harm('<html><body><a href="https://x.example/">x</a><form action="/x"></form></body></html>') == []


# ---------------------------------------------------------------- too much, too slow, and no form at all

BROKEN = (
    ("application/x-www-form-urlencoded; charset=nope", "", b"csrf=1"),
    ("application/x-www-form-urlencoded", "", b"csrf=%ff%fe&\xff=\xfe"),
    ("application/x-www-form-urlencoded; charset=utf-16", "", b"c"),
    ("application/x-www-form-urlencoded", "gzip", b"no gzip"),
    ("application/x-www-form-urlencoded", "nope", b"csrf=1"),
    ("multipart/form-data", "", b"--x"),
    ("multipart/form-data; boundary=x", "", b"--x\r\n\r\nnobody\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", "", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n'),
    ("multipart/form-data; boundary=x", "",
     b'--x\r\nContent-Disposition: form-data; name="csrf"; filename="f"\r\n\r\n1\r\n--x--'),
    ("application/json", "", b"{"),
)  # fmt: skip


async def test_what_is_no_form_is_refused_in_words(closed_config: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with known(closed_config) as (served, found):
        csrf = await logged_in(served)
        assert csrf
        for one in addresses(found, "POST", "PUT", "PATCH"):
            for kind, coding, body in BROKEN:
                headers = {"Content-Type": kind, **({"Content-Encoding": coding} if coding else {})}
                for login in ({}, {"Authorization": f"Bearer {TOKEN}"}):
                    answer = await served.client.request(one.method, one.address, content=body, headers=headers | login)
                    taken = {
                        303,
                        401,
                    }  # to log out needs no form of a program with a token, and then the browser is out
                    assert answer.status_code in {400, 403, 404, 415} | taken, (one, kind, coding, login)
                    assert not INSIDE.search(answer.text), (one, kind)
    assert "Traceback" not in caplog.text


NOISE = (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 100,
         b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
         b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n")  # fmt: skip


async def test_noise_is_refused_and_fills_no_log(
    closed_config: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "QUIET", 0.5)
    async with serving(closed_config) as served:
        for noise in NOISE:
            answer = await raw(served, noise)
            assert re.match(r"HTTP/1\.[01] 400 |$", answer), (noise, answer[:200])
            assert not INSIDE.search(answer), noise
    assert "Traceback" not in caplog.text


async def test_no_body_is_taken_that_is_too_long(closed_config: Path) -> None:
    async with known(closed_config) as (served, found):
        csrf = await logged_in(served)
        for one in addresses(found, "POST", "PUT", "PATCH"):
            long = {"csrf": csrf, "note": "x" * 200_000}
            assert (await served.client.request(one.method, one.address, data=long)).status_code == 413, one
            endless = (b"x" * 1000 for _ in range(500))
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = await served.client.request(one.method, one.address, content=_sent(endless), headers=kind)
            assert answer.status_code == 413, one
        assert (await served.client.get("/", headers={"X-Long": "x" * 20_000})).status_code == 400
        assert (await served.client.get("/" + "x" * 20_000)).status_code in {400, 414}
        assert (await served.client.get("/", headers={f"X-{n}": "1" for n in range(300)})).status_code == 400


async def _sent(pieces: object) -> AsyncIterator[bytes]:
    assert hasattr(pieces, "__iter__")
    for piece in pieces:
        yield piece


async def test_who_is_too_slow_is_let_go(closed_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "BODY_WITHIN", 0.2)
    monkeypatch.setattr(web, "QUIET", 0.3)
    async with known(closed_config) as (served, found):
        for begun in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "):
            assert await raw(served, begun) == "", begun
        for one in addresses(found, "POST"):
            head = (
                f"POST {one.address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
                "Content-Length: 90\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\ncsrf="
            )
            reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
            writer.write(head.encode())
            assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"HTTP/1.1 408 "), one
            writer.close()
