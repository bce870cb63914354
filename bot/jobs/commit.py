"""Runs a unit of work, and again where PostgreSQL undid it for another transaction's sake."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from bot.core.errors import ConflictError
from bot.store import Store, Unit

MOST = 3
"""How often a unit is run."""

T = TypeVar("T")


def commit(store: Store, work: Callable[[Unit], T]) -> T:
    """Do some work in one transaction, and return what came of it.

    It may be done up to three times, so it leaves no trace but in the database.

    Raises:
        ConflictError: it was undone each time.
        StoreError: the database cannot be used; nothing was written.
    """
    for _ in range(MOST - 1):
        with suppress(ConflictError), store.write() as db:
            return work(db)
    with store.write() as db:
        return work(db)
