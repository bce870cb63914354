"""What a poll says happened, one sentence of the contract a test."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec import UNSET

from bot.core.board import Source
from bot.core.diff.compare import Diff
from bot.core.events import Cause, Event, Leader, RankPair, Related, RowName, ScorePair, Turnover
from bot.core.kinds import Kind
from tests.support.builders import Board, result, told

ABC = (("a", 80), ("b", 70), ("c", 60))


def event(found: Diff, kind: str, model: str) -> Event:
    return next(
        f.event for f in found.found if f.event.kind == kind and f.event.model == f"acme/{model}"
    )


def test_the_first_sight_of_a_board_is_a_silent_baseline() -> None:
    """A first answer is stored whole and tells nothing."""
    found = Board().poll(*ABC)
    assert found.baseline
    assert found.found == ()
    assert [row.result.model for row in found.after.rows] == ["acme/a", "acme/b", "acme/c"]


def test_an_unchanged_board_tells_nothing() -> None:
    """The same answer again is no change."""
    board = Board(*ABC)
    before = board.snapshot
    found = board.poll(*ABC)
    assert not found.changed
    assert found.after == before


def test_the_order_of_the_answer_is_irrelevant() -> None:
    """Ranks count, not places in the list."""
    board = Board(*ABC)
    rows = [result("a", 80, 1), result("b", 70, 2), result("c", 60, 3)]
    assert not board.poll(*reversed(rows)).changed


def test_the_order_of_the_answer_is_irrelevant_where_rows_share_a_rank() -> None:
    """Not even the direction of scores depends on which of them comes first."""
    rows = [result("a", 80, 1), result("b", 90, 1), result("c", 85, 2)]
    assert Board(*rows).snapshot == Board(rows[1], rows[0], rows[2]).snapshot


def test_level_rows_that_swap_places_are_nothing() -> None:
    """Equal scores are level, whatever ranks the Hub gives them today."""
    board = Board(result("a", 80, 1), result("b", 80, 2), result("c", 60, 3))
    assert told(board.poll(result("b", 80, 1), result("a", 80, 2), result("c", 60, 3))) == []


def test_a_new_row_on_top_is_a_new_leader() -> None:
    """It names the previous leader, the margin, and how many it pushed down."""
    found = Board(*ABC).poll(("n", 84.2), *ABC)
    assert told(found) == [
        ("new_leader", "n"),
        ("rank_shift", "a"),
        ("rank_shift", "b"),
        ("rank_shift", "c"),
    ]
    leader = found.found[0].event
    assert leader.contains == (Kind.NEW_LEADER, Kind.NEW_ENTRY)
    assert leader.new
    assert leader.previous_leader is not None
    assert (leader.previous_leader.model, leader.previous_leader.score) == ("acme/a", Decimal(80))
    assert (leader.margin, leader.second) == (Decimal("4.2"), Leader("acme/a", None, Decimal(80)))
    assert leader.gap == 0
    assert leader.pushed_down == 3
    assert leader.cause.overtook == ()
    shift = found.found[1].event
    assert (shift.rank.before, shift.rank.after) == (1, 2)
    assert shift.cause.displaced_by == (RowName("acme/n"),)
    assert shift.related == (Related("acme/n", None, 1, Decimal("84.2"), new=True),)


def test_a_new_row_below_the_top_is_a_new_entry() -> None:
    """It tells the gap to the leader and how many it pushed down."""
    found = Board(*ABC).poll(("a", 80), ("b", 70), ("n", 65), ("c", 60))
    assert told(found) == [("new_entry", "n"), ("rank_shift", "c")]
    entry = found.found[0].event
    assert (entry.gap, entry.pushed_down, entry.margin) == (Decimal(15), 1, None)
    assert (entry.rank.before, entry.rank.after) == (None, 3)


def test_a_row_that_comes_to_the_score_of_others_is_level_with_them() -> None:
    """The leader first, then by rank, three at the most; what only was moved came to no score."""
    rows = (("a", 80), ("b", 80), ("c", 80), ("d", 80), ("e", 60), ("f", 50))
    board = Board(*rows)
    found = board.poll(*rows[:4], ("n", 80), ("e", 50), ("f", 50), ("m", 40))
    level = {f.event.model: f.event.level_with for f in found.found}
    assert level == {
        "acme/n": (RowName("acme/a"), RowName("acme/b"), RowName("acme/c")),
        "acme/e": (RowName("acme/f"),),
        "acme/f": UNSET,
        "acme/m": UNSET,
    }


def test_the_second_of_level_rows_is_the_one_that_led() -> None:
    """A new leader names that one, whatever ranks the Hub gives to the level ones."""
    board = Board(result("a", 80, 1), result("b", 80, 2), result("c", 60, 3))
    rows = (result("n", 90, 1), result("b", 80, 2), result("a", 80, 3), result("c", 60, 4))
    leader = event(board.poll(*rows), "new_leader", "n")
    assert leader.second == Leader("acme/a", None, Decimal(80))
    assert leader.level_with is UNSET


def test_a_new_row_that_arrives_verified_contains_verified() -> None:
    """There is one event for it, which watches for verified rows want too."""
    found = Board(*ABC).poll(*ABC, result("n", 50, 4, verified=True))
    assert [f.event.contains for f in found.found] == [(Kind.NEW_ENTRY, Kind.VERIFIED)]


def test_a_mover_names_whom_it_passed() -> None:
    """The row whose score changed is a rank change; the passed ones are shifts."""
    found = Board(*ABC).poll(("a", 80), ("c", 75), ("b", 70))
    assert told(found) == [("rank_change", "c"), ("rank_shift", "b")]
    mover, moved = (f.event for f in found.found)
    assert mover.cause.overtook == (RowName("acme/b"),)
    assert mover.contains == (Kind.RANK_CHANGE, Kind.SCORE_CHANGE)
    assert mover.score == ScorePair(Decimal(60), Decimal(75), Decimal(15))
    assert moved.cause.overtaken_by == (RowName("acme/c"),)
    assert moved.score.delta == 0


def test_a_row_that_rises_to_the_top_is_a_new_leader_that_contains_its_rank_change() -> None:
    """One event tells the rise; watches for rank or score changes want it too."""
    found = Board(*ABC).poll(("c", 90), ("a", 80), ("b", 70))
    assert found.found[0].event.contains == (Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.SCORE_CHANGE)
    assert found.found[0].event.cause.overtook == (RowName("acme/a"), RowName("acme/b"))


def test_a_leader_that_falls_leaves_another_in_front() -> None:
    """The row left in front leads; the fallen one is a rank change that names its passers."""
    found = Board(*ABC).poll(("b", 70), ("a", 65), ("c", 60))
    assert told(found) == [("new_leader", "b"), ("rank_change", "a")]
    leader, fallen = (f.event for f in found.found)
    assert leader.contains == (Kind.NEW_LEADER, Kind.RANK_SHIFT)
    assert leader.cause.overtook == (RowName("acme/a"),)
    assert fallen.cause.overtaken_by == (RowName("acme/b"),)


def test_a_score_that_changes_without_passing_is_a_score_change() -> None:
    """Rank and neighbours stay, the score moves."""
    found = Board(*ABC).poll(("a", 80), ("b", 72.5), ("c", 60))
    assert told(found) == [("score_change", "b")]
    assert found.found[0].event.score.delta == Decimal("2.5")


def test_drawing_level_is_no_overtaking() -> None:
    """A row that draws level with another changed its score, nothing else."""
    found = Board(*ABC).poll(result("c", 70, 2), result("a", 80, 1), result("b", 70, 3))
    assert told(found) == [("score_change", "c")]


def test_a_row_that_draws_level_with_the_leader_does_not_lead() -> None:
    """Among level rows the one that led before leads, whatever the ranks."""
    found = Board(*ABC).poll(result("b", 80, 1), result("a", 80, 2), result("c", 60, 3))
    assert told(found) == [("score_change", "b")]


def test_a_row_left_in_front_without_moving_is_told_as_leader() -> None:
    """A level row that had rank 1 all along leads once the other falls."""
    board = Board(*ABC)
    board.poll(result("b", 80, 1), result("a", 80, 2), result("c", 60, 3))
    found = board.poll(result("b", 80, 1), result("a", 79, 2), result("c", 60, 3))
    leader = event(found, "new_leader", "b")
    assert leader.contains == (Kind.NEW_LEADER,)
    assert leader.rank == RankPair(1, 1)
    assert leader.score == ScorePair(Decimal(80), Decimal(80), Decimal(0))
    assert leader.cause.overtook == (RowName("acme/a"),)
    assert leader.related == (Related("acme/a", None, 2, Decimal(79)),)


def test_rows_reordered_at_unchanged_scores_are_rank_changes() -> None:
    """The Hub ordered two unlike rows anew: both changed ranks, and each names the other."""
    board = Board(*ABC)
    found = board.poll(result("a", 80, 1), result("c", 60, 2), result("b", 70, 3))
    assert told(found) == [("rank_change", "c"), ("rank_change", "b")]
    assert found.found[0].event.cause.overtook == (RowName("acme/b"),)
    assert found.found[0].event.contains == (Kind.RANK_CHANGE,)


def test_a_row_that_explains_many_places_is_named_once_in_memory() -> None:
    """A board of thousands that is turned round has millions of causes."""
    board = Board(*ABC)
    found = board.poll(("c", 90), ("a", 80), ("b", 70))
    first, second = (event(found, "rank_shift", model).cause.overtaken_by for model in "ab")
    assert first == second == (RowName("acme/c"),)
    assert first[0] is second[0]


def test_a_row_below_level_rows_that_part_is_told_its_new_rank() -> None:
    """Nobody passed it, but ranks are counted anew: without the event they would not add up."""
    board = Board(result("a", 80, 1), result("b", 80, 1), result("c", 70, 2))
    found = board.poll(result("a", 90, 1), result("b", 80, 2), result("c", 70, 3))
    assert told(found) == [("rank_change", "a"), ("rank_shift", "b"), ("rank_shift", "c")]
    shift = found.found[2].event
    assert (shift.rank, shift.cause) == (RankPair(2, 3), Cause())


def test_a_row_that_was_passed_by_score_and_by_order_names_both() -> None:
    """And those that passed it name it, so that the lists agree."""
    board = Board(*ABC[:2], ("c", 50), confirm_removals=1)
    found = board.poll(result("a", 0.8, 1), result("c", 50, 2), result("b", 70, 3))
    passed = event(found, "rank_change", "b").cause
    assert set(passed.overtaken_by) == {RowName("acme/a"), RowName("acme/c")}
    assert event(found, "rank_change", "c").cause.overtook == (RowName("acme/b"),)


def test_lower_scores_lead_where_the_hub_ranks_them_so() -> None:
    """An error rate's board has its direction from the order of its rows."""
    board = Board(("a", 0.1), ("b", 0.2), ("c", 0.3))
    found = board.poll(("n", 0.05), ("a", 0.1), ("b", 0.2), ("c", 0.3))
    assert told(found)[0] == ("new_leader", "n")
    assert found.found[0].event.margin == Decimal("0.05")


def test_variants_of_one_model_are_kept_apart() -> None:
    """Each of a model's rows keeps its own rank and score, and a name of its own."""
    plain = result("m", 70, 2, filename=".eval_results/hle.yaml")
    tools = result("m", 80, 1, filename=".eval_results/hle_with_tools.yaml", notes="With tools")
    found = Board(tools, plain).poll(tools, result("m", 75, 2, filename=".eval_results/hle.yaml"))
    assert told(found) == [("score_change", "m")]
    assert found.found[0].event.variant == "hle.yaml"


def test_rows_that_differ_in_nothing_but_score_are_numbered() -> None:
    """Duplicates of one file without notes pair up in the order of their ranks."""
    found = Board(result("m", 80, 1), result("m", 70, 2)).poll(
        result("m", 80, 1), result("m", 71, 2)
    )
    assert [(f.event.kind, f.event.variant) for f in found.found] == [("score_change", "#2")]


def test_the_only_row_of_a_model_stays_the_same_row_when_its_file_moves() -> None:
    """New file and notes on a model's one row are a change of provenance, not a new row."""
    found = Board(*ABC).poll(*ABC[:2], result("c", 60, 3, filename="x.yaml", notes="n"))
    assert told(found) == [("provenance_change", "c")]
    pair = found.found[0].event.provenance
    assert pair is not None
    assert (pair.before.notes, pair.after.notes) == (None, "n")


def test_a_merged_community_result_is_a_change_of_provenance() -> None:
    """Its pull request is gone."""
    board = Board(result("a", 80, 1, pull_request=7))
    found = board.poll(result("a", 80, 1))
    assert told(found) == [("provenance_change", "a")]


def test_a_changed_source_is_a_change_of_provenance() -> None:
    """The source's name or address counts."""
    found = Board(("a", 80)).poll(result("a", 80, 1, source=Source("Paper", None)))
    assert told(found) == [("provenance_change", "a")]


def test_the_verified_flag_is_an_event_of_its_own() -> None:
    """It turns on and off beside whatever else happens to the row."""
    board = Board(("a", 80), ("b", 70))
    found = board.poll(("a", 80), result("b", 71, 2, verified=True))
    assert told(found) == [("score_change", "b"), ("verified", "b")]
    assert told(board.poll(("a", 80), ("b", 71))) == [("unverified", "b")]


def test_a_removal_is_told_when_it_is_confirmed() -> None:
    """The first absence leaves no trace; the second tells it and what follows from it."""
    board = Board(*ABC, ("d", 50))
    assert told(board.poll(("b", 70), ("c", 60), ("d", 50))) == []
    found = board.poll(("b", 70), ("c", 60), ("d", 50))
    assert told(found) == [
        ("new_leader", "b"),
        ("removed", "a"),
        ("rank_shift", "c"),
        ("rank_shift", "d"),
    ]
    leader = found.found[0].event
    assert (leader.rank.before, leader.rank.after) == (2, 1)
    assert leader.previous_leader is not None
    assert leader.previous_leader.model == "acme/a"
    assert leader.cause.vacated_by == (RowName("acme/a"),)


def test_a_row_back_before_its_removal_is_confirmed_leaves_no_trace() -> None:
    """Nothing happened, and the count starts anew."""
    board = Board(*ABC, ("d", 50))
    before = board.snapshot
    gone = (("b", 70), ("c", 60), ("d", 50))
    board.poll(*gone)
    assert told(board.poll(*ABC, ("d", 50))) == []
    assert board.snapshot == before
    assert told(board.poll(*gone)) == []


def test_a_row_that_changes_while_another_is_held_is_told_with_the_rank_reported() -> None:
    """A missing row keeps its place, but people see the Hub's ranks."""
    board = Board(*ABC, ("d", 50))
    found = board.poll(("d", 75), ("b", 70), ("c", 60))
    assert told(found) == [("rank_change", "d")]
    assert found.found[0].event.rank == RankPair(4, 1)
    assert found.found[0].event.cause.overtook == (RowName("acme/b"), RowName("acme/c"))


def test_a_removed_row_that_comes_back_is_returned() -> None:
    """It takes the place of a new entry, and contains it."""
    board = Board(*ABC)
    board.poll(*ABC[:2])
    assert told(board.poll(*ABC[:2])) == [("removed", "c")]
    found = board.poll(*ABC)
    assert told(found) == [("returned", "c")]
    assert found.found[0].event.contains == (Kind.RETURNED, Kind.NEW_ENTRY)


def test_an_answer_that_lacks_most_rows_changes_nothing_until_seen_again() -> None:
    """The second such answer in a row is applied whole, removals included."""
    board = Board(*ABC)
    first = board.poll(*ABC[:1])
    assert not first.changed
    assert [row.missing for row in first.after.rows] == [0, 0, 0]
    assert {kind for kind, _ in told(board.poll(*ABC[:1]))} >= {"removed"}


def test_what_left_came_or_leads_as_most_rows_left_says_how_many() -> None:
    """What else happened in that answer has nothing to do with it."""
    board = Board(*ABC, ("d", 50))
    rows = (("n", 75), ("m", 55), ("d", 51))
    board.poll(*rows)
    marked = {f.event.model: f.event.turnover for f in board.poll(*rows).found if f.event.turnover}
    assert set(marked) == {f"acme/{name}" for name in "abcmn"}
    assert set(marked.values()) == {Turnover(rows=4, gone=3, new=2)}
    few = Board(*ABC)
    few.poll(*ABC[:2])
    assert not any(f.event.turnover for f in few.poll(*ABC[:2]).found)


def test_a_doubted_answer_followed_by_a_whole_one_is_forgotten() -> None:
    """A glitch leaves no trace, and two apart do not add up."""
    board = Board(*ABC)
    before = board.snapshot
    board.poll(*ABC[:1])
    assert not board.poll(*ABC).changed
    assert board.snapshot == before
    assert not board.poll(*ABC[:1]).changed


def test_doubted_answers_add_up_only_where_the_same_rows_are_left() -> None:
    """Another half of the board is another doubt."""
    five = (*ABC, ("d", 50), ("e", 40))
    board = Board(*five)
    board.poll(*five[:2])
    assert not board.poll(*five[3:]).changed
    assert not board.poll(*five[:2]).changed
    assert {kind for kind, _ in told(board.poll(*five[:2]))} == {"removed"}


FIVE = (*ABC, ("d", 50), ("e", 40))
"""As few rows as are ever doubted for their scores."""

ANEW = (("a", 81), ("b", 72), ("c", 63), ("d", 50), ("e", 40))
"""The same rows; more than half of them have another score."""


def test_an_answer_with_most_scores_changed_is_doubted() -> None:
    """It may be another task's board: it is told when it was seen again."""
    board = Board(*FIVE)
    before = board.poll(*FIVE).after
    doubted = board.poll(*ANEW)
    assert not doubted.changed
    assert doubted.after.rows == before.rows
    assert told(board.poll(*ANEW)) == [
        ("recomputed", ""),
        ("score_change", "a"),
        ("score_change", "b"),
        ("score_change", "c"),
    ]
    assert board.snapshot is not None
    assert board.snapshot.settled


def test_a_board_that_answers_as_before_ends_the_doubt() -> None:
    """One answer of another board's scores leaves no trace; the next doubt counts anew."""
    board = Board(*FIVE)
    before = board.snapshot
    board.poll(*ANEW)
    assert not board.poll(*FIVE).changed
    assert board.snapshot == before
    assert not board.poll(*ANEW).changed


@pytest.mark.parametrize(
    "rows",
    [(*FIVE[:2], ("c", 61), ("d", 51), ("e", 40)), (*FIVE[:4], ("e", 41))],
    ids=["two of five", "one"],
)
def test_half_of_the_scores_changed_is_believed(rows: tuple[tuple[str, float], ...]) -> None:
    """Only more than half is doubted."""
    assert Board(*FIVE).poll(*rows).changed


def test_a_small_board_is_not_doubted_for_its_scores() -> None:
    """Four rows may well all change at once."""
    assert Board(*FIVE[:4]).poll(*((model, score + 1) for model, score in FIVE[:4])).changed


def test_what_all_doubted_answers_lacked_is_removed_with_them() -> None:
    """Once they are believed; what only some lacked is missing for the first time."""
    seven = (*FIVE, ("f", 30), ("g", 20))
    anew = tuple((model, score + 1) for model, score in seven)
    board = Board(*seven)
    board.poll(*anew[:6])
    found = board.poll(*anew[:5])
    assert [event for event in told(found) if event[0] == "removed"] == [("removed", "g")]
    assert [row.missing for row in found.after.rows if row.result.model == "acme/f"] == [1]


def test_a_known_direction_turns_only_when_that_is_confirmed() -> None:
    """One answer in the other order makes no leader; as many as confirm a removal do."""
    board = Board(("a", 80), ("b", 70))
    assert ("new_leader", "b") not in told(board.poll(("b", 70), ("a", 80)))
    assert ("new_leader", "b") in told(board.poll(("b", 70), ("a", 80)))
    board = Board(("a", 80), ("b", 70))
    board.poll(("b", 70), ("a", 80))
    board.poll(("a", 80), ("b", 70))
    assert ("new_leader", "b") not in told(board.poll(("b", 70), ("a", 80)))


def test_an_undecided_answer_starts_the_count_of_a_turn_anew() -> None:
    """One of level rows says nothing, and breaks the row of those that do."""
    board = Board(("a", 80), ("b", 70))
    board.poll(("b", 70), ("a", 80))
    board.poll(result("b", 80, 1), result("a", 80, 2))
    board.poll(("b", 70), ("a", 80))
    assert board.snapshot is not None
    assert board.snapshot.higher_is_better
    board.poll(("b", 70), ("a", 80))
    assert board.snapshot.higher_is_better is False


def test_rows_that_say_the_direction_are_believed_before_their_order() -> None:
    """An error rate of one row, or in an order that says nothing, is one."""
    board = Board()
    assert board.poll(("a", 4.76), higher_is_better=False).after.higher_is_better is False
    found = board.poll(("b", 4.5), ("a", 4.76), higher_is_better=False)
    assert told(found)[0] == ("new_leader", "b")


def test_the_direction_that_people_gave_wins_at_once() -> None:
    """Over what the rows say, over their order and over what was known."""
    board = Board(("a", 80), ("b", 70))
    board.higher_is_better = False
    found = board.poll(("a", 80), ("b", 70), higher_is_better=True)
    assert told(found) == [("new_leader", "b")]
    assert board.poll(("a", 80), ("b", 70), higher_is_better=True).found == ()


def test_an_answer_that_was_doubted_turns_the_direction_with_it() -> None:
    """A board that is scored anew, as errors now, is applied whole."""
    errors = (("e", 1), ("d", 2), ("c", 3), ("b", 4), ("a", 5))
    board = Board(*FIVE)
    assert not board.poll(*errors, higher_is_better=False).changed
    found = board.poll(*errors, higher_is_better=False)
    assert told(found)[:2] == [("recomputed", ""), ("new_leader", "e")]
    assert found.after.higher_is_better is False


def test_half_of_the_rows_gone_is_believed() -> None:
    """Only more than half is doubted; other changes in the answer are told at once."""
    board = Board(("a", 80), ("b", 70))
    assert told(board.poll(("a", 81))) == [("score_change", "a")]


def test_no_absence_counts_while_rows_are_malformed() -> None:
    """A row that is not there may be one that could not be read."""
    board = Board(*ABC)
    for _ in range(5):
        assert told(board.poll(*ABC[:2], malformed=1)) == []
    assert told(board.poll(*ABC[:2])) == []
    assert told(board.poll(*ABC[:2])) == [("removed", "c")]


def test_an_answer_with_malformed_rows_is_believed_as_far_as_it_goes() -> None:
    """What it lacks may be what could not be read; what it says is told, however little."""
    board = Board(*ABC, ("d", 50))
    assert told(board.poll(("a", 81), malformed=1)) == [("score_change", "a")]
    assert not board.poll(malformed=4).changed
    assert not board.poll(("a", 81), *ABC[1:], ("d", 50)).changed


def test_held_rows_are_rows_of_the_board_where_half_of_it_is_counted() -> None:
    """Rows that go bit by bit are doubted too; one that has most rows is not."""
    five = (*ABC, ("d", 50), ("e", 40))
    board = Board(*five)
    board.poll(*five[:3])
    assert told(board.poll(*five[:2])) == []
    assert sorted(told(board.poll(*five[:2]))) == [
        ("removed", "c"),
        ("removed", "d"),
        ("removed", "e"),
    ]
    board = Board(*five)
    board.poll(*five[2:])
    assert told(board.poll(*five[:2], ("c", 61))) == [("score_change", "c")]


def test_an_answer_without_rows_where_rows_were_changes_nothing() -> None:
    """However often it comes: it is no answer, and whoever polls counts a failure."""
    board = Board(*ABC)
    before = board.snapshot
    for _ in range(5):
        assert not board.poll().changed
    assert board.snapshot == before


def test_the_first_rows_of_a_board_are_its_baseline() -> None:
    """However often it had none before."""
    board = Board()
    for _ in range(5):
        assert not board.poll().changed
    assert board.poll(*ABC).baseline
    assert told(board.poll(("n", 84.2), *ABC))[0] == ("new_leader", "n")


@pytest.mark.parametrize(
    ("before", "after", "suspected"),
    [
        (0.764, 76.4, True),
        (76.4, 0.764, True),
        (1, 50, True),
        (1, 100, True),
        (0.5, 100, True),
        (70, 80, False),
        (0.9, 1.1, False),
        (0, 50, False),
        (1, 49, False),
        (0.49, 100, False),
        (1.5, 100, False),
        (1, 100.5, False),
        (0.01, 1, False),
        (0.02, 3, True),
        (0.4985, 100, False),
    ],
)
def test_a_jump_between_fraction_and_percent_is_suspected(
    before: float, after: float, suspected: bool
) -> None:
    """The event says so; it is told all the same."""
    found = Board(("a", before)).poll(("a", after))
    assert [f.event.suspected_scale_change for f in found.found] == [suspected]


def test_a_row_that_others_push_and_pull_equally_tells_nothing() -> None:
    """A rank that stays is no shift, whatever happened around it."""
    found = Board(*ABC, ("d", 50)).poll(("a", 80), ("d", 75), ("c", 60), ("b", 55))
    assert told(found) == [("rank_change", "d"), ("rank_change", "b")]


def test_three_of_six_scores_changed_are_believed() -> None:
    """Only more than half is doubted."""
    board = Board(*FIVE, ("f", 30))
    found = board.poll(("a", 81), ("b", 71), ("c", 61), ("d", 50), ("e", 40), ("f", 30))
    assert {kind for kind, _ in told(found)} == {"score_change"}
