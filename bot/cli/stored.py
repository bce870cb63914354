"""The stored data as commands that only look at it open it: never made, never migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from bot.cli.output import clean
from bot.core.errors import ConfigError
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


def nearest(name: str, known: set[str]) -> str:
    """Return ``; did you mean …?`` with the nearest known name, "" where none is near."""
    by_lower = {one.casefold(): one for one in sorted(known)}
    near = get_close_matches(name.casefold(), list(by_lower), n=1, cutoff=0.5)
    return f"; did you mean {clean(by_lower[near[0]])}?" if near else ""


def unknown(name: str, what: str, known: set[str]) -> ConfigError:
    """Return the error for a name that stands for nothing."""
    return ConfigError([f"{clean(name)}: {what}{nearest(name, known)}"])
