"""Email over SMTP (RFC 5321): one connection for a batch, TLS verified, refusals told apart."""

from __future__ import annotations

import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from pathlib import Path

import aiosmtplib

from newswatch.channels.mime import Letterhead, one_line
from newswatch.config.secrets import read_secret, resolve
from newswatch.config.settings import EmailChannel
from newswatch.config.values import mail_address
from newswatch.errors import ConfigError, DeliveryError, Problem, Reason
from newswatch.model import Message
from newswatch.network import cause, system_words

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
# Servers close idle connections after minutes (RFC 5321, 4.5.3.2.7 asks for five); after this we ask first.
_IDLE = 30.0
# "Authentication required", "too weak", "wrong credentials", "encryption required" (RFC 4954, 6).
_LOGIN_CODES = frozenset({530, 534, 535, 538})
_REMEMBERED = 1000
Refusals = Mapping[str, tuple[int, str]]


def open_email(name: str, settings: EmailChannel, *, base: Path, environ: Mapping[str, str]) -> EmailSender:
    """The sender for an email channel.

    Raises:
        ConfigError: the password or ``ca_file`` cannot be used.
    """
    password = read_secret(env=settings.password_env, file=settings.password_file, base=base, environ=environ)
    if settings.username and not password:
        what = f"a password is missing for the login of {settings.username}."
        raise ConfigError((Problem(f"channels.{name}", what, "Name it with password_env or password_file."),))
    sender, *to = (mail_address(text) for text in (settings.sender, *settings.to))
    return EmailSender(settings, sender, to, password, _tls(name, settings, base, environ))


def _tls(name: str, settings: EmailChannel, base: Path, environ: Mapping[str, str]) -> ssl.SSLContext | None:
    """The system's authorities, and the user's own beside them."""
    if settings.security == "none":
        return None
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        path = resolve(base, settings.ca_file, environ)
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as error:
            what = f"{path} cannot be used as a certificate authority ({error.strerror or error})"
            problem = Problem(f"channels.{name}.ca_file", what, "Give a PEM file.")
            raise ConfigError((problem,)) from error
    return context


class EmailSender:
    """Sends over one connection, which is opened when needed and kept."""

    def __init__(
        self,
        settings: EmailChannel,
        sender: Address,
        to: Sequence[Address],
        password: str,
        context: ssl.SSLContext | None,
    ) -> None:
        self._settings = settings
        self._sender = sender
        self._to = tuple(to)
        self._letterhead = Letterhead(sender, to)
        self._port = settings.port or _PORTS[settings.security]
        self._server = f"{settings.host}:{self._port}"
        self._used = 0.0
        # Who took a message that others put off: the next try must not send it to them again.
        self._took: OrderedDict[str, set[str]] = OrderedDict()
        self._smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=self._port,
            username=settings.username or None,
            password=password if settings.username else None,
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=context,
        )

    async def send(self, message: Message) -> str:
        """Send one message to everybody who did not get it yet.

        A recipient who is refused for good does not keep the message from the others: it counts as sent, and the answer
        names the refusal. One who is put off (4xx) makes it due again, for those put off only.

        Raises:
            DeliveryError: nobody took it, or somebody is put off.
        """
        took = self._took.get(message.delivery_id, set())
        left = [a.addr_spec for a in self._to if a.addr_spec not in took]
        refused, answer = await self._send(self._letterhead.write(message), left)
        if any(code < 500 for code, _ in refused.values()):
            self._remember(message.delivery_id, took | (set(left) - set(refused)))
            text = f"{self._server} took the message for some and put others off: {_list(refused)}"
            raise DeliveryError(text, reason=Reason.SERVER)
        self._took.pop(message.delivery_id, None)
        warning = f"; refused for good: {_list(refused)}" if refused else ""
        return f"{self._server} said: {one_line(answer)[:300]}{warning}"

    async def close(self) -> None:
        """Say goodbye to the server."""
        if self._smtp.is_connected:
            try:
                await self._smtp.quit()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()

    def _remember(self, delivery_id: str, took: set[str]) -> None:
        self._took[delivery_id] = took
        if len(self._took) > _REMEMBERED:
            self._took.popitem(last=False)

    async def _send(self, raw: bytes, to: Sequence[str]) -> tuple[Refusals, str]:
        """Send over the open connection; when that turns out to be dead, once more over a fresh one."""
        kept = await self._still_open()
        try:
            return await self._attempt(raw, to)
        except aiosmtplib.SMTPServerDisconnected as error:
            if not kept:
                raise self._explained(error) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            if not (kept and isinstance(error, aiosmtplib.SMTPResponseException) and error.code == 421):
                raise self._explained(error) from error
        self._smtp.close()
        try:
            return await self._attempt(raw, to)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._explained(error) from error

    async def _still_open(self) -> bool:
        if not self._smtp.is_connected:
            return False
        if time.monotonic() - self._used > _IDLE:
            try:
                await self._smtp.noop()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()
        return self._smtp.is_connected

    async def _attempt(self, raw: bytes, to: Sequence[str]) -> tuple[Refusals, str]:
        try:
            if not self._smtp.is_connected:
                await self._smtp.connect()
            refused, answer = await self._smtp.sendmail(self._sender.addr_spec, to, raw)
        except (aiosmtplib.SMTPTimeoutError, OSError):
            # The conversation is at an unknown point: another message must not go on from there.
            self._smtp.close()
            raise
        self._used = time.monotonic()
        return {who: (response.code, response.message) for who, response in refused.items()}, answer

    def _explained(self, error: Exception) -> DeliveryError:
        """What an error means for the message, in a sentence."""
        unverified = cause(error, ssl.SSLCertVerificationError)
        if unverified is not None:
            return DeliveryError(
                f"the certificate of {self._server} is not trusted ({unverified.verify_message}), so nothing was sent; "
                "set ca_file if it is signed by your own authority",
                reason=Reason.CONNECTION,
            )
        match error:
            case aiosmtplib.SMTPRecipientsRefused():
                codes: Refusals = {r.recipient: (r.code, r.message) for r in error.recipients}
                permanent = all(code >= 500 for code, _ in codes.values())
                verb = "refused" if permanent else "put off"
                text = f"{self._server} {verb} every recipient: {_list(codes)}"
                return DeliveryError(text, reason=Reason.REJECTED if permanent else Reason.SERVER, permanent=permanent)
            case aiosmtplib.SMTPResponseException():
                return self._answered(error)
            case aiosmtplib.SMTPTimeoutError() | TimeoutError():
                seconds = self._settings.timeout.total_seconds()
                return DeliveryError(f"{self._server} did not answer within {seconds:g} s", reason=Reason.CONNECTION)
            case aiosmtplib.SMTPServerDisconnected():
                text = f"{self._server} closed the connection before it had taken the message"
                return DeliveryError(text, reason=Reason.CONNECTION)
            case aiosmtplib.SMTPException() if not isinstance(error, OSError):
                return self._lacking(error)
        text = f"{self._server} cannot be reached ({system_words(error)}); check host, port and security"
        return DeliveryError(text, reason=Reason.CONNECTION)

    def _lacking(self, error: aiosmtplib.SMTPException) -> DeliveryError:
        """The server cannot do what the settings ask for; aiosmtplib says so with a bare SMTPException."""
        if "STARTTLS" in error.message and "AUTH" not in error.message:
            text = (
                f"{self._server} does not offer STARTTLS, so nothing was sent; "
                "set security to tls, or to none where the way there is safe"
            )
        elif self._settings.username:
            said = one_line(error.message)
            text = f"{self._server} offers no login that newswatch knows ({said}); remove username if it wants none"
        else:
            text = f"{self._server} cannot take the message ({one_line(error.message)})"
        return DeliveryError(text, reason=Reason.CONFIGURATION)

    def _answered(self, error: aiosmtplib.SMTPResponseException) -> DeliveryError:
        """The server said no in so many words."""
        said = f"({error.code} {one_line(error.message)[:300]})"
        if error.code in _LOGIN_CODES or isinstance(error, aiosmtplib.SMTPAuthenticationError):
            who = f"the login of {self._settings.username}" if self._settings.username else "to go on without a login"
            text = f"{self._server} refused {who} {said}; check username and password"
            return DeliveryError(text, reason=Reason.AUTH)
        permanent = error.code >= 500
        what = (
            f"the sender {self._sender.addr_spec}" if isinstance(error, aiosmtplib.SMTPSenderRefused) else "the message"
        )
        text = f"{self._server} {'refused' if permanent else 'put off'} {what} {said}"
        return DeliveryError(text, reason=Reason.REJECTED if permanent else Reason.SERVER, permanent=permanent)


def _list(refused: Refusals) -> str:
    return ", ".join(f"{who} ({code} {one_line(said)[:200]})" for who, (code, said) in refused.items())
