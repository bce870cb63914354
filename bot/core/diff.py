"""What happened to a board between its snapshot and a new answer.

``diff`` is the whole of it: match the rows, decide what is believed (held absences, doubted
answers), and let ``changes`` name the events. The first sight of a board, and any other poll
that must be silent, goes through ``baseline``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from bot.core.changes import Sides, events
from bot.core.events import Found
from bot.core.matching import Matching, match, match_identical
from bot.core.model import Answer, Row, Snapshot
from bot.core.order import direction, leader, sort_key
from bot.core.places import place


class Diff(Struct, frozen=True, kw_only=True):
    """The new snapshot and what happened, leaders first, then by rank.

    ``baseline`` says that the board was seen for the first time: nothing is told.
    """

    after: Snapshot
    found: tuple[Found, ...] = ()
    baseline: bool = False

    @property
    def changed(self) -> bool:
        """Whether the poll counts as a change: a baseline, or something happened."""
        return self.baseline or bool(self.found)


def diff(
    before: Snapshot | None, answer: Answer, *, confirm_removals: int, new_id: Callable[[], str]
) -> Diff:
    """Compare a board's snapshot with a new answer.

    A row that is absent keeps its place until it was absent ``confirm_removals`` times in a
    row. An answer that is empty, or lacks more than half of the rows that were there, changes
    nothing until it was seen as often; then it is applied whole. While the answer has malformed
    rows no absence counts: what is missing is held, and no answer is doubted for it. Neither the
    order of the answer nor that of the snapshot matters.
    """
    if before is None or _unseen(before):
        return baseline(answer, before, confirm_removals=confirm_removals, new_id=new_id)
    matching = match(before.rows, answer.results)
    certain = False
    if _doubtful(before, answer, matching):
        if before.doubted + 1 < confirm_removals:
            return Diff(after=replace(before, doubted=before.doubted + 1))
        certain = True
    sides = _sides(before, answer, matching, 0 if certain else confirm_removals, new_id)
    return Diff(after=_snapshot(before, sides), found=events(sides, new_id))


def baseline(
    answer: Answer,
    before: Snapshot | None,
    *,
    confirm_removals: int,
    new_id: Callable[[], str],
) -> Diff:
    """Take an answer as it is, telling nothing; rows that were known keep their ids.

    A first answer that is empty is doubted like any other, so that a glitch at the start does
    not turn a whole board into news.
    """
    seen_empty = before.doubted if before and _unseen(before) else 0
    doubted = max(seen_empty, 1) if answer.malformed else seen_empty + 1
    if not answer.results and (answer.malformed or doubted < confirm_removals):
        return Diff(after=Snapshot(doubted=doubted))
    known = (*before.rows, *before.removed) if before else ()
    matching = match(known, answer.results)
    rows = [Row(id=row.id, result=result) for row, result in matching.pairs]
    rows += [Row(id=new_id(), result=result) for result in matching.new]
    higher = direction(answer.results, known=before.higher_is_better if before else None)
    first = leader(rows, None, higher_is_better=higher is not False)
    return Diff(
        after=Snapshot(
            rows=_sorted(rows), higher_is_better=higher, leader=first.id if first else None
        ),
        baseline=True,
    )


def _unseen(before: Snapshot) -> bool:
    """Whether all that was ever seen of the board is an empty answer in doubt."""
    return bool(before.doubted) and not before.rows and not before.removed


def _doubtful(before: Snapshot, answer: Answer, matching: Matching) -> bool:
    """Whether it is empty, or lacks more than half of the board's rows, held ones included."""
    emptied = not answer.results and bool(before.rows)
    return not answer.malformed and (emptied or 2 * len(matching.gone) > len(before.rows))


def _sides(
    before: Snapshot,
    answer: Answer,
    matching: Matching,
    confirm_removals: int,
    new_id: Callable[[], str],
) -> Sides:
    """Work out what stands before and after, held rows in their places."""
    absent = [replace(row, missing=row.missing + (not answer.malformed)) for row in matching.gone]
    confirmed = [row for row in absent if row.missing >= confirm_removals and not answer.malformed]
    held = [row for row in absent if row.missing < confirm_removals or answer.malformed]
    back = match_identical(before.removed, matching.new)
    present = [Row(id=row.id, result=result) for row, result in (*matching.pairs, *back.pairs)]
    arrived = [Row(id=new_id(), result=result) for result in back.new]
    higher = direction(answer.results, known=before.higher_is_better)
    after = place(
        [*present, *arrived],
        held,
        {row.id: row.result for row in before.rows},
        higher_is_better=higher is not False,
        malformed=answer.malformed,
    )
    return Sides(
        before=before.rows,
        after=_sorted(after),
        removed=tuple(confirmed),
        returned=frozenset(row.id for row, _ in back.pairs),
        led=before.leader,
        higher_is_better=higher is not False,
        direction=higher,
    )


def _snapshot(before: Snapshot, sides: Sides) -> Snapshot:
    first = sides.leader
    kept = [row for row in before.removed if row.id not in sides.returned]
    return Snapshot(
        rows=sides.after,
        removed=_sorted([*kept, *sides.removed]),
        higher_is_better=sides.direction,
        leader=first.id if first else None,
    )


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: sort_key(row.result)))
