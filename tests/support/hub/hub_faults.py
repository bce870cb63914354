"""What a Hub can answer at its worst: a table of cases, each a script for a raw server.

A case answers for one board that has been well until then. Its ``outcome`` is what a poll may
make of it; whatever that is, nothing is told.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from tests.support.hub.fake_hub import board
from tests.support.servers import Script, answer, drip

FAILS = "the poll fails, the board stays as it was"
HELD = "the answer is taken, what cannot be read of it is held"
FINE = "the answer is as good as any"

ROWS = board(*((f"org/m{n}", 90 - n) for n in range(4)), filename=".eval_results/é.yaml")
GOOD = json.dumps(ROWS, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Case:
    """What the Hub does to one board, poll after poll; twice would confirm a removal."""

    name: str
    scripts: tuple[Script, ...]
    outcome: str = FAILS

    @property
    def tried(self) -> int:
        """How many different answers it is."""
        return len(set(self.scripts))


def one(name: str, script: Script, outcome: str = FAILS, times: int = 2) -> Case:
    """Make a case of one script."""
    return Case(name, (script,) * times, outcome)


def says(raw: bytes, *, close: bool = True) -> Script:
    """Send these bytes, and hang up unless told otherwise."""

    def script(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(raw)
        if close:
            connection.shutdown(socket.SHUT_RDWR)

    return script


def resets(raw: bytes) -> Script:
    """Send these bytes, and reset the connection."""

    def script(connection: socket.socket, _head: bytes, _stop: Event) -> None:
        connection.sendall(raw)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return script


def waits(raw: bytes) -> Script:
    """Send these bytes, then nothing more."""

    def script(connection: socket.socket, _head: bytes, stop: Event) -> None:
        connection.sendall(raw)
        stop.wait()

    return script


def floods(raw: bytes, again: bytes) -> Script:
    """Send these bytes, then others again and again, a hundred times a second."""

    def script(connection: socket.socket, _head: bytes, stop: Event) -> None:
        connection.sendall(raw)
        while not stop.wait(0.01):
            connection.sendall(again)

    return script


def drips(raw: bytes) -> Script:
    """Send these bytes, one every 20 ms, and the last one again and again."""
    return lambda connection, _head, stop: drip(connection, raw, stop)


def _body(name: str, body: bytes, outcome: str = FAILS, times: int = 2) -> Case:
    return one(name, says(answer(body), close=False), outcome, times)


def _json(name: str, value: Any, outcome: str = FAILS, times: int = 2) -> Case:
    return _body(name, json.dumps(value).encode(), outcome, times)


def _with(raw: str | None = None, **fields: Any) -> Script:
    """Answer well but for these fields of one row; ``raw`` is put where they hold ``RAW``."""
    text = json.dumps([*ROWS[:2], ROWS[2] | fields, *ROWS[3:]])
    body = (text if raw is None else text.replace('"RAW"', raw)).encode()
    return says(answer(body), close=False)


# --- whole answers -------------------------------------------------------------------------------

HTML = b"<!doctype html><title>Sign in</title><p>Welcome"
DEEP = b"[" * 100_000


def answers() -> list[Case]:
    """Bodies that are no leaderboard, or one in disguise."""
    text = GOOD.decode()
    no = {
        "HTML": HTML,
        "HTML in a list": b"[" + HTML + b"]",
        "empty": b"",
        "blank": b" \r\n\t ",
        "half": GOOD[: len(GOOD) // 2],
        "trailing comma": GOOD[:-1] + b",]",
        "trailing text": GOOD + b"x",
        "twice": GOOD + GOOD,
        "JSON lines": b"\n".join(json.dumps(row).encode() for row in ROWS),
        "single quotes": text.replace('"', "'").encode(),
        "a comment": b"/* rows */" + GOOD,
        "NaN alone": b"NaN",
        "NaN and cut": b"[NaN," + GOOD[1:-1],
        "1e999 alone": b"1e999",
        "nested lists": DEEP,
        "nested and closed": DEEP + b"]" * 100_000,
        "nested objects": b'{"a":' * 100_000,
        "NaN and nested": b"[NaN," + DEEP,
        "UTF-16": text.encode("utf-16"),
        "UTF-16 without a mark": text.encode("utf-16-le"),
        "UTF-32": text.encode("utf-32"),
        "latin-1": text.encode("latin-1"),
        "cp1252 quotes": GOOD.replace(b"org", b"\x93rg"),
        "overlong UTF-8": GOOD.replace(b"org", b"\xc0\xafrg"),
        "a raw lone surrogate": GOOD.replace(b"org", b"\xed\xa0\x80rg"),
        "raw NULs": GOOD.replace(b"org", b"o\0g"),
        "NULs alone": bytes(10_000),
        "random bytes": bytes(range(256)) * 40,
        "20,000 junk rows": b"[" + b"0," * 20_000 + GOOD[1:],
        "a million empty rows": b"[" + b"{}," * 1_000_000 + GOOD[1:],
        "too many values": b"[" + b"0," * 4_000_000 + GOOD[1:],
        "a row without end": b'[{"modelId": "' + b"x" * 2_000_000 + b'"}]',
    }
    values: dict[str, Any] = {
        "{}": {},
        "an error": {"error": "x"},
        "null": None,
        "true": True,
        "7": 7,
        '"x"': "x",
    }
    values |= {"[null]": [None], "[[]]": [[]], "[{}]": [{}], "numbers": [1, 2], "texts": ["x"]}
    values |= {"rows in an object": {"rows": ROWS}, "rows in a list": [ROWS]}
    values |= {"columns": {key: [row.get(key) for row in ROWS] for key in ROWS[0]}}
    return [
        *(_body(name, body) for name, body in no.items()),
        *(_json(name, value) for name, value in values.items()),
        _json("[] once", [], times=1),
        _json("[]", []),
        _json("a quarter of the rows once", ROWS[:1], FINE, times=1),
        _body("a byte order mark", b"\xef\xbb\xbf" + GOOD, FINE),
        _json("every row twice", ROWS + ROWS, FINE),
        _json("rows in another order", ROWS[::-1], FINE),
        _json("8,000 rows, most of them again", ROWS * 2_000, FINE),
        _json("good rows and junk", [*ROWS[:3], *[None, 7, "x", [], {}] * 100], HELD),
    ]


# --- fields --------------------------------------------------------------------------------------

_TEXTS: tuple[Any, ...] = (True, 7, -1.5, [], {}, [[]], {"a": 1})
_COUNTS: tuple[Any, ...] = (True, "1", "", 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, [], {})
_WRONG: dict[str, tuple[Any, ...]] = {
    "rank": (None, *_COUNTS),
    "modelId": (None, "", " ", "a\nb", "\x7f", "o/" + "x" * 5_000, "o/" + "é" * 100_000, *_TEXTS),
    "value": (None, True, "76.4", "", [], {}, [1], 10**400),
}
_UNKNOWN: dict[str, tuple[Any, ...]] = {
    "verified": (None, 0, 1, "true", "", [], {}),
    "pullRequest": tuple(value for value in _COUNTS if value != "1" or value is True),
    "notes": (None, "", " ", [], {}, [[]], {"a": 1}),
    "num_parameters": (None, *_COUNTS),
    "lower_is_better": (None, 0, "true", [], {}),
    "author": (None, True, 7, "x", []),
}
"""Decorations of a wrong type: what they say is unknown, and the row is as it was."""

_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5_000, "1e99999999999")
_ENDLESS = ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e99999999999")
_ODD: tuple[Any, ...] = (
    None,
    True,
    2**64,
    -(2**64),
    10**400,
    1e308,
    "\0",
    "\ud800",
    "\udc00x",
    "x" * 50_000,
    [[]],
)


def fields() -> list[Case]:
    """One row of four holds something that cannot be; each field's values come in turn."""
    scripts = {
        field: [_with(**{field: value}) for value in values] for field, values in _WRONG.items()
    }
    for field in ("rank", "value"):
        scripts[field] += [_with(number, **{field: "RAW"}) for number in _NUMBERS]
    scripts["another"] = [
        _with("[" * 500 + "]" * 500, another="RAW"),
        _with(another="x" * 1_100_000),
    ]
    odd = [_with(another=value) for value in _ODD]
    odd += [_with(modelId=name) for name in ("org/\ud800m2", "org/m2\udfff", "org/m2\0")]
    odd += [_with("88.0", value="RAW"), _with('1, "rank": 3', rank="RAW")]
    return [
        *(Case(f"wrong {field}", tuple(wrong), HELD) for field, wrong in scripts.items()),
        *(
            Case(f"odd {field}", tuple(_with(**{field: value}) for value in values), FINE)
            for field, values in _UNKNOWN.items()
        ),
        Case(
            "numbers without end",
            tuple(_with(number, num_parameters="RAW") for number in _ENDLESS),
            FINE,
        ),
        Case("odd, but readable", tuple(odd), FINE),
        one("a bottomless field", _with("[" * 50_000 + "]" * 50_000, another="RAW")),
    ]


# --- refusals and redirects ----------------------------------------------------------------------

_STATUSES = (
    "101 204 206 300 301 302 304 305 400 401 402 403 404 405 406 408 410 418 421 425 429 431 451"
    " 500 501 502 503 504 507 508 511 520 524 529 599 600 999"
)


def refusals() -> list[Case]:
    """Every status that is not 200, good rows or HTML beneath it, and redirects that end there."""
    return [
        *(one(s, says(answer(GOOD, f"{s} No"), close=False)) for s in _STATUSES.split()),
        *(one(f"{s} in HTML", says(answer(HTML, f"{s} No"))) for s in ("401", "429", "503")),
        one("a refusal without end", says(b"HTTP/1.1 502 No\r\n\r\n" + bytes(500_000))),
        one("100 and an answer", says(b"HTTP/1.1 100 Continue\r\n\r\n" + answer(GOOD)), FINE),
    ]


def redirects(elsewhere: str) -> list[Case]:
    """Redirects in circles, or to other addresses; ``elsewhere`` is a server on loopback."""
    targets = {
        "another port": elsewhere + "/api/datasets/worst/c/leaderboard",
        "another scheme": elsewhere.replace("http", "https"),
        "another host": "http://example.invalid/api/datasets/worst/c/leaderboard",
        "no scheme": elsewhere.removeprefix("http:") + "/api/datasets/worst/c/leaderboard",
        "the cloud's secrets": "http://169.254.169.254/latest/meta-data/",
        "a private address": "http://10.0.0.1/api/datasets/worst/c/leaderboard",
        "loopback as IPv6": "http://[::1]/api/datasets/worst/c/leaderboard",
        "loopback as a number": "http://2130706433/",
        "a file": "file:///etc/passwd",
        "a script": "javascript:alert(1)",
        "data": "data:application/json,[]",
        "a name in the address": elsewhere.replace("//", "//user:pass@"),
        "a page": "/login",
        "a broken address": "http://[",
        "a broken port": "http://127.0.0.1:99999/",
        "nothing": "",
        "a long address": "/" + "x" * 60_000,
    }
    return [
        *(one(f"to {name}", _redirect(target)) for name, target in targets.items()),
        one("to itself", _circle),
        *(
            one(f"{status} to another port", _redirect(targets["another port"], status))
            for status in (301, 303, 307, 308)
        ),
    ]


def _redirect(target: str, status: int = 302) -> Script:
    return says(answer(b"", f"{status} Found", f"Location: {target}\r\n"), close=False)


def _circle(connection: socket.socket, head: bytes, _stop: Event) -> None:
    path = head.split()[1].decode()
    connection.sendall(answer(b"", "302 Found", f"Location: {path}\r\n"))


# --- the wire ------------------------------------------------------------------------------------


def _gzip(body: bytes) -> bytes:
    return answer(body, headers="Content-Encoding: gzip\r\n")


def _headers(text: str, body: bytes = GOOD) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{text}\r\n".encode("latin-1") + body


def _bomb(start: bytes, piece: bytes, pieces: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    packed = [packer.compress(start), *(packer.compress(piece) for _ in range(pieces))]
    return b"".join(packed) + packer.flush()


def wires() -> list[Case]:
    """Answers that are no HTTP, or compressed as they should not be."""
    packed, size = gzip.compress(GOOD), len(GOOD)
    chunked = "Transfer-Encoding: chunked\r\n"
    no = {
        "nothing": b"",
        "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
        "rows alone": GOOD,
        "HTTP/2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
        "TLS": b"\x15\x03\x01\x00\x02\x02\x28",
        "ICY": b"ICY 200 OK\r\n\r\n" + GOOD,
        "a status that is none": b"HTTP/1.1 OK\r\n\r\n" + GOOD,
        "a header without a name": _headers(": x\r\n"),
        "a header without a colon": _headers("x\r\n"),
        "a header without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000,
        "headers without number": b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 100_000,
        "two lengths": _headers(f"Content-Length: {size}\r\nContent-Length: 3\r\n"),
        "a negative length": _headers("Content-Length: -1\r\n"),
        "a length in words": _headers("Content-Length: many\r\n"),
        "a length that is short": _headers(f"Content-Length: {size - 9}\r\n"),
        "a length that is long": _headers(f"Content-Length: {size + 9}\r\n"),
        "a length beyond measure": _headers(f"Content-Length: {10**18}\r\n"),
        "chunks that are none": _headers(chunked),
        "a chunk beyond measure": _headers(chunked, b"f" * 15 + b"\r\n" + GOOD),
        "a negative chunk": _headers(chunked, b"-5\r\n" + GOOD),
        "brotli": answer(GOOD, headers="Content-Encoding: br\r\n"),
        "deflate": answer(zlib.compress(GOOD), headers="Content-Encoding: deflate\r\n"),
        "plain as gzip": _gzip(GOOD),
        "gzip of nothing": _gzip(b""),
        "gzip of gzip": _gzip(gzip.compress(packed)),
        "gzip cut": _gzip(packed[:-12]),
        "gzip without its end": _gzip(packed[:-4]),
        "gzip with a wrong sum": _gzip(packed[:-8] + bytes(4) + packed[-4:]),
        "gzip with a bit turned": _gzip(packed[:40] + bytes([packed[40] ^ 8]) + packed[41:]),
        "gzip and more": _gzip(packed + b"more"),
        "gzip twice": _gzip(packed + packed),
        "gzip unannounced": answer(packed),
    }
    bombs = {
        "a bomb of zeros": _gzip(_bomb(b"", bytes(10**6), 80)),
        "a bomb of blanks": _gzip(_bomb(b"[", b" " * 10**6, 80)),
        "a bomb of rows": _gzip(_bomb(b"[", b"{}," * 10**6, 12)),
        "a bomb of text": _gzip(_bomb(b'[{"modelId": "', b"x" * 10**6, 80)),
    }
    fine = {
        "gzip": _gzip(packed),
        "no length": _headers(""),
        "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\n" + GOOD,
        "chunks of a byte": _headers(chunked, _chunks(GOOD, 1)),
        "a wrong type": answer(GOOD, headers="Content-Type: text/html; charset=utf-16\r\n"),
    }
    return [
        *(one(name, says(raw)) for name, raw in no.items()),
        *(one(f"{name} and a reset", resets(no[name])) for name in ("nothing", "no HTTP")),
        *(one(name, says(raw), times=1) for name, raw in bombs.items()),
        *(one(name, says(raw), FINE) for name, raw in fine.items()),
    ]


def _chunks(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


CUTS_A_CASE = 6
"""Boards side by side cost less than the same answers one after another."""


def _some(at: range) -> list[range]:
    return [at[first : first + CUTS_A_CASE] for first in range(0, len(at), CUTS_A_CASE)]


def cuts(step: int) -> list[Case]:
    """Good answers that end at every ``step``-th byte, in each way to frame and to end them."""
    framed = {
        "of known length": answer(GOOD),
        "until the end": _headers(""),
        "in chunks": _headers("Transfer-Encoding: chunked\r\n", _chunks(GOOD, 300)),
        "compressed": _gzip(gzip.compress(GOOD)),
    }
    ends: dict[str, Callable[[bytes], Script]] = {"closed": says, "reset": resets}
    return [
        Case(f"an answer {frame} {end} at {at[0]} to {at[-1]}", tuple(script(raw[:n]) for n in at))
        for frame, raw in framed.items()
        for end, script in ends.items()
        for at in _some(range(0, len(raw), step))
    ]


# --- time ----------------------------------------------------------------------------------------


def stalls() -> list[Case]:
    """Answers that never end."""
    good, ok = answer(GOOD), b"HTTP/1.1 200 OK\r\n"
    chunked = ok + b"Transfer-Encoding: chunked\r\n\r\n"
    endless = {
        "silence": waits(b""),
        "silence after half a status": waits(b"HTTP/1.1 2"),
        "silence in the headers": waits(ok),
        "silence after the headers": waits(good[: good.index(b"[")]),
        "silence in the middle": waits(good[: len(good) // 2]),
        "silence before the last byte": waits(good[:-1]),
        "silence without a length": waits(ok + b"\r\n" + GOOD),
        "silence before the last chunk": waits(chunked + _chunks(GOOD, 99)[:-5]),
        "silence in gzip": waits(_gzip(gzip.compress(GOOD))[:-3]),
        "dripping all along": drips(good),
        "dripping headers": drips(ok + b"X: x"),
        "dripping blanks": drips(ok + b"\r\n "),
        "100 without end": floods(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        "chunks without end": floods(chunked, b"1\r\n \r\n"),
        "blanks without end": floods(ok + b"\r\n", b" " * 100),
    }
    return [one(name, script, times=1) for name, script in endless.items()]
