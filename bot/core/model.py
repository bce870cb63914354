"""What a leaderboard is: boards, results as the Hub reports them, and our snapshot of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct


class BoardKey(Struct, frozen=True, order=True):
    """The identity of a board: one benchmark (and task), with or without derived models."""

    benchmark: str
    task: str | None = None
    include_derived: bool = False

    @property
    def label(self) -> str:
        """The board's name for people, as ``org/name``, ``org/name (task)`` or with "+derived"."""
        task = f" ({self.task})" if self.task else ""
        return f"{self.benchmark}{task}{' +derived' if self.include_derived else ''}"


class Source(Struct, frozen=True):
    """Where a result says it comes from. Both parts are text by strangers."""

    name: str | None = None
    url: str | None = None


class Result(Struct, frozen=True, kw_only=True):
    """One row of a Hub answer, as reported.

    ``rank`` counts from 1; whether ties share one is the Hub's choice. ``score`` is in the
    board's own unit (percent or fraction) and always finite. ``filename`` is the path of the
    result file in the model's repository. ``pull_request`` is set while the result is a
    community one. ``extra`` holds the answer's other keys as a JSON object; it is kept but
    never compared.
    """

    rank: int
    model: str
    score: Decimal
    verified: bool
    filename: str | None = None
    source: Source | None = None
    pull_request: int | None = None
    notes: str | None = None
    extra: str = "{}"


class Answer(Struct, frozen=True, kw_only=True):
    """What one poll saw of one board.

    ``results`` hold each distinct row once, in any order. ``malformed`` counts the rows that
    could not be read: while it is not 0, a row that is not in ``results`` may still be there.
    """

    results: tuple[Result, ...]
    malformed: int = 0


class Row(Struct, frozen=True, kw_only=True):
    """A result with an identity that lasts over polls.

    ``result.rank`` is the place in the snapshot: the reported rank, plus one for every held row
    above it for which the Hub's ranks leave no room. ``missing`` counts the polls in a row in
    which the row was absent; 0 is present.
    """

    id: str
    result: Result
    missing: int = 0


class Snapshot(Struct, frozen=True, kw_only=True):
    """All we know of a board: what has been told, or was a silent baseline.

    ``rows`` includes held ones (absent, removal not yet confirmed). ``removed`` are rows that
    were told as removed, so that they can be told as returned. ``higher_is_better`` is null
    while undecided. ``leader`` is the id of the leading row. ``doubted`` counts doubted answers
    in a row.
    """

    rows: tuple[Row, ...] = ()
    removed: tuple[Row, ...] = ()
    higher_is_better: bool | None = None
    leader: str | None = None
    doubted: int = 0


class ModelFacts(Struct, frozen=True, kw_only=True):
    """What the Hub knows of a model beyond its results; null where unknown."""

    parameters: int | None = None
    created_at: datetime | None = None
    license: str | None = None
