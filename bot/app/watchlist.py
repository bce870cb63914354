"""Which targets the watches stand for, with the Hub's own list of benchmarks."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from msgspec import Struct

from bot.config import Settings
from bot.core.errors import ConfigError, FetchError
from bot.core.rules import targets
from bot.discover import Discoverer
from bot.ports import Means, Schedule, Target
from bot.store import Store

log = logging.getLogger(__name__)


class Watched(Struct, frozen=True, kw_only=True):
    """What is watched now; ``events`` were stored on the way to it.

    ``listed`` is false where the Hub never gave its list of benchmarks, and one is needed.
    """

    schedules: tuple[Schedule, ...]
    events: int = 0
    listed: bool = True

    def cover(self, names: Sequence[str]) -> bool:
        """Tell whether all of these benchmarks are watched."""
        return self._targets().keys() >= {name.casefold() for name in names}

    def choose(self, names: Sequence[str]) -> tuple[Target, ...]:
        """Return the watched targets of the named benchmarks, all of them without names.

        Raises:
            ConfigError: a name that no watch stands for, with the nearest one that is.
        """
        watched = self._targets()
        unknown = [name for name in names if name.casefold() not in watched]
        if unknown:
            known = sorted({schedule.target.benchmark for schedule in self.schedules})
            raise ConfigError([_unwatched(name, known) for name in unknown])
        wanted = dict.fromkeys(name.casefold() for name in names) or watched
        return tuple(target for name in wanted for target in watched[name])

    def _targets(self) -> Mapping[str, list[Target]]:
        found: dict[str, list[Target]] = {}
        for schedule in self.schedules:
            found.setdefault(schedule.target.benchmark.casefold(), []).append(schedule.target)
        return found


class Watchlist:
    """The watches of a configuration as targets."""

    def __init__(
        self, settings: Settings, store: Store, discoverer: Discoverer, means: Means
    ) -> None:
        self._settings = settings
        self._store = store
        self._discoverer = discoverer
        self._means = means

    def schedules(self) -> tuple[Schedule, ...]:
        """Return what is watched now, from the list of benchmarks last known."""
        every = self._settings.poll.every
        found = targets(self._settings.watches, self._discoverer.official(), every)
        return tuple(
            Schedule(target=Target(benchmark, derived), every=interval)
            for (benchmark, derived), interval in sorted(found.items())
        )

    def refresh(self, names: Sequence[str] = ()) -> Watched:
        """Look what is watched, and tell the store.

        A name that nothing stands for may be a benchmark that joined within the hour: then the
        Hub is asked for its list whatever the age of the last one.
        """
        unknown = bool(names) and not Watched(schedules=self.schedules()).cover(names)
        events, listed = self._refresh_list(force=unknown and self._discoverer.needed)
        schedules = self.schedules()
        self._store.watch(schedules, self._means.clock())
        return Watched(schedules=schedules, events=events, listed=listed)

    def _refresh_list(self, *, force: bool) -> tuple[int, bool]:
        """Return how many events were stored, and whether there is a list of benchmarks."""
        try:
            return self._discoverer.refresh(force=force), True
        except FetchError as error:
            log.warning("cannot list the official benchmarks: %s", error)
            if not (listed := bool(self._discoverer.official())):
                self._store.count_hub_failure(self._means.clock(), str(error))
            return 0, listed


def _unwatched(name: str, known: Sequence[str]) -> str:
    by_lower = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), by_lower, n=1)
    hint = f"; did you mean {by_lower[near[0]]}?" if near else f"; benchmarks watched: {len(known)}"
    return f"{name}: no watch looks at this benchmark{hint}"
