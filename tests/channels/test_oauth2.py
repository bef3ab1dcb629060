"""Logins with an access token, against a mail server that wants one and a token server that gives them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from loopback.listening import listen
from loopback.news import message
from loopback.smtp_server import SmtpServer
from newswatch.channels import open_channel
from newswatch.config.settings import EmailChannel
from newswatch.errors import ConfigError, DeliveryError, Reason

NAME = "news@example.org"
ENVIRON = {"REFRESH": "r-1", "CLIENT": "c-secret"}


class TokenServer:
    """Answers one after the other; the last is repeated."""

    def __init__(self, *answers: tuple[int, object]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""


@contextmanager
def token_server(*answers: tuple[int, object]) -> Iterator[TokenServer]:
    script = TokenServer(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            script.asked.append(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            status, body = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Silent."""

    server = listen(Handler)
    script.url = f"http://127.0.0.1:{server.server_address[1]}/token"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def settings(port: int, oauth2: dict[str, Any]) -> EmailChannel:
    plain = {"type": "email", "host": "localhost", "port": port, "security": "none", "from": NAME, "to": [NAME]}
    return EmailChannel.model_validate(plain | {"username": NAME, "timeout": "5s", "oauth2": oauth2})


def fetched(url: str, **more: Any) -> dict[str, Any]:
    return {"token_url": url, "client_id": "id-1", "refresh_token_env": "REFRESH"} | more


async def send(port: int, oauth2: dict[str, Any], times: int = 1, base: Path = Path()) -> None:
    sender = open_channel("mail", settings(port, oauth2), base=base, environ=ENVIRON)
    try:
        for number in range(times):
            await sender.send(message(delivery_id=f"dlv_{number}"))
    finally:
        await sender.close()


async def refused(port: int, oauth2: dict[str, Any]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await send(port, oauth2)
    assert not caught.value.permanent
    assert "r-1" not in str(caught.value)
    return caught.value


def mail_server() -> SmtpServer:
    return SmtpServer(tokens={NAME: "t-1"}, auth_without_tls=True)


async def test_a_token_that_another_program_keeps_fresh_is_read_at_each_login(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t-1\n")
    with mail_server() as server:
        sender = open_channel("mail", settings(server.port, {"token_file": "token"}), base=tmp_path, environ={})
        await sender.send(message())
        await sender.close()
        server.tokens[NAME] = "t-2"
        (tmp_path / "token").write_text("t-2\n")
        await sender.send(message())
        await sender.close()
        (tmp_path / "token").unlink()
        with pytest.raises(DeliveryError, match="is not there") as caught:
            await sender.send(message())
    assert caught.value.reason is Reason.CONFIGURATION
    assert [received.login for received in server.received] == [NAME] * 2
    assert server.xoauth2[0] == f"user={NAME}\x01auth=Bearer t-1\x01\x01"


async def test_a_token_is_fetched_and_kept() -> None:
    with token_server((200, {"access_token": "t-1", "expires_in": 3600})) as tokens, mail_server() as server:
        await send(server.port, fetched(tokens.url, client_secret_env="CLIENT", scope="mail.send"), times=3)
    assert len(server.received) == 3
    assert tokens.asked == [
        {
            "grant_type": ["refresh_token"],
            "refresh_token": ["r-1"],
            "client_id": ["id-1"],
            "client_secret": ["c-secret"],
            "scope": ["mail.send"],
        }
    ]


async def test_a_token_that_ends_or_is_refused_is_fetched_anew_with_the_newest_refresh_token() -> None:
    answers = [
        (200, {"access_token": "old", "expires_in": "3600", "refresh_token": "r-2"}),
        (200, {"access_token": "t-1", "expires_in": 10}),
    ]
    with token_server(*answers) as tokens, mail_server() as server:
        sender = open_channel("mail", settings(server.port, fetched(tokens.url)), base=Path(), environ=ENVIRON)
        with pytest.raises(DeliveryError) as caught:
            await sender.send(message())
        await sender.send(message())
        await sender.close()
        await sender.send(message())
        await sender.close()
    assert str(caught.value) == (
        f"localhost:{server.port} refused the login of {NAME} "
        "(535 5.7.8 Authentication credentials invalid – the login is wrong); check username and access token"
    )
    assert caught.value.reason is Reason.AUTH
    assert [asked["refresh_token"] for asked in tokens.asked] == [["r-1"], ["r-2"], ["r-2"]]
    assert len(server.received) == 2


@pytest.mark.parametrize(
    ("status", "body", "said", "reason"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "Token revoked."},
            "400 invalid_grant Token revoked.",
            "authError",
        ),
        (200, {"token": "x"}, "200", "authError"),
        (200, ["x"], "200", "authError"),
        (200, {"access_token": "two\r\nlines"}, "200", "authError"),
        (200, b"<html>", "200", "authError"),
        (200, b"x" * 200_000, "200", "authError"),
        (503, b"", "503", "serverError"),
    ],
)
async def test_a_token_server_that_gives_none(status: int, body: object, said: str, reason: str) -> None:
    with token_server((status, body)) as tokens, mail_server() as server:
        error = await refused(server.port, fetched(tokens.url))
    hint = "; check client_id, client_secret and refresh_token" if reason == "authError" else ""
    assert str(error) == f"the token server {tokens.url[7:-6]} gave no token ({said}){hint}"
    assert error.reason == reason
    assert server.received == []


async def test_a_token_server_that_is_not_there() -> None:
    with token_server((200, {})) as tokens:
        pass
    with mail_server() as server:
        error = await refused(server.port, fetched(tokens.url))
    assert str(error).startswith(f"the token server {tokens.url[7:-6]} cannot be reached (")
    assert error.reason is Reason.CONNECTION


async def test_a_mail_server_without_xoauth2_is_told() -> None:
    with token_server((200, {"access_token": "t-1"})) as tokens, SmtpServer() as server:
        error = await refused(server.port, fetched(tokens.url))
    assert str(error) == (
        f"localhost:{server.port} offers no login with an access token (XOAUTH2); use a password, or another server"
    )
    assert error.reason is Reason.CONFIGURATION


def test_a_secret_that_is_not_there_is_told_before_anything_is_sent() -> None:
    with pytest.raises(ConfigError, match="the environment variable ABSENT is not set"):
        open_channel("mail", settings(25, {"token_env": "ABSENT"}), base=Path(), environ={})
