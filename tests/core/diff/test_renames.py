"""The same row under a new model id, where the Hub says that the old one leads to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.board import Answer, Snapshot, Source
from bot.core.diff.compare import Rules, diff
from bot.core.diff.renames import asked_of
from bot.core.events import RankPair
from tests.core.diff.test_properties import answers, facts, first, replay
from tests.support.builders import Board, answer, ids, result, told

ABC = (("a", 80), ("b", 70), ("c", 60))
RENAMED = (("n", 80), ("b", 70), ("c", 60))
MOVED = {"acme/a": "acme/n"}
SAME = {"acme/a": "acme/a"}


def test_a_row_that_goes_on_under_a_new_id_is_renamed_once() -> None:
    """It leads as before: nobody took the lead, nothing came or went."""
    board = Board(*ABC)
    found = board.poll(*RENAMED, current=MOVED)
    assert told(found) == [("renamed", "n")]
    (event,) = (one.event for one in found.found)
    assert (event.model, event.previous_model) == ("acme/n", "acme/a")
    assert event.rank == RankPair(1, 1)
    assert event.score.delta == 0
    assert not board.poll(*RENAMED, current=MOVED).changed


def test_without_a_redirect_the_one_came_and_the_other_left() -> None:
    """A newcomer that is level with a missing row stands before it; the removal is confirmed."""
    board = Board(*ABC)
    assert told(board.poll(*RENAMED, current=SAME)) == [("new_entry", "n")]
    assert told(board.poll(*RENAMED, current=SAME))[-1] == ("removed", "a")


@pytest.mark.parametrize(
    "new",
    [
        result("n", 80.1),
        result("n", 80, filename="other.yaml"),
        result("n", 80, notes="tools"),
        result("n", 80, source=Source("Another", None)),
        result("n", 80, source=None),
    ],
)
def test_rows_that_differ_in_more_than_the_id_are_not_the_same(new: object) -> None:
    """Whatever the Hub would say, it is not asked."""
    rows = (new, result("b", 70, 2), result("c", 60, 3))
    board = Board(*ABC)
    assert asked_of(board.snapshot, answer(*rows)) == ()  # type: ignore[arg-type]
    kinds = {kind for kind, _ in told(board.poll(*rows, current=MOVED))}  # type: ignore[arg-type]
    assert kinds & {"new_entry", "new_leader"}


def test_scores_that_differ_by_less_than_a_billionth_are_equal() -> None:
    """As everywhere."""
    rows = (("n", "80.00000000000001"), ("b", 70), ("c", 60))
    assert told(Board(*ABC).poll(*rows, current=MOVED)) == [("renamed", "n")]


def test_what_else_happened_to_a_renamed_row_is_told_too() -> None:
    """Its flag, and a place that others made it lose."""
    rows = (("x", 90), result("n", 80, 2, verified=True), ("b", 70), ("c", 60))
    found = Board(*ABC).poll(*rows, current=MOVED)
    assert [one for one in told(found) if one[1] in ("n", "x")] == [
        ("new_leader", "x"),
        ("rank_shift", "n"),
        ("verified", "n"),
        ("renamed", "n"),
    ]
    leader = found.found[0].event.previous_leader
    assert leader is not None
    assert leader.model == "acme/a"


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("https://hub/acme/n/card", False),
        ("https://hub/acme/a/card", False),
        ("https://hub/acme/n/other", True),
    ],
)
def test_an_address_that_only_names_the_new_id_is_no_other_source(
    url: str, *, changed: bool
) -> None:
    """Nor is one that names the old id still."""
    board = Board(result("a", 80, source=Source("Card", "https://hub/acme/a/card")), ("b", 70))
    found = board.poll(result("n", 80, source=Source("Card", url)), ("b", 70), current=MOVED)
    assert [kind for kind, _ in told(found)] == ["provenance_change", "renamed"][not changed :]


def test_a_pair_waits_while_the_hub_does_not_say() -> None:
    """Neither came nor left, and the ranks of others are as reported; then it is renamed."""
    board = Board(*ABC)
    waiting = (("n", 80), ("x", 75), ("b", 70), ("c", 60))
    assert told(board.poll(*waiting, current={}))[0] == ("new_entry", "x")
    assert board.snapshot is not None
    assert not board.snapshot.settled
    assert next(row.result.model for row in board.snapshot.rows) == "acme/a"
    assert asked_of(board.snapshot, answer(*waiting)) == ("acme/a",)
    assert not board.poll(*waiting, current={}).changed
    assert told(board.poll(*waiting, current=MOVED)) == [("renamed", "n")]
    assert board.snapshot.settled


@pytest.mark.parametrize("confirm", [1, 2, 4])
def test_a_pair_waits_for_as_many_polls_as_confirm_a_removal(confirm: int) -> None:
    """Then the one has left, for its absences counted, and the other came."""
    board = Board(*ABC, confirm_removals=confirm)
    for _ in range(confirm):
        assert not board.poll(*RENAMED, current={}).changed
    assert set(told(board.poll(*RENAMED, current={}))) == {("new_leader", "n"), ("removed", "a")}


def test_absences_count_while_a_pair_waits() -> None:
    """A Hub that denies it in the second poll confirms the removal."""
    board = Board(*ABC)
    board.poll(*RENAMED, current={})
    found = told(board.poll(*RENAMED, current=SAME))
    assert set(found) == {("new_leader", "n"), ("removed", "a")}


def test_a_pair_that_waits_is_undone_where_the_row_is_back() -> None:
    """Nothing happened; a newcomer that stays has come."""
    board = Board(*ABC)
    before = board.snapshot
    board.poll(*RENAMED, current={})
    assert not board.poll(*ABC, current={}).changed
    assert board.snapshot == before
    board.poll(*RENAMED, current={})
    rows = (result("a", 80, 1), result("n", 80, 2), result("b", 70, 3), result("c", 60, 4))
    assert told(board.poll(*rows, current={}))[0] == ("new_entry", "n")


def test_a_row_that_left_before_the_other_came_is_not_the_same() -> None:
    """Only what leaves and comes in one answer is."""
    board = Board(*ABC, confirm_removals=3)
    board.poll(("b", 70), ("c", 60), current={})
    assert asked_of(board.snapshot, answer(*RENAMED)) == ()
    assert told(board.poll(*RENAMED, current=MOVED))[0] == ("new_entry", "n")


@pytest.mark.parametrize("current", [{f"acme/{x}": f"new/{x}" for x in "abc"}, {}])
def test_renamed_rows_are_not_gone(current: dict[str, str]) -> None:
    """An organisation that renames itself moves no board into doubt, nor while it waits."""
    board = Board(*ABC, ("d", 50))
    rows = (("new/a", 80), ("new/b", 70), ("new/c", 60), ("acme/d", 50))
    found = board.poll(*rows, current=current)
    assert found.after.doubt is None
    assert [kind for kind, _ in told(found)] == ["renamed"] * len(current)


def test_each_row_of_a_renamed_model_goes_on() -> None:
    """Variants keep their places; level rows of others are not mistaken for them."""
    rows = [result("a", 80, 1, notes="x"), result("a", 70, 2, notes="y"), result("b", 70, 3)]
    new = [result("n", 80, 1, notes="x"), result("n", 70, 2, notes="y"), result("o", 70, 3)]
    found = Board(*rows).poll(*new, current={"acme/a": "acme/n", "acme/b": "acme/o"})
    assert told(found) == [("renamed", "n"), ("renamed", "n"), ("renamed", "o")]
    assert [f.event.previous_model for f in found.found] == ["acme/a", "acme/a", "acme/b"]


@pytest.mark.parametrize("notes", ["y", "x"])
def test_a_row_of_a_model_whose_other_row_was_renamed_before_goes_on_too(notes: str) -> None:
    """It could not be read while the other was: the new id is known by then."""
    old = [result("a", 80, 1, notes="x"), result("a", 70, 2, notes=notes), result("b", 60, 3)]
    new = [result("n", 80, 1, notes="x"), result("n", 70, 2, notes=notes), result("b", 60, 3)]
    board = Board(*old)
    assert told(board.poll(new[0], new[2], malformed=1, current=MOVED)) == [("renamed", "n")]
    assert asked_of(board.snapshot, answer(*new)) == ("acme/a",)
    assert told(board.poll(*new, current=MOVED)) == [("renamed", "n")]


@given(answers(), st.permutations("abcdefg"), st.randoms(use_true_random=False))
def test_any_renames_replay_and_depend_on_no_order(
    old: Answer, letters: list[str], random: object
) -> None:
    """Every row goes on, and the events alone give the new board."""
    before = first(old)
    names = {f"org/m{was}": f"new/m{now}" for was, now in zip("abcdefg", letters, strict=True)}
    new = [replace(one, model=names[one.model]) for one in old.results]
    random.shuffle(new)  # type: ignore[attr-defined]
    found = diff(Answer(results=tuple(new)), before, Rules(confirm=2), ids("new"), names)
    assert {f.event.kind.value for f in found.found} <= {"renamed"}
    assert replay(before, found.found) == {row.id: facts(row) for row in found.after.rows}
    again = diff(Answer(results=old.results), before, Rules(confirm=2), ids("new"), names)
    assert again.found == ()


@given(answers(), answers(), st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")))
def test_what_waits_settles_in_time(old: Answer, new: Answer, names: dict[str, str]) -> None:
    """Whatever the Hub says of some and not of others: a row that waits is renamed, or gone."""
    current = {f"org/m{was}": f"org/m{now}" for was, now in names.items()}
    renamed = {"org/ma": "org/mx", "org/mb": "org/my", "org/mc": "org/mz"}
    board: Snapshot = first(old)
    results = [replace(one, model=renamed.get(one.model, one.model)) for one in new.results]
    for _ in range(6):
        found = diff(Answer(results=tuple(results)), board, Rules(confirm=2), ids("n"), current)
        board = found.after
    assert board.doubt is None
    assert {row.result.model for row in board.rows} == {one.model for one in results}
