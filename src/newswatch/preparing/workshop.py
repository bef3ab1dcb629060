"""The worker processes, and the time that a body may take in one."""

from __future__ import annotations

import asyncio
import atexit
import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, cast

from newswatch.config.event import Event
from newswatch.errors import ParseError
from newswatch.preparing.prepare import Job, Packed, PreparedFeed, unpacked
from newswatch.preparing.worker import DONE, UNREADABLE

SECONDS = 10.0
"""What reading a body may take; feeds take milliseconds, hostile ones minutes."""
SECONDS_A_MEGABYTE = 2.0
"""What it may take more for each megabyte."""
SLOW = 0.5
"""A body that takes longer than these seconds gets company: others are read beside it."""
QUEUE = 8
"""So many bodies waiting are worth a second process, whose start costs as much as reading a hundred feeds."""
RECYCLED = 5_000
"""Bodies after which a process is replaced, with whatever memory it has gathered."""


class WorkerDied(Exception):  # noqa: N818 - it reads as a state
    """A worker ended without an answer."""


class Worker:
    """One process that prepares, from the side of the one that asks. Used from one thread at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # -P: a file in the folder where newswatch was started must not stand in for a module of Python's.
            code = "from newswatch.preparing.worker import main; main()"
            command = [sys.executable, "-P", "-c", code, str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        self._connection = Connection(ours.detach())
        self._events: tuple[Event, ...] | None = None
        self.asked = 0

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, job: Job, events: tuple[Event, ...], seconds: float) -> tuple[str, Any]:
        """Have a body prepared.

        Raises:
            WorkerDied: it ended without an answer.
            TimeoutError: it gave none in time, and may never.
        """
        self.asked += 1
        try:
            if events is not self._events:
                self._connection.send(events)
                self._events = events
            self._connection.send(job)
            if not self._connection.poll(seconds):
                raise TimeoutError
            return cast("tuple[str, Any]", self._connection.recv())
        except (EOFError, ConnectionError) as error:
            raise WorkerDied from error

    def end(self) -> None:
        """Hang up, which ends an idle process; one that does not end at once is killed."""
        self._connection.close()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it, whatever it does."""
        self._connection.close()
        self._process.kill()
        self._process.wait()


class _Spare:
    """Idle workers of the whole process: a new configuration takes over those of the old one."""

    def __init__(self) -> None:
        self._workers: list[Worker] = []
        self._lock = threading.Lock()
        atexit.register(self.end)

    def take(self) -> Worker:
        with self._lock:
            if self._workers:
                return self._workers.pop()
        return Worker()

    def give(self, worker: Worker) -> None:
        if worker.asked >= RECYCLED:
            worker.end()
            return
        with self._lock:
            self._workers.append(worker)

    def end(self) -> None:
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()


_spare = _Spare()


class Workshop:
    """Has bodies prepared, several at a time. Use from one event loop, and close it."""

    def __init__(
        self, events: tuple[Event, ...], *, seconds: float = SECONDS, most: int = max(2, os.cpu_count() or 1)
    ) -> None:
        """Keep what bodies are prepared for.

        Args:
            events: the events being watched.
            seconds: what reading a body may take.
            most: processes at once; one where little is to do.
        """
        self._events = events
        self._seconds = seconds
        self._most = most
        self._lanes = 1
        self._free = asyncio.Semaphore(1)
        self._waiting = 0
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="prepare")

    async def prepare(self, job: Job) -> PreparedFeed:
        """Prepare a body.

        Raises:
            ParseError: there is no feed in it, or it took too long, or ended the process that read it.
            RuntimeError: a fault of ours; the text says which.
        """
        self._waiting += 1
        if self._waiting > QUEUE:
            self._widen()
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            call = asyncio.get_running_loop().run_in_executor(self._threads, self._prepared, job)
            done, _ = await asyncio.wait({call}, timeout=SLOW)
            if not done:
                self._widen()
            return await call
        finally:
            self._free.release()

    def warm(self) -> None:
        """Start a process now: what is to be read comes in a moment."""
        self._threads.submit(lambda: _spare.give(_spare.take()))

    def close(self) -> None:
        """Take nothing more. Idle processes stay for another workshop; they end with this one."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _widen(self) -> None:
        if self._lanes < self._most:
            self._lanes += 1
            self._free.release()

    def _prepared(self, job: Job) -> PreparedFeed:
        seconds = self._seconds + len(job.body) / 1e6 * SECONDS_A_MEGABYTE
        try:
            kind, what = self._asked(job, seconds)
        except TimeoutError:
            raise ParseError(
                f"{job.url} could not be read within {seconds:.0f} s, so reading was stopped; ask its owner to mend it"
            ) from None
        except WorkerDied:
            raise ParseError(f"{job.url} ended the process that read it, twice; ask its owner to mend it") from None
        if kind == DONE:
            return unpacked(job.feed_id, cast("Packed", what))
        if kind == UNREADABLE:
            raise ParseError(str(what))
        name, text, where = what
        raise RuntimeError(f"{name}: {text}\n{where}")

    def _asked(self, job: Job, seconds: float) -> tuple[str, Any]:
        """The answer of a worker; one that died may have been ended by somebody else, so a second one is asked."""
        try:
            return self._once(job, seconds)
        except WorkerDied:
            return self._once(job, seconds)

    def _once(self, job: Job, seconds: float) -> tuple[str, Any]:
        worker = _spare.take()
        try:
            answer = worker.ask(job, self._events, seconds)
        except BaseException:
            worker.kill()
            raise
        _spare.give(worker)
        return answer
