"""What the rows of one message are called: shortly, and no two of them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import UNSET

from bot.core.alerts.message import BoardChange
from bot.core.events import Event, RowName
from bot.core.render.clean import clean_whole

NAMED_CAUSES = 3
"""How many rows of each list of a cause are named."""


class Names:
    """Names rows as ``org/model`` or ``org/model (variant)``.

    What is cut is cut in the middle. Where two of ``rows`` would still read alike, the later ones
    are numbered. ``short`` leaves out whose a model is, where no other of them has its name.
    """

    def __init__(self, rows: Iterable[RowName] = (), *, short: bool = False) -> None:
        self._parts: dict[RowName, tuple[str, str]] = {}
        self._taken: set[str] = set()
        named = sorted(set(rows), key=_order)
        tails = Counter(_tail(model) for model in {row.model for row in named})
        self.short = short
        self._alone = {tail for tail, models in tails.items() if short and tail and models == 1}
        for row in named:
            self.parts(row)

    def __call__(self, row: RowName) -> str:
        """Return what a row is called."""
        return _joined(*self.parts(row))

    def parts(self, row: RowName) -> tuple[str, str]:
        """Return the model's name and, "" for none, the variant's."""
        if row not in self._parts:
            tail = row.model.rpartition("/")[2]
            shown = RowName(tail, row.variant) if _tail(row.model) in self._alone else row
            self._parts[row] = next(parts for parts in _choices(shown) if self._is_free(parts))
            self._taken.add(_joined(*self._parts[row]))
        return self._parts[row]

    def _is_free(self, parts: tuple[str, str]) -> bool:
        return _joined(*parts) not in self._taken


def _tail(model: str) -> str:
    """Return what a model is called where nobody asks whose it is."""
    return model.rpartition("/")[2].casefold()


def _order(row: RowName) -> tuple[str, bool, str]:
    return row.model, row.variant is not None, row.variant or ""


def rows_of(events: Iterable[Event]) -> Iterator[RowName]:
    """Yield the rows that the lines of some events name."""
    for event in events:
        if event.model is not None:
            yield RowName(event.model, event.variant)
        leaders = [event.previous_leader, event.second or None]
        if event.summary is not UNSET:
            leaders += [event.summary.leader.before, event.summary.leader.after]
        yield from (RowName(led.model, led.variant) for led in leaders if led is not None)
        cause = event.cause
        for rows in (cause.overtook, cause.overtaken_by, cause.displaced_by, cause.vacated_by):
            yield from rows[:NAMED_CAUSES]
        yield from (event.level_with or ())[:1]
        yield from event.out_of_top.rows[:NAMED_CAUSES] if event.out_of_top else ()
        if event.perhaps_renamed_to:
            yield RowName(event.perhaps_renamed_to)


def rows_in(change: BoardChange) -> Iterator[RowName]:
    """Yield the rows that the lines of a change name."""
    yield from rows_of(change.events)
    if led := change.leader:
        yield RowName(led.model, led.variant)
    for one in change.crossed or ():
        yield from (*one.into, *one.out)
    yield from (RowName(one.model, one.variant) for one in change.placed or ())


def _choices(row: RowName) -> Iterator[tuple[str, str]]:
    model, variant = clean_whole(row.model) or "(unnamed)", clean_whole(_said(row.variant or ""))
    yield model, variant
    number = 2
    while True:
        yield model, f"{variant} #{number}".strip()
        number += 1


def _said(variant: str) -> str:
    """Return a variant as people say it: of a file's name they need no ending."""
    return variant.removesuffix(".yaml") or variant


def _joined(model: str, variant: str) -> str:
    return f"{model} ({variant})" if variant else model
