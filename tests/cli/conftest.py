"""The command line in this process: quicker than a process a call, the same words and exit codes."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config
from newswatch.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code and what it wrote."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    monkeypatch.setenv("COLUMNS", "100")

    def call(*args: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["newswatch", *map(str, args)])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Ran(int(left.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def lived(tmp_path: Path, run: Callable[..., Ran]) -> Iterator[Path]:
    """A configuration whose three feeds were polled once, one after the other."""
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as server:
        for name in FEEDS:
            config = write_config(tmp_path, {name: server.url(f"/{name}")})
            assert run("once", "-c", config, "--now", MOMENTS[2].isoformat()).code == 0
        yield config
