"""What of an answer is not believed yet: that rows are gone, or that all of it is this board's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.board import Answer, Doubt, DoubtReason, Row, Snapshot, Unread
from bot.core.diff.matching import Matching
from bot.core.diff.scores import level

FEWEST_RESCORED = 5
"""A board with fewer rows is never doubted for its scores."""

NAMELESS = timedelta(days=1)
"""How long rows whose model cannot be read may stand for any row that is absent."""


def doubted(before: Snapshot, matching: Matching, gone: Sequence[Row]) -> Doubt | None:
    """Return the doubt in which an answer leaves us; None where it is believed.

    ``gone`` are the rows that it surely lacks.
    """
    reason = _reason(before, matching, gone)
    if reason is None:
        return None
    lacking = frozenset(row.id for row in gone)
    left: frozenset[str] = frozenset()
    if reason is DoubtReason.GONE:
        left = frozenset(row.id for row, _ in matching.pairs)
    last = before.doubt
    if last is None or (last.reason, last.left) != (reason, left):
        return Doubt(reason=reason, times=1, lacking=lacking, left=left)
    both = lacking & last.lacking
    return Doubt(reason=reason, times=last.times + 1, lacking=both, left=left)


def confirmed(doubt: Doubt | None, matching: Matching) -> frozenset[DoubtReason]:
    """Return what is true of an answer that is applied although it was doubted."""
    if doubt is None:
        return frozenset()
    anew = {DoubtReason.RESCORED} if rescored(matching) else set()
    return frozenset({doubt.reason, *anew})


def rescored(matching: Matching) -> bool:
    """Tell whether most rows that were there before have another score."""
    common = len(matching.pairs)
    changed = sum(not level(row.result.score, now.score) for row, now in matching.pairs)
    return common >= FEWEST_RESCORED and 2 * changed > common


def unread_rows(answer: Answer, last: Unread | None, now: datetime | None) -> Unread | None:
    """Return what is kept of the rows that could not be read; None where all could be."""
    if not answer.malformed:
        return None
    since = None
    if answer.malformed > len(answer.unread):
        since = (last and last.nameless_since) or now
    return Unread(rows=answer.malformed, nameless_since=since)


def apart(
    absent: Sequence[Row], answer: Answer, unread: Unread | None, now: datetime | None
) -> tuple[list[Row], list[Row]]:
    """Tell rows that may be among those that could not be read from those that are gone."""
    if _any_may_be_there(answer, unread, now):
        return [*absent], []
    models = frozenset(answer.unread)
    excused = [row for row in absent if row.result.model in models]
    return excused, [row for row in absent if row.result.model not in models]


def _any_may_be_there(answer: Answer, unread: Unread | None, now: datetime | None) -> bool:
    if answer.malformed <= len(answer.unread):
        return False
    since = unread.nameless_since if unread else None
    return since is None or now is None or now < since + NAMELESS


def _reason(before: Snapshot, matching: Matching, gone: Sequence[Row]) -> DoubtReason | None:
    """Tell why the answer is doubted; of several reasons the first."""
    if 2 * len(gone) > len(before.rows):
        return DoubtReason.GONE
    return DoubtReason.RESCORED if rescored(matching) else None
