"""A board's page: its rows with how far each has moved, who leads it and since when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec import Struct, UnsetType, structs

from bot.config import Settings
from bot.core.alerts.message import BoardInfo
from bot.store import Store
from bot.store.paging import EVERY, Names
from bot.views.boards import FoundBoard, ShownRow, stored_board
from bot.views.seen.leads import Lead, leads, telling

DAYS = (1, 7, 30)
"""Over so many days rows are seen to have moved."""


class Moved(Struct, frozen=True, kw_only=True):
    """How far a row has moved over some days: ``places`` up, or down where negative.

    ``places`` is null where that is not known; ``new`` says that the row was not there then.
    """

    days: int
    places: int | None
    new: bool


class SeenRow(ShownRow, frozen=True, kw_only=True):
    """A row as ``show`` has it, with its moves; ``gap`` is how far it is behind the leader."""

    moves: tuple[Moved, ...]
    gap: Decimal | None


class SeenBoard(Struct, frozen=True, kw_only=True):
    """A board as ``show`` has it, with who leads it since when, and who led before, and why."""

    board: BoardInfo
    snapshot_at: datetime | None
    rows: tuple[SeenRow, ...]
    baseline_at: datetime | None
    source_changed_at: datetime | UnsetType | None
    lead: Lead | None
    led: tuple[Lead, ...]


def seen_board(
    store: Store,
    settings: Settings,
    written: str,
    *,
    derived: bool,
    now: datetime,
    at: datetime | None = None,
    visible: Names = EVERY,
) -> tuple[FoundBoard, SeenBoard]:
    """Return a board as it stands, or stood ``at`` a time, and what its page has besides.

    Raises:
        BotError: as ``stored_board``.
    """
    found = stored_board(store, settings, written, derived=derived, at=at, visible=visible)
    moment = min(at or now, now)
    with store.read() as db:
        moments = [moment - timedelta(days=days) for days in DAYS]
        past = dict(zip(DAYS, db.standings.ranks(found.key, moments), strict=True))
        tell = telling(found.board.board, settings.hub.endpoint)
        led = leads(db, found.key, db.models.former(), until=at, tell=tell)
    shown = found.board
    leader = shown.rows[0] if shown.rows else None
    seen = SeenBoard(
        board=shown.board,
        snapshot_at=shown.snapshot_at,
        rows=tuple(
            _row(id_, row, past, leader.value if leader else None)
            for id_, row in zip(found.row_ids, shown.rows, strict=True)
        ),
        baseline_at=shown.baseline_at,
        source_changed_at=shown.source_changed_at,
        lead=led[0] if led and leader else None,
        led=led,
    )
    return found, seen


def _row(
    id_: str, row: ShownRow, past: Mapping[int, Mapping[str, int]], first: Decimal | None
) -> SeenRow:
    moves = tuple(
        Moved(
            days=days,
            places=ranks[id_] - row.rank if id_ in ranks else None,
            new=bool(ranks) and id_ not in ranks,
        )
        for days, ranks in past.items()
    )
    gap = None if first is None else abs(row.value - first)
    return SeenRow(**structs.asdict(row), moves=moves, gap=gap)
