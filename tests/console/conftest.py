"""One filled store for all, copied for each test."""

from pathlib import Path

import pytest

from loopback.console import copied, filled


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("world"))


@pytest.fixture
def open_config(world: Path, tmp_path: Path) -> Path:
    """A console on this machine, without a token."""
    return copied(world, tmp_path, "console: {listen: '127.0.0.1:0'}")


@pytest.fixture
def closed_config(world: Path, tmp_path: Path) -> Path:
    """A console with a token."""
    return copied(world, tmp_path, "console: {listen: '127.0.0.1:0', token_env: TOKEN}")
