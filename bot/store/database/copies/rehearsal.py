"""A copy of what a poll needs, for a round of which nothing lasts.

A server's other users are not held up: of what grows with the boards, some boards are read at a
time, each time in one short transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.dialects.sqlite import insert

from bot.core.delivery import State
from bot.core.errors import StoreError
from bot.store.database.engine import Database, database_at
from bot.store.database.failures import translated
from bot.store.database.migrate import refuse_newer, state, upgrade
from bot.store.database.noise import memory, muted, mutes, reports, windows
from bot.store.database.sqlite import file as sqlite_file
from bot.store.database.sqlite.place import refuse_flaw
from bot.store.database.tables import (
    attempts,
    benchmark_tasks,
    boards,
    channels,
    deliveries,
    delivery_events,
    discoveries,
    incidents,
    model_facts,
    models,
    rows,
)

BOARDS_AT_ONCE = 50
DELIVERIES_AT_ONCE = 200

Part = tuple[Table, Select[Any]]
"""A table, and what is copied of it."""

_UNSENT = (State.PENDING.value, State.HELD.value)

_WHOLE: list[Part] = [
    *(
        (table, select(table))
        for table in (
            *(channels, incidents, discoveries, benchmark_tasks),
            *(mutes, muted, windows, reports),
        )
    ),
    (models, select(models).where(models.c.renamed.is_not(None))),
]


def copied(url: str, folder: Path) -> Database:
    """Copy a database into an SQLite file in ``folder``, of this program's schema.

    Of one on PostgreSQL that is what a poll needs: no events, no results of the past, and of
    deliveries those that wait.

    Raises:
        StoreError: it cannot be read, a newer program wrote it, or it is on PostgreSQL and of an
            older one.
    """
    copy = folder / "dry-run.db"
    path = sqlite_file.path_of(url)
    if path is not None:
        refuse_flaw(path)
    if path is not None and path.exists():
        with translated():
            sqlite_file.copy(path, copy)
    there = path is None and _is_readable(url)
    target = f"{sqlite_file.PREFIX}{copy}"
    upgrade(target)
    made = database_at(target)
    if there:
        _fill(database_at(url), made)
    return made


def _is_readable(url: str) -> bool:
    """Tell whether there is anything to read; raises ``StoreError`` where it is not understood."""
    found = state(url)
    if found == "older":
        raise StoreError(
            "The database is of an older version, and a dry run changes nothing. Run "
            "`leaderboard-bot db upgrade` first."
        )
    return refuse_newer(found) == "current"


def _fill(source: Database, target: Database) -> None:
    try:
        _copy(source, target, _WHOLE)
        for some in _pages(source, select(boards.c.id), BOARDS_AT_ONCE):
            _copy(source, target, list(_of_boards(some)))
        waiting = select(deliveries.c.seq).where(deliveries.c.state.in_(_UNSENT))
        for some in _pages(source, waiting, DELIVERIES_AT_ONCE):
            _copy(source, target, list(_of_deliveries(some)))
    finally:
        source.close()


def _pages(source: Database, query: Select[Any], size: int) -> Iterator[Sequence[int]]:
    with source.read() as connection:
        keys = sorted(connection.execute(query).scalars())
    for first in range(0, len(keys), size):
        yield keys[first : first + size]


def _of_boards(numbers: Sequence[int]) -> Iterator[Part]:
    """Give what belongs to some boards, what is referred to before what refers to it."""
    theirs = rows.c.board_id.in_(numbers)
    named, kept = select(rows.c.model_id).where(theirs), select(rows.c.id).where(theirs)
    yield models, select(models).where(models.c.id.in_(named))
    yield model_facts, select(model_facts).where(model_facts.c.model_id.in_(named))
    yield boards, select(boards).where(boards.c.id.in_(numbers))
    yield rows, select(rows).where(theirs)
    yield memory, select(memory).where(memory.c.row_id.in_(kept))


def _of_deliveries(numbers: Sequence[int]) -> Iterator[Part]:
    yield deliveries, select(deliveries).where(deliveries.c.seq.in_(numbers))
    for table in (delivery_events, attempts):
        yield table, select(table).where(table.c.delivery_seq.in_(numbers))


def _copy(source: Database, target: Database, parts: Sequence[Part]) -> None:
    """Copy some rows; one that was copied before, as a model of several boards, stays as it is."""
    with source.read() as connection:
        found = [(table, connection.execute(query).mappings().all()) for table, query in parts]
    with target.write() as connection:
        for table, some in found:
            if some:
                once = insert(table).on_conflict_do_nothing()
                connection.execute(once, [dict(row) for row in some])
