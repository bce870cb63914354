"""When the rows of a live board last changed, as far as the database tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.cli.stored import opened
from bot.core.board import BoardKey, Result
from bot.core.diff.matching import match
from bot.core.errors import StoreError

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store.views import BoardRows


def last_changes(
    settings: Settings, key: BoardKey, results: Sequence[Result]
) -> tuple[list[datetime | None], datetime | None]:
    """Return when each result was first seen as it is, null for what is not stored so.

    Then the board's ``baseline_at``.
    """
    found = _stored(settings, key)
    if found is None:
        return [None] * len(results), None
    moments = {row.id: row.last_change for row in found.rows}
    pairs = match(found.snapshot.rows, results).pairs
    same = {
        id(after): moments.get(row.id)
        for row, after in pairs
        if _shown(row.result) == _shown(after)
    }
    return [same.get(id(result)) for result in results], found.baseline_at


def _stored(settings: Settings, key: BoardKey) -> BoardRows | None:
    """Look the board up; a database that is missing or cannot be used knows nothing."""
    try:
        with opened(settings) as store:
            return store.board_rows(key)
    except StoreError:
        return None


def _shown(result: Result) -> tuple[object, ...]:
    return (result.rank, result.score, result.verified, result.notes, result.source,
            result.pull_request)  # fmt: skip
