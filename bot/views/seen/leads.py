"""Who leads a board, since when and why, and who did before: the one truth of pages and badges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardInfo
from bot.core.alerts.watch import FormerIds
from bot.core.board import BoardKey
from bot.core.diff.variants import variants
from bot.core.events import Leader, RowName, StoredEvent
from bot.store import Unit
from bot.views.events import story

MOST = 30
"""So many changes of the lead are looked back at."""

Tell = Callable[[StoredEvent], str]


class Lead(Struct, frozen=True, kw_only=True):
    """Who led from a time on, with the score of that time.

    ``event`` is the id of the event that found it, ``why`` says it in words. With ``at_least`` the
    row was seen to lead at that time, and perhaps led before: no event tells that it came to.
    """

    model: str
    variant: str | None
    score: Decimal | None
    since: datetime
    at_least: bool = False
    event: str | None = None
    why: str | None = None

    @property
    def name(self) -> str:
        """The model, with its variant where it has one."""
        return f"{self.model} ({self.variant})" if self.variant else self.model


def leads(
    db: Unit,
    key: BoardKey,
    former: FormerIds,
    *,
    until: datetime | None = None,
    leader: str | None = None,
    most: int = MOST,
    tell: Tell | None = None,
) -> tuple[Lead, ...]:
    """Return who led a board, the newest first, up to a time; models by the ids that they have now.

    The last is who led when the board was first seen, unless more than ``most`` came to lead since.
    ``tell`` gives the words for events; without it there are none. Less is asked where it is said
    who is the ``leader`` now.
    """
    stored = db.leads.last(key, most, until)
    found = [_came(one, tell) for one in stored]
    if len(stored) < most:
        found += _first(db, key, stored)
    now = {was: model for model, ids in former.items() for was in ids}
    named = [replace(one, model=now.get(one.model, one.model)) for one in found]
    if until is None and stored and named[0].model != leader:
        named = [*_silent(db, key, named[0].model), *named]
    return tuple(named)


def led_at(db: Unit, key: BoardKey, at: datetime) -> RowName | None:
    """Return who led a board once the news of a time was in; None where that is not known."""
    found = leads(db, key, db.models.former(), until=at, most=1)
    return RowName(found[0].model, found[0].variant) if found else None


def telling(board: BoardInfo, endpoint: str) -> Tell:
    """Return what says in words who came to lead a board, and why."""
    return lambda stored: story(stored, board, endpoint)


def held_since(found: tuple[Lead, ...], model: str) -> Lead | None:
    """Return since when rows of a model lead, whichever of them; None where another's do."""
    own = list(takewhile(lambda one: one.model == model, found))
    if not own:
        return None
    return replace(own[-1], at_least=own[-1].at_least or len(own) == len(found))


def _came(stored: StoredEvent, tell: Tell | None) -> Lead:
    event = stored.event
    assert event.model is not None, "somebody leads"
    return Lead(
        model=event.model,
        variant=event.variant,
        score=event.score.after,
        since=stored.at,
        event=event.id,
        why=tell(stored) if tell else None,
    )


def _silent(db: Unit, key: BoardKey, last: str) -> Iterator[Lead]:
    """Return who leads though no event tells it: the board was not watched for a time."""
    now = _now(db, key)
    if now and now.model != last:
        yield now


def _first(db: Unit, key: BoardKey, stored: tuple[StoredEvent, ...]) -> Iterator[Lead]:
    """Return who led when the board was first seen: whoever was overtaken first, if any was."""
    first, begun = stored[-1] if stored else db.leads.first(key), db.leads.begun(key)
    if begun is None:
        return
    if first is None:
        yield from (replace(found, since=begun) for found in (_now(db, key),) if found)
    elif before := first.event.previous_leader:
        yield _seen(before, begun)


def _now(db: Unit, key: BoardKey) -> Lead | None:
    """Return who leads now, since it has the score that it leads with."""
    rows = db.leads.now(key)
    if not rows:
        return None
    row, variant = rows[0].row, variants(one.row for one in rows)
    leader = Leader(row.result.model, variant[row.id], row.result.score)
    return _seen(leader, rows[0].at)


def _seen(leader: Leader, since: datetime) -> Lead:
    return Lead(
        model=leader.model,
        variant=leader.variant,
        score=leader.score,
        since=since,
        at_least=True,
    )
