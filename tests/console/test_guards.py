"""Who may ask, over real HTTP: no token, a wrong one, a foreign name, a form of somebody else's, a path that climbs."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from loopback.console import TOKEN, Served, serving
from newswatch.config.settings import Console
from newswatch.console.guard import HEADERS, MOST_OF_ONE, Doors, Tries
from newswatch.console.session import Keys

PAGES = ("/", "/events/velmora", "/stories/sty_x", "/nope", "/events/velmora?topic=legal")
PROGRAMS = ("/api/status", "/events/velmora/live", "/api/nope")
SECRET = re.compile("Velmora|Sandoval|casualties", re.IGNORECASE)


def form_token(html: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
    assert found
    return found[1]


async def logged_in(served: Served) -> None:
    page = await served.client.get("/login")
    answer = await served.client.post("/login", data={"csrf": form_token(page.text), "token": TOKEN, "to": "/"})
    assert answer.status_code == 303, answer.text


async def test_without_the_token_nothing_is_seen(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        for path in PAGES:
            answer = await served.client.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login?to=/")
            assert not SECRET.search(answer.text)
        for path in PROGRAMS:
            answer = await served.client.get(path)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == 'Bearer realm="newswatch"'
            assert answer.json()["title"] == "Log in first"
        for path in ("/login", "/static/nope.css", "/static/../../newswatch.yaml"):
            assert not SECRET.search((await served.client.get(path)).text), path
        assert (await served.client.post("/stories/x/feedback")).status_code == 401


async def test_the_token_opens_and_is_a_cookie_no_script_reads(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        page = await served.client.get("/login?to=/events/velmora")
        before = served.client.cookies["newswatch_0"]
        answer = await served.client.post(
            "/login", data={"csrf": form_token(page.text), "token": f" {TOKEN}\n", "to": "/events/velmora"}
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/events/velmora"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "Secure" not in cookie
        assert TOKEN not in cookie
        assert served.client.cookies["newswatch_0"].split(".")[0] != before.split(".")[0]
        assert (await served.client.get("/events/velmora")).status_code == 200
        out = await served.client.post("/logout", data={"csrf": form_token((await served.client.get("/")).text)})
        assert out.status_code == 303
        assert (await served.client.get("/")).status_code == 303


async def test_a_wrong_token_is_said_and_cannot_be_guessed_for_long(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        token = form_token((await served.client.get("/login")).text)
        for _ in range(MOST_OF_ONE):
            answer = await served.client.post("/login", data={"csrf": token, "token": "guess"})
            assert answer.status_code == 401
            assert "That is not the token." in answer.text
        late = await served.client.post("/login", data={"csrf": token, "token": TOKEN})
        assert late.status_code == 429
        assert 0 < int(late.headers["retry-after"]) <= 61
        header = await served.client.get("/api/status", headers={"Authorization": f"Bearer {TOKEN}"})
        assert header.status_code == 429


async def test_a_program_brings_the_token_in_a_header(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        good = await served.client.get("/api/status", headers={"Authorization": f"Bearer {TOKEN}"})
        wrong = await served.client.get("/api/status", headers={"Authorization": "Bearer nope"})
        basic = await served.client.get("/api/status", headers={"Authorization": "Basic bmE6bmE="})
        page = await served.client.get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert good.status_code == 200
    assert "set-cookie" not in good.headers
    assert (wrong.status_code, basic.status_code, page.status_code) == (401, 401, 200)


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1] + "0", lambda c: c.replace(".out.", ".in."), lambda _c: "", str.upper]
)
async def test_a_cookie_that_is_not_ours_opens_nothing(closed_config: Path, change: object) -> None:
    assert callable(change)
    async with serving(closed_config) as served:
        await served.client.get("/login")
        forged = change(served.client.cookies["newswatch_0"])
        for value in (forged, f"{forged}.", "...", "x", "a.in.99999999999." + "0" * 64):
            answer = await served.client.get("/", headers={"Cookie": f"newswatch_0={value}"})
            assert answer.status_code == 303


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""]
)
async def test_after_the_login_nobody_is_sent_elsewhere(closed_config: Path, to: str) -> None:
    async with serving(closed_config) as served:
        token = form_token((await served.client.get("/login", params={"to": to})).text)
        answer = await served.client.post("/login", data={"csrf": token, "token": TOKEN, "to": to})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "[::1", "10.0.0.1", "a b"]
)
async def test_a_foreign_name_is_refused_and_told_nothing(open_config: Path, host: str) -> None:
    async with serving(open_config) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
        writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
    assert answer.split()[1] in {"421", "400"}
    assert not SECRET.search(answer)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST.", "news.localhost"])
async def test_names_of_this_machine_are_taken(open_config: Path, host: str) -> None:
    async with serving(open_config) as served:
        assert (await served.client.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "form",
    [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}],
)
async def test_a_form_without_its_token_changes_nothing(open_config: Path, form: dict[str, str]) -> None:
    async with serving(open_config) as served:
        await served.client.get("/")
        answer = await served.client.post("/stories/x/feedback", data={**form, "label": "wrong"})
        assert answer.status_code == 403
        assert "That is not allowed" in answer.text
        assert served.store.feedback() == ()


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
async def test_a_form_from_elsewhere_changes_nothing(open_config: Path, headers: dict[str, str]) -> None:
    async with serving(open_config) as served:
        token = form_token((await served.client.get("/login")).text)
        answer = await served.client.post(
            "/stories/x/feedback", data={"csrf": token, "label": "wrong"}, headers=headers
        )
        assert answer.status_code == 403


async def test_the_token_of_another_session_is_none(open_config: Path) -> None:
    async with serving(open_config) as served, httpx.AsyncClient(base_url=served.client.base_url) as other:
        await served.client.get("/")
        token = form_token((await other.get("/login")).text)
        assert (await served.client.post("/logout", data={"csrf": token})).status_code == 403


PATHS = (
    "/static/../../../etc/passwd", "/static/..%2f..%2fnewswatch.yaml", "/static/%2e%2e/%2e%2e/newswatch.yaml",
    "/static//etc/passwd", "/static/console.css", "/static/.", "/static/%00", "/..%5c..%5cnewswatch.yaml",
    "/events/..%2f..%2fnewswatch", "/stories/..%2f..%2fnewswatch.db", "/events/%00/live", "/static/base.html.j2",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_no_path_climbs(open_config: Path, path: str) -> None:
    async with serving(open_config) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.server.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
    assert answer.split()[1] in {"404", "400"}, answer
    assert "root:" not in answer
    assert "{%" not in answer


async def test_every_answer_has_the_strict_headers(open_config: Path) -> None:
    async with serving(open_config) as served:
        answers = [await served.client.get(path) for path in ("/", "/nope", "/static/nope", "/api/status", "/login")]
        answers += [await served.client.post("/logout"), await served.client.put("/"),
                    await served.client.get("/", headers={"Host": "evil.example"})]  # fmt: skip
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (answer.url, name)
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answers[6].status_code == 403


async def test_a_body_that_is_too_long_is_refused(open_config: Path) -> None:
    async with serving(open_config) as served:
        answer = await served.client.post("/login", data={"csrf": "x" * 100_000})
        assert answer.status_code == 413
        assert "That is too long" in answer.text
        assert (await served.client.get("/", headers={"Cookie": "newswatch_0=" + "x" * 4000})).status_code == 200


async def test_a_link_from_elsewhere_opens_for_who_is_logged_in(closed_config: Path) -> None:
    """A strict cookie is held back on the way from another site; the page in between asks again from here."""
    async with serving(closed_config) as served:
        await logged_in(served)
        cookies = dict(served.client.cookies)
        served.client.cookies.clear()
        between = await served.client.get("/events/velmora", headers={"Sec-Fetch-Site": "cross-site"})
        assert between.status_code == 200
        assert 'http-equiv="refresh" content="0"' in between.text
        assert "set-cookie" not in between.headers
        assert not SECRET.search(between.text.replace("/events/velmora", ""))
        served.client.cookies.update(cookies)
        again = await served.client.get("/events/velmora", headers={"Sec-Fetch-Site": "same-origin"})
        assert "What is new" in again.text


# ---------------------------------------------------------------- pure


def doors(public: str = "", **settings: object) -> Doors:
    return Doors(Console.model_validate(settings), public)


def test_what_a_proxy_says_counts_only_where_it_is_believed() -> None:
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7, 10.0.0.2", "X-Forwarded-Proto": "https"}
    believing = doors(trusted_proxies=("127.0.0.1", "10.0.0.0/8"))
    assert believing.caller("127.0.0.1", said).address == "198.51.100.7"
    assert believing.caller("127.0.0.1", said).https
    assert believing.caller("192.0.2.1", said).address == "192.0.2.1"
    assert not doors().caller("127.0.0.1", said).https
    assert doors().caller("127.0.0.1", said).address == "127.0.0.1"
    assert believing.caller("127.0.0.1", {"X-Forwarded-For": "nonsense"}).address == "127.0.0.1"
    assert believing.caller("", {}).address == ""


def test_names_that_are_let_in() -> None:
    mine = doors("https://news.example.org/console", listen="127.0.0.1:8080")
    assert mine.lets("news.example.org")
    assert mine.lets("NEWS.example.org:443")
    assert not mine.lets("203.0.113.1:8080")
    assert doors(listen="0.0.0.0:8080").lets("203.0.113.1:8080")
    assert not doors(listen="0.0.0.0:8080").lets("evil.example")
    assert doors(listen="box.lan:8080").lets("box.lan:8080")


def test_a_public_address_makes_the_cookie_secure_and_its_forms_ours() -> None:
    mine = doors("https://news.example.org")
    assert mine.caller("127.0.0.1", {"Host": "news.example.org"}).https
    assert not mine.caller("127.0.0.1", {"Host": "localhost:8080"}).https
    assert mine.same_site({"Origin": "https://news.example.org", "Host": "127.0.0.1:8080"})
    assert not mine.same_site({"Origin": "https://news.example.org.evil.example", "Host": "127.0.0.1:8080"})
    assert not doors().same_site({"Origin": "", "Host": ""})


def test_guessing_from_many_addresses_is_held_up_too() -> None:
    tries = Tries()
    for number in range(60):
        assert tries.wait(f"192.0.2.{number}", 0.0) == 0
        tries.failed(f"192.0.2.{number}", 0.0)
    assert tries.wait("198.51.100.1", 1.0) == 60
    assert tries.wait("198.51.100.1", 61.0) == 0
    for _ in range(MOST_OF_ONE):
        tries.failed("2001:db8::1", 100.0)
    assert tries.wait("2001:db8::ffff", 101.0) > 0
    assert tries.wait("2001:db8:1::1", 101.0) == 0


def test_sessions_end_and_a_new_token_ends_them() -> None:
    keys, now = Keys("a" * 20), 1_000_000.0
    session = keys.fresh(signed_in=True, now=now)
    cookie = keys.sealed(session)
    assert keys.opened(cookie, now=now) == session
    assert Keys("a" * 20).opened(cookie, now=now) == session
    assert Keys("b" * 20).opened(cookie, now=now) is None
    assert Keys().opened(cookie, now=now) is None
    assert keys.opened(cookie, now=now + timedelta(days=15).total_seconds()) is None
    assert keys.opens("a" * 20)
    assert not keys.opens("a" * 21)
    assert not Keys().opens("")
