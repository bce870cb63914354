"""What tells the rows of one model apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from bot.core.board import Row
from bot.core.diff.order import sort_key


def variants(rows: Iterable[Row]) -> dict[str, str | None]:
    """Name each row's variant, by row id: null where its model has one row.

    The notes where they are the row's alone, else the file's name, else ``#1``, ``#2``, … in
    the order of ranks.
    """
    by_model: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_model[row.result.model].append(row)
    named: dict[str, str | None] = {}
    for siblings in by_model.values():
        if len(siblings) == 1:
            named[siblings[0].id] = None
        else:
            named.update(_tell_apart(siblings))
    return named


def _tell_apart(siblings: list[Row]) -> dict[str, str]:
    siblings = sorted(siblings, key=lambda row: sort_key(row.result))
    notes = Counter(row.result.notes for row in siblings)
    names = Counter(_file_name(row) for row in siblings)
    paths = Counter(row.result.filename for row in siblings)
    labels: dict[str, str] = {}
    for number, row in enumerate(siblings, start=1):
        if row.result.notes and notes[row.result.notes] == 1:
            labels[row.id] = row.result.notes
        elif row.result.filename and names[_file_name(row)] == 1:
            labels[row.id] = _file_name(row)
        elif row.result.filename and paths[row.result.filename] == 1:
            labels[row.id] = row.result.filename
        else:
            labels[row.id] = f"#{number}"
    return labels


def _file_name(row: Row) -> str:
    return (row.result.filename or "").rpartition("/")[2]
