"""Which way a board ranks."""

from __future__ import annotations

import pytest

from bot.core.diff.order import by_order
from tests.support.builders import Board, result


@pytest.mark.parametrize(
    ("scores", "higher"),
    [
        ((9, 8, 7, 8), True),  # two pairs down, one up
        ((9, 8, 9, 10), False),  # one down, two up
        ((9, 8, 9), None),  # one each: undecided
        ((9, 9, 9), None),
        ((9, 9, 8), True),  # level pairs do not vote
        ((8, 9, 9, 9), False),
        ((9, 8, 7, 8, 9, 8, 7), True),
        ((), None),
    ],
)
def test_most_neighbouring_pairs_decide_the_direction(
    scores: tuple[int, ...], higher: bool | None
) -> None:
    """Each pair of unequal scores has one vote; a tie decides nothing."""
    rows = [result(f"m{n}", score, n) for n, score in enumerate(scores, start=1)]
    assert by_order(rows) is higher
    assert by_order(reversed(rows)) is higher


def test_pairs_that_share_a_rank_do_not_vote() -> None:
    """Their order is an accident."""
    assert by_order([result("a", 9, 1), result("b", 8, 1)]) is None


def test_a_board_of_level_rows_keeps_its_direction() -> None:
    """Until rows of unequal scores say otherwise."""
    board = Board(("a", 1), ("b", 2))
    board.poll(result("a", 2, 1), result("b", 2, 2))
    assert board.snapshot is not None
    assert board.snapshot.higher_is_better is False
