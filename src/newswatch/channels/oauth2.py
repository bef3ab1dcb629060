"""Access tokens for a mail server's XOAUTH2 login: given, or fetched with a refresh token (RFC 6749, 6)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from newswatch.channels.mime import one_line
from newswatch.config.secrets import read_secret
from newswatch.config.settings import OAuth2
from newswatch.errors import ConfigError, DeliveryError, Reason
from newswatch.network import sessions, system_words

# A token is fetched anew this long before its end, and one without a stated end after an hour (what most last).
_EARLY = 60.0
_USUAL = 3600.0
_ANSWER_BYTES = 100_000


class Tokens:
    """Gives a valid access token whenever a login needs one.

    A token that another program keeps fresh is read at each login. One that newswatch fetches is kept until it ends. A
    new refresh token that comes along is used from then on; it is not written anywhere.
    """

    def __init__(self, settings: OAuth2, *, base: Path, environ: Mapping[str, str], timeout: float) -> None:
        self._settings = settings
        self._base = base
        self._environ = environ
        self._timeout = timeout
        self._token = ""
        self._ends = 0.0
        self._renewed = ""

    def check(self) -> None:
        """Read every secret once.

        Raises:
            ConfigError: one is named and cannot be used.
        """
        self._secret("token")
        self._secret("client_secret")
        self._secret("refresh_token")

    def forget(self) -> None:
        """The server refused the token: fetch another at the next login."""
        self._ends = 0.0

    async def token(self) -> str:
        """An access token.

        Raises:
            DeliveryError: there is none to be had; trying again later is not pointless.
        """
        if not self._settings.token_url:
            try:
                return self._secret("token")
            except ConfigError as error:
                raise DeliveryError(str(error), reason=Reason.CONFIGURATION) from error
        if time.monotonic() >= self._ends:
            await self._fetch()
        return self._token

    def _secret(self, name: str) -> str:
        env, file = getattr(self._settings, f"{name}_env"), getattr(self._settings, f"{name}_file")
        return read_secret(env=env, file=file, base=self._base, environ=self._environ)

    async def _fetch(self) -> None:
        where = urlsplit(self._settings.token_url).netloc
        try:
            refresh, client_secret = self._renewed or self._secret("refresh_token"), self._secret("client_secret")
        except ConfigError as error:
            raise DeliveryError(str(error), reason=Reason.CONFIGURATION) from error
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": self._settings.client_id}
        form |= {"client_secret": client_secret} if client_secret else {}
        form |= {"scope": self._settings.scope} if self._settings.scope else {}
        try:
            response = await self._post(form)
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            text = f"the token server {where} cannot be reached ({system_words(error)}); check token_url"
            raise DeliveryError(text, reason=Reason.CONNECTION) from error
        self._take(where, response)

    async def _post(self, form: Mapping[str, str]) -> httpx.Response:
        context = ssl.create_default_context()
        transport = AiohttpTransport(verify=context, client=sessions(context, allow_private=True))
        async with httpx.AsyncClient(transport=transport, timeout=self._timeout) as client:
            headers = {"accept": "application/json"}
            return await client.post(self._settings.token_url, data=form, headers=headers)

    def _take(self, where: str, response: httpx.Response) -> None:
        """Keep what came, or say why there is nothing to keep; an answer is never quoted whole, it may hold a token."""
        answer = _fields(response)
        token = answer.get("access_token")
        if not response.is_success or not isinstance(token, str) or not token.isascii() or not token.isprintable():
            said = one_line(f"{answer.get('error', '')} {answer.get('error_description', '')}")[:200]
            words = f"{response.status_code} {said}".strip()
            if response.is_server_error or response.status_code == 429:
                text = f"the token server {where} gave no token ({words})"
                raise DeliveryError(text, reason=Reason.SERVER)
            text = f"the token server {where} gave no token ({words}); check client_id, client_secret and refresh_token"
            raise DeliveryError(text, reason=Reason.AUTH)
        lasts = answer.get("expires_in")
        seconds = float(lasts) if isinstance(lasts, int | float | str) and str(lasts).isdigit() else _USUAL
        self._token, self._ends = token, time.monotonic() + max(seconds - _EARLY, 0)
        renewed = answer.get("refresh_token")
        if isinstance(renewed, str) and renewed:
            self._renewed = renewed


def _fields(response: httpx.Response) -> dict[str, object]:
    try:
        answer = response.json() if len(response.content) <= _ANSWER_BYTES else None
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {}
