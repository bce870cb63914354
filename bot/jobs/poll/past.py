"""What is known of rows to which something happens: what was told of them, and what they did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.config import Settings
from bot.core.alerts.memory import ANEW_EVERY, Memories
from bot.core.alerts.unrest.aspects import is_own
from bot.core.alerts.unrest.unstable import RESTS_AFTER, Steps
from bot.core.board import BoardKey
from bot.core.events import Found
from bot.core.kinds import Kind
from bot.store import Store


class Past(NamedTuple):
    """What channels remember of rows, and what the rows did within a day.

    ``anew`` are the channels that were told within a day that the board was scored anew.
    """

    memories: Memories
    steps: Steps
    anew: frozenset[str] = frozenset()


Recall = Callable[[Sequence[Found]], Past]
"""Returns the past of the rows of the board to which something happened."""


def past(
    store: Store, settings: Settings, board: BoardKey, now: datetime, found: Sequence[Found]
) -> Past:
    """Return what is stored: it changes with the board's version alone.

    Raises:
        StoreError: the database cannot be used.
    """
    channels = {channel for watch in settings.watches for channel in watch.channels}
    named = [one.row_id for one in found if one.row_id is not None]
    own = {one.row_id for one in found if one.row_id is not None and is_own(one.event)}
    with store.read() as db:
        memories = db.memory.of(board, named, channels)
        steps = db.events.steps(board, sorted(own), now - RESTS_AFTER)
        anew = any(one.event.kind is Kind.RECOMPUTED for one in found)
        told = db.memory.told_anew(board, now - ANEW_EVERY) if anew else frozenset()
        return Past(memories, steps, told)
