"""What scores say of each other: whether they are level, and whether one is in another unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum

BILLIONTH = Decimal("1e-9")
LARGEST = Decimal("1.7976931348623157E+308")
"""The largest double."""


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


def held(number: Decimal) -> Decimal | None:
    """Return a number that a double holds; None for a larger one, which JSON cannot carry."""
    return number if abs(number) <= LARGEST else None


class Unit(Enum):
    """What a score may be a share of: one, or a hundred."""

    FRACTION = 1
    PERCENT = 100


def unit(score: Decimal) -> Unit | None:
    """Return the unit that a score seems to have; None where it may have any."""
    if not 0 < score <= Unit.PERCENT.value:
        return None
    return Unit.FRACTION if score <= Unit.FRACTION.value else Unit.PERCENT


def usual_unit(scores: Sequence[Decimal]) -> Unit | None:
    """Return the unit that more than half of some scores seem to have."""
    found = Counter(map(unit, scores))
    return next((one for one in Unit if 2 * found[one] > len(scores)), None)


def rescaled(before: Decimal, after: Decimal) -> bool:
    """Tell whether a score seems to have jumped between fraction and percent."""
    low, high = sorted((before, after))
    return 0 < low <= 1 < high <= 100 and 50 <= high / low <= 200  # noqa: PLR2004
