"""The columns of the file over all benchmarks: which model has which score in which.

It is written by a job of others, so nothing but what is read here has to be as it is described:
models without an id, and scores that are no numbers, cost themselves alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isnan
from typing import Any

import msgspec
from msgspec import Struct

from bot.core.aggregate import is_column
from bot.core.errors import ParseError
from bot.hub.parse import Parsed, gathered, refuse_swarm
from bot.hub.rows import Entry, Flawed, digits
from bot.hub.text import readable

MAX_COLUMNS = 200
MAX_MODELS = 20_000

SUFFIX = "_score"
"""What a column's name has behind its benchmark's where the file is a table."""

_A_BILLION = 1_000_000_000
_DATE = re.compile(r"(?i)(last)?[_ ]?(updated?|generated|created|modified|written|times?tamp|date)")


class Score(Struct, frozen=True):
    """What a column says of a model: ``value`` is null where it is no number."""

    model: str | None
    value: float | None
    parameters: float | None = None


class Table(Struct, frozen=True):
    """The file: the scores of each column, and when it says that it was written.

    ``digest`` is the same for the same bytes.
    """

    columns: Mapping[str, list[Score]]
    digest: str
    written_at: datetime | None = None

    def board(self, column: str) -> Parsed | None:
        """Return a column as rows, ranked from the best; None where there is no such column.

        The best score is 1, and level rows share a rank.
        """
        found = self.columns.get(column)
        if found is None:
            return None
        unreadable = [Flawed(one.model) for one in found if one.model is None or one.value is None]
        return gathered(list(_ranked(found)), unreadable, first=1 if unreadable else 0)


def _ranked(found: Iterable[Score]) -> Iterable[Entry]:
    scores = [one for one in found if one.model is not None and one.value is not None]
    scores.sort(key=lambda one: (-(one.value or 0.0), one.model or ""))
    rank = 0
    for place, (one, above) in enumerate(zip(scores, [None, *scores], strict=False), start=1):
        rank = rank if above is not None and above.value == one.value else place
        yield Entry(
            rank=float(rank),
            model=one.model or "",
            value=one.value or 0.0,
            lower_is_better=False,
            num_parameters=one.parameters,
        )


def from_json(body: bytes) -> Table:
    """Return the columns of a ``leaderboard.json``.

    Raises:
        ParseError: it is none.
    """
    found = _decoded(readable(body))
    models = found.get("models") if isinstance(found, dict) else None
    if not models or not isinstance(models, list):
        raise ParseError("leaderboard.json has no list of models")
    columns: dict[str, list[Score]] = {name: [] for name in _named(found.get("benchmarks"))}
    if len(models) > MAX_MODELS:
        raise ParseError(f"leaderboard.json has more than {MAX_MODELS} models")
    for model in models:
        measured = model.get("benchmarks") if isinstance(model, dict) else None
        for column, one in measured.items() if isinstance(measured, dict) else ():
            value = one.get("score") if isinstance(one, dict) else one
            _add(columns, column, model.get("id"), value, model.get("parameters_billions"))
    return Table(columns, digest_of(body), _date(found.get("metadata")))


def from_rows(rows: Iterable[Mapping[str, Any]], names: Iterable[str], digest: str) -> Table:
    """Return the columns of a table of models, whose columns have these names."""
    scores = [name for name in names if name.endswith(SUFFIX)]
    columns: dict[str, list[Score]] = {
        column: [] for name in scores if is_column(column := name.removesuffix(SUFFIX))
    }
    for row in rows:
        for name in scores:
            column = name.removesuffix(SUFFIX)
            _add(columns, column, row.get("model_id"), row[name], row.get("parameters_billions"))
    return Table(columns, digest)


def digest_of(body: bytes) -> str:
    """Return what is the same for the same bytes."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def _add(
    columns: dict[str, list[Score]], column: object, model: object, value: object, billions: object
) -> None:
    """Add what a model has in a column, unless it has nothing there."""
    if not isinstance(column, str) or not is_column(column):
        return
    number = digits(value)
    if value is None or (number is not None and isnan(number)):
        return
    if column not in columns and len(columns) >= MAX_COLUMNS:
        raise ParseError(f"the file over all benchmarks has more than {MAX_COLUMNS} columns")
    size = digits(billions)
    known = isinstance(model, str) and bool(model.strip())
    columns.setdefault(column, []).append(
        Score(
            model=str(model) if known else None,
            value=number,
            parameters=None if size is None or isnan(size) else float(round(size * _A_BILLION)),
        )
    )


def _named(benchmarks: object) -> Iterable[str]:
    """Return the columns that the file names by themselves: those without a score, too."""
    named: Iterable[object] = ()
    if isinstance(benchmarks, dict):
        named = benchmarks
    elif isinstance(benchmarks, list):
        named = [one.get("id") if isinstance(one, dict) else one for one in benchmarks]
    return [one for one in named if isinstance(one, str) and is_column(one)][:MAX_COLUMNS]


def _date(metadata: object) -> datetime | None:
    """Return the latest date that the file says of itself; whatever the job calls it."""
    if not isinstance(metadata, dict):
        return None
    said = [text for name, text in metadata.items() if _DATE.search(str(name))]
    dates = [date for text in said if isinstance(text, str) and (date := _moment(text))]
    return max(dates, default=None)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _decoded(body: bytes) -> Any:
    refuse_swarm(body)
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        raise ParseError("leaderboard.json is nested too deeply") from None
    except msgspec.DecodeError:
        pass
    try:  # NaN is no JSON, yet Python writes it where there is no score
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ParseError("leaderboard.json is not JSON") from None
