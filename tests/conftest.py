"""Fixtures of several folders: the databases that a store can be in."""

from collections.abc import Iterator

import pytest

from loopback.postgres import Postgres, why_not

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))
"""One worker starts the server, and runs all its tests."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if reason := why_not():
        pytest.skip(reason)
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", POSTGRESQL])
def url(request: pytest.FixtureRequest) -> str:
    """A new store's URL, once for each engine; a SQLite file is relative to the test's folder."""
    if request.param == "sqlite":
        return "sqlite:///s.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()
