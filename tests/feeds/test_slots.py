"""Places for fetches: so many at once, and slow servers beside them."""

import asyncio

from newswatch.feeds.slots import Slots


def test_only_so_many_at_once() -> None:
    async def work() -> None:
        slots, inside = Slots(2), list[int]()

        async def one(number: int) -> None:
            async with slots.place():
                inside.append(number)
                await done.wait()

        done = asyncio.Event()
        tasks = [asyncio.create_task(one(number)) for number in range(3)]
        for _ in range(5):
            await asyncio.sleep(0)
        assert inside == [0, 1]
        done.set()
        await asyncio.gather(*tasks)
        assert inside == [0, 1, 2]

    asyncio.run(work())


def test_a_slow_one_gives_up_its_place_once() -> None:
    async def work() -> None:
        slots = Slots(1, patience=0.0)
        first, second = asyncio.Event(), asyncio.Event()

        async def one(entered: asyncio.Event, go: asyncio.Event) -> None:
            async with slots.place():
                entered.set()
                await go.wait()

        go = asyncio.Event()
        tasks = [asyncio.create_task(one(first, go)), asyncio.create_task(one(second, go))]
        await asyncio.wait_for(second.wait(), 5)  # the first is still inside
        go.set()
        await asyncio.gather(*tasks)
        assert slots._free._value == 1
        assert slots._slow_left == 10

    asyncio.run(work())


def test_room_is_waited_for_before_anything_is_asked() -> None:
    async def work() -> None:
        room, inside = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            await room.wait()

        async def one() -> None:
            async with Slots(1, room=wait).place():
                inside.set()

        task = asyncio.create_task(one())
        for _ in range(3):
            await asyncio.sleep(0)
        assert not inside.is_set()
        room.set()
        await task

    asyncio.run(work())
