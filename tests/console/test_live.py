"""What is new comes as it happens, over real HTTP: once, in order, and nothing is lost between two connections."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from loopback.console import Served, serving
from loopback.world import MOMENTS
from newswatch.console.live import QUEUE, Hub, News, frame
from newswatch.errors import StoreError
from newswatch.model import Decision, Development, Outcome, Severity, Story
from newswatch.store import Store, Wanted

LIMIT = 15.0
NOW = MOMENTS[-1]
STORY = Story("sty_live", "", "Velmora: a second wave", "A second wave came.", "Wire", "en", NOW, NOW)


def happens(store: Store, number: int, *, topic: str = "legal", language: str = "en", event: str = "velmora") -> None:
    """A poll commits a story with one development."""
    story = replace(STORY, story_id=f"sty_live{number}", language=language)
    told = Development(
        f"dev_live{number}", event, story.story_id, "happening", Outcome.NEW, f"Wave {number} <b>came</b>.", topic,
        Severity.ALERT, ("A second wave came.",),
    )  # fmt: skip
    with store.transaction() as tx:
        tx.save_story(story, signature=b"", bands=())
        tx.save_decision(
            Decision(event, story.story_id, 1, True, Severity.ALERT, (topic,), "new", (told,)), NOW
        )  # fmt: skip


@asynccontextmanager
async def looking(served: Served, path: str, **headers: str) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    async with served.client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"

        async def events() -> AsyncIterator[dict[str, str]]:
            one: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if not line:
                    if one:
                        yield one
                    one = {}
                    continue
                name, _, value = line.partition(":")
                one[name or "comment"] = one.get(name, "") + value.strip()

        yield events()


async def named(events: AsyncIterator[dict[str, str]], name: str = "development") -> dict[str, str]:
    async with asyncio.timeout(LIMIT):
        async for one in events:
            if one.get("event") == name:
                return one
    raise AssertionError("the stream ended")


async def until(so: Callable[[], bool]) -> None:
    """Let everything else run until it is so."""
    async with asyncio.timeout(LIMIT):
        while not so():  # noqa: ASYNC110 - what is waited for says nothing to anybody
            await asyncio.sleep(0)


def newest(served: Served) -> int:
    return served.server.hub.seen


async def test_what_is_committed_comes_at_once(open_config: Path) -> None:
    async with serving(open_config) as served:
        seen = newest(served)
        async with looking(served, f"/events/velmora/live?after={seen}") as events:
            happens(served.store, 1)
            served.server.hub.wake()
            one = await named(events)
    assert "Wave 1 &lt;b&gt;came&lt;/b&gt;." in one["data"]
    assert 'class="development alert"' in one["data"]
    assert int(one["id"]) > seen


async def test_nothing_is_lost_between_two_connections(open_config: Path) -> None:
    async with serving(open_config) as served:
        seen = newest(served)
        async with looking(served, f"/events/velmora/live?after={seen}") as events:
            happens(served.store, 1)
            served.server.hub.wake()
            first = await named(events)
        for number in (2, 3):
            happens(served.store, number)
        served.server.hub.wake()
        path, last = f"/events/velmora/live?after={seen}", {"Last-Event-ID": first["id"]}
        async with looking(served, path, **last) as events:
            missed = [await named(events), await named(events)]
            happens(served.store, 4)
            served.server.hub.wake()
            missed.append(await named(events))
    assert [one["data"].split("Wave ")[1][0] for one in missed] == ["2", "3", "4"]
    assert [int(one["id"]) for one in missed] == sorted({int(one["id"]) for one in missed})


async def test_only_what_the_filter_shows_comes(open_config: Path) -> None:
    async with serving(open_config) as served:
        path = f"/events/velmora/live?topic=legal&language=ru&after={newest(served)}"
        async with looking(served, path) as events:
            happens(served.store, 1, topic="casualties", language="ru")
            happens(served.store, 2, language="en")
            happens(served.store, 3, language="ru", event="elsewhere")
            happens(served.store, 4, language="ru")
            served.server.hub.wake()
            one = await named(events)
    assert "Wave 4" in one["data"]


async def test_a_sign_of_life_carries_the_number_on(open_config: Path) -> None:
    async with serving(open_config, heartbeat=0.05) as served:
        seen = newest(served)
        async with looking(served, f"/events/velmora/live?after={seen}") as events:
            async with asyncio.timeout(LIMIT):
                async for one in events:
                    if one.get("comment") == "still here":
                        break
    assert one == {"comment": "still here", "id": str(seen)}


async def test_a_page_that_was_away_for_long_loads_itself_again(
    open_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newswatch.console.pages.MOST_BEHIND", 3)
    async with serving(open_config) as served, looking(served, "/events/velmora/live?after=0") as events:
        assert (await named(events, "stale"))["data"] == "load"


async def test_another_process_that_writes_is_noticed(open_config: Path) -> None:
    async with (
        serving(open_config, writes=False, every=0.05) as served,
        looking(served, f"/events/velmora/live?after={newest(served)}") as events,
    ):
        happens(served.store, 1)
        assert "Wave 1" in (await named(events))["data"]


async def test_many_look_and_the_store_is_read_once(open_config: Path) -> None:
    async with serving(open_config) as served:
        seen = newest(served)
        async with asyncio.TaskGroup() as group:

            async def one_more() -> str:
                async with looking(served, f"/events/velmora/live?after={seen}") as events:
                    return (await named(events))["data"]

            tasks = [group.create_task(one_more()) for _ in range(50)]
            await until(lambda: served.server.hub.readers == 50)
            happens(served.store, 1)
            served.server.hub.wake()
    assert len({task.result() for task in tasks}) == 1


async def test_an_event_that_is_not_there_is_not_looked_at(open_config: Path) -> None:
    async with serving(open_config) as served:
        assert (await served.client.get("/events/nope/live")).status_code == 404
        assert (await served.client.get("/events/velmora/live?after=x")).status_code == 400


async def test_too_many_pages_are_told_to_come_back(open_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newswatch.console.pages.MOST_READERS", 0)
    async with serving(open_config) as served:
        answer = await served.client.get("/events/velmora/live")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"


async def test_a_reader_that_cannot_keep_up_is_let_go() -> None:
    news = [News(number, "velmora", "", "en", "alert", "x") for number in range(1, QUEUE + 2)]

    async def read(seq: int) -> list[News]:
        return [one for one in news if one.seq > seq]

    async def zero() -> int:
        return 0

    hub = Hub(read, zero)
    with hub.reader("velmora", Wanted()) as reader, hub.reader("velmora", Wanted(language="ru")) as other:
        task = asyncio.get_running_loop().create_task(hub.run())
        await until(lambda: reader.late)
        assert not other.late
        assert other.queue.empty()
        task.cancel()
    assert hub.readers == 0


async def test_a_store_that_fails_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    async def read(seq: int) -> list[News]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise StoreError("the disk is full")
        return []

    async def zero() -> int:
        return 0

    hub = Hub(read, zero, every=0)
    task = asyncio.get_running_loop().create_task(hub.run())
    await until(lambda: calls >= 2)
    task.cancel()
    assert "the disk is full" in caplog.text


def test_a_frame_says_each_line() -> None:
    assert frame("a\nb", name="development", seq=7) == b"id: 7\nevent: development\ndata: a\ndata: b\n\n"


async def test_a_page_waits_for_no_writer_and_no_writer_for_a_page(open_config: Path) -> None:
    """A write that is not committed yet, for as long as the page takes: it shows the state before."""
    async with serving(open_config) as served:
        with served.store.transaction() as tx:
            tx.save_story(STORY, signature=b"", bands=())
            page = await served.client.get("/events/velmora")
            assert page.status_code == 200
            assert (await served.client.get("/stories/sty_live")).status_code == 404
        assert (await served.client.get("/stories/sty_live")).status_code == 200


async def test_what_reads_cannot_write(open_config: Path) -> None:
    async with serving(open_config) as served:
        desk = served.server._desk
        with pytest.raises(StoreError, match="read-only"), desk.reader.moment() as pages:
            pages._connection.exec_driver_sql("DELETE FROM story")
        assert sqlite3.connect(open_config.parent / "newswatch.db").execute("SELECT count(*) FROM story").fetchone()[0]
