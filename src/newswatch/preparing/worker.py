"""The process that prepares what feeds bring: jobs come in through a socket, what came of them goes out.

The socket's file descriptor is its only argument. It ends when the other end is closed. Signals to stop are for the
process that started it.
"""

from __future__ import annotations

import resource
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from newswatch.errors import ParseError
from newswatch.preparing.prepare import Job, PreparedFeed, Preparer, packed

MEMORY = 2_000_000_000
"""Bytes of address space: more than any feed within the caps needs, less than what takes a machine down."""

DONE, UNREADABLE, FAULT = "done", "unreadable", "fault"


def answer(prepare: Callable[[Job], PreparedFeed], job: Job) -> tuple[str, Any]:
    """What came of a job, and its kind."""
    try:
        return DONE, packed(prepare(job))
    except ParseError as error:
        return UNREADABLE, str(error)
    except MemoryError:
        return UNREADABLE, f"{job.url} takes more memory to read than a feed may"
    except Exception as error:  # noqa: BLE001 - the other process says it, with the feed's name
        return FAULT, (type(error).__name__, str(error), traceback.format_exc())


def main() -> None:
    """Serve until the other end hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prepare = Preparer(())
    with Connection(int(sys.argv[1])) as connection:
        while True:
            try:
                asked = connection.recv()
                if isinstance(asked, Job):
                    connection.send(answer(prepare, asked))
                else:
                    prepare = Preparer(asked)
            except (EOFError, OSError):
                return
