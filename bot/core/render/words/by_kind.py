"""What each kind of event says of its row, in words that follow the row's name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec import UNSET

from bot.core.events import Event, Leader, Leaders, Provenance, RowName, Turnover
from bot.core.kinds import Kind
from bot.core.render import numbers
from bot.core.render.clean import clean_whole
from bot.core.render.spans import Span, Spans
from bot.core.render.words.around import Around, absence, known_score, row_of
from bot.core.render.words.places import against_its_score, fell, lost_lead, passes, reasons
from bot.core.render.words.shared import (
    ahead,
    at,
    behind,
    drew_level,
    score,
    source_name,
    standing,
    turned,
)


def story(event: Event, known: Around) -> Spans:  # noqa: C901, PLR0911, PLR0912 - a case a kind
    """Return the words for an event; ``known`` is what its message knows around it."""
    match event.kind:
        case Kind.NEW_LEADER:
            return _new_leader(event, known)
        case Kind.NEW_ENTRY:
            return (
                Span(f" enters{at(event)} with "),
                *score(event, known),
                Span(behind(event, known)),
            )
        case Kind.RETURNED:
            gone = f"; {told}" if (told := absence(event, known)) else ""
            back = Span(f" is back{at(event)} with ")
            return (back, *score(event, known), Span(f"{behind(event, known)}{gone}"))
        case Kind.RANK_CHANGE:
            return _rank_change(event, known)
        case Kind.SCORE_CHANGE:
            return _score_change(event, known)
        case Kind.RANK_SHIFT:
            return _rank_shift(event, known)
        case Kind.VERIFIED:
            return (Span(" is now verified: "), *standing(event, known))
        case Kind.UNVERIFIED:
            return (Span(" is no longer verified: "), *standing(event, known))
        case Kind.PROVENANCE_CHANGE:
            return _provenance_change(event)
        case Kind.RENAMED:
            was = clean_whole(event.previous_model or "") or "another model"
            return (Span(f" is the new name of {was}: "), *standing(event, known))
        case Kind.RECOMPUTED:
            return _recomputed(event, known)
        case Kind.UNSTABLE:
            return _unstable(event, known)
        case Kind.REMOVED:
            return _removed(event, known)
        case Kind.NEW_BENCHMARK:
            return (Span(" is a new benchmark and is watched from now on"),)
        case Kind.BENCHMARK_GONE:
            return (Span(" is no longer listed as a benchmark and is not watched any more"),)
        case _:
            assert_never(event.kind)


def _new_leader(event: Event, known: Around) -> Spans:
    before, margin = event.previous_leader, Span(ahead(event, known))
    if event.perhaps_renamed and before:
        was = known.names(RowName(before.model, before.variant))
        same = Span(f"; it is perhaps the new name of {was}, which is gone")
        return (Span(" leads with "), *score(event, known), margin, same)
    if _took_it(event, known):
        origin = f" from {_led(before, known)}" if before else ""
        return (Span(f" takes the lead{origin} with "), *score(event, known), margin)
    return (Span(f" leads{_instead(event, before, known)} with "), *score(event, known), margin)


def _took_it(event: Event, known: Around) -> bool:
    """Tell whether a row came to lead by its own score, not by what became of others."""
    before, now = event.previous_leader, event.score.after
    if not event.new and (not event.score.change or not _improved(event, known)):
        return False
    if before is None or now is None or event.suspected_scale_change:
        return True
    left = RowName(before.model, before.variant) in known.gone
    return known.is_better(now, before.score) if left else not known.is_better(before.score, now)


def _improved(event: Event, known: Around) -> bool:
    was, now = event.score.before, event.score.after
    return was is None or now is None or known.is_better(now, was)


def _instead(event: Event, before: Leader | None, known: Around) -> str:
    """Return why a row leads that did not take the lead, up to the score that it leads with."""
    if before is None:
        return ""
    row = RowName(before.model, before.variant)
    if row in event.cause.vacated_by or row in known.gone:
        return f" after the removal of {_led(before, known)},"
    fallen = known_score(event, row, known)
    if fallen is not None and known.is_better(before.score, fallen):
        scores = f"{known.number(before.score)} → {known.number(fallen)}"
        return f" after {known.names(row)} fell behind ({scores}),"
    return f" instead of {_led(before, known)},"


def _led(before: Leader, known: Around) -> str:
    name = known.names(RowName(before.model, before.variant))
    return f"{name} ({known.number(before.score)})"


def _rank_change(event: Event, known: Around) -> Spans:
    if lost := lost_lead(event, known):
        return lost
    why = passes(event, known) + reasons(event, known)
    why += "" if fell(event) else drew_level(event, known)
    if not why and not event.score.change:
        why = ": the Hub ordered level or unchanged rows anew"
    stays = f" stays{at(event)}" if event.rank.before == event.rank.after is not None else ""
    how = f"a {odd} score, " if (odd := against_its_score(event, known)) else ""
    return (Span(f"{stays} with {how}"), *score(event, known), Span(why))


def _score_change(event: Event, known: Around) -> Spans:
    if lost := lost_lead(event, known):
        return lost
    before, after = event.rank.before, event.rank.after
    place = f", still #{after}" if before == after is not None else ""
    why = "" if place else passes(event, known) + reasons(event, known)
    level = drew_level(event, known)
    how = "" if why else f"{odd}, " if (odd := against_its_score(event, known)) else ""
    return (Span(f" now scores {how}"), *score(event, known), Span(place + why + level))


def _rank_shift(event: Event, known: Around) -> Spans:
    if lost := lost_lead(event, known):
        return lost
    why = reasons(event, known, passed=True)
    return (Span(why or ": the Hub counted ranks anew"),)


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


def _recomputed(event: Event, known: Around) -> Spans:
    told = event.summary
    if told is UNSET:
        return (Span(" was scored anew"),)
    stayed = f"the {told.common:,} rows that stayed"
    anew = f" was scored anew: {told.changed:,} of {stayed} have another score"
    return (Span(f"{anew}{_leads(told.leader, known)}"),)


def perhaps_renamed(event: Event, gone: Event, known: Around) -> Spans:
    """Return the words for a newcomer that is perhaps another row under a new name."""
    was = known.names(row_of(gone))
    return (Span(f" is perhaps the new name of {was}, which is gone: "), *standing(event, known))


def exchanged(turnover: Turnover, events: Iterable[Event], known: Around) -> Spans:
    """Return the words for a board of which most rows were exchanged."""
    part = "all" if turnover.gone == turnover.rows else f"{turnover.gone:,}"
    lost = f" lost {part} of its {turnover.rows:,} rows"
    came = f", and {numbers.plural(turnover.new, 'other')} came" if turnover.new else ""
    leaders = (
        Leaders(event.previous_leader, Leader(event.model, event.variant, event.score.after))
        for event in events
        if event.kind is Kind.NEW_LEADER and event.model and event.score.after is not None
    )
    return (Span(f"{lost}{came}{_leads(next(leaders, Leaders()), known)}"),)


def _leads(leaders: Leaders, known: Around) -> str:
    before, after = leaders.before, leaders.after
    if after is None:
        return ""
    same = before is not None and (before.model, before.variant) == (after.model, after.variant)
    led = f"; before, {_led(before, known)} led" if before is not None and not same else ""
    return f"; {_led(after, known)} {'still ' * same}leads{led}"


def _unstable(event: Event, known: Around) -> Spans:
    now = standing(event, known) if event.rank.after is not None else (Span("gone"),)
    rest = "; no more is said of it until it has not changed for 24 hours"
    return (Span(" goes back and forth, now "), *now, Span(rest))


def _removed(event: Event, known: Around) -> Spans:
    rank, had = event.rank.before, event.score.before
    place = f" at #{rank}" if rank is not None else ""
    scored = f" with {known.number(had)}" if had is not None else ""
    seen = f"; last seen{place}{scored}" if place or scored else ""
    heir = event.perhaps_renamed_to
    came = f"; perhaps renamed: {known.names(RowName(heir))} came with this score" if heir else ""
    return (Span(f" is gone{seen}{came}"),)
