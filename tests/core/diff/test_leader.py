"""Who leads while rows are missing, and what is told of the lead."""

from __future__ import annotations

from decimal import Decimal

from bot.core.events import Leader, Summary
from bot.core.kinds import Kind
from tests.support.builders import Board, result, told

AGC = (("a", 80), ("gone", 70), ("c", 60))
FALLEN = (("c", 60), ("a", 50))


def test_a_missing_row_cannot_take_the_lead() -> None:
    """Nothing is told of the lead while it would; the row's own fall is."""
    board = Board(*AGC, confirm_removals=3)
    found = board.poll(*FALLEN)
    assert told(found) == [("rank_shift", "c"), ("rank_change", "a")]
    assert {f.event.gap for f in found.found} == {None}
    assert told(board.poll(*FALLEN)) == []
    assert board.snapshot is not None
    assert board.snapshot.led is not None
    assert board.snapshot.led.result.model == "acme/a"


def test_a_missing_row_that_is_back_takes_the_lead_then() -> None:
    """From the row that was last told to lead."""
    board = Board(*AGC)
    board.poll(*FALLEN)
    found = board.poll(("gone", 70), *FALLEN)
    assert told(found)[0] == ("new_leader", "gone")
    assert found.found[0].event.previous_leader == Leader("acme/a", None, Decimal(50))


def test_the_lead_falls_to_a_present_row_when_the_removal_is_confirmed() -> None:
    """Or stays where it was: then nothing happened."""
    board = Board(*AGC)
    board.poll(*FALLEN)
    assert told(board.poll(*FALLEN))[0] == ("new_leader", "c")
    board = Board(*AGC)
    board.poll(("a", 65), ("c", 60))
    assert ("new_leader", "a") not in told(board.poll(("a", 65), ("c", 60)))


def test_a_missing_leader_goes_on_leading() -> None:
    """Over rows that are level with it, too."""
    board = Board(*AGC, confirm_removals=3)
    assert told(board.poll(("gone", 70), ("c", 60))) == []
    found = board.poll(("gone", 80), ("c", 60))
    assert told(found) == [("score_change", "gone")]
    assert found.found[0].event.gap == 0
    assert told(board.poll(*AGC[:1], ("gone", 80), ("c", 60))) == []


def test_a_row_that_could_not_be_read_cannot_take_the_lead() -> None:
    """It is held like one that is missing."""
    board = Board(*AGC)
    for _ in range(5):
        found = board.poll(("c", 60), ("a", 50), malformed=1)
        assert Kind.NEW_LEADER not in {f.event.kind for f in found.found}


def test_a_leader_that_was_removed_meanwhile_is_still_named() -> None:
    """As the row that the lead was last told of."""
    board = Board(("x", 90), *AGC, ("d", 20), ("e", 10), confirm_removals=2)
    board.poll(*AGC, ("d", 20), ("e", 10))
    board.poll(("a", 20), ("c", 15), ("d", 9), ("e", 8), malformed=1)
    found = board.poll(("gone", 70), ("a", 20), ("c", 15), ("d", 9), ("e", 8))
    leader = next(f.event for f in found.found if f.event.kind is Kind.NEW_LEADER)
    assert leader.previous_leader == Leader("acme/x", None, Decimal(90))


def test_the_lead_of_a_board_scored_anew_is_unknown_while_a_missing_row_would_lead() -> None:
    """Its summary names who led before alone."""
    board = Board(("a", 80), ("gone", 70), ("c", 60), ("d", 50), ("e", 40), ("f", 30))
    rows = (("c", 61), ("d", 51), ("e", 41), ("f", 31), ("a", 30))
    board.poll(*rows, ("gone", 29))
    (first, *_) = board.poll(*rows).found
    assert isinstance(first.event.summary, Summary)
    assert first.event.summary.leader.after is None
    assert first.event.summary.leader.before == Leader("acme/a", None, Decimal(80))


def test_level_rows_lead_by_rank_then_by_name() -> None:
    """Where none of them led before."""
    board = Board(("x", 90), result("b", 80, 2), result("a", 80, 2), confirm_removals=1)
    found = board.poll(result("b", 80, 1), result("a", 80, 1))
    assert told(found)[0] == ("new_leader", "a")


def test_a_present_row_leads_before_a_missing_one_that_is_level() -> None:
    """Whatever their ranks and names."""
    board = Board(("x", 90), ("h", 80), ("p", 80))
    found = board.poll(result("p", 80, 2), result("x", 70, 3), unread=["h"])
    assert told(found)[0] == ("new_leader", "p")
