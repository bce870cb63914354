"""What each event tells in full: every field, not only that it happened."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.core.alerts.benchmarks import entry
from bot.core.board import Snapshot, Source
from bot.core.diff.compare import Diff, Rules, baseline
from bot.core.discovery import ListChange, benchmark_event, compare_lists
from bot.core.events import Event, FlagPair, Leader, RankPair, Related, RowName, ScorePair
from bot.core.kinds import Kind
from tests.support.builders import Board, answer, ids, result

PLAIN = result("m", 70, 2, filename="x/plain.yaml")
TOOLS = result(
    "m",
    80,
    1,
    filename="x/tools.yaml",
    notes="With tools",
    verified=True,
    pull_request=7,
    source=Source("Paper", "https://example.org/p"),
)


def the(found: Diff, kind: Kind) -> Event:
    (event,) = (f.event for f in found.found if f.event.kind is kind)
    return event


def test_a_removal_tells_all_that_was_known_of_the_row() -> None:
    """Its last rank, score, flag, variant and provenance, and nothing after."""
    board = Board(TOOLS, PLAIN, confirm_removals=1)
    removed = the(board.poll(result("m", 70, 1, filename="x/plain.yaml")), Kind.REMOVED)
    assert removed == Event(
        id=removed.id,
        kind=Kind.REMOVED,
        contains=(Kind.REMOVED,),
        model="acme/m",
        variant="With tools",
        rank=RankPair(1, None),
        score=ScorePair(Decimal(80), None),
        verified=FlagPair(True, None),
        source=TOOLS.source,
        pull_request=7,
        filename="x/tools.yaml",
        notes="With tools",
    )
    assert removed.id


def test_a_previous_leader_keeps_the_variant_it_led_with() -> None:
    """Although its model has one row left."""
    board = Board(TOOLS, PLAIN, confirm_removals=1)
    leader = the(board.poll(result("m", 70, 1, filename="x/plain.yaml")), Kind.NEW_LEADER)
    assert leader.previous_leader == Leader("acme/m", "With tools", Decimal(80))


def test_a_passed_row_learns_of_the_variant_and_the_community_mark_of_its_passer() -> None:
    """They are told beside the bare names of the cause."""
    board = Board(result("a", 75, 1), PLAIN, result("b", 60, 3))
    found = board.poll(TOOLS, result("a", 75, 2), result("m", 70, 3, filename="x/plain.yaml"),
                       result("b", 60, 4))  # fmt: skip
    shifted = next(f.event for f in found.found if f.event.model == "acme/a")
    assert shifted.cause.displaced_by == (RowName("acme/m", "With tools"),)
    assert shifted.related == (
        Related("acme/m", "With tools", 1, Decimal(80), new=True, community=True),
    )


def test_level_rows_of_unequal_ranks_are_no_reordering() -> None:
    """Only rows of unlike scores that trade places were ordered anew."""
    before = [result("a", 80, 1), result("b", 80, 2), result("c", 70, 3), result("d", 60, 4)]
    after = [result("b", 80, 1), result("a", 80, 2), result("d", 60, 3), result("c", 70, 4)]
    found = Board(*before).poll(*after)
    assert [(f.event.kind, f.event.model) for f in found.found] == [
        (Kind.RANK_CHANGE, "acme/d"),
        (Kind.RANK_CHANGE, "acme/c"),
    ]
    assert found.found[0].event.cause.overtook == (RowName("acme/c"),)
    assert found.found[1].event.cause.overtaken_by == (RowName("acme/d"),)


def test_removals_stand_in_the_order_of_the_ranks_they_had() -> None:
    """Among what moved, by rank; variants of one model by name."""
    board = Board(("a", 9), ("b", 8), ("c", 7), ("d", 6), ("e", 5), confirm_removals=1)
    found = board.poll(("a", 9), ("c", 7), ("e", 5))
    told = [(f.event.kind.value, (f.event.model or "")[-1]) for f in found.found]
    assert told == [("removed", "b"), ("rank_shift", "c"), ("rank_shift", "e"), ("removed", "d")]


def test_a_benchmark_event_tells_its_kind_and_its_page() -> None:
    """A joining one is new."""
    joined = benchmark_event(Kind.NEW_BENCHMARK, "https://hub.test/x", ids())
    assert joined == Event(
        id="id1",
        kind=Kind.NEW_BENCHMARK,
        contains=(Kind.NEW_BENCHMARK,),
        new=True,
        url="https://hub.test/x",
    )


@pytest.mark.parametrize(("gone", "doubted"), [(2, False), (3, True)])
def test_a_list_is_doubted_when_more_than_half_is_gone(gone: int, doubted: bool) -> None:
    """Half of it gone is counted, benchmark by benchmark."""
    known = ("a/1", "b/2", "c/3", "d/4")
    change = compare_lists(
        known, known[gone:], missing={"z/9": 1}, doubted=0, lacking=(), confirm_removals=2
    )
    assert change.doubted == int(doubted)
    assert change.missing == ({"z/9": 1} if doubted else dict.fromkeys(known[:gone], 1))


def test_a_doubted_list_that_is_believed_keeps_no_count() -> None:
    """What left is gone, at once and with nothing missing."""
    known = ("a/1", "b/2")
    change = compare_lists(known, (), missing={}, doubted=1, lacking=known, confirm_removals=2)
    assert change == ListChange(kept=(), left=known)


@pytest.mark.parametrize("pattern", ["a/*", "a/b?", "a/[bc]", "official"])
def test_each_mark_makes_a_glob(pattern: str) -> None:
    """An id has none of them."""
    assert entry(pattern).is_glob
    assert not entry("a/b").is_glob


def test_a_removed_row_is_remembered_until_it_returns() -> None:
    """Whatever else comes, goes and returns meanwhile."""
    board = Board(("a", 9), ("b", 8), ("c", 7), ("d", 6), confirm_removals=1)
    board.poll(("a", 9), ("b", 8))
    board.poll(("a", 9), ("b", 8), ("d", 6))
    found = board.poll(("a", 9), ("b", 8), ("c", 7), ("d", 6))
    assert the(found, Kind.RETURNED).model == "acme/c"
    assert board.snapshot is not None
    assert board.snapshot.removed == ()


def test_a_new_baseline_keeps_the_ids_of_rows_that_are_known() -> None:
    """Of present and of removed ones: their history goes on."""
    board = Board(("a", 9), ("b", 8), ("c", 7), confirm_removals=1)
    known = {row.result.model: row.id for row in board.snapshot.rows} if board.snapshot else {}
    board.poll(("a", 9), ("b", 8))
    again = baseline(
        answer(("c", 9), ("a", 8), ("x", 7)), board.snapshot, Rules(confirm=1), ids("new")
    )
    assert again.found == ()
    assert {row.result.model: row.id for row in again.after.rows} == {
        "acme/c": known["acme/c"],
        "acme/a": known["acme/a"],
        "acme/x": "new1",
    }
    assert [row.result.score for row in again.after.rows] == [9, 8, 7]
    assert again.after.leader == known["acme/c"]


def test_a_direction_that_cannot_be_told_stays_as_it_was() -> None:
    """One row, or only level ones, decide nothing."""
    board = Board(("a", 1), ("b", 2), confirm_removals=1)
    board.poll(("b", 2))
    assert the(board.poll(("c", 1), ("b", 2)), Kind.NEW_LEADER).model == "acme/c"


def test_a_board_that_turns_out_to_rank_the_other_way_has_another_leader() -> None:
    """Unless the same row leads either way; the Hub's page shows the other one on top, too."""
    board = Board(result("a", 5, 1), result("b", 5, 2), result("c", 5, 3))
    found = board.poll(result("a", 5, 1), result("b", 6, 2), result("c", 7, 3))
    assert [f.event.kind for f in found.found] == [Kind.RANK_CHANGE, Kind.RANK_CHANGE]
    turned = (result("c", 7, 1), result("b", 8, 2), result("a", 9, 3))
    flipped = Board(("a", 9), ("b", 8), ("c", 7), confirm_removals=1)
    first, *others = flipped.poll(*turned).found
    assert (first.event.kind, first.event.model) == (Kind.NEW_LEADER, "acme/c")
    assert first.event.previous_leader == Leader("acme/a", None, Decimal(9))
    assert {f.event.kind for f in others} == {Kind.RANK_CHANGE}


def test_every_event_of_a_poll_has_an_id_of_its_own() -> None:
    """And flags tell where the row stood and stands."""
    board = Board(("a", 9), ("b", 8), ("c", 7))
    found = board.poll(result("b", 10, 1, notes="n", verified=True), ("a", 9), ("c", 7))
    assert len({f.event.id for f in found.found}) == len(found.found) == 4
    changed = the(found, Kind.PROVENANCE_CHANGE)
    assert changed.rank == RankPair(2, 1)
    assert changed.score == ScorePair(Decimal(8), Decimal(10), Decimal(2))


def test_a_cause_names_variants() -> None:
    """A row that passes one of a model's rows says which."""
    board = Board(TOOLS, PLAIN, result("b", 60, 3))
    found = board.poll(TOOLS, result("b", 75, 2), result("m", 70, 3, filename="x/plain.yaml"))
    assert the(found, Kind.RANK_CHANGE).cause.overtook == (RowName("acme/m", "plain.yaml"),)


def test_the_file_of_a_variant_is_its_last_part() -> None:
    """However deep its folder."""
    deep = result("m", 70, 2, filename="a/b/plain.yaml")
    found = Board(TOOLS, deep).poll(TOOLS, result("m", 71, 2, filename="a/b/plain.yaml"))
    assert the(found, Kind.SCORE_CHANGE).variant == "plain.yaml"


def test_a_row_that_returns_to_a_board_without_rows_leads_after_nobody() -> None:
    """Programs of old removed all rows where the Hub answered with none."""
    board = Board(("a", 9))
    assert board.snapshot is not None
    board.snapshot = Snapshot(removed=board.snapshot.rows, higher_is_better=True)
    leader = the(board.poll(("a", 9)), Kind.NEW_LEADER)
    assert leader.contains == (Kind.NEW_LEADER, Kind.RETURNED, Kind.NEW_ENTRY)
    assert (leader.previous_leader, leader.margin) == (None, None)


def test_a_number_that_no_double_holds_is_null() -> None:
    """Scores are doubles, and how far they are apart need not be one."""
    board = Board(result("up", "-1.7e308", 2), result("top", "1.7e308", 1))
    changed = the(
        board.poll(result("up", "1.75e308", 1), result("top", "1.7e308", 2)), Kind.NEW_LEADER
    )
    assert (changed.score.delta, changed.score.change) == (None, Decimal("3.45e308"))
    assert changed.margin == Decimal("0.05e308")
    board = Board(result("low", "-1.7e308", 2), result("top", "1.7e308", 1))
    fallen = board.poll(result("low", "-1.6e308", 2), result("top", "1.7e308", 1))
    assert the(fallen, Kind.SCORE_CHANGE).gap is None
    assert the(fallen, Kind.SCORE_CHANGE).score.delta == Decimal("0.1e308")
