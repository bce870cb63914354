"""What is told of ranks while rows are held: what the Hub reported, and no move that it is not."""

from __future__ import annotations

import pytest

from bot.core.board import Result
from bot.core.events import RankPair
from tests.support.builders import Board, result, told

Answer = tuple[Result, ...]

ABCD = (("a", 80), ("b", 70), ("c", 60), ("d", 50))


def ranks(board: Board) -> dict[str, tuple[int, int | None]]:
    """Return the rank that people know of each row, and the reported one where it is another.

    The reported one is 0 where the answer lacked the row.
    """
    assert board.snapshot is not None
    return {row.result.model[-1]: (row.result.rank, row.reported) for row in board.snapshot.rows}


def test_a_missing_row_moves_no_other() -> None:
    """People know the ranks from before; those that the Hub reports now stand beside them."""
    board = Board(*ABCD)
    assert told(board.poll(("b", 70), ("c", 60), ("d", 50))) == []
    assert ranks(board) == {"a": (1, 0), "b": (2, 1), "c": (3, 2), "d": (4, 3)}
    assert board.snapshot is not None
    assert [row.as_reported.rank for row in board.snapshot.rows] == [1, 1, 2, 3]
    assert told(board.poll(*ABCD)) == []
    assert ranks(board) == {"a": (1, None), "b": (2, None), "c": (3, None), "d": (4, None)}


def test_a_row_that_becomes_malformed_moves_no_other() -> None:
    """The Hub counts it, so the ranks are told as they are."""
    board = Board(*ABCD)
    found = board.poll(("a", 80), result("c", 61, 3), result("d", 50, 4), malformed=1)
    assert told(found) == [("score_change", "c")]
    assert found.found[0].event.rank == RankPair(3, 3)
    assert ranks(board) == {"a": (1, None), "b": (2, 0), "c": (3, None), "d": (4, None)}


@pytest.mark.parametrize("rank", [2, 3], ids=["not counted", "counted by the Hub"])
def test_a_rank_told_while_a_row_is_held_is_the_reported_one(rank: int) -> None:
    """Whether the Hub counts the row that could not be read or not."""
    board = Board(*ABCD)
    rows = (("a", 80), result("c", 61, rank), result("d", 50, rank + 1))
    found = board.poll(*rows, malformed=1)
    assert [f.event.rank.after for f in found.found] == [rank]


def test_rows_that_were_passed_while_another_was_missing_are_told_when_it_is_back() -> None:
    """Before, the Hub reported the ranks that they had; a removal leaves them as they are."""
    up = (("d", 75), ("b", 70), ("c", 60))
    board = Board(*ABCD)
    board.poll(*up)
    found = board.poll(("a", 80), *up)
    moved = {f.event.model: (f.event.kind, f.event.rank) for f in found.found}
    assert moved == {
        "acme/d": ("rank_shift", RankPair(1, 2)),
        "acme/b": ("rank_shift", RankPair(2, 3)),
        "acme/c": ("rank_shift", RankPair(3, 4)),
    }
    board = Board(*ABCD)
    board.poll(*up)
    assert told(board.poll(*up)) == [("new_leader", "d"), ("removed", "a")]


def test_a_row_that_falls_by_more_than_absences_explain_is_told_at_once() -> None:
    """The rank is larger although the Hub counts a row less."""
    board = Board(*ABCD)
    found = board.poll(("n", 90), ("m", 85), ("b", 70), ("c", 60), ("d", 50))
    shifts = [f.event for f in found.found if f.event.kind == "rank_shift"]
    assert [(event.model, event.rank) for event in shifts] == [
        ("acme/b", RankPair(2, 3)),
        ("acme/c", RankPair(3, 4)),
        ("acme/d", RankPair(4, 5)),
    ]


LEVEL = (result("a", 80, 1), result("b", 70, 2), result("c", 70, 3), result("d", 60, 4))


@pytest.mark.parametrize(
    "answer",
    [
        (result("a", 80, 1), result("c", 70, 2), result("d", 60, 4)),
        (result("a", 80, 1), result("c", 70, 3), result("d", 60, 4)),
        (result("a", 80, 1), result("c", 70, 2), result("d", 60, 3)),
    ],
    ids=["counted last", "counted first", "not counted"],
)
def test_level_rows_that_swap_while_one_of_them_is_malformed_are_nothing(answer: Answer) -> None:
    """For two polls, and when the row can be read again."""
    board = Board(*LEVEL)
    for _ in range(2):
        assert told(board.poll(*answer, malformed=1)) == []
    swapped = (result("a", 80, 1), result("c", 70, 2), result("b", 70, 3), result("d", 60, 4))
    assert told(board.poll(*swapped)) == []
    assert ranks(board) == {"a": (1, None), "c": (2, None), "b": (3, None), "d": (4, None)}


def test_level_rows_that_swap_below_a_malformed_row_are_nothing() -> None:
    """Whatever the Hub counts."""
    top = result("t", 90, 1)
    board = Board(top, *(result(r.model, str(r.score), r.rank + 1) for r in LEVEL))
    swapped = (result("a", 80, 1), result("c", 70, 2), result("b", 70, 3), result("d", 60, 4))
    for shift in (1, 0, 1):
        rows = [result(r.model, str(r.score), r.rank + shift) for r in swapped]
        assert told(board.poll(*rows, malformed=1)) == []


def test_level_rows_that_are_malformed_in_turn_while_they_swap_are_nothing() -> None:
    """Each is held where it stood, although the others fill its place."""
    level = [result(model, 50, rank) for rank, model in enumerate("abc", start=1)]
    board = Board(*level, *(result(model, 40, rank) for rank, model in enumerate("defg", start=4)))
    below = [result(model, 40, rank) for rank, model in enumerate("defg", start=3)]
    assert told(board.poll(result("c", 50, 1), *below, malformed=1)) == []
    below = [result(model, 40, rank) for rank, model in enumerate("defg", start=4)]
    assert told(board.poll(result("a", 50, 3), *below, malformed=2)) == []


def test_a_row_that_could_not_be_read_is_not_ordered_anew_by_those_that_came_meanwhile() -> None:
    """They are no rows that it stood above; it has another rank, and that is all."""
    board = Board(("a", 80), ("b", 50))
    came = (("a", 80), ("n", 75), ("m", 70))
    assert told(board.poll(*came, malformed=1)) == [("new_entry", "n"), ("new_entry", "m")]
    found = board.poll(*came, ("b", 50))
    assert told(found) == [("rank_shift", "b")]
    assert found.found[0].event.rank == RankPair(2, 4)


def test_a_newcomer_in_the_place_of_a_missing_row_pushes_nobody_down() -> None:
    """It may be that row under another name: all others stand where they stood."""
    board = Board(*ABCD)
    found = board.poll(("a", 80), ("n", 70), ("c", 60), ("d", 50))
    assert told(found)[0] == ("new_entry", "n")
    assert found.found[0].event.pushed_down == 0


def test_a_row_that_is_held_was_passed_by_nobody() -> None:
    """Only rows that both answers have pass each other: where it stands, nobody can say."""
    board = Board(*ABCD)
    found = board.poll(("a", 80), ("d", 65), ("c", 60))
    assert told(found)[0] == ("rank_change", "d")
    assert [row.model for row in found.found[0].event.cause.overtook] == ["acme/c"]
    assert told(Board(*ABCD).poll(("a", 80), ("b", 70), ("d", 65))) == [("score_change", "d")]


def test_a_row_is_passed_only_where_it_is_there_before_and_after() -> None:
    """Of one that is held, or comes back, nobody can say when it came to stand where it does."""
    board = Board(*ABCD)
    found = board.poll(("d", 75), ("b", 70), ("c", 60), malformed=1)
    assert [name.model for name in found.found[0].event.cause.overtook] == ["acme/b", "acme/c"]
    board = Board(*ABCD)
    found = board.poll(("d", 85), ("b", 70), ("c", 60))
    assert [name.model for name in found.found[0].event.cause.overtook] == ["acme/b", "acme/c"]
    found = board.poll(("a", 90), ("d", 85), ("b", 70), ("c", 60))
    assert found.found[0].event.contains == ("new_leader", "score_change")
    assert found.found[0].event.cause.overtook == ()


def test_a_row_that_stands_where_it_stood_but_for_a_missing_one_has_not_moved() -> None:
    """Although one came above it and another fell below."""
    board = Board(*ABCD)
    found = board.poll(("n", 75), ("c", 60), ("b", 55), ("d", 50))
    assert told(found) == [("new_entry", "n"), ("rank_change", "b")]
