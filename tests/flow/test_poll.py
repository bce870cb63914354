"""One poll of one target: what it does where something else goes wrong than the Hub."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

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


PLAN = Plan(
    watches=(),
    known=Known,
    split=frozenset(),
    endpoint="https://hub.example",
    confirm_removals=2,
)


def means(clock: FakeClock, owner: str = "me") -> Means:
    return Means(clock=clock, new_id=ids(owner), rand=random.Random(1).random, owner=owner)


def poller(store: Store, hub: FakeHub, clock: FakeClock | None = None) -> Poller:
    return Poller(store, hub, PLAN, means(clock or FakeClock()))


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


class Writes:
    """A store that counts what it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._store, name)


def test_the_same_rows_again_load_no_snapshot_and_write_no_row(store: Store) -> None:
    """An answer without an ETag that is the last one costs a claim and the poll's end."""
    hub = FakeHub()
    hub.answers = {WELL.benchmark: answer(("a", 1))}
    watched = Writes(store)
    polls = poller(watched, hub)  # type: ignore[arg-type]  # whatever is asked goes to a store
    assert polls.poll(WELL)
    assert watched.asked == ["claim_polls", "snapshot", "commit_poll"]
    watched.asked.clear()
    polled = polls.poll(WELL)
    assert polled is not None
    assert polled.unchanged == 1
    assert watched.asked == ["claim_polls", "end_polls"]


def test_a_claim_is_renewed_until_its_board_is_polled(store: Store) -> None:
    """Boards that are claimed together wait for each other, and for ten minutes at most."""
    clock = FakeClock()
    hub = FakeHub()
    hub.answers = {WELL.benchmark: answer(("a", 1)), WORST.benchmark: answer(("a", 1))}
    polls = poller(store, hub, clock)
    first, _ = polls.claim([WELL, WORST])
    clock.advance(timedelta(seconds=20))
    assert polls.run(first)
    polls.renew()
    clock.advance(timedelta(seconds=20))
    other = Poller(store, hub, PLAN, means(clock, owner="other"))
    assert [claim.board for claim in other.claim([WELL, WORST])] == [WELL]
    clock.advance(timedelta(minutes=10))
    polls.renew()
    assert [claim.board for claim in other.claim([WORST])] == [WORST]
