"""A board before and after an answer, side by side."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

from msgspec import Struct

from bot.core.board import Row
from bot.core.diff.order import in_order, leader, merit
from bot.core.diff.variants import variants


class Comparison(Struct, frozen=True, kw_only=True, dict=True):
    """The rows before, and what became of them.

    ``present`` rows are in the answer, with the ranks that it reports. ``held`` ones are not, and
    ``removed`` ones neither, but of these that is confirmed; both have the ranks that people
    know, as the rows before have. ``returned`` are the ids of present rows that were told as
    removed. ``led`` is the id of the row that led before.
    """

    before: Sequence[Row]
    present: Sequence[Row]
    held: Sequence[Row]
    removed: Sequence[Row]
    returned: frozenset[str]
    led: str | None
    higher_is_better: bool

    @cached_property
    def was(self) -> dict[str, Row]:
        """The rows before, by id."""
        return {row.id: row for row in self.before}

    @cached_property
    def after(self) -> tuple[Row, ...]:
        """The rows of the board after: those that are present or held."""
        return in_order((*self.present, *self.held))

    @cached_property
    def stayed(self) -> Sequence[tuple[Row, Row]]:
        """The rows of the board before and after, as they were and as they are."""
        return [(self.was[row.id], row) for row in self.after if row.id in self.was]

    @cached_property
    def arrived(self) -> Sequence[Row]:
        """The rows that were not there before."""
        return [row for row in self.present if row.id not in self.was]

    @cached_property
    def variants(self) -> dict[str, str | None]:
        """Each row's variant by id: as it is after, and for removed rows as it was."""
        return {**variants(self.before), **variants(self.after)}

    @cached_property
    def leader(self) -> Row | None:
        """The row that leads after."""
        return leader(self.after, self.led, higher_is_better=self.higher_is_better)

    @cached_property
    def margin(self) -> Decimal | None:
        """How far the leader is ahead of the second; null where it is alone."""
        first = self.leader
        others = [self.merit(row) for row in self.after if first and row.id != first.id]
        return min(others) - self.merit(first) if first and others else None

    def merit(self, row: Row) -> Decimal:
        """Return a key by which better rows sort first, and level ones are equal."""
        return merit(row.result.score, higher_is_better=self.higher_is_better)

    def pushed_down(self, row: Row) -> int:
        """Return how many rows that stayed stand below one; of those held, their scores tell."""
        ranks, merits = self._below
        below = len(ranks) - bisect_right(ranks, row.result.rank)
        return below + len(merits) - bisect_left(merits, self.merit(row))

    @cached_property
    def _below(self) -> tuple[list[int], list[Decimal]]:
        ranks = sorted(row.result.rank for row in self.present if row.id in self.was)
        return ranks, sorted(map(self.merit, self.held))
