"""Each service as a server on loopback that answers as it does: where it is asked, and what is understood."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from loopback import news
from loopback.webhook_receiver import Answer, WebhookReceiver
from newswatch.alerting.render import Renderer
from newswatch.channels import Sender, address_print, open_channel
from newswatch.channels.services import endpoint, verdict
from newswatch.config.hooks import ready_formats
from newswatch.config.settings import Recipient, WebhookChannel
from newswatch.errors import ConfigError, DeliveryError, Reason
from newswatch.model import Message

DESK = Recipient(id="desk", channels=("chat",))
TOKEN = "123456:AAF-secret_of_the_bot-0123456789"
ENVIRON = {
    "TOKEN": TOKEN,
    "BEARER": "tk_secret_of_ntfy",
    "ODD": "not a token",
    "NOWHERE": "ftp://x.example:99999/secret",
}
SERVICES = ready_formats()[1:]


def settings(form: str, hook: WebhookReceiver, **changes: Any) -> WebhookChannel:
    """A channel of a format whose server is the receiver."""
    root = hook.url.removesuffix("/hook")
    plain: dict[str, Any] = {"type": "webhook", "format": form, "allow_private": True, "timeout": "5s"}
    if form == "telegram":
        plain |= {"url": root, "token_env": "TOKEN", "chat_id": -100123}
    elif form == "ntfy":
        plain |= {"url": f"{root}/behind/a-proxy/my-topic", "token_env": "BEARER"}
    else:
        plain |= {"url_env": "URL"}
    return WebhookChannel.model_validate(plain | changes)


@asynccontextmanager
async def opened(form: str, hook: WebhookReceiver, **changes: Any) -> AsyncIterator[Sender]:
    environ = {**ENVIRON, "URL": f"{hook.url}/services/T0ABCDEFG/B0123456789/secretsecretsecret"}
    sender = open_channel("chat", settings(form, hook, **changes), base=Path(), environ=environ)
    try:
        yield sender
    finally:
        await sender.close()


def rendered(form: str) -> Message:
    alert = news.alert(news.item(news.INJURED, others=news.OTHERS))
    return Renderer(None).render(news.delivery(alert), recipient=DESK, form=form)


ACCEPTED = {
    "slack": Answer(200, body=b"ok"),
    "discord": Answer(204, body=b""),
    "teams": Answer(202, body=b""),
    "telegram": Answer(200, body=json.dumps({"ok": True, "result": {"message_id": 7, "text": "x" * 3000}}).encode()),
    "mattermost": Answer(200, body=b"ok"),
    "ntfy": Answer(200, body=b'{"id":"x","time":1,"event":"message","topic":"my-topic","message":"m"}'),
}


@pytest.mark.parametrize("form", SERVICES)
async def test_it_is_asked_where_the_service_wants_and_accepted(form: str) -> None:
    with WebhookReceiver([ACCEPTED[form]]) as hook:
        async with opened(form, hook) as sender:
            said = (await sender.send(rendered(form))).said
    [call] = hook.calls
    root = hook.url.removesuffix("/hook")
    status = ACCEPTED[form].status
    words = {"slack": " ok", "mattermost": " ok", "telegram": " ok"}.get(form, "")
    assert said == f"{root} answered {status}{words}"
    assert call.headers["content-type"] == "application/json"
    match form:
        case "telegram":
            assert call.path == f"/bot{TOKEN}/sendMessage"
            assert call.data["chat_id"] == "-100123"
            assert "authorization" not in call.headers
        case "ntfy":
            assert call.path == "/behind/a-proxy/"
            assert call.data["topic"] == "my-topic"
            assert call.headers["authorization"] == "Bearer tk_secret_of_ntfy"
        case _:
            assert call.path == "/hook/services/T0ABCDEFG/B0123456789/secretsecretsecret"
            assert call.data == rendered(form).payload


@pytest.mark.parametrize(
    ("form", "answer", "sentence", "reason", "permanent", "wait"),
    [
        ("slack", Answer(400, body=b"invalid_blocks"), "answered 400 (invalid_blocks)", Reason.CLIENT, True, None),
        ("slack", Answer(200, body=b"invalid_payload"), "answered 400 (invalid_payload)", Reason.CLIENT, True, None),
        (
            "slack",
            Answer(200, body=b'{"ok":false,"error":"channel_not_found"}'),
            "answered 400 (channel_not_found)",
            Reason.CLIENT,
            True,
            None,
        ),
        (
            "slack",
            Answer(429, {"retry-after": "30"}, b"rate_limited"),
            "answered 429 (rate_limited): too many messages",
            Reason.RATE_LIMITED,
            False,
            30.0,
        ),
        (
            "slack",
            Answer(403, body=b"action_prohibited"),
            "answered 403 (action_prohibited): check the address",
            Reason.AUTH,
            False,
            None,
        ),
        (
            "slack",
            Answer(404, body=b"no_service"),
            "answered 404 (no_service): it wants no more messages",
            Reason.GONE,
            True,
            None,
        ),
        (
            "slack",
            Answer(410, body=b"channel_is_archived"),
            "answered 410 (channel_is_archived): it wants no more messages",
            Reason.GONE,
            True,
            None,
        ),
        (
            "discord",
            Answer(
                429,
                {"retry-after": "1"},
                b'{"message":"You are being rate limited.","retry_after":2.25,"global":false}',
            ),
            "answered 429 (You are being rate limited.): too many messages",
            Reason.RATE_LIMITED,
            False,
            2.25,
        ),
        (
            "discord",
            Answer(404, body=b'{"message": "Unknown Webhook", "code": 10015}'),
            "answered 404 (Unknown Webhook): it wants no more messages",
            Reason.GONE,
            True,
            None,
        ),
        (
            "discord",
            Answer(400, body=b'{"embeds": ["0"]}'),
            'answered 400 ({"embeds": ["0"]})',
            Reason.CLIENT,
            True,
            None,
        ),
        (
            "telegram",
            Answer(
                429,
                body=b'{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 14",'
                b'"parameters":{"retry_after":14}}',
            ),
            "answered 429 (Too Many Requests: retry after 14): too many messages",
            Reason.RATE_LIMITED,
            False,
            14.0,
        ),
        (
            "telegram",
            Answer(200, body=b'{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}'),
            "answered 400 (Bad Request: chat not found)",
            Reason.CLIENT,
            True,
            None,
        ),
        (
            "telegram",
            Answer(
                400,
                body=b'{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded",'
                b'"parameters":{"migrate_to_chat_id":-1007}}',
            ),
            "answered 400 (Bad Request: group chat was upgraded; the chat has moved: write chat_id: -1007)",
            Reason.CLIENT,
            True,
            None,
        ),
        (
            "telegram",
            Answer(401, body=b'{"ok":false,"error_code":401,"description":"Unauthorized"}'),
            "answered 401 (Unauthorized): check token and chat_id",
            Reason.AUTH,
            False,
            None,
        ),
        (
            "teams",
            Answer(
                200,
                body=b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
            ),
            (
                "answered 429 (Webhook message delivery failed with error: Microsoft Teams endpoint returned "
                "HTTP error 429): too many messages"
            ),
            Reason.RATE_LIMITED,
            False,
            None,
        ),
        (
            "teams",
            Answer(200, body=b"Webhook message delivery failed: endpoint returned HTTP error 413 with ContextId x"),
            "answered 413 (Webhook message delivery failed: endpoint returned HTTP error 413 with ContextId x)",
            Reason.CLIENT,
            True,
            None,
        ),
        (
            "ntfy",
            Answer(429, body=b'{"code":42908,"http":429,"error":"limit reached: daily message quota reached"}'),
            "answered 429 (limit reached: daily message quota reached): too many messages",
            Reason.RATE_LIMITED,
            False,
            None,
        ),
        (
            "ntfy",
            Answer(403, body=b'{"code":40301,"http":403,"error":"forbidden"}'),
            "answered 403 (forbidden): check the token",
            Reason.AUTH,
            False,
            None,
        ),
        (
            "mattermost",
            Answer(
                400,
                body=b'{"id":"web.incoming_webhook.invalid.app_error","message":"Invalid webhook","status_code":400}',
            ),
            "answered 400 (Invalid webhook)",
            Reason.CLIENT,
            True,
            None,
        ),
        ("mattermost", Answer(503, body=b"<html>"), "answered 503 (<html>)", Reason.SERVER, False, None),
    ],
)
async def test_a_refusal_is_read_as_its_service_means_it(
    form: str, answer: Answer, sentence: str, reason: Reason, permanent: bool, wait: float | None
) -> None:
    with WebhookReceiver([answer]) as hook:
        async with opened(form, hook) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(rendered(form))
    error = caught.value
    assert str(error) == f"{hook.url.removesuffix('/hook')} {sentence}"
    assert (error.reason, error.permanent, error.retry_after) == (reason, permanent, wait)


@pytest.mark.parametrize("form", SERVICES)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(302, {"location": "/elsewhere"}, b""),
        Answer(hang=True),
        Answer(drop=True),
        Answer(500, body=b"\xff\x00[" * 9000),
    ],
    ids=["redirect", "hang", "drop", "noise"],
)
async def test_every_service_may_fail_in_every_way(form: str, answer: Answer) -> None:
    with WebhookReceiver([answer]) as hook:
        async with opened(form, hook, timeout="1s") as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(rendered(form))
    assert not caught.value.permanent
    assert len(hook.calls) == 1
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"ok": false, "parameters": 7}', '{"retry_after": true}', "null", "{", ""]
)
@pytest.mark.parametrize("form", [*SERVICES, "newswatch"])
def test_any_answer_has_a_meaning(form: str, text: str) -> None:
    meant = verdict(form, 500, text)
    assert meant.status == 500
    assert meant.wait is None
    assert not meant.gone


# ---------------------------------------------------------------- secrets


async def test_no_secret_of_the_address_is_said_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even where the server repeats the path it was asked for, and everything is logged."""
    caplog.set_level(logging.DEBUG)
    echo = f"Cannot POST /bot{TOKEN}/sendMessage on this server".encode()
    with WebhookReceiver([Answer(404, body=echo)]) as hook:
        async with opened("telegram", hook) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(rendered("telegram"))
    assert str(caught.value).endswith("answered 404 (Cannot POST /…/sendMessage on this server): check the address")
    assert "HTTP Request: POST" in caplog.text
    assert TOKEN not in caplog.text
    echo = b"Cannot POST /hook/services/T0ABCDEFG/B0123456789/secretsecretsecret"
    with WebhookReceiver([Answer(500, body=echo)]) as hook:
        async with opened("slack", hook) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(rendered("slack"))
    assert "secretsecretsecret" not in str(caught.value)
    assert "B0123456789" not in str(caught.value)
    assert "secretsecretsecret" not in caplog.text
    assert TOKEN not in repr(endpoint("telegram", "", TOKEN, "7"))


async def test_not_even_the_beginning_of_a_secret_that_is_cut_off_is_said() -> None:
    echo = b"x" * 180 + b"/hook/services/T0ABCDEFG/B0123456789/secretsecretsecret"
    with WebhookReceiver([Answer(500, body=echo)]) as hook:
        async with opened("slack", hook) as sender:
            with pytest.raises(DeliveryError) as caught:
                await sender.send(rendered("slack"))
    assert "T0AB" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"token_env": "ODD"},
            "channels.chat.token: the bot's token must be a number, a colon and letters; @BotFather gives it",
        ),
        (
            {"format": "slack", "url_env": "NOWHERE"},
            "channels.chat.url: is not",
        ),
        (
            {"format": "ntfy", "url": "https://ntfy.example/", "chat_id": ""},
            "channels.chat.url: the address of ntfy must end",
        ),
    ],
)
def test_what_cannot_work_is_said_without_the_secret(changes: dict[str, Any], sentence: str) -> None:
    plain = {"type": "webhook", "format": "telegram", "token_env": "TOKEN", "chat_id": "7"}
    if "format" in changes or "url" in changes:
        plain = {"type": "webhook"}
    with pytest.raises(ConfigError) as caught:
        open_channel("chat", WebhookChannel.model_validate(plain | changes), base=Path(), environ=ENVIRON)
    assert str(caught.value).startswith(sentence)
    assert not any(secret in str(caught.value) for secret in ENVIRON.values())


def test_the_print_of_an_address_changes_with_it_and_tells_nothing() -> None:
    with WebhookReceiver() as hook:
        one = settings("telegram", hook)
        prints = {
            address_print(one, base=Path(), environ=ENVIRON),
            address_print(one.model_copy(update={"chat_id": "7"}), base=Path(), environ=ENVIRON),
            address_print(one, base=Path(), environ={"TOKEN": "1:other"}),
        }
        assert len(prints) == 3
        assert all(len(found) == 32 for found in prints)
        assert address_print(one, base=Path(), environ={}) == ""


def test_telegram_is_where_it_is_unless_one_says_otherwise() -> None:
    assert endpoint("telegram", "", "1:a", "7").url == "https://api.telegram.org/bot1:a/sendMessage"
    assert endpoint("telegram", "https://own.example/", "1:a", "7").url == "https://own.example/bot1:a/sendMessage"
