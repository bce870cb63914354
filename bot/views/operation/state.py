"""How the program is doing, as the page shows it: what ``status`` says, and what waits."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.mute import Mute
from bot.core.timing.window import Window
from bot.daemon.owner import is_dead
from bot.store import Store
from bot.store.outbox.channels import Paused
from bot.views.operation.in_words import in_words
from bot.views.operation.status import Failing, Status, status


class State(Struct, frozen=True, kw_only=True):
    """How the program is doing: in numbers, in words, and what is behind them."""

    status: Status
    words: tuple[tuple[str, str], ...]
    failing: tuple[Failing, ...]
    paused: tuple[Paused, ...]
    windows: tuple[Window, ...]
    mutes: tuple[Mute, ...]


def state(store: Store, settings: Settings, now: datetime, *, polls: bool = True) -> State:
    """Return how the program is doing; whether a daemon lives is judged by what it stored.

    Of sample data, which nothing ``polls``, what only a daemon has is left out of the words.

    Raises:
        StoreError: the database cannot be used.
    """
    found, details = status(store, settings, now, None, is_dead)
    with store.read() as db:
        windows, mutes = db.windows.all(), db.mutes.live(now)
    return State(
        status=found,
        words=tuple(in_words(found, details, now, polls=polls)),
        failing=details.failing,
        paused=details.paused,
        windows=windows,
        mutes=mutes,
    )
