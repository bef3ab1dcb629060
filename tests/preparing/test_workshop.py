"""Bodies prepared in processes of their own, which may hang, die or swell."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loopback.world import MOMENTS, rss
from newswatch.config.load import load_config
from newswatch.errors import ParseError
from newswatch.preparing import Job, PreparedFeed, Workshop
from newswatch.preparing import workshop as module
from newswatch.preparing.prepare import Preparer, packed, unpacked
from newswatch.preparing.worker import FAULT, UNREADABLE, answer
from newswatch.preparing.workshop import Worker

NOW = datetime(2031, 3, 2, 12, tzinfo=UTC)
BODY = rss("wire", MOMENTS[2])
EVENT = load_config(Path(__file__).parents[2] / "config" / "newswatch.yaml", {}).events[0]


def job(body: bytes, events: tuple[str, ...] = ()) -> Job:
    return Job("wire", "http://wire.example/", "application/rss+xml", MOMENTS[2], events, body)


def run(work: Callable[[Workshop], Awaitable[PreparedFeed]], seconds: float = 10.0) -> PreparedFeed:
    async def inside() -> PreparedFeed:
        workshop = Workshop((EVENT,), seconds=seconds)
        try:
            return await work(workshop)
        finally:
            workshop.close()

    return asyncio.run(inside())


def test_another_process_gives_what_this_one_would() -> None:
    asked = job(BODY, (EVENT.event,))
    assert run(lambda workshop: workshop.prepare(asked)) == Preparer((EVENT,))(asked)


def test_what_is_sent_is_the_same_on_arrival() -> None:
    feed = Preparer((EVENT,))(job(BODY, (EVENT.event,)))
    assert feed.entries
    assert unpacked("wire", packed(feed)) == feed


def test_each_entry_says_why_it_is_not_about_an_event() -> None:
    feed = Preparer((EVENT,))(job(BODY, (EVENT.event,)))
    assert all(len(one.beside) == 1 for one in feed.entries)
    assert Preparer((EVENT,))(job(BODY)).entries[0].beside == ()


def test_no_feed_is_said_as_it_would_be_here() -> None:
    with pytest.raises(ParseError, match=r"^http://wire\.example/ sent nothing"):
        run(lambda workshop: workshop.prepare(job(b"")))


def test_a_body_that_takes_too_long_is_stopped_and_the_next_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    ask = Worker.ask

    def stopped(self: Worker, *args: object) -> object:
        if not started:
            os.kill(self.pid, signal.SIGSTOP)  # hangs, for all that anybody can see
        started.append(self.pid)
        return ask(self, *args)  # type: ignore[arg-type]  # what was given

    async def work(workshop: Workshop) -> PreparedFeed:
        with pytest.raises(ParseError, match="could not be read within 0 s, so reading was stopped"):
            await workshop.prepare(job(BODY))
        with pytest.raises(ProcessLookupError):
            os.kill(started[0], 0)
        workshop._seconds = 30.0
        return await workshop.prepare(job(BODY))

    monkeypatch.setattr(Worker, "ask", stopped)
    assert run(work, seconds=0.2).entries
    assert started[1] != started[0]


def test_a_process_that_somebody_ended_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    ask, killed = Worker.ask, list[int]()

    def kill_once(self: Worker, *args: object) -> object:
        if not killed:
            os.kill(self.pid, signal.SIGKILL)
            killed.append(self.pid)
        return ask(self, *args)  # type: ignore[arg-type]  # what was given

    monkeypatch.setattr(Worker, "ask", kill_once)
    assert run(lambda workshop: workshop.prepare(job(BODY))).entries


def test_a_body_that_ends_every_process_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Worker.ask

    def kill(self: Worker, asked: Job, *args: object) -> object:
        if asked.feed_id == "deadly":
            os.kill(self.pid, signal.SIGKILL)
        return ask(self, asked, *args)  # type: ignore[arg-type]  # what was given

    async def work(workshop: Workshop) -> PreparedFeed:
        deadly = Job("deadly", "http://deadly.example/", "", NOW, (), BODY)
        bad, good = await asyncio.gather(workshop.prepare(deadly), workshop.prepare(job(BODY)), return_exceptions=True)
        assert str(bad) == "http://deadly.example/ ended the process that read it, twice; ask its owner to mend it"
        assert isinstance(good, PreparedFeed)
        return good

    monkeypatch.setattr(Worker, "ask", kill)
    assert run(work).entries


def test_a_slow_body_gets_company() -> None:
    async def work(workshop: Workshop) -> PreparedFeed:
        async def slow() -> None:
            await workshop._free.acquire()

        await slow()
        workshop._widen()
        return await workshop.prepare(job(BODY))

    assert run(work).entries


def test_faults_and_memory_are_answers_too() -> None:
    def fault(_: Job) -> PreparedFeed:
        raise ValueError("one of ours")

    def swollen(_: Job) -> PreparedFeed:
        raise MemoryError

    kind, what = answer(fault, job(BODY))
    assert (kind, what[:2]) == (FAULT, ("ValueError", "one of ours"))
    assert answer(swollen, job(BODY)) == (
        UNREADABLE, "http://wire.example/ takes more memory to read than a feed may",
    )  # fmt: skip


def test_a_process_is_replaced_after_so_many_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECYCLED", 1)
    ask, pids = Worker.ask, list[int]()

    def noted(self: Worker, *args: object) -> object:
        pids.append(self.pid)
        return ask(self, *args)  # type: ignore[arg-type]  # what was given

    async def work(workshop: Workshop) -> PreparedFeed:
        await workshop.prepare(job(BODY))
        return await workshop.prepare(job(BODY))

    monkeypatch.setattr(Worker, "ask", noted)
    assert run(work).entries
    assert pids[0] != pids[1]
