"""What of an event follows from other rows, counted anew from the board as it stands later."""

from __future__ import annotations

from collections.abc import Container

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.board import Row, Snapshot
from bot.core.diff.comparison import Comparison
from bot.core.events import Cause, Event, Leader, RankPair, Related, RowName, ScorePair
from bot.core.kinds import Kind


class Stands:
    """A board as it stands, with its rows by the names that events give them."""

    def __init__(self, board: Snapshot) -> None:
        self.lower_is_better = None if (up := board.higher_is_better) is None else not up
        self._sides = Comparison(
            present=[row for row in board.rows if not row.absent],
            held=[row for row in board.rows if row.absent],
            higher_is_better=board.higher_is_better is not False,
            led=board.led,
        )
        names = self._sides.variants
        self.rows = {RowName(row.result.model, names[row.id]): row for row in self._sides.after}

    @property
    def leader(self) -> Leader | None:
        """Who leads; None while a missing row would."""
        return self._sides.leaders.after

    def rank(self, name: RowName) -> int | None:
        """Return where a row stands; None where it is not on the board."""
        row = self.rows.get(name)
        return row.result.rank if row else None

    def placed(self, names: Container[RowName], first: int) -> tuple[Related, ...]:
        """Return where rows stand: the ``first`` of the board, and those of some names."""
        rows = enumerate(self.rows.items())
        return tuple(
            Related(name.model, name.variant, row.result.rank, row.result.score)
            for place, (name, row) in rows
            if place < first or name in names
        )

    def recounted(self, event: Event, *, anew: bool = False) -> Event:
        """Return an event with its row's rank and distances as they are.

        A row of which more happened than is told keeps its rank; distances are left out. ``anew``
        says that it was told since that the board was scored anew: then scores are as they are.
        """
        row = self.rows.get(RowName(event.model or "", event.variant))
        if event.model is None or event.kind is Kind.REMOVED:
            return event
        if row is not None and anew:
            event = _with_score(event, row)
        if row is None or row.result.score != event.score.after:
            return undated(event)
        scored = event.new or event.score.before != event.score.after
        event = replace(
            event,
            gap=self._sides.gap(row),
            level_with=(scored and self._sides.level_with(row)) or UNSET,
        )
        return self._of_lead(_at(event, row.result.rank), row)

    def _of_lead(self, event: Event, row: Row) -> Event:
        if Kind.NEW_LEADER not in event.contains:
            return event
        first, second = self._sides.leader, self._sides.second or UNSET
        if first is None or first.id != row.id:
            return replace(event, margin=None, second=UNSET, level_with=UNSET)
        return replace(event, margin=self._sides.margin, second=second, level_with=UNSET)


def undated(event: Event) -> Event:
    """Return an event without distances to other rows, which may have moved since."""
    return replace(event, gap=None, level_with=UNSET, margin=None, second=UNSET)


def _with_score(event: Event, row: Row) -> Event:
    before, after = event.score.before, row.result.score
    change = None if before is None or event.new else after - before
    return replace(event, score=ScorePair(before, after, change))


def _at(event: Event, rank: int) -> Event:
    """Return an event whose row stands at a rank; whom it passed on the way there is not known."""
    if rank == event.rank.after:
        return event
    pair = RankPair(event.rank.before, rank)
    event = replace(event, rank=pair, pushed_down=None, cause=Cause(), related=())
    if pair.before != rank or Kind.SCORE_CHANGE not in event.contains:
        return event
    contains = tuple(kind for kind in event.contains if kind is not Kind.RANK_CHANGE)
    kind = Kind.SCORE_CHANGE if event.kind is Kind.RANK_CHANGE else event.kind
    return replace(event, kind=kind, contains=contains)
