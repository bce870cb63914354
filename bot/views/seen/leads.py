"""Who leads a board, since when, and who did before."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.watch import FormerIds
from bot.core.board import BoardKey
from bot.core.events import StoredEvent
from bot.store import Unit

MOST = 30
"""So many changes of the lead are looked back at."""


class Lead(Struct, frozen=True, kw_only=True):
    """Who led from a time on, with the score of that time.

    With ``at_least`` the row has led since then, and perhaps for longer: what was before is not
    known.
    """

    model: str
    variant: str | None
    score: Decimal | None
    since: datetime
    at_least: bool = False


def leads(db: Unit, key: BoardKey) -> tuple[Lead, ...]:
    """Return the last changes of the lead of a board, the newest first."""
    return tuple(_lead(one) for one in db.events.leads(key, MOST))


def leading(
    found: tuple[Lead, ...], model: str, begun: datetime | None, former: FormerIds
) -> Lead | None:
    """Return since when a model leads, by the changes of the lead that are known.

    ``begun`` is the time of the oldest result that is kept: one whose coming is not known has led
    since then at the least. None where nothing is known of that time, and where another
    model is the last that is known to have come to lead.
    """
    if found:
        return found[0] if found[0].model in (model, *former.get(model, ())) else None
    if begun is None:
        return None
    return Lead(model=model, variant=None, score=None, since=begun, at_least=True)


def held_since(
    found: tuple[Lead, ...], model: str, begun: datetime | None, former: FormerIds
) -> Lead | None:
    """Return since when rows of a model lead, whichever of them; as ``leading``."""
    names = (model, *former.get(model, ()))
    own = list(takewhile(lambda one: one.model in names, found))
    if own:
        return replace(own[-1], at_least=len(own) == MOST)
    return leading(found, model, begun, former)


def _lead(stored: StoredEvent) -> Lead:
    event = stored.event
    assert event.model is not None, "somebody leads"
    return Lead(model=event.model, variant=event.variant, score=event.score.after, since=stored.at)
