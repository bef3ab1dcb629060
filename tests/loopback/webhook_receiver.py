"""A real webhook receiver on loopback that verifies signatures with the official package and follows a script."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any, Self

from standardwebhooks import Webhook, WebhookVerificationError

from loopback.listening import listen

SECRET = "whsec_bG9vcGJhY2stc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM="
OTHER_SECRET = "whsec_YW5vdGhlci1zZWNyZXQtd2hpbGUtcm90YXRpbmctaXQ="


@dataclass(frozen=True)
class Answer:
    """One scripted answer: a status, headers and a body; or ``hang``: none at all until the receiver stops."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"
    hang: bool = False
    drop: bool = False


@dataclass(frozen=True)
class Call:
    """One call that came.

    Attributes:
        headers: names in lower case.
        data: the body as JSON.
        verified: the official package accepts the signature; ``why_not`` is what it said otherwise.
        answered: the status given.
    """

    path: str
    headers: dict[str, str]
    body: bytes
    data: Any
    verified: bool
    why_not: str
    answered: int


class WebhookReceiver:
    """Listens on a free port of 127.0.0.1 while used as a context manager.

    Args:
        answers: given one after the other; the last is repeated.
        secret: what signatures are verified with.
        port: where to listen; a free one when 0.
        context: the receiver's TLS side; plain HTTP without one.
        on_call: called with each call, in the receiver's thread.
    """

    def __init__(
        self,
        answers: Sequence[Answer] = (Answer(),),
        *,
        secret: str = SECRET,
        port: int = 0,
        context: ssl.SSLContext | None = None,
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        self.answers = list(answers)
        self.calls: list[Call] = []
        self._webhook = Webhook(secret)
        self._on_call = on_call
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.handle(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Silent: what came is in ``calls``."""

        self._server = listen(Handler, port=port, context=context)
        self._scheme = "https" if context else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="webhook receiver")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where to post."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}/hook"

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Record the call and answer by the script."""
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        with self._lock:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            call = self._call(request, body, answer.status)
            self.calls.append(call)
        if self._on_call:
            self._on_call(call)
        if answer.hang:
            self._stopped.wait()
        if answer.hang or answer.drop:
            request.close_connection = True
            return
        request.send_response(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer.body)

    def _call(self, request: BaseHTTPRequestHandler, body: bytes, status: int) -> Call:
        headers = {name.lower(): value for name, value in request.headers.items()}
        why_not = ""
        try:
            self._webhook.verify(body, headers)
        except (WebhookVerificationError, ValueError) as error:
            why_not = str(error) or type(error).__name__
        return Call(request.path, headers, body, json.loads(body), not why_not, why_not, status)
