"""What scores say of each other: whether they are level, and whether one is in another unit."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

BILLIONTH = Decimal("1e-9")


def level(one: Decimal, other: Decimal) -> bool:
    """Tell whether two scores are equal: they differ by less than a billionth of their size."""
    return one == other or abs(one - other) < BILLIONTH * max(abs(one), abs(other))


def levels(scores: Iterable[Decimal]) -> dict[Decimal, Decimal]:
    """Return for each score the one that stands for all that are level with it."""
    found: dict[Decimal, Decimal] = {}
    lowest: Decimal | None = None
    for score in sorted(set(scores)):
        if lowest is None or not level(lowest, score):
            lowest = score
        found[score] = lowest
    return found


def rescaled(before: Decimal, after: Decimal) -> bool:
    """Tell whether a score seems to have jumped between fraction and percent."""
    low, high = sorted((before, after))
    return 0 < low <= 1 < high <= 100 and 50 <= high / low <= 200  # noqa: PLR2004
