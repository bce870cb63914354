"""What the claim of a board carries: how it stands before its poll."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, and_, or_, select

from bot.core.board import BoardKey
from bot.store.database.tables import FOREVER, boards, row_versions, rows, targets
from bot.store.polls import PollClaim

SAME = and_(
    boards.c.benchmark == targets.c.benchmark,
    boards.c.task == targets.c.task,
    boards.c.include_derived == targets.c.include_derived,
    boards.c.current,
)
"""Joins what is watched to what was seen of it."""


def standing() -> Select[Any]:
    """Select what is watched, and whether the same answer again would change something."""
    held = (
        select(rows.c.id)
        .join(row_versions, row_versions.c.row_id == rows.c.id)
        .where(
            rows.c.board_id == boards.c.id,
            rows.c.missing > 0,
            row_versions.c.valid_to == FOREVER,
            ~row_versions.c.removed,
        )
        .correlate(boards)
    )
    unsettled = or_(boards.c.doubted > 0, boards.c.turning > 0, held.exists())
    columns = (targets, boards.c.higher_is_better, unsettled.label("unsettled"))
    return select(*columns).outerjoin(boards, SAME)


def claim_of(board: BoardKey, row: RowMapping, owner: str) -> PollClaim:
    """Return an owner's claim of a board that was selected so."""
    return PollClaim(
        board=board,
        owner=owner,
        version=row["version"],
        every=timedelta(seconds=row["every_s"]),
        etag=row["etag"],
        digest=row["digest"],
        fresh=row["fresh"],
        settled=not row["unsettled"],
        polled_at=row["polled_at"],
        whole_at=row["whole_at"],
        by_task=row["by_task"],
        higher_is_better=row["higher_is_better"],
        failures=row["failures"],
    )
