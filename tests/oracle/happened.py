"""What happened between two states of a board, each row compared with every other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from tests.oracle.rows import Row, better, distance, level
from tests.oracle.said import Cause, Said


@dataclass(frozen=True)
class Before:
    """The rows as they were, those ``held`` (by id) among them, and the id of the one that led."""

    rows: list[Row]
    removed: list[Row]
    led: int | None
    held: frozenset[int]


@dataclass(frozen=True)
class After:
    """The rows that the answer has, those held, and those whose removal it confirms."""

    present: list[Row]
    held: list[Row]
    removed: list[Row]
    higher: bool

    def best(self, led: int | None) -> Row:
        """Return the row that has the best claim to the lead."""
        rows = [*self.present, *self.held]
        score = (max if self.higher else min)(row.result.score for row in rows)
        return min(
            (row for row in rows if level(row.result.score, score)),
            key=lambda row: (
                row.id != led,
                bool(row in self.held),
                row.result.rank,
                row.result.model,
                row.result.file or "",
                row.result.notes or "",
            ),
        )


@dataclass
class Sides:
    """Both states, and the questions that the rules ask of them."""

    before: Before
    after: After

    def __post_init__(self) -> None:
        """Index the rows before by id."""
        self.was = {row.id: row for row in self.before.rows}
        self.higher = self.after.higher

    def stayed(self) -> list[Row]:
        """Return the present rows that were there before."""
        return [row for row in self.after.present if row.id in self.was]

    def arrived(self) -> list[Row]:
        """Return the present rows that were not."""
        return [row for row in self.after.present if row.id not in self.was]

    def scored(self, row: Row) -> bool:
        """Tell whether a row that stayed has another score."""
        return not level(self.was[row.id].result.score, row.result.score)

    def overtook(self, one: Row, other: Row) -> bool:
        """Tell whether one row that stayed passed another, by score or by order alone."""
        if {one.id, other.id} & self.before.held:
            return False
        was, then = self.was[one.id].result, self.was[other.id].result
        now, there = one.result, other.result
        if not better(was.score, then.score, higher=self.higher) and better(
            now.score, there.score, higher=self.higher
        ):
            return True
        unlike = not level(now.score, there.score)
        still = self.ordered_anew and not self.scored(one) and not self.scored(other)
        return still and unlike and was.rank > then.rank and now.rank < there.rank

    @cached_property
    def ordered_anew(self) -> bool:
        """Tell whether the Hub ordered rows anew that have the scores that they had.

        Level rows that change places among themselves leave the scores in the order they had.
        While an answer lacks rows, its ranks do not count the same rows as others do.
        """
        kept = [(self.was[row.id].result, row.result) for row in self.stayed()]
        kept = [(was, now) for was, now in kept if level(was.score, now.score)]
        if self.after.held or self.before.held:
            return False
        before = [now.score for was, now in sorted(kept, key=lambda pair: pair[0].rank)]
        after = [now.score for was, now in sorted(kept, key=lambda pair: pair[1].rank)]
        return not all(map(level, before, after))


def happened(
    before: Before, after: After, *, returned: set[int], rescored: bool
) -> tuple[list[Said], int | None]:
    """Return what happened, and the id of the row that leads."""
    sides = Sides(before, after)
    first = after.best(before.led)
    waits = first in after.held and first.id != before.led
    leads = before.led if waits else first.id
    took = None if leads == before.led else leads
    said = [
        *(_arrival(sides, row, took, first, back=row.id in returned) for row in sides.arrived()),
        *(s for row in sides.stayed() for s in _stayed(sides, row, took, first)),
        *(_removal(row) for row in after.removed),
    ]
    if rescored:
        said = _recomputed(sides, said, None if waits else leads)
    return said, leads


def _base(kind: str, was: Row | None, row: Row, first: Row) -> Said:
    now, then = row.result, was.result if was else None
    return Said(
        kind=kind,
        model=now.model,
        rank=(then.rank if then else None, now.rank),
        score=(then.score if then else None, now.score),
        verified=(then.verified if then else None, now.verified),
        gap=distance(first.result.score, now.score),
    )


def _led(sides: Sides, said: Said, row: Row, took: int | None) -> Said:
    if row.id != took:
        return said
    others = [o.result.score for o in (*sides.after.present, *sides.after.held) if o.id != row.id]
    best = (max if sides.higher else min)(others) if others else None
    known = [*sides.before.rows, *sides.before.removed]
    led = next((r.result.model for r in known if r.id == sides.before.led), None)
    margin = None if best is None else distance(row.result.score, best)
    return replace(said, kind="new_leader", previous_leader=led, margin=margin)


def _arrival(sides: Sides, row: Row, took: int | None, first: Row, *, back: bool) -> Said:
    fallen = [o for o in sides.stayed() if o.result.rank > sides.was[o.id].result.rank]
    below = sum(other.result.rank > row.result.rank for other in fallen)
    kind = "returned" if back else "new_entry"
    said = replace(_base(kind, None, row, first), new=True, pushed_down=below)
    return _led(sides, said, row, took)


def _stayed(sides: Sides, row: Row, took: int | None, first: Row) -> list[Said]:
    was = sides.was[row.id]
    found = []
    kind = _move(sides, row)
    if kind or row.id == took:
        said = replace(_base(kind or "new_leader", was, row, first), cause=_cause(sides, row))
        found.append(_led(sides, said, row, took))
    if was.result.verified != row.result.verified:
        kind = "verified" if row.result.verified else "unverified"
        found.append(_base(kind, was, row, first))
    if was.result.model != row.result.model:
        said = _base("renamed", was, row, first)
        found.append(replace(said, previous_model=was.result.model))
    if was.result.origin != row.result.origin:
        said = _base("provenance_change", was, row, first)
        found.append(replace(said, provenance=(was.result.origin, row.result.origin)))
    return found


def _cause(sides: Sides, row: Row) -> Cause:
    others = [other for other in sides.stayed() if other.id != row.id]
    now, was = row.result.rank, sides.was[row.id].result.rank
    return Cause(
        overtook=_names(o for o in others if sides.overtook(row, o)),
        overtaken_by=_names(o for o in others if sides.overtook(o, row)),
        displaced_by=_names(o for o in sides.arrived() if o.result.rank < now),
        vacated_by=_names(o for o in sides.after.removed if o.result.rank < was),
    )


def _names(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted(row.result.model for row in rows))


def _move(sides: Sides, row: Row) -> str | None:
    cause = _cause(sides, row)
    passed = bool(cause.overtook or cause.overtaken_by)
    if sides.scored(row):
        return "rank_change" if passed else "score_change"
    was = sides.was[row.id].result
    if was.rank == row.result.rank:
        return None
    if _anew(sides, row):
        return "rank_change"
    if cause != Cause():
        return "rank_shift"
    same = [
        other.result.rank
        for other in sides.after.present
        if level(other.result.score, row.result.score)
    ]
    return None if min(same) <= was.rank <= max(same) else "rank_shift"


def _anew(sides: Sides, row: Row) -> bool:
    """Tell whether the Hub ordered the row anew among others whose scores are the same, too."""
    for other in sides.stayed() if sides.ordered_anew else ():
        unlike = not level(other.result.score, row.result.score)
        if other.id == row.id or not unlike or sides.scored(other):
            continue
        then, now = sides.was[other.id].result.rank, other.result.rank
        was = sides.was[row.id].result.rank
        if (was > then and row.result.rank < now) or (was < then and row.result.rank > now):
            return True
    return False


def _removal(row: Row) -> Said:
    then = row.result
    return Said(
        kind="removed",
        model=then.model,
        rank=(then.rank, None),
        score=(then.score, None),
        verified=(then.verified, None),
    )


OLD = ("score_change", "rank_change", "new_leader")


def _recomputed(sides: Sides, said: list[Said], leads: int | None) -> list[Said]:
    stayed = sides.stayed()
    changed = sum(map(sides.scored, stayed))
    before = {row.id: row.result for row in (*sides.before.rows, *sides.before.removed)}
    after = {row.id: row.result for row in (*sides.after.present, *sides.after.held)}
    lead = tuple(
        (found.model, found.score) if found else None
        for found in (before.get(sides.before.led or 0), after.get(leads or 0))
    )
    rows = len(after)
    board = Said(
        kind="recomputed",
        model=None,
        rank=(None, None),
        score=(None, None),
        verified=(None, None),
        summary=(rows, len(stayed), changed, *lead),
    )
    marked = [replace(s, recomputed=s.kind in OLD and not s.new) for s in said]
    return [board, *marked]
