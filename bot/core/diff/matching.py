"""Which row of an answer is which row of the snapshot."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct

from bot.core.board import Result, Row
from bot.core.diff.order import sort_key

T = TypeVar("T")
Key = Callable[[Result], Hashable]


class Matching(Struct, frozen=True):
    """Rows that are the same before and after, those that are gone, and those that are new."""

    pairs: tuple[tuple[Row, Result], ...]
    gone: tuple[Row, ...]
    new: tuple[Result, ...]


def match(before: Iterable[Row], after: Iterable[Result]) -> Matching:
    """Match rows by (model, file, notes), then a model's only row left with its only new one.

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
    """Match rows by equal (model, file, notes) alone.

    Duplicates that did not change pair up first: else one that goes, or comes, would look like
    a change of all below it. The others pair up in the order of rank and score.
    """
    rows = sorted(before, key=lambda row: sort_key(row.result))
    results = sorted(after, key=sort_key)
    unchanged = _pair_up(rows, results, _content)
    named = _pair_up(unchanged.gone, unchanged.new, _name)
    return Matching(unchanged.pairs + named.pairs, named.gone, named.new)


def _pair_up(before: Sequence[Row], after: Sequence[Result], key: Key) -> Matching:
    """Pair rows of equal key in the given order; what is left over keeps that order."""
    waiting = {name: deque(same) for name, same in _group(after, key).items()}
    pairs: list[tuple[Row, Result]] = []
    gone: list[Row] = []
    for row in before:
        candidates = waiting.get(key(row.result))
        if candidates:
            pairs.append((row, candidates.popleft()))
        else:
            gone.append(row)
    left = {id(result) for results in waiting.values() for result in results}
    return Matching(tuple(pairs), tuple(gone), tuple(r for r in after if id(r) in left))


def _name(result: Result) -> Hashable:
    return result.model, result.filename, result.notes


def _content(result: Result) -> Hashable:
    return _name(result), result.score, result.verified, result.source, result.pull_request


def _group(items: Iterable[T], key: Callable[[T], Hashable]) -> defaultdict[Hashable, list[T]]:
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups
