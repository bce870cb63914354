"""Which row of an answer is which row of the board."""

from __future__ import annotations

from bot.core.board import Row
from bot.core.diff.matching import match
from tests.support.builders import result


def pairs(before: list[tuple[str, float, int]], after: list[tuple[str, float, int]]) -> object:
    """Return the ranks before and after of the pairs among duplicates of one name."""
    rows = [Row(id=name, result=result("m", score, rank)) for name, score, rank in before]
    found = match(rows, [result("m", score, rank, notes=None) for _, score, rank in after])
    return sorted((row.result.rank, now.rank) for row, now in found.pairs)


def test_rows_that_are_equal_in_all_are_the_same_first() -> None:
    """Of three that differ in rank alone, the one that went is the one whose rank is missing."""
    assert pairs([("x", 5, 1), ("y", 5, 2), ("z", 5, 3)], [("", 5, 3), ("", 5, 1)]) == [
        (1, 1),
        (3, 3),
    ]


def test_rows_that_are_equal_in_all_but_rank_are_the_same_next() -> None:
    """Before those that share a name alone, which pair up in the order of rank and score."""
    assert pairs([("x", 9, 1), ("y", 5, 2)], [("", 5, 1), ("", 4, 2)]) == [(1, 2), (2, 1)]
    assert pairs([("x", 9, 1), ("y", 5, 2)], [("", 8, 1), ("", 4, 2)]) == [(1, 1), (2, 2)]


def test_the_rank_of_a_row_is_the_one_that_the_hub_reported_last() -> None:
    """Not the one that people know, while another row is held."""
    rows = [
        Row(id="x", result=result("m", 5, 2), reported=1),
        Row(id="y", result=result("m", 5, 1), reported=2),
    ]
    found = match(rows, [result("m", 5, 1)])
    assert [(row.id, now.rank) for row, now in found.pairs] == [("x", 1)]
