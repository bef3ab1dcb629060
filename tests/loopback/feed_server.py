"""A real HTTP server on loopback that serves feeds by a script: conditional, compressed, slow, broken."""

from __future__ import annotations

import hashlib
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

from loopback.listening import listen


@dataclass(frozen=True)
class Route:
    """What one path answers.

    Attributes:
        body: sent as it is; what ``headers`` say of it (a coding, a length) is not checked, so that it can be wrong.
            An empty header is left out: without a length, the body ends with the connection.
        etag, modified: answer 304 to a request that names them.
        hang: ``headers`` answers nothing at all, ``body`` sends half and then nothing.
        endless: the body again and again until the client leaves.
        drip: seconds between two bytes of the body, for a server that is never silent and never ready.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/rss+xml"
    headers: dict[str, str] = field(default_factory=dict)
    etag: bool = False
    modified: str = ""
    hang: str = ""
    endless: bool = False
    drip: float = 0.0


@dataclass(frozen=True)
class Request:
    """A request that came; header names in lower case."""

    path: str
    headers: dict[str, str]
    status: int


class FeedServer:
    """Listens on a free port of 127.0.0.1 while used as a context manager; ``routes`` may change between requests.

    Args:
        routes: what each path answers.
        context: the server's TLS side; plain HTTP without one.
    """

    def __init__(self, routes: dict[str, Route] | None = None, *, context: ssl.SSLContext | None = None) -> None:
        self.routes = dict(routes or {})
        self.requests: list[Request] = []
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.answer(self)

            def do_HEAD(self) -> None:
                server.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Silent: what came is in ``requests``."""

        self._server = listen(Handler, context=context)
        self._scheme = "https" if context else "http"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="feed server")

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

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}{path}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer by the route, and note the request."""
        route = self.routes.get(request.path, Route(status=404))
        headers = {name.lower(): value for name, value in request.headers.items()}
        etag = f'"{hashlib.sha256(route.body).hexdigest()[:16]}"' if route.etag else ""
        same = bool(etag and headers.get("if-none-match") == etag) or bool(
            route.modified and headers.get("if-modified-since") == route.modified
        )
        status = 304 if same and route.status == 200 else route.status
        with self._lock:
            self.requests.append(Request(request.path, headers, status))
        request.close_connection = True
        if route.hang == "headers":
            self._stopped.wait()
            return
        if "date" in route.headers:
            request.send_response_only(status)
        else:
            request.send_response(status)
        given = {"content-type": route.content_type, "connection": "close", **route.headers}
        if etag:
            given["etag"] = etag
        if route.modified:
            given["last-modified"] = route.modified
        if not route.endless and status != 304:
            given.setdefault("content-length", str(len(route.body)))
        for name, value in given.items():
            if value:
                request.send_header(name, value)
        request.end_headers()
        if status != 304 and request.command != "HEAD":
            self._send(request, route)

    def _send(self, request: BaseHTTPRequestHandler, route: Route) -> None:
        try:
            if route.hang == "body":
                request.wfile.write(route.body[: len(route.body) // 2])
                request.wfile.flush()
                self._stopped.wait()
                return
            if route.drip:
                for byte in route.body:
                    request.wfile.write(bytes((byte,)))
                    self._stopped.wait(route.drip)
                return
            request.wfile.write(route.body)
            while route.endless and not self._stopped.is_set():
                request.wfile.write(route.body)
        except OSError:
            # The client has seen enough: that is what many a test wants.
            return
