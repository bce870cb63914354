"""The demo's story: some weeks of sample leaderboards, as frames derived from ``weeks.toml``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from bot.demo.profiles import SAMPLE_URL, author

Json = dict[str, Any]


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the story; its rank follows from its value and place."""

    model: str
    value: float
    notes: str | None = None
    task: str | None = None
    file: str | None = None
    verified: bool = False
    pr: int = 0
    source: str = "Model card"


class Added(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row that comes to a board."""

    board: str


class Named(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names a row of a board."""

    board: str
    model: str
    notes: str | None = None
    task: str | None = None


class Changed(Named, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is new of a row; what is unset stays."""

    value: float | UnsetType = UNSET
    verified: bool | UnsetType = UNSET
    pr: int | UnsetType = UNSET
    source: str | UnsetType = UNSET


class Swapped(Struct, frozen=True, forbid_unknown_fields=True):
    """Two level rows that change places."""

    board: str
    models: tuple[str, str]


class Board(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A benchmark of the story and its first rows."""

    name: str
    id: str
    file: str
    rows: tuple[Entry, ...]
    later: bool = False


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frame as the story tells it: what is different from the one before."""

    at: datetime
    what: str
    add: tuple[Added, ...] = ()
    change: tuple[Changed, ...] = ()
    drop: tuple[Named, ...] = ()
    swap: tuple[Swapped, ...] = ()
    join: tuple[str, ...] = ()
    shuffle: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


class Facts(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a model."""

    parameters: int
    created: date
    license: str


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``weeks.toml``."""

    board: tuple[Board, ...]
    frame: tuple[Change, ...]
    models: dict[str, Facts]


class Frame(Struct, frozen=True, kw_only=True):
    """What the Hub answers at ``at``: each official benchmark's rows, in the answer's order.

    ``what`` says in a sentence what has changed. ``down`` are the benchmarks that fail.
    """

    at: datetime
    what: str
    boards: dict[str, list[Json]]
    down: tuple[str, ...] = ()


def story() -> Story:
    """Read the bundled story."""
    text = files("bot.demo").joinpath("weeks.toml").read_bytes()
    return msgspec.toml.decode(text, type=Story)


def frames(told: Story | None = None) -> Iterator[Frame]:
    """Tell the story frame by frame, the oldest first."""
    told = told or story()
    boards = {board.name: board for board in told.board}
    rows = {name: list(board.rows) for name, board in boards.items() if not board.later}
    for change in told.frame:
        rows |= {name: list(boards[name].rows) for name in change.join}
        _apply(change, rows)
        yield Frame(
            at=change.at,
            what=change.what,
            boards={boards[n].id: _answer(boards[n], rows[n], change) for n in rows},
            down=tuple(boards[name].id for name in change.down),
        )


def models(told: Story | None = None) -> dict[str, Json]:
    """Return the Hub's JSON of every model that the story knows, by id."""
    return {
        model: {
            "author": model.partition("/")[0],
            "createdAt": f"{facts.created.isoformat()}T00:00:00.000Z",
            "pipeline_tag": "text-generation",
            "cardData": {"license": facts.license},
            "safetensors": {
                "parameters": {"BF16": facts.parameters},
                "total": facts.parameters,
            },
            "tags": [f"license:{facts.license}", "sample-data"],
        }
        for model, facts in (told or story()).models.items()
    }


def ranked(entries: Iterable[Entry], file: str) -> list[Json]:
    """Return the Hub's JSON of a board, best first, each task's rows ranked from 1.

    Level rows keep their order. ``file`` is the result file of rows that name none.
    """
    best_first = sorted(entries, key=lambda entry: -entry.value)
    ranks: dict[str | None, int] = {}
    rows = []
    for entry in best_first:
        ranks[entry.task] = ranks.get(entry.task, 0) + 1
        rows.append(_row(entry, ranks[entry.task], file))
    return rows


def _row(entry: Entry, rank: int, file: str) -> Json:
    row: Json = {
        "rank": rank,
        "modelId": entry.model,
        "value": entry.value,
        "verified": entry.verified,
        "filename": f".eval_results/{entry.file or file}",
        "source": {"url": SAMPLE_URL, "name": f"{entry.source} (sample data)", "isExternal": True},
        "author": author(entry.model),
    }
    optional = {"pullRequest": entry.pr, "notes": entry.notes, "taskId": entry.task}
    return row | {key: value for key, value in optional.items() if value}


def _apply(change: Change, rows: dict[str, list[Entry]]) -> None:
    for added in change.add:
        fields = structs.asdict(added)
        rows[fields.pop("board")].append(Entry(**fields))
    for changed in change.change:
        board = rows[changed.board]
        board[_find(board, changed)] = _changed(board[_find(board, changed)], changed)
    for dropped in change.drop:
        del rows[dropped.board][_find(rows[dropped.board], dropped)]
    for swapped in change.swap:
        _swap(rows[swapped.board], swapped.models)


def _find(board: Sequence[Entry], named: Named) -> int:
    key = (named.model, named.notes, named.task)
    (index,) = [i for i, row in enumerate(board) if (row.model, row.notes, row.task) == key]
    return index


def _changed(entry: Entry, changed: Changed) -> Entry:
    fields = structs.asdict(changed)
    del fields["board"]
    return structs.replace(entry, **{k: v for k, v in fields.items() if v is not UNSET})


def _swap(board: list[Entry], models_: tuple[str, str]) -> None:
    first, second = (next(i for i, row in enumerate(board) if row.model == m) for m in models_)
    board[first], board[second] = board[second], board[first]


def _answer(board: Board, rows: Sequence[Entry], change: Change) -> list[Json]:
    if board.name in change.empty:
        return []
    answer = ranked(rows, board.file)
    if board.name in change.shuffle:
        answer.sort(key=lambda row: hashlib.sha256(f"{row}".encode()).digest())
    return answer
