"""Channels: one module each, one method: ``send(message)``.

`open_channel` gives the sender for a channel's settings. A sender keeps its connection between messages and is used by
one task at a time; what it cannot deliver it says as a DeliveryError that carries what follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from newswatch.config.secrets import read_secret, resolve
from newswatch.config.settings import AppriseChannel, Channel, EmailChannel, FolderChannel, WebhookChannel
from newswatch.errors import ConfigError
from newswatch.model import Answer, Message


class Sender(Protocol):
    """A way out."""

    async def send(self, message: Message) -> Answer:
        """Send one message; a repeat carries the same id.

        Returns:
            What the receiver said.

        Raises:
            DeliveryError: it was not accepted; says whether and when to try again.
        """

    async def reach(self) -> str:
        """Go as far as can be gone without sending anything: connect, and log in where there is a login.

        Returns:
            How far that was, in a line.

        Raises:
            DeliveryError: it cannot be reached, or does not let us in.
        """

    async def close(self) -> None:
        """Close the connection, if one is open. The sender may be used again."""


def address_print(settings: Channel, *, base: Path, environ: Mapping[str, str]) -> str:
    """A print of where a channel sends to: the same as long as the receiver is. Nothing of a secret can be read of it.

    Empty where the address cannot be read. A channel that is no webhook gives its type: none can refuse it for good.
    """
    if not isinstance(settings, WebhookChannel):
        return settings.type
    try:
        token, url = (
            read_secret(env=env, file=file, base=base, environ=environ)
            for env, file in ((settings.token_env, settings.token_file), (settings.url_env, settings.url_file))
        )
    except ConfigError:
        return ""
    parts = (settings.format, settings.url or url, token, settings.chat_id)
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def open_channel(name: str, settings: Channel, *, base: Path, environ: Mapping[str, str]) -> Sender:
    """The sender for a channel. Nothing is connected before the first message.

    Args:
        name: the channel's name, for messages to the user.
        settings: its settings.
        base: the folder that relative paths start from.
        environ: where secrets given by ``*_env`` are.

    Raises:
        ConfigError: an address, a secret or a certificate authority cannot be used, or a library is missing.
    """
    # Each channel's libraries are loaded only where it is used: a start with a folder alone needs neither.
    match settings:
        case EmailChannel():
            from newswatch.channels.email import open_email

            return open_email(name, settings, base=base, environ=environ)
        case WebhookChannel():
            from newswatch.channels.webhook import open_webhook

            return open_webhook(name, settings, base=base, environ=environ)
        case AppriseChannel():
            from newswatch.channels.apprise import open_apprise

            return open_apprise(name, settings, base=base, environ=environ)
        case FolderChannel():
            from newswatch.channels.folder import FolderSender

            return FolderSender(resolve(base, settings.path, environ))
