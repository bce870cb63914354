"""The Hub that is measured against: fast, of prepared answers, in a process of its own.

    python -m benchmarks.server

Prints its port. It speaks as much HTTP/1.1 as its clients send: GET and POST with a length,
connections kept alive. ``POST /set`` says what it holds, ``GET /counts`` what it was asked; any
other POST is taken as a webhook's.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import time
from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple

from benchmarks.sample import EVAL_YAML, TASK, counted, name, template

JSON = b"application/json; charset=utf-8"
LIMITS = b'RateLimit: "api";r=99000;t=300\r\nRateLimit-Policy: "fixed window";"api";q=100000;w=300'
FASTEST = 1


class Wanted(NamedTuple):
    """What the Hub holds: so many boards of so many rows.

    A ``version`` above 0 changes one board in ``every``; see ``sample``. Without ``etags`` no
    answer has one, and none is 304.
    """

    boards: int = 0
    rows: int = 50
    version: int = 0
    every: int = 20
    turned: bool = False
    followers: int = 0
    etags: bool = True


class Board(NamedTuple):
    """The answers that are prepared for a board."""

    etag: bytes
    whole: bytes
    packed: bytes
    same: bytes


class Hub:
    """Answers requests, and counts them."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.wanted = Wanted()
        self._templates: dict[tuple[int, int, int, bool], bytes] = {}
        self._boards: dict[bytes, Board] = {}
        self._list = _ok(b"[]", JSON)
        self._asked: dict[bytes, float] = {}

    def set(self, wanted: Wanted) -> None:
        """Prepare the answers for all boards."""
        self.wanted = wanted
        self._boards = {}
        known, self._templates = self._templates, {}
        for number in range(wanted.boards):
            version = wanted.version if number % wanted.every == 0 else 0
            key = number, wanted.rows, version, wanted.turned
            self._templates[key] = known.get(key) or template(
                number, wanted.rows, version, turned=wanted.turned
            )
            board = _prepared(counted(self._templates[key], wanted.followers), etag=wanted.etags)
            self._boards[name(number).encode()] = board
        names = [{"id": name(number), "gated": False} for number in range(wanted.boards)]
        self._list = _ok(json.dumps(names).encode(), JSON)

    def answer(self, method: bytes, path: bytes, head: bytes, body: bytes) -> bytes:
        """Return the bytes that answer a request."""
        if path == b"/counts":
            return _ok(json.dumps(self.counts).encode(), JSON)
        if path == b"/set":
            self.set(Wanted(**json.loads(body)))
            self.counts.clear()
            return _ok(b"{}", JSON)
        if method == b"POST":
            self.counts["posts"] += 1
            return _ok(b"ok", b"text/plain")
        self.counts["requests"] += 1
        return self._get(path.partition(b"?")[0], head)

    def _get(self, path: bytes, head: bytes) -> bytes:
        match path.strip(b"/").split(b"/"):
            case [b"api", b"datasets", namespace, bench, b"leaderboard"]:
                self.counts["boards"] += 1
                return self._board(namespace + b"/" + bench, head)
            case [b"datasets", _, _, b"resolve", b"main", b"eval.yaml"]:
                return _ok(EVAL_YAML.encode(), b"text/plain", b'ETag: "%s"' % TASK.encode())
            case [b"api", b"datasets"]:
                return self._list
            case [b"api", b"models", namespace, model]:
                return _ok(b'{"id": "%s/%s"}' % (namespace, model), JSON)
            case _:
                return _answer(b"404 Not Found", b'{"error": "not here"}', JSON)

    def _board(self, repo: bytes, head: bytes) -> bytes:
        board = self._boards.get(repo)
        if board is None:
            return _answer(b"404 Not Found", b"{}", JSON, b"X-Error-Code: RepoNotFound")
        self._note(repo, time.monotonic())
        if board.etag and board.etag in head:
            self.counts["unchanged"] += 1
            return board.same
        return board.packed if b"gzip" in head.lower() else board.whole

    def _note(self, repo: bytes, now: float) -> None:
        """Add up the intervals between two requests for a board, in milliseconds."""
        if repo in self._asked:
            self.counts["intervals"] += 1
            self.counts["interval ms"] += round(1000 * (now - self._asked[repo]))
        self._asked[repo] = now


def _prepared(body: bytes, *, etag: bool) -> Board:
    tag = b'W/"%x-%s"' % (len(body), hashlib.blake2b(body, digest_size=12).hexdigest().encode())
    tags = [LIMITS, b"ETag: " + tag] if etag else [LIMITS]
    packed = gzip.compress(body, FASTEST)
    same = b"HTTP/1.1 304 Not Modified\r\n" + b"\r\n".join(tags) + b"\r\n\r\n"
    return Board(
        etag=tag if etag else b"",
        whole=_ok(body, JSON, *tags),
        packed=_ok(packed, JSON, b"Content-Encoding: gzip", *tags),
        same=same,
    )


def _ok(body: bytes, kind: bytes, *headers: bytes) -> bytes:
    return _answer(b"200 OK", body, kind, *headers)


def _answer(status: bytes, body: bytes, kind: bytes, *headers: bytes) -> bytes:
    lines = [
        b"HTTP/1.1 " + status,
        b"Content-Type: " + kind,
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


class Connection(asyncio.Protocol):
    """Reads requests off one connection and writes the answers, one after another."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._buffer = b""
        self._used: set[bytes] = set()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, rest = self._buffer[:end], self._buffer[end + 4 :]
            length = _length(head)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(head, rest[:length])

    def _answer(self, head: bytes, body: bytes) -> None:
        method, path, _ = head.split(b"\r\n", 1)[0].split(b" ")
        if path not in (b"/counts", b"/set") and method not in self._used:
            self._used.add(method)
            self._hub.counts["connections" if method == b"GET" else "receiver connections"] += 1
        self._transport.write(self._hub.answer(method, path, head, body))


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


async def _serve() -> None:
    hub = Hub()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(hub), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve until stopped, on the first core that there is."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())


if __name__ == "__main__":
    main()
