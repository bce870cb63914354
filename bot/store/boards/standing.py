"""What stands, or stood, on boards: the first rows of all, and one as it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    func,
    or_,
    select,
    true,
    union,
    union_all,
)

from bot.core.board import BoardKey, Row
from bot.store.boards.boards import result_of, row_of
from bot.store.database.tables import STATE, boards, models, row_versions, rows
from bot.store.keys import BY_KEY, key_of, number_of
from bot.store.paging import EVERY, Names

STANDS = and_(rows.c.since.is_not(None), rows.c.removed.is_(False))


class Standing(Struct, frozen=True, kw_only=True):
    """The rows of the first models of a board, by rank; ``changed_at`` is its last change."""

    rows: tuple[Row, ...]
    changed_at: datetime


class Scale(Struct, frozen=True, kw_only=True):
    """Which scores of a board are better, null where that is not known, and scores with ranks."""

    higher_is_better: bool | None = None
    scores: tuple[tuple[int, Decimal], ...] = ()


class Stood(Struct, frozen=True, kw_only=True):
    """How a row stood from a time on; ``removed`` says that it was told as gone."""

    row: Row
    at: datetime
    removed: bool


class _Part(NamedTuple):
    """A table that holds how rows stood: since when, until when, and with its rows beside it."""

    table: Table
    since: Column[Any]
    until: Column[Any] | None
    joined: FromClause

    def of(self, board: int | None, moments: Sequence[datetime], *columns: Any) -> Select[Any]:
        """Select columns of what stood on a board at any of some moments."""
        query = select(*columns).select_from(self.joined)
        # The last of them bounds what is looked at, by an index.
        mine = (rows.c.board_id == board, self.since <= max(moments))
        return query.where(*mine, or_(*map(self.stands, moments)))

    def stands(self, moment: datetime) -> ColumnElement[bool]:
        """Tell of what is selected whether it stood at a moment."""
        lasts = true() if self.until is None else self.until > moment
        return and_(self.since <= moment, lasts)


_PARTS = (
    _Part(
        row_versions,
        row_versions.c.valid_from,
        row_versions.c.valid_to,
        rows.join(row_versions, row_versions.c.row_id == rows.c.id),
    ),
    _Part(rows, rows.c.since, None, rows),
)
"""What was before, and what stands."""


class Standings:
    """What stands, or stood, on boards."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def at(self, key: BoardKey, moment: datetime) -> tuple[Stood, ...]:
        """Return how the rows of a board stood at a moment, removed ones too, by rank."""
        found: list[Stood] = []
        number = number_of(self._connection, key)
        for part in _PARTS:
            state = (part.table.c[name] for name in STATE)
            named = (part.since.label("at"), models.c.name.label("model"), *state)
            query = part.of(number, [moment], rows.c.public_id, *named)
            query = query.join(models, models.c.id == rows.c.model_id)
            found += [stood(one) for one in self._connection.execute(query)]
        return tuple(sorted(found, key=lambda one: (one.row.result.rank, one.row.id)))

    def ranks(self, key: BoardKey, moments: Sequence[datetime]) -> tuple[dict[str, int], ...]:
        """Return the ranks that the rows of a board had at each of some moments, by their ids."""
        number = number_of(self._connection, key)
        parts = []
        for part in _PARTS:
            stood = (part.stands(moment).label(f"at_{n}") for n, moment in enumerate(moments))
            query = part.of(number, moments, rows.c.public_id, part.table.c.rank, *stood)
            parts.append(query.where(part.table.c.removed.is_(False)))
        found: tuple[dict[str, int], ...] = tuple({} for _ in moments)
        for row, rank, *there in self._connection.execute(union_all(*parts)):
            for ranks, stands in zip(found, there, strict=True):
                if stands:
                    ranks[row] = rank
        return found

    def ever_first(self, key: BoardKey, most: int, since: datetime | None) -> frozenset[str]:
        """Return the models of a board that ever had one of the first ``most`` ranks.

        With ``since``, from then on.
        """
        number = number_of(self._connection, key)
        stands = select(rows.c.model_id).where(STANDS, rows.c.rank <= most)
        stood = select(rows.c.model_id).join(row_versions, row_versions.c.row_id == rows.c.id)
        stood = stood.where(row_versions.c.rank <= most, row_versions.c.removed.is_(False))
        if since is not None:
            stood = stood.where(row_versions.c.valid_to > since)
        ever = union(*(part.where(rows.c.board_id == number) for part in (stands, stood)))
        query = select(models.c.name).where(models.c.id.in_(ever))
        return frozenset(self._connection.execute(query).scalars())

    def of_model(self, model: str, visible: Names = EVERY) -> Mapping[BoardKey, Standing]:
        """Return the rows that a model has on each board where it stands, by rank.

        Of ``visible`` benchmarks alone.
        """
        query = (
            select(rows, models.c.name.label("model"), *BY_KEY)
            .join(models, models.c.id == rows.c.model_id)
            .join(boards, boards.c.id == rows.c.board_id)
            .where(models.c.name == model, STANDS, visible.where(boards.c.benchmark))
            .order_by(rows.c.rank, rows.c.public_id)
        )
        found: defaultdict[BoardKey, list[Any]] = defaultdict(list)
        for one in self._connection.execute(query):
            found[BoardKey(one.benchmark, one.task or None, one.include_derived)].append(one)
        return {
            key: Standing(rows=tuple(map(row_of, same)), changed_at=max(one.since for one in same))
            for key, same in found.items()
            if visible.hold(key.benchmark)
        }

    def scales(self, benchmarks: Collection[str], most: int) -> Mapping[BoardKey, Scale]:
        """Return which scores are better on boards of some benchmarks, with the first of them.

        Of ranks up to ``most``; boards without rows are left out.
        """
        header = select(boards.c.id, boards.c.higher_is_better, *BY_KEY)
        meant = header.where(boards.c.benchmark.in_(sorted(benchmarks))).subquery()
        first = select(rows.c.board_id, rows.c.rank, rows.c.score).where(
            rows.c.board_id.in_(select(meant.c.id)), rows.c.rank <= most, STANDS
        )
        scores: defaultdict[int, list[tuple[int, Decimal]]] = defaultdict(list)
        for board, rank, score in self._connection.execute(first):
            scores[board].append((rank, score))
        return {
            key_of(one): Scale(
                higher_is_better=one["higher_is_better"], scores=tuple(scores[one["id"]])
            )
            for one in self._connection.execute(select(meant)).mappings()
            if one["id"] in scores
        }

    def first(self, most: int) -> Mapping[BoardKey, Standing]:
        """Return of every board that has rows the first ``most``, with their models' other rows."""
        found: defaultdict[int, list[Row]] = defaultdict(list)
        for one in self._connection.execute(_first(most)):
            found[one.board_id].append(row_of(one))
        changed = select(boards.c.id, *BY_KEY, func.max(rows.c.since).label("changed_at"))
        query = changed.join(rows, rows.c.board_id == boards.c.id).where(rows.c.since.is_not(None))
        return {
            key_of(one): Standing(rows=tuple(found[one["id"]]), changed_at=one["changed_at"])
            for one in self._connection.execute(query.group_by(boards.c.id)).mappings()
        }


def stood(found: Any) -> Stood:
    """Make how a row stood of its columns, with the name of its ``model``."""
    row = Row(id=found.public_id, result=result_of(found, found.model))
    return Stood(row=row, at=found.at, removed=found.removed)


def _first(most: int) -> Select[Any]:
    place = func.row_number().over(
        partition_by=rows.c.board_id, order_by=(rows.c.rank, rows.c.public_id)
    )
    ranked = select(rows.c.board_id, rows.c.model_id, place.label("place")).where(STANDS)
    numbered = ranked.subquery()
    leading = (
        select(numbered.c.board_id, numbered.c.model_id).where(numbered.c.place <= most).distinct()
    ).subquery()
    same = and_(leading.c.board_id == rows.c.board_id, leading.c.model_id == rows.c.model_id)
    return (
        select(rows, models.c.name.label("model"))
        .join(models, models.c.id == rows.c.model_id)
        .join(leading, same)
        .where(STANDS)
        .order_by(rows.c.board_id, rows.c.rank, rows.c.public_id)
    )
