"""Which addresses a webhook may reach: checked on the resolved address at connect time, against DNS rebinding."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult


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
