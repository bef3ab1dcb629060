"""The service in a process of its own, at a time of its own and with quick beats: what a browser looks at.

python -m loopback.service CONFIG START
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from newswatch.config.load import Loaded, load_config
from newswatch.console.meters import Meters
from newswatch.console.server import Console
from newswatch.daemon import Beat, serve
from newswatch.store import open_store

LIMIT = 30.0
BEAT = Beat(poll=0.2, deliver=0.2, digest=1.0)


def main(config: Path, start: datetime) -> None:
    """`newswatch run`, but for its clock and its beats."""
    began = time.monotonic()

    def clock() -> datetime:
        return start + timedelta(seconds=time.monotonic() - began)

    def load() -> Loaded:
        return load_config(config, os.environ)

    loaded = load()
    with closing(open_store(loaded.settings.store.url, base=loaded.base, now=start)) as store:
        meters = Meters(clock)
        beside = Console(clock=clock, environ=os.environ, meters=meters)
        serve(load, store, clock=clock, environ=os.environ, beat=BEAT, beside=beside, meter=meters)


@contextmanager
def running(config: Path, start: datetime, base: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run it, and wait until the console at ``base`` answers.

    Raises:
        RuntimeError: it ended, or did not answer in time; says what it wrote.
    """
    command = [sys.executable, "-m", "loopback.service", str(config), start.isoformat()]
    paths = os.pathsep.join(str(Path(__file__).parents[1 + number]) for number in range(2))
    log = config.parent / "log"
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(
            command, env={**os.environ, **environ, "PYTHONPATH": paths}, stderr=written, text=True
        )
    try:
        _until_it_answers(process, base, log)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(LIMIT)
        finally:
            process.kill()


def _until_it_answers(process: subprocess.Popen[str], base: str, log: Path) -> None:
    until = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < until:
        try:
            httpx.get(f"{base}/login")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the service does not answer at {base}:\n{log.read_text(encoding='utf-8')}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
