"""A board before and after an answer, side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from itertools import islice

from msgspec import Struct

from bot.core.board import Row
from bot.core.diff.order import in_order, leader
from bot.core.diff.scores import Scale, held, levels, scale
from bot.core.diff.variants import variants
from bot.core.events import LEVEL_LIMIT, Leader, Leaders, RowName


class Comparison(Struct, frozen=True, kw_only=True, dict=True):
    """The rows before, and what became of them.

    ``present`` rows are in the answer, with the ranks that it reports. ``held`` ones are not, and
    ``removed`` ones neither, but of these that is confirmed; both have the ranks that people
    know, as the rows before have. ``returned`` are the ids of present rows that were told as
    removed. ``led`` is the id of the row that led before.
    """

    present: Sequence[Row]
    higher_is_better: bool
    before: Sequence[Row] = ()
    held: Sequence[Row] = ()
    removed: Sequence[Row] = ()
    returned: frozenset[str] = frozenset()
    led: Row | None = None

    @cached_property
    def was(self) -> dict[str, Row]:
        """The rows before, by id."""
        return {row.id: row for row in self.before}

    @cached_property
    def after(self) -> tuple[Row, ...]:
        """The rows of the board after: those that are present or held."""
        return in_order((*self.present, *self.held))

    @cached_property
    def stayed(self) -> Sequence[tuple[Row, Row]]:
        """The rows of the board before and after, as they were and as they are."""
        return [(self.was[row.id], row) for row in self.after if row.id in self.was]

    @cached_property
    def kept(self) -> Sequence[tuple[Row, Row]]:
        """The rows that stayed and are in the answer, as they were and as they are."""
        return [(self.was[row.id], row) for row in self.present if row.id in self.was]

    @cached_property
    def arrived(self) -> Sequence[Row]:
        """The rows that were not there before."""
        return [row for row in self.present if row.id not in self.was]

    @cached_property
    def models(self) -> frozenset[str]:
        """The models of the rows that are in the answer."""
        return frozenset(row.result.model for row in self.present)

    @cached_property
    def variants(self) -> dict[str, str | None]:
        """Each row's variant by id: as it is after, and for removed rows as it was."""
        return {**variants(self.before), **variants(self.after)}

    @cached_property
    def leader(self) -> Row | None:
        """The row that leads after; None while a missing row would take the lead."""
        led = self.led.id if self.led else None
        first = leader(self.after, led, self.merit)
        return None if first is None or (first.absent and first.id != led) else first

    @cached_property
    def leaders(self) -> Leaders:
        """Who led before and who leads after, by the names that they had and have."""
        before = after = None
        if led := self.led:
            named = self.before if led.id in self.was else (*self.before, led)
            before = Leader(led.result.model, variants(named)[led.id], led.result.score)
        if first := self.leader:
            after = self._scored(first)
        return Leaders(before, after)

    @cached_property
    def margin(self) -> Decimal | None:
        """How far the leader is ahead of the second; null where it is alone."""
        return self.apart(self.leader, self._second) if self.leader and self._second else None

    @property
    def second(self) -> Leader | None:
        """The best row but the leader, by which of level ones would lead; None without one."""
        return self._scored(self._second) if self._second else None

    @cached_property
    def _second(self) -> Row | None:
        first, led = self.leader, self.led
        others = (row for row in self.after if first and row.id != first.id)
        return leader(others, led.id if led else None, self.merit)

    def _scored(self, row: Row) -> Leader:
        return Leader(row.result.model, self.variants[row.id], row.result.score)

    def level_with(self, row: Row) -> tuple[RowName, ...]:
        """Return the first rows with which one is level, the leader before all others."""
        others = (other for other in self._level_rows[self.merit(row)] if other.id != row.id)
        return tuple(
            RowName(other.result.model, self.variants[other.id])
            for other in islice(others, LEVEL_LIMIT)
        )

    @cached_property
    def _level_rows(self) -> dict[Decimal, list[Row]]:
        first = self.leader
        found: defaultdict[Decimal, list[Row]] = defaultdict(list)
        for row in ((first,) if first else ()) + self.after:
            if row is not first or not found[self.merit(row)]:
                found[self.merit(row)].append(row)
        return found

    def gap(self, row: Row) -> Decimal | None:
        """Return how far a row is behind the leader; null while a missing row would lead."""
        return self.apart(self.leader, row) if self.leader else None

    def apart(self, one: Row, other: Row) -> Decimal | None:
        """Return how far two scores are apart: nothing for level ones; null beyond all doubles."""
        distance = abs(one.result.score - other.result.score)
        return held(distance) if self.merit(one) != self.merit(other) else Decimal(0)

    def merit(self, row: Row) -> Decimal:
        """Return a key by which better rows sort first, and level ones are equal."""
        score = self._levels[row.result.score]
        return -score if self.higher_is_better else score

    @cached_property
    def _levels(self) -> dict[Decimal, Decimal]:
        rows = (*self.before, *self.present, *self.held)
        return levels(row.result.score for row in rows)

    def in_other_unit(self, row: Row) -> bool:
        """Tell whether a newcomer seems to be in another unit than most rows that stayed."""
        return self._scale is not None and self._scale.lacks(row.result.score)

    @cached_property
    def _scale(self) -> Scale | None:
        return scale([row.result.score for _, row in self.stayed])

    def pushed_down(self, row: Row) -> int:
        """Return how many rows that stayed stand below one, and lower than they were reported."""
        return len(self._fallen) - bisect_right(self._fallen, row.result.rank)

    @cached_property
    def _fallen(self) -> list[int]:
        moved = [(was.as_reported.rank, now.result.rank) for was, now in self.kept]
        return sorted(now for was, now in moved if now > was)
