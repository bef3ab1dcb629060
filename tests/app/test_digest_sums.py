"""What a digest says beside its developments, over real runs: sums that add up, figures, sources that fail."""

import asyncio
from datetime import timedelta
from pathlib import Path

from app.test_whole_way import configured, stand
from loopback.feed_server import FeedServer
from loopback.world import MOMENTS
from newswatch.app import App
from newswatch.app.digesting import tracks
from newswatch.config.event import Event, Match
from newswatch.config.load import load_config
from newswatch.model import Alert, Evidence, Fact, Figure
from newswatch.store import open_store

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
