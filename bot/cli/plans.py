"""What a configuration comes to: which boards are polled, how often, for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from bot.cli.names import nearest
from bot.cli.output import clean
from bot.core.errors import StoreError
from bot.core.model import BoardKey
from bot.core.render.health import stranded
from bot.core.rules import Watch, covers, is_glob, matches, targets

if TYPE_CHECKING:
    from bot.config import Settings


class Planned(Struct, frozen=True, kw_only=True):
    """A board that is polled, or the glob for such; names of watches and channels in order."""

    benchmark: str
    include_derived: bool
    every: timedelta
    watches: tuple[str, ...]
    channels: tuple[str, ...]

    @property
    def board(self) -> str:
        """The board's name for people."""
        return BoardKey(self.benchmark, None, self.include_derived).label


class Known(Struct, frozen=True, kw_only=True):
    """What the database knows already; ``official`` is null where it has no list.

    ``models`` are those that it has rows of; ``pending`` counts what waits, by channel.
    """

    official: frozenset[str] | None = None
    models: frozenset[str] = frozenset()
    pending: Mapping[str, int] = {}
    next_polls: Mapping[tuple[str, bool], datetime] = {}


def known_boards(settings: Settings) -> Known:
    """Look into the database if it is there and up to date; makes and changes nothing."""
    from bot.store import open_existing, state

    url = settings.database.url.reveal()
    try:
        if state(url) != "current":
            return Known()
        with closing(open_existing(url)) as store:
            found, views, models = store.discovery(), store.boards(), store.models()
            pending = store.pending()
    except StoreError:
        return Known()  # whoever uses the database will tell
    return Known(
        official=frozenset(one.id for one in found.benchmarks) if found else None,
        models=models,
        pending=pending,
        next_polls={
            (view.key.benchmark, view.key.include_derived): view.next_poll_at
            for view in views
            if view.watched
        },
    )


def plan(settings: Settings, official: Collection[str] | None) -> tuple[Planned, ...]:
    """Return what is polled, by name; a glob for itself while no list of benchmarks is known."""
    found = targets(settings.watches, official or (), settings.poll.every)
    planned = [
        _planned(name, derived, every, _looking(settings, name, official or (), derived=derived))
        for (name, derived), every in sorted(found.items())
    ]
    if official is None:
        planned += [
            _planned(pattern, watch.include_derived, watch.every or settings.poll.every, [watch])
            for watch in settings.watches
            for pattern in watch.benchmarks
            if is_glob(pattern)
        ]
    return tuple(planned)


def hints(settings: Settings, known: Known) -> Iterator[str]:
    """Yield what looks like an oversight, by what the database knows."""
    yield from _unseen(settings, known.models)
    for sentence in stranded(known.pending, settings.channels):
        yield f"channels: {sentence}"


def _unseen(settings: Settings, models: frozenset[str]) -> Iterator[str]:
    """Yield a hint for each pattern of ``models`` that no stored row meets; none without rows."""
    for number, watch in enumerate(settings.watches if models else ()):
        for place, pattern in enumerate(watch.models or ()):
            if not any(matches(pattern, model) for model in models):
                where = f"watch[{number}].models[{place}]"
                near = nearest(pattern, set(models))
                yield f"{where}: {clean(pattern)} is no model that was seen so far{near}"


def _looking(
    settings: Settings, benchmark: str, official: Collection[str], *, derived: bool
) -> list[Watch]:
    return [
        watch
        for watch in settings.watches
        if watch.include_derived == derived and covers(watch, benchmark, official)
    ]


def _planned(
    benchmark: str, include_derived: bool, every: timedelta, watches: Sequence[Watch]
) -> Planned:
    channels = dict.fromkeys(channel for watch in watches for channel in watch.channels)
    return Planned(
        benchmark=benchmark,
        include_derived=include_derived,
        every=every,
        watches=tuple(watch.name for watch in watches),
        channels=tuple(channels),
    )
