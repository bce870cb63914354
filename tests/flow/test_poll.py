"""One poll of one target: what it does where something else goes wrong than the Hub."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from bot.core.events import Kind
from bot.core.health import BOARD
from bot.core.model import Answer
from bot.poll import Plan, Poller
from bot.ports import Fetched, Means, Schedule, Target
from bot.store import Store, open_existing
from tests.builders import answer, ids
from tests.fakes import FakeClock, FakeHub

WELL, WORST = Target("acme/well"), Target("acme/worst")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """Open a database in which both targets are watched."""
    with closing(open_existing(sqlite_url)) as opened:
        every = timedelta(hours=1)
        schedules = [Schedule(target=target, every=every) for target in (WELL, WORST)]
        opened.watch(schedules, FakeClock().now)
        yield opened


class TaskHub(FakeHub):
    """Answers with boards by task, in other bytes each time."""

    def __init__(self) -> None:
        super().__init__()
        self.by_task: dict[str | None, Answer] = {}
        self.new_digest = ids("digest")

    def leaderboard(
        self, benchmark: str, *, include_derived: bool, etag: str | None, digest: str | None
    ) -> Fetched:
        return Fetched(answers=self.by_task, etag=None, digest=self.new_digest())


def poller(store: Store, hub: FakeHub) -> Poller:
    plan = Plan(
        watches=(),
        official=lambda: (),
        split=frozenset(),
        endpoint="https://hub.example",
        confirm_removals=2,
        lease=timedelta(minutes=1),
    )
    means = Means(clock=FakeClock(), new_id=ids(), rand=random.Random(1).random, owner="me")
    return Poller(store, hub, plan, means)


def test_a_board_that_cannot_be_compared_fails_alone(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of this program is counted like any failure: it neither spreads nor hides."""
    hub = FakeHub()
    hub.answers = {
        WELL.benchmark: answer(("a", 1)),
        WORST.benchmark: answer(("a", float("nan")), ("b", 1)),  # no comparison bears it
    }
    polls = poller(store, hub)
    polled = polls.poll(WORST)
    assert polled is not None
    assert (polled.failed, polled.error) == (1, "unexpected InvalidOperation")
    assert "Traceback" in caplog.text
    assert [(one.subject, one.name) for one in store.ailments()] == [(BOARD, WORST.benchmark)]
    assert store.due_targets(FakeClock().now) == (WELL,)
    polled = polls.poll(WELL)
    assert polled is not None
    assert polled.changed == 1


def test_rows_that_are_given_a_task_move_in_silence(store: Store) -> None:
    """The board without a task was not emptied, and the new one is seen for the first time."""
    hub = TaskHub()
    polls = poller(store, hub)
    rows = answer(("a", 2), ("b", 1))
    steps: list[dict[str | None, Answer]] = [{None: rows}, {"t": rows}, {"t": rows}, {"t": rows}]
    for hub.by_task in steps:
        polled = polls.poll(WELL)
        assert polled is not None
        assert (polled.error, polled.events) == (None, 0)
    boards = store.snapshots(WELL)
    assert {task: len(board.rows) for task, board in boards.items()} == {None: 2, "t": 2}


def test_a_task_that_is_gone_is_removed_when_that_is_confirmed(store: Store) -> None:
    """Other tasks' boards go on."""
    hub = TaskHub()
    polls = poller(store, hub)
    rows = answer(("a", 2), ("b", 1))
    steps: list[dict[str | None, Answer]] = [{"s": rows, "t": rows}, {"t": rows}, {"t": rows}]
    found = []
    for hub.by_task in steps:
        polled = polls.poll(WELL)
        assert polled is not None
        found.append(polled.events)
    assert found == [0, 0, 2]
    assert {(event.task, event.event.kind) for event in store.events()} == {("s", Kind.REMOVED)}
