"""Why a row stands where it stands: whom it passed, who passed it, who came or went above it."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from bot.core.events import Event, RowName
from bot.core.kinds import Kind
from bot.core.render.spans import Span, Spans
from bot.core.render.words.around import Around, described, known_score, row_of
from bot.core.render.words.shared import behind_leader, listed, score


def moved(event: Event) -> str:
    """Return a row's move as the verb of a sentence; "" where it did not move."""
    before, after = event.rank.before, event.rank.after
    if before is None or after is None or before == after:
        return ""
    return f" moved {'up' if after < before else 'down'} from #{before} to #{after}"


def fell(event: Event) -> bool:
    """Tell whether a row stands lower than before."""
    before, after = event.rank.before, event.rank.after
    return before is not None and after is not None and after > before


def against_its_score(event: Event, known: Around) -> str:
    """Return ``better`` or ``worse`` of the score of a row that moved the other way; else ""."""
    before, after = event.score.before, event.score.after
    if before is None or after is None or before == after or not moved(event):
        return ""
    better = known.is_better(after, before)
    if better is not fell(event):
        return ""
    return "better" if better else "worse"


def passes(event: Event, known: Around) -> str:
    """Return whom a row passed with its new score, and who passed it.

    One that was level with it stood beside it and is not passed.
    """
    cause, name, was = event.cause, known.names, event.score.before
    passed = tuple(
        row for row in cause.overtook if was is None or known_score(event, row, known) != was
    )
    return listed(", passing ", passed, name) + listed(", overtaken by ", cause.overtaken_by, name)


def reasons(event: Event, known: Around, *, passed: bool = False) -> str:
    """Return what others did to a row's place: all of it where it only was ``passed``."""
    cause, name = event.cause, partial(described, event, known)
    falls = fell(event)
    told = ""
    if falls or passed:
        but = " but" * (event.kind is Kind.RANK_CHANGE and bool(against_its_score(event, known)))
        told += listed(f",{but} pushed down by ", cause.displaced_by, name)
    if passed:
        told += listed(", overtaken by ", cause.overtaken_by, name)
        told += listed(", now ahead of ", cause.overtook, name)
    if passed or (not falls and moved(event)):
        told += listed(", after the removal of ", cause.vacated_by, known.names)
    return told + (_was_first(event, known) if told else "")


def _was_first(event: Event, known: Around) -> str:
    """Return what a row that led is told where nothing says who leads now."""
    if event.rank.before != 1 or not fell(event) or not event.gap or known.takers:
        return ""
    return f"; it lost the lead and is {behind_leader(event.gap, known)}"


def lost_lead(event: Event, known: Around) -> Spans:
    """Return what a row that led is told of its fall; () for one that did not, or rose."""
    taker = _taker(event, known) if fell(event) and event.gap else None
    if taker is None or event.gap is None:
        return ()
    other = known.leader is not None and known.leader != taker
    gap = behind_leader(event.gap, known if other else replace(known, leader=None))
    lost = Span(f" lost the lead to {described(event, known, taker)}")
    if not event.score.change:
        return (lost, Span(f", and is {gap}"))
    return (lost, Span(", now with "), *score(event, known), Span(f", {gap}"))


def _taker(event: Event, known: Around) -> RowName | None:
    """Return the row that leads in the place of this one."""
    if (leader := known.takers.get(row_of(event))) is not None:
        return row_of(leader)
    if event.rank.before != 1 or known.takers:
        return None
    first = [one for one in event.related if one.rank == 1]
    return RowName(first[0].model, first[0].variant) if first else None
