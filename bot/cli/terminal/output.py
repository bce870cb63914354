"""Writing to the terminal: data on standard output, everything else on standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# JSON may hold these as they are; a terminal would obey them.
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

_BREAK = "\x1f"
"""Lets rich end a line here: white space to it, and no column wide. Taken out of what it drew."""
_MAY_BREAK = re.compile(r"(?<=\w)[/_-](?=[^\W\d])|(?<=[^\W\d])[/_-](?=\w)")
"""Within names, not within dates."""

WIDE = 160
"""Columns where no terminal says how many there are: lines stay whole for other programs."""
LEAST = 40
"""Columns that a table takes whatever ``COLUMNS`` says: in fewer it would show nothing."""


def write(text: str) -> None:
    """Write data; a reader that has gone away is no failure."""
    with _whoever_reads():
        sys.stdout.write(_writable(text, sys.stdout))
        sys.stdout.flush()


def write_bytes(data: bytes) -> bool:
    """Write data as it is; False where nobody reads it any more."""
    with _whoever_reads():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return True
    return False


def say(text: str) -> None:
    """Write a line that is no data; where it cannot be written, the work goes on without."""
    with suppress(OSError):
        sys.stderr.write(_writable(f"{text}\n", sys.stderr))
        sys.stderr.flush()


def finish() -> None:
    """Bring out what is still buffered, so that the interpreter's end finds nothing to do."""
    with _whoever_reads():
        sys.stdout.flush()


def write_json(value: Any) -> None:
    """Write one JSON document; in several lines where a person looks on."""
    write_bytes(_json(value) + b"\n")


def write_json_list(pages: Iterable[Iterable[Any]]) -> None:
    """Write one JSON document, a list of what is in the pages: each page as it comes."""
    for chunk in json_list(pages):
        if not write_bytes(chunk):
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


def console(stream: TextIO | None = None) -> Console:
    """Return rich's view of a stream (standard output); colours only for terminals."""
    from rich.console import Console

    stream = stream or sys.stdout
    width = None if stream.isatty() else _columns()
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _columns() -> int:
    said = os.environ.get("COLUMNS", "")
    return max(int(said), LEAST) if said.isdecimal() else WIDE


def show(renderable: RenderableType) -> None:
    """Write what rich can draw."""
    screen = console()
    with screen.capture() as captured:
        screen.print(renderable)
    drawn = captured.get().replace(_BREAK, "")
    write("".join(f"{line.rstrip()}\n" for line in drawn.splitlines()))


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
    head: bool = True,
) -> None:
    """Write a table. Columns in ``right`` are aligned there, those in ``whole`` never broken."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD if head else None,
        show_header=head,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1),
    )
    for name in columns:
        table.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name in whole or name in right,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text(_MAY_BREAK.sub(f"\\g<0>{_BREAK}", cell)) for cell in row))
    show(table)


def when(moment: datetime | None) -> str:
    """Return ``2026-04-27 10:00 UTC``; "" where there is none."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""


def how_long(span: timedelta) -> str:
    """Return the largest whole unit of a span: ``45 s``, ``12 min``, ``3 h``, ``8 d``."""
    seconds = int(abs(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def relative(moment: datetime, now: datetime) -> str:
    """Return ``3 h ago``, ``in 12 min`` or ``now``."""
    if abs(moment - now) < timedelta(seconds=1):
        return "now"
    span = how_long(moment - now)
    return f"in {span}" if moment > now else f"{span} ago"


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _writable(text: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


@contextmanager
def _whoever_reads() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        # What is still to come goes nowhere, and the interpreter's last flush succeeds.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
