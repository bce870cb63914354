"""How the Hub is asked for a board: by its task's id, and when without it."""

from __future__ import annotations

import pytest

from bot.core.board import BoardKey
from bot.core.errors import FetchError
from bot.core.tasks import Tasks
from bot.hub.answers import Fetched, NotModified, TaskList
from bot.jobs.ask import ask
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub

BENCH = "acme/bench"
KNOWN = Tasks(asked_at=FakeClock().now, ids=("first", "second"), first="first", listed=("first",))
NONE = FetchError("no such task", status=404)


class TaskHub(FakeHub):
    """A Hub that has one answer under a task's id, and rows at the address without one."""

    def __init__(self, by_id: FetchError | None, listed: str) -> None:
        super().__init__()
        self.by_id = by_id
        self.task_lists[BENCH] = TaskList(tasks=(listed,))
        self.answers[BENCH] = answer(("a", 1))
        self.asked: list[str | None] = []

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        self.asked.append(board.task)
        if board.task is None:
            return super().leaderboard(board, digest=digest)
        if self.by_id is not None:
            raise self.by_id
        return Fetched(answer=answer(), etag=None, digest="none")


@pytest.mark.parametrize("by_id", [NONE, FetchError("bad request", status=400), None])
def test_a_first_task_that_the_hub_has_nothing_under_is_asked_for_without_its_id(
    by_id: FetchError | None,
) -> None:
    """Whether it refuses the id, or has no rows for it."""
    hub = TaskHub(by_id, "first")
    asked = ask(hub, BoardKey(BENCH, "first"), KNOWN)
    assert isinstance(asked.got, Fetched)
    assert asked.got.answer.results
    assert not asked.by_task
    assert hub.asked == ["first", None]


@pytest.mark.parametrize(
    ("task", "by_task", "listed", "by_id"),
    [
        pytest.param("second", False, "first", NONE, id="another task"),
        pytest.param("first", True, "first", NONE, id="answered by its id before"),
        pytest.param("first", False, "second", NONE, id="no longer listed first"),
        pytest.param("first", False, "first", FetchError("ill", status=500), id="another failure"),
    ],
)
def test_no_other_board_is_filled_from_the_address_without_an_id(
    task: str, by_task: bool, listed: str, by_id: FetchError
) -> None:
    """Another task's rows may be there, or the failure will pass."""
    hub = TaskHub(by_id, listed)
    with pytest.raises(FetchError):
        ask(hub, BoardKey(BENCH, task), KNOWN, by_task=by_task)
    assert hub.asked == [task]
