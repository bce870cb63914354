"""Which row of an answer is which row of the snapshot."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from bot.core.board import Result, Row
from bot.core.diff.order import sort_key
from bot.core.diff.scores import levels

T = TypeVar("T")
Key = Callable[[Result], Hashable]


class Matching(Struct, frozen=True):
    """Rows that are the same before and after, those that are gone, and those that are new."""

    pairs: tuple[tuple[Row, Result], ...]
    gone: tuple[Row, ...]
    new: tuple[Result, ...]


def match(before: Iterable[Row], after: Iterable[Result]) -> Matching:
    """Match rows as ``match_identical`` does, then a model's only row left with its only new one.

    Neither the model nor (model, file) is unique in a board. ``before`` may include held rows.
    The result does not depend on the order of either argument.
    """
    same = match_identical(before, after)
    by_model = _group(same.gone, lambda row: row.result.model)
    new_by_model = _group(same.new, lambda result: result.model)
    only = {
        model: (rows[0], new_by_model[model][0])
        for model, rows in by_model.items()
        if len(rows) == 1 and len(new_by_model[model]) == 1
    }
    return Matching(
        (*same.pairs, *only.values()),
        tuple(row for row in same.gone if row.result.model not in only),
        tuple(result for result in same.new if result.model not in only),
    )


def match_identical(before: Iterable[Row], after: Iterable[Result]) -> Matching:
    """Match rows of equal (model, file, notes): those equal in all first, then in all but rank.

    Else a duplicate that goes, or comes, would look like a change of all below it. What is left
    pairs up in the order of rank and score.
    """
    gone: Sequence[Row] = sorted(before, key=lambda row: sort_key(row.as_reported))
    new: Sequence[Result] = sorted(after, key=sort_key)
    pairs: list[tuple[Row, Result]] = []
    stands_for = levels([*(row.result.score for row in gone), *(one.score for one in new)])
    for key in _keys(stands_for):
        found = _pair_up(gone, new, key)
        pairs += found.pairs
        gone, new = found.gone, found.new
    return Matching(tuple(pairs), tuple(gone), tuple(new))


def _keys(stands_for: Mapping[Decimal, Decimal]) -> tuple[Key, ...]:
    """Return by what rows are the same, the surest first."""

    def content(result: Result) -> Hashable:
        score = stands_for[result.score]
        return row_name(result), score, result.verified, result.source, result.pull_request

    def whole(result: Result) -> Hashable:
        return result.rank, content(result)

    return whole, content, row_name


def _pair_up(before: Sequence[Row], after: Sequence[Result], key: Key) -> Matching:
    """Pair rows of equal key in the given order; what is left over keeps that order."""
    waiting = {name: deque(same) for name, same in _group(after, key).items()}
    pairs: list[tuple[Row, Result]] = []
    gone: list[Row] = []
    for row in before:
        candidates = waiting.get(key(row.as_reported))
        if candidates:
            pairs.append((row, candidates.popleft()))
        else:
            gone.append(row)
    left = {id(result) for results in waiting.values() for result in results}
    return Matching(tuple(pairs), tuple(gone), tuple(r for r in after if id(r) in left))


def row_name(result: Result) -> Hashable:
    """Return what a row is known by, though others may share it."""
    return result.model, result.filename, result.notes


def _group(items: Iterable[T], key: Callable[[T], Hashable]) -> defaultdict[Hashable, list[T]]:
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups
