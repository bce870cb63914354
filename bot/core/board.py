"""What a leaderboard is: boards, results as the Hub reports them, and our snapshot of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, structs

DERIVED = " +derived"
"""Behind the name of a board with derived models."""


class BoardKey(Struct, frozen=True):
    """The identity of a board: one task of a benchmark, with or without derived models.

    ``task`` is null where the benchmark's tasks were never read: what the Hub gives then is the
    board of the first one.
    """

    benchmark: str
    task: str | None = None
    include_derived: bool = False

    @property
    def label(self) -> str:
        """The board's name in messages: ``org/name``, ``org/name (task)``, with "+derived"."""
        task = f" ({self.task})" if self.task else ""
        return f"{self.benchmark}{task}{DERIVED if self.include_derived else ''}"

    @property
    def name(self) -> str:
        """The board's name as commands take it: ``org/name#task``, and "+derived" behind it."""
        task = f"#{self.task}" if self.task else ""
        return f"{self.benchmark}{task}{DERIVED if self.include_derived else ''}"

    @classmethod
    def named(cls, name: str) -> BoardKey:
        """Return the board that has a ``name``."""
        board = name.removesuffix(DERIVED)
        benchmark, _, task = board.partition("#")
        return cls(benchmark, task or None, board != name)

    @property
    def place(self) -> tuple[str, str, str, bool]:
        """A key to sort boards by: name (whatever its case), then task."""
        name = self.benchmark
        return name.casefold(), name, self.task or "", self.include_derived


class Source(Struct, frozen=True):
    """Where a result says it comes from. Both parts are text by strangers."""

    name: str | None = None
    url: str | None = None


class Result(Struct, frozen=True, kw_only=True):
    """One row of a Hub answer, as reported.

    ``rank`` counts from 1; whether ties share one is the Hub's choice. ``score`` is in the
    board's own unit (percent or fraction) and always finite. ``filename`` is the path of the
    result file in the model's repository. ``pull_request`` is set while the result is a
    community one. ``parameters`` is the model's size; another size is no change of the result.
    """

    rank: int
    model: str
    score: Decimal
    verified: bool
    filename: str | None = None
    source: Source | None = None
    pull_request: int | None = None
    notes: str | None = None
    parameters: int | None = None

    @property
    def told(self) -> Result:
        """The result without what is no part of it: equal where nothing happened."""
        return structs.replace(self, parameters=None) if self.parameters is not None else self


class Answer(Struct, frozen=True, kw_only=True):
    """What one poll saw of one board.

    ``results`` hold each distinct row once, in any order. ``malformed`` counts the rows that
    could not be read, ``unread`` are the models of those of which that could be: a row that is not
    in ``results`` may be one of them. ``flaw`` says in words what is wrong with one.
    ``higher_is_better`` is what most of the rows say that say it; null where none does.
    """

    results: tuple[Result, ...]
    malformed: int = 0
    unread: tuple[str, ...] = ()
    flaw: str = ""
    higher_is_better: bool | None = None


class Row(Struct, frozen=True, kw_only=True):
    """A result with an identity that lasts over polls.

    ``result.rank`` is the rank that people know: the one last told, or reported while no row was
    missing. ``reported`` is that of the last answer where it is another one, for the Hub does not
    count rows that it lacks; 0 where that answer lacked the row. ``missing`` counts the polls in a
    row in which the row was absent; 0 is present. ``removed_at`` is when a row was told as
    removed that is not back, where the store knows it. ``heir`` is the model of a newcomer that may
    be this row renamed: while the Hub does not say, the row stays as it is; where it says no, or
    nothing for long, the row is absent, and its removal may tell that model.
    """

    id: str
    result: Result
    missing: int = 0
    reported: int | None = None
    removed_at: datetime | None = None
    heir: str | None = None

    @property
    def absent(self) -> bool:
        """Whether the last answer lacked the row, or it could not be read there."""
        return self.reported == 0

    @property
    def as_reported(self) -> Result:
        """The result with the rank of the last answer, the known one where that lacked the row."""
        return structs.replace(self.result, rank=self.reported) if self.reported else self.result


class DoubtReason(StrEnum):
    """Why an answer is doubted: most rows are gone, or most scores are others."""

    GONE = "gone"
    RESCORED = "rescored"


class Doubt(Struct, frozen=True, kw_only=True):
    """Answers in a row that are not believed yet, all for one reason.

    ``lacking`` are the ids of the rows that all of them lacked; ``left`` those of the known rows
    that they had, where most are gone.
    """

    reason: DoubtReason
    times: int
    lacking: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()


class Unread(Struct, frozen=True, kw_only=True):
    """The ``rows`` of the last answer that could not be read.

    ``nameless_since`` is the time of the first answer in a row in which some did not even say
    their model; null where all do.
    """

    rows: int
    nameless_since: datetime | None = None


class Snapshot(Struct, frozen=True, kw_only=True):
    """All we know of a board: what has been told, or was a silent baseline.

    ``rows`` includes held ones (absent, removal not yet confirmed). ``removed`` are rows that
    were told as removed, so that they can be told as returned. ``higher_is_better`` is null
    while undecided; ``turning`` counts the answers in a row that said the opposite. ``leader`` is
    the id of the row that was last told to lead. ``doubt`` is there while answers are not believed,
    ``unread`` while the last one had rows that could not be read.
    """

    rows: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    higher_is_better: bool | None = None
    turning: int = 0
    leader: str | None = None
    doubt: Doubt | None = None
    unread: Unread | None = None

    @property
    def led(self) -> Row | None:
        """The row that led last; None where none ever did."""
        known = (row for row in (*self.rows, *self.removed) if row.id == self.leader)
        return next(known, None)

    @property
    def unseen(self) -> bool:
        """Whether the board never had a row."""
        return not self.rows and not self.removed

    @property
    def settled(self) -> bool:
        """Whether an answer that is the same again changes nothing."""
        excused = self.unread is not None and self.unread.nameless_since is not None
        waiting = any(row.missing or row.heir or (excused and row.absent) for row in self.rows)
        return not (self.doubt or self.turning or waiting)


KEPT_SINCE = datetime(2022, 3, 2, 23, 29, 4, tzinfo=UTC)
"""When the Hub began to keep when models were made: it gives this time for all that are older."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """What the Hub knows of a model beyond its results; null where unknown."""

    parameters: int | None = None
    created_at: datetime | None = None
    license: str | None = None

    @property
    def made_at(self) -> datetime | None:
        """When the model was made; None where the Hub does not know."""
        at = self.created_at
        return None if at is None or at.replace(microsecond=0) == KEPT_SINCE else at
