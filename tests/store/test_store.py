"""The store over real databases: migrations, all or nothing, one writer, and what is said when it cannot work."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, Inspector, create_engine, inspect, text

from loopback import news
from newswatch.errors import StoreError, StoreLocked, StoreVersionError
from newswatch.model import (
    Action,
    Correction,
    Decision,
    DeliveryState,
    DisabledChannel,
    Evidence,
    Fact,
    FactStatus,
    FeedNotice,
    FeedState,
    Figure,
    HostState,
    Mark,
    Mute,
    Origin,
    Pending,
    Refused,
    RefusedAddress,
    Severity,
    Story,
    Subscription,
)
from newswatch.store import Store, open_store
from newswatch.store.engine import resolved
from newswatch.store.migrate import migrations
from newswatch.store.tables import metadata

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
RELEASED = {
    1: "0eff30bb21b0231cf384aed0854d3648",
    2: "0c9b45bff055e74c554a1d7cbd94dd9c",
    3: "6b0abd72fb291a15d0e93c63c483e82f",
    4: "ff4689170c750c7bc250d35ef3060f50",
    5: "ed7f6db4f49a3551cc5d8616be18fc15",
    6: "7fefb0fa32dd8304f448e7aabda8bfa0",
    7: "d5bdf9831f575128c442d54dc9b1e50f",
    8: "9ff3a53dffcc83779b5e3ebe5f856e32",
    9: "b6655d5a8a0cf54f3631642c1c226f5a",
    10: "d8efdc722626ccd5d424e3bdd44672f2",
    11: "0c3620f43b398d990a9e989b26e65e5b",
    12: "3d1b842d0a93e4d2c64ba06eca18bf8b",
    13: "dad5a4695c79e7328f96deb64f6a2a72",
    14: "590912bbda0dea1ebbb0bd0ee22e2375",
    15: "f33f0d45705481b053600e6243d92947",
}


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(url, base=tmp_path, now=NOW)
    yield opened
    opened.close()


@contextmanager
def database(url: str, folder: Path) -> Iterator[Engine]:
    """The database beneath, past the store."""
    engine = create_engine(resolved(url, folder))
    yield engine
    engine.dispose()


def test_the_migrations_give_the_schema_of_the_tables(
    store: Store, url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    other = "sqlite:///w.db" if url.startswith("sqlite") else request.getfixturevalue("postgres").database()
    with database(url, tmp_path) as ours, database(other, tmp_path) as wanted:
        metadata.create_all(wanted)
        compare_schemas(inspect(ours), inspect(wanted))


def compare_schemas(found: Inspector, expected: Inspector) -> None:
    # The index of the full text is the migrations' alone; `test_search.py` holds it to account.
    names = [name for name in found.get_table_names() if not name.startswith("search_")]
    assert sorted(names) == sorted(expected.get_table_names())
    for table in expected.get_table_names():
        columns = [
            [(c["name"], str(c["type"]), c["nullable"]) for c in i.get_columns(table)] for i in (found, expected)
        ]
        assert columns[0] == columns[1], table
        indexes = [
            sorted((str(x["name"]), x["column_names"]) for x in i.get_indexes(table) if "search_" not in str(x["name"]))
            for i in (found, expected)
        ]
        assert indexes[0] == indexes[1], table
        assert (
            found.get_pk_constraint(table)["constrained_columns"]
            == (expected.get_pk_constraint(table)["constrained_columns"])
        )


def test_released_migrations_never_change() -> None:
    assert {m.number: m.checksum for m in migrations()} == RELEASED


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def fails() -> None:
        with store.transaction() as tx:
            tx.save_feed(FeedState("f", "http://x/"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert store.feed_states(["f"]) == {}


def test_what_goes_in_comes_out(store: Store) -> None:
    state = FeedState("f", "http://x/", etag='"e"', next_due=NOW, failures=3, last_error="no", last_status=503)
    fact = Fact("fct", "ev", Figure(Evidence("Three died.", 0), "killed", 3), "sty", "Wire", NOW, origins=("Wire",))
    story = Story("sty", "http://x/1", "T", "текст", "Wire", "ru", NOW, NOW)
    with store.transaction() as tx:
        tx.save_feed(state)
        tx.add_facts((fact, fact))
        tx.save_story(story, signature=b"s", bands=("a", "b"))
        assert tx.near(["b", "z"]) == [(story, b"s")]
    assert store.feed_states(["f"]) == {"f": state}
    assert store.facts("ev") == (fact,)
    assert store.story_by_url("http://x/1") == store.story("sty") == story
    assert store.maintain(NOW + timedelta(days=400), timedelta(days=365))["story"] == 1
    assert store.facts("ev") == (fact,)
    assert store.integrity() == []


def test_who_was_refused_is_kept_with_the_delivery_and_its_channel(store: Store) -> None:
    refused = (Refused("eve@example.org", "550 5.1.1 who – there is no such mailbox"), Refused('"a b"@x.org', "550"))
    sent = replace(news.delivery(news.alert(news.item(news.INJURED))), state=DeliveryState.SENT, refused=refused)
    known = RefusedAddress("mail", "eve@example.org", "550", NOW, told=NOW)
    other = RefusedAddress("post", "eve@example.org", "550", NOW)
    with store.transaction() as tx:
        tx.add_alert(sent.alert)
        tx.add_deliveries([sent])
        tx.save_refused("mail", [known, replace(known, address="bob@example.org")])
        tx.save_refused("post", [other])
    assert store.deliveries() == [sent]
    with store.transaction() as tx:
        tx.save_refused("mail", [known])
    assert store.refused_addresses() == (known, other)


def test_what_is_known_of_feeds_and_servers_comes_out_again(store: Store) -> None:
    habit = FeedState("f", "http://x/", habit=600.25, pace=1.5, repeats=0.75, newest=NOW, items=3, day="2031-03-02")
    notice, host = FeedNotice("f", "broken", NOW), HostState("x:80", held_until=NOW, crawl_delay=2.5)
    subscription = Subscription("f", "http://x/", "http://hub/", "token", "secret", lease_until=NOW, attempts=2)
    with store.transaction() as tx:
        tx.save_feed(habit)
        tx.save_feed_notice(notice)
        tx.save_feed_notice(replace(notice, kind="stale"))
        tx.end_feed_notices("f", ["stale", "gone"])
        tx.save_host(host)
        tx.save_subscription(subscription)
    assert store.feed_states(["f"]) == {"f": habit}
    assert (store.feed_notices(), store.hosts(), store.subscriptions()) == ((notice,), (host,), (subscription,))
    with store.transaction() as tx:
        tx.end_subscription("f")
        tx.end_feed_notices("f", ["broken"])
    assert (store.feed_notices(), store.subscriptions()) == ((), ())


def test_one_process_works_with_a_store(store: Store) -> None:
    sqlite = rf"newswatch run \(pid {os.getpid()}, since 2031-03-02 12:00 UTC\) already works with the store"
    holder = sqlite if store.place.endswith("s.db") else "another newswatch already works with the store postgresql"
    with store.lock("newswatch run", NOW), pytest.raises(StoreLocked, match=holder):
        store.lock("newswatch once", NOW).__enter__()
    with store.lock("newswatch once", NOW):
        pass


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from newswatch.model import FeedState
from newswatch.store import open_store
store = open_store(sys.argv[2], base=Path(sys.argv[1]), now=datetime.now(UTC))
with store.lock("test", datetime.now(UTC)):
    with store.transaction() as tx:
        tx.save_feed(FeedState("kept", "http://x/"))
    with store.transaction() as tx:
        tx.save_feed(FeedState("lost", "http://x/"))
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_9_loses_the_open_transaction_and_nothing_else(url: str, tmp_path: Path) -> None:
    result = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), url])
    assert result.returncode == -signal.SIGKILL
    store = open_store(url, base=tmp_path, now=NOW)
    assert set(store.feed_states(["kept", "lost"])) == {"kept"}
    with store.lock("the next one", NOW):
        assert store.integrity() == []


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from newswatch.errors import StoreError
from newswatch.model import Story
from newswatch.store import open_store
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
now = datetime.now(UTC)
store = open_store("sqlite:///s.db", base=Path(sys.argv[1]), now=now)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
try:
    for number in range(1000):
        with store.transaction() as tx:
            tx.save_story(Story(str(number), "", "t", "x" * 20_000, "s", "en", now, now), signature=b"", bands=())
except StoreError as error:
    print(number, error)
"""


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)
    result = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True)
    assert "Traceback" not in result.stderr, result.stderr
    count = int(result.stdout.split()[0])
    assert "disk" in result.stdout
    store = open_store("sqlite:///s.db", base=tmp_path, now=NOW)
    assert store.story(str(count - 1)) is not None
    assert store.story(str(count)) is None
    assert store.integrity() == []


def test_a_newer_store_is_refused(store: Store, url: str, tmp_path: Path) -> None:
    with database(url, tmp_path) as engine, engine.begin() as connection:
        connection.execute(text("INSERT INTO migration VALUES (99, 'later', 'x', 0)"))
    words = rf"written by a newer newswatch \(its schema is 99, this one knows {max(RELEASED)}\)"
    with pytest.raises(StoreVersionError, match=words):
        open_store(url, base=tmp_path, now=NOW)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is not a database URL; write for example sqlite:///newswatch.db"),
        ("sqlite://", "a store in memory forgets everything"),
        ("sqlite:///folder", "is a folder; store.url must name a file"),
        ("sqlite:///text.db", "it is not a newswatch store (not an SQLite file)"),
        ("sqlite:////proc/newswatch/s.db", "its folder cannot be made"),
        ("mysql://h/d", "is not installed"),
        ("postgresql+psycopg://me:secret@127.0.0.1:9/none", "Connection refused"),
        ("postgresql+psycopg://me:secret@127.0.0.1:9/none", "store postgresql+psycopg://me:***@127.0.0.1:9/none: "),
        ("postgresql+nothing://h/d", "a URL that starts with postgresql+psycopg://"),
    ],
)
def test_what_cannot_be_opened_is_said(url: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("this is no database " * 100)
    with pytest.raises(StoreError) as caught:
        open_store(url, base=tmp_path, now=NOW)
    assert sentence in str(caught.value)
    assert ":secret@" not in str(caught.value)


def test_what_is_over_goes_with_its_retention_and_what_waits_stays(store: Store) -> None:
    def waiting(name: str) -> Pending:
        return Pending("desk", news.item(replace(news.INJURED, development_id=name)), "ev", "Ev", NOW)

    alert = replace(news.alert(news.item(news.INJURED)), created=NOW)
    with store.transaction() as tx:
        tx.add_pending([waiting("told"), waiting("waits")])
        tx.settle([waiting("told")], "alr_1")
        tx.add_mute(Mute("mut_1", NOW, NOW, "ana"))
        tx.add_alert(alert)
        tx.acknowledge(alert, NOW, "ana", "")
        tx.add_escalation(alert, NOW)
        tx.add_escalation(replace(alert, alert_id="alr_2"), NOW)
        tx.settle_escalation(alert, "acknowledged")
    assert store.pending("desk") == (waiting("waits"),)
    assert store.told_at("desk", NOW - timedelta(seconds=1)) == (NOW,)
    assert store.told_at("desk", NOW) == ()
    removed = store.maintain(NOW + timedelta(days=400), timedelta(days=365))
    assert {name: removed[name] for name in ("pending", "mute", "acknowledgement", "escalation")} == dict.fromkeys(
        ("pending", "mute", "acknowledgement", "escalation"), 1
    )
    assert store.pending("desk") == (waiting("waits"),)


def test_corrections_are_appended_and_origins_counted_once(store: Store) -> None:
    def told(fact_id: str, sentence: str) -> Fact:
        return Fact(fact_id, "ev", Figure(Evidence(sentence, 0), "killed", 3), "", "Wire", NOW, origins=("Wire",))

    no = Correction("ev", "base_1", Action.REJECT, "Three died.", NOW, "ana", note="wrong town")
    doubt = Mark("ev", "base_1", FactStatus.DISPUTED, "s2", "Herald", NOW, "sources disagree: Wire says 3, Herald 2")
    sure = replace(doubt, fact_id="base_2", status=FactStatus.CONFIRMED, said_by="#police", reason="official")
    merge = Correction("ev", "base_1", Action.MERGE, "a\nb", NOW, "ana", "base_2")
    herald = Origin("ev", "base_1", "Herald", "Wire", "s2", NOW)
    assert store.newest_correction() == 0
    with store.transaction() as tx:
        tx.replace_baseline("ev", [told("base_1", "Three died."), told("base_2", "Three are dead.")], "one")
        tx.add_origins([herald, Origin("ev", "base_2", "Post", "Post", "s3", NOW)])
        tx.add_origins([replace(herald, story_id="s9")])
        tx.add_correction(no)
        tx.add_correction(merge)
        tx.save_decision(Decision("ev", "s2", 1, True, Severity.SILENT, (), "", marks=(doubt, sure)), NOW)
    assert store.newest_correction() == 2
    assert store.corrections("ev") == (no, merge)
    assert store.corrections("other") == ()
    assert store.marks("other") == ()
    assert store.marks("ev") == (doubt, sure)
    assert [origin.source for origin in store.origins("ev")] == ["Herald", "Post"]
    assert store.origins("ev")[0] == herald
    assert list(store.facts_by_id("ev", ["base_2", "gone"])) == ["base_2"]
    with store.transaction() as tx:
        tx.replace_baseline("ev", [told("base_1", "Four died."), told("base_2", "Three are dead.")], "two")
    assert [origin.source for origin in store.origins("ev")] == ["Post"]
    store.maintain(NOW + timedelta(days=400), timedelta(days=365))
    assert (len(store.origins("ev")), len(store.corrections("ev"))) == (1, 2)
    assert store.marks("ev") == (sure,)


def test_a_disabled_channel_is_remembered_until_it_is_enabled(store: Store) -> None:
    gone = DisabledChannel("hook", "print", NOW, "answered 410")
    waiting = replace(news.delivery(news.alert(news.item(news.INJURED))), channel="hook", next_due=NOW + timedelta(1))
    with store.transaction() as tx:
        tx.add_alert(waiting.alert)
        tx.add_deliveries([waiting])
        tx.disable_channel(gone)
        tx.disable_channel(gone)
    assert store.disabled_channels() == (gone,)
    with store.transaction() as tx:
        assert tx.enable_channel("hook", NOW)
        assert not tx.enable_channel("hook", NOW)
    assert store.disabled_channels() == ()
    assert store.due_channels(NOW) == ("hook",)
