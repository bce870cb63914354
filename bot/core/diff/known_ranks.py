"""What the ranks of an answer say while rows are held: the Hub does not count those it lacks."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Container
from decimal import Decimal

from msgspec.structs import replace

from bot.core.board import Row
from bot.core.diff.comparison import Comparison
from bot.core.diff.order import in_order


class Places:
    """Tells whether a row stands where it stood, as far as reported ranks can say.

    The Hub counts the rows that it gives. One that is absent makes the ranks below it smaller by
    one; one that could not be read does not. So what may follow from absences alone is no move.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._held = sorted(row.result.rank for row in comparison.held)
        self._merit = comparison.merit
        self._level = Counter(map(comparison.merit, comparison.held))
        self._spans: dict[Decimal, tuple[int, int]] = {}
        for row in comparison.present:
            rank, merit = row.result.rank, comparison.merit(row)
            first, last = self._spans.get(merit, (rank, rank))
            self._spans[merit] = min(first, rank), max(last, rank)

    def same(self, was: Row, row: Row) -> bool:
        """Tell whether the rank is the one before, but for rows that are held above it."""
        before, now = was.result.rank, row.result.rank
        return now <= before <= now + self._above(before)

    def level(self, was: Row, row: Row) -> bool:
        """Tell whether the rank before is still one of those that the row's score has."""
        before, merit = was.result.rank, self._merit(row)
        first, last = self._spans[merit]
        return first - self._level[merit] <= before <= last + self._above(before)

    def _above(self, rank: int) -> int:
        return bisect_right(self._held, rank)


def known(comparison: Comparison, told: Container[str | None]) -> tuple[Row, ...]:
    """Return the rows after an answer, in order of the ranks that people know.

    That is the reported rank where it was told, or no row is held; else it is the one before.
    """
    if not comparison.held:
        return comparison.after
    rows = [
        row if row.id in told else _known_as(row, comparison.was.get(row.id, row))
        for row in comparison.present
    ]
    return in_order((*rows, *comparison.held))


def _known_as(row: Row, was: Row) -> Row:
    known, reported = was.result.rank, row.result.rank
    if known == reported:
        return row
    return replace(row, result=replace(row.result, rank=known), reported=reported)
