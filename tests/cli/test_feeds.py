"""``newswatch feeds``: what a person types, reads, and finds in the file afterwards. Servers are real."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.cli.common import clock
from newswatch.cli.feeds import filled, shown
from newswatch.config.load import load_config
from newswatch.model import FeedState, HostState
from newswatch.store import open_store

Run = Callable[..., Ran]
DAY = timedelta(days=1)


def page(*links: tuple[str, str]) -> Route:
    head = "".join(f"<link rel=alternate type=application/rss+xml title='{t}' href='{path}'>" for t, path in links)
    return Route(f"<!DOCTYPE html><html><head>{head}</head><body>News</body></html>".encode(), content_type="text/html")


def fresh(title: str, age: timedelta) -> bytes:
    """A feed whose newest entry is so old now."""
    date = format_datetime(clock() - age)
    return (
        f"<rss version='2.0'><channel><title>{title}</title><language>en-US</language><item><guid>1</guid>"
        f"<title>One</title><link>https://a.example/1</link><pubDate>{date}</pubDate></item></channel></rss>"
    ).encode()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    routes = {f"/{name}": Route(rss(name, MOMENTS[2]), etag=True) for name in FEEDS}
    routes |= {
        "/new": Route(fresh("Novum & Co", timedelta(hours=1)), headers={"cache-control": "max-age=900"}, etag=True),
        "/old": Route(fresh("Old", 300 * DAY), etag=True),
        "/page": page(("All", "/new"), ("Comments", "/old")),
        "/one": page(("All", "/new"), ("Dead", "/dead")),
        "/bare": page(),
        "/moved": Route(status=301, headers={"location": "/new"}),
        "/for-now": Route(status=302, headers={"location": "/new"}),
        "/to-wire": Route(status=301, headers={"location": "/wire"}),
        "/gone": Route(status=410),
        "/login": Route(status=401),
    }
    with FeedServer(routes) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = write_config(tmp_path, {"wire": server.url("/wire"), "herald": server.url("/herald")})
    path.write_text(path.read_text() + "# the end\n")
    monkeypatch.setenv("NEWSWATCH_CONFIG", str(path))
    return path


def remember(config: Path, *states: FeedState) -> None:
    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=clock())
    with closing(store), store.transaction() as tx:
        for state in states:
            tx.save_feed(state)


def added(config: Path) -> list[str]:
    """The lines of the file that are not of the first two feeds."""
    return [line for line in config.read_text().splitlines() if line.startswith("  - ")][2:]


# ---------------------------------------------------------------- add


def test_a_feed_is_added_with_what_it_says_of_itself(run: Run, config: Path, server: FeedServer) -> None:
    before = config.read_text()
    ran = run("feeds", "add", server.url("/new"))
    assert ran.code == 0
    assert "added 127-0-0-1:" in ran.out
    assert "Novum & Co, RSS 2.0, 1 entry, the newest of" in ran.out
    assert added(config) == [f'  - {{id: "127-0-0-1", url: "{server.url("/new")}", title: "Novum & Co", language: en}}']
    assert config.read_text().replace(added(config)[0] + "\n", "") == before
    assert run("check-config").code == 0


def test_options_win(run: Run, config: Path, server: FeedServer) -> None:
    options = ("--id", "novum", "--title", "Нове", "--language", "uk", "--interval", "5m")
    assert run("feeds", "add", server.url("/new"), *options).code == 0
    assert added(config) == [f'  - {{id: novum, url: "{server.url("/new")}", title: Нове, language: uk, interval: 5m}}']


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--id", "wire"), "another feed is called 'wire'"),
        (("--id", "Два"), "is no short name"),
        (("--interval", "soon"), "is not a duration"),
        (("--language", "Russian!"), "is no language code"),
    ],
)
def test_options_are_checked_before_anything_is_asked(
    run: Run, config: Path, server: FeedServer, options: tuple[str, ...], said: str
) -> None:
    ran = run("feeds", "add", server.url("/new"), *options)
    assert (ran.code, server.requests, added(config)) == (2, [], [])
    assert said in ran.err


def test_the_one_feed_of_a_page_is_taken(run: Run, config: Path, server: FeedServer) -> None:
    assert run("feeds", "add", server.url("/one")).code == 0
    assert server.url("/new") in added(config)[0]


def test_of_several_feeds_one_is_to_be_chosen(run: Run, config: Path, server: FeedServer) -> None:
    ran = run("feeds", "add", server.url("/page"), "-c", config)
    assert (ran.code, added(config)) == (1, [])
    lines = ran.out.splitlines()
    assert lines[0] == f"newswatch feeds add -c {config} {server.url('/new')}"
    assert lines[1].startswith("    # Novum & Co, RSS 2.0, 1 entry")
    assert "a web page with 2 feeds; choose one, or take the first with --first" in ran.err
    assert run("feeds", "add", server.url("/page"), "--first").code == 0
    assert server.url("/new") in added(config)[0]
    again = run("feeds", "add", server.url("/page"))
    assert "; here already, as `127-0-0-1`" in again.out


def test_a_permanent_move_is_written_and_a_temporary_one_is_not(run: Run, config: Path, server: FeedServer) -> None:
    ran = run("feeds", "add", server.url("/moved"))
    assert ran.code == 0
    assert "has moved to" in ran.err
    assert server.url("/new") in added(config)[0]
    ran = run("feeds", "add", server.url("/for-now"))
    assert (ran.code, len(added(config))) == (1, 1)
    assert "is here already: it is the feed `127-0-0-1`" in ran.err


@pytest.mark.parametrize("path", ["/wire", "/wire/", "/to-wire"])
def test_a_feed_that_is_here_is_refused(run: Run, config: Path, server: FeedServer, path: str) -> None:
    ran = run("feeds", "add", server.url(path))
    assert (ran.code, added(config)) == (1, [])
    assert "is here already: it is the feed `wire`; nothing was changed" in ran.err


def test_a_feed_that_moved_to_an_address_has_it(run: Run, config: Path, server: FeedServer) -> None:
    remember(config, FeedState("wire", server.url("/new"), configured_url=server.url("/wire")))
    assert "it is the feed `wire`" in run("feeds", "add", server.url("/new")).err


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nowhere", "answered 404: there is no such feed; look for its new address"),
        ("/gone", "answered 410"),
        ("/login", "answered 401: it wants a login"),
        ("/bare", "is a web page, and none of the 8 addresses that may be its feed holds one"),
    ],
)
def test_no_feed_is_said_and_nothing_is_written(
    run: Run, config: Path, server: FeedServer, path: str, said: str
) -> None:
    before = config.read_bytes()
    ran = run("feeds", "add", server.url(path))
    assert (ran.code, config.read_bytes()) == (1, before)
    assert said in ran.err
    assert "tried again" not in ran.err


def test_a_private_address_is_refused(run: Run, config: Path, server: FeedServer) -> None:
    config.write_text(config.read_text().replace("allow_private: true, ", ""))
    ran = run("feeds", "add", server.url("/new"))
    assert (ran.code, server.requests, added(config)) == (1, [], [])
    assert "is at a private address" in ran.err


def test_nobody_at_the_address_is_said(run: Run, config: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ran = run("feeds", "add", f"http://127.0.0.1:{taken.getsockname()[1]}/")
    assert ran.code == 1
    assert "cannot be reached (Connection refused)" in ran.err


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://", "https://a b/", "https://me:secret@a.example/"])
def test_what_is_no_address_is_wrong_usage(run: Run, config: Path, url: str) -> None:
    assert run("feeds", "add", url).code == 2


def test_a_broken_configuration_is_said_first(run: Run, config: Path, server: FeedServer) -> None:
    config.write_text("feeds: [\n")
    ran = run("feeds", "add", server.url("/new"))
    assert (ran.code, server.requests) == (2, [])
    assert "newswatch.yaml:" in ran.err


def test_a_read_only_file_stays(run: Run, config: Path, server: FeedServer) -> None:
    config.chmod(0o444)
    ran = run("feeds", "add", server.url("/new"))
    assert (ran.code, added(config)) == (1, [])
    assert "may not be written (it is read-only); nothing was changed" in ran.err


# ---------------------------------------------------------------- remove


def test_feeds_are_removed_and_their_history_stays(run: Run, config: Path, server: FeedServer) -> None:
    run("once", "--now", MOMENTS[2].isoformat())
    ran = run("feeds", "remove", "wire", "herald")
    assert (ran.code, ran.out) == (0, "removed wire\nremoved herald\n")
    assert config.read_text().endswith("feeds: []\n# the end\n")
    assert run("check-config").code == 0
    loaded = load_config(config, {})
    with closing(open_store(loaded.settings.store.url, base=loaded.base, now=clock())) as store:
        assert set(store.feed_states(["wire", "herald"])) == {"wire", "herald"}


def test_forgetting_takes_the_rows_too_and_tells_nothing_twice(run: Run, config: Path, server: FeedServer) -> None:
    run("once", "--now", MOMENTS[2].isoformat())
    ran = run("feeds", "remove", "wire", "--forget")
    assert "forgot wire, with 4 entries" in ran.err
    loaded = load_config(config, {})
    with closing(open_store(loaded.settings.store.url, base=loaded.base, now=clock())) as store:
        assert set(store.feed_states(["wire", "herald"])) == {"herald"}
        stories = len(store.decided_titles())
    assert run("feeds", "add", server.url("/wire"), "--id", "wire").code == 0
    assert "0 told" in run("once", "--now", (MOMENTS[2] + DAY).isoformat()).out
    with closing(open_store(loaded.settings.store.url, base=loaded.base, now=clock())) as store:
        assert len(store.decided_titles()) == stories


def test_an_unknown_id_changes_nothing(run: Run, config: Path) -> None:
    before = config.read_bytes()
    ran = run("feeds", "remove", "wire", "heralt")
    assert (ran.code, config.read_bytes()) == (1, before)
    assert "no feed is called 'heralt'; did you mean herald; nothing was changed" in ran.err


def test_a_feed_without_an_id_keeps_the_one_it_goes_by(run: Run, config: Path) -> None:
    config.write_text("feeds:\n  - url: https://a.example/1\n  - url: https://a.example/2\n")
    before = config.read_bytes()
    ran = run("feeds", "remove", "a-example")
    assert (ran.code, config.read_bytes()) == (1, before)
    assert "write `id: a-example-2` there" in ran.err


# ---------------------------------------------------------------- list, check, discover


def test_a_list_fits_eighty_columns(run: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = config.read_text()
    title = "Велморский вестник: новости, мнения и репортажи"
    text = text.replace("{id: wire,", f"{{id: wire, title: '{title}', language: ru,")
    config.write_text(text.replace("{id: herald,", "{id: herald, title: 日本経済新聞の英語版のニュースと社説,"))
    now = clock()
    url = load_config(config, {}).feeds[0][1].url
    remember(
        config,
        FeedState("wire", url, configured_url=url, last_success=now - 3 * DAY, failures=7, last_status=503,
                  last_error=f"{url} answered 503: it is tried again later", next_due=now + DAY),
    )  # fmt: skip
    ran = run("feeds", "list")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert max(map(shown, lines)) <= 80
    assert lines[0].split() == ["ID", "TITLE", "LANG", "EVERY", "LAST", "OK", "DUE", "IN", "FAILS", "HEALTH"]
    assert lines[1].split()[-5:] == ["1m", "3d", "23h", "7", "broken"]
    assert lines[2] == f"    {url}"
    assert lines[3].startswith("    It is broken: it failed 7 times in a row")
    assert "unasked" in ran.out
    assert ran.err == "2 feeds, 1 to look at\n"
    rows = json.loads(run("feeds", "list", "--json").out)
    assert [(row["id"], row["health"], row["failures"]) for row in rows] == [
        ("wire", "broken", 7),
        ("herald", "unasked", 0),
    ]
    assert rows[0]["title"] == title


def test_a_look_makes_no_store(run: Run, config: Path) -> None:
    run("feeds", "list")
    run("feeds", "check")
    assert sorted(path.name for path in config.parent.iterdir()) == ["events", "newswatch.yaml"]


def test_no_feeds_are_no_table(run: Run, config: Path) -> None:
    config.write_text("feeds: []\n")
    ran = run("feeds", "list")
    assert (ran.code, ran.out, ran.err) == (0, "", "0 feeds\n")


def test_text_is_cut_by_columns() -> None:
    assert filled("日本語", 8) == "日本語  "
    assert filled("日本語", 4) == "日…" + " "
    assert filled("Велмора", 5) == "Велм…"
    assert shown("é") == 1


def test_a_check_says_how_each_feed_does(run: Run, config: Path, server: FeedServer) -> None:
    paths = ("new", "old", "for-now", "moved", "gone", "one")
    lines = "".join(f"  - {{id: {path}, url: '{server.url('/' + path)}'}}\n" for path in paths)
    config.write_text(config.read_text().replace("# the end\n", lines))
    url = server.url("/gone")
    remember(config, FeedState("gone", url, configured_url=url, failures=2, last_success=clock() - 2 * DAY))
    before = server.requests[:]
    ran = run("feeds", "check", *paths)
    assert ran.code == 1
    found = {part.split()[1]: part for part in ran.out.replace("\nwell", "\0well").replace("\nstale", "\0stale")
             .replace("\ngone", "\0gone").replace("\nbroken", "\0broken").split("\0")}  # fmt: skip
    said = {name: " ".join(part.split()) for name, part in found.items()}
    assert said["new"].startswith("well new Answered in 0.")
    assert "RSS 2.0, 1 entry, the newest of" in said["new"]
    assert "It asks to be left alone for 15 minutes (Cache-Control)." in said["new"]
    assert said["old"].startswith("stale old Answered")
    assert "has had nothing new for 300 days" in said["old"]
    assert f"It redirects to {server.url('/new')}, for the time being." in said["for-now"]
    assert f"It has moved for good to {server.url('/new')}; write that address" in said["moved"]
    assert said["gone"].startswith("gone gone")
    assert "answered 410" in said["gone"]
    assert "Polling it last succeeded 2 days ago, and failed 2 times since." in said["gone"]
    assert f"`newswatch feeds discover {server.url('/one')}` looks for its feed." in said["one"]
    assert "6 feeds asked: 2 broken, 1 stale" in ran.err
    assert len(server.requests) > len(before)
    rows = {row["id"]: row for row in json.loads(run("feeds", "check", "--json", *paths).out)}
    assert {name: row["health"] for name, row in rows.items()} == {
        "new": "well", "old": "stale", "for-now": "well", "moved": "well", "gone": "gone", "one": "broken",
    }  # fmt: skip
    assert rows["new"]["max_age"] == 900
    assert rows["new"]["etag"]
    assert rows["moved"]["moved_to"] == server.url("/new")


def test_a_check_has_no_effect_on_the_store(run: Run, config: Path, server: FeedServer) -> None:
    run("once", "--now", MOMENTS[2].isoformat())
    loaded = load_config(config, {})
    ids = ["wire", "herald"]
    with closing(open_store(loaded.settings.store.url, base=loaded.base, now=clock())) as store:
        before = store.feed_states(ids)
        assert run("feeds", "check", "wire").code == 0
        assert store.feed_states(ids) == before


def test_one_that_hangs_delays_no_other(run: Run, config: Path, server: FeedServer) -> None:
    server.routes["/wire"] = Route(hang="headers")
    config.write_text(config.read_text().replace("interval: 1m", "timeout: {read: 0.5s}"))
    ran = run("feeds", "check", "--json")
    assert ran.code == 1
    assert [row["broken"] for row in json.loads(ran.out)] == [True, False]


def test_a_server_that_wants_to_be_left_alone_is(run: Run, config: Path, server: FeedServer) -> None:
    host = server.url("").removeprefix("http://")
    loaded = load_config(config, {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=clock())
    with closing(store), store.transaction() as tx:
        tx.save_host(HostState(host, held_until=clock() + DAY))
    ran = run("feeds", "check", "wire")
    assert (ran.code, server.requests) == (0, [])
    assert "unasked wire" in ran.out
    said = " ".join(ran.out.split())
    assert "was not asked" in said
    assert "By what is remembered, it was not asked yet." in said
    ran = run("feeds", "add", server.url("/new"))
    assert (ran.code, server.requests) == (1, [])
    assert "wants no requests before" in ran.err


def test_a_crawl_delay_is_said_and_logins_are_used(
    run: Run, config: Path, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_PASSWORD", "hush")
    server.routes["/robots.txt"] = Route(b"User-agent: *\nCrawl-delay: 0.1\n", content_type="text/plain")
    text = config.read_text().replace("interval: 1m", "robots: crawl-delay")
    config.write_text(text.replace("{id: wire,", "{id: wire, username: desk, password_env: WIRE_PASSWORD,"))
    ran = run("feeds", "check", "wire")
    assert ran.code == 0
    assert "It is on a server that wants 0.1 s between two requests" in " ".join(ran.out.split())
    assert server.requests[-1].headers["authorization"].startswith("Basic ")
    assert "hush" not in ran.out + ran.err
    exported = run("feeds", "export")
    assert "headers and logins of wire" in exported.err
    assert "desk" not in exported.out


def test_an_unknown_feed_is_not_checked(run: Run, config: Path, server: FeedServer) -> None:
    ran = run("feeds", "check", "wier")
    assert (ran.code, server.requests) == (1, [])
    assert "no feed is called 'wier'; `newswatch feeds list` names them" in ran.err


def test_a_page_is_searched(run: Run, config: Path, server: FeedServer) -> None:
    ran = run("feeds", "discover", server.url("/one"))
    assert ran.code == 0
    assert ran.out.splitlines()[0] == server.url("/new")
    assert "Novum & Co, RSS 2.0, 1 entry" in ran.out
    assert "the page calls it “All”" in ran.out
    assert f"no feed: {server.url('/dead')} answered 404" in ran.err
    rows = json.loads(run("feeds", "discover", "--json", server.url("/page")).out)
    assert [(row["url"], row["named"], row["language"]) for row in rows] == [
        (server.url("/new"), "All", "en"),
        (server.url("/old"), "Comments", "en"),
    ]
    itself = run("feeds", "discover", server.url("/new"))
    assert (itself.code, itself.out.splitlines()[0]) == (0, server.url("/new"))
    bare = run("feeds", "discover", server.url("/bare"))
    assert (bare.code, bare.out) == (1, "")
    assert "no feed was found" in bare.err


def test_a_search_needs_no_configuration(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("NEWSWATCH_CONFIG", raising=False)
    ran = run("feeds", "discover", "http://127.0.0.1:9/")
    assert ran.code == 1
    assert "is at a private address" in ran.err


# ---------------------------------------------------------------- import, export

OPML = """<opml version="2.0"><body><outline text="World">
<outline text="A &amp; B" xmlUrl="https://a.example/rss" language="de-DE" category="/velmora,/else"/>
<outline text="again" xmlUrl="http://a.example/rss/"/>
<outline text="C" xmlUrl="feed:https://c.example/"/>
<outline text="D" xmlUrl="ftp://d.example/"/>
<outline text="W" xmlUrl="{wire}"/>
<outline text="secret" xmlUrl="https://me:pass@e.example/"/>
</outline></body></opml>"""


def test_a_list_is_imported(run: Run, config: Path, server: FeedServer, tmp_path: Path) -> None:
    before = config.read_text()
    file = tmp_path / "reader.opml"
    file.write_text(OPML.format(wire=server.url("/wire")))
    dry = run("feeds", "import", file, "--dry-run")
    assert (dry.code, config.read_text()) == (0, before)
    assert "2 feeds would be taken, 4 skipped" in dry.err
    ran = run("feeds", "import", file)
    assert ran.code == 0
    assert ran.out == dry.out
    assert ran.out.splitlines() == [
        "take  a-example  https://a.example/rss  A & B",
        "skip  http://a.example/rss/ (line 3): is here already, as `a-example`",
        "take  c-example  https://c.example/  C",
        "skip  ftp://d.example/ (line 5): is not an http or https address; write for example https://example.org/rss",
        f"skip  {server.url('/wire')} (line 6): is here already, as `wire`",
        "skip  https://…@e.example/ (line 7): holds a user name or password; they would stand in logs and alerts",
    ]
    assert added(config) == [
        '  - {id: a-example, url: "https://a.example/rss", title: "A & B", language: de, events: [velmora]}',
        '  - {id: c-example, url: "https://c.example/", title: C}',
    ]
    assert run("feeds", "import", file).err.startswith("0 feeds taken, 6 skipped")
    assert server.requests == []


def test_an_imported_list_cannot_write_on_the_terminal(run: Run, config: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.opml"
    file.write_text(
        "<opml><outline text='a\x1b[2Jb' xmlUrl='https://a.example/'/><outline xmlUrl='\x1b]0;x\x07'/></opml>"
    )
    ran = run("feeds", "import", file, "--dry-run")
    assert ran.code == 0
    assert [char for char in ran.out if not char.isprintable() and char != "\n"] == []


def test_an_exported_list_gives_the_same_feeds(run: Run, config: Path, tmp_path: Path) -> None:
    feeds = (
        'feeds:\n  - {id: a, url: "https://a.example/?x=1&y=2", title: "Ж & <b>\\"", language: ru, interval: 15m}\n'
        "  - {url: https://b.example/, events: [velmora]}\n"
        "  - {id: c, url: https://c.example/, headers: {x-key: hush}}\n"
    )
    config.write_text(feeds)
    ran = run("feeds", "export")
    assert ran.out.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"')
    assert "hush" not in ran.out
    assert "left out, since they may be secrets: headers and logins of c" in ran.err
    file = tmp_path / "x.opml"
    assert run("feeds", "export", file).code == 0
    assert run("feeds", "export", file).code == 0
    before = load_config(config, {})
    config.write_text("feeds: []\n")
    assert run("feeds", "import", file).code == 0
    after = load_config(config, {})
    assert [name for name, _ in after.feeds] == [name for name, _ in before.feeds]
    bare: dict[str, object] = {"headers": {}, "id": None}
    assert [feed.model_copy(update=bare) for _, feed in after.feeds] == [
        feed.model_copy(update=bare) for _, feed in before.feeds
    ]


def test_an_export_replaces_nothing_else(run: Run, config: Path) -> None:
    before = config.read_bytes()
    ran = run("feeds", "export", config)
    assert (ran.code, config.read_bytes()) == (1, before)
    assert "is there already, and is no OPML; name another file" in ran.err


@pytest.mark.parametrize(
    ("body", "said"), [(None, "cannot be read: No such file"), (b"<html>", "is not OPML (it is a web page)")]
)
def test_what_cannot_be_imported_is_said(run: Run, config: Path, tmp_path: Path, body: bytes | None, said: str) -> None:
    before = config.read_bytes()
    if body is not None:
        (tmp_path / "x.opml").write_bytes(body)
    ran = run("feeds", "import", tmp_path / "x.opml")
    assert (ran.code, config.read_bytes()) == (1, before)
    assert said in ran.err
