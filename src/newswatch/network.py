"""What feeds and webhooks share of the network: who may be reached, when to come back, and errors in words."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from ssl import SSLContext, SSLError, create_default_context
from typing import TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

E = TypeVar("E", bound=BaseException)


class PrivateAddress(OSError):  # noqa: N818 - it reads as a state
    """A name leads to a private, loopback, link-local or otherwise not public address."""


def private_literal(host: str) -> bool:
    """The host is written as an address, and not a public one. A name is left to the resolver."""
    try:
        return not _public(host)
    except ValueError:
        return False


def _public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_global and not address.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names; a single address that is not public refuses the name as a whole."""

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve, or raise PrivateAddress."""
        found = await self._inner.resolve(host, port, family)
        if not all(_public(result["host"]) for result in found):
            raise PrivateAddress(f"{host} leads to a private address")
        return found

    async def close(self) -> None:
        """Close what resolves."""
        await self._inner.close()


def sessions(context: SSLContext, *, allow_private: bool, limit: int = 0) -> Callable[[], aiohttp.ClientSession]:
    """What makes the aiohttp session beneath an httpx transport: no cookies kept, private addresses refused.

    Args:
        context: for https.
        allow_private: reach loopback and private addresses too.
        limit: connections at once; 0 for any number.
    """

    def session() -> aiohttp.ClientSession:
        resolver = aiohttp.ThreadedResolver()
        connector = aiohttp.TCPConnector(
            ssl=context, limit=limit, resolver=resolver if allow_private else PublicResolver(resolver)
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return session


def retry_after(value: str, *, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: seconds or a date), or None."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - now).total_seconds(), 0.0)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def cause(error: BaseException, kind: type[E]) -> E | None:
    """The first of a kind among an error and its causes."""
    return next((one for one in causes(error) if isinstance(one, kind)), None)


def trusting(ca_file: Path | None) -> SSLContext:
    """A client's side of TLS that trusts the system's authorities, and the user's own beside them.

    Raises:
        OSError: the file cannot be read, or (`ssl.SSLError`) holds no authority.
    """
    context = create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def untrusted(error: BaseException, *, remedy: str) -> str:
    """What is wrong with a server's certificate, and what its user can do; for an error that has such a cause.

    Args:
        error: the error.
        remedy: what to do if the user's own authority signed it.
    """
    # aiohttp's own error is of ssl's class too, and without its message.
    said = (getattr(one, "verify_message", "") for one in causes(error))
    why = next((words for words in said if words), "it does not say why").rstrip(". ")
    if "authorit" in why or "signed" in why or "issuer" in why:
        return f"its certificate is not trusted ({why}; if your own authority signed it, {remedy})"
    return f"its certificate is not trusted ({why}; tell its owner, or correct the address)"


def system_words(error: BaseException) -> str:
    """``Connection refused``, ``Name or service not known``: from the deepest cause that the system has words for."""
    words = " ".join(str(error).split()) or type(error).__name__
    for one in causes(error):
        reason = getattr(one, "reason", None) if isinstance(one, SSLError) else None
        if reason:
            # An SSLError's number is OpenSSL's, and is something else among the system's.
            return f"TLS failed: {reason.lower().replace('_', ' ')}; does it speak https?"
        if isinstance(one, OSError) and one.errno is not None:
            # asyncio puts its own words in front of the number; a resolver's numbers are not the system's.
            words = os.strerror(one.errno) if one.errno in errno.errorcode else one.strerror or words
    return words
