"""What the doctor finds, with real servers that are well, and ill in every way that it looks for."""

import asyncio
import json
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import trustme

from cli.conftest import Ran, run
from loopback.feed_server import FeedServer, Route
from loopback.smtp_server import SmtpServer
from loopback.webhook_receiver import SECRET, WebhookReceiver
from loopback.world import write_config
from newswatch import doctor
from newswatch.cli.common import clock
from newswatch.config.load import load_config
from newswatch.doctor import Finding, Grade, examine
from newswatch.model import FeedState
from newswatch.store import open_store

__all__ = ["run"]
Run = Callable[..., Ran]
RECIPIENTS = "[{id: desk, channels: [one]}]"


def findings(config: Path) -> dict[str, Finding]:
    environ = {"PASSWORD": "secret", "HOOK_SECRET": SECRET}
    found = asyncio.run(examine(load_config(config, environ), environ=environ, clock=clock))
    assert len({one.what for one in found}) == len(found)
    return {one.what: one for one in found}


def mail(server: SmtpServer, extra: str = "") -> str:
    return (
        f"{{one: {{type: email, host: 127.0.0.1, port: {server.port}, security: none, from: 'w@a.example', "
        f"to: [d@a.example]{extra}}}}}"
    )


def at(server: FeedServer, when: datetime) -> None:
    server.routes["/"] = Route(headers={"date": format_datetime(when)})


def test_all_is_well(tmp_path: Path) -> None:
    with FeedServer() as feeds, WebhookReceiver() as hook:
        at(feeds, clock())
        channel = f"{{one: {{type: webhook, url: '{hook.url}', allow_private: true, secret_env: HOOK_SECRET}}}}"
        config = write_config(tmp_path, {"wire": feeds.url("/wire")}, channel, RECIPIENTS)
        found = findings(config)
        assert hook.calls == []
    assert {one.grade for one in found.values()} == {Grade.OK}
    assert found["network"].says == "all 1 hosts of the feeds answer"
    assert "answers; only `newswatch test-channel`" in found["channel one"].says
    assert not (tmp_path / "newswatch.db").exists()


@pytest.mark.parametrize(
    ("off", "words"),
    [(timedelta(minutes=5), "5 minutes behind"), (timedelta(hours=-2), "2 hours ahead of")],
)
def test_a_clock_that_is_wrong_is_bad(tmp_path: Path, off: timedelta, words: str) -> None:
    with FeedServer() as feeds:
        at(feeds, clock() + off)
        found = findings(write_config(tmp_path, {"wire": feeds.url("/wire")}))
    assert found["clock"].grade is Grade.BAD
    assert words in found["clock"].says


def test_one_server_with_a_wrong_clock_is_its_own_matter(tmp_path: Path) -> None:
    with FeedServer() as one, FeedServer() as two, FeedServer() as three:
        for server, off in ((one, 0), (two, 86_400), (three, 0)):
            at(server, clock() + timedelta(seconds=off))
        feeds = {name: server.url("/wire") for name, server in (("a", one), ("b", two), ("c", three))}
        assert findings(write_config(tmp_path, feeds))["clock"].grade is Grade.OK


def test_hosts_that_do_not_answer_are_named_with_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "WITHIN", 0.5)
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FeedServer() as well, FeedServer(context=context) as strange, FeedServer() as hangs:
        at(well, clock())
        hangs.routes["/"] = Route(hang="headers")
        feeds = {"a": well.url("/"), "b": strange.url("/"), "c": hangs.url("/"), "d": "http://127.0.0.1:9/",
                 "e": "http://nowhere.invalid/"}  # fmt: skip
        found = findings(write_config(tmp_path, feeds))["network"]
    assert found.grade is Grade.WARN
    assert found.says.startswith("1 of 5 hosts of the feeds answer. ")
    for words in ("its certificate is not trusted", "did not answer within 0.5 s", "127.0.0.1:9: Connection refused",
                  "nowhere.invalid: "):  # fmt: skip
        assert words in found.says


def test_no_network_at_all_is_said_once(tmp_path: Path) -> None:
    found = findings(write_config(tmp_path, {"a": "http://127.0.0.1:9/", "b": "http://127.0.0.1:10/"}))
    assert found["network"].grade is Grade.BAD
    assert "look at this machine's network and name server" in found["network"].says
    assert found["clock"].grade is Grade.WARN


@pytest.mark.parametrize(
    ("extra", "grade", "words"),
    [
        (", username: ann, password_env: PASSWORD", Grade.OK, "login of ann accepted"),
        (", username: bob, password_env: PASSWORD", Grade.BAD, "refused the login of bob"),
    ],
)
def test_a_mail_server_is_tried_up_to_the_login(tmp_path: Path, extra: str, grade: Grade, words: str) -> None:
    with SmtpServer(users={"ann": "secret"}) as server:
        found = findings(write_config(tmp_path, {"wire": "http://127.0.0.1:9/"}, mail(server, extra), RECIPIENTS))
        assert server.received == []
    assert found["channel one"].grade is grade
    assert words in found["channel one"].says


def test_a_channel_that_cannot_be_reached_is_bad(tmp_path: Path) -> None:
    with SmtpServer() as server:
        channel = mail(server)
    (tmp_path / "file").write_text("")
    for text, words in (
        (channel, "cannot be reached (Connection refused)"),
        ("{one: {type: folder, path: file/box}}", "cannot be written"),
        ("{one: {type: webhook, url: 'https://127.0.0.1:9/x'}}", "private address"),
        ("{one: {type: webhook, url: 'https://127.0.0.1:9/x', allow_private: true}}", "Connection refused"),
    ):
        found = findings(write_config(tmp_path, {"wire": "http://127.0.0.1:9/"}, text, RECIPIENTS))["channel one"]
        assert (found.grade, words in found.says) == (Grade.BAD, True), found.says


def test_the_store_is_opened_and_what_waits_in_it_is_said(tmp_path: Path) -> None:
    config = write_config(tmp_path, {"wire": "http://127.0.0.1:9/", "herald": "http://127.0.0.1:10/"})
    store = open_store("sqlite:///newswatch.db", base=tmp_path, now=clock())
    with store.transaction() as tx:
        tx.save_feed(FeedState("wire", "http://127.0.0.1:9/", failures=3, last_error="it is on fire"))
        tx.save_feed(FeedState("herald", "http://127.0.0.1:10/", last_success=clock() - timedelta(hours=2)))
    found = findings(config)
    assert found["service"].grade is Grade.WARN
    assert found["feeds"] == Finding(
        Grade.WARN, "feeds", "1 of 2 polled feeds answered the last time, the latest 2 hours ago. wire: it is on fire"
    )
    assert found["outbox"].says == "0 due, 0 given up"
    with store.lock("newswatch run", clock()):
        assert findings(config)["service"].says.startswith("newswatch run (pid ")
    store.close()
    (tmp_path / "newswatch.db").write_bytes(b"not a database" * 1000)
    assert findings(config)["store"].grade is Grade.BAD


def test_little_room_on_the_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write_config(tmp_path, {"wire": "http://127.0.0.1:9/"})
    for limit, grade in ((10**18, Grade.BAD), (1, Grade.OK)):
        monkeypatch.setattr(doctor, "LITTLE_DISK", limit)
        assert findings(config)["disk"].grade is grade


def test_the_command_says_it_in_words_and_in_json(tmp_path: Path, run: Run) -> None:
    config = write_config(tmp_path, {"wire": "http://127.0.0.1:9/"})
    ran = run("doctor", "-c", config)
    assert ran.code == 1
    assert "BAD   network" in ran.out
    assert "1 thing bad, 1 to look at" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100
    few = run("doctor", "--problems", "-c", config)
    assert "ok    " not in few.out
    rows = json.loads(run("doctor", "--json", "-c", config).out)
    assert {"grade": "bad", "what": "network"}.items() <= next(r for r in rows if r["what"] == "network").items()
