"""Where held rows stand among the others: a row that is missing keeps its place for a while."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import accumulate, groupby
from math import inf
from typing import TypeVar

from msgspec.structs import replace

from bot.core.board import Result, Row
from bot.core.diff.order import merit, sort_key

Value = TypeVar("Value", float, tuple[Decimal, float])
Results = Mapping[str, Result]


def place(
    present: Iterable[Row],
    held: Iterable[Row],
    before: Results,
    *,
    higher_is_better: bool,
    malformed: int = 0,
) -> list[Row]:
    """Return all rows with the ranks they have while ``held`` rows keep their places.

    ``present`` carry reported ranks; a rank is that one, plus one for every held row above. For
    as many rows as were ``malformed`` the Hub may have left room in its ranks: a gap above a row
    makes one held row less to count. ``before`` knows the results before by row id.

    A held row stays below what stood above it, as long as that row's score is the same; to other
    rows its score decides, and among level ones it stands above new ones.
    """
    waiting = sorted(held, key=lambda row: sort_key(row.result))
    if not waiting:
        return list(present)
    groups = [(rank, list(rows)) for rank, rows in groupby(sorted(present, key=_rank), key=_rank)]
    ordered = [rows for _, rows in groups]
    depths = _depths(ordered, waiting, before, higher_is_better=higher_is_better)
    ladder = _Ladder()
    done = seen = 0
    for index, (rank, rows) in enumerate(groups):
        through = bisect_right(depths, index)
        here = rank + through - min(through, malformed, max(rank - 1 - seen, 0))
        ladder.insert(waiting[done:through], here)
        ladder.append(rows, here, before)
        done, seen = through, seen + len(rows)
    ladder.insert(waiting[done:], max(ladder.last, seen + done) + len(waiting) - done + 1)
    return ladder.rows


class _Ladder:
    """Rows as they come to their places, from the top; ``last`` is the rank of the lowest."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.last = 0
        self._was: set[int] = set()

    def append(self, rows: Iterable[Row], rank: int, before: Results) -> None:
        """Add rows at a rank."""
        self.rows += [_moved(row, rank) for row in rows]
        self.last = rank
        self._was = {before[row.id].rank for row in rows if _unchanged(row, before)}

    def insert(self, held: Sequence[Row], following: int) -> None:
        """Add held rows above the rank that follows, each as near to its own as there is room."""
        for left, row in zip(range(len(held), 0, -1), held, strict=True):
            was = row.result.rank
            if was not in self._was:  # else they shared a rank, and still do
                self.last = max(self.last + 1, min(was, following - left))
            self._was = {was}
            self.rows.append(_moved(row, self.last))


def _depths(
    groups: Sequence[Sequence[Row]],
    held: Sequence[Row],
    before: Results,
    *,
    higher_is_better: bool,
) -> list[int]:
    """Return how many groups stand above each held row; never fewer than above the one before."""

    def key(row: Row) -> tuple[Decimal, float]:
        better = merit(row.result.score, higher_is_better=higher_is_better)
        return better, before[row.id].rank if row.id in before else inf

    ranks, keys = [], []
    for rows in groups:
        same = [row for row in rows if _unchanged(row, before)]
        moved = [row for row in rows if not _unchanged(row, before)]
        ranks.append(min((before[row.id].rank for row in same), default=inf))
        keys.append(min(map(key, moved), default=(Decimal("inf"), inf)))
    ranks, keys = _least(ranks), _least(keys)
    depths = (max(bisect_right(ranks, _rank(h)), bisect_left(keys, key(h))) for h in held)
    return list(accumulate(depths, max))


def _least(values: Sequence[Value]) -> list[Value]:
    """Return the least of each value and all that follow it."""
    return list(accumulate(reversed(values), min))[::-1]


def _unchanged(row: Row, before: Results) -> bool:
    return row.id in before and before[row.id].score == row.result.score


def _rank(row: Row) -> int:
    return row.result.rank


def _moved(row: Row, rank: int) -> Row:
    return row if rank == row.result.rank else replace(row, result=replace(row.result, rank=rank))
