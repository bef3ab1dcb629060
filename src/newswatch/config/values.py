"""Single values of the configuration: how each is written, and what is said when it is not.

A sentence of a `ValueError` here begins after the value ("is not a duration; write …"): `config.words` puts the key and
the value before it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from ipaddress import ip_network
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import idna

from newswatch.config.cron import cron_trigger

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SIZES = {"kb": 1000, "mb": 1_000_000, "gb": 1_000_000_000, "b": 1}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_CENTURY = timedelta(days=36525)
_DURATION = "is not a duration; write for example 30s, 10m, 2h or 1d"
_SIZE = "is not a size; write for example 500kB or 10MB"
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)*\.?|\[[0-9A-Fa-f:.IPv]+\]")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*")
_RATE = re.compile(r"([0-9]{1,6}) (?:per|an?|every) (?:(minute|hour|day)|([0-9.]+[smhdw]))")
_RATE_WRONG = "is not a rate; write for example `6 per hour`, `1 per 10m` or `30 per day`"
_EACH = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def parse_duration(value: object) -> object:
    """Turn ``10m`` or ``90`` (seconds) into a timedelta; anything else is left for pydantic to refuse.

    Raises:
        ValueError: it is no duration, or longer than a century.
    """
    if isinstance(value, bool | list | dict) or value is None:
        raise ValueError(_DURATION)
    if isinstance(value, int | float):
        seconds = float(value)
    elif isinstance(value, str):
        text = value.strip().lower()
        if text[-1:] not in _UNITS or not _NUMBER.fullmatch(text[:-1]):
            raise ValueError(_DURATION)
        seconds = float(text[:-1]) * _UNITS[text[-1]]
    else:
        return value
    if not seconds >= 1e-6:  # also what is no number
        raise ValueError("must be longer than nothing; write for example 30s, 10m, 2h or 1d")
    if seconds > _CENTURY.total_seconds():
        raise ValueError("is longer than a century; write for example 30s, 10m, 2h or 1d")
    return timedelta(seconds=seconds)


def parse_wait(value: object) -> object:
    """A duration that may be nothing: ``0``, ``0s``, ``30s``.

    Raises:
        ValueError: it is no duration.
    """
    if not isinstance(value, bool) and value in (0, "0", "0s", timedelta(0)):
        return timedelta(0)
    return parse_duration(value)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` in any stretch of time as long as ``per``."""

    count: int
    per: timedelta

    def __str__(self) -> str:
        unit = next((name for name, length in _EACH.items() if length == self.per), f"{self.per.total_seconds():g}s")
        return f"{self.count} per {unit}"


def parse_rate(value: object) -> object:
    """Turn ``6 per hour`` into a `Rate`.

    Raises:
        ValueError: it is none, or lets nothing through.
    """
    if isinstance(value, Rate):
        return value
    found = _RATE.fullmatch(" ".join(value.lower().split())) if isinstance(value, str) else None
    if found is None:
        raise ValueError(_RATE_WRONG)
    count = int(found[1])
    if not count:
        raise ValueError("would let nothing through, ever; write 1 or more, or use `newswatch mute`")
    per = _EACH[found[2]] if found[2] else parse_duration(found[3])
    return Rate(count, per) if isinstance(per, timedelta) else value


def parse_clock(value: object) -> object:
    """Turn ``22:00`` into a time of day.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, time):
        return value
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError('is not a time of day; write for example "22:00", from "00:00" to "23:59"')
    return time(int(found[1]), int(found[2]))


def parse_names(value: object) -> object:
    """A list of names, or a single one that stands for a list of one."""
    return [value] if isinstance(value, str) else value


def one_or_many(value: object) -> object:
    """A list, or a single block that stands for a list of one; nothing is an empty list."""
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else [value]


def parse_size(value: object) -> object:
    """Turn ``10MB`` or ``5000`` (bytes) into bytes; anything else is left for pydantic to refuse.

    Raises:
        ValueError: it is no size.
    """
    if isinstance(value, bool | list | dict) or value is None:
        raise ValueError(_SIZE)
    if isinstance(value, str):
        text = value.strip().lower().replace(" ", "")
        unit = next((unit for unit in _SIZES if text.endswith(unit)), "")
        number = text.removesuffix(unit)
        if not unit or not _NUMBER.fullmatch(number) or len(number) > 15:
            raise ValueError(_SIZE)
        value = float(number) * _SIZES[unit]
    if isinstance(value, int | float):
        if not 1 <= value < 1e15:
            raise ValueError("must be a byte or more; write for example 500kB or 10MB" if value < 1 else _SIZE)
        return int(value)
    return value


def http_address(url: str) -> str:
    """A feed's or webhook's address.

    Raises:
        ValueError: it cannot be asked.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"is not an address ({str(error)[:1].lower()}{str(error)[1:]})") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("is not an http or https address; write for example https://example.org/rss")
    if not host:
        raise ValueError("names no host; write for example https://example.org/rss")
    if any(character.isspace() or unicodedata.category(character) == "Cc" for character in url):
        raise ValueError("holds white space; write %20 for a space")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password; they would stand in logs and alerts")
    return url


def optional_address(value: str) -> str:
    """An http(s) address, or empty."""
    return http_address(value) if value else value


def base_address(value: str) -> str:
    """An http(s) address that paths are put behind, or empty.

    Raises:
        ValueError: it cannot be asked, or has something behind its path.
    """
    if not optional_address(value):
        return value
    parts = urlsplit(value)
    if "?" in value or "#" in value:
        raise ValueError("must end with its path, since more is put behind it; take out what begins with ? or #")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def parse_reach(value: object) -> object:
    """Which private addresses may be reached: true, false, or a list of hosts and networks.

    Raises:
        ValueError: an item of the list is neither.
    """
    if isinstance(value, bool):
        return value
    if not isinstance(value, list | tuple):
        raise ValueError("is neither true nor false, nor a list; write for example [intranet.example, 10.0.0.0/8]")  # noqa: TRY004
    for text in value:
        if not isinstance(text, str):
            raise ValueError("holds what is no text; write hosts and networks, as [intranet.example, 10.0.0.0/8]")  # noqa: TRY004
        try:
            ip_network(text.strip("[]"))
        except ValueError as error:
            if "/" in text and "host bits" in str(error):
                raise ValueError(
                    f"holds {text}, which is an address within a network; write {_network(text)}"
                ) from None
            if not _HOST.fullmatch(text):
                raise ValueError(
                    f"holds {text!r}, which is neither a host nor a network; write for example intranet.example or "
                    f"10.0.0.0/8"
                ) from None
    return tuple(value)


def _network(text: str) -> str:
    return str(ip_network(text, strict=False))


def proxy_address(url: str) -> str:
    """The address of a proxy, ``direct`` for none, or nothing.

    Raises:
        ValueError: it is none, or holds a password.
    """
    if url in {"", "direct"}:
        return url
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https", "socks5", "socks5h"} or not host:
        raise ValueError("is not the address of a proxy; write for example http://proxy.example.org:3128")
    if parts.username or parts.password:
        raise ValueError("holds a user name or password; name a variable with the whole address as `proxy_env`")
    return url


def listening_address(text: str) -> str:
    """Where a service listens: an address of this machine and a port.

    Raises:
        ValueError: it is none.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535 or not _DOMAIN.fullmatch(host):
        raise ValueError("is not an address and a port; write for example 127.0.0.1:8765 or [::1]:8765")
    return text


def parse_chat(value: object) -> object:
    """A Telegram chat: YAML reads its number as a number; anything else is left for pydantic to refuse."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def token_address(url: str) -> str:
    """The address of a token server, or nothing: secrets go there, so it is https, or on this machine.

    Raises:
        ValueError: it cannot be asked, or not safely.
    """
    if not url:
        return url
    parts = urlsplit(http_address(url))
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("would carry secrets unencrypted; write an https address")
    return url


def store_address(url: str) -> str:
    """SQLAlchemy's address of a database that newswatch works with.

    Raises:
        ValueError: it is none, or a database that forgets.
    """
    scheme, parted, rest = url.partition("://")
    if not parted or scheme.partition("+")[0] not in {"sqlite", "postgresql"}:
        raise ValueError("is not the address of a store; write for example sqlite:///newswatch.db")
    if scheme.startswith("sqlite") and (not rest.strip("/") or rest == "/:memory:"):
        raise ValueError("names no file, so it would forget everything; write for example sqlite:///newswatch.db")
    return url


def mail_address(text: str) -> Address:
    """Read ``Name <name@example.org>`` or ``name@example.org``; a domain in other letters becomes its ASCII form.

    Raises:
        ValueError: it is no address.
    """
    wrong = "is not an email address; write `name@example.org` or `Name <name@example.org>`"
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError(wrong)
    name, spec = parseaddr(text)
    local, _, domain = spec.rpartition("@")
    # parseaddr mends what it reads; an address that does not stand there as it is was none.
    if not local or not _DOMAIN.fullmatch(domain) or spec not in text or text.count("<") != text.count(">"):
        raise ValueError(wrong)
    if not local.isascii() and not _ATOMS.fullmatch(local):
        raise ValueError(wrong)
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
        # A local part in other letters is kept, for servers that take it (RFC 6531); Address knows ASCII alone.
        return Address(name, addr_spec=f"{local}@{domain}") if local.isascii() else Address(name, local, domain)
    except (HeaderParseError, idna.IDNAError, ValueError, IndexError) as error:
        raise ValueError(wrong) from error


def mailbox(text: str) -> str:
    """An email address, kept as it is written.

    Raises:
        ValueError: it is no address.
    """
    mail_address(text)
    return text


def server_name(host: str) -> str:
    """The name of a server, without a scheme or a port.

    Raises:
        ValueError: it is no name.
    """
    if not host or re.search(r"[\s/@]", host):
        raise ValueError("is not the name of a server; write it alone, as in smtp.example.org")
    if host.count(":") == 1:
        raise ValueError("holds a port; write the name alone, and the port under `port`")
    return host


def variable_name(name: str) -> str:
    """The name of an environment variable, or nothing.

    Raises:
        ValueError: it is no name. The text does not hold it: it may be the secret itself.
    """
    if name and (not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name.startswith("whsec_")):
        raise ValueError("is not the name of a variable; write its name, such as NEWS_SECRET, not the secret itself")
    return name


def header_fields(headers: dict[str, str]) -> dict[str, str]:
    """Extra request headers.

    Raises:
        ValueError: HTTP could not carry one. A value is never shown: it may be a secret.
    """
    for name, value in headers.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"has a name {name!r} that no header can have; write for example X-Token")
        if any(unicodedata.category(character) == "Cc" for character in value) or not value.isascii():
            raise ValueError(f"has a value of {name} with a line break or letters outside ASCII; write it in one line")
    return headers


def time_zone(name: str) -> str:
    """An IANA time zone.

    Raises:
        ValueError: there is no such zone.
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is not a time zone; write an IANA name such as Europe/London or Asia/Bishkek") from None
    return name


def language_code(code: str) -> str:
    """The code of a language.

    Raises:
        ValueError: it is none.
    """
    if not re.fullmatch(r"[a-z]{2,3}", code):
        raise ValueError("is not the code of a language; write for example en or ru")
    return code


def cron_fields(cron: str) -> str:
    """Five cron fields.

    Raises:
        ValueError: they cannot be read.
    """
    instead = "write minute hour day month weekday: 0 7 * * * is every day at seven"
    if len(cron.split()) != 5:
        raise ValueError(f"has {len(cron.split())} of the five fields of cron; {instead}")
    try:
        cron_trigger(cron, "UTC")
    except (ValueError, IndexError) as error:
        said = re.sub(r"Error validating expression '(.*?)'", r"\1", " ".join(str(error).split()))
        raise ValueError(f"is not a time of cron ({said}); {instead}") from None
    return cron


def zoned(moment: datetime) -> datetime:
    """A time that every machine reads alike.

    Raises:
        ValueError: it has no time zone.
    """
    if moment.tzinfo is None:
        text = moment.isoformat()
        raise ValueError(f"has no time zone; write {text}Z for UTC, or {text}+06:00")
    return moment
