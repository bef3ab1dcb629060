"""Texts of feeds made fit to be shown: one clean line, cut where it must be, times in a zone, safe links. Pure."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newswatch.alerting.wording import Words, words

# Overrides and isolates turn the text around them; as they cannot be seen, a feed must not bring them along.
_INVISIBLE = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u200b")
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_CLEAN = dict.fromkeys(_CONTROLS, " ") | dict.fromkeys((*map(ord, _INVISIBLE), *range(0xD800, 0xE000)))


def plain(text: str) -> str:
    """One line without control characters, direction overrides and half surrogates, white space folded."""
    clean = text if text.isascii() and text.isprintable() else text.translate(_CLEAN)
    return " ".join(clean.split())


def clip(text: str, length: int) -> str:
    """At most ``length`` characters, cut between words where there is one, marked by an ellipsis."""
    if len(text) <= length:
        return text
    cut = text[: max(length - 1, 0)]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > length // 2 else cut).rstrip(" ,;:–-") + "…"


def moment(when: datetime, zone: ZoneInfo, spoken: Words | None = None) -> str:
    """``Fri 9 Aug 2019, 12:05 UTC+6``; the zone by name where it has one (``CEST``)."""
    spoken = spoken or words()
    local = when.astimezone(zone)
    name = local.tzname() or ""
    if not name.isalpha():
        name = f"UTC{_offset(local.strftime('%z'))}"
    return spoken.moment.format(
        weekday=spoken.days[local.weekday()],
        day=local.day,
        month=spoken.months[local.month - 1],
        year=local.year,
        time=f"{local:%H:%M}",
        zone=name,
    )


def _offset(digits: str) -> str:
    """``+0600`` as ``+6``, ``-0330`` as ``-3:30``."""
    hours, minutes = int(digits[1:3]), digits[3:5]
    return f"{digits[0]}{hours}" + (f":{minutes}" if minutes != "00" else "")


def direction(text: str) -> str:
    """``rtl`` when the first letter that has a direction runs from right to left, else ``ltr`` (UAX #9, P2 and P3)."""
    if text.isascii():
        return "ltr"
    strong = (unicodedata.bidirectional(c) for c in text)
    return "rtl" if next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L" else "ltr"


def safe_link(url: str) -> str:
    """The address if it is http or https and has a host, else empty: nothing else may become a link."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    clean = url.isascii() and url.isprintable() and " " not in url
    clean = clean or not any(c.isspace() or unicodedata.category(c) in {"Cc", "Cs"} or c in _INVISIBLE for c in url)
    return url if clean and parts.scheme in {"http", "https"} and host else ""
