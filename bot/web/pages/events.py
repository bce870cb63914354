"""``/events``: what was found, the newest first, by filters that live in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from starlette.responses import Response

from bot.core.kinds import Kind
from bot.core.names.moments import start_of
from bot.store.paging import Names
from bot.views.events import Filter, filter_of
from bot.views.seen.events import event_part
from bot.web.access import unseen
from bot.web.answers import CSV, HTML, JSON, Table, answer, check, form
from bot.web.lists import PARAMETERS, Part, after, another, as_data, cursor, limit, onward
from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked

NAME = "events"
FILTERS = ("benchmark", "model", "kind", "since")
KINDS = tuple(kind.value for kind in Kind)
COLUMNS = (
    "id", "at", "benchmark", "task", "include_derived", "kind", "model", "variant", "rank_before",
    "rank_after", "score_before", "score_after", "verified_before", "verified_after", "margin",
    "gap", "pushed_down", "page", "url",
)  # fmt: skip
OWN = tuple(kind for kind in KINDS if kind != Kind.RANK_SHIFT.value)
"""What people are shown where they ask for nothing else: no ranks that only others moved."""


def events(asked: Asked) -> Response:
    """List events, each in words."""
    check(asked, *FILTERS, *PARAMETERS, table=True)
    visible = asked.visible()
    wanted = _wanted(asked, visible)
    folds = wanted.folds and form(asked) == HTML
    if folds:
        wanted = replace(wanted, kinds=OWN)
    found = event_part(
        asked.store, asked.settings, wanted, after(asked, NAME), limit(asked), visible
    )
    names = any(map(asked.parameter, ("benchmark", "model")))
    if names and not found.told and not asked.visitor.trusted:
        raise unseen()  # a stranger is not told what there is besides
    part = Part(found.documents, None if found.next is None else cursor(NAME, found.next))
    return answer(
        asked,
        part,
        "events.html",
        Table(COLUMNS, map(_record, part.items)),
        told=found.told,
        kinds=tuple(Kind),
        folds=folds,
        given={
            **{name: asked.parameter(name) or "" for name in FILTERS if name != "kind"},
            "kind": [] if folds else [*wanted.kinds],
        },
        of_kind={kind: another(asked, "cursor", kind=kind) for kind in KINDS},
        next_path=onward(asked, part.next),
        as_data={one: as_data(asked, one) for one in (JSON, CSV)},
    )


def _record(event: Mapping[str, Any]) -> dict[str, object]:
    """Return an event, as its document has it, as one record."""
    key = event["board"]
    pairs = {
        f"{name}_{side}": getattr(event[name], side)
        for name in ("rank", "score", "verified")
        for side in ("before", "after")
    }
    board = {name: getattr(key, name) for name in ("benchmark", "task", "include_derived")}
    values = {name: event.get(name) for name in COLUMNS}
    return {**values, **board, **pairs}


def _wanted(asked: Asked, visible: Names) -> Filter:
    """Return the filter that an address has.

    Raises:
        Refused: a kind or a time is none.
        ConfigError: nothing of that name was seen.
    """
    written, now = asked.parameter("since"), asked.site.clock()
    try:
        since = start_of(written, now) if written else None
    except ValueError as error:
        raise Refused(BAD_REQUEST, f"since: {error}") from None
    return filter_of(
        asked.store,
        asked.settings,
        since=since,
        benchmark=asked.parameter("benchmark"),
        model=asked.parameter("model"),
        kinds=asked.several("kind", KINDS),
        visible=visible,
    )
