"""A server on loopback that remembers what it is sent and answers as a test tells it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """``then`` is what follows the answer's bytes: they may be all, or the server may hang."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)
    then: str = "end"  # or "hang up first", "hang", "drip"


Respond = Callable[[Received], Answer]


class Receiver:
    """A server for the length of a ``with``; ``received`` are its requests, in order."""

    def __init__(
        self, *answers: Answer, respond: Respond | None = None, tls: SSLContext | None = None
    ) -> None:
        left = list(answers) or [Answer()]
        self.received: list[Received] = []
        self.closing = threading.Event()
        self.respond: Respond = respond or (lambda _: left.pop(0) if len(left) > 1 else left[0])
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self})
        )
        self._server.daemon_threads = True
        self._server.block_on_close = False
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        request = Received(self.path, headers, self.rfile.read(length))
        self.receiver.received.append(request)
        self.close_connection = True
        self.answer(self.receiver.respond(request))

    def do_GET(self) -> None:
        self.do_POST()

    def answer(self, answer: Answer) -> None:
        if answer.then == "hang":
            self.receiver.closing.wait(30)
        if answer.then in ("hang", "hang up first"):
            return
        self.send_response(answer.status)
        for key, value in answer.headers.items():
            self.send_header(key, value)
        if answer.then == "drip":
            self.end_headers()
            self.drip()
            return
        self.send_header("content-length", str(len(answer.body)))
        self.send_header("connection", "close")
        self.end_headers()
        with suppress(OSError):  # the client may have had enough
            self.wfile.write(answer.body)

    def drip(self) -> None:
        with suppress(OSError):
            while not self.receiver.closing.wait(0.02):
                self.wfile.write(b".")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
