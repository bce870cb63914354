"""What scores say of each other: whether they are level, and whether one is in another unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

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


NEAR = 3
"""How many times as large as others a score may be, or they as it, and still be near them."""


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


class Scale(NamedTuple):
    """The unit that most of some scores seem to have, and the least and the greatest of these."""

    unit: Unit
    low: Decimal
    high: Decimal

    def lacks(self, score: Decimal) -> bool:
        """Tell whether a score seems to be in the other unit.

        One that is near the scores as it stands, and would not be among them in the other unit, is
        in theirs: 0.8 on a board of error rates from 1.3 to 30.
        """
        found = unit(score)
        if found is None or found is self.unit:
            return False
        turned = score * 100 if found is Unit.FRACTION else score / 100
        is_near = self.low / NEAR <= score <= self.high * NEAR
        return not is_near or self.low <= turned <= self.high


def scale(scores: Sequence[Decimal]) -> Scale | None:
    """Return the scale of some scores; None where no unit is that of more than half of them."""
    usual = usual_unit(scores)
    if usual is None:
        return None
    those = [score for score in scores if unit(score) is usual]
    return Scale(usual, min(those), max(those))


def rescaled(before: Decimal, after: Decimal) -> bool:
    """Tell whether a score seems to have jumped between fraction and percent."""
    low, high = sorted((before, after))
    return 0 < low <= 1 < high <= 100 and 50 <= high / low <= 200  # noqa: PLR2004
