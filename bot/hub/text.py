"""The bytes of an answer made fit for a strict JSON reader."""

from __future__ import annotations

import codecs
import re

from bot.core.errors import ParseError

_CHUNK = 1024 * 1024

# Every escape is matched in turn, so that the u of an escaped backslash ("\\u0000") is left alone.
_ESCAPE = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<bad>u[dD][89a-fA-F][0-9a-fA-F]{2}|u0000)|.)",
    re.DOTALL,
)
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")


def readable(body: bytes) -> bytes:
    """Return the body without byte order mark, NULs and surrogates that stand alone.

    No database takes those two, and strangers may send them.

    Raises:
        ParseError: it is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), _CHUNK):
            decoder.decode(body[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise ParseError("the answer is not UTF-8 text") from None
    body = body.removeprefix(codecs.BOM_UTF8)
    if b"\0" in body:
        raise ParseError("the answer is not UTF-8 text")
    if _SUSPECT.search(body):
        body = _ESCAPE.sub(_kept, body)
    return body


def _kept(escape: re.Match[bytes]) -> bytes:
    return b"" if escape["bad"] else escape[0]
