"""What several events of one row come to: one event, from where it stood to where it stands."""

from __future__ import annotations

from itertools import chain

from msgspec import UNSET
from msgspec.structs import replace

from bot.core.events import (
    Cause,
    Event,
    FlagPair,
    Leader,
    ProvenancePair,
    RankPair,
    ScorePair,
)
from bot.core.kinds import Kind

_MOVES = {Kind.RANK_CHANGE, Kind.SCORE_CHANGE}
_CHANGES = {*_MOVES, Kind.VERIFIED, Kind.UNVERIFIED}


def led_before(event: Event) -> Leader | None:
    """Return who led before an event of the lead: of a row's, or of a board scored anew."""
    return event.previous_leader if event.summary is UNSET else event.summary.leader.before


def of_row(events: list[Event], leader: list[Event], before: Leader | None) -> Event | None:
    """Return the events of a row as one; ``leader`` is the board's last event of the lead."""
    last = events[-1]
    leads = any(event in leader for event in events) and last.kind is not Kind.REMOVED
    had_it = before is not None and (before.model, before.variant) == (last.model, last.variant)
    lost = any(Kind.NEW_LEADER in event.contains for event in events) and not leads
    if len(events) == 1 and (last.model is None or not (lost or (leads and had_it))):
        return _led_since(last, before) if last.model and leads else last
    whole = _whole(events)
    leads = leads and not had_it
    true = {kind for kind in _kinds(events) if _holds(kind, whole, events, leads=leads)}
    if true & _MOVES:
        true.discard(Kind.RANK_SHIFT)
    if not true:
        return None
    contains = tuple(kind for kind in Kind if kind in true)
    whole = replace(whole, kind=contains[0], contains=contains)
    if Kind.NEW_LEADER not in true:
        return replace(
            whole, previous_leader=None, margin=None, second=UNSET, perhaps_renamed=UNSET
        )
    last = next(event for event in events if event in leader)
    whole = replace(
        whole,
        previous_leader=last.previous_leader,
        margin=last.margin,
        second=last.second,
        perhaps_renamed=last.perhaps_renamed,
    )
    return _led_since(whole, before)


def _kinds(events: list[Event]) -> set[Kind]:
    """Return what may be true of a row's events together.

    A row that came back may stand elsewhere than it did, and a lead given back is no shift.
    """
    kinds = set(chain.from_iterable(event.contains for event in events))
    if any(event.new for event in events) and not events[0].new:
        kinds |= _CHANGES
    if all(event.kind is not Kind.RANK_SHIFT for event in events):
        kinds.discard(Kind.RANK_SHIFT)
    return kinds


def _led_since(event: Event, before: Leader | None) -> Event:
    same = before == event.previous_leader
    return event if same else replace(event, previous_leader=before, perhaps_renamed=UNSET)


def _whole(events: list[Event]) -> Event:
    """Return the last event of a row with what stood before the first, of no kind yet.

    Who passed whom on the way is not known of the whole.
    """
    first, last = events[0], events[-1]
    if len(events) == 1:
        return last
    pairs = [event.provenance for event in events if event.provenance]
    names = [event.previous_model for event in events if event.previous_model is not UNSET]
    score = ScorePair(first.score.before, last.score.after)
    change = None if first.new or last.kind is Kind.REMOVED else score.change
    return replace(
        last,
        watches=tuple(dict.fromkeys(chain.from_iterable(event.watches for event in events))),
        rank=RankPair(first.rank.before, last.rank.after),
        score=replace(score, delta=change),
        verified=FlagPair(first.verified.before, last.verified.after),
        new=first.new,
        pushed_down=None,
        cause=Cause(),
        related=(),
        provenance=ProvenancePair(pairs[0].before, pairs[-1].after) if pairs else None,
        previous_model=names[0] if names and names[0] != last.model else UNSET,
        recomputed=True if all(event.recomputed is True for event in events) else UNSET,
        removed_at=first.removed_at,
    )


def _holds(kind: Kind, whole: Event, events: list[Event], *, leads: bool) -> bool:
    """Whether a kind is true of all that happened to a row together."""
    gone = events[-1].kind is Kind.REMOVED
    if gone or kind is Kind.REMOVED:
        return gone and kind is Kind.REMOVED and not whole.new
    moved = whole.rank.before != whole.rank.after
    rescored = whole.score.before != whole.score.after
    flag, pair = whole.verified, whole.provenance
    untouched = all(event.score.before == event.score.after for event in events)
    return {
        Kind.NEW_LEADER: leads,
        Kind.NEW_ENTRY: whole.new and kind in events[0].contains,
        Kind.RETURNED: whole.new and kind in events[0].contains,
        Kind.RANK_CHANGE: not whole.new and moved and (rescored or untouched),
        Kind.SCORE_CHANGE: not whole.new and rescored,
        Kind.RANK_SHIFT: not whole.new and moved,
        Kind.VERIFIED: flag.after is True and flag.before is not True,
        Kind.UNVERIFIED: flag.after is not True and flag.before is True,
        Kind.PROVENANCE_CHANGE: pair is not None and pair.before != pair.after,
        Kind.RENAMED: whole.previous_model is not UNSET,
    }.get(kind, True)
