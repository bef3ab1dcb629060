"""A JSON POST signed by the Standard Webhooks specification 1.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from newswatch import __version__
from newswatch.channels.services import Endpoint, Verdict, endpoint, verdict
from newswatch.config.secrets import bearer_token, bot_token, read_secret, resolve, signing_key
from newswatch.config.settings import WebhookChannel
from newswatch.config.values import http_address
from newswatch.errors import ConfigError, DeliveryError, Problem, Reason
from newswatch.model import Answer, Message
from newswatch.network import (
    PrivateAddress,
    cause,
    private_literal,
    retry_after,
    sessions,
    system_words,
    trusting,
    untrusted,
)

_ANSWER_BYTES = 16_000
_PLAIN_WORDS = frozenset({"sendMessage", "services", "webhooks", "workflows", "triggers", "powerautomate"})
_BY_ADDRESS = frozenset({"slack", "discord", "teams", "mattermost"})


def open_webhook(name: str, settings: WebhookChannel, *, base: Path, environ: Mapping[str, str]) -> WebhookSender:
    """The sender for a webhook channel; one without a secret posts unsigned.

    Raises:
        ConfigError: an address, a secret, a token or ``ca_file`` cannot be used.
    """

    def secret(key: str) -> str:
        env, file = getattr(settings, f"{key}_env"), getattr(settings, f"{key}_file")
        return read_secret(env=env, file=file, base=base, environ=environ)

    key = "secret"
    try:
        found = (secret("secret"), secret("previous_secret"))
        keys = tuple(signing_key(text) for text in found if text)
        key = "url"
        url = settings.url or secret("url")
        if url or settings.format != "telegram":
            http_address(url)
        key = "token"
        token = secret("token")
        (bot_token if settings.format == "telegram" else bearer_token)(token)
        key = "url"
        to = endpoint(settings.format, url, token, settings.chat_id)
        key = "ca_file"
        context = trusting(settings.ca_file and resolve(base, settings.ca_file, environ))
    except OSError as error:
        what = f"it cannot be used as a certificate authority ({error.strerror or error})."
        raise ConfigError((Problem(f"channels.{name}.ca_file", what, "Give a PEM file."),)) from error
    except ValueError as error:
        raise ConfigError((Problem(f"channels.{name}.{key}", str(error)),)) from error
    return WebhookSender(settings, to, keys, context)


def signatures(keys: tuple[bytes, ...], message_id: str, timestamp: int, body: bytes) -> str:
    """The ``webhook-signature`` header: HMAC-SHA256 over ``id.timestamp.body``, one ``v1,…`` for each key."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)


class WebhookSender:
    """Posts over kept connections. Redirects are not followed: the receiver that was configured is the one told."""

    def __init__(
        self, settings: WebhookChannel, to: Endpoint, keys: tuple[bytes, ...], context: ssl.SSLContext
    ) -> None:
        self._settings = settings
        self._to = to
        self._keys = keys
        self._context = context
        parts = urlsplit(to.url)
        # Never the whole URL in a message: many a receiver's path is a secret.
        self._receiver = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._host = parts.hostname or ""
        pieces = re.split(r"[/?&=]", f"{parts.path}?{parts.query}")
        self._secrets = sorted(filter(_may_be_secret, pieces), key=len, reverse=True)
        self._client: httpx.AsyncClient | None = None

    async def send(self, message: Message) -> Answer:
        """Post the message's payload.

        Raises:
            DeliveryError: no answer, or another one than 2xx, or a refusal under 2xx that is known of the service.
        """
        if not self._settings.allow_private and private_literal(self._host):
            raise self._private()
        body = json.dumps({**message.payload, **self._to.keys}, ensure_ascii=False, separators=(",", ":"))
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                return Answer(await self._post(body.encode("utf-8", "replace"), message.delivery_id))
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error

    async def reach(self) -> str:
        """Connect, and ask the receiver's front page for its header; what it answers does not matter.

        Raises:
            DeliveryError: nobody answers there, or not with a certificate that is trusted.
        """
        if not self._settings.allow_private and private_literal(self._host):
            raise self._private()
        if self._client is None:
            self._client = self._open()
        try:
            async with asyncio.timeout(self._settings.timeout.total_seconds()):
                await self._client.head(f"{self._receiver}/")
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            raise self._unreachable(error) from error
        return f"{self._receiver} answers; only `newswatch test-channel` shows whether it takes messages"

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
            **self._to.headers,
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
        async with self._client.stream("POST", self._to.url, content=body, headers=headers) as response:
            said = self._without_secrets(await _beginning(response))
            meant = verdict(self._settings.format, response.status_code, said)
            wait = retry_after(response.headers.get("retry-after", ""), now=datetime.now(UTC))
        if 200 <= meant.status < 300:
            return f"{self._receiver} answered {response.status_code} {meant.said}".rstrip()
        raise self._refused(meant, wait if meant.wait is None else meant.wait)

    def _without_secrets(self, said: str) -> str:
        """Many a server repeats the path that it was asked for, or a part of it."""
        for secret in self._secrets:
            said = said.replace(secret, "…")
        return said

    def _open(self) -> httpx.AsyncClient:
        session = sessions(self._context, allow_private=self._settings.allow_private)
        timeout = self._settings.timeout.total_seconds()
        return httpx.AsyncClient(transport=AiohttpTransport(verify=self._context, client=session), timeout=timeout)

    def _refused(self, meant: Verdict, wait: float | None) -> DeliveryError:
        """What another answer than 2xx means.

        Only what will be refused again for what it says is given up at once; who may post, and where, is mended by
        people, and the schedule leaves them three days.
        """
        status = meant.status
        answered = f"{self._receiver} answered {status}" + (f" ({meant.said})" if meant.said else "")
        if status == 410 or meant.gone:
            return DeliveryError(f"{answered}: it wants no more messages", reason=Reason.GONE, permanent=True)
        if 300 <= status < 400:
            text = (
                f"{self._receiver} answered {status}, a redirect, which is not followed; put the final address into url"
            )
            return DeliveryError(text, reason=Reason.CLIENT)
        if status == 429:
            return DeliveryError(f"{answered}: too many messages", reason=Reason.RATE_LIMITED, retry_after=wait)
        if status == 408 or status >= 500:
            return DeliveryError(answered, reason=Reason.SERVER, retry_after=wait)
        if status in {401, 403}:
            return DeliveryError(f"{answered}: check {self._proof}", reason=Reason.AUTH)
        if status == 404:
            return DeliveryError(f"{answered}: check the address", reason=Reason.CLIENT)
        return DeliveryError(answered, reason=Reason.CLIENT, permanent=True)

    @property
    def _proof(self) -> str:
        """What shows the receiver that we may post."""
        if self._settings.format == "telegram":
            return "token and chat_id"
        if self._settings.format in _BY_ADDRESS:
            return "the address"
        if self._settings.token_env or self._settings.token_file:
            return "the token"
        return "the secret and the headers"

    def _unreachable(self, error: Exception) -> DeliveryError:
        if cause(error, PrivateAddress):
            return self._private()
        # The transport calls every lost connection a timeout; only the cause tells.
        if cause(error, TimeoutError):
            seconds = self._settings.timeout.total_seconds()
            return DeliveryError(f"{self._receiver} did not answer within {seconds:g} s", reason=Reason.CONNECTION)
        if cause(error, ssl.SSLCertVerificationError):
            why = untrusted(error, remedy="name that authority's PEM file with ca_file")
            return DeliveryError(f"{self._receiver}: {why}, so nothing was sent", reason=Reason.CONNECTION)
        what = system_words(error)
        return DeliveryError(f"{self._receiver} cannot be reached ({what}); check url", reason=Reason.CONNECTION)

    def _private(self) -> DeliveryError:
        return DeliveryError(
            f"{self._receiver} is at a private address, so nothing was sent; set allow_private: true if it is meant",
            reason=Reason.CONFIGURATION,
        )


def _may_be_secret(part: str) -> bool:
    """A piece of an address that is long enough, and none of the words that services put into theirs."""
    return len(part) >= 8 and part not in _PLAIN_WORDS


async def _beginning(response: httpx.Response) -> str:
    """The beginning of an answer; the rest is not read, however long it is."""
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) >= _ANSWER_BYTES:
            break
    return read[:_ANSWER_BYTES].decode("utf-8", "replace")


class _OnlyTheHost(logging.Filter):
    """httpx logs the address of each request; that of a webhook may hold a token, so no more than its host is kept."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record, and let it through."""
        if isinstance(record.args, tuple) and record.args[:1] == ("POST",):
            address = urlsplit(str(record.args[1]))
            record.args = ("POST", f"{address.scheme}://{address.netloc}/…", *record.args[2:])
        return True


logging.getLogger("httpx").addFilter(_OnlyTheHost())
