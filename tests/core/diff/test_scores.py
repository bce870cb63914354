"""When scores are equal, and when one is in another unit than others."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.diff.scores import level, levels
from tests.support.builders import Board, result, told

NOISE = "0.30000000000000004"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.3", NOISE, True),
        ("0", "0", True),
        ("0", "1e-300", False),
        ("1000000000", "1000000002", False),
        ("1000000000", "1000000000.9", True),
        ("-5", "5", False),
        ("-0.3", f"-{NOISE}", True),
        ("1.7e308", "-1.7e308", False),
    ],
)
def test_scores_are_equal_that_differ_by_less_than_a_billionth(
    one: str, other: str, same: bool
) -> None:
    """Of their size, whatever that is."""
    assert level(Decimal(one), Decimal(other)) is same
    assert level(Decimal(other), Decimal(one)) is same
    assert (len(set(levels(map(Decimal, (one, other))).values())) == 1) is same


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=9)))
def test_each_score_is_level_with_the_one_that_stands_for_it(scores: list[Decimal]) -> None:
    """And what stands for scores is in their order."""
    found = levels(scores)
    assert all(level(score, found[score]) for score in scores)
    ordered = [found[score] for score in sorted(scores)]
    assert ordered == sorted(ordered)


def test_noise_in_a_score_is_nothing() -> None:
    """Not once, and not when it comes and goes: the score stays as it was."""
    board = Board(("a", "0.5"), ("b", "0.3"))
    before = board.snapshot
    assert told(board.poll(("a", "0.5"), ("b", NOISE))) == []
    assert board.snapshot == before


def test_noise_in_many_scores_is_no_new_scoring() -> None:
    """Such an answer is believed at once."""
    board = Board(*((name, f"0.{n}") for name, n in zip("abcde", "98765", strict=True)))
    noisy = [(name, f"0.{n}0000000000000004") for name, n in zip("abcde", "98765", strict=True)]
    assert told(board.poll(*noisy)) == []
    assert board.snapshot is not None
    assert board.snapshot.doubt is None


def test_rows_that_noise_parts_are_level() -> None:
    """They pass nobody, lead nobody, and may swap places."""
    board = Board(result("a", "0.3", 1), result("b", "0.3", 2), result("c", "0.2", 3))
    found = board.poll(result("b", NOISE, 1), result("a", "0.3", 2), result("c", "0.2", 3))
    assert told(found) == []
    board = Board(result("a", "0.3", 1), result("b", "0.2", 2))
    found = board.poll(result("b", NOISE, 1), result("a", "0.3", 2))
    assert told(found) == [("score_change", "b")]
    assert found.found[0].event.gap == 0


def test_noise_is_not_the_difference_between_duplicates() -> None:
    """Of two rows of one name the one that goes is the one whose score does."""
    board = Board(result("m", "0.9", 1), result("m", "0.3", 2), confirm_removals=1)
    found = board.poll(result("m", NOISE, 1))
    assert told(found)[-1] == ("removed", "m")
    assert found.found[-1].event.score.before == Decimal("0.9")


@pytest.mark.parametrize(
    ("board", "newcomer", "suspected"),
    [
        (("0.8", "0.6"), "61.2", True),
        (("80", "60"), "0.7", True),
        (("80", "60"), "61.2", False),
        (("0.8", "0.6"), "0.7", False),
        (("0.8", "60"), "61.2", False),
        (("0.8", "60"), "0.7", False),  # no unit is that of most rows
        (("0.8", "0.6", "60"), "61.2", True),
        (("1450", "1400"), "0.7", False),
        (("0.8", "0.6"), "150", False),
        (("0.8", "0.6"), "0", False),
        (("0", "0"), "0.5", False),
        (("1", "0.5"), "100", True),
        (("1.3", "1.6", "30"), "0.8", False),  # near them, and 80 would not be among them
        (("1.3", "1.6", "30"), "0.1", True),
        (("1.3", "1.6", "95"), "0.8", True),
        (("0.7", "0.9"), "1.2", False),
        (("0.7", "0.9"), "5", True),
    ],
)
def test_a_newcomer_whose_score_is_in_another_unit_than_most_is_suspected(
    board: tuple[str, ...], newcomer: str, suspected: bool
) -> None:
    """A percentage among fractions, or the other way."""
    rows = [(f"m{n}", score) for n, score in enumerate(board)]
    found = Board(*rows).poll(*rows, result("n", newcomer, 9))
    (event,) = (f.event for f in found.found if f.event.new)
    assert event.suspected_scale_change is suspected
