"""The webhook channel against a real receiver that verifies with the official package."""

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from loopback.news import message
from loopback.webhook_receiver import OTHER_SECRET, SECRET, Answer, WebhookReceiver
from newswatch import __version__
from newswatch.channels import Sender, open_channel
from newswatch.config.settings import WebhookChannel
from newswatch.errors import ConfigError, DeliveryError, Reason
from newswatch.network import private_literal, retry_after


@asynccontextmanager
async def opened(url: str, *, secret: str = SECRET, **changes: Any) -> AsyncIterator[Sender]:
    plain = {"type": "webhook", "url": url, "secret_env": "HOOK", "allow_private": True, "timeout": "5s"}
    settings = WebhookChannel.model_validate(plain | changes)
    environ = {"HOOK": secret, "BEFORE": OTHER_SECRET, "NOT_ONE": "whsec_dG9vIHNob3J0"}
    sender = open_channel("hook", settings, base=Path(), environ=environ)
    try:
        yield sender
    finally:
        await sender.close()


async def refusal(url: str, **changes: Any) -> DeliveryError:
    async with opened(url, **changes) as sender:
        with pytest.raises(DeliveryError) as caught:
            await sender.send(message())
    return caught.value


def receiver_of(hook: WebhookReceiver) -> str:
    return hook.url.removesuffix("/hook")


async def test_the_official_package_accepts_the_signature() -> None:
    with WebhookReceiver() as hook:
        async with opened(hook.url) as sender:
            answer = (await sender.send(message())).said
    [call] = hook.calls
    assert call.verified, call.why_not
    assert call.data == message().payload
    assert call.headers["webhook-id"] == message().delivery_id
    assert call.headers["content-type"] == "application/json"
    assert call.headers["user-agent"] == f"newswatch/{__version__}"
    assert answer == f"{receiver_of(hook)} answered 200 thanks"


@pytest.mark.parametrize("known", [SECRET, OTHER_SECRET])
async def test_two_secrets_sign_while_one_replaces_the_other(known: str) -> None:
    with WebhookReceiver(secret=known) as hook:
        async with opened(hook.url, previous_secret_env="BEFORE") as sender:
            await sender.send(message())
    assert hook.calls[0].verified
    assert [one.partition(",")[0] for one in hook.calls[0].headers["webhook-signature"].split(" ")] == ["v1", "v1"]


async def test_another_secret_is_not_accepted() -> None:
    with WebhookReceiver(secret=OTHER_SECRET) as hook:
        async with opened(hook.url) as sender:
            await sender.send(message())
    assert not hook.calls[0].verified


async def test_without_a_secret_it_is_posted_unsigned() -> None:
    with WebhookReceiver() as hook:
        async with opened(hook.url, secret_env="", headers={"X-Team": "desk"}) as sender:
            await sender.send(message())
    assert "webhook-signature" not in hook.calls[0].headers
    assert hook.calls[0].headers["x-team"] == "desk"


async def test_a_repeat_carries_the_same_id() -> None:
    with WebhookReceiver([Answer(500), Answer(200)]) as hook:
        async with opened(hook.url) as sender:
            with pytest.raises(DeliveryError):
                await sender.send(message())
            await sender.send(message())
    assert len({call.headers["webhook-id"] for call in hook.calls}) == 1


@pytest.mark.parametrize(
    ("answer", "sentence", "reason", "permanent", "wait"),
    [
        (Answer(500, body=b"oops\r\nstack"), "answered 500 (oops stack)", Reason.SERVER, False, None),
        (Answer(503, {"retry-after": "120"}, b""), "answered 503", Reason.SERVER, False, 120.0),
        (Answer(408, body=b""), "answered 408", Reason.SERVER, False, None),
        (
            Answer(429, {"retry-after": "7"}, b"slow down"),
            "answered 429 (slow down): too many messages",
            Reason.RATE_LIMITED,
            False,
            7.0,
        ),
        (
            Answer(410, body=b""),
            "answered 410: it wants no more messages",
            Reason.GONE,
            True,
            None,
        ),
        (
            Answer(401, body=b"bad signature"),
            "answered 401 (bad signature): check the secret and the headers",
            Reason.AUTH,
            False,
            None,
        ),
        (Answer(404, body=b""), "answered 404: check the address", Reason.CLIENT, False, None),
        (Answer(422, body=b"no such field"), "answered 422 (no such field)", Reason.CLIENT, True, None),
        (
            Answer(302, {"location": "http://127.0.0.1:1/"}, b""),
            "answered 302, a redirect, which is not followed; put the final address into url",
            Reason.CLIENT,
            False,
            None,
        ),
    ],
)
async def test_answers_are_told_apart(
    answer: Answer, sentence: str, reason: Reason, permanent: bool, wait: float | None
) -> None:
    with WebhookReceiver([answer]) as hook:
        error = await refusal(hook.url)
    assert str(error) == f"{receiver_of(hook)} {sentence}"
    assert (error.reason, error.permanent, error.retry_after) == (reason, permanent, wait)
    assert len(hook.calls) == 1


async def test_a_long_answer_is_cut() -> None:
    with WebhookReceiver([Answer(500, body=b"x" * 3_000_000)]) as hook:
        error = await refusal(hook.url)
    assert len(str(error)) < 300


async def test_a_receiver_that_hangs_is_given_up_in_time() -> None:
    with WebhookReceiver([Answer(hang=True)]) as hook:
        error = await refusal(hook.url, timeout=0.2)
        assert str(error) == f"{receiver_of(hook)} did not answer within 0.2 s"
    assert error.reason is Reason.CONNECTION


async def test_a_receiver_that_hangs_up_is_tried_again() -> None:
    with WebhookReceiver([Answer(drop=True)]) as hook:
        error = await refusal(hook.url)
    assert str(error) == f"{receiver_of(hook)} cannot be reached (Server disconnected); check url"
    assert (error.reason, error.permanent) == (Reason.CONNECTION, False)


async def test_nobody_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        receiver = f"http://127.0.0.1:{probe.getsockname()[1]}"
        error = await refusal(f"{receiver}/hook")
    assert str(error) == f"{receiver} cannot be reached (Connection refused); check url"
    assert error.reason is Reason.CONNECTION


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_an_unknown_authority_is_refused_with_what_to_do(authority: trustme.CA) -> None:
    with WebhookReceiver(context=tls(authority, "127.0.0.1")) as hook:
        error = await refusal(hook.url)
    assert str(error) == (
        f"{receiver_of(hook)}: its certificate is not trusted (unable to get local issuer certificate; if your own "
        "authority signed it, name that authority's PEM file with ca_file), so nothing was sent"
    )
    assert (error.reason, error.permanent) == (Reason.CONNECTION, False)
    assert hook.calls == []


@pytest.mark.parametrize("how", ["ca_file", "SSL_CERT_FILE"])
async def test_an_authority_of_ones_own_is_trusted(
    how: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(pem)
    if how == "SSL_CERT_FILE":
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    changes: dict[str, Any] = {"ca_file": pem} if how == "ca_file" else {}
    with WebhookReceiver(context=tls(authority, "127.0.0.1")) as hook:
        async with opened(hook.url, **changes) as sender:
            await sender.send(message())
    assert hook.calls[0].verified
    with WebhookReceiver(context=tls(authority, "other.example")) as hook:
        error = await refusal(hook.url, **changes)
    assert "IP address mismatch, certificate is not valid for '127.0.0.1'; tell its owner" in str(error)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_private_addresses_are_refused_unless_allowed(host: str) -> None:
    with WebhookReceiver() as hook:
        url = hook.url.replace("127.0.0.1", host)
        error = await refusal(url, allow_private=False)
    assert str(error) == (
        f"{url.removesuffix('/hook')} is at a private address, so nothing was sent; "
        "set allow_private: true if it is meant"
    )
    assert error.reason is Reason.CONFIGURATION
    assert hook.calls == []


@pytest.mark.parametrize(
    "host",
    ["10.1.2.3", "169.254.169.254", "::1", "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "0.0.0.0", "100.64.0.1"],  # noqa: S104 - an address to refuse
)
def test_addresses_that_are_not_public(host: str) -> None:
    assert private_literal(host)


@pytest.mark.parametrize("host", ["93.184.216.34", "2606:2800:220:1::1", "hooks.example.org"])
def test_hosts_that_may_be_public(host: str) -> None:
    assert not private_literal(host)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"secret": "whsec_dG9vIHNob3J0"},
            (
                "channels.hook.secret: the webhook secret must be whsec_ followed by 24 to 64 bytes in base64; "
                "make the second part with `openssl rand -base64 32`"
            ),
        ),
        (
            {"secret": "bG9vcGJhY2stc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM="},
            (
                "channels.hook.secret: the webhook secret must be whsec_ followed by 24 to 64 bytes in base64; "
                "make the second part with `openssl rand -base64 32`"
            ),
        ),
        (
            {"secret": f"{SECRET} {OTHER_SECRET}"},
            (
                "channels.hook.secret: the webhook secret holds white space; "
                "name the one before it with previous_secret_file"
            ),
        ),
        (
            {"previous_secret_env": "NOT_ONE"},
            (
                "channels.hook.secret: the webhook secret must be whsec_ followed by 24 to 64 bytes in base64; "
                "make the second part with `openssl rand -base64 32`"
            ),
        ),
        (
            {"ca_file": "not-there.pem"},
            (
                "channels.hook.ca_file: it cannot be used as a certificate authority (No such file or directory). "
                "Give a PEM file."
            ),
        ),
    ],
)
async def test_what_cannot_work_is_told_before_anything_is_sent(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        async with opened(changes.pop("url", "https://hooks.example/"), **changes):
            pass
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Sun, 02 Mar 2031 18:07:00 GMT", 120.0),
        ("Sun, 02 Mar 2031 18:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_in_both_forms(header: str, seconds: float | None) -> None:
    assert retry_after(header, now=datetime(2031, 3, 2, 18, 5, tzinfo=UTC)) == seconds
