"""The whole numbers that stand for boards and models, and the names that they stand for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, null, or_, select, update

from bot.core.board import BoardKey
from bot.store.database.bulk import execute_each
from bot.store.database.tables import boards, models
from bot.store.database.upsert import add_missing, missing

BY_KEY = (boards.c.benchmark, boards.c.task, boards.c.include_derived)
"""What a board is known by, in the order of its index."""

THIS_BOARD = and_(*(column == bindparam(f"of_{column.name}") for column in BY_KEY))
"""Selects one board; ``of_board`` gives the values."""

THIS_MODEL = select(models.c.id).where(models.c.name == bindparam("of_model")).scalar_subquery()
"""The number of the model whose name is ``of_model``; null where that is null."""

_NUMBER = select(boards.c.id).where(THIS_BOARD)


def of_board(key: BoardKey) -> dict[str, Any]:
    """Return the values for ``THIS_BOARD``."""
    return {f"of_{name}": value for name, value in board_columns(key).items()}


def board_columns(key: BoardKey) -> dict[str, Any]:
    """Return what a row of ``boards`` says of which board it is."""
    return {
        "benchmark": key.benchmark,
        "task": key.task or "",
        "include_derived": key.include_derived,
    }


def key_of(row: Mapping[str, Any] | RowMapping) -> BoardKey:
    """Return which board a row of ``boards`` is of."""
    return BoardKey(row["benchmark"], row["task"] or None, row["include_derived"])


def number_of(connection: Connection, key: BoardKey) -> int | None:
    """Return a board's number; None where it was never watched or seen, and no event names it."""
    found: int | None = connection.execute(_NUMBER, of_board(key)).scalar()
    return found


def make_number_of(connection: Connection, key: BoardKey) -> int:
    """Return a board's number; one that has none is stored as neither watched nor seen."""
    number = number_of(connection, key)
    if number is None:
        add_missing(connection, boards, board_columns(key))
        number = number_of(connection, key)
        assert number is not None
    return number


_RENAME = (
    update(models)
    .where(or_(models.c.name == bindparam("was"), models.c.renamed == bindparam("was")))
    .values(renamed=bindparam("now"))
)
_TAKE = (
    update(models)
    .where(models.c.name == bindparam("taken"), models.c.renamed.is_not(None))
    .values(renamed=null())
)


def rename_models(
    connection: Connection, renamed: Collection[tuple[str, str]], taken: Collection[str]
) -> None:
    """Remember ids that models had before; those ``taken`` by other models mean these again."""
    pairs = sorted(set(renamed))
    execute_each(connection, _RENAME, [{"was": was, "now": now} for was, now in pairs])
    own = sorted({*taken, *(now for _, now in pairs)})
    execute_each(connection, _TAKE, [{"taken": name} for name in own])


def name_models(connection: Connection, names: Collection[str]) -> None:
    """Give numbers to models that have none yet."""
    # Always in the same order, so that two processes never wait for each other.
    rows = [{"new_name": name} for name in sorted(set(names))]
    execute_each(connection, missing(connection.dialect.name, models, "name"), rows)
