"""The console beside the service, as real processes: served, live, reloaded, and no reason not to watch."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from loopback.console import TOKEN
from loopback.feed_server import FeedServer, Route
from loopback.world import FEEDS, MOMENTS, rss, write_config

LIMIT = 30.0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Told:
    """The socket that systemd would listen on."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(LIMIT)

    def until(self, sign: str) -> None:
        while not any(line.startswith(sign) for line in self._socket.recv(4096).decode().splitlines()):
            pass

    def close(self) -> None:
        self._socket.close()


@contextmanager
def running(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], Told]]:
    told = Told(folder / "notify")
    environ = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "TOKEN": TOKEN}
    process = subprocess.Popen(
        [sys.executable, "-m", "newswatch", "-v", *words], env=environ, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, told
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
        told.close()


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer({f"/{name}": Route(rss(name, MOMENTS[2])) for name in FEEDS}) as server:
        yield server


def configured(folder: Path, feeds: FeedServer, console: str) -> Path:
    config = write_config(folder, {name: feeds.url(f"/{name}") for name in FEEDS})
    config.write_text(f"{config.read_text()}{console}\n")
    event = (
        folder / "events" / "velmora.yaml"
    )  # the service has the real time, and takes nothing of the future for known
    event.write_text(event.read_text().replace("2031-03-02T06:00:00Z", "2020-03-02T06:00:00Z"))
    return config


def test_the_service_serves_it_and_what_is_found_comes_live(tmp_path: Path, feeds: FeedServer) -> None:
    port = free_port()
    config = configured(tmp_path, feeds, f"console: {{listen: '127.0.0.1:{port}', token_env: TOKEN}}")
    with running(tmp_path, "run", "-c", str(config)) as (process, told):
        told.until("READY=1")
        base, bearer = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {TOKEN}"}
        assert httpx.get(f"{base}/").status_code == 303
        with httpx.stream("GET", f"{base}/events/velmora/live?after=0", headers=bearer, timeout=LIMIT) as answer:
            assert next(line for line in answer.iter_lines() if line == "event: development")
        assert "What is new" in httpx.get(f"{base}/events/velmora", headers=bearer).text

        config.write_text(config.read_text().replace("token_env: TOKEN", "timezone: Asia/Bishkek"))
        process.send_signal(signal.SIGHUP)
        told.until("RELOADING=1")
        told.until("READY=1")
        page = httpx.get(f"{base}/events/velmora")
        assert page.status_code == 200
        assert "UTC+6" in page.text

        other = free_port()
        config.write_text(config.read_text().replace(str(port), str(other)))
        process.send_signal(signal.SIGHUP)
        told.until("RELOADING=1")
        told.until("READY=1")
        assert httpx.get(f"http://127.0.0.1:{other}/").status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{base}/")

        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, said
        assert "Traceback" not in said
        assert TOKEN not in said


def test_a_port_that_is_taken_keeps_nobody_from_watching(tmp_path: Path, feeds: FeedServer) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        config = configured(tmp_path, feeds, f"console: {{listen: '127.0.0.1:{port}'}}")
        with running(tmp_path, "run", "-c", str(config)) as (process, told):
            told.until("READY=1")
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, said
    assert re.search(rf"console: cannot listen on 127.0.0.1:{port}: .*; change console.listen", said)


def test_alone_it_looks_at_a_store(world: Path, tmp_path: Path) -> None:
    port = free_port()
    words = ("console", "-c", str(world), "--listen", f"127.0.0.1:{port}", "--now", "2031-03-03T08:01:00Z")
    with running(tmp_path, *words) as (process, _):
        assert process.stderr is not None
        while "the console is at" not in process.stderr.readline():
            pass
        with httpx.Client(transport=httpx.HTTPTransport(retries=9)) as client:
            page = client.get(f"http://127.0.0.1:{port}/")
        assert "It works" in page.text
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, said


@pytest.mark.parametrize(
    ("listen", "said"),
    [
        ("8080", "is no address to listen on; write for example 127.0.0.1:8080"),
        ("0.0.0.0:8080", "others could read it: give the console a token (console.token_file)"),
    ],
)
def test_alone_it_is_opened_to_nobody(world: Path, tmp_path: Path, listen: str, said: str) -> None:
    with running(tmp_path, "console", "-c", str(world), "--listen", listen) as (process, _):
        _, stderr = process.communicate(timeout=LIMIT)
    assert process.returncode == 2
    assert said in stderr
