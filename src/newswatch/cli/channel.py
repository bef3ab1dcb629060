"""``newswatch test-channel``: one message over one channel, and what its receiver says."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from newswatch.alerting.body import Mistake
from newswatch.alerting.render import Renderer
from newswatch.alerting.sample import sample
from newswatch.channels import open_channel
from newswatch.cli import EXIT_DONE, EXIT_FAILED
from newswatch.cli.common import clock, config_option, json_option, opened
from newswatch.config.load import Loaded, load_config
from newswatch.config.settings import Channel, EmailChannel, Recipient, WebhookChannel
from newswatch.config.values import mailbox
from newswatch.errors import ConfigError, DeliveryError, Problem
from newswatch.model import Answer, Message
from newswatch.store import peek_disabled


@click.command(
    "test-channel",
    epilog="\b\nExamples:\n"
    "  newswatch test-channel desk-hook             a sample alert\n"
    "  newswatch test-channel desk-hook --digest    a sample digest\n"
    "  newswatch test-channel mail --to ada@desk.example\n",
)
@click.argument("name")
@config_option
@json_option
@click.option("--digest", is_flag=True, help="Send a digest, not an alert.")
@click.option("--to", metavar="ADDRESS", help="Of an email channel: send to this address, not to the channel's own.")
def test_channel(name: str, config: Path | None, as_json: bool, digest: bool, to: str | None) -> int:
    """Send a sample over a channel and say what its server said.

    The message is made up and marked as a test. It goes over the channel NAME at once, whether or not the service
    runs, and through the same templates, signatures and limits as any other. A channel that was disabled, since its
    receiver wanted no more messages, is enabled again when the sample is accepted. Exit code 0: accepted. 1: refused,
    or not reached; the sentence says why. 2: there is no such channel, or the configuration has mistakes.
    """
    loaded = load_config(config, os.environ)
    if name not in loaded.channels:
        known = ", ".join(loaded.channels)
        raise click.UsageError(f"no channel is called {name!r}; configured: {known}")
    settings = loaded.channels[name] if to is None else _addressed(name, loaded.channels[name], to)
    message = _message(loaded, name, digest=digest)
    if message.notice:
        click.echo(message.notice, err=True)
    try:
        answer = asyncio.run(_send(loaded, name, settings, message))
    except DeliveryError as error:
        if as_json:
            report = {"channel": name, "accepted": False, "reason": error.reason.value, "message": str(error)}
            click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        click.echo(f"! channel {name}: {error} ({error.reason.value})", err=True)
        return EXIT_FAILED
    if as_json:
        refused = {"refused": [asdict(one) for one in answer.refused]} if answer.refused else {}
        accepted = {"channel": name, "accepted": True, "message": answer.said, **refused}
        click.echo(json.dumps(accepted, ensure_ascii=False, indent=2))
    else:
        click.echo(f"channel {name}: {answer.said}")
    _enable(loaded, name)
    return EXIT_DONE


def _message(loaded: Loaded, name: str, *, digest: bool) -> Message:
    """The sample as this channel's recipient would get it."""
    settings = loaded.channels[name]
    recipients = (recipient for recipient in loaded.recipients if name in recipient.channels)
    recipient = next(recipients, Recipient(id="test", channels=(name,)))
    form = settings.format if isinstance(settings, WebhookChannel) else None
    try:
        delivery = sample(name, recipient.id, now=clock(), digest=digest)
        return Renderer(loaded.templates, public_url=loaded.settings.public_url).render(
            delivery, recipient=recipient, form=form
        )
    except Mistake as error:
        what = f"your own template {error}."
        raise ConfigError(
            (Problem(f"channels.{name}.format", what, "`newswatch check-config` says where."),)
        ) from error


def _addressed(name: str, settings: Channel, to: str) -> Channel:
    """The channel as if it sent to this address alone.

    Raises:
        click.UsageError: it is no email channel, or that is no address.
    """
    if not isinstance(settings, EmailChannel):
        raise click.UsageError(
            f"--to is for email channels; {name} is of type {settings.type}, which sends where its settings say"
        )
    try:
        return settings.model_copy(update={"to": (mailbox(to),)})
    except ValueError as error:
        raise click.UsageError(f"--to: {to!r} {error}") from error


async def _send(loaded: Loaded, name: str, settings: Channel, message: Message) -> Answer:
    sender = open_channel(name, settings, base=loaded.base, environ=os.environ)
    try:
        return await sender.send(message)
    finally:
        await sender.close()


def _enable(loaded: Loaded, name: str) -> None:
    """What was accepted is not gone. A store is opened only where it has something to change."""
    if name not in {gone.name for gone in peek_disabled(loaded.settings.store.url, base=loaded.base)}:
        return
    with opened(loaded) as store, store.transaction() as tx:
        tx.enable_channel(name, clock())
    click.echo(f"channel {name} was disabled; it is enabled again, and what waited for it is due", err=True)
