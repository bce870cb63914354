"""Opens databases and checks them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import chain
from pathlib import Path

from bot.core.errors import MissingDatabaseError, StoreError
from bot.store.database.copies.file import damage
from bot.store.database.copies.rehearsal import copied
from bot.store.database.copies.whole import fill, held
from bot.store.database.engine import database_at
from bot.store.database.migrate import refuse_newer, state, upgrade
from bot.store.database.sqlite.file import path_of
from bot.store.database.sqlite.place import refuse_unwritable
from bot.store.store import Store
from bot.store.unit import Unit
from bot.store.upkeep import contradictions


def open_store(url: str) -> Store:
    """Open a database, made or migrated where needed; see ``upgrade``.

    Raises:
        StoreError: it cannot be used, or a newer program wrote it.
    """
    upgrade(url)
    return Store(database_at(url))


def open_existing(url: str) -> Store:
    """Open a database as it is, for commands that only look at it.

    Raises:
        StoreError: it is not set up, of an older or newer program, or cannot be read.
    """
    found = state(url)
    if found == "missing":
        raise MissingDatabaseError("There is no database yet. Run `leaderboard-bot poll` first.")
    if found == "older":
        raise StoreError("The database is of an older version. Run `leaderboard-bot db upgrade`.")
    refuse_newer(found)
    return Store(database_at(url))


def open_dry(url: str, folder: Path) -> Store:
    """Open a copy of a database, made in ``folder``, on which nobody else is at work.

    Raises:
        StoreError: as ``copied``.
    """
    store = Store(copied(url, folder))
    with store.write() as db:
        for owner in db.owners():
            db.release(owner)
    return store


def refusal(url: str) -> str | None:
    """Say why a poll could not use a database, else None; it is neither made nor migrated."""
    try:
        if (path := path_of(url)) is not None:
            refuse_unwritable(path)
        refuse_newer(state(url, to_write=True))
    except StoreError as error:
        return str(error)
    return None


def copy(
    url: str,
    target: str,
    owner: str,
    refuse: Callable[[Unit], None],
    progress: Callable[[str, int], object],
) -> int:
    """Copy everything into another database, which is empty; return how many rows there are.

    ``refuse`` may raise once the source is held: from then on no other process can write to it.
    ``owner`` is this one. ``progress`` is told of a table and how many of its rows are copied.

    Raises:
        StoreError: the source is of another version, or in use; the target is not empty, or cannot
            be used, or is the source itself. The source stays as it is.
    """
    if is_same(url, target):
        raise StoreError("This is the database itself. Name another one.")
    open_existing(url).close()
    with closing(database_at(url)) as source, held(source, owner) as connection:
        refuse(Unit(connection))
        return fill(connection, target, progress)


def is_same(url: str, target: str) -> bool:
    """Whether two addresses are of one database, as far as they show."""
    here, there = path_of(url), path_of(target)
    if here is None or there is None:
        return url == target
    return here.resolve() == there.resolve()


def check(url: str) -> list[str]:
    """Return everything that is wrong with a database, a sentence each.

    Raises:
        StoreError: it cannot be opened at all.
    """
    with closing(open_existing(url)) as store:
        try:
            return list(chain(*damage(url))) or problems(store)
        except StoreError as error:
            return [str(error)]


def problems(store: Store) -> list[str]:
    """Return what contradicts itself in the database, a sentence each.

    Each is looked for in a transaction of its own, so that others can write in between.
    """
    found = []
    for text, contradiction in contradictions().items():
        with store.read() as db:
            if count := db.upkeep.look(contradiction):
                found.append(f"{text}: {count}.")
    return found
