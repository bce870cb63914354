"""``benchmarks``: which boards there are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import typer

from bot.cli.session import Session
from bot.cli.terminal.options import Json
from bot.cli.terminal.output import show_table, write_json
from bot.cli.terminal.usage import Section
from bot.core.render.clean import inert
from bot.core.render.figures import some

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.core.discovery import Benchmark
    from bot.core.tasks import Tasks
    from bot.hub.answers import TaskList
    from bot.hub.client import HubClient

SECTION, PLACE = Section.LOOK, 1

MOST_NAMED = 4
"""How many tasks of a benchmark a table names."""


def benchmarks(context: typer.Context, as_json: Json = False) -> None:
    """List the Hub's official benchmarks, with their tasks."""
    from bot.app import open_hub

    session: Session = context.obj
    settings = session.settings()
    stored = _stored(settings)
    with open_hub(settings) as hub, ThreadPoolExecutor(settings.hub.concurrency) as pool:
        found = hub.benchmarks()
        read = list(pool.map(lambda one: _read(hub, one), found))
    listed = [
        (one, _ids(one, got, stored), _name(one, got, stored))
        for one, got in zip(found, read, strict=True)
    ]
    if as_json:
        write_json(
            [
                {"id": one.id, "name": name, "gated": one.gated, "tasks": ids}
                for one, ids, name in listed
            ]
        )
        return
    rows = [
        (
            inert(one.id),
            _shortened(ids),
            "gated" if one.gated else "",
            ", ".join(w.name for w in settings.watches if w.scope.entries(one.id, official=True)),
        )
        for one, ids, _ in listed
    ]
    show_table(("Benchmark", "Tasks", "Access", "Watched by"), rows, whole=("Access",))


def _stored(settings: Settings) -> dict[str, Tasks]:
    """Return what the database knows of tasks; one that cannot be used knows nothing."""
    from bot.cli.stored import opened
    from bot.core.errors import StoreError

    try:
        with opened(settings) as store:
            return store.tasks()
    except StoreError:
        return {}


def _read(hub: HubClient, benchmark: Benchmark) -> TaskList | None:
    """Read a benchmark's tasks; None where the Hub does not give them."""
    from bot.core.errors import FetchError
    from bot.hub.answers import TaskList

    try:
        got = hub.tasks(benchmark.id)
    except FetchError:
        return None
    assert isinstance(got, TaskList), "nothing was shown that could be unchanged"
    return got


def _ids(
    benchmark: Benchmark, got: TaskList | None, stored: dict[str, Tasks]
) -> tuple[str, ...] | None:
    known = stored.get(benchmark.id)
    return got.tasks if got else (known.ids if known else None)


def _name(benchmark: Benchmark, got: TaskList | None, stored: dict[str, Tasks]) -> str | None:
    known = stored.get(benchmark.id)
    return got.name if got else (known.name if known else None)


def _shortened(ids: tuple[str, ...] | None) -> str:
    if ids is None:
        return ""
    return some([*map(inert, ids)], MOST_NAMED)
