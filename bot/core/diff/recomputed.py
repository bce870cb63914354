"""A board that was scored anew: one event says it, and what it did to single rows is marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from bot.core.board import Row
from bot.core.diff.comparison import Comparison
from bot.core.diff.scores import rescaled
from bot.core.events import Event, Found, Summary
from bot.core.kinds import Kind

_BY_SCORE = frozenset({Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.SCORE_CHANGE})


def as_recomputed(comparison: Comparison, found: Iterable[Found]) -> list[Found]:
    """Return what happened with the one event of the board, and its old rows' own ones marked."""
    marked = [_marked(one) for one in found]
    crowned = any(
        one.event.recomputed is True and one.event.kind is Kind.NEW_LEADER for one in marked
    )
    return [Found(row_id=None, event=_event(comparison, crowned=crowned)), *marked]


def _marked(found: Found) -> Found:
    event = found.event
    if event.new or event.kind not in _BY_SCORE:
        return found
    return replace(found, event=replace(event, recomputed=True))


def _event(comparison: Comparison, *, crowned: bool) -> Event:
    changed = [pair for pair in comparison.kept if _scored_anew(*pair)]
    jumped = sum(rescaled(was.result.score, now.result.score) for was, now in changed)
    lead = (Kind.NEW_LEADER,) if crowned else ()
    return Event(
        id="",
        kind=Kind.RECOMPUTED,
        contains=(Kind.RECOMPUTED, *lead, Kind.RANK_CHANGE, Kind.SCORE_CHANGE),
        suspected_scale_change=2 * jumped > len(changed),
        summary=_summary(comparison, changed),
    )


def _summary(comparison: Comparison, changed: Sequence[tuple[Row, Row]]) -> Summary:
    return Summary(
        rows=len(comparison.after),
        common=len(comparison.kept),
        changed=len(changed),
        leader=comparison.leaders,
    )


def _scored_anew(was: Row, now: Row) -> bool:
    return was.result.score != now.result.score
