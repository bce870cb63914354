"""What is believed of an answer with rows that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.board import Unread
from tests.support.builders import Board, result, told

ABCD = (("a", 80), ("b", 70), ("c", 60), ("d", 50))
NOON = datetime(2026, 4, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_row_that_cannot_be_read_holds_the_rows_of_its_model_alone() -> None:
    """Others that are gone are removed as always."""
    board = Board(*ABCD)
    for _ in range(2):
        found = board.poll(*ABCD[:2], unread=["c"])
    assert told(found) == [("removed", "d")]
    assert {row.result.model for row in found.after.rows if row.absent} == {"acme/c"}
    assert told(board.poll(*ABCD[:3])) == []


def test_a_row_of_another_model_that_cannot_be_read_holds_nothing() -> None:
    """A stranger's row without a score freezes no removal."""
    board = Board(*ABCD)
    board.poll(*ABCD[:3], unread=["stranger"])
    assert told(board.poll(*ABCD[:3], unread=["stranger"])) == [("removed", "d")]


def test_all_rows_of_the_model_are_held() -> None:
    """Which of them could not be read is not known."""
    m = [result("m", 70, 2, filename="x"), result("m", 60, 3, filename="y")]
    board = Board(("a", 80), *m)
    for _ in range(3):
        assert told(board.poll(("a", 80), unread=["m"])) == []


def test_an_absence_before_is_neither_counted_on_nor_forgotten() -> None:
    """It was seen once, and is once more after."""
    board = Board(*ABCD)
    board.poll(*ABCD[:3])
    for _ in range(3):
        assert told(board.poll(*ABCD[:3], unread=["d"])) == []
    assert told(board.poll(*ABCD[:3])) == [("removed", "d")]


def test_rows_that_are_held_so_are_not_gone_where_that_is_doubted() -> None:
    """Of four rows two are gone, which is no more than half."""
    board = Board(*ABCD)
    assert told(board.poll(("a", 81), unread=["b"])) == [("score_change", "a")]


def test_rows_without_a_model_hold_all_that_is_absent_for_a_day() -> None:
    """From the first such answer on; after that absences count."""
    board = Board(*ABCD)
    board.now = NOON
    for hours in (0, 1, 23.99):
        board.now = NOON + timedelta(hours=hours)
        assert told(board.poll(*ABCD[:3], malformed=1)) == []
        assert board.snapshot is not None
        assert board.snapshot.unread == Unread(rows=1, nameless_since=NOON)
        assert not board.snapshot.settled
    board.now = NOON + DAY
    assert told(board.poll(*ABCD[:3], malformed=1)) == []
    assert told(board.poll(*ABCD[:3], malformed=1)) == [("removed", "d")]


def test_an_answer_whose_rows_all_say_their_model_starts_the_day_anew() -> None:
    """The row that has none may be another one the next time; a doubted answer says it, too."""
    for between in (ABCD, ABCD[:1]):
        board = Board(*ABCD)
        board.now = NOON
        board.poll(*ABCD[:3], malformed=1)
        board.poll(*between, unread=["x"])
        board.now = NOON + DAY
        assert told(board.poll(*ABCD[:3], malformed=1)) == []
        assert told(board.poll(*ABCD[:3], malformed=1)) == []


def test_a_board_whose_rows_are_all_there_is_settled_whatever_cannot_be_read() -> None:
    """The same answer again changes nothing."""
    board = Board(*ABCD)
    board.now = NOON
    board.poll(*ABCD, malformed=1)
    assert board.snapshot is not None
    assert board.snapshot.settled
    assert board.poll(*ABCD).after.unread is None


def test_doubted_answers_leave_the_same_rows_whether_others_cannot_be_read_or_are_gone() -> None:
    """What some of them could not say was lacking in all is held still."""
    seven = (*ABCD, ("e", 40), ("f", 30), ("g", 20))
    board = Board(*seven)
    assert told(board.poll(*seven[:2], unread=["c"])) == []
    found = board.poll(*seven[:2])
    assert sorted(told(found)) == [("removed", name) for name in "defg"]
    assert [row.missing for row in found.after.rows if row.absent] == [1]
