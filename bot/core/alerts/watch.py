"""A watch: which boards it looks at, and which of their events it wants, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import assert_never

from msgspec import Struct

from bot.core.aggregate import is_aggregate
from bot.core.alerts.benchmarks import Entries, entry, match_any
from bot.core.alerts.reason import Reason
from bot.core.board import BoardKey
from bot.core.events import Event
from bot.core.kinds import DEFAULT_KINDS, Kind, Measure
from bot.core.tasks import About, Tasks

FormerIds = Mapping[str, Sequence[str]]
"""The ids that models had before, by the id that each has now."""

NO_FORMER: FormerIds = {}


class Known(Struct, frozen=True, kw_only=True, dict=True):
    """What is known of the Hub's benchmarks: the official ones, and the tasks by benchmark.

    A benchmark that is not in ``tasks`` was not asked for its tasks yet. ``listed`` says that the
    list of the official ones was ever read. ``columns`` are the names of the boards of the file
    over all benchmarks.
    """

    official: Collection[str] = frozenset()
    listed: bool = True
    tasks: Mapping[str, Tasks] = {}
    columns: Collection[str] = frozenset()

    @cached_property
    def moved(self) -> Mapping[str, str]:
        """The ids that the Hub redirects, in lower case, each with the one that it leads to."""
        steps = {
            name.casefold(): tasks.moved_to
            for name, tasks in self.tasks.items()
            if tasks.moved_to and name not in self.official
        }
        return {name: _end_of(name, steps) for name in steps}

    def current(self, benchmark: str) -> str:
        """Return what a benchmark is called now; its name as given, where it is not redirected."""
        return self.moved.get(benchmark.casefold(), benchmark)

    def former(self, benchmark: str) -> tuple[str, ...]:
        """Return the ids that lead to a benchmark, in lower case."""
        return tuple(was for was, now in self.moved.items() if now == benchmark)

    def scope(self, watch: Watch) -> Entries:
        """Return what the ``benchmarks`` of a watch stand for, by the names that they have now."""
        return watch.scope.following(self.moved)

    def count(self, key: BoardKey) -> int | None:
        """Return how many tasks the benchmark of a board has; None where that is not known.

        A board's own task counts, whether it is listed or not.
        """
        tasks = self.tasks.get(key.benchmark)
        if tasks is None or tasks.ids is None:
            return None
        unlisted = key.task is not None and key.task not in tasks.ids
        return len(tasks.ids) + unlisted

    def about(self, key: BoardKey) -> About:
        """Return what messages say of the benchmark of a board."""
        tasks = self.tasks.get(key.benchmark)
        return About(name=tasks.name if tasks else None, task_count=self.count(key))


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
    def scope(self) -> Entries:
        """What ``benchmarks`` stand for."""
        return Entries(map(entry, self.benchmarks))


def _end_of(name: str, steps: Mapping[str, str]) -> str:
    """Follow redirects to their end, or once round where they have none."""
    seen: set[str] = set()
    while name.casefold() in steps and name.casefold() not in seen:
        seen.add(name.casefold())
        name = steps[name.casefold()]
    return name


def covers(watch: Watch, key: BoardKey, known: Known) -> bool:
    """Whether the watch looks at a board.

    The file over all benchmarks has one board a column, whatever a watch includes.
    """
    if watch.include_derived != key.include_derived and not is_aggregate(key.benchmark):
        return False
    official = key.benchmark in known.official
    tasks = known.tasks.get(key.benchmark)
    return key.task in known.scope(watch).tasks(key.benchmark, tasks, official=official)


def watched_benchmarks(watches: Iterable[Watch], known: Known) -> tuple[str, ...]:
    """Return the benchmarks that watches look at, each once, sorted.

    Ids that differ only in case are one benchmark, named as the Hub does, else as written first.
    """
    listed = (*known.official, *known.columns)
    names = {name.casefold(): name for name in listed}
    found: set[str] = set()
    for scope in map(known.scope, watches):
        found.update(names.setdefault(name.casefold(), name) for name in scope.named)
        if scope.globs:
            found.update(name for name in listed if scope.entries(name, official=True))
    return tuple(sorted(found))


def boards(watches: Iterable[Watch], known: Known, default: timedelta) -> dict[BoardKey, timedelta]:
    """Return what to poll, and how often: of several watches the shortest interval wins.

    Of benchmarks whose tasks were not asked for yet only what is named by id is known.
    """
    watching = tuple(watches)
    found: dict[BoardKey, timedelta] = {}
    for benchmark in watched_benchmarks(watching, known):
        official = benchmark in known.official
        tasks = known.tasks.get(benchmark)
        for watch in watching:
            every = watch.every or default
            for task in known.scope(watch).tasks(benchmark, tasks, official=official):
                column = is_aggregate(benchmark)
                if tasks is None and task is None and not column:
                    continue
                key = BoardKey(benchmark, task, watch.include_derived and not column)
                found[key] = min(found.get(key, every), every)
    return found


def undecided(watches: Iterable[Watch], known: Known) -> tuple[str, ...]:
    """Return the watched benchmarks whose tasks were not asked for yet."""
    return tuple(name for name in with_tasks(watches, known) if name not in known.tasks)


def with_tasks(watches: Iterable[Watch], known: Known) -> tuple[str, ...]:
    """Return the watched benchmarks that may have tasks: the columns of a file have none."""
    return tuple(name for name in watched_benchmarks(watches, known) if not is_aggregate(name))


def unwatched(watch: Watch, *, key: BoardKey, known: Known) -> Reason | None:
    """Return why a watch does not look at a board; None where it does."""
    return None if covers(watch, key, known) else Reason.OTHER_BOARD


def unlisted(watch: Watch, *, benchmark: str) -> Reason | None:
    """Return why it is no news for a watch that the Hub lists a benchmark; None where it is."""
    if any(glob.covers(benchmark) for glob in watch.scope.globs):
        return None
    exact = watch.scope.entries(benchmark, official=False)
    return Reason.NAMED_EXACTLY if exact else Reason.OTHER_BOARD


def judge(watch: Watch, event: Event, former: FormerIds = NO_FORMER) -> Reason:
    """Return why a watch wants an event of a board that it looks at, or first why it does not."""
    return _of_model(watch, event, former) or _of_row(watch, event) or weigh(watch, event)


def _of_model(watch: Watch, event: Event, former: FormerIds) -> Reason | None:
    """Choose among models: a new leader is news for whoever watches the one that led before."""
    if event.model is None:
        return Reason.NO_MODEL if watch.models else None
    unwanted = _unwanted(watch, event.model, former)
    if unwanted and watch.models and event.previous_leader is not None:
        return unwanted if _unwanted(watch, event.previous_leader.model, former) else None
    return unwanted


def lead_lost(watches: Iterable[Watch], former: FormerIds = NO_FORMER) -> Callable[[Event], bool]:
    """Return what says whether a watch wants an event because a model of its has lost the lead."""
    by_name = {watch.name: watch for watch in watches if watch.models}

    def says(event: Event) -> bool:
        led, leads = event.previous_leader, event.model
        if led is None or leads is None:
            return False
        wanting = [by_name[name] for name in event.watches if name in by_name]
        return any(
            _unwanted(watch, leads, former) and not _unwanted(watch, led.model, former)
            for watch in wanting
        )

    return says


def _unwanted(watch: Watch, model: str, former: FormerIds) -> Reason | None:
    """Return why a watch does not look at a model, by any id that it had; None where it does."""
    names = (model, *former.get(model, ()))
    if watch.models and not match_any(watch.models, names):
        return Reason.OTHER_MODEL
    return Reason.EXCLUDED_MODEL if match_any(watch.exclude_models, names) else None


def _of_row(watch: Watch, event: Event) -> Reason | None:
    """Choose among rows: what happens to a whole benchmark passes."""
    ranks = [rank for rank in (event.rank.before, event.rank.after) if rank is not None]
    if watch.top is not None and ranks and min(ranks) > watch.top:
        return Reason.BELOW_TOP
    verified = event.verified.before or event.verified.after or event.model is None
    return Reason.NOT_VERIFIED if watch.verified_only and not verified else None


def weigh(watch: Watch, event: Event) -> Reason:
    """Return the verdict of the kinds that are wanted of an event of a row that is looked at.

    One of them is enough.
    """
    if event.recomputed and not watch.models:
        return Reason.ONLY_RECOMPUTED
    found = [_of_size(watch, event, kind) for kind in event.contains if kind in watch.kinds]
    if not found:
        return Reason.OTHER_KIND
    return Reason.WANTED if Reason.WANTED in found else found[0]


def _of_size(watch: Watch, event: Event, kind: Kind) -> Reason:
    """Return whether an event is large enough to be told as one of a kind."""
    if kind is Kind.RANK_SHIFT and not watch.models:
        return Reason.ONLY_SHIFTED
    match kind.traits.measure:
        case Measure.RANK:
            before, after = event.rank.before, event.rank.after
            far = before is None or after is None or abs(after - before) >= watch.min_rank_change
            return Reason.WANTED if far else Reason.FEW_RANKS
        case Measure.SCORE:
            delta = event.score.change
            large = delta is None or abs(delta) >= watch.min_score_change
            return Reason.WANTED if large else Reason.SMALL_SCORE
        case None:
            return Reason.WANTED
        case unknown:
            assert_never(unknown)
