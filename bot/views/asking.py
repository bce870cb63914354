"""What the Hub says of the boards of a configuration, asked without effect."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from msgspec import Struct

from bot.config import Settings
from bot.core.aggregate import Contents, is_aggregate, name_of
from bot.core.alerts.watch import Known, with_tasks
from bot.core.board import Answer, BoardKey
from bot.core.errors import FetchError
from bot.core.tasks import Reading, Tasks, believe
from bot.hub.answers import Fetched, TaskList
from bot.jobs.ask import Hub, ask


class Asked(Struct, frozen=True, kw_only=True):
    """A board that was asked for: its answer, or why there is none."""

    key: BoardKey
    answer: Answer | None = None
    error: FetchError | None = None


def read_tasks(
    settings: Settings,
    hub: Hub,
    pool: ThreadPoolExecutor,
    official: frozenset[str],
    stored: Known | None,
    now: datetime,
) -> Known:
    """Return what is known of the Hub's benchmarks, the tasks of those that are watched read now.

    Where they cannot be read, what the database knows stands.
    """
    listed = official or (stored.official if stored else frozenset())
    columns = _columns(settings, hub, stored)
    moved = _moved(settings, hub, pool, listed, now)
    benchmarks = with_tasks(settings.watches, Known(official=listed, tasks=moved))
    before = stored.tasks if stored else {}
    read = pool.map(lambda name: _read(settings, hub, name, before.get(name), now), benchmarks)
    tasks = moved | dict(zip(benchmarks, read, strict=True))
    return Known(official=listed, tasks=tasks, columns=columns)


def _columns(settings: Settings, hub: Hub, stored: Known | None) -> frozenset[str]:
    """Return the boards of the file over all benchmarks, where a watch names any."""
    names = [one for watch in settings.watches for one in watch.benchmarks]
    try:
        got = hub.aggregate() if any(map(is_aggregate, names)) else None
    except FetchError:
        got = None
    if isinstance(got, Contents):
        return frozenset(map(name_of, got.columns))
    return frozenset(stored.columns if stored else ())


def _moved(
    settings: Settings,
    hub: Hub,
    pool: ThreadPoolExecutor,
    official: Collection[str],
    now: datetime,
) -> dict[str, Tasks]:
    """Return the watched benchmarks that the Hub redirects; official ones it does not."""
    named = with_tasks(settings.watches, Known(official=official))
    asked = [name for name in named if name not in official]
    found = zip(asked, pool.map(lambda name: _current(hub, name), asked), strict=True)
    return {was: Tasks(asked_at=now, moved_to=name) for was, name in found if name != was}


def _current(hub: Hub, benchmark: str) -> str:
    try:
        return hub.benchmark_id(benchmark)
    except FetchError:
        return benchmark


def _read(
    settings: Settings, hub: Hub, benchmark: str, stored: Tasks | None, at: datetime
) -> Tasks:
    try:
        got = hub.tasks(benchmark)
    except FetchError as error:
        return stored or Tasks(asked_at=at, failed=str(error))
    assert isinstance(got, TaskList), "nothing was shown that could be unchanged"
    reading = Reading(ids=got.tasks, name=got.name, etag=None, at=at)
    return believe(stored, reading, confirm=settings.poll.confirm_removals).tasks


def ask_boards(
    hub: Hub, pool: ThreadPoolExecutor, known: Known, keys: Sequence[BoardKey]
) -> tuple[Asked, ...]:
    """Ask for these boards as polls do, as many at once as the pool has threads."""
    return tuple(pool.map(lambda key: _ask(hub, key, known.tasks.get(key.benchmark)), keys))


def _ask(hub: Hub, key: BoardKey, tasks: Tasks | None) -> Asked:
    try:
        return Asked(key=key, answer=answered(hub, key, tasks))
    except FetchError as error:
        return Asked(key=key, error=error)


def answered(hub: Hub, key: BoardKey, tasks: Tasks | None) -> Answer:
    """Return what the Hub answers for a board, asked as polls do; raises ``FetchError``."""
    got = ask(hub, key, tasks).got
    assert isinstance(got, Fetched), "nothing was shown that could be unchanged"
    return got.answer
