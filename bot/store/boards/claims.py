"""What the claim of a board carries: how it stands before its poll, and after a good one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping

from bot.store.boards.polls import PollClaim, PollResult
from bot.store.database.tables import boards
from bot.store.keys import BY_KEY, key_of, of_board

_AS_STORED = (
    "version",
    "etag",
    "digest",
    "fresh",
    "current",
    "settled",
    "polled_at",
    "whole_at",
    "by_task",
    "higher_is_better",
    "failures",
)

CLAIMED = (*BY_KEY, boards.c.every_s, *(boards.c[name] for name in _AS_STORED))
"""The columns that a claim carries."""


def claim_of(row: RowMapping, owner: str) -> PollClaim:
    """Return an owner's claim of a board whose columns are given."""
    stored = {name: row[name] for name in _AS_STORED}
    every = timedelta(seconds=row["every_s"])
    return PollClaim(board=key_of(row), owner=owner, every=every, **stored)


def values_of(claim: PollClaim, result: PollResult) -> dict[str, Any]:
    """Return what a good poll leaves of its board, by the names of the statement that ends it."""
    return of_board(claim.board) | {
        "new_etag": result.etag,
        "new_digest": result.digest,
        "at_time": result.at,
        "next_time": result.next_at,
        "whole_time": result.at if result.whole else claim.whole_at,
        "was_by_task": claim.by_task or result.by_task,
    }
