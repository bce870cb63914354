"""Writes the versions of a board's rows: only what differs, each in one statement for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Executable, bindparam, delete, insert, update

from bot.core.board import Row, Snapshot
from bot.store.database.tables import FOREVER, row_versions, rows

_NO_EXTRA = "{}"
"""Once held what else the Hub said of a row; nobody reads it."""


class Held(Struct, frozen=True, kw_only=True):
    """A row of a snapshot, whether it was told as removed, and since when it stands so."""

    row: Row
    removed: bool
    since: datetime


class _Change(Struct, frozen=True):
    was: Held
    now: Held

    @property
    def is_version(self) -> bool:
        """Whether it makes another version; another size of the model does not."""
        was, now = self.was.row.result.told, self.now.row.result.told
        return self.was.removed != self.now.removed or was != now

    @property
    def is_of_row(self) -> bool:
        """Whether what is kept once a row differs: its absences, its model's size."""
        was, now = self.was.row, self.now.row
        return (was.missing, was.result.parameters) != (now.missing, now.result.parameters)


def write(
    connection: Connection, board: int, was: Mapping[str, Held], after: Snapshot, at: datetime
) -> None:
    """Turn the rows that are held into those of ``after``, as of ``at``.

    A version that is not older than ``at`` is corrected in place: time never runs backwards.
    """
    now = _held(after, at)
    new = [held for key, held in now.items() if key not in was]
    gone = [held for key, held in was.items() if key not in now]
    kept = [_Change(was[key], held) for key, held in now.items() if key in was]
    changed = [change for change in kept if change.is_version]
    later = [change.now for change in changed if change.was.since < at]
    _insert_rows(connection, board, new)
    _correct_rows(connection, [change.now for change in kept if change.is_of_row])
    _close(connection, [*gone, *(change.was for change in changed)], at)
    _drop(connection, [held for held in gone if held.since >= at])
    _insert_versions(connection, [*new, *later])
    _correct(connection, [change.now for change in changed if change.was.since >= at])


def _held(snapshot: Snapshot, at: datetime) -> dict[str, Held]:
    held = [Held(row=row, removed=False, since=at) for row in snapshot.rows]
    held += [Held(row=row, removed=True, since=at) for row in snapshot.removed]
    return {one.row.id: one for one in held}


def _columns(held: Held) -> dict[str, Any]:
    """Return what a version holds; its key and its times are added by who writes it."""
    result = held.row.result
    source = None if result.source is None else msgspec.json.encode(result.source).decode()
    return {
        "removed": held.removed,
        "rank": result.rank,
        "score": result.score,
        "verified": result.verified,
        "filename": result.filename,
        "source": source,
        "pull_request": result.pull_request,
        "notes": result.notes,
        "extra": _NO_EXTRA,
    }


def _execute(connection: Connection, statement: Executable, values: Sequence[Any]) -> None:
    if values:
        connection.execute(statement, values)


def _insert_rows(connection: Connection, board: int, new: Sequence[Held]) -> None:
    values = [
        {
            "id": held.row.id,
            "board_id": board,
            "model": held.row.result.model,
            "missing": held.row.missing,
            "parameters": held.row.result.parameters,
        }
        for held in new
    ]
    _execute(connection, insert(rows), values)


def _correct_rows(connection: Connection, held: Sequence[Held]) -> None:
    this = update(rows).where(rows.c.id == bindparam("of_row"))
    values = [
        {
            "of_row": one.row.id,
            "missing": one.row.missing,
            "parameters": one.row.result.parameters,
        }
        for one in held
    ]
    _execute(connection, this, values)


def _close(connection: Connection, held: Sequence[Held], at: datetime) -> None:
    values = [{"of_row": one.row.id} for one in held if one.since < at]
    _execute(connection, update(row_versions).where(*_open()).values(valid_to=at), values)


def _drop(connection: Connection, held: Sequence[Held]) -> None:
    values = [{"of_row": one.row.id} for one in held]
    _execute(connection, delete(row_versions).where(*_open()), values)


def _insert_versions(connection: Connection, held: Sequence[Held]) -> None:
    values = [
        {"row_id": one.row.id, "valid_from": one.since, "valid_to": FOREVER, **_columns(one)}
        for one in held
    ]
    _execute(connection, insert(row_versions), values)


def _correct(connection: Connection, held: Sequence[Held]) -> None:
    values = [{"of_row": one.row.id, **_columns(one)} for one in held]
    _execute(connection, update(row_versions).where(*_open()), values)


def _open() -> tuple[Any, ...]:
    return row_versions.c.row_id == bindparam("of_row"), row_versions.c.valid_to == FOREVER
