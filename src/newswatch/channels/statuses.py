"""What a mail server's answer means: reply codes (RFC 5321, 4.2) and enhanced status codes (RFC 3463). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from newswatch.channels.mime import one_line

Refusals = Mapping[str, tuple[int, str]]
"""Address to reply code and text."""

_ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})\b")
# Subject and detail, whatever the class: RFC 3463, RFC 6531 (6.7), RFC 7372 (7.20 to 7.26), and the IANA registry.
_MEANINGS = {
    "1.1": "there is no such mailbox",
    "1.2": "there is no such domain",
    "1.3": "the address is malformed",
    "1.6": "the mailbox has moved",
    "1.8": "the sender's domain cannot be found",
    "1.10": "its domain takes no mail",
    "2.1": "the mailbox is disabled",
    "2.2": "the mailbox is full",
    "2.3": "the message is too long for the mailbox",
    "3.4": "the message is too big",
    "4.1": "its server does not answer",
    "4.4": "no way leads there",
    "4.7": "it could not be delivered in time",
    "5.3": "too many recipients at once",
    "6.7": "the server takes no addresses with letters outside ASCII",
    "7.8": "the login is wrong",
    "7.9": "the way of logging in is too weak",
    "7.11": "it wants an encrypted connection",
    "7.20": "the message has no valid DKIM signature",
    "7.23": "the sender's SPF does not allow this server",
    "7.25": "the server's address has no name",
    "7.26": "neither SPF nor DKIM vouches for the sender",
    "7.28": "too many messages in a short time",
}


def status(said: str) -> str:
    """Subject and detail of the enhanced code that an answer begins with (``1.1`` of ``5.1.1 no``), or empty."""
    found = _ENHANCED.match(said)
    return found[1] if found else ""


def quoted(code: int, said: str) -> str:
    """``(550 5.1.1 who? – there is no such mailbox)``: the answer, and what its enhanced code means."""
    meaning = _MEANINGS.get(status(said), "")
    line = one_line(said)[:300]
    told = all(word in line.lower() for word in meaning.split() if len(word) > 3)
    return f"({code} {line})" if told else f"({code} {line} – {meaning})"


def listed(refused: Refusals) -> str:
    """Every refused address with the answer to it."""
    return ", ".join(f"{who} {quoted(code, said)}" for who, (code, said) in refused.items())


def too_many(code: int, said: str) -> bool:
    """It is refused only because the message has too many recipients; 552 is an old 452 (RFC 5321, 4.5.3.1.10)."""
    return code in {452, 552} and status(said) in {"", "5.3"}


def rate_limited(said: str) -> bool:
    """The answer is about how many messages came in a short time."""
    return status(said) == "7.28"
