"""The stored data as commands that only look at it open it: never made, never migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from bot.core.alerts.watch import Known, boards, watched_benchmarks
from bot.core.board import BoardKey
from bot.core.names.naming import Named

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


def known(store: Store) -> Known:
    """Return what the database knows of the Hub's benchmarks."""
    found = store.discovery()
    official = frozenset(one.id for one in found.benchmarks) if found else frozenset[str]()
    return Known(official=official, tasks=store.tasks())


def watched(settings: Settings, store: Store) -> tuple[BoardKey, ...]:
    """Return the boards that are watched, by what is known; where nothing is, those stored."""
    stored = known(store)
    found = set(boards(settings.watches, stored, settings.poll.every))
    undecided = set(watched_benchmarks(settings.watches, stored.official)) - set(stored.tasks)
    found |= {view.key for view in store.boards() if view.key.benchmark in undecided}
    return tuple(sorted(found, key=lambda key: key.place))


def names(settings: Settings, store: Store) -> set[str]:
    """Return the benchmarks that are watched."""
    return set(watched_benchmarks(settings.watches, known(store).official))


def is_of(key: BoardKey, named: Named) -> bool:
    """Whether a board is of a benchmark that is named, whatever the case."""
    return key.benchmark.casefold() == named.benchmark.casefold()
