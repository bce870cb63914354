"""Why rows moved: who passed whom, who came above whom, who left a place above whom."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

from msgspec import Struct

from bot.core.board import Row
from bot.core.diff.order import merit
from bot.core.diff.overtaking import passes
from bot.core.events import CAUSE_LIMIT, RELATED_LIMIT, Cause, Related, RowName


class Causes(Struct, frozen=True, kw_only=True, dict=True):
    """Answers, for each row of ``after``, which *other* rows explain its place.

    Time and memory follow the number of rows and of passes, not of pairs.
    """

    before: tuple[Row, ...]
    after: tuple[Row, ...]
    removed: tuple[Row, ...]
    variants: dict[str, str | None]
    higher_is_better: bool

    def of(self, row: Row) -> Cause:
        """Return all lists of one row, nearest rows first; empty for a row that was not there."""
        return Cause(*map(self._names, self._lists(row)))

    def related(self, row: Row) -> tuple[Related, ...]:
        """Return more of the first rows in each of a row's lists."""
        first = (row_id for ids in self._lists(row) for row_id in ids[:RELATED_LIMIT])
        return tuple(map(self._related, dict.fromkeys(first)))

    def _lists(self, row: Row) -> tuple[list[str], ...]:
        """Return the ids of a cause, in the order of its lists."""
        if row.id not in self._ranks_before:
            return ()
        up, down = self._reordered
        return (
            self._overtook[row.id] or up.get(row.id, []),
            self._overtaken[row.id] or down.get(row.id, []),
            self._arrived_above(row),
            self._removed_above(row),
        )

    def _related(self, row_id: str) -> Related:
        result = self._by_id[row_id].result
        return Related(
            model=result.model,
            variant=self.variants[row_id],
            rank=result.rank,
            score=result.score,
            new=row_id not in self._ranks_before,
            community=result.pull_request is not None,
        )

    def reordered(self, row: Row) -> bool:
        """Whether the Hub turned the row and another around although neither score changed."""
        return any(row.id in lists for lists in self._reordered)

    def pushed_down(self, row: Row) -> int:
        """Return how many rows that were there before stand below ``row``."""
        ranks = self._stayed_ranks
        return len(ranks) - bisect_right(ranks, row.result.rank)

    @cached_property
    def _ranks_before(self) -> dict[str, int]:
        return {row.id: row.result.rank for row in self.before}

    @cached_property
    def _stayed(self) -> tuple[tuple[Row, Row], ...]:
        was = {row.id: row for row in self.before}
        return tuple((was[row.id], row) for row in self.after if row.id in was)

    @cached_property
    def _stayed_ranks(self) -> list[int]:
        return sorted(row.result.rank for _, row in self._stayed)

    @cached_property
    def _arrived(self) -> list[Row]:
        new = [row for row in self.after if row.id not in self._ranks_before]
        return sorted(new, key=lambda row: row.result.rank)

    @cached_property
    def _gone(self) -> list[Row]:
        return sorted(self.removed, key=lambda row: row.result.rank)

    @cached_property
    def _by_id(self) -> dict[str, Row]:
        return {row.id: row for row in (*self.before, *self.after)}

    def _arrived_above(self, row: Row) -> list[str]:
        end = bisect_left(self._arrived, row.result.rank, key=lambda new: new.result.rank)
        return [new.id for new in reversed(self._arrived[max(0, end - CAUSE_LIMIT) : end])]

    def _removed_above(self, row: Row) -> list[str]:
        rank = self._ranks_before[row.id]
        end = bisect_left(self._gone, rank, key=lambda gone: gone.result.rank)
        return [gone.id for gone in reversed(self._gone[max(0, end - CAUSE_LIMIT) : end])]

    def _merits(self, rows: Sequence[Row]) -> list[Decimal]:
        return [merit(r.result.score, higher_is_better=self.higher_is_better) for r in rows]

    @cached_property
    def _overtook(self) -> dict[str, list[str]]:
        before = self._merits([was for was, _ in self._stayed])
        after = self._merits([now for _, now in self._stayed])
        return self._by_row(before, after)

    @cached_property
    def _overtaken(self) -> dict[str, list[str]]:
        before = [-key for key in self._merits([was for was, _ in self._stayed])]
        after = [-key for key in self._merits([now for _, now in self._stayed])]
        return self._by_row(before, after)

    def _by_row(self, before: list[Decimal], after: list[Decimal]) -> dict[str, list[str]]:
        ids = [now.id for _, now in self._stayed]
        if before == after:
            return {row_id: [] for row_id in ids}
        passed = passes(before, after, CAUSE_LIMIT)
        return {row_id: [ids[j] for j in passed[i]] for i, row_id in enumerate(ids)}

    @cached_property
    def _reordered(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Whom a row passed, and by whom it was passed, by rank alone at unchanged scores.

        Held rows do not count: nobody reported where they stand.
        """
        kept = [
            (was, now)
            for was, now in self._stayed
            if was.result.score == now.result.score and not was.missing and not now.missing
        ]
        if _in_order(kept):
            return {}, {}
        before = [Decimal(was.result.rank) for was, _ in kept]
        after = [Decimal(now.result.rank) for _, now in kept]
        up = passes(before, after, CAUSE_LIMIT)
        down = passes([-key for key in before], [-key for key in after], CAUSE_LIMIT)
        return _unlevel(kept, up, before), _unlevel(kept, down, before)

    def _names(self, ids: Sequence[str]) -> tuple[RowName, ...]:
        return tuple(RowName(self._by_id[i].result.model, self.variants[i]) for i in ids)


def _in_order(kept: Sequence[tuple[Row, Row]]) -> bool:
    """Whether rows of unequal scores stand in the same order before and after."""
    scores = [was.result.score for was, _ in sorted(kept, key=lambda pair: pair[0].result.rank)]
    now = [now.result.score for _, now in sorted(kept, key=lambda pair: pair[1].result.rank)]
    return scores == now


def _unlevel(
    kept: Sequence[tuple[Row, Row]], passed: list[list[int]], before: list[Decimal]
) -> dict[str, list[str]]:
    """Keep the passes between rows of unequal scores and ranks."""
    lists = {
        kept[i][1].id: [
            kept[j][1].id
            for j in others
            if kept[i][0].result.score != kept[j][0].result.score and before[i] != before[j]
        ]
        for i, others in enumerate(passed)
    }
    return {row_id: others for row_id, others in lists.items() if others}
