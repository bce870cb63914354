"""What a configuration comes to: which boards are polled, how often, for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from bot.config import Settings
from bot.core.aggregate import is_aggregate
from bot.core.alerts.benchmarks import Entry, entry, has_wildcard
from bot.core.alerts.watch import (
    NO_FORMER,
    FormerIds,
    Known,
    Watch,
    boards,
    covers,
    undecided,
    watched_benchmarks,
)
from bot.core.board import DERIVED, BoardKey
from bot.core.names.naming import Named
from bot.core.tasks import Tasks, shown_key
from bot.core.timing.schedule import Quota
from bot.store import Store
from bot.store.unit import Unit
from bot.views.reads.named import every_model
from bot.views.stored import looked_up


def known(db: Unit) -> Known:
    """Return what the database knows of the Hub's benchmarks."""
    found = db.lists.benchmarks()
    official = frozenset(one.id for one in found.benchmarks) if found else frozenset[str]()
    source = db.lists.source()
    return Known(
        official=official,
        listed=found is not None,
        tasks=db.lists.tasks(),
        columns=source.boards if source else frozenset(),
    )


def watched(settings: Settings, db: Unit) -> tuple[BoardKey, ...]:
    """Return the boards that are watched, by what is known; where nothing is, those stored."""
    stored = known(db)
    found = set(boards(settings.watches, stored, settings.poll.every))
    open_ones = undecided(settings.watches, stored)
    found |= {view.key for view in db.boards.list_all() if view.key.benchmark in open_ones}
    return tuple(sorted(found, key=lambda key: key.place))


def names(settings: Settings, db: Unit) -> set[str]:
    """Return the benchmarks that are watched."""
    return set(watched_benchmarks(settings.watches, known(db)))


def is_of(key: BoardKey, named: Named) -> bool:
    """Whether a board is of a benchmark that is named, whatever the case."""
    return key.benchmark.casefold() == named.benchmark.casefold()


def meant(named: Named, known: Known) -> Named:
    """Return what a name means now that the Hub may redirect it."""
    return Named(known.current(named.benchmark), named.task)


def stored_tasks(settings: Settings) -> dict[str, Tasks]:
    """Return what the database knows of tasks; one that cannot be used knows nothing."""
    return looked_up(settings, _tasks, {})


def _tasks(store: Store) -> dict[str, Tasks]:
    with store.read() as db:
        return db.lists.tasks()


def tasks_of(tasks: Mapping[str, Tasks], benchmark: str) -> Tasks | None:
    """Return the tasks of a benchmark, whatever the case of its name."""
    same = (t for name, t in tasks.items() if name.casefold() == benchmark.casefold())
    return next(same, None)


class Planned(Struct, frozen=True, kw_only=True):
    """A board that is polled, or the entry for such; names of watches and channels in order.

    ``board`` is how people see it.
    """

    board: str
    key: BoardKey | None
    every: timedelta
    watches: tuple[str, ...]
    channels: tuple[str, ...]


class Stored(Struct, frozen=True, kw_only=True):
    """What the database knows already; ``known`` is null where it has nothing of the Hub.

    ``models`` are those that it has rows of, ``former`` the ids that they had; ``pending`` counts
    what waits, by channel; ``limit`` is what the Hub last told of its rate limit.
    """

    known: Known | None = None
    models: frozenset[str] = frozenset()
    former: FormerIds = NO_FORMER
    pending: Mapping[str, int] = {}
    next_polls: Mapping[BoardKey, datetime] = {}
    limit: Quota | None = None


def stored_knowledge(store: Store) -> Stored:
    """Look up what is known of the Hub, seen, planned and waiting."""
    models = every_model(store)
    with store.read() as db:
        found = known(db)
        return Stored(
            known=found if found.listed or found.tasks or found.columns else None,
            models=models,
            former=db.models.former(),
            pending=db.deliveries.waiting(),
            next_polls={v.key: v.next_poll_at for v in db.boards.list_all() if v.watched},
            limit=next((one.quota for one in db.processes.all() if one.quota), None),
        )


def plan(settings: Settings, known: Known | None) -> tuple[Planned, ...]:
    """Return what is polled, by name; an entry for itself where its boards are not known yet."""
    listed = known or Known()
    found = boards(settings.watches, listed, settings.poll.every)
    planned = [
        _planned(key, shown_key(key, listed.count(key)).name, every, settings, listed)
        for key, every in found.items()
    ]
    planned += [
        _entry(written, watch, settings)
        for watch in settings.watches
        for written in watch.benchmarks
        if _is_open(entry(written), known)
    ]
    return tuple(sorted(planned, key=lambda one: (one.board.casefold(), one.board)))


def other_tasks(settings: Settings, known: Known) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the watched benchmarks that have tasks which no watch looks at, and these."""
    found = boards(settings.watches, known, settings.poll.every)
    for benchmark in dict.fromkeys(key.benchmark for key in sorted(found, key=lambda k: k.place)):
        tasks = known.tasks.get(benchmark)
        watched = {key.task for key in found if key.benchmark == benchmark}
        others = tuple(one for one in (tasks.ids if tasks else None) or () if one not in watched)
        if others:
            yield benchmark, others


def _is_open(written: Entry, known: Known | None) -> bool:
    """Whether it is not known yet which boards an entry stands for."""
    if is_aggregate(written.benchmark):
        return written.is_glob and not (known and known.columns)
    if written.is_glob:
        return known is None or not known.listed
    named = {name.casefold() for name in known.tasks} if known else set()
    exact = written.task is not None and not has_wildcard(written.task)
    return written.benchmark.casefold() not in named and not exact


def _planned(
    key: BoardKey, name: str, every: timedelta, settings: Settings, known: Known
) -> Planned:
    watches = [watch for watch in settings.watches if covers(watch, key, known)]
    channels = dict.fromkeys(channel for watch in watches for channel in watch.channels)
    return Planned(
        board=name,
        key=key,
        every=every,
        watches=tuple(watch.name for watch in watches),
        channels=tuple(channels),
    )


def _entry(written: str, watch: Watch, settings: Settings) -> Planned:
    return Planned(
        board=f"{written}{DERIVED if watch.include_derived else ''}",
        key=None,
        every=watch.every or settings.poll.every,
        watches=(watch.name,),
        channels=watch.channels,
    )
