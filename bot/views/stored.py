"""The stored data, opened by those who only look at it: never made, never migrated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from bot.config import Settings
from bot.core.errors import StoreError
from bot.store import Store, open_existing

T = TypeVar("T")


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """Open the configured database as it is, and close it after.

    Raises:
        StoreError: it is missing, of another version, or cannot be used.
    """
    with closing(open_existing(settings.database.url.reveal())) as store:
        yield store


def looked_up(settings: Settings, read: Callable[[Store], T], otherwise: T) -> T:
    """Return what a database tells; ``otherwise`` where it is missing or cannot be used."""
    try:
        with opened(settings) as store:
            return read(store)
    except StoreError:
        return otherwise
