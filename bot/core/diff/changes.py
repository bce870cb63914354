"""Names what happened between two states of a board: rows that moved, and rows that were moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from bot.core.board import Result, Row
from bot.core.diff.causes import Causes
from bot.core.diff.order import leader, merit
from bot.core.diff.variants import variants
from bot.core.events import (
    Event,
    FlagPair,
    Found,
    Leader,
    Provenance,
    ProvenancePair,
    RankPair,
    ScorePair,
)
from bot.core.kinds import Kind


class Comparison(Struct, frozen=True, kw_only=True, dict=True):
    """A board before and after, held rows in their places on both sides.

    ``returned`` are ids of rows that were told as removed and are in ``after`` again; ``removed``
    rows are in ``before`` only. ``led`` is the id of the row that led before.
    """

    before: tuple[Row, ...]
    after: tuple[Row, ...]
    removed: tuple[Row, ...]
    returned: frozenset[str]
    led: str | None
    higher_is_better: bool

    @cached_property
    def leader(self) -> Row | None:
        """The row that leads after."""
        return leader(self.after, self.led, higher_is_better=self.higher_is_better)

    @cached_property
    def margin(self) -> Decimal | None:
        """How far the leader is ahead of the second; null where it is alone."""
        first = self.leader
        others = [row for row in self.after if first and row.id != first.id]
        if first is None or not others:
            return None
        second = min(
            merit(row.result.score, higher_is_better=self.higher_is_better) for row in others
        )
        return second - merit(first.result.score, higher_is_better=self.higher_is_better)

    @cached_property
    def was(self) -> dict[str, Row]:
        """The rows before, by id."""
        return {row.id: row for row in self.before}

    @cached_property
    def variants(self) -> dict[str, str | None]:
        """Each row's variant by id: as it is after, and for removed rows as it was."""
        return {**variants(self.before), **variants(self.after)}

    @cached_property
    def causes(self) -> Causes:
        """Who passed, displaced and vacated whom."""
        return Causes(
            before=self.before,
            after=self.after,
            removed=self.removed,
            variants=self.variants,
            higher_is_better=self.higher_is_better,
        )


def events(sides: Comparison, new_id: Callable[[], str]) -> tuple[Found, ...]:
    """Return what happened, leaders first, then by rank; ids are drawn in that order."""
    found = [
        *(f for row in sides.after for f in _of_row(sides, row)),
        *(_removed(sides, row) for row in sides.removed),
    ]
    found.sort(key=_position)
    return tuple(replace(f, event=replace(f.event, id=new_id())) for f in found)


def _position(found: Found) -> tuple[object, ...]:
    event = found.event
    rank = event.rank.after or event.rank.before or 0
    return (
        event.kind is not Kind.NEW_LEADER,
        rank,
        event.model,
        event.variant or "",
        event.kind.place,
    )


def _of_row(sides: Comparison, row: Row) -> Iterator[Found]:
    was = sides.was.get(row.id)
    moved = _arrival(sides, row) if was is None else _move(sides, was, row)
    if moved is not None:
        yield Found(row_id=row.id, event=_crowned(sides, row, moved))
    if was is not None:
        yield from _flags(sides, was.result, row)


def _crowned(sides: Comparison, row: Row, event: Event) -> Event:
    """Make the event a ``new_leader`` where the row took the lead."""
    if not _took_lead(sides, row):
        return event
    return replace(
        event,
        kind=Kind.NEW_LEADER,
        contains=(Kind.NEW_LEADER, *event.contains),
        previous_leader=_previous_leader(sides),
        margin=sides.margin,
    )


def _took_lead(sides: Comparison, row: Row) -> bool:
    first = sides.leader
    return first is not None and row.id == first.id != sides.led


def _previous_leader(sides: Comparison) -> Leader | None:
    led = sides.was.get(sides.led) if sides.led else None
    if led is None:
        return None
    return Leader(led.result.model, variants(sides.before)[led.id], led.result.score)


def _arrival(sides: Comparison, row: Row) -> Event:
    back = row.id in sides.returned
    contains = [Kind.RETURNED, Kind.NEW_ENTRY] if back else [Kind.NEW_ENTRY]
    if row.result.verified:
        contains.append(Kind.VERIFIED)
    return replace(
        _event(sides, contains, None, row),
        new=True,
        pushed_down=sides.causes.pushed_down(row),
    )


def _move(sides: Comparison, was: Row, row: Row) -> Event | None:
    """Tell how a row that stays moved by itself or was moved; None where neither happened."""
    cause = sides.causes.of(row)
    scored = was.result.score != row.result.score
    passing = bool(cause.overtook or cause.overtaken_by)
    if scored:
        kinds = [Kind.RANK_CHANGE, Kind.SCORE_CHANGE] if passing else [Kind.SCORE_CHANGE]
    elif was.result.rank == row.result.rank:
        return _left_in_front(sides, was, row)
    elif sides.causes.reordered(row):
        kinds = [Kind.RANK_CHANGE]
    elif passing or cause.displaced_by or cause.vacated_by:
        kinds = [Kind.RANK_SHIFT]
    else:  # level rows changed places, or share ranks otherwise: nothing happened
        return _left_in_front(sides, was, row)
    return replace(
        _event(sides, kinds, was.result, row),
        cause=cause,
        related=sides.causes.related(row),
        suspected_scale_change=_rescaled(was.result.score, row.result.score),
    )


def _left_in_front(sides: Comparison, was: Row, row: Row) -> Event | None:
    """Return the bare event of a row that leads now although neither rank nor score changed."""
    if not _took_lead(sides, row):
        return None
    event = _event(sides, [], was.result, row)
    return replace(event, cause=sides.causes.of(row), related=sides.causes.related(row))


def _flags(sides: Comparison, was: Result, row: Row) -> Iterator[Found]:
    if was.verified != row.result.verified:
        kind = Kind.VERIFIED if row.result.verified else Kind.UNVERIFIED
        yield Found(row_id=row.id, event=_event(sides, [kind], was, row))
    before, after = _provenance(was), _provenance(row.result)
    if before != after:
        event = _event(sides, [Kind.PROVENANCE_CHANGE], was, row)
        yield Found(row_id=row.id, event=replace(event, provenance=ProvenancePair(before, after)))


def _removed(sides: Comparison, row: Row) -> Found:
    result = row.result
    event = Event(
        id="",
        kind=Kind.REMOVED,
        contains=(Kind.REMOVED,),
        model=result.model,
        variant=sides.variants[row.id],
        rank=RankPair(result.rank, None),
        score=ScorePair(result.score, None),
        verified=FlagPair(result.verified, None),
        source=result.source,
        pull_request=result.pull_request,
        filename=result.filename,
        notes=result.notes,
    )
    return Found(row_id=row.id, event=event)


def _event(sides: Comparison, contains: list[Kind], was: Result | None, row: Row) -> Event:
    """Return an event with all that every kind tells of a row that is there."""
    result = row.result
    first = sides.leader
    return Event(
        id="",
        kind=contains[0] if contains else Kind.NEW_LEADER,
        contains=tuple(contains),
        model=result.model,
        variant=sides.variants[row.id],
        rank=RankPair(was.rank if was else None, result.rank),
        score=ScorePair(
            was.score if was else None, result.score, result.score - was.score if was else None
        ),
        verified=FlagPair(was.verified if was else None, result.verified),
        gap=abs(first.result.score - result.score) if first else None,
        source=result.source,
        pull_request=result.pull_request,
        filename=result.filename,
        notes=result.notes,
    )


def _provenance(result: Result) -> Provenance:
    return Provenance(result.source, result.filename, result.notes, result.pull_request)


def _rescaled(before: Decimal, after: Decimal) -> bool:
    """Tell whether a score seems to have jumped between fraction and percent."""
    low, high = sorted((before, after))
    return 0 < low <= 1 < high <= 100 and 50 <= high / low <= 200  # noqa: PLR2004
