"""The email channel against a real SMTP server that refuses, drops, greylists, and wants TLS and a login."""

import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from loopback.news import message
from loopback.smtp_server import SmtpServer
from newswatch.channels import Sender, open_channel
from newswatch.config.settings import EmailChannel
from newswatch.errors import ConfigError, DeliveryError, Reason

NOBODY = "nobody@example.org"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


def settings(port: int, **changes: Any) -> EmailChannel:
    plain: dict[str, Any] = {
        "type": "email",
        "host": "localhost",
        "port": port,
        "security": "none",
        "from": "newswatch <news@example.org>",
        "to": ["Ada Desk <ada@example.org>"],
        "timeout": "5s",
    }
    return EmailChannel.model_validate(plain | changes)


@asynccontextmanager
async def opened(port: int, *, base: Path = Path(), secret: str = "", **changes: Any) -> AsyncIterator[Sender]:
    sender = open_channel("mail", settings(port, **changes), base=base, environ={"SMTP_PASSWORD": secret})
    try:
        yield sender
    finally:
        await sender.close()


async def refusal(port: int, **changes: Any) -> DeliveryError:
    async with opened(port, **changes) as sender:
        with pytest.raises(DeliveryError) as caught:
            await sender.send(message())
    return caught.value


async def test_a_message_arrives_whole_and_the_answer_is_told() -> None:
    with SmtpServer() as server:
        async with opened(server.port) as sender:
            answer = (await sender.send(message())).said
    [received] = server.received
    assert answer == f"localhost:{server.port} said: taken as loopback"
    assert received.sender == "news@example.org"
    assert received.recipients == ("ada@example.org",)
    assert received.mail["Message-ID"] == "<dlv_0123456789abcdef0123@example.org>"
    assert received.mail["Subject"] == message().subject
    body = received.mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == message().text


async def test_a_batch_goes_over_one_connection() -> None:
    with SmtpServer() as server:
        async with opened(server.port) as sender:
            for number in range(5):
                await sender.send(message(delivery_id=f"dlv_{number}"))
    assert [r.connection for r in server.received] == [1] * 5


async def test_a_connection_the_server_closed_meanwhile_is_opened_again() -> None:
    with SmtpServer() as server:
        async with opened(server.port) as sender:
            await sender.send(message(delivery_id="dlv_1"))
            server.drop_at, server.drop_once = "mail", True
            await sender.send(message(delivery_id="dlv_2"))
    assert [r.connection for r in server.received] == [1, 2]


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
async def test_a_connection_dropped_in_the_middle_is_tried_again_later(stage: Any) -> None:
    with SmtpServer(drop_at=stage) as server:
        error = await refusal(server.port)
    assert str(error) == f"localhost:{server.port} closed the connection before it had taken the message"
    assert (error.reason, error.permanent) == (Reason.CONNECTION, False)
    assert server.received == []


async def test_after_a_drop_the_next_message_goes_through() -> None:
    with SmtpServer(drop_at="data", drop_once=True) as server:
        async with opened(server.port) as sender:
            with pytest.raises(DeliveryError):
                await sender.send(message(delivery_id="dlv_1"))
            await sender.send(message(delivery_id="dlv_1"))
    assert len(server.received) == 1


async def test_one_refused_recipient_does_not_keep_the_message_from_the_others() -> None:
    with SmtpServer(refuse={NOBODY: "550 5.1.1 no such user"}) as server:
        async with opened(server.port, to=[NOBODY, "ada@example.org"]) as sender:
            answer = (await sender.send(message())).said
    assert server.received[0].recipients == ("ada@example.org",)
    assert answer == (
        f"localhost:{server.port} said: taken as loopback; "
        "refused for good: nobody@example.org (550 5.1.1 no such user – there is no such mailbox)"
    )


async def test_all_recipients_refused_is_permanent() -> None:
    with SmtpServer(refuse={NOBODY: "550 5.1.1 no such user"}) as server:
        error = await refusal(server.port, to=[NOBODY])
    assert str(error) == (
        f"localhost:{server.port} refused every recipient: "
        "nobody@example.org (550 5.1.1 no such user – there is no such mailbox)"
    )
    assert (error.reason, error.permanent) == (Reason.REJECTED, True)


async def test_greylisting_is_temporary_and_the_second_try_passes() -> None:
    with SmtpServer(greylist=True) as server:
        async with opened(server.port) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(message())
            await sender.send(message())
    assert str(caught.value) == (
        f"localhost:{server.port} put off every recipient: "
        "ada@example.org (451 4.7.1 greylisted, come back in a minute)"
    )
    assert (caught.value.reason, caught.value.permanent) == (Reason.SERVER, False)
    assert len(server.received) == 1


async def test_who_took_it_is_spared_when_the_others_are_tried_again() -> None:
    with SmtpServer(refuse={"bob@example.org": "452 4.2.2 mailbox full"}) as server:
        async with opened(server.port, to=["ada@example.org", "bob@example.org"]) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(message())
            server.refuse.clear()
        # Whoever sends it next, and be it another process, knows who has it from the row.
        async with opened(server.port, to=["ada@example.org", "bob@example.org"]) as sender:
            await sender.send(message(taken=caught.value.taken))
            await sender.send(message(delivery_id="dlv_next"))
    assert str(caught.value) == (
        f"localhost:{server.port} took the message for some and put others off: "
        "bob@example.org (452 4.2.2 mailbox full)"
    )
    assert caught.value.taken == ("ada@example.org",)
    assert not caught.value.permanent
    assert [r.recipients for r in server.received] == [
        ("ada@example.org",),
        ("bob@example.org",),
        ("ada@example.org", "bob@example.org"),
    ]


async def test_a_server_that_limits_recipients_gets_them_in_rounds() -> None:
    to = [f"reader{number}@example.org" for number in range(5)]
    with SmtpServer(most_recipients=2, refuse={to[3]: "550 5.1.1 who is that"}) as server:
        async with opened(server.port, to=to) as sender:
            answer = (await sender.send(message())).said
    assert [r.recipients for r in server.received] == [(to[0], to[1]), (to[2], to[4])]
    assert answer.endswith("refused for good: reader3@example.org (550 5.1.1 who is that – there is no such mailbox)")


async def test_who_took_it_in_a_first_round_is_known_when_the_second_fails() -> None:
    to = [f"reader{number}@example.org" for number in range(3)]

    def refuse(_: Any) -> None:
        server.refuse_data = "451 4.3.0 not now"

    with SmtpServer(most_recipients=2, on_message=refuse) as server:
        async with opened(server.port, to=to) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(message())
            server.refuse_data = ""
            await sender.send(message(taken=caught.value.taken))
    assert caught.value.taken == (to[0], to[1])
    assert [r.recipients for r in server.received] == [(to[0], to[1]), (to[2],)]


async def test_the_last_one_left_and_refused_does_not_make_what_others_have_a_failure() -> None:
    with SmtpServer(refuse={NOBODY: "550 5.2.1 off"}) as server:
        async with opened(server.port, to=[NOBODY, "ada@example.org"]) as sender:
            answer = (await sender.send(message(taken=("ada@example.org",)))).said
    assert server.received == []
    assert answer == (
        f"localhost:{server.port} took it before; "
        "refused for good: nobody@example.org (550 5.2.1 off – the mailbox is disabled)"
    )


async def test_too_many_messages_is_a_reason_of_its_own() -> None:
    with SmtpServer(refuse_data="451 4.7.28 slow down") as server:
        error = await refusal(server.port)
    assert str(error).endswith("put off the message (451 4.7.28 slow down – too many messages in a short time)")
    assert (error.reason, error.permanent) == (Reason.RATE_LIMITED, False)


async def test_a_batch_goes_on_after_a_drop_in_its_middle_and_nobody_gets_it_twice() -> None:
    def drop(_: Any) -> None:
        if len(server.received) == 3:
            server.drop_at, server.drop_once = "rcpt", True

    with SmtpServer(on_message=drop) as server:
        async with opened(server.port) as sender:
            for number in range(6):
                await sender.send(message(delivery_id=f"dlv_{number}"))
    assert [r.mail["X-Newswatch-Delivery"] for r in server.received] == [f"dlv_{number}" for number in range(6)]
    assert [r.connection for r in server.received] == [1, 1, 1, 2, 2, 2]


async def test_lines_that_are_dots_arrive_as_they_are() -> None:
    text = ".\n..\n...and so on\n.\n"
    with SmtpServer() as server:
        async with opened(server.port) as sender:
            await sender.send(message(text=text, html=f"<pre>\n{text}</pre>\n"))
    body = server.received[0].mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text


async def test_addresses_in_other_letters() -> None:
    to = ["Ада <ада@новости.example>"]
    with SmtpServer(smtputf8=True) as server:
        async with opened(server.port, to=to) as sender:
            await sender.send(message())
    [received] = server.received
    assert received.recipients == ("ада@xn--b1amnebsh.example",)
    assert "To: Ада <ада@xn--b1amnebsh.example>".encode() in received.raw
    assert received.mail["Subject"] == message().subject


async def test_a_server_that_knows_ascii_alone_is_told_of() -> None:
    with SmtpServer() as server:
        error = await refusal(server.port, to=["ада@новости.example"])
    assert str(error) == (
        f"localhost:{server.port} takes no addresses with letters outside ASCII (SMTPUTF8), so nothing was sent; "
        "write addresses in ASCII, or use another server"
    )
    assert error.reason is Reason.CONFIGURATION


@pytest.mark.parametrize(
    ("script", "sentence", "reason", "permanent"),
    [
        (
            {"refuse_data": "554 5.7.1 looks like spam"},
            "refused the message (554 5.7.1 looks like spam)",
            "rejected",
            1,
        ),
        ({"refuse_data": "452 4.3.1 disk full"}, "put off the message (452 4.3.1 disk full)", "serverError", 0),
        (
            {"refuse_sender": "553 5.7.1 not your address"},
            "refused the sender news@example.org (553 5.7.1 not your address)",
            "rejected",
            1,
        ),
        (
            {"refuse_sender": "530 5.7.0 authentication required"},
            "refused to go on without a login (530 5.7.0 authentication required); check username and password",
            "authError",
            0,
        ),
    ],
)
async def test_refusals_are_told_apart(script: dict[str, Any], sentence: str, reason: str, permanent: int) -> None:
    with SmtpServer(**script) as server:
        error = await refusal(server.port)
    assert str(error) == f"localhost:{server.port} {sentence}"
    assert (error.reason, error.permanent) == (reason, bool(permanent))


async def test_after_a_refusal_the_connection_serves_the_next_message() -> None:
    with SmtpServer(refuse_data="554 no") as server:
        async with opened(server.port) as sender:
            with pytest.raises(DeliveryError):
                await sender.send(message())
            server.refuse_data = ""
            await sender.send(message(delivery_id="dlv_2"))
    assert len(server.received) == 1


async def test_starttls_is_used_and_verified(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    with SmtpServer(security="starttls", context=server_tls) as server:
        async with opened(server.port, security="starttls", ca_file=ca_file.name, base=ca_file.parent) as sender:
            await sender.send(message())
    assert server.received[0].tls


async def test_tls_from_the_first_byte(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    with SmtpServer(security="tls", context=server_tls) as server:
        async with opened(server.port, security="tls", ca_file=ca_file) as sender:
            await sender.send(message())
    assert server.received[0].tls


async def test_without_starttls_nothing_is_sent() -> None:
    with SmtpServer() as server:
        error = await refusal(server.port, security="starttls")
    assert str(error) == (
        f"localhost:{server.port} does not offer STARTTLS, so nothing was sent; "
        "set security to tls, or to none where the way there is safe"
    )
    assert error.reason is Reason.CONFIGURATION
    assert server.received == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_an_unknown_certificate_is_refused(security: Any, server_tls: ssl.SSLContext) -> None:
    with SmtpServer(security=security, context=server_tls) as server:
        error = await refusal(server.port, security=security)
    assert str(error).startswith(f"the certificate of localhost:{server.port} is not trusted (")
    assert str(error).endswith("so nothing was sent; set ca_file if it is signed by your own authority")
    assert not error.permanent
    assert server.received == []


async def test_a_certificate_of_another_name_is_refused(authority: trustme.CA, ca_file: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("another.example").configure_cert(context)
    with SmtpServer(security="tls", context=context) as server:
        error = await refusal(server.port, security="tls", ca_file=ca_file)
    assert "Hostname mismatch" in str(error)


@pytest.mark.parametrize("excluded", [["LOGIN"], ["PLAIN"]])
async def test_login(excluded: list[str], server_tls: ssl.SSLContext, ca_file: Path) -> None:
    users = {"news": "pässword"}
    with SmtpServer(security="starttls", context=server_tls, users=users, auth_exclude=excluded) as server:
        login: dict[str, Any] = {
            "security": "starttls",
            "ca_file": ca_file,
            "username": "news",
            "password_env": "SMTP_PASSWORD",
        }
        async with opened(server.port, secret="pässword", **login) as sender:
            await sender.send(message())
    assert server.received[0].login == "news"


async def test_a_wrong_password_is_told_without_saying_it_and_can_be_mended(
    server_tls: ssl.SSLContext, ca_file: Path
) -> None:
    with SmtpServer(security="starttls", context=server_tls, users={"news": "right"}) as server:
        error = await refusal(
            server.port,
            secret="wrong-secret",
            security="starttls",
            ca_file=ca_file,
            username="news",
            password_env="SMTP_PASSWORD",
        )
    assert str(error).startswith(f"localhost:{server.port} refused the login of news (535 ")
    assert str(error).endswith("check username and password")
    assert "wrong-secret" not in str(error)
    assert (error.reason, error.permanent) == (Reason.AUTH, False)


async def test_a_server_without_login_is_told() -> None:
    with SmtpServer() as server:
        error = await refusal(server.port, secret="x", username="news", password_env="SMTP_PASSWORD")
    assert str(error).startswith(f"localhost:{server.port} offers no login that newswatch knows (")
    assert str(error).endswith("); remove username if it wants none")


async def test_nobody_listens(free_port: int) -> None:
    error = await refusal(free_port, host="127.0.0.1")
    assert str(error) == (
        f"127.0.0.1:{free_port} cannot be reached (Connection refused); check host, port and security"
    )
    assert error.reason is Reason.CONNECTION


async def test_a_server_that_never_speaks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = await refusal(port, timeout=0.2)
    assert str(error) == f"localhost:{port} did not answer within 0.2 s"
    assert error.reason is Reason.CONNECTION


async def test_plain_talk_to_a_tls_port(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    with SmtpServer() as server:
        error = await refusal(server.port, security="tls", ca_file=ca_file)
    assert str(error).startswith(f"localhost:{server.port} cannot be reached (")
    assert error.reason is Reason.CONNECTION


@pytest.fixture
def free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"username": "news"},
            ("channels.mail: a password is missing for the login of news. Name it with password_env or password_file."),
        ),
        (
            {"security": "tls", "ca_file": "absent.pem"},
            (
                "channels.mail.ca_file: /base/absent.pem cannot be used as a certificate authority "
                "(No such file or directory) Give a PEM file."
            ),
        ),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_sent(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_channel("mail", settings(25, **changes), base=Path("/base"), environ={})
    assert str(caught.value) == sentence
