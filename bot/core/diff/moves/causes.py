"""Why rows moved: who passed whom, who came above whom, who left a place above whom."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from decimal import Decimal

from bot.core.board import Row
from bot.core.diff.comparison import Comparison
from bot.core.diff.moves.overtaking import passes
from bot.core.events import CAUSE_LIMIT, RELATED_LIMIT, Cause, Related, RowName

Pair = tuple[Row, Row]
Passes = dict[str, list[Row]]
"""Whom each row passed, by its id and nearest first; rows that passed nobody are left out."""


class Causes:
    """Answers, for each row that stayed, which *other* rows explain its place.

    Time and memory follow the number of rows and of passes, not of pairs.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._was = comparison.was
        self._variants = comparison.variants
        self._overtook, self._overtaken = _passed_by_score(comparison)
        self._rose, self._fell = _passed_by_order(comparison)
        self._arrived = _by_rank(comparison.arrived)
        self._removed = _by_rank(comparison.removed)
        self._names: dict[tuple[str, str], RowName] = {}

    def of(self, row: Row) -> Cause:
        """Return all lists of one row, nearest rows first."""
        return Cause(*(tuple(map(self._name, rows)) for rows in self._lists(row)))

    def related(self, row: Row) -> tuple[Related, ...]:
        """Return more of the first rows in each of a row's lists."""
        first = {other.id: other for rows in self._lists(row) for other in rows[:RELATED_LIMIT]}
        return tuple(map(self._related, first.values()))

    def known(self, row: Row) -> bool:
        """Tell whether any other row explains the row's place."""
        return any(self._lists(row))

    def passing(self, row: Row) -> bool:
        """Tell whether the row passed another, or was passed."""
        overtook, overtaken, *_ = self._lists(row)
        return bool(overtook or overtaken)

    def reordered(self, row: Row) -> bool:
        """Tell whether the Hub turned the row and another around although no score changed."""
        return row.id in self._rose or row.id in self._fell

    def _lists(self, row: Row) -> tuple[list[Row], ...]:
        """Return the rows of a cause, in the order of its lists."""
        return (
            _nearest(row, self._overtook.get(row.id, []), self._rose.get(row.id, [])),
            _nearest(row, self._overtaken.get(row.id, []), self._fell.get(row.id, [])),
            _above(row.result.rank, self._arrived),
            _above(self._was[row.id].result.rank, self._removed),
        )

    def _name(self, row: Row) -> RowName:
        """Return the name of a row, one for all whose place it explains: they may be thousands."""
        key = row.id, row.result.model
        if key not in self._names:
            self._names[key] = RowName(row.result.model, self._variants[row.id])
        return self._names[key]

    def _related(self, row: Row) -> Related:
        result = row.result
        return Related(
            model=result.model,
            variant=self._variants[row.id],
            rank=result.rank,
            score=result.score,
            new=row.id not in self._was,
            community=result.pull_request is not None,
        )


def _passed_by_score(comparison: Comparison) -> tuple[Passes, Passes]:
    """Return whom each row overtook, and by whom it was overtaken: better now, not before.

    Of a row that is held, or was, nobody can say when it came to stand where it does: nobody has
    passed it, and it has passed nobody.
    """
    seen = [pair for pair in comparison.kept if not pair[0].absent]
    before = [comparison.merit(was) for was, _ in seen]
    after = [comparison.merit(now) for _, now in seen]
    return _passes(seen, before, after)


def _passed_by_order(comparison: Comparison) -> tuple[Passes, Passes]:
    """Return whom each row passed, and by whom it was passed, by rank alone at unequal scores.

    While a row is held, and in the answer that has it again, the ranks before and after do not
    count the same rows: they do not say who passed whom.
    """
    if comparison.held or any(row.reported is not None for row in comparison.before):
        return {}, {}
    kept = [pair for pair in comparison.stayed if pair[0].result.score == pair[1].result.score]
    before = [Decimal(was.result.rank) for was, _ in kept]
    after = [Decimal(now.result.rank) for _, now in kept]
    merits = [comparison.merit(now) for _, now in kept]
    if _in_order_of(before, merits) == _in_order_of(after, merits):
        return {}, {}
    rose, fell = _passes(kept, before, after)
    return _unlevel(rose, comparison), _unlevel(fell, comparison)


def _passes(
    pairs: Sequence[Pair], before: Sequence[Decimal], after: Sequence[Decimal]
) -> tuple[Passes, Passes]:
    """Return whom each row passed, and by whom it was passed; smaller keys stand first."""
    if before == after:
        return {}, {}
    up = passes(before, after, CAUSE_LIMIT)
    down = passes([-key for key in before], [-key for key in after], CAUSE_LIMIT)
    return _by_id(pairs, up), _by_id(pairs, down)


def _by_id(pairs: Sequence[Pair], passed: Iterable[list[int]]) -> Passes:
    return {
        pairs[i][1].id: [pairs[j][1] for j in others] for i, others in enumerate(passed) if others
    }


def _unlevel(passed: Passes, comparison: Comparison) -> Passes:
    """Keep the passes between rows of unequal scores that did not share a rank."""
    was, merit = comparison.was, comparison.merit

    def differ(one: Row, other: Row) -> bool:
        return merit(one) != merit(other) and one.result.rank != other.result.rank

    unlevel = {
        row_id: [other for other in others if differ(was[row_id], was[other.id])]
        for row_id, others in passed.items()
    }
    return {row_id: others for row_id, others in unlevel.items() if others}


def _in_order_of(ranks: Sequence[Decimal], merits: Sequence[Decimal]) -> list[Decimal]:
    """Return the merits in the order of some ranks."""
    ordered = sorted(zip(ranks, merits, strict=True), key=lambda pair: pair[0])
    return [merit for _, merit in ordered]


def _nearest(row: Row, by_score: list[Row], by_order: list[Row]) -> list[Row]:
    """Return both lists as one; each has the nearest rows first."""
    if not (by_score and by_order):
        return by_score or by_order
    both = sorted([*by_score, *by_order], key=lambda other: abs(_rank(other) - _rank(row)))
    return both[:CAUSE_LIMIT]


def _by_rank(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=_rank)


def _above(rank: int, rows: Sequence[Row]) -> list[Row]:
    """Return the rows above a rank, the nearest first; ``rows`` are sorted by rank."""
    end = bisect_left(rows, rank, key=_rank)
    return [*reversed(rows[max(0, end - CAUSE_LIMIT) : end])]


def _rank(row: Row) -> int:
    return row.result.rank
