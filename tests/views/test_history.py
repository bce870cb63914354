"""Rank and score over time, as plain values."""

from __future__ import annotations

from datetime import timedelta

from bot.views.history import lines, named, points
from tests.support.store.history import NOON, grouped, version


def test_versions_that_differ_in_neither_rank_nor_score_are_one_point() -> None:
    """What else changed in a row is no point of its history."""
    history = [version("a", 0, 1, "5", until=1), version("a", 1, 1, "5", notes="n")]
    assert [point.at for point in points(lines(grouped(history), None))] == [NOON]


def test_first_point_is_what_stood_at_the_start() -> None:
    """With ``--since``, what began before then begins then."""
    history = [version("a", 0, 1, "5", until=5), version("a", 5, 2, "5")]
    start = NOON + timedelta(hours=2)
    assert [(point.at, point.rank) for point in points(lines(grouped(history), start))] == [
        (start, 1),
        (NOON + timedelta(hours=5), 2),
    ]


def test_variant_is_the_one_of_its_time() -> None:
    """A model's only row has no variant; with a second one, both have."""
    history = [
        version("a", 0, 1, "5", notes="one", until=2),
        version("a", 2, 1, "6", notes="one"),
        version("b", 2, 2, "3", notes="two", until=4),
        version("b", 4, 2, "3", notes="two", removed=True),
        version("c", 0, 3, "1", model="acme/y", notes="three"),
    ]
    assert named(history) == [None, "one", "two", "two", None]


def test_lines_are_by_board_and_rank_with_removed_rows_last() -> None:
    """A line has a row's points; its place is its latest rank."""
    history = [
        version("gone", 0, 1, "9", until=1, model="acme/z"),
        version("low", 0, 3, "1"),
        version("top", 0, 2, "5", model="acme/y"),
        version("gone", 1, 1, "9", model="acme/z", removed=True),
    ]
    assert [line.model for line in lines(grouped(history), None)] == ["acme/y", "acme/x", "acme/z"]
    assert [point.rank for point in lines(grouped(history), None)[2].points] == [1, None]
