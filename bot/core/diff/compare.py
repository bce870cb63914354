"""What happened to a board between its snapshot and a new answer.

``diff`` is the whole of it: match the rows, decide what is believed (held absences, doubted
answers, a turned direction), and let ``changes`` name the events. The first sight of a board, and
any other poll that must be silent, goes through ``baseline``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct
from msgspec.structs import replace

from bot.core.board import Answer, Doubt, Reason, Row, Snapshot
from bot.core.diff.changes import Comparison, events
from bot.core.diff.held import place
from bot.core.diff.matching import Matching, match, match_identical
from bot.core.diff.order import direction, leader, sort_key
from bot.core.events import Found

FEWEST_RESCORED = 5
"""A board with fewer rows is never doubted for its scores."""


class Diff(Struct, frozen=True, kw_only=True):
    """The new snapshot and what happened, leaders first, then by rank.

    ``baseline`` says that the board's rows were seen for the first time: nothing is told.
    """

    after: Snapshot
    found: tuple[Found, ...] = ()
    baseline: bool = False

    @property
    def changed(self) -> bool:
        """Whether the poll counts as a change: a baseline, or something happened."""
        return self.baseline or bool(self.found)


class Rules(Struct, frozen=True, kw_only=True):
    """How answers are believed.

    ``confirm`` is how often in a row a removal, a doubted answer or a turned direction must be
    seen. ``higher_is_better`` is the direction that people gave; null leaves it to the Hub.
    """

    confirm: int
    higher_is_better: bool | None = None


def diff(answer: Answer, before: Snapshot | None, rules: Rules, new_id: Callable[[], str]) -> Diff:
    """Compare a new answer with a board's snapshot.

    A row that is absent keeps its place until it was absent ``rules.confirm`` times in a row. An
    answer in which most rows are gone, or most scores are others, changes nothing until it was
    seen as often; then it is applied whole. While the answer has malformed rows no absence
    counts: what is missing is held, and no answer is doubted for it. An answer without rows is no
    answer: nothing happens. Neither the order of the answer nor that of the snapshot matters.
    """
    if before is None or before.unseen:
        return baseline(answer, before, rules, new_id)
    if not answer.results:
        return Diff(after=before)
    matching = match(before.rows, answer.results)
    doubt = _doubt(before, answer, matching)
    if doubt and doubt.times < rules.confirm:
        return Diff(after=replace(before, doubt=doubt))
    believed = _Believed(
        rules=rules,
        absent=_absent(answer, matching, doubt, rules.confirm),
        turned=_turned(before, answer, rules, certain=doubt is not None),
    )
    sides = _sides(before, answer, matching, believed, new_id)
    return Diff(after=_snapshot(before, sides, believed), found=events(sides, new_id))


def baseline(
    answer: Answer, before: Snapshot | None, rules: Rules, new_id: Callable[[], str]
) -> Diff:
    """Take an answer as it is, telling nothing; rows that were known keep their ids."""
    known = (*before.rows, *before.removed) if before else ()
    matching = match(known, answer.results)
    rows = [Row(id=row.id, result=result) for row, result in matching.pairs]
    rows += [Row(id=new_id(), result=result) for result in matching.new]
    higher = _first_not_null(
        rules.higher_is_better, direction(answer), before.higher_is_better if before else None
    )
    first = leader(rows, None, higher_is_better=higher is not False)
    after = Snapshot(
        rows=_sorted(rows), higher_is_better=higher, leader=first.id if first else None
    )
    return Diff(after=after, baseline=bool(rows))


class _Direction(Struct, frozen=True):
    """The direction to judge by now, and how many answers in a row said the opposite."""

    higher_is_better: bool | None
    turning: int = 0


class _Absent(Struct, frozen=True, kw_only=True):
    """Rows that the answer lacks: those whose removal is confirmed, those that are held."""

    confirmed: tuple[Row, ...] = ()
    held: tuple[Row, ...] = ()


class _Believed(Struct, frozen=True, kw_only=True):
    rules: Rules
    absent: _Absent
    turned: _Direction


def _doubt(before: Snapshot, answer: Answer, matching: Matching) -> Doubt | None:
    """Return the doubt in which the answer leaves us; None where it is believed."""
    reason = _reason(before, answer, matching)
    if reason is None:
        return None
    lacking = frozenset(row.id for row in matching.gone)
    last = before.doubt
    if last is None or last.reason is not reason:
        return Doubt(reason=reason, times=1, lacking=lacking)
    if reason is Reason.GONE and lacking != last.lacking:
        return Doubt(reason=reason, times=1, lacking=lacking)
    return Doubt(reason=reason, times=last.times + 1, lacking=lacking & last.lacking)


def _reason(before: Snapshot, answer: Answer, matching: Matching) -> Reason | None:
    """Tell why the answer is doubted; of several reasons the first."""
    if not answer.malformed and 2 * len(matching.gone) > len(before.rows):
        return Reason.GONE
    scored = sum(row.result.score != result.score for row, result in matching.pairs)
    if len(matching.pairs) >= FEWEST_RESCORED and 2 * scored > len(matching.pairs):
        return Reason.RESCORED
    return None


def _absent(answer: Answer, matching: Matching, doubt: Doubt | None, confirm: int) -> _Absent:
    """Tell of the rows that are missing which have left.

    With an answer that was doubted until now, those leave that all of the doubted ones lacked;
    as always no absence counts beside malformed rows.
    """
    if answer.malformed:
        return _Absent(held=matching.gone)
    gone = [replace(row, missing=row.missing + 1) for row in matching.gone]
    surely = doubt.lacking if doubt else frozenset()
    confirmed = [row for row in gone if row.missing >= confirm or row.id in surely]
    left = {row.id for row in confirmed}
    return _Absent(
        confirmed=tuple(confirmed), held=tuple(row for row in gone if row.id not in left)
    )


def _turned(before: Snapshot, answer: Answer, rules: Rules, *, certain: bool) -> _Direction:
    """Return the direction after an answer: one that is known turns only when confirmed.

    ``certain`` answers, which were doubted until now, turn it at once.
    """
    known, said = before.higher_is_better, direction(answer)
    if rules.higher_is_better is not None:
        return _Direction(rules.higher_is_better)
    if said is None or known is None or said == known:
        return _Direction(known if said is None else said)
    turning = before.turning + 1
    if certain or turning >= rules.confirm:
        return _Direction(said)
    return _Direction(known, turning)


def _sides(
    before: Snapshot,
    answer: Answer,
    matching: Matching,
    believed: _Believed,
    new_id: Callable[[], str],
) -> Comparison:
    """Work out what stands before and after, held rows in their places."""
    back = match_identical(before.removed, matching.new)
    present = [Row(id=row.id, result=result) for row, result in (*matching.pairs, *back.pairs)]
    arrived = [Row(id=new_id(), result=result) for result in back.new]
    higher = believed.turned.higher_is_better
    after = place(
        [*present, *arrived],
        believed.absent.held,
        {row.id: row.result for row in before.rows},
        higher_is_better=higher is not False,
        malformed=answer.malformed,
    )
    return Comparison(
        before=before.rows,
        after=_sorted(after),
        removed=believed.absent.confirmed,
        returned=frozenset(row.id for row, _ in back.pairs),
        led=before.leader,
        higher_is_better=higher is not False,
    )


def _snapshot(before: Snapshot, sides: Comparison, believed: _Believed) -> Snapshot:
    first = sides.leader
    kept = [row for row in before.removed if row.id not in sides.returned]
    return Snapshot(
        rows=sides.after,
        removed=_sorted([*kept, *sides.removed]),
        higher_is_better=believed.turned.higher_is_better,
        turning=believed.turned.turning,
        leader=first.id if first else None,
    )


def _first_not_null(*values: bool | None) -> bool | None:
    return next((value for value in values if value is not None), None)


def _sorted(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: sort_key(row.result)))
