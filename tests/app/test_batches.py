"""Several feeds recorded in one transaction: as if each were alone, whatever one of them does."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.polled import polled
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.app import polling
from newswatch.app.batches import BACKLOG, ROWS, Backlog, Batches
from newswatch.app.batches import FEEDS as MOST
from newswatch.app.feednotices import FeedNotices
from newswatch.app.polling import Outcome, Poll, Recorder
from newswatch.app.reports import PollReport
from newswatch.app.watch import Watch
from newswatch.config.load import load_config
from newswatch.config.settings import Feed, Polling
from newswatch.errors import FetchError, StoreError
from newswatch.feeds.schedule import pace_of
from newswatch.model import FeedState
from newswatch.store import Store, Transaction, open_store

NOW = MOMENTS[0]


def outcome(feed_id: str) -> Outcome:
    url = f"http://{feed_id}.example/"
    feed = Feed(url=url, id=feed_id)
    pace = pace_of(timedelta(minutes=10), Polling())
    return Outcome(Poll(feed_id, feed, FeedState(feed_id, url), pace), NOW, error=FetchError("no"))


class Writer:
    """Stands in for the thread that writes: notes the batches, and is busy until it is told."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.free = asyncio.Event()
        self.at_most = MOST

    def record(self, outcomes: Sequence[Outcome]) -> list[PollReport | Exception]:
        self.batches.append([one.poll.feed_id for one in outcomes])
        bad: Exception = StoreError("the disk is full")
        return [bad if "bad" in one.poll.feed_id else PollReport(polled=1) for one in outcomes][: self.at_most]

    async def run(self, work):  # type: ignore[no-untyped-def]  # whatever is given
        await self.free.wait()
        return work()


async def recorded(writer: Writer, ids: Sequence[str]) -> list[PollReport | BaseException]:
    batches = Batches(writer, writer.run)  # type: ignore[arg-type]  # it records as one
    tasks = [asyncio.create_task(batches.record(outcome(one))) for one in ids]
    await asyncio.sleep(0)
    writer.free.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    await batches.finish()
    return results


def test_what_is_ready_together_is_written_together_in_order() -> None:
    async def work() -> None:
        writer = Writer()
        await recorded(writer, ["a", "b", "c"])
        assert [one for batch in writer.batches for one in batch] == ["a", "b", "c"]
        assert len(writer.batches) <= 2

    asyncio.run(work())


def test_what_was_left_of_a_batch_comes_first_in_the_next() -> None:
    async def work() -> None:
        writer = Writer()
        writer.at_most = 2
        results = await recorded(writer, ["a", "b", "c", "d", "e"])
        assert all(isinstance(one, PollReport) for one in results)
        assert [batch[0] for batch in writer.batches] == ["a", "c", "e"]

    asyncio.run(work())


def test_a_failure_is_told_to_its_own_feed() -> None:
    async def work() -> None:
        results = await recorded(Writer(), ["a", "bad", "c"])
        assert [type(one) for one in results] == [PollReport, StoreError, PollReport]

    asyncio.run(work())


def test_a_batch_is_bounded() -> None:
    async def work() -> None:
        writer = Writer()
        await recorded(writer, [str(number) for number in range(2 * MOST)])
        assert max(map(len, writer.batches)) == MOST
        assert MOST <= ROWS

    asyncio.run(work())


def test_nothing_more_is_fetched_while_much_waits() -> None:
    async def work() -> None:
        backlog = Backlog()
        for _ in range(BACKLOG):
            backlog.__enter__()
        room = asyncio.create_task(backlog.room())
        await asyncio.sleep(0)
        assert not room.done()
        backlog.__exit__()
        await room

    asyncio.run(work())


# ---------------------------------------------------------------- over a real store


def stand(feeds: FeedServer) -> None:
    feeds.routes = {f"/{name}": Route(rss(name, MOMENTS[2]), etag=True) for name in FEEDS}


def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have all feeds recorded in one batch, and note how many outcomes each attempt was given."""
    sizes: list[int] = []
    record, all_of_them = Recorder._together, list[Outcome]()

    def noted(self: Recorder, outcomes: Sequence[Outcome]) -> list[PollReport]:
        sizes.append(len(outcomes))
        return record(self, outcomes)

    async def gathered(self: Batches, one: Outcome) -> PollReport:
        future: asyncio.Future[PollReport] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, future))
        all_of_them.append(one)
        if len(all_of_them) >= len(FEEDS) and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write())
        return await future

    monkeypatch.setattr(Recorder, "_together", noted)
    monkeypatch.setattr(Batches, "record", gathered)
    monkeypatch.setattr(polling, "SECONDS", 1e9)
    return sizes


def test_feeds_of_one_batch_say_what_they_would_say_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FeedServer() as feeds:
        stand(feeds)
        addresses = {name: feeds.url(f"/{name}") for name in FEEDS}
        monkeypatch.setattr("newswatch.app.batches.FEEDS", 1)
        alone, _ = polled(write_config(tmp_path / "alone", addresses), MOMENTS[2])
        monkeypatch.setattr("newswatch.app.batches.FEEDS", MOST)
        sizes = together(monkeypatch)
        batch, _ = polled(write_config(tmp_path / "batch", addresses), MOMENTS[2])
    assert sizes == [len(FEEDS)]
    assert (batch.entries, batch.new, batch.about) == (alone.entries, alone.new, alone.about)
    assert batch.told > 0


def test_one_article_in_two_feeds_of_a_batch_is_one_story_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = together(monkeypatch)
    with FeedServer() as feeds:
        feeds.routes = {f"/{name}": Route(rss("wire", MOMENTS[2])) for name in FEEDS}
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS})
        report, _ = polled(config, MOMENTS[2])
        once, _ = polled(write_config(tmp_path / "one", {"wire": feeds.url("/wire")}), MOMENTS[2])
    assert sizes[0] == len(FEEDS)
    assert report.entries == len(FEEDS) * once.entries
    assert (report.new, report.told, report.pending) == (once.new, once.told, once.pending)


@pytest.mark.parametrize("fault", [RuntimeError("one of ours"), StoreError("a row cannot be read")])
def test_a_fault_in_one_feed_loses_no_other(fault: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = together(monkeypatch)
    save = Transaction.save_entry

    def faulty(self: Transaction, entry, *args, **kept) -> None:  # type: ignore[no-untyped-def]  # passes all on
        if entry.feed_id == "herald":
            raise fault
        save(self, entry, *args, **kept)

    monkeypatch.setattr(Transaction, "save_entry", faulty)
    with FeedServer() as feeds:
        stand(feeds)
        config = write_config(tmp_path, {name: feeds.url(f"/{name}") for name in FEEDS})
        report, states = polled(config, MOMENTS[2])
        assert sizes[:4] == [3, 1, 1, 1]
        assert (report.polled, report.failed, report.fresh) == (3, 1, 2)
        assert str(fault) in report.problems[0].message
        monkeypatch.undo()
        # What was not kept is seen again as soon as the fault is gone.
        again, _ = polled(config, MOMENTS[2] + timedelta(days=2))
        assert again.failed == 0
        assert again.new > 0
    assert {name for name, state in states.items() if state.last_success} == set(FEEDS) - {"herald"}


def test_a_store_that_refuses_is_not_asked_for_every_feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = load_config(write_config(tmp_path, {"wire": "http://127.0.0.1:1/"}), {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    asked = []

    def refused(_self: Store) -> None:
        asked.append(1)
        raise StoreError("the disk is full")

    monkeypatch.setattr(Store, "transaction", refused)
    notices = FeedNotices(store, teller=lambda _now: None, tell_after=5)
    recorder = Recorder(loaded.settings, loaded.recipients, Watch(()), store, lambda _name: None, notices)
    results = recorder.record([outcome(str(number)) for number in range(20)])
    assert [str(one) for one in results] == ["the disk is full"] * 20
    assert len(asked) == 1 + polling.PATIENCE
    store.close()


def test_a_batch_ends_after_half_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "SECONDS", 0.0)
    loaded = load_config(write_config(tmp_path, {"wire": "http://127.0.0.1:1/"}), {})
    store = open_store(loaded.settings.store.url, base=loaded.base, now=NOW)
    notices = FeedNotices(store, teller=lambda _now: None, tell_after=5)
    recorder = Recorder(loaded.settings, loaded.recipients, Watch(()), store, lambda _name: None, notices)
    assert len(recorder.record([outcome("a"), outcome("b"), outcome("c")])) == 1
    assert set(store.feed_states(["a", "b", "c"])) == {"a"}
    store.close()
