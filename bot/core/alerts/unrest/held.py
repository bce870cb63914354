"""What people are not told who were told that rows are unstable."""

from __future__ import annotations

from collections.abc import Collection

from bot.core.events import Event, RowName
from bot.core.kinds import Kind

_FOLLOW = frozenset({Kind.NEW_LEADER, Kind.RANK_CHANGE, Kind.RANK_SHIFT})
"""What may happen to a row since others moved."""


def follows(event: Event, restless: Collection[RowName]) -> bool:
    """Whether something happened to a row only because of rows of which no more is told."""
    if event.kind not in _FOLLOW or event.new or event.score.before != event.score.after:
        return False
    cause = event.cause
    rows = {*cause.overtook, *cause.overtaken_by, *cause.displaced_by, *cause.vacated_by}
    return bool(rows) and rows.issubset(restless)
