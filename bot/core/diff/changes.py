"""Names what happened between two states of a board: rows that moved, and rows that were moved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.board import DoubtReason, Result, Row
from bot.core.diff.comparison import Comparison
from bot.core.diff.known_ranks import Places
from bot.core.diff.moves.causes import Causes
from bot.core.diff.recomputed import as_recomputed
from bot.core.diff.renames import renamed
from bot.core.diff.scores import held, rescaled
from bot.core.events import (
    Event,
    FlagPair,
    Found,
    Provenance,
    ProvenancePair,
    RankPair,
    ScorePair,
    Turnover,
)
from bot.core.kinds import Kind
from bot.core.process import NewId


def events(
    comparison: Comparison, new_id: NewId, confirmed: Collection[DoubtReason]
) -> tuple[Found, ...]:
    """Return what happened: what is of no row, then leaders, then by rank.

    Ids are drawn in that order. ``confirmed`` says what is true of the whole board: that it was
    scored anew, or that most of its rows left at once.
    """
    changes = _Changes(comparison)
    found = [
        *(f for row in comparison.arrived for f in changes.of_arrival(row)),
        *(f for was, row in comparison.stayed for f in changes.of_stayed(was, row)),
        *(changes.of_removed(row) for row in comparison.removed),
    ]
    if DoubtReason.RESCORED in confirmed:
        found = as_recomputed(comparison, found)
    if DoubtReason.GONE in confirmed:
        found = [_in_turnover(comparison, one) for one in found]
    found.sort(key=_position)
    return tuple(replace(f, event=replace(f.event, id=new_id())) for f in found)


def silent(
    comparison: Comparison, after: Sequence[Row], found: Sequence[Found]
) -> tuple[Found, ...]:
    """Return rows whose known rank is another, though nothing happened to them, as shifts.

    Such a row is level with another now that fell to it, or is not any more. ``after`` are the rows
    with the ranks that people know. Nobody is told of these for their own sake; they have no ids.
    """
    changes, told = _Changes(comparison), {one.row_id for one in found}
    return tuple(
        changes.of_silent(was, row)
        for row in after
        if row.id not in told
        and (was := comparison.was.get(row.id)) is not None
        and was.result.rank != row.result.rank
    )


def _position(found: Found) -> tuple[object, ...]:
    event = found.event
    rank = event.rank.after or event.rank.before or 0
    return (
        event.model is not None,
        event.kind is not Kind.NEW_LEADER,
        rank,
        event.model or "",
        event.variant or "",
        event.kind.place,
    )


def _in_turnover(comparison: Comparison, found: Found) -> Found:
    """Mark what left, came or leads as the board was exchanged."""
    event = found.event
    if not event.new and event.kind not in (Kind.REMOVED, Kind.NEW_LEADER):
        return found
    gone, new = len(comparison.removed), len(comparison.arrived)
    turnover = Turnover(rows=len(comparison.before), gone=gone, new=new)
    return replace(found, event=replace(event, turnover=turnover))


class _Changes:
    """Makes the events of one comparison, still without their ids."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison
        self._causes = Causes(comparison)
        self._places = Places(comparison)

    def of_arrival(self, row: Row) -> Iterator[Found]:
        """Tell of a row that was not there: new, or told as removed before."""
        back = row.id in self._comparison.returned
        kinds = [Kind.RETURNED, Kind.NEW_ENTRY] if back else [Kind.NEW_ENTRY]
        if row.result.verified:
            kinds.append(Kind.VERIFIED)
        event = replace(
            self._event(kinds, None, row),
            new=True,
            pushed_down=self._comparison.pushed_down(row),
            suspected_scale_change=self._comparison.in_other_unit(row),
        )
        yield Found(row_id=row.id, event=self._crowned(row, event))

    def of_stayed(self, was: Row, row: Row) -> Iterator[Found]:
        """Tell of a row that was there: its move, its flag, where it comes from."""
        kinds = self._moves(was, row)
        if kinds or self._took_lead(row):
            event = replace(
                self._event(kinds, was.result, row),
                cause=self._causes.of(row),
                related=self._causes.related(row),
                suspected_scale_change=rescaled(was.result.score, row.result.score),
            )
            yield Found(row_id=row.id, event=self._crowned(row, event))
        if was.result.verified != row.result.verified:
            kind = Kind.VERIFIED if row.result.verified else Kind.UNVERIFIED
            yield Found(row_id=row.id, event=self._event([kind], was.result, row))
        if (model := was.result.model) != row.result.model:
            event = self._event([Kind.RENAMED], was.result, row)
            yield Found(row_id=row.id, event=replace(event, previous_model=model))
        provenance = ProvenancePair(_provenance(renamed(was, row)), _provenance(row.result))
        if provenance.before != provenance.after:
            event = self._event([Kind.PROVENANCE_CHANGE], was.result, row)
            yield Found(row_id=row.id, event=replace(event, provenance=provenance))

    def of_silent(self, was: Row, row: Row) -> Found:
        """Tell where a row stood and stands to which nothing happened."""
        return Found(row_id=row.id, event=self._event([Kind.RANK_SHIFT], was.result, row))

    def of_removed(self, row: Row) -> Found:
        """Tell of a row whose removal is confirmed: all that was known of it, nothing after."""
        result = row.result
        event = replace(
            self._told([Kind.REMOVED], row),
            rank=RankPair(result.rank, None),
            score=ScorePair(result.score, None),
            verified=FlagPair(result.verified, None),
            perhaps_renamed_to=row.heir if row.heir in self._comparison.models else UNSET,
        )
        return Found(row_id=row.id, event=event)

    def _moves(self, was: Row, row: Row) -> Sequence[Kind]:
        """Return the kinds of a row's move by itself or through others; none where it stayed."""
        if was.result.score != row.result.score:
            passing = self._causes.passing(row)
            return [Kind.RANK_CHANGE, Kind.SCORE_CHANGE] if passing else [Kind.SCORE_CHANGE]
        if self._places.same(was, row):
            return []
        if self._causes.reordered(row):
            return [Kind.RANK_CHANGE]
        if self._causes.known(row) or not self._places.level(was, row):
            return [Kind.RANK_SHIFT]
        return []  # level rows changed places: nothing happened

    def _took_lead(self, row: Row) -> bool:
        first, led = self._comparison.leader, self._comparison.led
        return first is not None and row.id == first.id and (led is None or led.id != row.id)

    def _crowned(self, row: Row, event: Event) -> Event:
        """Make the event a ``new_leader`` where the row took the lead."""
        if not self._took_lead(row):
            return event
        return replace(
            event,
            kind=Kind.NEW_LEADER,
            contains=(Kind.NEW_LEADER, *event.contains),
            previous_leader=self._comparison.leaders.before,
            margin=self._comparison.margin,
            second=self._comparison.second or UNSET,
            perhaps_renamed=self._is_heir_of_leader(row) or UNSET,
            level_with=UNSET,
        )

    def _is_heir_of_leader(self, row: Row) -> bool:
        """Tell whether a row is perhaps the one that led, which has left, under another name."""
        led, model = self._comparison.led, row.result.model
        return led is not None and any(
            one.id == led.id and one.heir == model for one in self._comparison.removed
        )

    def _event(self, kinds: Sequence[Kind], was: Result | None, row: Row) -> Event:
        """Return an event with all that every kind tells of a row that is there."""
        result = row.result
        delta = held(result.score - was.score) if was else None
        scored = was is None or was.score != result.score
        return replace(
            self._told(kinds, row),
            rank=RankPair(was.rank if was else None, result.rank),
            score=ScorePair(was.score if was else None, result.score, delta),
            verified=FlagPair(was.verified if was else None, result.verified),
            gap=self._comparison.gap(row),
            level_with=(scored and self._comparison.level_with(row)) or UNSET,
        )

    def _told(self, kinds: Sequence[Kind], row: Row) -> Event:
        """Return an event that tells which row it is about; without kinds it only leads now."""
        return Event(
            id="",
            kind=kinds[0] if kinds else Kind.NEW_LEADER,
            contains=tuple(kinds),
            model=row.result.model,
            variant=self._comparison.variants[row.id],
            source=row.result.source,
            pull_request=row.result.pull_request,
            filename=row.result.filename,
            notes=row.result.notes,
        )


def _provenance(result: Result) -> Provenance:
    return Provenance(result.source, result.filename, result.notes, result.pull_request)
