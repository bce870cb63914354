"""The Hub as the jobs see it, and how it is asked for a board and for tasks."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from bot.core.aggregate import Contents
from bot.core.board import BoardKey, ModelFacts
from bot.core.discovery import Benchmark
from bot.core.errors import FetchError, ParseError
from bot.core.tasks import Reading, Tasks
from bot.core.timing.schedule import Quota
from bot.hub.answers import Fetched, NotModified, TaskList, TokenReport

log = logging.getLogger(__name__)

_NO_SUCH_TASK = (400, 404)
"""What the Hub may answer to a task that it does not know."""


class Hub(Protocol):
    """The Hub's leaderboards; safe to call from several threads."""

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        """Fetch one leaderboard; raises ``FetchError`` or one of its kinds."""
        ...

    def tasks(self, benchmark: str, *, etag: str | None = None) -> TaskList | NotModified:
        """Read the tasks of a benchmark; raises ``FetchError`` or one of its kinds."""
        ...

    def benchmarks(self) -> tuple[Benchmark, ...]:
        """List the official benchmarks, sorted by id; raises ``FetchError``."""
        ...

    def aggregate(self, etag: str | None = None) -> Contents | NotModified:
        """Return what the file over all benchmarks holds; raises ``FetchError``."""
        ...

    def aggregate_read(self) -> Contents | None:
        """Return what the file over all benchmarks held when it was last read, if it was."""
        ...

    def benchmark_id(self, benchmark: str) -> str:
        """Return the id that a benchmark has now; raises ``FetchError`` or one of its kinds."""
        ...

    def model_id(self, model: str, timeout: timedelta) -> str:
        """Return the id that a model has now; raises ``FetchError``, also after ``timeout``."""
        ...

    def model_facts(self, model: str, timeout: timedelta) -> ModelFacts:
        """Look a model up; raises ``FetchError`` also where ``timeout`` is over."""
        ...

    def token(self) -> TokenReport | None:
        """Return what the Hub thinks of the token; None as long as nothing is known."""
        ...

    def quota(self) -> Quota | None:
        """Return what is left of the Hub's rate limit; None where that is not known."""
        ...


class Answered(Struct, frozen=True):
    """What the Hub gave, and whether it answered to the task's id.

    ``note`` is what people should hear of it where the board was never seen.
    """

    got: Fetched | NotModified
    by_task: bool
    note: str | None = None


def ask(
    hub: Hub,
    board: BoardKey,
    tasks: Tasks | None,
    *,
    by_task: bool = False,
    etag: str | None = None,
    digest: str | None = None,
    loud: bool = False,
) -> Answered:
    """Ask for a board by its task's id; without it, where the Hub has nothing under that.

    Only the first of a benchmark's ``tasks`` may be at the address without an id, and only as long
    as it was never given ``by_task``. ``loud`` warns of it. ``etag`` and ``digest`` are of the last
    answer, where one that is the same changes nothing.

    Raises:
        FetchError: or one of its kinds.
    """
    if board.task is None or by_task or tasks is None or board.task != tasks.first:
        got = hub.leaderboard(board, etag=etag, digest=digest)
        return Answered(got, by_task=board.task is not None)
    try:
        got = hub.leaderboard(board)
    except FetchError as error:
        if error.status not in _NO_SUCH_TASK or not _is_first(hub, board, tasks):
            raise
    else:
        has_rows = isinstance(got, Fetched) and bool(got.answer.results)
        if has_rows or not _is_first(hub, board, tasks):
            return Answered(got, by_task=has_rows)
    level = logging.WARNING if loud else logging.INFO
    log.log(level, "%s: the Hub has nothing under the task's id; asked without it", board.name)
    bare = BoardKey(board.benchmark, None, board.include_derived)
    return Answered(replace(hub.leaderboard(bare, digest=digest), etag=None), by_task=False)


class AskedTasks(Struct, frozen=True):
    """What the Hub gave for a benchmark's tasks, and what was known of them before."""

    previous: Tasks | None
    got: TaskList | NotModified | FetchError
    asked_at: datetime

    @property
    def of_another(self) -> bool:
        """Whether there is nothing of this name on the Hub, or what may be of another benchmark."""
        return isinstance(self.got, FetchError) or self.got.moved

    @property
    def reading(self) -> Reading | None:
        """What was read; what was not modified says the same again."""
        match self.got:
            case TaskList() as new:
                return Reading(ids=new.tasks, name=new.name, etag=new.etag, at=self.asked_at)
            case NotModified():
                same = self.previous
                assert same is not None, "nothing was shown that could be unchanged"
                return Reading(ids=same.listed, name=same.name, etag=same.etag, at=self.asked_at)
            case _:
                return None

    @property
    def failed(self) -> Tasks:
        """What is known of the tasks where nothing was read."""
        error = self.got
        assert isinstance(error, FetchError)
        known = self.previous or Tasks(asked_at=self.asked_at)
        soon = error.status is None and not isinstance(error, ParseError)
        return replace(
            known, asked_at=self.asked_at, failed=str(error), retry_soon=soon, moved_to=None
        )

    @property
    def left_out(self) -> tuple[str, ...]:
        """Sentences on entries that cannot be used."""
        return self.got.left_out if isinstance(self.got, TaskList) else ()


def ask_tasks(hub: Hub, benchmark: str, previous: Tasks | None, now: datetime) -> AskedTasks:
    """Ask for a benchmark's tasks."""
    try:
        got = hub.tasks(benchmark, etag=previous.etag if previous else None)
    except FetchError as error:
        return AskedTasks(previous, error, now)
    return AskedTasks(previous, got, now)


def _is_first(hub: Hub, board: BoardKey, known: Tasks) -> bool:
    """Whether the task is listed first just now: else another may be at the bare address."""
    try:
        got = hub.tasks(board.benchmark, etag=known.etag)
    except FetchError:
        return board.task == next(iter(known.listed), None)
    listed = known.listed if isinstance(got, NotModified) else got.tasks
    return board.task == next(iter(listed), None)
