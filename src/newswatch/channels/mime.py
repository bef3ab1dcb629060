"""A message as an Internet email (RFC 5322), the same bytes for the same delivery. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from newswatch.model import Message


# 7bit: not every server on the way takes 8bit, and the standard library then picks quoted-printable or base64,
# whichever is shorter, so that no line is longer than 78 characters.
class _Policy(EmailPolicy):
    """The standard library's policy, with subjects that keep their spaces.

    The policy's own folding drops the white space between two encoded words, and begins some subjects of middle length
    with an empty line (both seen with Python 3.11); `Header` does neither.
    """

    def fold(self, name: str, value: str) -> str:
        """A header's lines; a subject as `Header` folds it (RFC 2047 where it is not ASCII)."""
        if name.lower() == "subject":
            # A word longer than a line can be broken only as an encoded one.
            plain = value.isascii() and all(len(word) < 60 for word in value.split())
            header = Header(str(value), "us-ascii" if plain else "utf-8", header_name=name)
            return f"{name}: {header.encode(linesep=self.linesep)}{self.linesep}"
        folded: str = super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: str) -> bytes:
        """The same as bytes."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


POLICY = _Policy(linesep=SMTP.linesep, max_line_length=SMTP.max_line_length, cte_type="7bit")

_NOT_ATOMS = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]")


def build(message: Message, *, sender: Address, to: Sequence[Address]) -> EmailMessage:
    """The email of a message: text and HTML, with the headers that make it recognisable, threaded and well-mannered.

    Message-ID is made of the delivery, References of the event's thread; List-Id is RFC 2919, Auto-Submitted RFC 3834.
    No header can carry a line break.
    """
    mail = EmailMessage(policy=POLICY)
    host = sender.domain
    thread = f"<{_token(message.thread_id)}@{host}>"
    mail["From"] = sender
    mail["To"] = tuple(to)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = message.created
    mail["Message-ID"] = f"<{_token(message.delivery_id)}@{host}>"
    mail["In-Reply-To"] = thread
    mail["References"] = thread
    mail["List-Id"] = _list_id(message, host)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "list"
    mail["X-Newswatch-Delivery"] = _token(message.delivery_id)
    mail.set_content(_encodable(message.text))
    mail.add_alternative(_encodable(message.html), subtype="html")
    mail.set_boundary(f"=_{_token(message.delivery_id)}")
    return mail


def one_line(text: str) -> str:
    """Without line breaks, control characters and half surrogates, white space folded."""
    spaced = (" " if c.isspace() or unicodedata.category(c) in {"Cc", "Cs"} else c for c in text)
    return " ".join("".join(spaced).split())


def _token(text: str) -> str:
    """An id as it may stand inside of ``<…@host>`` and of a boundary."""
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c in "_-")) or "newswatch"


def _list_id(message: Message, host: str) -> str:
    """``Title <thread.host>``; a title that is not ASCII is left out, since programs sort by the id, unencoded."""
    title = one_line(message.list_name)
    label = f"<{_token(message.thread_id)}.{host}>"
    phrase = " ".join(_NOT_ATOMS.sub(" ", title).split())
    return f"{phrase} {label}" if phrase and title.isascii() and len(phrase) <= 60 else label


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
