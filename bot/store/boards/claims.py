"""What the claim of a board carries: how it stands before its poll, and after a good one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, bindparam, case, update

from bot.store.boards.polls import PollClaim, PollResult
from bot.store.database.tables import boards
from bot.store.keys import BY_KEY, THIS_BOARD, key_of, of_board

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

CLAIMED = (
    *BY_KEY,
    boards.c.every_s,
    boards.c.next_poll_at,
    *(boards.c[name] for name in _AS_STORED),
)
"""The columns that a claim carries."""

UNCLAIMED: dict[str, Any] = {"lease_owner": None, "lease_until": None}
HEALTHY: dict[str, Any] = {"failures": 0, "failed_at": None, "error": None}

# Built once: with many boards, to build it anew would be most of the work.
END = (
    update(boards)
    .where(THIS_BOARD)
    .values(
        fresh=False,
        version=boards.c.version + 1,
        etag=bindparam("new_etag"),
        digest=bindparam("new_digest"),
        polled_at=bindparam("at_time"),
        next_poll_at=bindparam("next_time"),
        whole_at=bindparam("whole_time"),
        by_task=bindparam("was_by_task"),
        polls=boards.c.polls + 1,
        late_polls=boards.c.late_polls
        + case((boards.c.next_poll_at <= bindparam("late_time"), 1), else_=0),
        **UNCLAIMED,
        **HEALTHY,
    )
)
"""What ends a claim with what came of a good poll, see ``values_of``."""


def claim_of(row: RowMapping, owner: str) -> PollClaim:
    """Return an owner's claim of a board whose columns are given."""
    stored = {name: row[name] for name in _AS_STORED}
    every = timedelta(seconds=row["every_s"])
    key, due_at = key_of(row), row["next_poll_at"]
    return PollClaim(board=key, owner=owner, every=every, due_at=due_at, **stored)


def values_of(claim: PollClaim, result: PollResult) -> dict[str, Any]:
    """Return what a good poll leaves of its board, by the names of the statement that ends it."""
    return of_board(claim.board) | {
        "new_etag": result.etag,
        "new_digest": result.digest,
        "at_time": result.at,
        "next_time": result.next_at,
        "whole_time": result.at if result.whole else claim.whole_at,
        "late_time": result.at - claim.every,
        "was_by_task": claim.by_task or result.by_task,
    }
