"""What the claim of a board carries: how it stands before its poll."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import RowMapping

from bot.store.boards.polls import PollClaim
from bot.store.database.tables import boards
from bot.store.keys import BY_KEY, key_of

CLAIMED = (
    *BY_KEY,
    boards.c.version,
    boards.c.every_s,
    boards.c.etag,
    boards.c.digest,
    boards.c.fresh,
    boards.c.settled,
    boards.c.polled_at,
    boards.c.whole_at,
    boards.c.by_task,
    boards.c.higher_is_better,
    boards.c.failures,
)
"""The columns that a claim carries."""


def claim_of(row: RowMapping, owner: str) -> PollClaim:
    """Return an owner's claim of a board whose columns are given."""
    return PollClaim(
        board=key_of(row),
        owner=owner,
        version=row["version"],
        every=timedelta(seconds=row["every_s"]),
        etag=row["etag"],
        digest=row["digest"],
        fresh=row["fresh"],
        settled=row["settled"],
        polled_at=row["polled_at"],
        whole_at=row["whole_at"],
        by_task=row["by_task"],
        higher_is_better=row["higher_is_better"],
        failures=row["failures"],
    )
