"""What each kind of event says of its row, in words that follow the row's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import assert_never

from bot.core.events import Event, Provenance, RowName
from bot.core.kinds import Kind
from bot.core.render import numbers
from bot.core.render.spans import Span, Spans
from bot.core.render.words.phrases import (
    ahead,
    at,
    behind,
    listed,
    named,
    score,
    source_name,
    standing,
    turned,
)

Others = Mapping[RowName, Event]
"""The message's events by their rows, for those with a score after."""


def story(event: Event, others: Others) -> Spans:  # noqa: C901, PLR0911, PLR0912 - a case a kind
    """Return the words for an event; ``others`` may know the scores of the rows it names."""
    match event.kind:
        case Kind.NEW_LEADER:
            return _new_leader(event)
        case Kind.NEW_ENTRY:
            return (Span(f" enters{at(event)} with "), *score(event), Span(behind(event.gap)))
        case Kind.RETURNED:
            return (Span(f" is back{at(event)} with "), *score(event), Span(behind(event.gap)))
        case Kind.RANK_CHANGE:
            return _rank_change(event, others)
        case Kind.SCORE_CHANGE:
            return _score_change(event)
        case Kind.RANK_SHIFT:
            return _rank_shift(event, others)
        case Kind.VERIFIED:
            return (Span(" is now verified: "), *standing(event))
        case Kind.UNVERIFIED:
            return (Span(" is no longer verified: "), *standing(event))
        case Kind.PROVENANCE_CHANGE:
            return _provenance_change(event)
        case Kind.REMOVED:
            return _removed(event)
        case Kind.NEW_BENCHMARK:
            return (Span(" is a new benchmark and is watched from now on"),)
        case Kind.BENCHMARK_GONE:
            return (Span(" is no longer listed as a benchmark and is not watched any more"),)
        case _:
            assert_never(event.kind)


def _new_leader(event: Event) -> Spans:
    before = event.previous_leader
    name = ""
    if before is not None:
        name = f"{named(RowName(before.model, before.variant))} ({numbers.number(before.score)})"
    margin = Span(ahead(event.margin))
    if event.new or event.score.delta:
        origin = f" from {name}" if name else ""
        return (Span(f" takes the lead{origin} with "), *score(event), margin)
    origin = f"; before, {name} led" if name else ""
    return (Span(" is now in the lead with "), *score(event), margin, Span(origin))


def _rank_change(event: Event, others: Others) -> Spans:
    cause, scored = event.cause, _scored(event, others)
    why = listed(", passing ", cause.overtook) + listed(", overtaken by ", cause.overtaken_by)
    if _fell(event):
        why += listed(", pushed down by ", cause.displaced_by, scored)
    if not why and not event.score.delta:
        why = ": the Hub ordered level or unchanged rows anew"
    return (Span(" with "), *score(event), Span(why + _lost_lead(event)))


def _score_change(event: Event) -> Spans:
    before, after = event.rank.before, event.rank.after
    place = f", still #{after}" if before == after else f", #{after} after #{before}"
    return (Span(" now scores "), *score(event), Span(place if after else ""))


def _rank_shift(event: Event, others: Others) -> Spans:
    cause, scored = event.cause, _scored(event, others)
    why = (
        listed(", pushed down by ", cause.displaced_by, scored),
        listed(", overtaken by ", cause.overtaken_by, scored),
        listed(", now ahead of ", cause.overtook, scored),
        listed(", after the removal of ", cause.vacated_by),
    )
    if not any(why):
        return (Span(": the Hub counted ranks anew"),)
    return (Span("".join(why) + _lost_lead(event)),)


def _scored(event: Event, others: Others) -> Callable[[RowName], str]:
    """Return how to name a row of the event's cause: with its score, and what else is known."""
    known = {RowName(row.model, row.variant): row for row in event.related}

    def scored(name: RowName) -> str:
        if (row := known.get(name)) is not None:
            marks = ["new"] * row.new + [numbers.number(row.score)]
            marks += ["community result"] * row.community
            return f"{named(name)} ({', '.join(marks)})"
        other = others.get(name)
        if other is None or other.score.after is None:
            return named(name)
        new = "new, " if other.new else ""
        return f"{named(name)} ({new}{numbers.number(other.score.after)})"

    return scored


def _fell(event: Event) -> bool:
    before, after = event.rank.before, event.rank.after
    return before is not None and after is not None and after > before


def _lost_lead(event: Event) -> str:
    """Return what a row that stood first wants to be told of its fall."""
    if event.rank.before != 1 or not _fell(event) or not event.gap:
        return ""
    return f"; it lost the lead and is {numbers.number(event.gap)} behind"


def _provenance_change(event: Event) -> Spans:
    if event.provenance is None:
        return (Span(" has another source"),)
    told = _provenance(event.provenance.before, event.provenance.after)
    return (Span(f": {'; '.join(told) or 'its source has another address'}"),)


def _provenance(before: Provenance, after: Provenance) -> list[str]:
    told = []
    if before.pull_request is not None and after.pull_request is None:
        told.append(f"the community result of PR #{before.pull_request} was merged")
    elif after.pull_request != before.pull_request:
        told.append(f"it is now the community result of PR #{after.pull_request}")
    told += turned("source", source_name(before.source), source_name(after.source))
    told += turned("file", before.filename, after.filename)
    return told + turned("notes", before.notes, after.notes)


def _removed(event: Event) -> Spans:
    rank = f"#{event.rank.before}" if event.rank.before is not None else "there"
    had = event.score.before
    scored = f" with {numbers.number(had)}" if had is not None else ""
    return (Span(f" is gone; it was {rank}{scored}"),)
