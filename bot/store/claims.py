"""Claims of polls, and the ends of those that found nothing new: many in a statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    or_,
    select,
    update,
)

from bot.core.board import BoardKey
from bot.ports import PollClaim, PollResult
from bot.store.tables import FOREVER, boards, row_versions, rows, targets

LONGEST_WAIT = timedelta(hours=1)
"""What waits longer than this past its time was put off before the clock was set back."""

_THIS = and_(
    targets.c.benchmark == bindparam("of_benchmark"),
    targets.c.task == bindparam("of_task"),
    targets.c.include_derived == bindparam("of_derived"),
)

# Built once: with many boards, to build them anew would be most of the work.
_CLAIM = (
    update(targets)
    .where(_THIS)
    .values(lease_owner=bindparam("by_owner"), lease_until=bindparam("to_time"))
)
_RENEW = (
    update(targets)
    .where(_THIS, targets.c.lease_owner == bindparam("by_owner"))
    .values(lease_until=bindparam("to_time"))
)
_END = (
    update(targets)
    .where(
        _THIS,
        targets.c.version == bindparam("at_version"),
        targets.c.lease_owner == bindparam("by_owner"),
    )
    .values(
        fresh=False,
        version=targets.c.version + 1,
        etag=bindparam("new_etag"),
        polled_at=bindparam("at_time"),
        next_poll_at=bindparam("next_time"),
        whole_at=bindparam("whole_time"),
        by_task=bindparam("was_by_task"),
        lease_owner=None,
        lease_until=None,
    )
)


def claim(
    connection: Connection, wanted: Sequence[BoardKey], owner: str, now: datetime, until: datetime
) -> tuple[PollClaim, ...]:
    """See ``PollStore.claim_polls``."""
    # A claim that would outlast the new one by so much was made before the clock was set back.
    stale = targets.c.lease_until > until + LONGEST_WAIT
    free = or_(is_free(now), stale, targets.c.lease_owner == owner)
    names = sorted({board.benchmark for board in wanted})
    query = _standing().where(targets.c.benchmark.in_(names), targets.c.watched, free)
    # What another process is just claiming is its own.
    locked = query.with_for_update(of=targets, skip_locked=True)
    these = set(wanted)
    found = [row for row in connection.execute(locked).mappings() if _board(row) in these]
    if not found:
        return ()
    taken = {"by_owner": owner, "to_time": until}
    connection.execute(_CLAIM, [_key(_board(row)) | taken for row in found])
    claims = {_board(row): _claim(row, owner) for row in found}
    return tuple(claims[board] for board in wanted if board in claims)


def renew(connection: Connection, claimed: Sequence[BoardKey], owner: str, until: datetime) -> None:
    """See ``PollStore.renew_polls``."""
    ordered = sorted(claimed, key=lambda board: board.place)
    values = {"by_owner": owner, "to_time": until}
    connection.execute(_RENEW, [_key(board) | values for board in ordered])


def end(connection: Connection, ended: Sequence[tuple[PollClaim, PollResult]]) -> None:
    """See ``PollStore.end_polls``.

    Nothing else hangs on such an end, so which of them are outdated need not be known.
    """
    # Always in the same order, so that two processes never wait for each other.
    ordered = sorted(ended, key=lambda one: one[0].board.place)
    connection.execute(_END, [_end(claim, result) for claim, result in ordered])


def is_free(now: datetime) -> ColumnElement[bool]:
    """Select what nobody holds."""
    return or_(targets.c.lease_until.is_(None), targets.c.lease_until <= now)


def _standing() -> Select[Any]:
    """Select what is watched, and whether the same answer again would change something."""
    same = and_(
        boards.c.benchmark == targets.c.benchmark,
        boards.c.task == targets.c.task,
        boards.c.include_derived == targets.c.include_derived,
        boards.c.current,
    )
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
    return (
        select(targets, boards.c.higher_is_better, unsettled.label("unsettled"))
        .outerjoin(boards, same)
        .order_by(targets.c.benchmark, targets.c.task, targets.c.include_derived)
    )


def _claim(row: RowMapping, owner: str) -> PollClaim:
    return PollClaim(
        board=_board(row),
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


def _end(claimed: PollClaim, result: PollResult) -> dict[str, Any]:
    return _key(claimed.board) | {
        "at_version": claimed.version,
        "by_owner": claimed.owner,
        "new_etag": result.etag,
        "at_time": result.at,
        "next_time": result.next_at,
        "whole_time": result.at if result.whole else claimed.whole_at,
        "was_by_task": claimed.by_task or result.by_task,
    }


def _key(board: BoardKey) -> dict[str, Any]:
    return {
        "of_benchmark": board.benchmark,
        "of_task": board.task or "",
        "of_derived": board.include_derived,
    }


def _board(row: RowMapping) -> BoardKey:
    return BoardKey(row["benchmark"], row["task"] or None, row["include_derived"])
