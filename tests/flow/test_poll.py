"""One poll of one target: what it does where something else goes wrong than the Hub."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from bot.core.health import BOARD
from bot.core.model import BoardKey
from bot.core.rules import Known
from bot.poll import Plan, Poller
from bot.ports import Means, Schedule
from bot.store import Store, open_existing
from tests.builders import answer, ids
from tests.fakes import FakeClock, FakeHub

WELL, WORST = BoardKey("acme/well"), BoardKey("acme/worst")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """Open a database in which both targets are watched."""
    with closing(open_existing(sqlite_url)) as opened:
        every = timedelta(hours=1)
        schedules = [Schedule(board=target, every=every) for target in (WELL, WORST)]
        opened.watch(schedules, FakeClock().now)
        yield opened


def poller(store: Store, hub: FakeHub) -> Poller:
    plan = Plan(
        watches=(),
        known=Known,
        split=frozenset(),
        endpoint="https://hub.example",
        confirm_removals=2,
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
    assert store.due_boards(FakeClock().now) == (WELL,)
    polled = polls.poll(WELL)
    assert polled is not None
    assert polled.changed == 1
