"""Tables, and the times in them, for people."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, TextIO

from bot.cli.terminal.output import whoever_reads, write

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

_BREAK = "\x1f"
"""Lets rich end a line here: white space to it, and no column wide. Taken out of what it drew."""
_MAY_BREAK = re.compile(r"(?<=\w)[/_-](?=[^\W\d])|(?<=[^\W\d])[/_-](?=\w)")
"""Within names, not within dates."""

WIDE = 160
"""Columns where no terminal says how many there are: lines stay whole for other programs."""
LONGEST_WORD = 24
"""Columns from which on a word may be broken: one that strangers wrote makes no table a list."""
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


def show_line(text: str) -> None:
    """Write a line; where it is too long for the screen, it goes on in the next one."""
    from rich.text import Text

    show(Text(_breakable(text), overflow="fold"))


def show_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
    head: bool = True,
) -> None:
    """Write a table. Columns in ``right`` are aligned there, those in ``whole`` never broken.

    Where words would have to be broken, each row is written as a list of its cells instead.
    """
    cells = [[_breakable(cell) for cell in row] for row in rows]
    least = [
        _least_width([name, *found], whole=name in whole or name in right)
        for name, found in zip(columns, zip(*cells, strict=True), strict=bool(cells))
    ]
    if sum(least) + _BETWEEN * (len(least) - 1) > console().width:
        _show_lists(columns, cells)
        return
    table = _table(head=head)
    for number, name in enumerate(columns):
        table.add_column(
            name,
            justify="right" if name in right else "left",
            no_wrap=name in whole or name in right,
            overflow="fold",
            min_width=least[number] if least else None,
        )
    _fill(table, cells)
    show(table)


def _show_lists(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write each row as a list of its cells, below each other; empty ones are left out."""
    for number, row in enumerate(rows):
        table = _table(head=False)
        named = any(columns)
        if named:
            table.add_column("", no_wrap=True)
        table.add_column("", overflow="fold")
        lines = [(name, cell) for name, cell in zip(columns, row, strict=True) if cell]
        if number:
            write("\n")
        _fill(table, lines if named else [line[1:] for line in lines])
        show(table)


_BETWEEN = 3
"""Columns between two of a table's."""


def _table(*, head: bool) -> Table:
    from rich import box
    from rich.table import Table

    return Table(
        box=box.SIMPLE_HEAD if head else None,
        show_header=head,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1),
    )


def _fill(table: Table, rows: Iterable[Sequence[str]]) -> None:
    from rich.text import Text

    for row in rows:
        table.add_row(*map(Text, row))


def _breakable(text: str) -> str:
    """Return a text that may be broken at the joints of its names."""
    return _MAY_BREAK.sub(f"\\g<0>{_BREAK}", text)


def _least_width(cells: Iterable[str], *, whole: bool) -> int:
    """Return how wide a column is in which no word is broken, but for very long ones."""
    from rich.cells import cell_len

    pieces = chain(*(cell.split("\n") if whole else cell.split() for cell in cells))
    widest = max((cell_len(piece.replace(_BREAK, "")) for piece in pieces), default=0)
    return widest if whole else min(widest, LONGEST_WORD)


def when(moment: datetime | None) -> str:
    """Return ``2026-04-27 10:00 UTC``; "" where there is none."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if moment else ""
