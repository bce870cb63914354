"""What a message knows around an event: names, other rows' events, who took the lead from whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, Struct

from bot.core.alerts.message import BoardInfo
from bot.core.events import Event, RowName
from bot.core.kinds import Kind
from bot.core.render import numbers
from bot.core.render.words.names import Names, rows_of


class Around(Struct, frozen=True, kw_only=True):
    """What the words for an event may use of its message.

    ``names`` names rows; ``events`` are those of rows with a score after; ``takers`` are the
    leaders' events, by the row that led before. ``gone`` are the rows whose removal it tells.
    ``at`` is the time of the poll, if it is known; ``anew`` is the event whose line says that the
    whole board was scored anew. Scores and differences have ``decimals`` at the least. ``leader``
    leads, where that is known. ``distances`` says that arrivals tell how far behind it they are.
    """

    names: Names
    events: Mapping[RowName, Event]
    takers: Mapping[RowName, Event]
    lower_is_better: bool = False
    gone: frozenset[RowName] = frozenset()
    at: datetime | None = None
    anew: Event | None = None
    decimals: int = 0
    leader: RowName | None = None
    distances: bool = True

    def number(self, score: Decimal) -> str:
        """Return a score, or how far two are apart, as all of the message are written."""
        return numbers.number(score, self.decimals)

    def delta(self, change: Decimal) -> str:
        """Return a difference with its sign, as all of the message are written."""
        return numbers.delta(change, self.decimals)

    def is_better(self, one: Decimal, other: Decimal) -> bool:
        """Tell whether a score is better than another."""
        return one < other if self.lower_is_better else one > other


def around(
    events: Sequence[Event],
    board: BoardInfo,
    *,
    at: datetime | None = None,
    names: Names | None = None,
    leader: RowName | None = None,
) -> Around:
    """Return what is known around events of a board, which are in the order of their lines.

    ``names`` are those of a message that tells of other boards, too; ``leader`` leads the board.
    """
    told = {row_of(event): event for event in events if event.score.after is not None}
    takers = {
        RowName(event.previous_leader.model, event.previous_leader.variant): event
        for event in events
        if event.kind is Kind.NEW_LEADER and event.previous_leader is not None
    }
    return Around(
        names=names or Names(rows_of(events)),
        events=told,
        takers=takers,
        lower_is_better=bool(board.lower_is_better),
        gone=frozenset(row_of(event) for event in events if event.kind is Kind.REMOVED),
        at=at,
        anew=next((event for event in events if _is_anew(event)), None),
        decimals=_decimals(events) if board.decimals is UNSET else board.decimals,
        leader=leader,
    )


def _is_anew(event: Event) -> bool:
    """Tell whether an event is a board's that was scored anew, or what that did to a row."""
    return event.kind is Kind.RECOMPUTED or event.recomputed is True


def _decimals(events: Iterable[Event]) -> int:
    """Return how many decimals the scores of some events usually have."""
    pairs = (event.score for event in events)
    scores = (score for pair in pairs for score in (pair.before, pair.after))
    return numbers.usual_decimals(score for score in scores if score is not None)


def row_of(event: Event) -> RowName:
    """Return the name of an event's row."""
    return RowName(event.model or "", event.variant)


def known_score(event: Event, row: RowName, known: Around) -> Decimal | None:
    """Return the score after of a row that an event names; None where the message has none."""
    for related in event.related:
        if RowName(related.model, related.variant) == row:
            return related.score
    other = known.events.get(row)
    return other.score.after if other else None


def described(event: Event, known: Around, row: RowName) -> str:
    """Return a row's name with what is known of it: its score, whether it is new, or back."""
    marks: list[str] = []
    other = known.events.get(row)
    new = "back" if other is not None and Kind.RETURNED in other.contains else "new"
    for related in event.related:
        if RowName(related.model, related.variant) == row:
            marks = [new] * related.new + [known.number(related.score)]
            marks += ["community result"] * related.community
    if not marks and other is not None and other.score.after is not None:
        marks = [new] * other.new + [known.number(other.score.after)]
        marks += ["community result"] * (other.pull_request is not None)
    return f"{known.names(row)} ({', '.join(marks)})" if marks else known.names(row)


def absence(event: Event, known: Around) -> str:
    """Return when it was told that a row was gone which is back; "" where it is not known."""
    if event.removed_at is UNSET or known.at is None:
        return ""
    return f"its removal was told {numbers.span(known.at - event.removed_at)} earlier"
