"""``/badge.svg`` and ``/badge.json``: a model's place on a board, for other pages."""

from __future__ import annotations

from starlette.responses import Response

from bot.core.board import BoardKey
from bot.core.errors import BotError, StoreError
from bot.core.events import as_json
from bot.core.render.clean import clean
from bot.drawing.svg import inline
from bot.views.seen.standing import model_standing
from bot.web.access import unseen
from bot.web.answers import only, tagged
from bot.web.elsewhere.badges import Badge, badge, drawn, shields, unknown
from bot.web.refusal import BAD_REQUEST, NOT_FOUND, Refused
from bot.web.site import Asked

PARAMETERS = ("benchmark", "model", "task", "derived")
SVG = "image/svg+xml"
LONGEST = 500


def picture(asked: Asked) -> Response:
    """Return a badge as a picture; one of what is unknown says so, too."""
    try:
        told = _badge(asked)
    except Refused as refused:
        said = "unknown" if refused.status == NOT_FOUND else refused.text
        return tagged(asked, _svg(unknown(clean(said))), SVG, refused.status)
    return tagged(asked, _svg(told), SVG)


def endpoint(asked: Asked) -> Response:
    """Return a badge as shields.io's endpoint has it."""
    try:
        told = shields(_badge(asked))
    except Refused as refused:
        said = as_json({"error": refused.text}) + b"\n"
        return tagged(asked, said, "application/json", refused.status)
    return tagged(asked, as_json(told) + b"\n", "application/json")


def _badge(asked: Asked) -> Badge:
    """Return the badge that is asked for.

    Raises:
        Refused: it is not said of what, nothing is known of that, or the visitor may not see it.
    """
    only(asked, *PARAMETERS)
    names = [asked.parameter(name) for name in ("benchmark", "model")]
    benchmark, model = (name or "" for name in names)
    if not (benchmark and model):
        raise Refused(BAD_REQUEST, "give ?benchmark= and &model=")
    written = BoardKey(benchmark, asked.parameter("task")).name
    derived, visible = asked.flag("derived"), asked.visible()
    try:
        found = model_standing(
            asked.store, asked.settings, written, model, derived=derived, visible=visible
        )
    except StoreError:
        raise
    except BotError as error:
        known = Refused(NOT_FOUND, clean(str(error), LONGEST))
        raise known if asked.visitor.trusted else unseen() from None
    return badge(found, asked.site.clock())


def _svg(told: Badge) -> bytes:
    return inline(drawn(told)).encode()
