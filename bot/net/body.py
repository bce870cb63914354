"""An answer's bytes, decompressed as they come and never more than fits."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from bot.net.client import Answer
from bot.net.deadline import Deadline
from bot.net.errors import AnswerError, NetError, UnreadableError
from bot.net.failures import LIBRARIES

MAX_WIRE = 16 * 1024 * 1024
"""The most compressed bytes of one answer."""

MAX_BODY = 64 * 1024 * 1024
"""The most bytes of one answer; some 100,000 rows."""

MAX_MEMBERS = 10_000
"""The most members of a gzip file; each costs a moment, however little it holds."""

_BODILESS = (204, 304)
_SHORT = re.compile(r"[0-9]{1,4}")
_STEP = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def read_body(answer: Answer, deadline: Deadline, most: int = MAX_BODY) -> bytes:
    """Return the whole body, decompressed, at most ``most`` bytes; the answer stays open.

    Raises:
        UnreadableError: it is too large, damaged, or compressed in a way that was not asked for.
        AnswerError: the deadline is over. What the libraries raise passes.
    """
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "", "gzip", "x-gzip"):
        raise UnreadableError("the answer is compressed in a way that the bot cannot read")
    compressed = encoding.endswith("gzip")
    cap = min(MAX_WIRE, most) if compressed else most
    _refuse_announced(answer, cap)
    wire = _within(_raw(answer), cap, deadline)
    return _collect(_inflate(wire) if compressed else wire, most)


def read_start(answer: Answer, most: int) -> str:
    """Return the start of the body, as far as it came, and at most ``most`` bytes of it."""
    read = b""
    with suppress(NetError, *LIBRARIES):  # the status is what counts
        for chunk in _raw(answer):
            read += chunk[: most - len(read)]
            if len(read) >= most:
                break
    return read.decode(errors="replace")


def drain(answer: Answer) -> None:
    """Read a short body that nobody needs to its end, so that its connection can be kept.

    Raises:
        StaleError: the answer may be another request's.
    """
    length = answer.headers.get("content-length", "")
    bodiless = answer.status_code in _BODILESS or answer.request.method == "HEAD"
    if not bodiless and not _SHORT.fullmatch(length):
        return
    with suppress(*LIBRARIES):  # the status is known all the same
        for _ in _raw(answer):
            pass


def _refuse_announced(answer: Answer, cap: int) -> None:
    length = answer.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and (len(length) > len(str(cap)) or int(length) > cap):
        raise _too_large(cap)


def _raw(answer: Answer) -> Iterator[bytes]:
    # Its own decoder would inflate a whole chunk at once, and read one member of a gzip file alone.
    assert isinstance(answer.stream, Iterable)
    return iter(answer.stream)


def _within(chunks: Iterable[bytes], cap: int, deadline: Deadline) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        if deadline.left() <= 0:
            raise AnswerError(late=True)
        size += len(chunk)
        if size > cap:
            raise _too_large(cap)
        yield chunk


def _inflate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress a gzip file: one member after the other, with zeros between and behind them."""
    members, inflater = 0, None
    for chunk in chunks:
        rest = chunk if inflater else chunk.lstrip(b"\0")
        while rest:
            if inflater is None:
                inflater = _member(rest, members)
                members += 1
            yield from _steps(inflater, rest)
            rest = b""
            if inflater.eof:
                rest, inflater = inflater.unused_data.lstrip(b"\0"), None
    if inflater or not members:
        raise UnreadableError("the compressed answer is cut off")


def _member(chunk: bytes, before: int) -> zlib._Decompress:
    if not chunk.startswith(b"\x1f") or before >= MAX_MEMBERS:
        raise UnreadableError("the compressed answer is damaged")
    return zlib.decompressobj(_GZIP)


def _steps(inflater: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    # One chunk may hold a thousand times its size: take it in steps, so that the cap can stop it.
    try:
        while chunk:
            yield inflater.decompress(chunk, _STEP)
            chunk = inflater.unconsumed_tail
    except zlib.error as error:
        raise UnreadableError("the compressed answer is damaged") from error


def _collect(pieces: Iterable[bytes], most: int) -> bytes:
    # BytesIO hands its buffer over without a copy, which joining a list would make.
    body = io.BytesIO()
    for piece in pieces:
        if body.tell() + len(piece) > most:
            raise _too_large(most)
        body.write(piece)
    return body.getvalue()


def _too_large(cap: int) -> UnreadableError:
    return UnreadableError(f"the answer is larger than {cap // 1024 // 1024} MB")
