"""Apprise: the real library against a real server on loopback; what it says of failures, and where it is missing."""

import sys
from pathlib import Path
from typing import Any

import pytest

from loopback.news import message
from loopback.webhook_receiver import Answer, WebhookReceiver
from newswatch.channels import open_channel
from newswatch.channels.apprise import AppriseSender
from newswatch.config.settings import AppriseChannel
from newswatch.errors import ConfigError, DeliveryError, Reason

# What Apprise imports on older Pythons, not what we do with it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def opened(url: str, **changes: Any) -> AppriseSender:
    settings = AppriseChannel.model_validate({"type": "apprise", "url_env": "URL", "timeout": "10s"} | changes)
    sender = open_channel("pager", settings, base=Path(), environ={"URL": url})
    assert isinstance(sender, AppriseSender)
    return sender


def address(hook: WebhookReceiver) -> str:
    """The receiver as Apprise writes it: its plugin for JSON, with a password."""
    return hook.url.replace("http://", "json://desk:secret-password@")


async def test_the_subject_and_the_text_arrive() -> None:
    with WebhookReceiver() as hook:
        sender = opened(address(hook))
        said = (await sender.send(message())).said
        await sender.close()
    assert said == "json:// by Apprise accepted it"
    [call] = hook.calls
    assert call.data["title"] == message().subject
    assert call.data["message"].strip() == message().text.strip()


async def test_a_refusal_says_what_apprise_says_and_no_secret() -> None:
    with WebhookReceiver([Answer(500, body=b"no")]) as hook, pytest.raises(DeliveryError) as caught:
        await opened(address(hook)).send(message())
    said = str(caught.value)
    assert said.startswith("json:// by Apprise was not accepted (")
    assert "error=500" in said
    assert "secret-password" not in said
    assert (caught.value.reason, caught.value.permanent) == (Reason.SERVER, False)


async def test_one_that_hangs_is_given_up_in_time() -> None:
    with WebhookReceiver([Answer(hang=True)]) as hook, pytest.raises(DeliveryError) as caught:
        await opened(address(hook), timeout=0.2).send(message())
    assert str(caught.value) == "json:// by Apprise did not answer within 0.2 s"
    assert caught.value.reason is Reason.CONNECTION


async def test_a_plugin_that_breaks_is_a_refusal() -> None:
    def breaks(**_: object) -> bool:
        raise RuntimeError("at json://desk:secret-password@host")

    with pytest.raises(DeliveryError) as caught:
        await AppriseSender("json", breaks, 5, ["secret-password"]).send(message())
    assert str(caught.value) == "json:// by Apprise failed (RuntimeError: at …)"


@pytest.mark.parametrize("url", ["pigeon://secret-of-mine", "secret-of-mine"])
def test_an_address_that_apprise_does_not_know_is_said_without_it(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(url)
    assert "Apprise knows no service at this address" in str(caught.value)
    assert "secret-of-mine" not in str(caught.value)


def test_where_it_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError) as caught:
        opened("json://localhost")
    assert str(caught.value) == (
        "channels.pager: Apprise is not installed. Install it beside newswatch: pip install 'newswatch[apprise]'."
    )
