"""Marks are written in groups, in order, and never more than so many are outstanding."""

import asyncio
from collections.abc import Sequence

import pytest

from loopback import news
from newswatch.app.marks import Attempt, Marks
from newswatch.errors import StoreError
from newswatch.model import Delivery

ALERT = news.alert(news.item(news.INJURED))


def attempt(name: str) -> Attempt:
    return Attempt(Delivery(name, ALERT, "mail", news.NOW), None)


class Disk:
    """Writes a group when it is told to, or fails at it; `groups` is what is written."""

    def __init__(self, fails: int = 0) -> None:
        self.groups: list[str] = []
        self.asked: list[str] = []
        self.turn = asyncio.Semaphore(0)
        self.fails = fails
        self.wrote = asyncio.Event()

    async def write(self, attempts: Sequence[Attempt]) -> None:
        names = "".join(one.delivery.delivery_id for one in attempts)
        self.asked.append(names)
        await self.turn.acquire()
        if self.fails:
            self.fails -= 1
            raise StoreError("the disk is full")
        self.groups.append(names)
        self.wrote.set()


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def ended(marks: Marks, names: str) -> None:
    for name in names:
        assert await marks.begin()
        marks.end(attempt(name))


async def test_what_ends_while_a_group_is_written_is_the_next_group() -> None:
    disk = Disk()
    marks = Marks(disk.write, most=8)
    await ended(marks, "abcd")
    await settle()
    await ended(marks, "efg")
    assert disk.asked == ["abcd"]
    disk.turn.release()
    disk.turn.release()
    await marks.finish()
    assert disk.groups == ["abcd", "efg"]


async def test_one_alone_waits_a_moment_for_others_and_not_at_the_end() -> None:
    disk = Disk()
    marks = Marks(disk.write)
    await ended(marks, "a")
    await settle()
    assert disk.asked == []
    disk.turn.release()
    await marks.finish()
    assert disk.groups == ["a"]


async def test_one_alone_is_written_though_nothing_follows() -> None:
    disk = Disk()
    disk.turn.release()
    marks = Marks(disk.write)
    await ended(marks, "a")
    async with asyncio.timeout(10):
        await disk.wrote.wait()
    assert disk.groups == ["a"]


async def test_no_more_are_begun_than_may_be_outstanding() -> None:
    disk = Disk()
    marks = Marks(disk.write, most=3)
    assert await marks.begin()
    await ended(marks, "ab")
    fourth = asyncio.create_task(marks.begin())
    await settle()
    assert not fourth.done()
    disk.turn.release()
    assert await fourth
    assert disk.groups == ["ab"]
    marks.end(attempt("c"))
    marks.end(None)
    disk.turn.release()
    await marks.finish()
    assert disk.groups == ["ab", "c"]


async def test_what_was_not_sent_at_all_makes_room() -> None:
    marks = Marks(Disk().write, most=1)
    for _ in range(3):
        assert await marks.begin()
        marks.end(None)
    await marks.finish()


async def test_where_the_store_fails_nothing_more_is_begun_and_all_is_tried_once_more_in_order() -> None:
    disk = Disk(fails=1)
    marks = Marks(disk.write, most=4)
    assert await marks.begin()
    await ended(marks, "ab")
    disk.turn.release()
    await settle()
    assert not await marks.begin()
    marks.end(attempt("c"))
    await settle()
    assert disk.asked == ["ab"]
    disk.turn.release()
    await marks.finish()
    assert disk.groups == ["abc"]


async def test_who_waits_for_room_is_told_that_the_store_fails() -> None:
    disk = Disk(fails=2)
    marks = Marks(disk.write, most=2)
    await ended(marks, "ab")
    waiting = asyncio.create_task(marks.begin())
    await settle()
    disk.turn.release()
    assert not await waiting
    disk.turn.release()
    with pytest.raises(StoreError, match="the disk is full"):
        await marks.finish()
    assert disk.groups == []
