"""Short facts about an event: what the model is, whether the result is verified, its sources."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.board import ModelFacts, Source
from bot.core.events import Event
from bot.core.kinds import Kind
from bot.core.names import links
from bot.core.render import numbers
from bot.core.render.clean import NOTE_LIMIT, clean, host_of, safe_url
from bot.core.render.spans import Span, Spans
from bot.core.render.words.around import Around, absence
from bot.core.render.words.names import NAMED_CAUSES

RESULT_FILE = "result file"
WHY = "why"
"""The link to the event on the bot's own page."""

LINKS = (RESULT_FILE, WHY)
"""Worth showing as a link only."""


def caveat(event: Event) -> str:
    """Return what nobody should miss who reads the sentence alone; "" for nothing."""
    if event.recomputed is True:
        return " (the whole board was scored anew)"
    if event.suspected_scale_change:
        return " (a change of unit, it seems)"
    arrives = event.new and event.kind.traits.sourced
    return " (a community result)" if arrives and event.pull_request is not None else ""


def details(
    event: Event, facts: Mapping[str, ModelFacts], endpoint: str, known: Around
) -> tuple[Spans, ...]:
    """Return the facts worth telling of an event, the most telling first."""
    told: list[Spans] = [(Span(text),) for text in _marks(event, known) if text]
    of_model = facts.get(event.model or "")
    if event.new and of_model is not None:
        told += [(Span(text),) for text in _known(of_model)]
    if event.model is not None and event.kind.traits.sourced:
        told += _sources(event, event.model, endpoint)
    if event.page:
        told.append((Span(WHY, event.page),))
    return tuple(told)


def brief(event: Event, known: Around) -> tuple[Spans, ...]:
    """Return the few facts of an event that a report has room for."""
    return tuple((Span(text),) for text in _marks(event, known) if text)


def _marks(event: Event, known: Around) -> tuple[str, ...]:
    flag_told = event.kind in (Kind.VERIFIED, Kind.UNVERIFIED)
    community = event.pull_request is not None and event.kind is not Kind.PROVENANCE_CHANGE
    back = Kind.RETURNED in event.contains
    gone = f" ({told})" if (told := absence(event, known)) else ""
    arrival = f"returned{gone}" if back else "new entry"
    # What is true of the whole board is said once, in the first line that it is true of.
    other = known.anew if event.recomputed is True and event is not known.anew else None
    unit_said = other is not None and other.suspected_scale_change
    unit = event.suspected_scale_change and not unit_said
    return (
        arrival if event.new and event.kind is Kind.NEW_LEADER else "",
        "the whole board was scored anew" if event.recomputed is True and other is None else "",
        "a change of unit, it seems: fraction or percent" if unit else "",
        _of_turnover(event),
        "verified" if event.verified.after and not flag_told else "",
        "community result" if community else "",
        _out_of_top(event, known),
    )


def _of_turnover(event: Event) -> str:
    if not event.turnover:
        return ""
    whole = event.turnover.gone == event.turnover.rows
    return f"the board lost {'all' if whole else 'most'} of its rows"


def _out_of_top(event: Event, known: Around) -> str:
    if not event.out_of_top:
        return ""
    rows = event.out_of_top.rows
    some = numbers.some([known.names(row) for row in rows], NAMED_CAUSES)
    return f"{some} {'leave' if rows[1:] else 'leaves'} the top {event.out_of_top.top:,}"


def _known(facts: ModelFacts) -> list[str]:
    size = f"{numbers.parameters(facts.parameters)} parameters" if facts.parameters else ""
    released = f"released {numbers.day(facts.made_at)}" if facts.made_at else ""
    told = ", ".join(text for text in (size, released) if text)
    return [told] if told else []


def _sources(event: Event, model: str, endpoint: str) -> list[Spans]:
    told: list[Spans] = []
    notes = clean(event.notes or "", NOTE_LIMIT)
    if notes and event.notes != event.variant and event.kind is not Kind.PROVENANCE_CHANGE:
        told.append((Span(f"note: “{notes}”"),))
    source = _source(event.source, endpoint) if event.source else None
    if source:
        told.append((Span("source: "), *source))
    if event.pull_request is not None:
        url = links.discussion_url(endpoint, model, event.pull_request)
        told.append((Span(f"PR #{event.pull_request}", url),))
    if event.filename:
        url = links.file_url(endpoint, model, event.filename, event.pull_request)
        told.append((Span(RESULT_FILE, url),))
    return told


def _source(source: Source, endpoint: str) -> Spans | None:
    url = safe_url(source.url)
    name = clean(source.name or "")
    if url is None:
        return (Span(name),) if name else None
    host = host_of(url)
    if not name:
        return (Span(host, url),)
    # A stranger names the link, so people are told where it leads.
    elsewhere = () if host == host_of(endpoint) else (Span(f" ({host})"),)
    return (Span(name, url), *elsewhere)
