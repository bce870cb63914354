"""``/events``: what was found, the newest first, by filters that live in the address."""

from __future__ import annotations

from msgspec.structs import replace
from starlette.responses import Response

from bot.core.kinds import Kind
from bot.core.names.moments import start_of
from bot.store.paging import Names
from bot.views.events import Filter, filter_of
from bot.views.seen.events import event_part
from bot.web.access import unseen
from bot.web.answers import HTML, answer, check, form
from bot.web.lists import PARAMETERS, Part, after, cursor, limit, onward
from bot.web.refusal import BAD_REQUEST, Refused
from bot.web.site import Asked

NAME = "events"
FILTERS = ("benchmark", "model", "kind", "since")
KINDS = tuple(kind.value for kind in Kind)
OWN = tuple(kind for kind in KINDS if kind != Kind.RANK_SHIFT.value)
"""What people are shown where they ask for nothing else: no ranks that only others moved."""


def events(asked: Asked) -> Response:
    """List events, each in words."""
    check(asked, *FILTERS, *PARAMETERS)
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
        told=found.told,
        kinds=KINDS,
        folds=folds,
        given={
            **{name: asked.parameter(name) or "" for name in FILTERS if name != "kind"},
            "kind": "" if folds else ",".join(wanted.kinds),
        },
        next_path=onward(asked, part.next),
    )


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
