"""The stored data as commands that only look at it open it: never made, never migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.core.rules import targets

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Store


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """Open the configured database as it is, and close it after.

    Raises:
        StoreError: it is missing, of another version, or cannot be used.
    """
    from bot.store import open_existing

    with closing(open_existing(settings.database.url.reveal())) as store:
        yield store


def watched(settings: Settings, store: Store) -> dict[tuple[str, bool], timedelta]:
    """Return what is watched, as (benchmark, include_derived), from the last known list."""
    known = store.discovery()
    official = {benchmark.id for benchmark in known.benchmarks} if known else set()
    return targets(settings.watches, official, settings.poll.every)
