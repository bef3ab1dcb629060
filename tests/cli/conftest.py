"""The command line in this process: quicker than a process a call, the same words and exit codes."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

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
