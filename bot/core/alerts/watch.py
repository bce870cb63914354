"""A watch: which boards it looks at, and which of their events it wants."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from msgspec import Struct

from bot.core.alerts.scope import Scope, matches
from bot.core.board import BoardKey
from bot.core.events import Event
from bot.core.kinds import DEFAULT_KINDS, Kind, Measure
from bot.core.tasks import Tasks


class Known(Struct, frozen=True, kw_only=True):
    """What is known of the Hub's benchmarks: the official ones, and the tasks by benchmark.

    A benchmark that is not in ``tasks`` was not asked for its tasks yet.
    """

    official: Collection[str] = frozenset()
    tasks: Mapping[str, Tasks] = {}

    def count(self, key: BoardKey) -> int | None:
        """Return how many tasks the benchmark of a board has; None where that is not known.

        A board's own task counts, whether it is listed or not.
        """
        tasks = self.tasks.get(key.benchmark)
        if tasks is None or tasks.ids is None:
            return None
        unlisted = key.task is not None and key.task not in tasks.ids
        return len(tasks.ids) + unlisted


class Watch(Struct, frozen=True, kw_only=True, dict=True):
    """What to look at, what counts, whom to tell; the rule behind one ``[[watch]]``.

    ``benchmarks`` are written as ``scope`` understands them. ``models`` empty means
    all. ``channels`` are names; every one exists. Thresholds are inclusive, in the board's units.
    """

    name: str
    benchmarks: tuple[str, ...]
    models: tuple[str, ...] = ()
    exclude_models: tuple[str, ...] = ()
    kinds: frozenset[Kind] = DEFAULT_KINDS
    top: int | None = None
    min_rank_change: int = 1
    min_score_change: Decimal = Decimal(0)
    verified_only: bool = False
    include_derived: bool = False
    every: timedelta | None = None
    channels: tuple[str, ...] = ()

    @cached_property
    def scope(self) -> Scope:
        """What ``benchmarks`` stand for."""
        return Scope(self.benchmarks)


def covers(watch: Watch, key: BoardKey, known: Known) -> bool:
    """Whether the watch looks at a board."""
    if watch.include_derived != key.include_derived:
        return False
    official = key.benchmark in known.official
    tasks = known.tasks.get(key.benchmark)
    return key.task in watch.scope.tasks(key.benchmark, tasks, official=official)


def watched_benchmarks(watches: Iterable[Watch], official: Collection[str]) -> tuple[str, ...]:
    """Return the benchmarks that watches look at, each once, sorted.

    Ids that differ only in case are one benchmark, named as the Hub does, else as written first.
    """
    known = {name.casefold(): name for name in official}
    found: set[str] = set()
    for watch in watches:
        found.update(known.setdefault(name.casefold(), name) for name in watch.scope.named)
        if watch.scope.globs:
            found.update(name for name in official if watch.scope.entries(name, official=True))
    return tuple(sorted(found))


def boards(watches: Iterable[Watch], known: Known, default: timedelta) -> dict[BoardKey, timedelta]:
    """Return what to poll, and how often: of several watches the shortest interval wins.

    Of benchmarks whose tasks were not asked for yet only what is named by id is known.
    """
    watching = tuple(watches)
    found: dict[BoardKey, timedelta] = {}
    for benchmark in watched_benchmarks(watching, known.official):
        official = benchmark in known.official
        tasks = known.tasks.get(benchmark)
        for watch in watching:
            every = watch.every or default
            for task in watch.scope.tasks(benchmark, tasks, official=official):
                if tasks is None and task is None:
                    continue
                key = BoardKey(benchmark, task, watch.include_derived)
                found[key] = min(found.get(key, every), every)
    return found


def undecided(watches: Iterable[Watch], known: Known) -> tuple[str, ...]:
    """Return the watched benchmarks whose tasks were not asked for yet."""
    return tuple(
        name for name in watched_benchmarks(watches, known.official) if name not in known.tasks
    )


def wants(watch: Watch, event: Event) -> bool:
    """Whether an event of a board that the watch covers is one that it wants to be told."""
    return (
        _about(watch, event.model)
        and _near_the_top(watch, event)
        and _verified_enough(watch, event)
        and any(kind in watch.kinds and _reaches(watch, event, kind) for kind in event.contains)
    )


def _about(watch: Watch, model: str | None) -> bool:
    if model is None:
        return not watch.models
    chosen = not watch.models or any(matches(pattern, model) for pattern in watch.models)
    return chosen and not any(matches(pattern, model) for pattern in watch.exclude_models)


def _near_the_top(watch: Watch, event: Event) -> bool:
    ranks = [rank for rank in (event.rank.before, event.rank.after) if rank is not None]
    return watch.top is None or not ranks or min(ranks) <= watch.top


def _verified_enough(watch: Watch, event: Event) -> bool:
    # Like ``top``, it chooses among rows: what happens to a whole benchmark passes.
    if not watch.verified_only or event.model is None:
        return True
    return bool(event.verified.before or event.verified.after)


def _reaches(watch: Watch, event: Event, kind: Kind) -> bool:
    """Whether an event is large enough to be told as one of a kind."""
    if kind is Kind.RANK_SHIFT and not watch.models:
        return False
    match kind.traits.measure:
        case Measure.RANK:
            before, after = event.rank.before, event.rank.after
            return before is None or after is None or abs(after - before) >= watch.min_rank_change
        case Measure.SCORE:
            return event.score.delta is None or abs(event.score.delta) >= watch.min_score_change
        case None:
            return True
