"""Who passed whom between two orders, in time that follows the number of passes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from decimal import Decimal

_LAST = Decimal("Infinity")


def passes(before: Sequence[Decimal], after: Sequence[Decimal], limit: int) -> list[list[int]]:
    """List for each row the rows it passed, nearest first, at most ``limit`` of them.

    Keys sort better rows first and are equal for level ones. ``i`` passed ``j`` when it was not
    better before (``before[j] <= before[i]``) and is better after (``after[i] < after[j]``).
    Whom ``i`` was passed by is the same question about the negated keys.
    """
    order = sorted(range(len(after)), key=lambda i: (after[i], before[i]))
    ordered = [after[i] for i in order]
    tree = _MinTree([before[i] for i in order])
    passed: list[list[int]] = [[] for _ in order]
    for i in range(len(after)):
        at = tree.first_at_most(before[i], bisect_right(ordered, after[i]))
        while at is not None and len(passed[i]) < limit:
            passed[i].append(order[at])
            at = tree.first_at_most(before[i], at + 1)
    return passed


class _MinTree:
    """A segment tree of minima: finds the next small value in logarithmic time."""

    def __init__(self, values: Sequence[Decimal]) -> None:
        self._size = 1 << max(len(values) - 1, 0).bit_length()
        padding = [_LAST] * (self._size - len(values))
        self._nodes = [_LAST] * self._size + list(values) + padding
        self._length = len(values)
        for node in range(self._size - 1, 0, -1):
            self._nodes[node] = min(self._nodes[2 * node], self._nodes[2 * node + 1])

    def first_at_most(self, value: Decimal, start: int) -> int | None:
        """Return the first index from ``start`` on whose value is at most ``value``."""
        if start >= self._length:
            return None
        node = start + self._size
        while self._nodes[node] > value:
            while node & 1:
                node >>= 1
            if node == 0:
                return None
            node += 1
        while node < self._size:
            node = 2 * node + (self._nodes[2 * node] > value)
        return node - self._size
