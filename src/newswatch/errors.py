"""Everything that can go wrong, as one tree; an error carries the decision that follows from it.

NewswatchError
├── ConfigError            the user's files are wrong; holds every Problem at once     exit 2
├── StoreError             the store cannot be opened, read or written
│   ├── StoreLocked        another newswatch works with this store
│   └── StoreVersionError  the store was made by a newer newswatch
├── FetchError             a feed could not be fetched: permanent? retry after? status?
│   ├── TooLarge           a body went over the cap, raw or decoded
│   └── Postponed          its server is not to be asked yet: nothing was asked, nothing failed
├── ParseError             a body came, but no feed is in it
└── DeliveryError          a message was not accepted: permanent? retry after? reason?

Every message says what, where and what to do next, in one sentence a user can act on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NewswatchError(Exception):
    """Base of all errors that newswatch raises on purpose. Its text is written for the user."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake (or doubt) in the user's files.

    Attributes:
        where: ``file:line`` or ``file``.
        what: what is wrong, in the user's words.
        instead: what to write or do instead; may be empty.
        doubtful: a warning only: the file works, but probably not as meant.
    """

    where: str
    what: str
    instead: str = ""
    doubtful: bool = False

    def __str__(self) -> str:
        hint = f" {self.instead}" if self.instead else ""
        return f"{self.where}: {self.what}{hint}"


class ConfigError(NewswatchError):
    """The configuration cannot be used. ``problems`` holds every mistake found, not the first only."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


class StoreError(NewswatchError):
    """The store cannot be opened, read or written; nothing of the failed step was kept."""


class StoreLocked(StoreError):  # noqa: N818 - it reads as a state
    """Another newswatch process works with this store."""


class StoreVersionError(StoreError):
    """The store was written by a newer newswatch than this one."""


class FetchError(NewswatchError):
    """A feed could not be fetched.

    Attributes:
        status: HTTP status, or None when no answer came.
        permanent: True when trying again soon is pointless (410, bad URL); the feed is still never dropped.
        retry_after: seconds the server asked us to wait, or None.
    """

    def __init__(
        self, message: str, *, status: int | None = None, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.permanent = permanent
        self.retry_after = retry_after


class TooLarge(FetchError):  # noqa: N818 - it reads as a state
    """A body went over the cap on raw or decoded bytes."""


class Postponed(FetchError):  # noqa: N818 - it reads as a state
    """A server is not to be asked yet. Nothing was asked, and nothing failed.

    Attributes:
        until: when it may be asked.
        asked_for: the server asked for that (Retry-After); otherwise it is others' turn.
    """

    def __init__(self, message: str, *, until: datetime, asked_for: bool) -> None:
        super().__init__(message)
        self.until = until
        self.asked_for = asked_for


class ParseError(NewswatchError):
    """A body came, but there is no feed in it; the text says what it looks like instead."""


class Reason(StrEnum):
    """Why a delivery failed; the names are Alertmanager's, plus those that email needs.

    ``FAULT`` is our own, and says nothing of the channel; ``DEAD`` is said of a channel that nothing goes through.
    """

    AUTH = "authError"
    RATE_LIMITED = "rateLimited"
    CLIENT = "clientError"
    SERVER = "serverError"
    CONNECTION = "connectionError"
    REJECTED = "rejected"
    GONE = "gone"
    CONFIGURATION = "configurationError"
    FAULT = "fault"
    DEAD = "dead"


class DeliveryError(NewswatchError):
    """A message was not accepted by a channel.

    Attributes:
        reason: one of `Reason`.
        permanent: True when the same message will never be accepted (SMTP 5xx, HTTP 4xx but 408 and 429).
        retry_after: seconds the receiver asked us to wait, or None.
        taken: the addresses that did take it, in this attempt or before; a later try spares them.
    """

    def __init__(
        self,
        message: str,
        *,
        reason: Reason,
        permanent: bool = False,
        retry_after: float | None = None,
        taken: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.taken = taken
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
