"""Rows as the oracle knows them, and what is better, level and the same among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

LEVEL = Decimal("1e-9")
"""Scores that differ by less than this part of their size are equal."""


@dataclass(frozen=True)
class Result:
    """What counts of one row of an answer."""

    model: str
    rank: int
    score: Decimal
    verified: bool = False
    file: str | None = None
    notes: str | None = None
    source: tuple[str | None, str | None] | None = None
    pull_request: int | None = None

    @property
    def name(self) -> tuple[str, str | None, str | None]:
        """What a row is known by, though not by it alone."""
        return self.model, self.file, self.notes

    @property
    def origin(self) -> tuple[object, ...]:
        """Where the result comes from."""
        return self.source, self.file, self.notes, self.pull_request


@dataclass(frozen=True)
class Row:
    """A result with an identity; ``missing`` counts the answers in a row that lacked it.

    ``heir`` is the model that it may be called now, of which the Hub has not said so.
    """

    id: int
    result: Result
    missing: int = 0
    heir: str | None = None


def level(one: Decimal, other: Decimal) -> bool:
    """Tell whether two scores are equal."""
    return one == other or abs(one - other) < LEVEL * max(abs(one), abs(other))


def distance(one: Decimal, other: Decimal) -> Decimal:
    """Return how far two scores are apart."""
    return Decimal(0) if level(one, other) else abs(one - other)


def better(one: Decimal, other: Decimal, *, higher: bool) -> bool:
    """Tell whether one score is better than another."""
    return not level(one, other) and (one > other) == higher


def match(
    before: Iterable[Row], results: Iterable[Result]
) -> tuple[dict[int, Result], list[Row], list[Result]]:
    """Return which result each row is by id, the rows that have none, and the new results."""
    pairs, rows, new = match_names(before, results)
    for model in {row.result.model for row in rows}:
        mine = [row for row in rows if row.result.model == model]
        theirs = [result for result in new if result.model == model]
        if len(mine) == len(theirs) == 1:
            pairs[mine[0].id] = theirs[0]
            rows.remove(mine[0])
            new.remove(theirs[0])
    return pairs, rows, new


def match_names(
    before: Iterable[Row], results: Iterable[Result]
) -> tuple[dict[int, Result], list[Row], list[Result]]:
    """Match by model, file and notes alone."""
    rows, new = list(before), list(results)
    pairs: dict[int, Result] = {}
    for key in (_all, _all_but_rank, _name):
        rows, new = _pair(rows, new, key, pairs)
    return pairs, rows, new


def _pair(
    rows: Sequence[Row],
    results: Sequence[Result],
    key: Callable[[Result], Hashable],
    pairs: dict[int, Result],
) -> tuple[list[Row], list[Result]]:
    waiting = defaultdict(list)
    for result in sorted(results, key=_place):
        waiting[key(result)].append(result)
    left = []
    for row in sorted(rows, key=lambda row: _place(row.result)):
        same = waiting[key(row.result)]
        if same:
            pairs[row.id] = same.pop(0)
        else:
            left.append(row)
    return left, [result for same in waiting.values() for result in same]


def _place(result: Result) -> tuple[object, ...]:
    source = [part or "" for part in result.source or ("", "")]
    return result.rank, result.score, result.verified, result.pull_request or 0, source


def _all(result: Result) -> Hashable:
    return result


def _all_but_rank(result: Result) -> Hashable:
    return replace(result, rank=0)


def _name(result: Result) -> Hashable:
    return result.name
