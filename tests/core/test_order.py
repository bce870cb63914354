"""Which way a board ranks, and where held rows stand."""

from __future__ import annotations

import pytest

from bot.core.model import Row
from bot.core.order import direction, place
from tests.builders import Board, result


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
    assert direction(rows, known=None) is higher
    assert direction(reversed(rows), known=None) is higher


def test_pairs_that_share_a_rank_do_not_vote() -> None:
    """Their order is an accident; an undecided board keeps what is known."""
    rows = [result("a", 9, 1), result("b", 8, 1)]
    assert direction(rows, known=None) is None
    assert direction(rows, known=False) is False


def test_a_board_of_level_rows_keeps_its_direction() -> None:
    """Until rows of unequal scores say otherwise."""
    board = Board(("a", 1), ("b", 2))
    board.poll(result("a", 2, 1), result("b", 2, 2))
    assert board.snapshot is not None
    assert board.snapshot.higher_is_better is False


def row(name: str, score: float, rank: int, missing: int = 0) -> Row:
    return Row(id=name, result=result(name, score, rank), missing=missing)


def test_held_rows_keep_their_places_among_the_others() -> None:
    """Also several of them, level ones in the order they had, above new ones."""
    was = {"a": 1, "h1": 2, "b": 3, "h2": 4, "h3": 5, "c": 6}
    present = [row("a", 9, 1), row("b", 7, 2), row("new", 6, 3), row("c", 5, 4)]
    held = [row("h3", 6, 5, 1), row("h1", 8, 2, 1), row("h2", 6, 4, 1)]
    placed = {p.id: p.result.rank for p in place(present, held, was, higher_is_better=True)}
    assert placed == {"a": 1, "h1": 2, "b": 3, "h2": 4, "h3": 5, "new": 6, "c": 7}


def test_a_held_row_stays_level_with_the_one_it_was_level_with() -> None:
    """It does not push down a row that stood above it at the same score."""
    was = {"a": 1, "h": 2, "b": 3}
    present = [row("a", 9, 1), row("b", 9, 2)]
    placed = place(present, [row("h", 9, 2, 1)], was, higher_is_better=True)
    assert {p.id: p.result.rank for p in placed} == {"a": 1, "h": 2, "b": 3}
