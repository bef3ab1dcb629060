"""What the HTTP servers on loopback share: a free port, TLS when wanted, and silence about clients that leave."""

from __future__ import annotations

import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class QuietServer(ThreadingHTTPServer):
    """A client that leaves in the middle, or refuses our certificate, is what many a test wants: nothing is printed."""

    daemon_threads = True
    # The standard library's 5 makes the sixth of a burst of clients wait a second.
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Silent."""


def listen(
    handler: type[BaseHTTPRequestHandler], *, port: int = 0, context: ssl.SSLContext | None = None
) -> QuietServer:
    """A server on 127.0.0.1; the port is free when it is 0.

    Args:
        handler: answers one request.
        port: where, or 0.
        context: the server's TLS side; plain HTTP without one.
    """
    server = QuietServer(("127.0.0.1", port), handler)
    if context:
        # The handshake is each connection's own affair: a client that refuses it must not stop the accepting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server
