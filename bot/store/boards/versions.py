"""Writes a board's rows: only what differs, each in one statement for all of them.

``rows`` holds what stands; what it replaces becomes a version, from the poll that saw it first
until the one that saw another. A row that was told as removed stands as such, so that its return
can be told; of one that a silent baseline dropped only versions are left.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, bindparam, case, insert, null, select, update

from bot.core.board import Row, Snapshot
from bot.store.database.bulk import execute_each
from bot.store.database.tables import STATE, row_versions, rows
from bot.store.database.types import Moment
from bot.store.event_json import without_model
from bot.store.keys import THIS_MODEL, name_models, rename_models

_THIS = (rows.c.board_id == bindparam("of_board"), rows.c.public_id == bindparam("of_row"))
_AT = bindparam("at_time", type_=Moment)
_STATE = {name: bindparam(f"new_{name}", type_=rows.c[name].type) for name in STATE}
_COUNTED = {
    name: bindparam(f"new_{name}", type_=rows.c[name].type)
    for name in ("missing", "reported_rank", "parameters", "heir")
}
_NEW = {"board_id": bindparam("of_board"), "public_id": bindparam("of_row"), "since": _AT}

# Built once: to build them anew would be much of the work.
_ADD = insert(rows).values(model_id=THIS_MODEL, **_NEW, **_STATE, **_COUNTED)
_COUNT = update(rows).where(*_THIS).values(model_id=THIS_MODEL, **_COUNTED)
_DROP = update(rows).where(*_THIS).values(since=null())
_CHANGE = (
    update(rows)
    .where(*_THIS)
    .values(
        model_id=THIS_MODEL,
        since=case((rows.c.since < _AT, _AT), else_=rows.c.since),
        **_STATE,
        **_COUNTED,
    )
)
_KEEP = insert(row_versions).from_select(
    ["row_id", "valid_from", "valid_to", *STATE],
    select(rows.c.id, rows.c.since, _AT, *(rows.c[name] for name in STATE)).where(
        *_THIS, rows.c.since < _AT
    ),
)
"""Keeps what stands as a version; one that is not older is replaced: time never runs backwards."""


_Values = dict[str, Any]


class _Standing(Struct, frozen=True):
    """A row of a snapshot, and whether it was told as removed."""

    row: Row
    removed: bool

    @property
    def model(self) -> str:
        """The row's model."""
        return self.row.result.model

    @property
    def state(self) -> tuple[object, ...]:
        """What makes another version where it is another."""
        return self.removed, self.row.result.told

    @property
    def counted(self) -> tuple[object, ...]:
        """What is kept once a row, of the last answer and of its model."""
        row = self.row
        return row.missing, row.reported, row.heir, row.result.model, row.result.parameters


class Rewritten(NamedTuple):
    """A board by its number, as it stands and as it is to stand, as of a time."""

    board: int
    before: Snapshot | None
    after: Snapshot
    at: datetime


def write(connection: Connection, boards: Iterable[Rewritten]) -> None:
    """Turn the rows of some boards that stand into those that are to stand."""
    made = _Changes()
    for one in boards:
        made.add(one)
    name_models(connection, made.names)
    rename_models(connection, made.renamed, taken=made.taken)
    execute_each(connection, _KEEP, made.kept)
    execute_each(connection, _DROP, made.dropped)
    execute_each(connection, _CHANGE, made.changed)
    execute_each(connection, _COUNT, made.counted)
    execute_each(connection, _ADD, made.added)


class _Changes:
    """What each statement is executed with, and which models are met."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.renamed: list[tuple[str, str]] = []
        self.kept: list[_Values] = []
        self.dropped: list[_Values] = []
        self.changed: list[_Values] = []
        self.counted: list[_Values] = []
        self.added: list[_Values] = []

    @property
    def names(self) -> list[str]:
        """The models that need a number."""
        return self.taken + [name for _, name in self.renamed]

    def add(self, one: Rewritten) -> None:
        """Add what becomes of the rows of a board."""
        board, at = one.board, one.at
        was, now = _standing(one.before or Snapshot()), _standing(one.after)
        for key, row in now.items():
            if key in was:
                self._keep(board, was[key], row, at)
            else:
                self.taken.append(row.model)
                self.added.append(_key(board, row, at) | _values(row))
        for key, row in was.items():
            if key not in now:
                self.kept.append(_key(board, row, at))
                self.dropped.append(_key(board, row))

    def _keep(self, board: int, old: _Standing, row: _Standing, at: datetime) -> None:
        """Add what becomes of a row that goes on."""
        if old.model != row.model:
            self.renamed.append((old.model, row.model))
        if _differ(old, row):
            self.kept.append(_key(board, row, at))
            self.changed.append(_key(board, row, at) | _values(row))
        elif old.counted != row.counted:
            self.counted.append(_key(board, row) | _counts(row))


def _standing(snapshot: Snapshot) -> dict[str, _Standing]:
    standing = [_Standing(row, removed=False) for row in snapshot.rows]
    standing += [_Standing(row, removed=True) for row in snapshot.removed]
    return {one.row.id: one for one in standing}


def _differ(old: _Standing, one: _Standing) -> bool:
    """Tell whether there is another version: what is but called otherwise is none."""
    renamed = old.model != one.model
    return old.state != one.state and not (renamed and _state(old) == _state(one))


def _key(board: int, one: _Standing, at: datetime | None = None) -> dict[str, Any]:
    key = {"of_board": board, "of_row": one.row.id}
    return key if at is None else key | {"at_time": at}


def _counts(one: _Standing) -> dict[str, Any]:
    row = one.row
    return {
        "new_missing": row.missing,
        "new_reported_rank": row.reported,
        "new_parameters": row.result.parameters,
        "new_heir": row.heir,
        "of_model": row.result.model,
    }


def _values(one: _Standing) -> dict[str, Any]:
    return _state(one) | _counts(one)


def _state(one: _Standing) -> dict[str, Any]:
    """Return what is stored of a result: the same under another id of its model."""
    result = one.row.result
    source = None if result.source is None else msgspec.json.encode(result.source).decode()
    return {
        "new_removed": one.removed,
        "new_rank": result.rank,
        "new_score": result.score,
        "new_verified": result.verified,
        "new_filename": result.filename,
        "new_source": None if source is None else without_model(source, result.model),
        "new_pull_request": result.pull_request,
        "new_notes": result.notes,
    }
