"""Tables, and the times in them, for people."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TextIO

from bot.cli.terminal.output import whoever_reads, write

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_BREAK = "\x1f"
"""Lets rich end a line here: white space to it, and no column wide. Taken out of what it drew."""
_MAY_BREAK = re.compile(r"(?<=\w)[/_-](?=[^\W\d])|(?<=[^\W\d])[/_-](?=\w)")
"""Within names, not within dates."""

WIDE = 160
"""Columns where no terminal says how many there are: lines stay whole for other programs."""
LEAST = 40
"""Columns that a table takes whatever ``COLUMNS`` says: in fewer it would show nothing."""


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
    with whoever_reads():  # rich flushes it, captured or not
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
