"""A real PostgreSQL in a folder of its own, reached by a unix socket; nothing of it is left."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

# Where Debian and its kin put them, newest first; they are not on the PATH there.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
_USER = "newswatch"


def program(name: str) -> str | None:
    """The path of one of PostgreSQL's programs, or None where it is not installed."""
    found = [str(folder / name) for folder in _FOLDERS if (folder / name).exists()]
    return found[0] if found else shutil.which(name)


def why_not() -> str:
    """Why it cannot be started here; empty when it can."""
    try:
        import psycopg  # noqa: F401 - only whether it is there
    except ImportError:
        return "psycopg is not installed"
    missing = [name for name in ("initdb", "pg_ctl") if program(name) is None]
    return f"PostgreSQL's {' and '.join(missing)} are not installed" if missing else ""


class Postgres:
    """Runs while used as a context manager. It refuses to be root, so that root starts it as nobody."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="nw-pg-"))
        self._numbers = count()
        self._who: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)

    def __enter__(self) -> Self:
        try:
            self._run("initdb", "--username", _USER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C")
            options = f"-F -k {self._folder} -c listen_addresses=''"
            self._run("pg_ctl", "--wait", "--log", str(self._folder / "log"), "--options", options, "start")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._run("pg_ctl", "--wait", "--mode=immediate", "stop")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, name: str, *options: str) -> None:
        command = [str(program(name)), "--pgdata", str(self._folder / "data"), *options]
        # The server inherits what pg_ctl has: a pipe would keep us waiting for its end.
        said = self._folder / f"{name}.out"
        with said.open("wb") as out:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", **self._who)
        if done.returncode:
            raise RuntimeError(f"{name} failed: {said.read_text()}")

    def database(self) -> str:
        """The URL of a new, empty database."""
        import psycopg

        name = f"t{next(self._numbers)}"
        with psycopg.connect(host=str(self._folder), user=_USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://{_USER}@/{name}?host={self._folder}"
