"""A line of the file with a mark under what is meant, and what to do below, as compilers do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from msgspec import Struct

from bot.config.problems.places import Span
from bot.core.secret import HIDDEN

WIDTH = 72
"""Columns of a line that are shown, so that it fits a terminal beside its number."""

_BEFORE = 24
"""Columns that are shown before the mark, of a line that is longer."""

_CUT = "…"


class _Piece(Struct, frozen=True):
    """What is shown of a part of the text, and whether it is marked."""

    shown: str
    marked: bool

    @property
    def width(self) -> int:
        return sum(map(_columns, self.shown))


def line_of(text: str, place: int) -> tuple[int, int]:
    """Return the line and the column of a place, both from 1."""
    start = text.rfind("\n", 0, place) + 1
    return text.count("\n", 0, place) + 1, place - start + 1


def whole_line(text: str, place: int) -> Span:
    """Return where the line of a place begins and ends."""
    end = text.find("\n", place)
    return text.rfind("\n", 0, place) + 1, len(text) if end < 0 else end


def excerpt(text: str, mark: Span, line: Span, hidden: Iterable[Span], advice: str) -> str:
    """Return a line with its number, the mark below it, and the advice; ``hidden`` is not shown."""
    pieces = _window(list(_pieces(text, mark, line, sorted(hidden))))
    first = next((n for n, piece in enumerate(pieces) if piece.marked), len(pieces))
    before = sum(piece.width for piece in pieces[:first])
    marked = sum(piece.width for piece in pieces if piece.marked) or 1
    number = str(line_of(text, line[0])[0])
    shown = "".join(piece.shown for piece in pieces)
    bar = " " * len(number)
    lines = [f"{bar} |", f"{number} | {shown}".rstrip(), f"{bar} | {' ' * before}{'^' * marked}"]
    return "\n".join([*lines, *([f"{bar} = {advice}"] if advice else [])])


def _pieces(text: str, mark: Span, line: Span, hidden: list[Span]) -> Iterator[_Piece]:
    place, end = line
    while place < end:
        span = next((one for one in hidden if one[0] <= place < one[1]), (place, place + 1))
        stop = min(span[1], end)
        marked = mark[0] < stop and place < mark[1]
        is_hidden = stop > place + 1 or span in hidden
        yield _Piece(HIDDEN if is_hidden else _seen(text[place]), marked)
        place = stop


def _window(pieces: list[_Piece]) -> list[_Piece]:
    """Return what fits of a long line, from a little before the mark on."""
    if sum(piece.width for piece in pieces) <= WIDTH:
        return pieces
    first = next((n for n, piece in enumerate(pieces) if piece.marked), len(pieces))
    start = max(0, first - _BEFORE)
    kept = [_Piece(_CUT, marked=False)] if start else []
    room = WIDTH - 2
    for piece in pieces[start:]:
        room -= piece.width
        if room < 0:
            return [*kept, _Piece(_CUT, marked=False)]
        kept.append(piece)
    return kept


def _seen(char: str) -> str:
    if char == "\t":
        return " "
    return (
        char
        if char.isprintable() or unicodedata.category(char) == "Cf"
        else "\N{REPLACEMENT CHARACTER}"
    )


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
