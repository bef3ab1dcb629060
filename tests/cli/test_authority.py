"""Feeds behind an authority of the user's own, from the configuration to the poll."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from cli.conftest import Ran
from loopback.feed_server import FeedServer, Route
from loopback.world import MOMENTS, rss, write_config

Run = Callable[..., Ran]


def configured(folder: Path, url: str, ca_file: str) -> Path:
    config = write_config(folder, {"wire": url})
    config.write_text(config.read_text().replace("interval: 1m", f"interval: 1m, ca_file: {ca_file}"))
    return config


def test_a_feed_behind_it_is_polled_and_read_for_a_draft(tmp_path: Path, run: Run) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(tmp_path / "own.pem")
    authority.issue_cert("127.0.0.1").configure_cert(context)
    page = b"<html><body><p>The dam of Lake Arda broke. Nine people were killed in Velmora.</p></body></html>"
    routes = {"/wire": Route(rss("wire", MOMENTS[2])), "/page": Route(page, content_type="text/html")}
    with FeedServer(routes, context=context) as feeds:
        config = configured(tmp_path, feeds.url("/wire"), "own.pem")
        assert run("check-config", "-c", config).code == 0
        ran = run("once", "-c", config, "--now", MOMENTS[2].isoformat())
        assert (ran.code, ran.err) == (0, "")
        assert run("baseline", "draft", feeds.url("/page"), "-c", config).code == 0
        config = configured(tmp_path / "without", feeds.url("/wire"), "null")
        ran = run("once", "-c", config, "--now", MOMENTS[2].isoformat())
    assert ran.code == 1
    assert "if your own authority signed it, name that authority's PEM file with polling.ca_file" in ran.err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "the file own.pem is not there. Give a PEM file."),
        ("hello", "own.pem cannot be used as a certificate authority (it holds no certificate in PEM form)."),
    ],
)
def test_a_wrong_file_is_said_with_its_line(tmp_path: Path, run: Run, text: str | None, sentence: str) -> None:
    if text is not None:
        (tmp_path / "own.pem").write_text(text)
    config = configured(tmp_path, "https://wire.example.org/rss", "own.pem")
    checked = run("check-config", "-c", config)
    assert checked.code == 2
    assert f"{config}:1: {sentence}" in checked.out
