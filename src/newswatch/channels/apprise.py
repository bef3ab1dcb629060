"""Everything else: services that the library Apprise knows (https://github.com/caronc/apprise), as an optional extra.

Apprise makes its own connections: it follows its own timeouts, redirects and addresses. What it says of a failure goes
to its log, from which the reason is taken; a whole address, which may hold secrets, is cut out of it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from newswatch.channels.mime import one_line
from newswatch.config.secrets import read_secret
from newswatch.config.settings import AppriseChannel
from newswatch.errors import ConfigError, DeliveryError, Problem, Reason
from newswatch.model import Answer, Message

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def open_apprise(name: str, settings: AppriseChannel, *, base: Path, environ: Mapping[str, str]) -> AppriseSender:
    """The sender for an Apprise channel.

    Raises:
        ConfigError: Apprise is not installed, or does not know the address.
    """
    url = read_secret(env=settings.url_env, file=settings.url_file, base=base, environ=environ)
    try:
        from apprise import Apprise
    except ImportError as error:
        what = "Apprise is not installed."
        instead = "Install it beside newswatch: pip install 'newswatch[apprise]'."
        raise ConfigError((Problem(f"channels.{name}", what, instead),)) from error
    service = Apprise()
    if not url or not service.add(url):
        # Never the address itself: it holds the secret.
        kind = url.partition("://")[0] if "://" in url else "no scheme"
        what = f"Apprise knows no service at this address ({kind}:// …)."
        instead = "See `apprise --details` for how addresses are written."
        raise ConfigError((Problem(f"channels.{name}.url", what, instead),))
    schema = url.partition("://")[0]
    return AppriseSender(schema, service.notify, settings.timeout.total_seconds(), _pieces(url))


def _pieces(url: str) -> list[str]:
    """What of an address may be a secret."""
    return sorted((p for p in re.split(r"[/:@?&=]+", url.partition("://")[2]) if len(p) >= 6), key=len, reverse=True)


class AppriseSender:
    """Calls Apprise in a thread of its own: it blocks."""

    def __init__(self, schema: str, notify: Callable[..., Any], timeout: float, secrets: list[str]) -> None:
        self._schema = schema
        self._notify = notify
        self._timeout = timeout
        self._secrets = secrets

    async def send(self, message: Message) -> Answer:
        """Hand the subject and the text to Apprise.

        Raises:
            DeliveryError: it did not accept them in time. Whether trying again helps, Apprise does not say, so it is
                tried again.
        """
        heard: list[str] = []
        try:
            async with asyncio.timeout(self._timeout):
                took = await asyncio.to_thread(self._call, message, heard)
        except TimeoutError:
            text = f"{self._schema}:// by Apprise did not answer within {self._timeout:g} s"
            raise DeliveryError(text, reason=Reason.CONNECTION) from None
        except Exception as error:
            # A plugin of Apprise is somebody else's code, and may raise anything at all.
            text = f"{self._schema}:// by Apprise failed ({self._cleaned(f'{type(error).__name__}: {error}')})"
            raise DeliveryError(text, reason=Reason.SERVER) from error
        if not took:
            said = self._cleaned("; ".join(dict.fromkeys(heard))) or "it does not say why"
            raise DeliveryError(f"{self._schema}:// by Apprise was not accepted ({said})", reason=Reason.SERVER)
        return Answer(f"{self._schema}:// by Apprise accepted it")

    def _call(self, message: Message, heard: list[str]) -> bool:
        log, listener = logging.getLogger("apprise"), _Listener(heard)
        log.addHandler(listener)
        try:
            return bool(self._notify(title=message.subject, body=message.text))
        finally:
            log.removeHandler(listener)

    async def reach(self) -> str:
        """Apprise has no way to try an address without sending to it."""
        return f"{self._schema} is only tried by sending: newswatch test-channel"

    async def close(self) -> None:
        """Nothing is kept open."""

    def _cleaned(self, said: str) -> str:
        said = _ADDRESS.sub("…", one_line(said))
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return said[:300]


class _Listener(logging.Handler):
    """Keeps what Apprise says while it fails. It sends from threads of its own, so another channel may be heard too."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())
