"""Rows that left as others came, and what the removal says of them."""

from __future__ import annotations

import pytest
from msgspec import UNSET, UnsetType

from bot.core.board import Result, Source
from bot.core.diff.compare import Diff
from bot.core.diff.successors import MOST_LEVEL, is_alike
from tests.support.builders import Board, result, told

A, B, C = result("a", 80, 1, notes="own"), result("b", 70, 2), result("c", 60, 3)


def hint(found: Diff) -> str | UnsetType:
    """Return the one that the only removal of a poll names."""
    (event,) = (one.event for one in found.found if one.event.kind == "removed")
    return event.perhaps_renamed_to


def renamed(was: Result, now: Result, *rest: Result, confirm: int = 2) -> str | UnsetType:
    """Return what is said of a row whose place another takes for good."""
    board = Board(was, B, C, confirm_removals=confirm)
    for _ in range(confirm - 1):
        board.poll(now, B, C, *rest)
    return hint(board.poll(now, B, C, *rest))


@pytest.mark.parametrize("confirm", [1, 2, 3])
def test_a_removal_names_the_newcomer_that_has_what_the_row_alone_had(confirm: int) -> None:
    """Whether it is confirmed in the poll in which that came, or later."""
    assert renamed(A, result("n", 80, 1, notes="own"), confirm=confirm) == "acme/n"


def test_a_leader_that_is_perhaps_the_one_that_left_says_so() -> None:
    """Another that leads after a removal does not."""
    heir = result("n", 80, 1, notes="own")
    board = Board(A, B, C, confirm_removals=2)
    board.poll(heir, B, C)
    led = [one.event for one in board.poll(heir, B, C).found if one.event.kind == "new_leader"]
    assert [one.perhaps_renamed for one in led] == [True]
    board = Board(A, B, C, confirm_removals=2)
    board.poll(B, C)
    led = [one.event for one in board.poll(B, C).found if one.event.kind == "new_leader"]
    assert [one.perhaps_renamed for one in led] == [UNSET]


@pytest.mark.parametrize(
    "fields",
    [
        {"filename": "own.yaml"},
        {"source": Source("Own", None)},
        {"source": Source(None, "https://example.org/own")},
    ],
)
def test_the_file_or_the_source_may_be_what_they_share(fields: dict[str, object]) -> None:
    """What a row alone has is as good, wherever it stands."""
    assert renamed(result("a", 80, 1, **fields), result("n", 80, 1, **fields)) == "acme/n"


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (A, result("n", 80.1, 1, notes="own")),
        (A, result("n", 80, 1, notes="other")),
        (result("a", 80, 1), result("n", 80, 1)),
    ],
)
def test_a_newcomer_with_another_score_or_nothing_of_its_own_is_no_heir(
    was: Result, now: Result
) -> None:
    """The score alone may be chance, and what all rows have says nothing."""
    assert renamed(was, now) is UNSET


def test_a_newcomer_with_a_name_alike_and_the_same_score_is_named() -> None:
    """Although all else is what every row has."""
    assert renamed(result("o3", 80, 1), result("other/O3-high", 80, 1)) == "other/O3-high"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a/GPT-3.5", "b/gpt-3.5-turbo", True),
        ("a/GPT3.5", "a/GPT-3.5", True),
        ("a/Gamma-7b-it", "a/Gemma-7b-it", True),
        ("a/claude-3", "a/claude-3.5", False),
        ("a/qwen3-8b", "a/qwen3-14b", False),
        ("a/o3", "a/o30", False),
        ("a/x", "a/y", False),
    ],
)
def test_names_are_alike_where_one_goes_on_or_a_letter_differs(
    one: str, other: str, *, alike: bool
) -> None:
    """Another number is another model."""
    assert is_alike(one, other) is is_alike(other, one) is alike


def test_only_one_that_came_as_the_row_left_is_named() -> None:
    """What came before, or later, is another."""
    like = result("n", 80, 1, notes="own")
    early = Board(A, B, C)
    early.poll(A, B, C, like)
    early.poll(B, C, like)
    assert hint(early.poll(B, C, like)) is UNSET
    late = Board(A, B, C, confirm_removals=3)
    late.poll(B, C)
    late.poll(B, C, like)
    assert hint(late.poll(B, C, like)) is UNSET


def test_a_newcomer_that_left_again_is_not_named() -> None:
    """Nobody would find it."""
    board = Board(A, B, C, confirm_removals=3)
    board.poll(result("n", 80, 1, notes="own"), B, C)
    board.poll(B, C)
    found = board.poll(B, C)
    assert ("removed", "a") in told(found)
    assert hint(found) is UNSET


def test_a_newcomer_is_taken_for_one_row_at_the_most() -> None:
    """Of two that left the first that may be it."""
    twin = result("o3-mini", 80, 1)
    board = Board(result("o3", 80, 1), twin, B, C, confirm_removals=1)
    found = board.poll(result("o3-high", 80, 1), B, C)
    gone = [one.event for one in found.found if one.event.kind == "removed"]
    assert [one.perhaps_renamed_to for one in gone] == ["acme/o3-high", UNSET]


def test_among_many_newcomers_of_one_score_none_is_named() -> None:
    """A score that so many have tells them from nobody."""
    rest = [result(f"x{number}", 80, 1) for number in range(MOST_LEVEL)]
    new = result("n", 80, 1, notes="own")
    assert renamed(A, new, *rest) is UNSET
    assert renamed(A, new, *rest[1:]) == "acme/n"


def test_a_row_that_waited_for_the_hub_is_guessed_at_by_what_it_alone_has() -> None:
    """That the Hub does not lead from one name to the other may only be for want of a redirect."""
    board = Board(A, B, C)
    moved = result("n", 80, 1, notes="own")
    board.poll(moved, B, C, current={})
    assert hint(board.poll(moved, B, C, current={"acme/a": "acme/a"})) == "acme/n"
