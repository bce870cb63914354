"""The Hub's official benchmarks, with the tasks of each and who watches it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from bot.config import Settings
from bot.core.alerts.watch import Known
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError
from bot.hub.answers import TaskList
from bot.jobs.ask import Hub
from bot.views.watches import stored_tasks


class Listed(Struct, frozen=True, kw_only=True):
    """A benchmark; ``tasks`` and ``name`` are null where neither Hub nor database tells them."""

    id: str
    name: str | None
    gated: bool
    tasks: tuple[str, ...] | None
    watches: tuple[str, ...]


def benchmarks(settings: Settings, hub: Hub) -> list[Listed]:
    """List the official benchmarks, their tasks read now; where the Hub does not tell, as stored.

    Raises:
        FetchError: the Hub gave no list.
    """
    stored = stored_tasks(settings)
    with ThreadPoolExecutor(settings.hub.concurrency) as pool:
        found = hub.benchmarks()
        read = list(pool.map(lambda one: read_tasks(hub, one.id), found))
    known = Known(official=frozenset(one.id for one in found), tasks=stored)
    return [_listed(settings, one, got, known) for one, got in zip(found, read, strict=True)]


def read_tasks(hub: Hub, benchmark: str) -> TaskList | None:
    """Read a benchmark's tasks; None where the Hub does not give them."""
    try:
        got = hub.tasks(benchmark)
    except FetchError:
        return None
    assert isinstance(got, TaskList), "nothing was shown that could be unchanged"
    return got


def _listed(settings: Settings, benchmark: Benchmark, got: TaskList | None, known: Known) -> Listed:
    stored = known.tasks.get(benchmark.id)
    tasks = got.tasks if got else stored.ids if stored else None
    return Listed(
        id=benchmark.id,
        name=got.name if got else stored.name if stored else None,
        gated=benchmark.gated,
        tasks=tasks,
        watches=tuple(
            watch.name
            for watch in settings.watches
            if known.scope(watch).entries(benchmark.id, official=True)
        ),
    )
