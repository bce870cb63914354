"""Deliveries as people see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy import RowMapping

from bot.core.board import BoardKey
from bot.core.delivery import State
from bot.core.timing.window import Hold


class _Data(Struct):
    board: BoardKey | None = None


class _Body(Struct):
    data: _Data = msgspec.field(default_factory=_Data)


_body = msgspec.json.Decoder(_Body)


class AttemptView(Struct, frozen=True, kw_only=True):
    """One attempt; ``outcome`` is ``delivered``, ``retry``, ``in_doubt`` or ``rejected``."""

    at: datetime
    outcome: str
    error: str | None


class DeliveryView(Struct, frozen=True, kw_only=True):
    """A delivery with its events' ids and its attempts, the oldest first.

    ``board`` is null for what is of no one board, as notices of health are.

    ``next_attempt_at`` is null where none is planned: sent, failed, held for a digest or the end of
    quiet hours (``held_for``), or for a paused channel that another delivery probes. What is merged
    names the delivery that told it instead; null where there was nothing left to tell.
    """

    id: str
    channel: str
    type: str
    board: BoardKey | None
    state: str
    created_at: datetime
    next_attempt_at: datetime | None
    events: tuple[str, ...]
    attempts: tuple[AttemptView, ...]
    merged_into: str | UnsetType | None = UNSET
    held_for: Hold | UnsetType = UNSET


def board_of(body: bytes) -> BoardKey | None:
    """Return the board that a body tells of; None where it tells of no one board."""
    return _body.decode(body).data.board


def delivery_view(
    row: RowMapping, board: BoardKey | None, named: Sequence[str], tried: Sequence[AttemptView]
) -> DeliveryView:
    """Return a delivery from its row, its events' ids, and its attempts."""
    planned = row["shown"] == State.PENDING.value or row["probe"] == row["id"]
    return DeliveryView(
        id=row["id"],
        channel=row["channel"],
        type=row["type"],
        board=board,
        state=row["shown"],
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"] if planned else None,
        events=tuple(named),
        attempts=tuple(tried),
        merged_into=row["merged_into"] if row["state"] == State.MERGED.value else UNSET,
        held_for=Hold(row["held_for"]) if row["state"] == State.HELD.value else UNSET,
    )
