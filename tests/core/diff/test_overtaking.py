"""Passes are found fast, and rightly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.core.diff.moves.overtaking import passes

KEYS = st.integers(0, 6).map(Decimal)


@given(st.lists(st.tuples(KEYS, KEYS), max_size=20))
def test_passes_are_those_of_the_definition(pairs: list[tuple[Decimal, Decimal]]) -> None:
    """Not better before, better after: every pair checked one by one agrees."""
    before, after = [b for b, _ in pairs], [a for _, a in pairs]
    slow = [
        {j for j in range(len(pairs)) if before[j] <= before[i] and after[i] < after[j]}
        for i in range(len(pairs))
    ]
    assert [set(row) for row in passes(before, after, 99)] == slow


@given(st.lists(st.tuples(KEYS, KEYS), max_size=20), st.integers(1, 5))
def test_cut_lists_are_those_of_every_pair_looked_at(
    pairs: list[tuple[Decimal, Decimal]], limit: int
) -> None:
    """Sorted by how near they stand, and only then cut."""
    before, after = [b for b, _ in pairs], [a for _, a in pairs]
    numbers = range(len(pairs))
    nearest = sorted(numbers, key=lambda j: (after[j], before[j]))
    slow = [
        [j for j in nearest if before[j] <= before[i] and after[i] < after[j]][:limit]
        for i in numbers
    ]
    assert passes(before, after, limit) == slow


def test_a_board_that_is_turned_round_costs_steps_by_row_and_not_by_pair() -> None:
    """Ten times as many rows need hardly more than ten times as many comparisons."""
    small, large = (_comparisons(size) for size in (500, 5000))
    assert large < small * 10 * 1.5


class Counted(Decimal):
    """A key that counts how often keys are compared."""

    comparisons = 0

    def __lt__(self, other: Any) -> bool:
        Counted.comparisons += 1
        return super().__lt__(other)

    def __gt__(self, other: Any) -> bool:
        Counted.comparisons += 1
        return super().__gt__(other)


def _comparisons(size: int) -> int:
    """Count the comparisons of keys that it takes to find who passed whom."""
    Counted.comparisons = 0
    keys = [Counted(n) for n in range(size)]
    assert len(passes(keys, keys[::-1], 100)) == size
    return Counted.comparisons


def test_the_nearest_come_first_and_no_more_than_asked_for() -> None:
    """A row that rises to the top names those just below it."""
    before = [Decimal(n) for n in (9, 1, 2, 3, 4)]
    after = [Decimal(n) for n in (0, 1, 2, 3, 4)]
    assert passes(before, after, 2)[0] == [1, 2]
