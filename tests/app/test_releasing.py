"""From pending to told over real stores: grouping, quiet hours, mutes, escalation; and killed at every step of it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from loopback import news
from loopback.world import write_config
from newswatch.app import App
from newswatch.config.load import Loaded, load_config
from newswatch.model import Alert, Delivery, DeliveryState, Development, Mute, Pending
from newswatch.store import Store, open_store

NOW = datetime.fromisoformat("2031-03-02T12:00Z")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
BOX = "{box: {type: folder, path: outbox}, other: {type: folder, path: other}}"


def configured(folder: Path, url: str, recipients: str) -> Loaded:
    config = write_config(folder, {"wire": "http://127.0.0.1:9/"}, BOX, recipients)
    config.write_text(f"{config.read_text()}store: {{url: '{url}'}}\n")
    return load_config(config, {})


@contextmanager
def opened(loaded: Loaded) -> Iterator[Store]:
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    try:
        yield store
    finally:
        store.close()


def live(loaded: Loaded, store: Store, work: Callable[[App], Awaitable[None]]) -> None:
    """One life of the application over a store."""

    async def life() -> None:
        async with App(loaded, store, environ={}) as app:
            await work(app)

    asyncio.run(life())


def pending(development: Development, since: datetime = NOW, who: str = "desk") -> Pending:
    story = replace(news.STORY, story_id=f"of {development.development_id}")
    return Pending(who, news.item(development, story), "velmora", news.EVENT.title, since)


def add(store: Store, *waiting: Pending) -> None:
    with store.transaction() as tx:
        tx.add_pending(waiting)


def told(store: Store) -> list[tuple[str, str, list[str]]]:
    """Recipient, channel and developments of every delivery, oldest first."""
    found = sorted(store.deliveries(), key=lambda d: (d.created, d.delivery_id))
    return [(d.alert.recipient, d.channel, [i.development.development_id for i in d.alert.items]) for d in found]


def test_what_arrives_together_is_one_alert_after_the_wait(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, "[{id: desk, channels: [box]}]")

    async def work(app: App) -> None:
        assert (await app.release(NOW + 29 * SECOND)).alerts == 0
        assert told(store) == []
        report = await app.release(NOW + 30 * SECOND)
        assert (report.alerts, report.told) == (1, 2)
        assert (await app.release(NOW + HOUR)).alerts == 0

    with opened(loaded) as store:
        add(store, pending(news.DETAINED), pending(news.INJURED, NOW + 10 * SECOND))
        add(store, pending(news.DETAINED, NOW + HOUR))  # it stands there already
        live(loaded, store, work)
        assert told(store) == [("desk", "box", ["dev_injured", "dev_detained"])]
        assert store.recipients_waiting() == ()


QUIET = "[{id: desk, channels: [box], timezone: Europe/Berlin, quiet: {from: '22:00', until: '07:00'}}]"


def test_quiet_hours_outlive_the_application_and_end_with_one_alert(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, QUIET)
    # The clocks go forward in this night: it ends at 05:00 UTC, and not at 06:00.
    night = datetime.fromisoformat("2031-03-29T22:00Z")

    async def before(app: App) -> None:
        for hour in range(7):
            assert (await app.release(night + hour * HOUR)).alerts == 0
        [waiting] = await app.waiting(night)
        assert (waiting.recipient, waiting.count, waiting.why) == ("desk", 2, "quiet hours")
        assert waiting.until == datetime.fromisoformat("2031-03-30T05:00Z")

    async def after(app: App) -> None:
        assert (await app.release(night + 7 * HOUR)).alerts == 1
        assert await app.waiting(night + 7 * HOUR) == []

    with opened(loaded) as store:
        add(store, pending(news.DETAINED, night), pending(news.INJURED, night + HOUR))
        live(loaded, store, before)
        live(loaded, store, after)
        assert told(store) == [("desk", "box", ["dev_injured", "dev_detained"])]


def test_a_rate_merges_what_it_holds(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, "[{id: desk, channels: [box], group_wait: 0, at_most: 2 per hour}]")

    async def work(app: App) -> None:
        for number in range(10):
            now = NOW + number * MINUTE
            add(store, pending(replace(news.DETAINED, development_id=f"d{number}"), now))
            await app.release(now)
        assert (await app.waiting(now))[0].why == "at most 2 per hour"
        await app.release(NOW + HOUR)

    with opened(loaded) as store:
        live(loaded, store, work)
        assert told(store) == [
            ("desk", "box", ["d0"]), ("desk", "box", ["d1"]), ("desk", "box", [f"d{n}" for n in range(9, 1, -1)]),
        ]  # fmt: skip


def test_what_a_person_mutes_meanwhile_comes_in_the_digest(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, "[{id: desk, channels: [box], digest: {cron: '0 7 * * *'}}]")
    mute = Mute("mut_1", NOW + HOUR, NOW, "ana", topic="legal", why="seen it")

    async def work(app: App) -> None:
        await app.digest(NOW)  # the first one only marks where the next begins
        with store.transaction() as tx:
            tx.add_mute(mute)
        report = await app.release(NOW + MINUTE)
        assert (report.alerts, report.diverted) == (1, 1)
        assert await app.digest(NOW + 24 * HOUR) == 1

    with opened(loaded) as store:
        add(store, pending(news.DETAINED), pending(news.INJURED))
        live(loaded, store, work)
        assert told(store) == [("desk", "box", ["dev_injured"]), ("desk", "box", ["dev_detained"])]


def test_a_mute_that_is_ended_ends(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, "[{id: desk, channels: [box], digest: null, alert_from: digest}]")

    async def work(app: App) -> None:
        assert (await app.release(NOW + MINUTE)).alerts == 0
        assert (await app.waiting(NOW + MINUTE))[0].why == "everything for desk is muted by ana"
        with store.transaction() as tx:
            tx.end_mute("mut_1", NOW + MINUTE, "bo")
        assert store.mutes(NOW + MINUTE) == ()
        assert (await app.release(NOW + MINUTE)).alerts == 1

    with opened(loaded) as store:
        add(store, pending(news.DETAINED))
        with store.transaction() as tx:
            tx.add_mute(Mute("mut_1", NOW + HOUR, NOW, "ana", recipient="desk"))
        live(loaded, store, work)


ESCALATING = """[{id: desk, channels: [box], group_wait: 0, escalate: {to: chief, after: 10m}},
                 {id: chief, channels: [other], quiet: {from: '00:00', until: '23:59'}, at_most: 1 per day,
                  escalate: {to: owner, after: 20m}}, {id: owner, channels: [other]}]"""


def alerts(store: Store) -> list[tuple[str, str]]:
    return sorted((d.alert.recipient, d.alert.escalated_from) for d in store.deliveries())


def first(store: Store, who: str) -> Alert:
    return next(d.alert for d in store.deliveries() if d.alert.recipient == who)


def test_an_urgent_alert_that_nobody_acknowledges_climbs(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, ESCALATING)

    async def work(app: App) -> None:
        await app.release(NOW)
        assert (await app.release(NOW + 10 * MINUTE - SECOND)).escalated == 0
        assert (await app.release(NOW + 10 * MINUTE)).escalated == 1
        assert (await app.release(NOW + 10 * MINUTE)).escalated == 0
        assert alerts(store) == [("chief", "desk"), ("desk", "")]
        assert (await app.release(NOW + 30 * MINUTE)).escalated == 1
        assert (await app.release(NOW + 24 * HOUR)).escalated == 0

    with opened(loaded) as store:
        add(store, pending(news.INJURED))
        live(loaded, store, work)
        assert alerts(store) == [("chief", "desk"), ("desk", ""), ("owner", "chief")]
        assert {d.alert.origin for d in store.deliveries()} == {"", first(store, "desk").alert_id}


@pytest.mark.parametrize("who", ["desk", "chief"])
def test_an_acknowledgement_of_either_ends_it(url: str, tmp_path: Path, who: str) -> None:
    loaded = configured(tmp_path, url, ESCALATING)

    async def work(app: App) -> None:
        await app.release(NOW)
        await app.release(NOW + 10 * MINUTE)
        with store.transaction() as tx:
            tx.acknowledge(first(store, who), NOW + 11 * MINUTE, "ana", "")
            tx.acknowledge(first(store, who), NOW + 12 * MINUTE, "bo", "")
        assert (await app.release(NOW + 24 * HOUR)).escalated == 0

    with opened(loaded) as store:
        add(store, pending(news.INJURED))
        live(loaded, store, work)
        assert alerts(store) == [("chief", "desk"), ("desk", "")]
        seen = store.acknowledged(first(store, "desk"))
        assert seen is not None
        assert (seen.made, seen.made_by) == (NOW + 11 * MINUTE, "ana")


def test_what_was_not_urgent_or_is_muted_does_not_climb(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, ESCALATING)

    async def work(app: App) -> None:
        await app.release(NOW)
        with store.transaction() as tx:
            tx.add_mute(Mute("mut_1", NOW + HOUR, NOW, "ana", topic="casualties"))
        assert (await app.release(NOW + 30 * MINUTE)).escalated == 0
        assert (await app.release(NOW + HOUR)).escalated == 1

    with opened(loaded) as store:
        add(store, pending(news.RESIGNS))
        add(store, replace(pending(news.INJURED), event="kestrel"))
        live(loaded, store, work)
        assert alerts(store) == [("chief", "desk"), ("desk", ""), ("desk", "")]


def test_what_waits_for_who_is_gone_waits_and_escalation_to_nobody_ends(url: str, tmp_path: Path) -> None:
    loaded = configured(tmp_path, url, ESCALATING)

    async def told_to_desk(app: App) -> None:
        await app.release(NOW)

    async def later(app: App) -> None:
        report = await app.release(NOW + 24 * HOUR)
        assert (report.alerts, report.escalated) == (0, 0)

    with opened(loaded) as store:
        add(store, pending(news.INJURED), pending(news.DETAINED, who="gone"))
        live(loaded, store, told_to_desk)
        live(configured(tmp_path, url, "[{id: chief, channels: [other]}]"), store, later)
        assert store.due_escalations(NOW + 24 * HOUR) == ()
        assert store.recipients_waiting() == ("gone",)


KILLED = """
import asyncio, os, signal, sys
from datetime import datetime
from pathlib import Path
from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.store import open_store

def bomb(name):
    if name == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

async def work():
    loaded = load_config(Path(sys.argv[1]), {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=datetime.fromisoformat(sys.argv[2]))
    async with App(loaded, store, environ={}, checkpoint=bomb) as app:
        await app.release(datetime.fromisoformat(sys.argv[2]))

asyncio.run(work())
"""


@pytest.mark.parametrize("step", ["before-release", "after-release", "before-escalation", "after-escalation"])
def test_kill_9_between_any_two_steps_loses_nothing_and_doubles_nothing(url: str, tmp_path: Path, step: str) -> None:
    loaded = configured(tmp_path, url, ESCALATING)
    with opened(loaded) as store:
        add(store, pending(news.INJURED), pending(news.DETAINED, who="owner"))
        with store.transaction() as tx:
            tx.add_mute(Mute("mut_1", NOW + HOUR, NOW, "ana", recipient="owner"))

    def killed_at(now: datetime, where: str) -> int:
        command = [sys.executable, "-c", KILLED, str(loaded.path), now.isoformat(), where]
        return subprocess.run(command, env=os.environ, timeout=60).returncode

    escalating = "escalation" in step
    if escalating:
        assert killed_at(NOW, "never") == 0
    now = NOW + 10 * MINUTE if escalating else NOW
    assert killed_at(now, step) == -signal.SIGKILL
    assert killed_at(now, "never") == 0
    assert killed_at(now, "never") == 0
    with opened(loaded) as store:
        assert alerts(store) == ([("chief", "desk"), ("desk", "")] if escalating else [("desk", "")])
        with store.transaction() as tx:
            held = tx.take_held("owner", NOW, "2031-03-03T07:00")
        assert [one.item.development.development_id for one in held] == ["dev_detained"]
        assert states(store.deliveries()) == {DeliveryState.DUE}


def states(deliveries: list[Delivery]) -> set[DeliveryState]:
    return {delivery.state for delivery in deliveries}
