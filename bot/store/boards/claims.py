"""What the claim of a board carries: how it stands before its poll."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import RowMapping

from bot.store.boards.polls import PollClaim
from bot.store.database.tables import boards
from bot.store.keys import BY_KEY, key_of

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
