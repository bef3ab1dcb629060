"""What feeds and webhooks share of the network: who may be reached, when to come back, and errors in words."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from ssl import SSLContext, SSLError, create_default_context
from typing import TypeVar

import aiohttp
import idna
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

E = TypeVar("E", bound=BaseException)


class PrivateAddress(OSError):  # noqa: N818 - it reads as a state
    """A name leads to a private, loopback, link-local or otherwise not public address."""


# What leads on to an IPv4 address (RFC 6052, 8215, 3056, 4291), and public addresses that are a cloud's own.
_NAT64 = ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ip_network("2002::/16")
_COMPATIBLE = ip_network("::/96")
_NEVER = tuple(
    ip_network(text)
    # A NAT64 of one's own, site-local, 6to4's relays, IETF's assignments, and Azure's metadata service.
    for text in ("64:ff9b:1::/48", "fec0::/10", "192.88.99.0/24", "192.0.0.0/24", "168.63.129.16/32")
)


def private_literal(host: str) -> bool:
    """The host is written as an address, and not a public one. A name is left to the resolver."""
    try:
        return not _public(host)
    except ValueError:
        return False


def _public(text: str) -> bool:
    address = ip_address(text.partition("%")[0])
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    inner = _within(address) if isinstance(address, IPv6Address) else None
    return (inner or address).is_global and not (inner or address).is_multicast


def _within(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _SIX_TO_FOUR:
        return address.sixtofour
    if address in _NAT64 or address in _COMPATIBLE:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses that are not public may be reached all the same.

    Attributes:
        everywhere: all of them.
        names: hosts, in ASCII and lower case, whatever address they lead to.
        networks: addresses, whatever name leads there.
    """

    everywhere: bool = False
    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, allowed: bool | Iterable[str]) -> Reach:
        """From the configuration: all, none, or a list of hosts and networks (``10.0.0.0/8``)."""
        if isinstance(allowed, bool):
            return cls(allowed)
        names, networks = set(), []
        for text in allowed:
            try:
                networks.append(ip_network(text.strip("[]")))
            except ValueError:
                names.add(ascii_host(text))
        return cls(names=frozenset(names), networks=tuple(networks))

    def refuses(self, host: str) -> bool:
        """The host is written as an address that may not be reached. A name is left to the resolver."""
        return not self.everywhere and private_literal(host) and not self._listed(host)

    def allows(self, host: str, address: str) -> bool:
        """Whether an address that a host leads to may be reached.

        Raises:
            ValueError: it is no address.
        """
        return self.everywhere or ascii_host(host) in self.names or _public(address) or self._listed(address)

    def _listed(self, text: str) -> bool:
        address = ip_address(text.partition("%")[0])
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        found = mapped or address
        return any(found in network for network in self.networks if network.version == found.version)


def ascii_host(host: str) -> str:
    """A host as it is asked for: in lower case, other letters encoded (IDNA 2008), without a closing dot."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        return host


class PublicResolver(AbstractResolver):
    """Resolves names; a single address that may not be reached refuses the name as a whole.

    The connection goes to the very addresses that were looked at, so that a name which leads elsewhere the next moment
    (DNS rebinding) gains nothing.
    """

    def __init__(self, inner: AbstractResolver, reach: Reach = Reach()) -> None:
        self._inner = inner
        self._reach = reach
        self.granted: set[str] = set()
        """Addresses that a name is allowed to lead to, and that would be refused otherwise."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve, or raise PrivateAddress."""
        found = await self._inner.resolve(host, port, family)
        if not all(self._reach.allows(host, result["host"]) for result in found):
            raise PrivateAddress(f"{host} leads to a private address")
        if ascii_host(host) in self._reach.names:
            self.granted |= {result["host"] for result in found}
        return found

    async def close(self) -> None:
        """Close what resolves."""
        await self._inner.close()


def sessions(
    context: SSLContext,
    *,
    allow_private: bool | Iterable[str],
    limit: int = 0,
    resolver: AbstractResolver | None = None,
) -> Callable[[], aiohttp.ClientSession]:
    """What makes the aiohttp session beneath an httpx transport: no cookies kept, private addresses refused.

    Args:
        context: for https.
        allow_private: reach loopback and private addresses too; all, none, or those of a list (`Reach.of`).
        limit: connections at once; 0 for any number.
        resolver: what looks names up; the system's when left out.
    """
    reach = Reach.of(allow_private)

    def session() -> aiohttp.ClientSession:
        inner = resolver or aiohttp.ThreadedResolver()
        looking = PublicResolver(inner, reach)

        def opened(info: AddrInfoType) -> socket.socket:
            # The last look, at the address that is about to be connected to, however it was written or found.
            address = str(info[4][0])
            if not reach.allows("", address) and address not in looking.granted:
                raise PrivateAddress(f"{address} is a private address")
            return socket.socket(info[0], info[1], info[2])

        connector = aiohttp.TCPConnector(
            ssl=context, limit=limit, resolver=inner if reach.everywhere else looking, socket_factory=opened
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
