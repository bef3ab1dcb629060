"""The invented event, and a watch on it."""

import pytest

from loopback.watch import Watch, load
from newswatch.config.event import Event


@pytest.fixture(scope="session")
def event(tmp_path_factory: pytest.TempPathFactory) -> Event:
    return load(tmp_path_factory.mktemp("event"))


@pytest.fixture
def watch(event: Event) -> Watch:
    return Watch(event)
