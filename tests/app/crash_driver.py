"""Run one `newswatch once` in a process of its own that kills itself with SIGKILL at a named step.

    python crash_driver.py CONFIG NOW STEP COUNT

STEP is a checkpoint's name (see `newswatch.app`), COUNT the how-manieth time it is reached. Without reaching it the
round ends as usual and the process exits with 0, so that a test notices a step that is never reached.
"""

import asyncio
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from newswatch.app import App
from newswatch.config.load import load_config
from newswatch.store import open_store


class Bomb:
    """A checkpoint function that kills the process, as hard as the kernel can."""

    def __init__(self, step: str, count: int) -> None:
        self.step = step
        self.left = count

    def __call__(self, name: str) -> None:
        if name == self.step:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def once(config: Path, now: datetime, bomb: Bomb) -> None:
    loaded = load_config(config, os.environ)
    store = open_store(loaded.settings.store.url, base=loaded.base, now=now)
    with store.lock("crash test", now):
        async with App(loaded, store, environ=os.environ, checkpoint=bomb) as app:
            await app.poll(now)
            await app.release(now, wait=False)
            await app.digest(now)
            await app.deliver(now)
    store.close()


if __name__ == "__main__":
    asyncio.run(once(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), Bomb(sys.argv[3], int(sys.argv[4]))))
