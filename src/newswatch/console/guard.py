"""What may ask, and from where: names of this host, proxies that are believed, and how often a token may be guessed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from newswatch.config.console import is_loopback, split_listen
from newswatch.config.settings import Console

WINDOW, MOST_OF_ONE, MOST_OF_ALL = 60.0, 5, 60
"""Wrong tokens in so many seconds, from one address and from all, after which nothing is compared any more."""

HEADERS: Mapping[str, str] = {
    # Scripts, styles and pictures are files of our own; a page has none of its own, and nobody may frame it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Other sites do not learn what is watched; our own forms still say where they come from.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Server": "newswatch",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the address, and whether the browser speaks TLS (to us, or to a proxy that we believe)."""

    address: str
    https: bool


class Doors:
    """Whom a configuration lets ask.

    A site of somebody else that makes its own name point at this machine (DNS rebinding) asks under that name. So the
    names are those of this machine, the one it listens on, and `public_url`'s; an address is no name, and is taken
    where others than this machine may ask at all.
    """

    def __init__(self, settings: Console, public_url: str) -> None:
        listen = split_listen(settings.listen)[0]
        self._open = not is_loopback(listen)
        self._public = urlsplit(public_url)
        self._names = {name.lower() for name in (listen, self._public.hostname or "") if name}
        self._proxies = [ip_network(one, strict=False) for one in settings.trusted_proxies]

    def lets(self, host: str) -> bool:
        """Whether a Host header names us."""
        name = _name(host)
        if not name or any(sign in host for sign in "/@?#\\") or host.split() != [host]:
            return False
        return is_loopback(name) or name in self._names or (self._open and _is_address(name))

    def same_site(self, headers: Mapping[str, str]) -> bool:
        """Whether a form comes from our own pages, as far as the browser says."""
        if headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = headers.get("Origin")
        if origin is None:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return bool(parts.netloc) and parts.netloc.lower() in {
            headers.get("Host", "").lower(), self._public.netloc.lower()
        }  # fmt: skip

    def caller(self, peer: str, headers: Mapping[str, str]) -> Caller:
        """Who asks; what ``X-Forwarded-…`` says counts only where a proxy that is believed says it."""
        if not self._believed(peer):
            # Whoever asks for the public name came by way of its TLS.
            public = _name(headers.get("Host", "")) == self._public.hostname
            return Caller(peer, public and self._public.scheme == "https")
        https = headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower() == "https"
        for one in reversed([part.strip() for part in headers.get("X-Forwarded-For", "").split(",")]):
            if not _is_address(one):
                break
            if not self._believed(one):
                return Caller(one, https)
        return Caller(peer, https)

    def _believed(self, address: str) -> bool:
        try:
            one = ip_address(address)
        except ValueError:
            return False
        return any(one in network for network in self._proxies)


def _name(host: str) -> str:
    """The name in a Host header, without its port; empty where there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


class Tries:
    """Wrong tokens of the last minute."""

    def __init__(self) -> None:
        self._failed: deque[tuple[float, str]] = deque()

    def wait(self, address: str, now: float) -> int:
        """Seconds until a token is compared again; 0 for at once."""
        while self._failed and self._failed[0][0] <= now - WINDOW:
            self._failed.popleft()
        mine = [when for when, who in self._failed if who == _network(address)]
        ends = [mine[-MOST_OF_ONE]] if len(mine) >= MOST_OF_ONE else []
        if len(self._failed) >= MOST_OF_ALL:
            ends.append(self._failed[-MOST_OF_ALL][0])
        return max((int(when + WINDOW - now) + 1 for when in ends), default=0)

    def failed(self, address: str, now: float) -> None:
        """Note a wrong one."""
        self._failed.append((now, _network(address)))


def _network(address: str) -> str:
    """Whoever has one IPv6 address has 2⁶⁴ of them."""
    try:
        one = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{address}/64", strict=False)) if isinstance(one, IPv6Address) else address
