"""The life of one board, worked out from the rules alone: what each answer says happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from tests.oracle.happened import After, Before, happened
from tests.oracle.rows import Result, Row, level, match, match_names
from tests.oracle.said import Poll

FEWEST_RESCORED = 5
NAMELESS_AT_MOST = timedelta(days=1)


@dataclass(frozen=True)
class Seen:
    """One answer: the distinct results, the models of rows that cannot be read, and the rest.

    ``nameless`` counts the rows whose model cannot be read. ``lower`` holds what the rows say of
    the direction, a value for each row that says it.
    """

    at: datetime
    results: tuple[Result, ...]
    broken: frozenset[str] = frozenset()
    nameless: int = 0
    lower: tuple[bool, ...] = ()


@dataclass
class Doubt:
    """Answers in a row that were not believed, all for one reason."""

    reason: str
    times: int
    lacking: frozenset[int]
    left: frozenset[int]


@dataclass(frozen=True)
class Names:
    """What the Hub says of models: those that ``moved``, and those of which it is ``silent``."""

    moved: Mapping[str, str]
    silent: frozenset[str] = frozenset()


@dataclass
class Left:
    """Rows that an answer lacks under their names, and its results that nobody knows.

    ``waiting`` are rows that may be some of these: of them the Hub has said nothing.
    """

    gone: list[Row]
    new: list[Result]
    waiting: list[Row] = field(default_factory=list)

    def follow(self, pairs: dict[int, Result], names: Names, confirm: int) -> None:
        """Pair rows with what came under the id that the old one leads to, or may lead to."""
        self.gone.sort(key=lambda row: row.result.rank)
        candidates = [row for row in self.gone if self._like(row)]
        for row in candidates:
            was = row.result
            same = [now for now in self._like(row) if now.model == names.moved.get(was.model)]
            if was.model not in names.silent and same:
                pairs[row.id] = replace(same[0], score=was.score)
                self._take(row, same[0])
        for row in candidates:
            same = self._like(row)
            is_silent = row.result.model in names.silent and row.missing < confirm
            if row in self.gone and is_silent and same:
                result = replace(row.result, rank=same[0].rank)
                self.waiting.append(replace(row, result=result, heir=same[0].model))
                self._take(row, same[0])

    def _like(self, row: Row) -> list[Result]:
        """Return the results that a row may have become: of one that waits, what it waits for."""
        was = row.result
        return [
            now
            for now in self.new
            if (now.model == row.heir if row.heir else not row.missing)
            and level(was.score, now.score)
            and (was.file, was.notes, _source(was)) == (now.file, now.notes, _source(now))
        ]

    def _take(self, row: Row, result: Result) -> None:
        self.gone.remove(row)
        self.new.remove(result)


def _source(result: Result) -> str | None:
    return result.source[0] if result.source else None


@dataclass
class Board:
    """What is known of a board between two polls."""

    confirm: int
    given: bool | None = None
    rows: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)
    leader: int | None = None
    higher: bool | None = None
    turning: int = 0
    doubt: Doubt | None = None
    nameless_since: datetime | None = None
    waited: frozenset[int] = frozenset()
    ids: int = 0

    def poll(self, seen: Seen, names: Names) -> Poll:
        """Take one answer, and say what happened; ``names`` is what the Hub calls models."""
        if not self.rows and not self.removed:
            return self._first(seen)
        if not seen.results:
            return Poll("failed")
        seen = replace(seen, results=tuple(map(self._as_known, seen.results)))
        pairs, gone, new = match(self.rows, seen.results)
        left = Left(gone, new)
        left.follow(pairs, names, self.confirm)
        blind = self._blind(seen)
        held = [row for row in left.gone if blind or row.result.model in seen.broken]
        absent = [row for row in left.gone if row not in held]
        doubt = self._doubted(pairs, absent)
        if doubt is not None:
            self.doubt = doubt
            if doubt.times < self.confirm:
                return Poll("unchanged")
        self.doubt = None
        held = [replace(row, heir=None) for row in held]
        waiting = [
            replace(row, missing=row.missing + (not blind and row.result.model not in seen.broken))
            for row in left.waiting
        ]
        return self._applied(seen, pairs, left.new, held, absent, waiting, doubt)

    def _first(self, seen: Seen) -> Poll:
        if not seen.results:
            return Poll("failed" if seen.broken or seen.nameless else "unchanged")
        self.rows = [Row(self._id(), result) for result in seen.results]
        self.higher = self._said(seen)
        self.leader = After(self.rows, [], [], self.higher is not False).best(None).id
        self._blind(seen)
        return Poll("changed")

    def _as_known(self, result: Result) -> Result:
        """Return a result with the score that a row of its model has, if that is an equal one."""
        known = [row.result for row in (*self.rows, *self.removed)]
        same = [k.score for k in known if k.model == result.model and level(k.score, result.score)]
        return replace(result, score=same[0]) if same else result

    def _id(self) -> int:
        self.ids += 1
        return self.ids

    def _blind(self, seen: Seen) -> bool:
        """Tell whether no absence counts, for there are rows whose model cannot be read."""
        if not seen.nameless:
            self.nameless_since = None
            return False
        self.nameless_since = self.nameless_since or seen.at
        return seen.at - self.nameless_since < NAMELESS_AT_MOST

    def _doubted(self, pairs: dict[int, Result], absent: list[Row]) -> Doubt | None:
        if 2 * len(absent) > len(self.rows):
            reason = "gone"
        elif self._rescored(pairs):
            reason = "rescored"
        else:
            return None
        lacking, left = frozenset(row.id for row in absent), frozenset(pairs)
        last = self.doubt
        again = last is not None and last.reason == reason
        if again and last is not None and (reason != "gone" or last.left == left):
            return Doubt(reason, last.times + 1, lacking & last.lacking, left)
        return Doubt(reason, 1, lacking, left)

    def _applied(
        self,
        seen: Seen,
        pairs: dict[int, Result],
        new: list[Result],
        held: list[Row],
        absent: list[Row],
        unsaid: list[Row],
        doubt: Doubt | None,
    ) -> Poll:
        lacking = doubt.lacking if doubt else frozenset()
        counted = [replace(row, missing=row.missing + 1, heir=None) for row in absent]
        removed = [row for row in counted if row.missing >= self.confirm or row.id in lacking]
        waiting = [row for row in counted if row not in removed] + held
        known = list(self.removed)
        back, self.removed, new = self._returned(new)
        self._turn(seen, certain=doubt is not None)
        before = Before(list(self.rows), known, self.leader, self.waited)
        stayed = [Row(i, result) for i, result in pairs.items()]
        arrived = [Row(self._id(), result) for result in new]
        after = After(
            [*stayed, *unsaid, *back, *arrived], waiting, removed, self.higher is not False
        )
        said, self.leader = happened(
            before,
            after,
            returned={row.id for row in back},
            rescored=doubt is not None and self._rescored(pairs),
        )
        loose = bool(waiting or self.waited)
        self.waited = frozenset(row.id for row in waiting)
        self.rows = [*after.present, *waiting]
        self.removed += removed
        return Poll("changed" if said else "unchanged", said, loose)

    def _rescored(self, pairs: dict[int, Result]) -> bool:
        """Tell whether most of the rows there before and after have another score."""
        was = {row.id: row.result.score for row in self.rows}
        scored = sum(not level(was[i], now.score) for i, now in pairs.items())
        return len(pairs) >= FEWEST_RESCORED and 2 * scored > len(pairs)

    def _returned(self, new: list[Result]) -> tuple[list[Row], list[Row], list[Result]]:
        pairs, still, rest = match_names(self.removed, new)
        return [Row(i, result) for i, result in pairs.items()], still, rest

    # --- direction -------------------------------------------------------------------------------

    def _said(self, seen: Seen) -> bool | None:
        """Return the direction that an answer gives; null where it is undecided."""
        if self.given is not None:
            return self.given
        lower = sum(seen.lower)
        if 2 * lower != len(seen.lower):
            return 2 * lower < len(seen.lower)
        ordered = sorted(seen.results, key=lambda r: (r.rank, r.score))
        votes = Decimal(0)
        for upper, below in pairwise(ordered):
            if upper.rank != below.rank and not level(upper.score, below.score):
                votes += 1 if upper.score > below.score else -1
        return votes > 0 if votes else None

    def _turn(self, seen: Seen, *, certain: bool) -> None:
        said = self._said(seen)
        if self.given is not None or said is None or self.higher in {None, said}:
            self.higher = self.higher if said is None else said
            self.turning = 0
            return
        self.turning += 1
        if certain or self.turning >= self.confirm:
            self.higher, self.turning = said, 0
