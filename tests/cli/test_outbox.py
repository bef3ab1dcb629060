"""``newswatch deliveries``, ``retry`` and ``drop``: what a person reads, and what follows from it."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.conftest import Ran
from loopback import news
from loopback.world import write_config
from newswatch.cli.common import clock, who
from newswatch.config.load import load_config
from newswatch.model import Alert, Delivery, DeliveryState, Outage, Refused
from newswatch.store import Store, open_store

Run = Callable[..., Ran]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BOXES = "{box: {type: folder, path: outbox}, hook: {type: folder, path: other}}"
ROUTES = "[{id: desk, channels: [box, hook]}, {id: chief, channels: [box]}]"


def opened(config: Path) -> Store:
    loaded = load_config(config, {})
    return open_store(loaded.settings.store.url, base=loaded.base, now=clock())


def alert(number: int, who: str) -> Alert:
    return replace(news.alert(news.item(news.INJURED)), alert_id=f"alr_{number}", recipient=who)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """An outbox with a delivery in each state, the ids from ``dlv_aaaa1`` on."""
    path = write_config(tmp_path, {"wire": "http://127.0.0.1:9/"}, BOXES, ROUTES)
    now = clock()
    due = Delivery(
        "dlv_aaaa1", alert(1, "desk"), "box", now - HOUR, attempts=3, next_due=now + HOUR,
        last_error="mail:25 put off the message (451 later)", failing_since=now - HOUR,
    )  # fmt: skip
    rows = (
        due,
        Delivery("dlv_aaaa2", alert(2, "chief"), "box", now - 50 * MINUTE, next_due=now),
        Delivery(
            "dlv_bbbb1", alert(3, "desk"), "hook", now - 3 * 24 * HOUR, DeliveryState.SENT, 1, sent_at=now,
            refused=(Refused("eve@desk.example", "550 5.1.1 who"),),
        ),
        Delivery(
            "dlv_bbbb2", alert(4, "desk"), "hook", now - 40 * MINUTE, DeliveryState.FAILED, 1,
            last_error="hook answered 400 (no)",
        ),
    )  # fmt: skip
    with closing(opened(path)) as store, store.transaction() as tx:
        for row in rows:
            tx.add_alert(row.alert)
        tx.add_deliveries(rows)
    return path


def ids(ran: Ran) -> list[str]:
    return [row["delivery"] for row in json.loads(ran.out)]


def test_the_outbox_reads_well(run: Run, config: Path) -> None:
    shown = run("deliveries", "-c", config)
    assert shown.code == 0
    lines = shown.out.splitlines()
    summary = "The number of injured rose from more than 50 to at least 98, the health ministry said."
    assert lines[0] == f"dlv_bbbb2  failed   hook → desk  {summary}"
    assert lines[1].endswith("tried once, given up")
    assert lines[2] == "    hook answered 400 (no)"
    assert lines[3].startswith("dlv_aaaa2  due      box → chief")
    assert lines[4].endswith("not tried yet, due now")
    assert "; tried 3 times, again " in lines[6]
    assert lines[7] == "    mail:25 put off the message (451 later)"
    assert "; accepted " in lines[9]
    assert lines[10] == "    refused for good: eve@desk.example (550 5.1.1 who)"
    assert shown.err == "4 deliveries: 2 due, 1 sent, 1 failed\n"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--failed"], ["dlv_bbbb2"]),
        (["--due"], ["dlv_aaaa2", "dlv_aaaa1"]),
        (["--due", "--sent", "--recipient", "desk"], ["dlv_aaaa1", "dlv_bbbb1"]),
        (["--channel", "hook"], ["dlv_bbbb2", "dlv_bbbb1"]),
        (["--since", "2d"], ["dlv_bbbb2", "dlv_aaaa2", "dlv_aaaa1"]),
        (["--limit", "1"], ["dlv_bbbb2"]),
        (["--dropped"], []),
    ],
)
def test_what_is_asked_for_is_listed(run: Run, config: Path, arguments: list[str], found: list[str]) -> None:
    assert ids(run("deliveries", "-c", config, "--json", *arguments)) == found


def test_who_was_refused_is_in_the_json_too(run: Run, config: Path) -> None:
    [row] = json.loads(run("deliveries", "--sent", "--json", "-c", config).out)
    assert row["refused"] == [{"address": "eve@desk.example", "answer": "550 5.1.1 who"}]


def test_a_delivery_is_dropped_with_a_reason_and_brought_back(run: Run, config: Path) -> None:
    done = run("drop", "aaaa1", "-c", config, "--why", "told by phone")
    assert (done.code, done.out) == (0, "dlv_aaaa1 is dropped: desk is not told over box\n")
    assert run("drop", "aaaa1", "-c", config).out == "dlv_aaaa1 is dropped already\n"
    shown = run("deliveries", "--dropped", "-c", config)
    assert f"dropped by {who()} " in shown.out
    assert ": told by phone\n" in shown.out
    [row] = json.loads(run("deliveries", "--dropped", "--json", "-c", config).out)
    assert [(one["action"], one["by"], one["why"]) for one in row["handled"]] == [("drop", who(), "told by phone")]
    back = run("retry", "dlv_aaaa1", "-c", config)
    assert (back.code, back.out) == (0, "dlv_aaaa1 is due now: desk is told over box\n")
    with closing(opened(config)) as store:
        [again] = store.deliveries_like("dlv_aaaa1")
    assert (again.state, again.attempts, again.failing_since) == (DeliveryState.DUE, 0, None)
    assert again.next_due is not None
    assert again.next_due <= clock()


def test_everything_that_was_given_up_is_tried_again(run: Run, config: Path) -> None:
    assert run("retry", "--failed", "--channel", "box", "-c", config).err == "nothing was given up\n"
    done = run("retry", "--failed", "--channel", "hook", "-c", config)
    assert (done.code, done.out) == (0, "1 of 1 are due again\n")
    assert run("deliveries", "--failed", "-c", config).err == "no such delivery\n"


def test_what_was_changed_is_said_as_json(run: Run, config: Path) -> None:
    done = run("drop", "aaaa1", "bbbb1", "-c", config, "--json")
    assert done.code == 1
    dropped, sent = json.loads(done.out)
    assert dropped == {
        "delivery": "dlv_aaaa1",
        "state": "dropped",
        "channel": "box",
        "recipient": "desk",
        "done": True,
        "message": "dlv_aaaa1 is dropped: desk is not told over box",
    }
    assert (sent["delivery"], sent["state"], sent["done"]) == ("dlv_bbbb1", "sent", False)
    assert done.err == f"{sent['message']}\n"
    again = run("retry", "--failed", "-c", config, "--json")
    assert (again.code, again.err) == (0, "")
    assert [(row["delivery"], row["state"], row["done"]) for row in json.loads(again.out)] == [
        ("dlv_bbbb2", "due", True)
    ]
    none = run("retry", "--failed", "-c", config, "--json")
    assert (none.code, json.loads(none.out), none.err) == (0, [], "nothing was given up\n")


def test_no_lock_is_needed_beside_a_service(run: Run, config: Path) -> None:
    with closing(opened(config)) as store, store.lock("newswatch run", clock()):
        assert run("drop", "aaaa1", "-c", config).code == 0
        assert run("retry", "aaaa1", "-c", config).code == 0
        assert run("deliveries", "-c", config).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["retry", "bbbb1"], 1, "dlv_bbbb1 was accepted by its receiver "),
        (["drop", "dlv_bbbb1"], 1, "; there is nothing to drop"),
        (["drop", "aaaa"], 1, "'aaaa' begins several ids (dlv_aaaa1, dlv_aaaa2); write more of it"),
        (["drop", "a"], 1, "no delivery 'a'; `newswatch deliveries` lists them with their ids"),
        (["drop", "dlv_%"], 1, "no delivery 'dlv_%'"),
        (["retry"], 2, "name deliveries, or write --failed"),
        (["retry", "--failed", "aaaa1"], 2, "name deliveries, or write --failed"),
        (["retry", "--failed", "--channel", "pager"], 2, "no channel is called 'pager'; configured: box, hook"),
        (["deliveries", "--since", "soon"], 2, "is not a duration"),
    ],
)
def test_what_cannot_be_done_is_said(run: Run, config: Path, arguments: list[str], code: int, said: str) -> None:
    done = run(*arguments, "-c", config)
    assert done.code == code
    assert said in done.err


def test_a_channel_that_does_not_work_is_named(run: Run, config: Path) -> None:
    since = clock() - HOUR
    with closing(opened(config)) as store, store.transaction() as tx:
        tx.save_outage(Outage("hook", since, "hook answered 503", told=since, told_over="box", last_told=since))
        tx.save_outage(Outage("box", clock(), "the disk is full"))
    shown = run("deliveries", "-c", config)
    [line] = [line for line in shown.err.splitlines() if line.startswith("!")]
    assert line.startswith("! channel hook has taken nothing since ")
    assert line.endswith(" (hook answered 503); the operator was told over box")


def test_once_sends_what_is_retried(run: Run, config: Path) -> None:
    assert run("retry", "--failed", "-c", config).code == 0
    run("once", "-c", config)
    assert list((config.parent / "other").iterdir())
    assert ids(run("deliveries", "--due", "--json", "-c", config)) == ["dlv_aaaa1"]
