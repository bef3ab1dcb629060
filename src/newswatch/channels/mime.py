"""A message as an Internet email (RFC 5322, MIME), the same bytes for the same delivery. Pure.

The standard library's policy folds the addresses, and its `binascii` encodes the bodies. They are put together here,
since an `EmailMessage` parses, folds and copies every header of every message again, which took most of the time of
sending (`benchmarks/sending.py`). The tests read the bytes with the library's strict policy.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from newswatch.model import Image, Message

_NEWLINE = b"\r\n"
_LINE = 78  # RFC 5322, 2.1.1: what a line should hold at most
_ENCODED = 42  # bytes in an encoded word: 56 characters of base64 and 12 around them fit behind "Subject: "
_NOT_ATOMS = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]")
_NOT_CID = re.compile(r"[^A-Za-z0-9_.@-]")
_NOT_ID = re.compile(r"[^A-Za-z0-9_-]")
_PRINTABLE = re.compile(rb"[\t\r\n\x20-\x7e]*")
_ASCII = bytes(range(0x80))


class Letterhead:
    """Writes the emails from one sender to the same readers: what their headers share is folded once.

    Attributes:
        utf8: an address has letters outside ASCII before the @; the server must offer SMTPUTF8 (RFC 6531).
    """

    def __init__(self, sender: Address, to: Sequence[Address]) -> None:
        self.utf8 = not all(address.username.isascii() for address in (sender, *to))
        self._host = sender.domain
        head = EmailMessage(policy=SMTP.clone(utf8=self.utf8, cte_type="8bit" if self.utf8 else "7bit"))
        head["From"] = sender
        if to:
            head["To"] = tuple(to)
        self._addresses = head.as_bytes().removesuffix(_NEWLINE)

    def write(self, message: Message) -> bytes:
        """The email: text and HTML, with the headers that make it recognisable, threaded and well-mannered.

        Message-ID is made of the delivery, References of the event's thread; List-Id is RFC 2919, Auto-Submitted
        RFC 3834. No header can carry a line break. Every line is ASCII (but addresses with SMTPUTF8) and 78 characters
        at most, so that no server on the way has to encode anything anew.
        """
        delivery, thread = _token(message.delivery_id), f"<{_token(message.thread_id)}@{self._host}>"
        boundary = f"=_{delivery[:60]}"
        headers = (
            _subject(message.subject),
            f"Date: {format_datetime(message.created)}",
            _header("Message-ID", f"<{delivery}@{self._host}>"),
            _header("In-Reply-To", thread),
            _header("References", thread),
            _header("List-Id", *_list_id(message, self._host)),
            "Auto-Submitted: auto-generated",
            "Precedence: list",
            _header("X-Newswatch-Delivery", delivery),
            "MIME-Version: 1.0",
            f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
        )
        edge = f"--{boundary}".encode()
        return _NEWLINE.join(
            (
                self._addresses + "\r\n".join(headers).encode("ascii"),
                b"",
                edge,
                _body("plain", message.text),
                edge,
                _html(message, delivery),
                edge + b"--",
                b"",
            )
        )


def one_line(text: str) -> str:
    """Without line breaks, control characters and half surrogates, white space folded."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text)
    return " ".join(text.split())


def _subject(subject: str) -> str:
    """The subject, folded at words; in encoded words (RFC 2047) where it must be, with the spaces inside of them.

    The policy's own folding drops the space between two encoded words, and `Header` takes a millisecond.
    """
    value = one_line(subject)
    # A word longer than a line can be broken only as an encoded one; what looks like an encoded word must be encoded.
    if value.isascii() and "=?" not in value and all(len(word) < 60 for word in value.split()):
        return _header("Subject", *value.split())
    return _header("Subject", *_encoded_words(value))


def _encoded_words(text: str) -> Iterator[str]:
    """Encoded words of 72 characters at most, no letter cut in two."""
    piece = b""
    for character in text:
        octets = character.encode()
        if len(piece) + len(octets) > _ENCODED:
            yield f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode()}?="
            piece = b""
        piece += octets
    yield f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode()}?="


def _header(name: str, *words: str) -> str:
    """A header of ASCII words; one that does not fit goes to a line of its own."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > _LINE and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _token(text: str) -> str:
    """An id as it may stand inside of ``<…@host>`` and of a boundary."""
    return _NOT_ID.sub("", text)[:200] or "newswatch"


def _list_id(message: Message, host: str) -> tuple[str, ...]:
    """``Title <thread.host>``; a title that is not ASCII is left out, since programs sort by the id, unencoded."""
    title = one_line(message.list_name)
    label = f"<{_token(message.thread_id)}.{host}>"
    phrase = " ".join(_NOT_ATOMS.sub(" ", title).split())
    return (phrase, label) if phrase and title.isascii() and len(phrase) <= 60 else (label,)


def _html(message: Message, delivery: str) -> bytes:
    """The HTML body, with its pictures in one part where it has any (multipart/related, RFC 2387)."""
    html = _body("html", message.html)
    if not message.images:
        return html
    boundary = f"=_{delivery[:60]}.r"
    edge = f"--{boundary}".encode()
    head = f'Content-Type: multipart/related; type="text/html";\r\n boundary="{boundary}"\r\n'
    parts = [part for image in message.images for part in (edge, _picture(image))]
    return _NEWLINE.join((head.encode("ascii"), edge, html, *parts, edge + b"--", b""))


def _picture(image: Image) -> bytes:
    """One picture; its Content-ID is what the HTML calls it by (RFC 2392)."""
    cid = _NOT_CID.sub("", image.cid)
    head = (
        "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-ID: <{cid}>\r\nContent-Disposition: inline; filename="figure.png"\r\n\r\n'
    )
    return head.encode("ascii") + base64.encodebytes(image.png).replace(b"\n", _NEWLINE)


def _body(subtype: str, text: str) -> bytes:
    """One part: as it is where it is short lines of ASCII, else quoted-printable or base64, whichever is shorter."""
    lines = text.encode("utf-8", "replace").splitlines()
    data = _NEWLINE.join((*lines, b""))
    beyond = len(data.translate(None, _ASCII))
    encoding = "7bit"
    # What could be taken for a boundary is encoded too.
    if beyond or not _PRINTABLE.fullmatch(data) or max(map(len, lines), default=0) > _LINE or b"--=_" in data:
        if beyond * 6 > len(data):
            encoding, data = "base64", base64.encodebytes(data).replace(b"\n", _NEWLINE)
        else:
            encoding, data = "quoted-printable", binascii.b2a_qp(data, istext=True)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode("ascii") + data
