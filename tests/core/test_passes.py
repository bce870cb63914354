"""Passes are found fast, and rightly."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bot.core.passes import passes

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


def test_the_nearest_come_first_and_no_more_than_asked_for() -> None:
    """A row that rises to the top names those just below it."""
    before = [Decimal(n) for n in (9, 1, 2, 3, 4)]
    after = [Decimal(n) for n in (0, 1, 2, 3, 4)]
    assert passes(before, after, 2)[0] == [1, 2]
