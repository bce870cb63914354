"""Connections that the next post may take over: few, not for long, nothing left on them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # heavy: loaded at the first send
    import httpcore

    from bot.channels.connection import TimedStream

IDLE = timedelta(seconds=4)
"""Servers close what is idle, often after 5 s; a post that meets that moment would be in doubt."""

MOST = 8
"""As many as channels are served at once; the oldest goes first."""


class Connections:
    """Keeps connections by what they are for; safe to use from several threads.

    What is taken is the taker's alone: it is given back with ``keep``, or closed.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()
        self._kept: dict[Hashable, tuple[TimedStream, float]] = {}
        weakref.finalize(self, _close_all, self._kept)

    def take(self, key: Hashable) -> TimedStream | None:
        """Return a connection that was kept, if it is of use; close what is not."""
        with self._lock:
            self._sweep()
            stream, _ = self._kept.pop(key, (None, 0.0))
        if stream is None or not _is_silent(stream):
            _close(stream)
            return None
        return stream

    def keep(self, key: Hashable, stream: TimedStream) -> None:
        """Keep a connection whose answer was read to its end and not a byte further."""
        with self._lock:
            before, _ = self._kept.pop(key, (None, 0.0))
            self._kept[key] = (stream, self._monotonic())
            self._sweep()
        _close(before)

    def _sweep(self) -> None:
        since = self._monotonic() - IDLE.total_seconds()
        for key, (stream, kept_at) in list(self._kept.items()):
            if kept_at < since or len(self._kept) > MOST:
                del self._kept[key]
                _close(stream)


def _close_all(kept: dict[Hashable, tuple[TimedStream, float]]) -> None:
    for stream, _ in kept.values():
        _close(stream)


def _close(stream: TimedStream | None) -> None:
    if stream is not None:
        stream.close()


def _is_silent(stream: TimedStream) -> bool:
    """Tell whether the other side has neither closed nor said anything that nobody asked for."""
    decrypted = stream.get_extra_info("ssl_object")
    return not stream.get_extra_info("is_readable") and not (decrypted and decrypted.pending())


def ends_with_its_answer(received: bytes, response: httpcore.Response) -> bool:
    """Tell whether what was received is one answer, its length told by itself, and nothing else."""
    head, _, body = received.partition(b"\r\n\r\n")
    if head[9:10] == b"1":  # another follows
        return False
    headers = {key.lower(): value for key, value in response.headers}
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return _chunked_length(body) == len(body)
    if response.status in (204, 304):
        return not body
    length = headers.get(b"content-length", b"")
    return length.isdigit() and int(length) == len(body)


def _chunked_length(body: bytes) -> int:
    """Return how long a chunked body is; -1 where it has trailers, or is none."""
    place = 0
    while (end := body.find(b"\r\n", place)) >= 0:
        try:
            size = int(body[place:end].partition(b";")[0], 16)
        except ValueError:
            return -1
        place = end + 2 + size + 2
        if size == 0:
            return place if body[end:place] == b"\r\n\r\n" else -1
    return -1
