"""What happened to a board between its snapshot and a new answer.

``diff`` is the whole of it: match the rows, decide what is believed (held absences, doubted
answers, a turned direction), and let ``changes`` name the events. The first sight of a board, and
any other poll that must be silent, goes through ``baseline``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.core.board import Answer, Doubt, Result, Row, Snapshot, Unread
from bot.core.diff.changes import events, silent
from bot.core.diff.comparison import Comparison
from bot.core.diff.doubts import apart, confirmed, doubted, unread_rows
from bot.core.diff.known_ranks import known
from bot.core.diff.matching import match, match_identical
from bot.core.diff.order import direction, in_order
from bot.core.diff.renames import CurrentIds, Followed, follow
from bot.core.diff.scores import level
from bot.core.diff.successors import with_heirs
from bot.core.events import Found
from bot.core.process import NewId


class Diff(Struct, frozen=True, kw_only=True):
    """The new snapshot and what happened, leaders first, then by rank.

    ``baseline`` says that the board's rows were seen for the first time: nothing is told.
    ``silent`` are rows that stand elsewhere though nothing happened to them: others came level with
    them, or are not any more.
    """

    after: Snapshot
    found: tuple[Found, ...] = ()
    silent: tuple[Found, ...] = ()
    baseline: bool = False

    @property
    def changed(self) -> bool:
        """Whether the poll counts as a change: a baseline, or something happened."""
        return self.baseline or bool(self.found)


class Rules(Struct, frozen=True, kw_only=True):
    """How answers are believed.

    ``confirm`` is how often in a row a removal, a doubted answer or a turned direction must be
    seen. ``higher_is_better`` is the direction that people gave; null leaves it to the Hub.
    ``now`` is the time of the poll; null where time does not pass.
    """

    confirm: int
    higher_is_better: bool | None = None
    now: datetime | None = None


def diff(
    answer: Answer,
    before: Snapshot | None,
    rules: Rules,
    new_id: NewId,
    current: CurrentIds | None = None,
) -> Diff:
    """Compare a new answer with a board's snapshot.

    A row that is absent is held until it was absent ``rules.confirm`` times in a row. An
    answer in which most rows are gone, or most scores are others, changes nothing until it was
    seen as often; then it is applied whole. The absence of a row does not count while it may be one
    of those that could not be read: it is held, and no answer is doubted for it. An answer without
    rows is no answer: nothing happens. Neither the order of the answer nor that of the snapshot
    matters. ``current`` says what the Hub calls models now; without it no row is taken for a
    renamed one.
    """
    if before is None or before.unseen:
        return baseline(answer, before, rules, new_id)
    if not answer.results:
        return Diff(after=before)
    followed = Followed(match(before.rows, answer.results))
    if current is not None:
        followed = follow(followed.matching, current, rules.confirm)
    matching = followed.matching
    unread = unread_rows(answer, before.unread, rules.now)
    excused, gone = apart(matching.gone, answer, unread, rules.now)
    doubt = doubted(before, matching, gone)
    if doubt and doubt.times < rules.confirm:
        return Diff(after=replace(before, doubt=doubt, unread=unread))
    left = with_heirs(gone, before.rows, matching, answer)
    held, removed = _absent(excused, left, doubt, rules.confirm)
    higher, turning = _turned(before, answer, rules, certain=doubt is not None)
    back = match_identical(before.removed, matching.new)
    comparison = Comparison(
        before=before.rows,
        present=[
            *_rows((*matching.pairs, *back.pairs), back.new, new_id),
            *_waiting(followed, answer, unread, rules.now),
        ],
        held=held,
        removed=removed,
        returned=frozenset(row.id for row, _ in back.pairs),
        led=before.led,
        higher_is_better=higher is not False,
    )
    found = events(comparison, new_id, confirmed(doubt, matching))
    after = Snapshot(
        rows=known(comparison, {f.row_id for f in found}),
        removed=in_order([*back.gone, *removed]),
        higher_is_better=higher,
        turning=turning,
        leader=comparison.leader.id if comparison.leader else before.leader,
        unread=unread,
    )
    return Diff(after=after, found=found, silent=silent(comparison, after.rows, found))


def baseline(answer: Answer, before: Snapshot | None, rules: Rules, new_id: NewId) -> Diff:
    """Take an answer as it is, telling nothing; rows that were known keep their ids."""
    before = before or Snapshot()
    matching = match((*before.rows, *before.removed), answer.results)
    rows = _rows(matching.pairs, matching.new, new_id)
    higher, _ = _turned(before, answer, rules, certain=True)
    comparison = Comparison(present=rows, higher_is_better=higher is not False)
    first = comparison.leader
    after = Snapshot(
        rows=comparison.after,
        higher_is_better=higher,
        leader=first.id if first else None,
        unread=unread_rows(answer, before.unread, rules.now),
    )
    return Diff(after=after, baseline=bool(rows))


def _rows(same: Iterable[tuple[Row, Result]], new: Iterable[Result], new_id: NewId) -> list[Row]:
    """Return the rows of an answer: those that were known keep their ids."""
    rows = [Row(id=row.id, result=_scored(row.result, result)) for row, result in same]
    return rows + [Row(id=new_id(), result=result) for result in new]


def _waiting(
    followed: Followed, answer: Answer, unread: Unread | None, now: datetime | None
) -> Iterator[Row]:
    """Yield rows that may be renamed, as they were: in the places of those who may be they."""
    excused, _ = apart([row for row, _ in followed.waiting], answer, unread, now)
    for row, heir in followed.waiting:
        result = replace(row.result, rank=heir.rank)
        absences = row.missing + (row not in excused)
        yield Row(id=row.id, result=result, missing=absences, heir=heir.model)


def _scored(was: Result, now: Result) -> Result:
    """Return a result with the score that it had, where the new one is level with it."""
    return replace(now, score=was.score) if level(was.score, now.score) else now


def _absent(
    excused: Iterable[Row], gone: Iterable[Row], doubt: Doubt | None, confirm: int
) -> tuple[list[Row], list[Row]]:
    """Tell which of the rows that the answer lacks are held, and which are removed.

    With an answer that was doubted until now, those leave that all of the doubted ones lacked.
    """
    surely = doubt.lacking if doubt else frozenset()
    held = [replace(row, reported=0, heir=None) for row in excused]
    removed: list[Row] = []
    for row in gone:
        absent = replace(row, missing=row.missing + 1, reported=0)
        confirmed = absent.missing >= confirm or row.id in surely
        (removed if confirmed else held).append(absent)
    return held, removed


def _turned(
    before: Snapshot, answer: Answer, rules: Rules, *, certain: bool
) -> tuple[bool | None, int]:
    """Return the direction after an answer, and how many answers in a row said the opposite.

    One that is known turns only when confirmed; ``certain`` answers, which were doubted until
    now, turn it at once.
    """
    known, said = before.higher_is_better, direction(answer)
    if rules.higher_is_better is not None:
        return rules.higher_is_better, 0
    if said is None or known is None or said == known:
        return known if said is None else said, 0
    turning = before.turning + 1
    confirmed = certain or turning >= rules.confirm
    return (said, 0) if confirmed else (known, turning)
