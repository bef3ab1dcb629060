"""Probes and metrics of a console on a real socket, and of a service; Prometheus's own parser reads what is said."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.test_beside import configured, free_port
from loopback.console import TOKEN, opened, serving
from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss
from newswatch.app import DeliverReport, PollReport, Refusal, ReleaseReport
from newswatch.app.reports import Judged
from newswatch.config.load import load_config
from newswatch.console import Console, Meters
from newswatch.console.meters import CONTENT_TYPE
from newswatch.console.pulse import FAILED_FOR, STUCK_AFTER, Pulse
from newswatch.console.standing import standing
from newswatch.daemon import Beat, Service
from newswatch.model import Outage
from newswatch.store import open_reader, open_store

NOW = datetime(2031, 3, 3, 9, tzinfo=UTC)
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(found: Samples, name: str, **labels: str) -> float:
    return found[f"newswatch_{name}", tuple(sorted(labels.items()))]


class Ticking:
    """Monotonic seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_counters_add_up() -> None:
    meters = Meters(lambda: NOW)
    judged = [
        Judged("wire", "sty_1", "velmora", False, True, "alert", "", (("dev_1", "new", "alert"),)),
        Judged("wire", "sty_2", "velmora", False, True, "silent", "known"),
        Judged("wire", "sty_3", "velmora", True, False, "silent", "not about it"),
    ]
    meters.polled("wire", PollReport(polled=1, fresh=1, new=2, edited=1, about=2, told=1, judged=judged), 0.3)
    meters.polled("wire", PollReport(polled=1, unchanged=1), 0.01)
    meters.polled("herald", PollReport(polled=1, failed=1), 45.0)
    meters.polled("herald", PollReport(), 0.0)
    meters.released(ReleaseReport(alerts=2, escalated=1))
    meters.digested(3)
    report = DeliverReport(sent=4, failed=1)
    report.problems += [Refusal("mail", "later", "server"), Refusal("mail", "never", "client")]
    report.problems.append(Refusal("mail", "x@x.example is refused", "rejected", "x@x.example"))
    meters.delivered("mail", report)
    meters.reloaded(good=False)
    found = samples(meters.text(None, watchers=2).decode())
    outcomes = {one: value(found, "polls_total", outcome=one) for one in ("fresh", "unchanged", "failed", "postponed")}
    assert outcomes == {"fresh": 1, "unchanged": 1, "failed": 1, "postponed": 1}
    assert value(found, "poll_duration_seconds_count") == 3
    assert value(found, "poll_duration_seconds_bucket", le="0.5") == 2
    assert value(found, "stories_total", kind="new") == 2
    assert value(found, "event_stories_total", event="velmora", kind="new", outcome="told") == 1
    assert value(found, "event_stories_total", event="velmora", kind="new", outcome="silent") == 1
    assert value(found, "developments_total", event="velmora", outcome="new", severity="alert") == 1
    assert [value(found, "alerts_total", kind=one) for one in ("alert", "escalation", "digest")] == [2, 1, 3]
    sent = {one: value(found, "deliveries_total", channel="mail", outcome=one) for one in ("sent", "failed", "put_off")}
    assert sent == {"sent": 4, "failed": 1, "put_off": 1}
    assert value(found, "config_last_reload_successful") == 0
    assert value(found, "live_clients") == 2
    assert value(found, "store_readable") == 0
    assert not any(name == "newswatch_feeds" for name, _ in found)


def test_two_services_in_one_process_count_for_themselves() -> None:
    one, other = Meters(lambda: NOW), Meters(lambda: NOW)
    one.store_failed()
    assert value(samples(one.text(None, watchers=0).decode()), "store_errors_total") == 1
    assert value(samples(other.text(None, watchers=0).decode()), "store_errors_total") == 0


def test_what_the_store_says(open_config: Path) -> None:
    now = MOMENTS[-1] + timedelta(minutes=31)
    with opened(open_config, now) as (loaded, store):
        with store.transaction() as tx:
            tx.save_outage(Outage(next(iter(loaded.channels)), MOMENTS[-1], "nobody is there"))
        reader = open_reader(loaded.settings.store.url, base=loaded.base)
        with reader.moment() as pages:
            found = standing(pages, loaded, now)
        reader.close()
    shown = samples(Meters(lambda: now).text(found, watchers=0).decode())
    assert value(shown, "channel_dead", channel=next(iter(loaded.channels))) == 1
    assert sum(v for (name, _), v in shown.items() if name == "newswatch_feeds") == len(loaded.feeds)
    assert value(shown, "feed_failures", feed="wire") == 0
    assert value(shown, "feed_last_success_timestamp_seconds", feed="wire") == MOMENTS[-1].timestamp()
    assert value(shown, "last_poll_timestamp_seconds") == MOMENTS[-1].timestamp()
    assert value(shown, "store_bytes") > 100_000
    assert value(shown, "outbox_oldest_due_seconds") >= 0


def test_a_feed_that_left_the_configuration_leaves_the_metrics(open_config: Path) -> None:
    meters = Meters(lambda: NOW)
    for without in ("", "wire"):
        text = open_config.read_text()
        if without:
            lines = [line for line in text.splitlines() if f"id: {without}," not in line]
            open_config.write_text("\n".join(lines) + "\n")
        with opened(open_config, NOW) as (loaded, _):
            reader = open_reader(loaded.settings.store.url, base=loaded.base)
            with reader.moment() as pages:
                found = samples(meters.text(standing(pages, loaded, NOW), watchers=0).decode())
            reader.close()
        assert (("newswatch_feed_failures", (("feed", "wire"),)) in found) is (not without)


def test_a_pulse_tells_a_service_that_hangs_from_one_whose_store_fails() -> None:
    clock = Ticking()
    pulse = Pulse(clock)
    assert pulse.ill() == ""
    assert pulse.unready() == "no feed was polled yet"
    pulse.due(3)
    assert pulse.unready() == "no feed was polled yet"
    pulse.due(0)
    assert pulse.unready() == ""
    pulse.store_failed()
    assert pulse.ill() == "the store fails; the log says how"
    pulse.ticked()
    assert pulse.unready() == pulse.ill() != ""
    clock.now += FAILED_FOR
    assert pulse.ill() == ""
    clock.now += STUCK_AFTER
    assert pulse.ill() == "nothing got through to the store for 120 s"
    pulse.ticked()
    pulse.stopping()
    assert pulse.unready() == "it is stopping"
    assert pulse.ill() == ""


def test_a_service_that_never_ticks_is_ill_after_a_while() -> None:
    clock = Ticking()
    pulse = Pulse(clock)
    clock.now += STUCK_AFTER
    assert pulse.ill()


async def test_probes_need_no_token_and_metrics_do(closed_config: Path) -> None:
    async with serving(closed_config) as served:
        for path in ("/healthz", "/readyz"):
            answer = await served.client.get(path)
            assert answer.status_code == 200, path
            assert answer.json() == {"ok": True, "why": ""}
            assert "set-cookie" not in answer.headers
            assert answer.headers["cache-control"] == "no-store"
        refused = await served.client.get("/metrics")
        assert refused.status_code == 401
        assert "newswatch_" not in refused.text
        wrong = await served.client.get("/metrics", headers={"Authorization": "Bearer wrong-wrong-wrong"})
        assert wrong.status_code == 401
        right = await served.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert right.status_code == 200
        assert right.headers["content-type"] == CONTENT_TYPE
        assert value(samples(right.text), "store_readable") == 1
        assert TOKEN not in right.text
        assert (await served.client.post("/metrics")).status_code in {401, 403}
        foreign = await served.client.get("/healthz", headers={"Host": "evil.example"})
        assert foreign.status_code == 421


async def test_on_this_machine_metrics_need_no_token_and_one_look_serves_some_seconds(open_config: Path) -> None:
    async with serving(open_config) as served:
        first = samples((await served.client.get("/metrics")).text)
        began = time.perf_counter()
        for _ in range(20):
            assert (await served.client.get("/metrics")).status_code == 200
        assert time.perf_counter() - began < 10
        assert value(first, "feeds", health="well") + value(first, "feeds", health="quiet") > 0


async def test_a_store_that_cannot_be_read_is_503_and_says_nothing_of_it(
    open_config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(open_config) as served:
        served.store.close()
        (open_config.parent / "newswatch.db").write_bytes(b"this is no database, and never was one" * 200)
        answer = await served.client.get("/healthz")
        assert answer.status_code == 503
        assert answer.json() == {"ok": False, "why": "the store cannot be read; the log says why"}
        assert str(open_config.parent) not in answer.text
        assert value(samples((await served.client.get("/metrics")).text), "store_readable") == 0
    assert "the store cannot be read for metrics" in caplog.text


async def test_a_service_counts_what_it_does(tmp_path: Path) -> None:
    routes = {f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}
    with FeedServer(routes) as feeds:
        port = free_port()
        config = configured(tmp_path, feeds, f"console: {{listen: '127.0.0.1:{port}'}}")
        store = open_store("sqlite:///newswatch.db", base=tmp_path, now=MOMENTS[2])

        def clock() -> datetime:
            return MOMENTS[2]

        meters = Meters(clock)
        service = Service(
            lambda: load_config(config, {}), store, clock=clock, environ={},
            beat=Beat(poll=0.05, deliver=0.05, digest=0.05),
            beside=Console(clock=clock, environ={}, meters=meters), meter=meters,
        )  # fmt: skip
        running = asyncio.create_task(service.run())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

            async def until_polled() -> Samples:
                while True:
                    try:
                        found = samples((await client.get("/metrics")).text)
                    except httpx.ConnectError:
                        found = {}
                    if found and value(found, "polls_total", outcome="fresh") == len(FEEDS):
                        return found
                    await asyncio.sleep(0.05)

            found = await asyncio.wait_for(until_polled(), 30)
            assert (await client.get("/healthz")).json() == {"ok": True, "why": ""}
            assert (await client.get("/readyz")).status_code == 200
            told = [v for (name, labels), v in found.items()
                    if name == "newswatch_event_stories_total" and ("outcome", "told") in labels]  # fmt: skip
            assert sum(told) > 0
            assert value(found, "last_tick_timestamp_seconds") == MOMENTS[2].timestamp()
            assert value(found, "poll_duration_seconds_count") == len(FEEDS)
            assert found["process_resident_memory_bytes", ()] > 0
            good = config.read_text()
            config.write_text("polling: {intervall: 5m}\n")
            os.kill(os.getpid(), signal.SIGHUP)
            while value(found, "config_last_reload_successful"):
                await asyncio.sleep(0.05)
                found = samples((await client.get("/metrics")).text)
            config.write_text(good)
            os.kill(os.getpid(), signal.SIGHUP)
            while not value(found, "config_last_reload_successful"):
                await asyncio.sleep(0.05)
                found = samples((await client.get("/metrics")).text)
            assert value(found, "config_reloads_total", outcome="bad") == 1
            assert value(found, "polls_total", outcome="fresh") == len(FEEDS)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 30)
        store.close()
    assert meters.pulse.unready() == "it is stopping"
