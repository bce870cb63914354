"""What is told of a board that was scored anew."""

from __future__ import annotations

from decimal import Decimal

from bot.core.diff.compare import Diff
from bot.core.events import Event, Leader, Leaders, Summary
from bot.core.kinds import Kind
from tests.support.builders import Board, result, told

FIVE = (("a", 80), ("b", 70), ("c", 60), ("d", 50), ("e", 40))
ANEW = (("b", 91), ("a", 82), ("c", 63), ("d", 50), ("e", 40))


def anew(*rows: tuple[str, float], before: tuple[tuple[str, float], ...] = FIVE) -> Diff:
    """Return what is found when an answer of new scores is seen for the second time."""
    board = Board(*before)
    assert told(board.poll(*rows)) == []
    return board.poll(*rows)


def of_board(found: Diff) -> Event:
    """Return the event of the whole board, which comes first."""
    event = found.found[0].event
    assert (event.kind, event.model, found.found[0].row_id) == (Kind.RECOMPUTED, None, None)
    return event


def test_a_board_that_is_scored_anew_is_one_event_that_sums_it_up() -> None:
    """How many rows there are, were there before, and changed; who led and who leads."""
    event = of_board(anew(*ANEW, ("n", 30)))
    assert event.summary == Summary(
        rows=6,
        common=5,
        changed=3,
        leader=Leaders(Leader("acme/a", None, Decimal(80)), Leader("acme/b", None, Decimal(91))),
    )
    assert event.contains == (
        Kind.RECOMPUTED, Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.SCORE_CHANGE,
    )  # fmt: skip


def test_what_a_new_scoring_did_to_old_rows_is_marked() -> None:
    """Their own moves, scores and leads: not shifts, newcomers, removals or flags."""
    rows = [result(name, score, place) for place, (name, score) in enumerate(ANEW, start=1)]
    verified = result("d", 50, 4, verified=True)
    board = Board(*FIVE)
    for _ in range(2):
        found = board.poll(*rows[:3], verified, rows[4], result("n", 30, 6))
    marks = {
        (f.event.kind.value, (f.event.model or "")[-1:]): f.event.recomputed for f in found.found
    }
    assert {key for key, mark in marks.items() if mark} == {
        ("new_leader", "b"),
        ("rank_change", "a"),
        ("score_change", "c"),
    }
    assert {("verified", "d"), ("new_entry", "n")} < marks.keys()


def test_a_newcomer_that_leads_a_board_scored_anew_is_ordinary_news() -> None:
    """The board's event does not contain it."""
    found = anew(("n", 95), *ANEW)
    assert Kind.NEW_LEADER not in of_board(found).contains
    (leader,) = (f.event for f in found.found if f.event.kind is Kind.NEW_LEADER)
    assert (leader.model, leader.recomputed is True) == ("acme/n", False)


def test_a_board_that_keeps_its_leader_contains_no_new_one() -> None:
    """Moves and scores are contained whether there are any moves or not."""
    event = of_board(anew(("a", 81), ("b", 71), ("c", 61), ("d", 50), ("e", 40)))
    assert event.contains == (Kind.RECOMPUTED, Kind.RANK_CHANGE, Kind.SCORE_CHANGE)
    assert not event.suspected_scale_change


def test_a_board_whose_scores_jumped_to_another_unit_is_suspected() -> None:
    """Where most of those that changed did."""
    fractions = tuple((model, score / 100) for model, score in FIVE)
    assert of_board(anew(*fractions)).suspected_scale_change
    some = (*fractions[:2], ("c", 62), ("d", 51), ("e", 40))
    ranked = tuple(sorted(some, key=lambda row: -row[1]))
    assert not of_board(anew(*ranked)).suspected_scale_change


def test_rows_gone_and_scores_anew_in_one_answer_are_both_told() -> None:
    """It was doubted for what is gone; once it is believed its scores count as well."""
    eleven = (*FIVE, *((f"x{n}", 30 - n) for n in range(6)))
    found = anew(*ANEW, before=eleven)
    assert of_board(found).summary.common == 5  # type: ignore[union-attr]
    assert sum(f.event.kind is Kind.REMOVED for f in found.found) == 6


def test_a_board_of_few_rows_is_never_called_scored_anew() -> None:
    """Four rows that change are four events."""
    found = Board(*FIVE[:4], confirm_removals=1).poll(("a", 81), ("b", 71), ("c", 61), ("d", 51))
    assert {kind for kind, _ in told(found)} == {"score_change"}
    five = Board(*FIVE, confirm_removals=1).poll(*ANEW)
    assert told(five)[0] == ("recomputed", "")
