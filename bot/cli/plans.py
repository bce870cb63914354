"""What a configuration comes to: which boards are polled, how often, for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.cli.stored import known
from bot.core.alerts.scope import Entry, entry, has_wildcard, matches
from bot.core.alerts.watch import Known, Watch, boards, covers
from bot.core.board import DERIVED, BoardKey
from bot.core.errors import StoreError
from bot.core.names.suggest import hint
from bot.core.render.clean import inert
from bot.core.render.notice import stranded
from bot.core.tasks import shown

if TYPE_CHECKING:
    from bot.config import Settings


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

    ``models`` are those that it has rows of; ``pending`` counts what waits, by channel.
    """

    known: Known | None = None
    models: frozenset[str] = frozenset()
    pending: Mapping[str, int] = {}
    next_polls: Mapping[BoardKey, datetime] = {}


def stored_knowledge(settings: Settings) -> Stored:
    """Look into the database if it is there and up to date; makes and changes nothing."""
    from bot.store import open_existing, state

    url = settings.database.url.reveal()
    try:
        if state(url) != "current":
            return Stored()
        with closing(open_existing(url)) as store:
            views, models, pending = store.boards(), store.models(), store.pending()
            listed = known(store) if store.discovery() or store.tasks() else None
    except StoreError:
        return Stored()  # whoever uses the database will tell
    return Stored(
        known=listed,
        models=models,
        pending=pending,
        next_polls={view.key: view.next_poll_at for view in views if view.watched},
    )


def plan(settings: Settings, known: Known | None) -> tuple[Planned, ...]:
    """Return what is polled, by name; an entry for itself where its boards are not known yet."""
    listed = known or Known()
    found = boards(settings.watches, listed, settings.poll.every)
    planned = [
        _planned(key, shown(key, listed.count(key)).name, every, settings, listed)
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
    if written.is_glob:
        return known is None
    named = {name.casefold() for name in known.tasks} if known else set()
    exact = written.task is not None and not has_wildcard(written.task)
    return written.benchmark.casefold() not in named and not exact


def hints(settings: Settings, stored: Stored) -> Iterator[str]:
    """Yield what looks like an oversight, by what the database knows."""
    yield from _unseen(settings, stored.models)
    for sentence in stranded(stored.pending, settings.channels):
        yield f"channels: {sentence}"


def _unseen(settings: Settings, models: frozenset[str]) -> Iterator[str]:
    """Yield a hint for each pattern of ``models`` that no stored row meets; none without rows."""
    for number, watch in enumerate(settings.watches if models else ()):
        for place, pattern in enumerate(watch.models or ()):
            if not any(matches(pattern, model) for model in models):
                where = f"watch[{number}].models[{place}]"
                near = hint(pattern, set(models))
                yield f"{where}: {inert(pattern)} is no model that was seen so far{near}"


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
