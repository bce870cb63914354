"""Who is among a board's first rows, who came and who left, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.core.alerts.message import BoardChange, Crossing
from bot.core.alerts.net.people import FIRST
from bot.core.events import Event, Related, RowName
from bot.core.kinds import Kind
from bot.core.render import numbers
from bot.core.render.spans import Line, Span
from bot.core.render.words.around import row_of
from bot.core.render.words.groups import is_exchanged
from bot.core.render.words.names import Names

_NAMED = 10
"""How many rows are named that came among the first, or left."""


class First:
    """Tells of the first rows of a board; ``names`` are those of the message."""

    def __init__(self, change: BoardChange, names: Names) -> None:
        self._change = change
        self._names = names
        self._decimals = change.board.decimals or 0
        self._placed: Mapping[RowName, Related] = {
            RowName(one.model, one.variant): one for one in change.placed or ()
        }

    def crossed(self) -> Iterator[Line]:
        """Yield who came among the first rows, and who left them, each in one line.

        Rows whose own lines say it are left out.
        """
        own = {*_with_lines(self._change.events)}
        for one in self._change.crossed or ():
            into = [row for row in one.into if row not in own]
            out = [row for row in one.out if row not in own]
            if whole := self._whole(one, own):
                yield _line("•", f"The top {one.top:,} is another: {self._listed(whole)}")
                continue
            if into:
                yield _line("▲", f"Into the top {one.top:,}: {self._all(into, self._came)}")
            if out:
                yield _line("▼", f"Out of the top {one.top:,}: {self._all(out, self._left)}")

    def now(self, *, always: bool) -> Iterator[Line]:
        """Yield the line of the first rows as they stand, where these may be others than before.

        With ``always``, where any row came, went, moved or has another score.
        """
        placed = (self._change.placed or ())[:FIRST]
        own = {*_with_lines(self._change.events)}
        told = any(self._whole(one, own) for one in self._change.crossed or ())
        if not told and len(placed) == FIRST and self._are_others(always=always):
            rows = [RowName(one.model, one.variant) for one in placed]
            yield _line("•", f"Top three now: {self._listed(rows)}", count=0)

    def level(self) -> list[RowName]:
        """Return the rows that share the lead with the leader."""
        led = self._change.leader
        return [
            row
            for row, one in self._placed.items()
            if led and one.score == led.score and row != RowName(led.model, led.variant)
        ]

    def _whole(self, one: Crossing, own: set[RowName]) -> list[RowName]:
        """Return the first rows where all of them came, the leader of which was told at once, too.

        Else, or where some have lines of their ``own``, there are none.
        """
        led = self._change.leader if self._change.told_leader_at else None
        first = [RowName(led.model, led.variant)] if led else []
        came = [*first, *(row for row in one.into if row not in first)]
        return came if len(came) >= one.top and own.isdisjoint(one.into) else []

    def _are_others(self, *, always: bool) -> bool:
        events = [event for event in self._change.events if _moves(event)]
        places = (place for one in events for place in (one.rank.before, one.rank.after))
        told = self._change.told_leader_at or self._change.told_anew_at
        first = any(place and place <= FIRST for place in places)
        return bool(told) or first or (always and bool(events))

    def _all(self, rows: Sequence[RowName], word: Callable[[RowName], str]) -> str:
        told = ((self._names(row), word(row) if self._placed else "") for row in rows)
        return numbers.some([f"{name} ({text})" if text else name for name, text in told], _NAMED)

    def _came(self, row: RowName) -> str:
        one = self._placed.get(row)
        return f"#{one.rank} with {self._number(one)}" if one else ""

    def _left(self, row: RowName) -> str:
        one = self._placed.get(row)
        return f"now #{one.rank}" if one else "gone"

    def _listed(self, rows: Iterable[RowName]) -> str:
        """Return rows as ``#1 A 80.6, #2 B 76.4``."""
        found = ((row, self._placed.get(row)) for row in rows)
        return numbers.some(
            [
                f"#{one.rank} {self._names(row)} {self._number(one)}" if one else self._names(row)
                for row, one in found
            ],
            _NAMED,
        )

    def _number(self, one: Related) -> str:
        return numbers.number(one.score, self._decimals)


def _line(mark: str, sentence: str, count: int = 1) -> Line:
    return Line(mark=mark, story=(Span(sentence),), count=count)


def _moves(event: Event) -> bool:
    """Tell whether something happened to a row that may be another one's place."""
    return event.new or event.kind is Kind.REMOVED or event.kind.traits.moves


def _with_lines(events: Sequence[Event]) -> Iterator[RowName]:
    """Yield the rows of which lines say that they came among the first, or left."""
    exchanged = is_exchanged(events)
    for event in events:
        if not (exchanged and event.turnover) and _moves(event):
            yield row_of(event)
        yield from event.out_of_top.rows if event.out_of_top else ()
