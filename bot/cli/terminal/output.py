"""Writing to the terminal: data on standard output, everything else on standard error."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bot.core.errors import OutputError
from bot.core.render.clean import writable

# JSON may hold these as they are; a terminal would obey them.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def write(text: str) -> None:
    """Write data; a reader that has gone away is no failure.

    Raises:
        OutputError: it cannot be written.
    """
    with whoever_reads():
        sys.stdout.write(writable(text, sys.stdout.encoding))
        sys.stdout.flush()


def write_bytes(data: bytes) -> bool:
    """Write data as ``write`` does, as it is; False where nobody reads it any more."""
    with whoever_reads():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return True
    return False


def say(text: str) -> None:
    """Write a line that is no data; where it cannot be written, the work goes on without."""
    with suppress(OSError):
        sys.stderr.write(writable(f"{text}\n", sys.stderr.encoding))
        sys.stderr.flush()


def finish() -> None:
    """Bring out what is still buffered, so that the interpreter's end finds nothing to do."""
    with whoever_reads():
        sys.stdout.flush()


def write_json(value: Any) -> None:
    """Write one JSON document; in several lines where a person looks on."""
    write_bytes(_json(value) + b"\n")


def write_json_list(pages: Iterable[Iterable[Any]]) -> None:
    """Write one JSON document, a list of what is in the pages: each page as it comes."""
    write_pages(json_list(pages))


def write_pages(pieces: Iterable[bytes]) -> None:
    """Write the pieces of a document, until nobody reads them any more."""
    for piece in pieces:
        if not write_bytes(piece):
            return


def json_list(pages: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Return the pieces of a JSON document, a list of what is in the pages, an item a line."""
    between = b"["
    for page in pages:
        lines = []
        for item in page:
            lines += [between, b"\n", _json(item)]
            between = b","
        if lines:
            yield b"".join(lines)
    yield b"[]\n" if between == b"[" else b"\n]\n"


def _json(value: Any) -> bytes:
    import msgspec

    from bot.core.events import as_json

    document = as_json(value)
    if sys.stdout.isatty():
        document = msgspec.json.format(document)
    return harmless_json(document)


def harmless_json(document: bytes) -> bytes:
    """Return a JSON document with what a terminal would obey escaped; it reads as before."""
    return _UNSEEN.sub(_escaped, document.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


@contextmanager
def whoever_reads() -> Iterator[None]:
    """End the block, which writes to standard output, where nobody reads that any more.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        yield
    except BrokenPipeError:
        _give_up()
    except OSError as error:
        _give_up()
        raise OutputError(f"standard output cannot be written: {why(error)}") from None


def why(error: OSError) -> str:
    """Return why a stream cannot be written, for people."""
    return "it is closed" if error.errno == errno.EBADF else error.strerror or type(error).__name__


def _give_up() -> None:
    """Let what is still to come go nowhere, so that the interpreter's last flush succeeds."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
