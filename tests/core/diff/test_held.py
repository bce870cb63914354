"""Where held rows stand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.core.board import Row
from bot.core.diff.held import place
from tests.support.builders import Board, result, told

Spec = tuple[str, float, int]


def ranks(before: Sequence[Spec], answer: Sequence[Spec], *, malformed: int = 0) -> dict[str, int]:
    """Return the ranks after an answer that lacks some rows, which are held."""
    known = {name: result(name, score, rank) for name, score, rank in before}
    present = [Row(id=name, result=result(name, score, rank)) for name, score, rank in answer]
    gone = known.keys() - {name for name, *_ in answer}
    held = [Row(id=name, result=known[name], missing=1) for name in sorted(gone)]
    placed = place(present, held, known, higher_is_better=True, malformed=malformed)
    return {row.id: row.result.rank for row in placed}


def test_held_rows_keep_their_places_among_the_others() -> None:
    """Also several of them, level ones in the order they had, above new ones."""
    before = [("a", 9, 1), ("h1", 8, 2), ("b", 7, 3), ("h2", 6, 4), ("h3", 6, 5), ("c", 5, 6)]
    answer = [("a", 9, 1), ("b", 7, 2), ("new", 6, 3), ("c", 5, 4)]
    placed = {"a": 1, "h1": 2, "b": 3, "h2": 4, "h3": 5, "new": 6, "c": 7}
    assert ranks(before, answer) == placed


@pytest.mark.parametrize(
    ("before", "answer", "placed"),
    [
        pytest.param(
            [("a", 9, 1), ("h", 9, 2), ("b", 9, 3)],
            [("a", 9, 1), ("b", 9, 2)],
            {"a": 1, "h": 2, "b": 3},
            id="level",
        ),
        pytest.param(
            [("a", 9, 1), ("h", 9, 1), ("b", 7, 3)],
            [("a", 9, 1), ("b", 7, 2)],
            {"a": 1, "h": 1, "b": 3},
            id="one rank for both",
        ),
        pytest.param(
            [("h", 9, 1), ("i", 9, 1), ("j", 7, 3)],
            [],
            {"h": 1, "i": 1, "j": 3},
            id="nobody else",
        ),
        pytest.param(
            [("a", 9, 1), ("h", 9, 2), ("b", 7, 3)],
            [("new", 9, 1), ("a", 9, 2), ("b", 7, 3)],
            {"new": 1, "a": 2, "h": 3, "b": 4},
            id="a level newcomer above",
        ),
        pytest.param(
            [("a", 9, 1), ("h", 6, 2), ("b", 7, 3), ("c", 5, 4)],
            [("a", 9, 1), ("b", 7, 2), ("c", 5, 3)],
            {"a": 1, "h": 2, "b": 3, "c": 4},
            id="the Hub's order is not that of the scores",
        ),
        pytest.param(
            [("b", 8, 1), ("c", 7, 3), ("h", 6, 4)],
            [("b", 8, 1), ("c", 7, 3)],
            {"b": 1, "c": 3, "h": 4},
            id="ranks with a gap",
        ),
        pytest.param(
            [("a", 9, 1), ("h", 8, 2), ("b", 7, 3)],
            [("a", 9, 1), ("b", 8.5, 2)],
            {"a": 1, "b": 2, "h": 3},
            id="a row that became better",
        ),
    ],
)
def test_a_held_row_keeps_its_place(
    before: Sequence[Spec], answer: Sequence[Spec], placed: dict[str, int]
) -> None:
    """Among rows that stayed, whatever their scores; a row that changed passes it by score."""
    assert ranks(before, answer) == placed


def test_ranks_that_count_a_malformed_row_are_not_counted_again() -> None:
    """The row is held, and the Hub has left its place free."""
    before = [("a", 9, 1), ("h", 8, 2), ("b", 7, 3), ("c", 6, 4)]
    answer = [("a", 9, 1), ("b", 7, 3), ("c", 6, 4)]
    assert ranks(before, answer, malformed=1) == {"a": 1, "h": 2, "b": 3, "c": 4}
    assert ranks(before, answer) == {"a": 1, "h": 2, "b": 4, "c": 5}


def test_a_row_that_becomes_malformed_moves_no_other() -> None:
    """The Hub's ranks are told as they are."""
    board = Board(("a", 80), ("b", 70), ("c", 60), ("d", 50))
    found = board.poll(("a", 80), result("c", 61, 3), result("d", 50, 4), malformed=1)
    assert told(found) == [("score_change", "c")]
    assert board.snapshot is not None
    assert [row.result.rank for row in board.snapshot.rows] == [1, 2, 3, 4]
