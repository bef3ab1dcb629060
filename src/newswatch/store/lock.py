"""One newswatch at a time works with a store.

SQLite: an advisory lock (flock) on ``<store>.lock``; the kernel releases it when the process ends, however it ends.
PostgreSQL: a session's advisory lock, released with the connection.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from newswatch.errors import StoreError, StoreLocked

# Any constant would do; this one is "newswatch" to anybody who looks into pg_locks.
_ADVISORY_KEY = int.from_bytes(b"newswatc")


@contextmanager
def file_lock(path: Path, what: str, now: datetime) -> Iterator[None]:
    """Hold the lock file of a SQLite store.

    Raises:
        StoreLocked: somebody else holds it; says who.
        StoreError: the lock file cannot be made.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"store: {path} cannot be made: {error.strerror}; make its folder writable") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip() or "another newswatch"
            raise StoreLocked(
                f"{holder} already works with the store {path.with_suffix('')}; stop it first, or wait for it to end"
            ) from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{what} (pid {os.getpid()}, since {now:%Y-%m-%d %H:%M} UTC)\n".encode(), 0)
        yield
    finally:
        # The file stays: removing it would let two processes hold locks on two files of one name.
        os.close(handle)


@contextmanager
def advisory_lock(engine: Engine, place: str) -> Iterator[None]:
    """Hold PostgreSQL's advisory lock on a connection of its own.

    Raises:
        StoreLocked: another session holds it.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}):
            raise StoreLocked(f"another newswatch already works with the store {place}; stop it first")
        try:
            yield
        finally:
            # The connection goes back to its pool, and would hold the lock there; this ends it, and the lock with it.
            connection.invalidate()
