"""A real SMTP server on loopback that follows a script: accepts, refuses, greylists, drops, wants TLS and a login."""

# ruff: noqa: ARG002 - aiosmtpd calls its hooks with all of these

from __future__ import annotations

import asyncio
import base64
import ssl
import threading
import warnings
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from types import TracebackType
from typing import Any, Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Security = Literal["none", "starttls", "tls"]
Stage = Literal["mail", "rcpt", "data"]
_DROPPED = "421 nobody hears this any more"


@dataclass(frozen=True)
class Received:
    """One message that the server took.

    Attributes:
        sender, recipients: of the envelope.
        raw: as it came, dots unstuffed.
        connection: the number of the connection it came over, from 1.
        login: the login name, or empty.
        tls: the connection was encrypted.
    """

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    connection: int
    login: str
    tls: bool

    @property
    def mail(self) -> EmailMessage:
        """Parsed."""
        mail = message_from_bytes(self.raw, policy=SMTP_POLICY)
        assert isinstance(mail, EmailMessage)
        return mail


class _Script:
    """aiosmtpd's hooks. An attribute of the server may be changed between two messages."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._drops(smtp, "mail"):
            return _DROPPED
        if self.server.refuse_sender:
            return self.server.refuse_sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._drops(smtp, "rcpt"):
            return _DROPPED
        answer = self.server.answer_to(address)
        if len(envelope.rcpt_tos) >= self.server.most_recipients:
            answer = "452 4.5.3 too many recipients"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self._drops(smtp, "data"):
            return _DROPPED
        if self.server.refuse_data:
            return self.server.refuse_data
        content = envelope.content
        assert isinstance(content, bytes)
        assert smtp.transport is not None
        self.server.keep(
            Received(
                envelope.mail_from or "",
                tuple(envelope.rcpt_tos),
                content,
                self.server.number_of(session),
                str(session.auth_data) if self.server.users or self.server.tokens else "",
                smtp.transport.get_extra_info("sslcontext") is not None,
            )
        )
        return "250 taken as loopback"

    async def auth_XOAUTH2(self, smtp: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """RFC-less, as Google describes it: one line with name and token; a refusal is told in a challenge first."""
        said = base64.b64decode(args[1]).decode()
        self.server.xoauth2.append(said)
        fields = dict(part.split("=", 1) for part in said.split("\x01") if part)
        name, token = fields.get("user", ""), fields.get("auth", "").removeprefix("Bearer ")
        if token and self.server.tokens.get(name) == token:
            return AuthResult(success=True, auth_data=name)
        await smtp.push("334 " + base64.b64encode(b'{"status":"401"}').decode())
        assert smtp._reader is not None
        await smtp._reader.readline()
        return AuthResult(success=False, handled=False)

    def _drops(self, smtp: SMTP, stage: Stage) -> bool:
        if self.server.drop_at != stage:
            return False
        if self.server.drop_once:
            self.server.drop_at = None
        assert isinstance(smtp.transport, asyncio.Transport)
        smtp.transport.abort()
        return True


class SmtpServer:
    """Listens on a free port of 127.0.0.1 while used as a context manager.

    Args:
        refuse: address to answer, ``{"a@b.example": "550 5.1.1 no such user"}``.
        greylist: the first try of each recipient is put off with 451.
        refuse_sender, refuse_data: the answer to MAIL FROM, or to the message; empty to accept.
        drop_at: cut the connection at this stage; ``drop_once`` only the first time.
        security: ``starttls`` wants it before anything else.
        context: the server's TLS side.
        users: login name to password; a login is required when any are given.
        tokens: login name to access token, for XOAUTH2; a login is required when any are given.
        smtputf8: take addresses with letters outside ASCII.
        most_recipients: of one message; the others are put off with 452 4.5.3.
        on_message: called with each message taken, in the server's thread.
    """

    def __init__(
        self,
        *,
        refuse: Mapping[str, str] | None = None,
        greylist: bool = False,
        refuse_sender: str = "",
        refuse_data: str = "",
        drop_at: Stage | None = None,
        drop_once: bool = False,
        security: Security = "none",
        context: ssl.SSLContext | None = None,
        users: Mapping[str, str] | None = None,
        tokens: Mapping[str, str] | None = None,
        smtputf8: bool = False,
        most_recipients: int = 1000,
        auth_without_tls: bool = False,
        auth_exclude: Collection[str] = (),
        idle_seconds: float = 60,
        port: int = 0,
        on_message: Callable[[Received], None] | None = None,
    ) -> None:
        self.refuse = dict(refuse or {})
        self.greylist = greylist
        self.refuse_sender = refuse_sender
        self.refuse_data = refuse_data
        self.drop_at = drop_at
        self.drop_once = drop_once
        self.security = security
        self.users = dict(users or {})
        self.tokens = dict(tokens or {})
        self.xoauth2: list[str] = []
        self.smtputf8 = smtputf8
        self.most_recipients = most_recipients
        self.received: list[Received] = []
        self._tried: defaultdict[str, int] = defaultdict(int)
        self._sessions: dict[object, int] = {}
        self._on_message = on_message
        self._lock = threading.Lock()
        self._controller = self._make(context, auth_without_tls, auth_exclude, idle_seconds, port)

    def _make(
        self,
        context: ssl.SSLContext | None,
        auth_without_tls: bool,
        auth_exclude: Collection[str],
        idle_seconds: float,
        port: int,
    ) -> Any:
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": port, "server_hostname": "loopback.example"}
        options |= {"decode_data": False, "enable_SMTPUTF8": self.smtputf8, "timeout": idle_seconds}
        if self.security == "tls":
            options["ssl_context"] = context
        if self.security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if self.users or self.tokens:
            encrypted = self.security != "none"
            options |= {"authenticator": self._login, "auth_required": True}
            options |= {"auth_require_tls": encrypted and not auth_without_tls and self.security == "starttls"}
            options |= {"auth_exclude_mechanism": list(auth_exclude)}
        return _FreePortController(_Script(self), **options)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._controller.port)

    @property
    def connections(self) -> int:
        """How many connections have brought a message."""
        return len({received.connection for received in self.received})

    def answer_to(self, address: str) -> str:
        """The answer to RCPT TO."""
        self._tried[address] += 1
        if self.greylist and self._tried[address] == 1:
            return "451 4.7.1 greylisted, come back in a minute"
        return self.refuse.get(address, "250 OK")

    def number_of(self, session: Session) -> int:
        """Connections are counted as they bring messages."""
        return self._sessions.setdefault(session.peer, len(self._sessions) + 1)

    def keep(self, received: Received) -> None:
        """Remember a message."""
        with self._lock:
            self.received.append(received)
        if self._on_message:
            self._on_message(received)

    def _login(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if isinstance(data, LoginPassword):
            name = data.login.decode()
            if self.users.get(name) == data.password.decode():
                return AuthResult(success=True, auth_data=name)
        return AuthResult(success=False, handled=False)


class _FreePortController(Controller):
    """A controller that knows which free port it was given."""

    def factory(self) -> SMTP:
        with warnings.catch_warnings():
            # aiosmtpd warns of a login without TLS, which is just what some tests are about.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS", category=UserWarning)
            return SMTP(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd is typed in part
