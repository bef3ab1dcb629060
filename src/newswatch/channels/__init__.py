"""Channels: one module each, one method: ``send(message)``.

`open_channel` gives the sender for a channel's settings. A sender keeps its connection between messages and is used by
one task at a time; what it cannot deliver it says as a DeliveryError that carries what follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from newswatch.config.secrets import resolve
from newswatch.config.settings import EmailChannel, FolderChannel, WebhookChannel
from newswatch.model import Message


class Sender(Protocol):
    """A way out."""

    async def send(self, message: Message) -> str:
        """Send one message; a repeat carries the same id.

        Returns:
            What the receiver said, in a line.

        Raises:
            DeliveryError: it was not accepted; says whether and when to try again.
        """

    async def close(self) -> None:
        """Close the connection, if one is open. The sender may be used again."""


def open_channel(
    name: str, settings: EmailChannel | WebhookChannel | FolderChannel, *, base: Path, environ: Mapping[str, str]
) -> Sender:
    """The sender for a channel. Nothing is connected before the first message.

    Args:
        name: the channel's name, for messages to the user.
        settings: its settings.
        base: the folder that relative paths start from.
        environ: where secrets given by ``*_env`` are.

    Raises:
        ConfigError: an address, a secret or a certificate authority cannot be used.
    """
    # Each channel's libraries are loaded only where it is used: a start with a folder alone needs neither.
    match settings:
        case EmailChannel():
            from newswatch.channels.email import open_email

            return open_email(name, settings, base=base, environ=environ)
        case WebhookChannel():
            from newswatch.channels.webhook import open_webhook

            return open_webhook(name, settings, base=base, environ=environ)
        case FolderChannel():
            from newswatch.channels.folder import FolderSender

            return FolderSender(resolve(base, settings.path, environ))
