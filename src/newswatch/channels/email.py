"""Email over SMTP (RFC 5321): one connection for a batch, TLS verified, refusals told apart."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping, Sequence
from email.headerregistry import Address
from pathlib import Path
from typing import TYPE_CHECKING

import aiosmtplib

from newswatch.channels.mime import Letterhead, one_line
from newswatch.channels.statuses import Refusals, listed, quoted, rate_limited, too_many
from newswatch.config.secrets import read_secret, resolve
from newswatch.config.settings import EmailChannel
from newswatch.config.values import mail_address
from newswatch.errors import ConfigError, DeliveryError, Problem, Reason
from newswatch.model import Answer, Message, Refused
from newswatch.network import cause, system_words

if TYPE_CHECKING:
    from newswatch.channels.oauth2 import Tokens

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
# Servers close idle connections after minutes (RFC 5321, 4.5.3.2.7 asks for five); after this we ask first.
_IDLE = 30.0
# "Authentication required", "too weak", "wrong credentials", "encryption required" (RFC 4954, 6).
_LOGIN_CODES = frozenset({530, 534, 535, 538})


def open_email(name: str, settings: EmailChannel, *, base: Path, environ: Mapping[str, str]) -> EmailSender:
    """The sender for an email channel.

    Raises:
        ConfigError: the password or ``ca_file`` cannot be used.
    """
    password = read_secret(env=settings.password_env, file=settings.password_file, base=base, environ=environ)
    tokens = None
    if settings.oauth2 is not None:
        from newswatch.channels.oauth2 import Tokens  # only here: it needs the HTTP client

        tokens = Tokens(settings.oauth2, base=base, environ=environ, timeout=settings.timeout.total_seconds())
        tokens.check()
    if settings.username and not password and tokens is None:
        what = f"a password is missing for the login of {settings.username}."
        raise ConfigError((Problem(f"channels.{name}", what, "Name it with password_env or password_file."),))
    sender, *to = (mail_address(text) for text in (settings.sender, *settings.to))
    return EmailSender(settings, sender, to, password, tokens, _tls(name, settings, base, environ))


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
        tokens: Tokens | None,
        context: ssl.SSLContext | None,
    ) -> None:
        self._settings = settings
        self._sender = sender
        self._to = tuple(dict.fromkeys(address.addr_spec for address in to))
        self._letterhead = Letterhead(sender, to)
        self._tokens = tokens
        self._port = settings.port or _PORTS[settings.security]
        self._server = f"{settings.host}:{self._port}"
        self._used = 0.0
        self._smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=self._port,
            username=settings.username or None,
            password=password if settings.username and tokens is None else None,
            oauth_token_generator=tokens.token if tokens else None,
            timeout=settings.timeout.total_seconds(),
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            tls_context=context,
        )

    async def send(self, message: Message) -> Answer:
        """Send one message to everybody who did not get it yet (`Message.taken`).

        An address that is refused for good does not keep the message from the others: it counts as sent, and the answer
        names the refused. One that is put off (4xx) makes it due again, for those put off only.

        Raises:
            DeliveryError: nobody took it, or somebody is put off; ``taken`` says who has it.
        """
        taken = [address for address in self._to if address in message.taken]
        try:
            refused, answer = await self._send_all(self._letterhead.write(message), taken)
        except DeliveryError as error:
            error.taken = tuple(taken)
            raise
        put_off = any(code < 500 for code, _ in refused.values())
        if put_off or (refused and not taken):
            raise self._refused(refused, tuple(taken))
        said = f"{self._server} said: {one_line(answer)[:300]}" if answer else f"{self._server} took it before"
        if not refused:
            return Answer(said)
        never = tuple(Refused(who, quoted(code, words).strip("()")) for who, (code, words) in refused.items())
        return Answer(f"{said}; refused for good: {listed(refused)}", never)

    async def _send_all(self, raw: bytes, taken: list[str]) -> tuple[Refusals, str]:
        """Send to who is left, in as many rounds as a server that limits the recipients of a message wants.

        Args:
            raw: the email.
            taken: who has it; who takes it now is added at once, so that it is known when a later round fails.
        """
        left, answer = [address for address in self._to if address not in taken], ""
        refused: dict[str, tuple[int, str]] = {}
        while left:
            answers, said = await self._send(raw, left)
            took = [address for address in left if address not in answers]
            taken += took
            answer = said or answer
            again = {who for who, said_to in answers.items() if took and too_many(*said_to)}
            refused |= {who: said_to for who, said_to in answers.items() if who not in again}
            left = [address for address in left if address in again]
        return refused, answer

    async def reach(self) -> str:
        """Connect and log in.

        Raises:
            DeliveryError: the server cannot be reached, or refuses the login.
        """
        try:
            if not self._smtp.is_connected:
                await self._smtp.connect()
            await self._smtp.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._explained(error) from error
        login = f", login of {self._settings.username} accepted" if self._settings.username else ", without a login"
        safe = {"starttls": "over STARTTLS", "tls": "over TLS", "none": "without TLS"}[self._settings.security]
        return f"{self._server} answers {safe}{login}"

    async def close(self) -> None:
        """Say goodbye to the server."""
        if self._smtp.is_connected:
            try:
                await self._smtp.quit()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()

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
            # 8-bit headers go with SMTPUTF8 only; everything else is ASCII.
            options = ["SMTPUTF8", "BODY=8BITMIME"] if self._letterhead.utf8 else []
            refused, answer = await self._smtp.sendmail(self._sender.addr_spec, to, raw, mail_options=options)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused, answer = {r.recipient: aiosmtplib.SMTPResponse(r.code, r.message) for r in error.recipients}, ""
        except (aiosmtplib.SMTPTimeoutError, OSError, DeliveryError):
            # The conversation is at an unknown point: another message must not go on from there.
            self._smtp.close()
            raise
        self._used = time.monotonic()
        return {who: (response.code, response.message) for who, response in refused.items()}, answer

    def _refused(self, refused: Refusals, taken: tuple[str, ...]) -> DeliveryError:
        """Nobody took it, or some are put off."""
        permanent = all(code >= 500 for code, _ in refused.values())
        verb = "refused" if permanent else "put off"
        text = (
            f"{self._server} took the message for some and put others off: {listed(refused)}"
            if taken
            else f"{self._server} {verb} every recipient: {listed(refused)}"
        )
        limited = any(rate_limited(said) for _, said in refused.values())
        reason = Reason.REJECTED if permanent else Reason.RATE_LIMITED if limited else Reason.SERVER
        return DeliveryError(text, reason=reason, permanent=permanent, taken=taken)

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
        elif "SMTPUTF8" in error.message:
            text = (
                f"{self._server} takes no addresses with letters outside ASCII (SMTPUTF8), so nothing was sent; "
                "write addresses in ASCII, or use another server"
            )
        elif self._tokens is not None and "XOAUTH2" in error.message:
            text = f"{self._server} offers no login with an access token (XOAUTH2); use a password, or another server"
        elif self._settings.username:
            said = one_line(error.message)
            text = f"{self._server} offers no login that newswatch knows ({said}); remove username if it wants none"
        else:
            text = f"{self._server} cannot take the message ({one_line(error.message)})"
        return DeliveryError(text, reason=Reason.CONFIGURATION)

    def _answered(self, error: aiosmtplib.SMTPResponseException) -> DeliveryError:
        """The server said no in so many words."""
        said = quoted(error.code, error.message)
        if error.code in _LOGIN_CODES or isinstance(error, aiosmtplib.SMTPAuthenticationError):
            if self._tokens is not None:
                self._tokens.forget()
            with_what = "password" if self._tokens is None else "access token"
            who = f"the login of {self._settings.username}" if self._settings.username else "to go on without a login"
            text = f"{self._server} refused {who} {said}; check username and {with_what}"
            return DeliveryError(text, reason=Reason.AUTH)
        permanent = error.code >= 500
        what = (
            f"the sender {self._sender.addr_spec}" if isinstance(error, aiosmtplib.SMTPSenderRefused) else "the message"
        )
        text = f"{self._server} {'refused' if permanent else 'put off'} {what} {said}"
        reason = Reason.RATE_LIMITED if rate_limited(error.message) else Reason.SERVER
        return DeliveryError(text, reason=Reason.REJECTED if permanent else reason, permanent=permanent)
