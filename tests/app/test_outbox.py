"""The outbox over real stores and servers: order, several at once, poisoned messages, channels that do not work."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from loopback import news
from loopback.webhook_receiver import Answer, Call, WebhookReceiver
from loopback.world import write_config
from newswatch.alerting import policy
from newswatch.alerting.render import Renderer
from newswatch.app import App, DeliverReport, sending
from newswatch.app.marks import UNMARKED, Attempt
from newswatch.app.outages import Outages
from newswatch.config.load import load_config
from newswatch.config.settings import Recipient
from newswatch.errors import StoreError
from newswatch.model import Delivery, DeliveryState, Handling, Message, Outage
from newswatch.store import Store, open_store

NOW = news.NOW
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LATER, NO = Answer(503, body=b"later"), Answer(400, body=b"no")


class World:
    """A store with deliveries, and the configuration that sends them; each `send` is a life of its own."""

    def __init__(self, folder: Path, url: str, channels: str, recipients: str, more: str = "") -> None:
        self.config = write_config(folder, {"wire": "http://127.0.0.1:9/"}, channels, recipients)
        self.config.write_text(f"{self.config.read_text()}store: {{url: '{url}'}}\n{more}")
        self._folder, self._url = folder, url

    @contextmanager
    def store(self) -> Iterator[Store]:
        store = open_store(self._url, base=self._folder, now=NOW)
        try:
            yield store
        finally:
            store.close()

    def add(self, *names: str, channel: str = "hook", who: str = "desk", at: datetime = NOW) -> None:
        """A delivery for each name, a second apart."""
        with self.store() as store, store.transaction() as tx:
            for number, name in enumerate(names):
                made = at + number * SECOND
                alert = replace(
                    news.alert(news.item(news.INJURED)), alert_id=f"alr_{name}", recipient=who, created=made
                )
                tx.add_alert(alert)
                tx.add_deliveries([Delivery(f"dlv_{name}", alert, channel, created=made, next_due=made)])

    def send(self, now: datetime) -> DeliverReport:
        return self.live(lambda app: app.deliver(now))

    def live(self, work: Callable[[App], Awaitable[DeliverReport]]) -> DeliverReport:
        async def life(store: Store) -> DeliverReport:
            async with App(load_config(self.config, {}), store, environ={}) as app:
                return await work(app)

        with self.store() as store:
            return asyncio.run(life(store))

    def rows(self) -> dict[str, Delivery]:
        with self.store() as store:
            return {one.delivery_id: one for one in store.deliveries()}


def hook_at(receiver: WebhookReceiver, **more: object) -> str:
    extra = "".join(f", {key}: {value}" for key, value in more.items())
    return f"{{type: webhook, url: '{receiver.url}', allow_private: true{extra}}}"


def names(calls: Sequence[Call]) -> list[str]:
    return [call.headers["webhook-id"].removeprefix("dlv_") for call in calls]


DESK = "[{id: desk, channels: [hook]}, {id: chief, channels: [hook]}]"


# ---------------------------------------------------------------- order


def test_a_later_one_waits_for_an_earlier_one_that_is_put_off(url: str, tmp_path: Path) -> None:
    with WebhookReceiver([LATER, Answer()]) as receiver:
        world = World(tmp_path, url, f"{{hook: {hook_at(receiver, concurrency=1)}}}", DESK)
        world.add("a1", "a2", "a3")
        world.add("b1", who="chief", at=NOW + 5 * SECOND)
        report = world.send(NOW + 10 * SECOND)
        assert names(receiver.calls) == ["a1", "b1"]
        assert (report.sent, report.waiting) == (1, 3)
        # Also for another process, that has not seen it being put off.
        assert world.send(NOW + 11 * SECOND).sent == 0
        assert world.send(NOW + 20 * SECOND).waiting == 0
        assert names(receiver.calls)[2:] == ["a1", "a2", "a3"]


def test_the_others_pass_one_that_is_put_off_for_too_long(url: str, tmp_path: Path) -> None:
    with WebhookReceiver([LATER, LATER, LATER, Answer()]) as receiver:
        world = World(tmp_path, url, f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1", "a2")
        for now in (NOW + SECOND, NOW + 10 * SECOND, NOW + 6 * MINUTE, NOW + 15 * MINUTE):
            assert world.send(now).sent == 0
        assert names(receiver.calls) == ["a1", "a1", "a1"]
        assert world.send(NOW + 16 * MINUTE + SECOND).sent == 1
        assert world.send(NOW + HOUR).sent == 1
        assert names(receiver.calls)[3:] == ["a2", "a1"]


def test_one_that_is_refused_for_good_holds_up_nothing(url: str, tmp_path: Path) -> None:
    with WebhookReceiver([NO, Answer()]) as receiver:
        world = World(tmp_path, url, f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1", "a2")
        assert world.send(NOW + 10 * SECOND).sent == 1
        assert names(receiver.calls) == ["a1", "a2"]
        assert world.rows()["dlv_a1"].state is DeliveryState.FAILED


def test_one_that_cannot_be_rendered_holds_up_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render = Renderer.render

    def faulty(self: Renderer, delivery: Delivery, *, recipient: Recipient, form: str) -> Message:
        if delivery.delivery_id == "dlv_a1":
            raise RuntimeError("poison")
        return render(self, delivery, recipient=recipient, form=form)

    monkeypatch.setattr(Renderer, "render", faulty)
    with WebhookReceiver() as receiver:
        world = World(tmp_path, "sqlite:///s.db", f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1", "a2")
        report = world.send(NOW + 10 * SECOND)
        assert names(receiver.calls) == ["a2"]
        assert (report.sent, report.waiting) == (1, 1)
        with world.store() as store:
            assert store.outages() == ()


# ---------------------------------------------------------------- several at once


def test_as_many_at_once_as_the_channel_says_and_one_of_a_recipient(tmp_path: Path) -> None:
    # Nobody is answered before three are there: with fewer at once, it would wait in vain.
    together = threading.Barrier(3)

    def meet(call: Call) -> None:
        together.wait(10)

    with WebhookReceiver(on_call=meet) as receiver:
        people = [f"r{number}" for number in range(3)]
        everyone = ", ".join(f"{{id: {who}, channels: [hook]}}" for who in people)
        world = World(tmp_path, "sqlite:///s.db", f"{{hook: {hook_at(receiver, concurrency=3)}}}", f"[{everyone}]")
        for who in people:
            world.add(*(f"{who}-{number}" for number in range(4)), who=who)
        assert world.send(NOW + MINUTE).sent == 12
        for who in people:
            mine = [name for name in names(receiver.calls) if name.startswith(who)]
            assert mine == [f"{who}-{number}" for number in range(4)]


def test_a_channel_that_hangs_delays_no_other(tmp_path: Path) -> None:
    with WebhookReceiver([Answer(hang=True)]) as hangs, WebhookReceiver() as well:
        channels = f"{{bad: {hook_at(hangs)}, hook: {hook_at(well)}}}"
        world = World(tmp_path, "sqlite:///s.db", channels, "[{id: desk, channels: [bad, hook]}]")
        world.add("a1", channel="bad")
        world.add("b1", "b2")

        async def work(app: App) -> DeliverReport:
            stuck = asyncio.create_task(app.deliver_over("bad", NOW + MINUTE))
            report = await app.deliver_over("hook", NOW + MINUTE)
            assert not stuck.done()
            stuck.cancel()
            await asyncio.wait([stuck])
            return report

        assert world.live(work).sent == 2


def test_what_is_dropped_while_others_are_sent_is_not_sent(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if each message took longer than a look at the rows is good for.
    monkeypatch.setattr(sending, "LOOK", 0.0)

    def drop(call: Call) -> None:
        if call.headers["webhook-id"] == "dlv_a1":
            before = world.rows()["dlv_a2"]
            handling = Handling("dlv_a2", "drop", NOW, "ada", "told by phone")
            with world.store() as store, store.transaction() as tx:
                assert tx.handle(policy.dropped(before), handling, instead_of=DeliveryState.DUE)
                assert not tx.handle(policy.dropped(before), handling, instead_of=DeliveryState.DUE)

    with WebhookReceiver(on_call=drop) as receiver:
        world = World(tmp_path, url, f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1", "a2", "a3")
        assert world.send(NOW + MINUTE).sent == 2
        assert names(receiver.calls) == ["a1", "a3"]
        assert world.rows()["dlv_a2"].state is DeliveryState.DROPPED
        with world.store() as store:
            [one] = store.handlings(["dlv_a1", "dlv_a2"])["dlv_a2"]
        assert (one.made_by, one.why) == ("ada", "told by phone")


def test_what_is_dropped_while_it_is_refused_stays_dropped(tmp_path: Path) -> None:
    def drop(_call: Call) -> None:
        handling = Handling("dlv_a1", "drop", NOW, "ada")
        with world.store() as store, store.transaction() as tx:
            [before] = store.deliveries()
            tx.handle(policy.dropped(before), handling, instead_of=DeliveryState.DUE)

    with WebhookReceiver([LATER], on_call=drop) as receiver:
        world = World(tmp_path, "sqlite:///s.db", f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1")
        world.send(NOW + MINUTE)
        assert world.rows()["dlv_a1"].state is DeliveryState.DROPPED


# ---------------------------------------------------------------- a store that does not take the marks


def failing(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The disk is full for so many commits of marks."""
    record, left = Outages.record, [times]

    def fails(self: Outages, attempts: Sequence[Attempt], now: datetime) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise StoreError("the disk is full")
        record(self, attempts, now)

    monkeypatch.setattr(Outages, "record", fails)


def test_a_commit_that_fails_once_is_made_good_and_nothing_is_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, 1)
    with WebhookReceiver() as receiver:
        world = World(tmp_path, "sqlite:///s.db", f"{{hook: {hook_at(receiver)}}}", DESK)
        everything = [f"a{number:02}" for number in range(40)]
        world.add(*everything)
        assert world.send(NOW + MINUTE).sent == 40
        assert names(receiver.calls) == everything


def test_a_store_that_takes_no_marks_stops_it_and_at_most_sixteen_come_again_in_order(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, 2)
    with WebhookReceiver() as receiver:
        world = World(tmp_path, url, f"{{hook: {hook_at(receiver)}}}", DESK)
        everything = [f"a{number:02}" for number in range(40)]
        world.add(*everything)
        with pytest.raises(StoreError, match="the disk is full"):
            world.send(NOW + MINUTE)
        sent = len(receiver.calls)
        assert 1 <= sent <= UNMARKED == 16
        assert {one.state for one in world.rows().values()} == {DeliveryState.DUE}
        assert world.send(NOW + 2 * MINUTE).sent == 40
        assert names(receiver.calls) == everything[:sent] + everything


def test_a_pass_that_is_cancelled_marks_what_was_taken(tmp_path: Path) -> None:
    hang = threading.Event()

    def third(call: Call) -> None:
        if call.headers["webhook-id"] == "dlv_a3":
            asked.set()
            hang.wait(10)

    asked = threading.Event()
    with WebhookReceiver(on_call=third) as receiver:
        world = World(tmp_path, "sqlite:///s.db", f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1", "a2", "a3")

        async def work(app: App) -> DeliverReport:
            stuck = asyncio.create_task(app.deliver_over("hook", NOW + MINUTE))
            assert await asyncio.to_thread(asked.wait, 10)
            stuck.cancel()
            await asyncio.wait([stuck])
            assert stuck.cancelled()
            return DeliverReport()

        world.live(work)
        hang.set()
        states = {name: one.state for name, one in world.rows().items()}
        assert states == {
            "dlv_a1": DeliveryState.SENT,
            "dlv_a2": DeliveryState.SENT,
            "dlv_a3": DeliveryState.DUE,
        }


# ---------------------------------------------------------------- channels that do not work

TWO = "[{id: desk, channels: [hook]}, {id: chief, channels: [other], timezone: Europe/Berlin}]"


def told_over(receiver: WebhookReceiver) -> list[str]:
    return [call.data["data"]["developments"][0]["summary"] for call in receiver.calls]


def test_the_operator_is_told_once_that_it_is_dead_and_once_that_it_works(url: str, tmp_path: Path) -> None:
    with WebhookReceiver([LATER]) as receiver, WebhookReceiver() as other:
        channels = f"{{hook: {hook_at(receiver)}, other: {hook_at(other)}}}"
        world = World(tmp_path, url, channels, TWO, "operator: chief\ndead_after: 30m\n")
        world.add("a1", "a2")
        for minutes in (1, 7, 29):
            world.send(NOW + minutes * MINUTE)
        assert other.calls == []
        report = world.send(NOW + 32 * MINUTE)
        [summary] = told_over(other)
        assert summary == (
            "Channel hook does not work: it has taken nothing since Sun 2 Mar 2031, 19:06 CET. 2 messages wait for it."
        )
        [development] = other.calls[0].data["data"]["developments"]
        assert "answered 503 (later)" in development["evidence"][0]
        assert other.calls[0].data["data"]["recipient"] == "chief"
        dead = [refusal.message for refusal in report.problems if refusal.reason == "dead"]
        assert dead[0].startswith("it has taken nothing since 2031-03-02 18:06 UTC (http://127.0.0.1:")
        assert dead[0].endswith("; the operator was told over other")
        for minutes in range(33, 200, 10):
            world.send(NOW + minutes * MINUTE)
        assert len(other.calls) == 1
        receiver.answers = [Answer()]
        world.send(NOW + 11 * HOUR)
        assert world.send(NOW + 11 * HOUR + MINUTE).problems == []
        assert len(told_over(other)) == 2
        assert told_over(other)[1].startswith("Channel hook works again: it has just taken a message, the first since")
        assert [outage.since for outage in outages(world)] == [None]


def outages(world: World) -> Sequence[Outage]:
    with world.store() as store:
        return [outage for outage in store.outages() if outage.channel == "hook"]


def test_a_final_refusal_is_told_at_once_unless_something_else_went_through(tmp_path: Path) -> None:
    with WebhookReceiver([NO, Answer(), NO]) as receiver, WebhookReceiver() as other:
        channels = f"{{hook: {hook_at(receiver)}, other: {hook_at(other)}}}"
        world = World(tmp_path, "sqlite:///s.db", channels, TWO)
        world.add("a1", "a2")
        world.send(NOW + MINUTE)
        assert other.calls == []
        world.add("a3", at=NOW + 2 * MINUTE)
        world.send(NOW + 3 * MINUTE)
        [summary] = told_over(other)
        assert summary.endswith("No message waits for it.")


def test_one_that_comes_and_goes_makes_no_storm(tmp_path: Path) -> None:
    flapping = [answer for _ in range(30) for answer in (NO, Answer())]
    with WebhookReceiver([*flapping, Answer()]) as receiver, WebhookReceiver() as other:
        channels = f"{{hook: {hook_at(receiver)}, other: {hook_at(other)}}}"
        world = World(tmp_path, "sqlite:///s.db", channels, TWO)
        for number in range(60):
            world.add(f"a{number}", at=NOW + number * MINUTE)
            world.send(NOW + number * MINUTE + SECOND)
        assert len(receiver.calls) == 60
        assert len(other.calls) == 2


def test_without_another_channel_it_is_said_in_the_log_and_in_the_report(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, logger="newswatch.problems")
    with WebhookReceiver([NO]) as receiver:
        world = World(tmp_path, "sqlite:///s.db", f"{{hook: {hook_at(receiver)}}}", DESK)
        world.add("a1")
        report = world.send(NOW + MINUTE)
        assert report.problems[-1].message.endswith("; there is no other channel to tell the operator over")
    lines = [record.getMessage() for record in caplog.records if record.name == "newswatch.problems"]
    assert any("channel hook does not work, and there is no other one that does" in line for line in lines)
