"""A JSON POST signed by the Standard Webhooks specification 1.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from newswatch import __version__
from newswatch.channels.mime import one_line
from newswatch.config.secrets import read_secret, signing_keys
from newswatch.config.settings import WebhookChannel
from newswatch.errors import ConfigError, DeliveryError, Problem, Reason
from newswatch.model import Message
from newswatch.network import PrivateAddress, cause, private_literal, retry_after, sessions, system_words, untrusted

_ANSWER_BYTES = 2000


def open_webhook(name: str, settings: WebhookChannel, *, base: Path, environ: Mapping[str, str]) -> WebhookSender:
    """The sender for a webhook channel; one without a secret posts unsigned.

    Raises:
        ConfigError: a secret cannot be used.
    """
    text = read_secret(env=settings.secret_env, file=settings.secret_file, base=base, environ=environ)
    try:
        keys = signing_keys(text)
    except ValueError as error:
        raise ConfigError((Problem(f"channels.{name}.secret", str(error)),)) from error
    return WebhookSender(settings, keys)


def signatures(keys: tuple[bytes, ...], message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` header: HMAC-SHA256 over ``id.timestamp.body``, one ``v1,…`` for each key."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)


class WebhookSender:
    """Posts over kept connections. Redirects are not followed: the receiver that was configured is the one told."""

    def __init__(self, settings: WebhookChannel, keys: tuple[bytes, ...]) -> None:
        self._settings = settings
        self._keys = keys
        parts = urlsplit(settings.url)
        # Never the whole URL in a message: many a receiver's path is a secret.
        self._receiver = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._host = parts.hostname or ""
        self._client: httpx.AsyncClient | None = None

    async def send(self, message: Message) -> str:
        """Post the message's payload.

        Raises:
            DeliveryError: no answer, or another one than 2xx.
        """
        if not self._settings.allow_private and private_literal(self._host):
            raise self._private()
        body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                return await self._post(body, message.delivery_id)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error

    async def close(self) -> None:
        """Close the kept connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _post(self, body: bytes, message_id: str) -> str:
        # The signature holds the time of this very attempt (receivers refuse old ones), so the clock is read here.
        timestamp = int(datetime.now(UTC).timestamp())
        headers = {
            **self._settings.headers,
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": f"newswatch/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
        }
        if self._keys:
            headers["webhook-signature"] = signatures(self._keys, message_id, timestamp, body)
        if self._client is None:
            self._client = self._open()
        async with self._client.stream("POST", self._settings.url, content=body, headers=headers) as response:
            said = await _beginning(response)
            if response.is_success:
                return f"{self._receiver} answered {response.status_code} {said}".rstrip()
            raise self._refused(response, said)

    def _open(self) -> httpx.AsyncClient:
        context = ssl.create_default_context()

        session = sessions(context, allow_private=self._settings.allow_private)
        timeout = self._settings.timeout.total_seconds()
        return httpx.AsyncClient(transport=AiohttpTransport(verify=context, client=session), timeout=timeout)

    def _refused(self, response: httpx.Response, said: str) -> DeliveryError:
        """What another answer than 2xx means."""
        status = response.status_code
        answered = f"{self._receiver} answered {status}" + (f" ({said})" if said else "")
        if status == 410:
            text = f"{answered}: it wants no more messages; remove the channel, or ask the receiver"
            return DeliveryError(text, reason=Reason.GONE, permanent=True)
        if 300 <= status < 400:
            text = (
                f"{self._receiver} answered {status}, a redirect, which is not followed; put the final address into url"
            )
            return DeliveryError(text, reason=Reason.CLIENT)
        wait = retry_after(response.headers.get("retry-after", ""), now=datetime.now(UTC))
        if status == 429:
            return DeliveryError(f"{answered}: too many messages", reason=Reason.RATE_LIMITED, retry_after=wait)
        if status == 408 or status >= 500:
            return DeliveryError(answered, reason=Reason.SERVER, retry_after=wait)
        if status in {401, 403}:
            text = f"{answered}: check the secret and the headers"
            return DeliveryError(text, reason=Reason.AUTH, permanent=True)
        return DeliveryError(answered, reason=Reason.CLIENT, permanent=True)

    def _unreachable(self, error: Exception) -> DeliveryError:
        if cause(error, PrivateAddress):
            return self._private()
        # The transport calls every lost connection a timeout; only the cause tells.
        if cause(error, TimeoutError):
            seconds = self._settings.timeout.total_seconds()
            return DeliveryError(f"{self._receiver} did not answer within {seconds:g} s", reason=Reason.CONNECTION)
        if cause(error, ssl.SSLCertVerificationError):
            return DeliveryError(f"{self._receiver}: {untrusted(error)}, so nothing was sent", reason=Reason.CONNECTION)
        what = system_words(error)
        return DeliveryError(f"{self._receiver} cannot be reached ({what}); check url", reason=Reason.CONNECTION)

    def _private(self) -> DeliveryError:
        return DeliveryError(
            f"{self._receiver} is at a private address, so nothing was sent; set allow_private: true if it is meant",
            reason=Reason.CONFIGURATION,
        )


async def _beginning(response: httpx.Response) -> str:
    """The first words of an answer; the rest is not read, however long it is."""
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) >= _ANSWER_BYTES:
            break
    return one_line(read[:_ANSWER_BYTES].decode("utf-8", "replace"))[:200]
