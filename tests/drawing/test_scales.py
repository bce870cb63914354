"""Where values and times stand, and which of them are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.drawing.scales import MOST_TICKS, Scale, TimeScale, moments, spread, values
from bot.drawing.values import Span

NOON = datetime(2026, 4, 27, 12, tzinfo=UTC)
NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**308), max_value=10**308
)


@given(NUMBERS, NUMBERS)
def test_written_values_lie_within_and_are_few(one: Decimal, other: Decimal) -> None:
    """However large or near to each other the bounds are."""
    low, high = sorted((one, other))
    found = values(low, high)
    assert len(found) <= MOST_TICKS + 1
    assert all(low <= value <= high for value in found)


def test_written_values_are_round() -> None:
    """As people would choose them."""
    assert [str(one.normalize()) for one in values(Decimal("71.3"), Decimal("81.9"))] == [
        "72", "74", "76", "78", "8E+1",
    ]  # fmt: skip


@given(st.timedeltas(timedelta(0), timedelta(days=10_000)))
def test_written_times_lie_within_and_are_few(length: timedelta) -> None:
    """However short or long the time is."""
    found = moments(Span(NOON, NOON + length), 5)
    assert len(found) <= 5
    assert all(NOON <= at <= NOON + length for at in found)


@pytest.mark.parametrize(
    ("days", "written"),
    [
        (2, ["28 00:00", "28 12:00", "29 00:00", "29 12:00"]),
        (30, ["04 00:00", "11 00:00", "18 00:00", "25 00:00"]),
        (150, ["01 00:00"] * 5),
    ],
)
def test_written_times_are_round(days: int, written: list[str]) -> None:
    """Hours, days, Mondays, or months."""
    found = moments(Span(NOON, NOON + timedelta(days=days)), 5)
    assert [f"{at:%d %H:%M}" for at in found[-len(written) :]] == written


def test_equal_values_stand_in_the_middle() -> None:
    """And a time that has no length at its beginning."""
    assert Scale(Decimal(5), Decimal(5), 0, 10)(Decimal(5)) == 5
    assert TimeScale(Span(NOON, NOON), 3, 9)(NOON) == 3


@given(st.lists(st.floats(0, 100), max_size=40))
def test_names_keep_apart_and_within(wanted: list[float]) -> None:
    """Those that have no room have no place, the last of them first."""
    places = spread(wanted, 10, 0, 100)
    found = sorted(place for place in places if place is not None)
    assert len(found) == min(len(wanted), 11)
    assert all(b - a > 9.999 for a, b in pairwise(found))
    assert all(-0.001 <= place <= 100.001 for place in found)
    assert None not in places[: len(found)]
