"""The demo's story: some weeks of sample leaderboards, as frames derived from ``weeks.toml``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from bot.demo.profiles import SAMPLE_URL, author, flag, person

Json = dict[str, Any]

COMMUNITY = "Community evaluation"
"""The source of results that somebody else than the model's makers handed in."""
CONTRIBUTOR = "sample-contributor"


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the story; its rank follows from its value and place."""

    model: str
    value: float
    notes: str | None = None
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
    """A benchmark's task and its first rows; boards of one benchmark share its ``id``."""

    name: str
    id: str
    task: str
    file: str
    rows: tuple[Entry, ...]
    lower_is_better: bool | None = None
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

    created: date
    license: str
    parameters: int | None = None
    pipeline: str = "text-generation"


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``weeks.toml``."""

    benchmarks: dict[str, str]
    board: tuple[Board, ...]
    frame: tuple[Change, ...]
    models: dict[str, Facts]


class Frame(Struct, frozen=True, kw_only=True):
    """What the Hub answers at ``at``: each official benchmark's rows by task, as they are ordered.

    ``what`` says in a sentence what has changed, ``names`` how benchmarks call themselves.
    ``down`` are the benchmarks whose boards fail.
    """

    at: datetime
    what: str
    benchmarks: dict[str, dict[str, list[Json]]]
    names: dict[str, str]
    down: tuple[str, ...] = ()

    @property
    def boards(self) -> dict[tuple[str, str], list[Json]]:
        """The rows by benchmark and task."""
        return {
            (benchmark, task): rows
            for benchmark, tasks in self.benchmarks.items()
            for task, rows in tasks.items()
        }


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
            benchmarks=_answers(told, rows, change),
            names={boards[name].id: told.benchmarks[boards[name].id] for name in rows},
            down=tuple(dict.fromkeys(boards[name].id for name in change.down)),
        )


def models(told: Story | None = None) -> dict[str, Json]:
    """Return the Hub's JSON of every model that the story knows, by id."""
    return {model: _facts(model, facts) for model, facts in (told or story()).models.items()}


def _facts(model: str, facts: Facts) -> Json:
    known: Json = {
        "author": model.partition("/")[0],
        "createdAt": f"{facts.created.isoformat()}T00:00:00.000Z",
        "pipeline_tag": facts.pipeline,
        "cardData": {"license": facts.license},
        "tags": [f"license:{facts.license}", "sample-data"],
    }
    if facts.parameters is None:
        return known
    size = {"parameters": {"BF16": facts.parameters}, "total": facts.parameters}
    return known | {"safetensors": size}


def ranked(board: Board, entries: Iterable[Entry], sizes: Mapping[str, int | None]) -> list[Json]:
    """Return the Hub's JSON of a board, best first, ranked from 1; level rows keep their order.

    ``sizes`` are the models' parameters.
    """
    way = 1 if board.lower_is_better else -1
    best_first = sorted(entries, key=lambda entry: way * entry.value)
    return [_row(board, entry, rank, sizes) for rank, entry in enumerate(best_first, 1)]


def _row(board: Board, entry: Entry, rank: int, sizes: Mapping[str, int | None]) -> Json:
    row: Json = {
        "rank": rank,
        "modelId": entry.model,
        "author": author(entry.model),
        "value": entry.value,
        "filename": f".eval_results/{entry.file or board.file}",
        **flag(entry.model, verified=entry.verified),
        "source": _source(entry),
    }
    optional = {
        "pullRequest": entry.pr or None,
        "notes": entry.notes,
        "lower_is_better": board.lower_is_better,
        "num_parameters": sizes.get(entry.model),
    }
    return row | {key: value for key, value in optional.items() if value is not None}


def _source(entry: Entry) -> Json:
    source = {"url": SAMPLE_URL, "name": f"{entry.source} (sample data)", "isExternal": True}
    return source | ({"author": person(CONTRIBUTOR)} if entry.source == COMMUNITY else {})


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
    key = (named.model, named.notes)
    (index,) = [i for i, row in enumerate(board) if (row.model, row.notes) == key]
    return index


def _changed(entry: Entry, changed: Changed) -> Entry:
    fields = structs.asdict(changed)
    del fields["board"]
    return structs.replace(entry, **{k: v for k, v in fields.items() if v is not UNSET})


def _swap(board: list[Entry], models_: tuple[str, str]) -> None:
    first, second = (next(i for i, row in enumerate(board) if row.model == m) for m in models_)
    board[first], board[second] = board[second], board[first]


def _answers(
    told: Story, rows: Mapping[str, Sequence[Entry]], change: Change
) -> dict[str, dict[str, list[Json]]]:
    sizes = {model: facts.parameters for model, facts in told.models.items()}
    answers: dict[str, dict[str, list[Json]]] = {}
    for board in told.board:
        if board.name in rows:
            answer = _answer(board, ranked(board, rows[board.name], sizes), change)
            answers.setdefault(board.id, {})[board.task] = answer
    return answers


def _answer(board: Board, answer: list[Json], change: Change) -> list[Json]:
    if board.name in change.empty:
        return []
    if board.name in change.shuffle:
        answer.sort(key=lambda row: hashlib.sha256(f"{row}".encode()).digest())
    return answer
