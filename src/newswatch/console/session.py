"""Who is logged in: a signed cookie, and a token for each form. Nothing is stored, so a restart logs nobody out.

The key is made of the console's token: another token ends every session. Without a token there is nobody to log in, and
the cookie only ties a form to the browser that asked for it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

LASTS = 14 * 24 * 3600
"""Seconds after which a person logs in again."""


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's.

    Attributes:
        name: random; the CSRF token is made of it.
        signed_in: whether the token was given.
        until: seconds since 1970.
    """

    name: str
    signed_in: bool
    until: int


class Keys:
    """Makes and reads cookies and form tokens; knows the console's token, and says it to nobody."""

    def __init__(self, token: str = "") -> None:
        self.needed = bool(token)
        self._token = token.encode()
        self._key = hmac.digest(self._token, b"newswatch console", "sha256") if token else secrets.token_bytes(32)

    def opens(self, given: str) -> bool:
        """Whether it is the token; takes as long for a wrong one as for the right one."""
        mine, theirs = (hashlib.sha256(one).digest() for one in (self._token, given.encode("utf-8", "replace")))
        return self.needed and hmac.compare_digest(mine, theirs)

    def same(self, token: str) -> bool:
        """Whether these are the keys of this token."""
        return hmac.compare_digest(self._token, token.encode())

    def fresh(self, *, signed_in: bool, now: float) -> Session:
        """A new session, under a name that nobody knows."""
        return Session(secrets.token_urlsafe(18), signed_in, int(now) + LASTS)

    def sealed(self, session: Session) -> str:
        """The cookie of a session."""
        body = f"{session.name}.{'in' if session.signed_in else 'out'}.{session.until}"
        return f"{body}.{self._mark('session', body)}"

    def opened(self, cookie: str, *, now: float) -> Session | None:
        """The session of a cookie; None for one that is not ours, or over."""
        body, _, mark = cookie.rpartition(".")
        if not hmac.compare_digest(self._mark("session", body).encode(), mark.encode("utf-8", "replace")):
            return None
        name, state, until = body.split(".")
        session = Session(name, state == "in", int(until))
        return session if session.until > now else None

    def form_token(self, session: Session) -> str:
        """What a form of this session has to bring along."""
        return self._mark("form", session.name)

    def is_form_token(self, session: Session, given: str) -> bool:
        """Whether a form is this session's own."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode("utf-8", "replace"))

    def _mark(self, use: str, body: str) -> str:
        return hmac.new(self._key, f"{use} {body}".encode("utf-8", "replace"), "sha256").hexdigest()
