"""What a digest says beside its developments, over real runs: sums that add up, figures, sources that fail."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.test_whole_way import configured, stand
from loopback import news
from loopback.feed_server import FeedServer
from loopback.world import MOMENTS
from newswatch.alerting.render import Renderer
from newswatch.app import App
from newswatch.app.digesting import Digester, tracks
from newswatch.config.event import Event, Match
from newswatch.config.load import load_config
from newswatch.config.settings import Feed, Recipient
from newswatch.model import (
    Action,
    Alert,
    Correction,
    DeliveryState,
    Evidence,
    Fact,
    FeedState,
    Figure,
    Pending,
    Story,
)
from newswatch.store import Store, open_store

WHO = "[{id: desk, channels: [box], digest: {cron: '0 * * * *', send_empty: true}}]"


def run(folder: Path, url: str) -> tuple[list[Alert], list[dict[str, int]]]:
    """The whole week: every digest that was written, and what each poll counted."""

    async def work() -> None:
        async with App(loaded, store, environ={}) as app:
            await app.digest(MOMENTS[0] - timedelta(hours=1))
            for now in (*MOMENTS, MOMENTS[-1] + timedelta(hours=1)):
                stand(feeds, now)
                polled = await app.poll(now)
                counted.append({"seen": polled.new + polled.edited, "about": polled.about, "told": polled.told})
                await app.release(now, wait=False)
                await app.deliver(now)
            await app.digest(MOMENTS[-1] + timedelta(days=1))

    counted: list[dict[str, int]] = []
    with FeedServer() as feeds:
        config = configured(folder, feeds, "{box: {type: folder, path: outbox}}", WHO)
        config.write_text(f"{config.read_text()}store: {{url: '{url}'}}\n")
        loaded = load_config(config, {})
        store = open_store(loaded.settings.store.url, base=loaded.base, now=MOMENTS[0])
        try:
            asyncio.run(work())
            alerts = [delivery.alert for delivery in store.deliveries() if delivery.alert.digest]
        finally:
            store.close()
    return alerts, counted


def test_the_counts_add_up_over_real_runs(url: str, tmp_path: Path) -> None:
    [alert], counted = run(tmp_path, url)
    counts = dict(alert.counts)
    assert counts["seen"] == counts["about"] + counts["not about"]
    assert counts["about"] == counts["told"] + counts["waiting"] + counts["silent"] + counts["failed"]
    assert counts["seen"] == sum(one["seen"] for one in counted)
    assert counts["about"] == sum(one["about"] for one in counted)
    assert counts["told"] == sum(one["told"] for one in counted) > 0
    assert counts["failed"] == counts["waiting"] == 0


def test_the_figures_of_the_period_are_those_that_were_told(url: str, tmp_path: Path) -> None:
    [alert], _ = run(tmp_path, url)
    assert alert.figures, "the week has a toll that changes"
    for track in alert.figures:
        assert [point.at for point in track.points] == sorted(point.at for point in track.points)
        assert alert.period is not None
        assert alert.period[0] < track.points[-1].at <= alert.period[1]
        assert all(
            a.value != b.value or a.bound != b.bound for a, b in zip(track.points, track.points[1:], strict=False)
        )


def test_that_nobody_was_killed_somewhere_is_no_toll_of_the_event(url: str, tmp_path: Path) -> None:
    now = MOMENTS[0]
    event = Event(event="ev", title="Ev", about=Match(any=("x",)))

    def told(value: float, measure: str) -> Fact:
        claim = Figure(Evidence("x", 0), measure, value)
        return Fact(f"f{measure}{value:g}", "ev", claim, "sty", "Wire", now, told=True)

    store = open_store(url, base=tmp_path, now=now)
    try:
        with store.transaction() as tx:
            tx.add_facts([told(0, "killed"), told(9, "injured"), told(0, "missing")])
        found = tracks(store, event, now - timedelta(hours=1), now)
    finally:
        store.close()
    assert [(track.measure, track.points[-1].value) for track in found] == [("injured", 9), ("missing", 0)]


DESK = Recipient(id="desk", channels=("box",))
DAY = timedelta(days=1)


def story(number: int) -> Story:
    return replace(news.STORY, story_id=f"sty_{number}", url=f"https://wire.example.org/{number}", first_seen=news.NOW)


def told_by(number: int) -> Pending:
    told = replace(news.DETAINED, development_id=f"dev_{number}", story_id=f"sty_{number}")
    return Pending("desk", news.item(told, story(number)), "velmora", news.EVENT.title, news.NOW)


def test_what_failed_and_what_waits_is_counted_and_adds_up(url: str, tmp_path: Path) -> None:
    store = open_store(url, base=tmp_path, now=news.NOW)
    try:
        waiting = [told_by(number) for number in range(5)]
        with store.transaction() as tx:
            for number, one in enumerate(waiting):
                tx.save_story(story(number), signature=b"", bands=())
                decided = news.decision(one.item.development)
                tx.save_decision(replace(decided, story_id=f"sty_{number}"), news.NOW)
            tx.add_pending(waiting)
            # An alert of three stories, of which two told the same and are one line; it reached nobody.
            lost = replace(news.alert(waiting[0].item, waiting[2].item), alert_id="alr_lost", created=news.NOW)
            tx.add_alert(lost)
            tx.add_deliveries([replace(news.delivery(lost), state=DeliveryState.FAILED, next_due=None)])
            tx.settle(waiting[:3], "alr_lost")
            fine = replace(news.alert(waiting[3].item), alert_id="alr_fine", created=news.NOW)
            tx.add_alert(fine)
            tx.add_deliveries([replace(news.delivery(fine), delivery_id="dlv_2", state=DeliveryState.SENT)])
            tx.settle(waiting[3:4], "alr_fine")
        counts = dict(store.period_counts("desk", news.NOW - DAY, news.NOW + DAY, ()))
    finally:
        store.close()
    assert counts == {
        "seen": 5, "not about": 0, "about": 5, "told": 1, "waiting": 1, "silent": 0, "failed": 3,
    }  # fmt: skip


def previewed(store: Store, start: datetime, until: datetime) -> Alert:
    feeds = tuple((name, Feed(id=name, url=f"https://{name}.example/rss", title=name)) for name in ("a", "b", "c"))
    digester = Digester((DESK,), (news.EVENT,), feeds, store, lambda _step: None)
    return digester.preview(DESK, start, until)


def test_a_source_that_failed_in_the_period_is_named_though_it_answers_again(url: str, tmp_path: Path) -> None:
    store = open_store(url, base=tmp_path, now=news.NOW)
    failed: dict[str, Any] = {"last_failure": news.NOW, "failed_with": "answered 503"}
    try:
        with store.transaction() as tx:
            tx.save_feed(FeedState("a", "https://a.example/rss", last_success=news.NOW + DAY / 2, **failed))
            tx.save_feed(FeedState("b", "https://b.example/rss", failures=2, last_error="no answer", **failed))
            tx.save_feed(FeedState("c", "https://c.example/rss", last_success=news.NOW))
        first = previewed(store, news.NOW - DAY, news.NOW + DAY)
        second = previewed(store, news.NOW + DAY, news.NOW + 2 * DAY)
    finally:
        store.close()
    again, fails = first.failed_feeds
    assert (again.title, again.error, again.again) == ("a", "answered 503", news.NOW)
    assert (fails.title, fails.error, fails.again) == ("b", "no answer", None)
    assert [one.title for one in second.failed_feeds] == ["b"]


def test_what_people_reject_is_listed_and_what_they_take_back(url: str, tmp_path: Path) -> None:
    def fact(name: str, *, told: bool, story_id: str = "sty_0") -> Fact:
        claim = Figure(Evidence(f"Nine were killed ({name}).", 0), "killed", 9)
        return Fact(name, "velmora", claim, story_id, "Wire", news.NOW - DAY, told=told)

    def says(name: str, action: Action, when: datetime, note: str = "") -> Correction:
        return Correction("velmora", name, action, f"Nine were killed ({name}).", when, "ana", note=note)

    store = open_store(url, base=tmp_path, now=news.NOW)
    try:
        with store.transaction() as tx:
            tx.save_story(story(0), signature=b"", bands=())
            tx.add_facts([
                fact("told", told=True), fact("silent", told=False), fact("base", told=False, story_id=""),
                fact("accepted", told=True),
            ])  # fmt: skip
            for name in ("told", "silent", "base"):
                tx.add_correction(says(name, Action.REJECT, news.NOW, "counted twice" if name == "told" else ""))
            tx.add_correction(says("accepted", Action.ACCEPT, news.NOW))
            tx.add_correction(says("told", Action.UNDO, news.NOW + DAY))
        first = previewed(store, news.NOW - DAY, news.NOW + DAY / 2)
        second = previewed(store, news.NOW + DAY / 2, news.NOW + 2 * DAY)
    finally:
        store.close()
    said = [(one.development.summary, one.development.reason) for one in first.corrected]
    assert said == [
        ("No longer held as known: “Nine were killed (told).”", "rejected by ana; counted twice"),
        ("No longer held as known: “Nine were killed (base).”", "rejected by ana"),
    ]
    assert [one.development.summary for one in second.corrected] == ["Held as known again: “Nine were killed (told).”"]
    message = Renderer(None).render(news.delivery(first), recipient=DESK.model_copy(update={"language": "ru"}))
    assert "Больше не считается известным" in message.text
    assert "отклонено (ana); counted twice" in message.text
