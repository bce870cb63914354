"""One poll of one target: what it does where something else goes wrong than the Hub."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.config import load
from bot.core.alerts.watch import Known
from bot.core.board import Answer, BoardKey
from bot.core.errors import FetchError
from bot.core.incidents import BOARD
from bot.hub.answers import Fetched, NotModified
from bot.jobs.poll.board import Poller
from bot.jobs.poll.polled import Polled
from bot.jobs.tell import Teller
from bot.store import Store, Unit, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, process
from tests.support.store.units import due_boards, incidents, load_board, schedule

SETTINGS = load(Path(os.devnull), {})
WELL, WORST = BoardKey("acme/well"), BoardKey("acme/worst")


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """Open a database in which both targets are watched."""
    with closing(open_existing(sqlite_url)) as opened:
        every = timedelta(hours=1)
        schedules = dict.fromkeys((WELL, WORST), every)
        schedule(opened, schedules, FakeClock().now)
        yield opened


def poller(store: Store, hub: FakeHub, clock: FakeClock | None = None, owner: str = "me") -> Poller:
    me = process(clock or FakeClock(), owner)
    return Poller(store, hub, SETTINGS, Known, me, Teller(SETTINGS, me.new_id))


def test_a_poll_is_logged_with_what_it_found(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Board, events and duration, in the line and as its fields; what found nothing is quiet."""
    caplog.set_level(logging.INFO, "bot.jobs.poll")
    hub = FakeHub()
    polls = poller(store, hub)
    for scores in ((("a/x", 1),), (("a/x", 1),), (("a/y", 2), ("a/x", 1))):
        hub.answers = {WELL.benchmark: answer(*scores)}
        polls.poll(WELL)
    hub.answers = {WELL.benchmark: FetchError("the Hub answered 503")}
    polls.poll(WELL)
    lines = [one.getMessage().partition(" (")[0] for one in caplog.records]
    assert lines[:2] == ["acme/well: baseline stored, nothing to tell", "acme/well: 1 event"]
    assert [one.levelname for one in caplog.records] == ["INFO", "INFO", "WARNING"]
    assert [vars(one)["events"] for one in caplog.records] == [0, 1, 0]
    assert {vars(one)["board"] for one in caplog.records} == {"acme/well"}
    assert all(0 <= vars(one)["duration"] < 60 for one in caplog.records)


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
    assert [(one.subject, one.name) for one in incidents(store)] == [(BOARD, WORST.benchmark)]
    assert due_boards(store, FakeClock().now) == (WELL,)
    polled = polls.poll(WELL)
    assert polled is not None
    assert polled.changed == 1


class Watching:
    """A store that keeps in which order its units were opened."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.opened: list[str] = []

    def read(self) -> AbstractContextManager[Unit]:
        self.opened.append("read")
        return self._store.read()

    def write(self) -> AbstractContextManager[Unit]:
        self.opened.append("write")
        return self._store.write()


def test_the_same_rows_again_load_no_snapshot_and_write_no_row(store: Store) -> None:
    """An answer without an ETag that is the last one costs a claim and the poll's end.

    So does the first sight of a board: there is nothing to compare with.
    """
    hub = FakeHub()
    hub.answers = {WELL.benchmark: answer(("a", 1))}
    watched = Watching(store)
    polls = poller(watched, hub)  # type: ignore[arg-type]  # the part of a store that is used
    assert polls.poll(WELL)
    assert watched.opened == ["write", "write"]
    watched.opened.clear()
    polled = polls.poll(WELL)
    assert polled is not None
    assert polled.unchanged == 1
    assert watched.opened == ["write", "write"]


class Stuck(FakeHub):
    """A Hub behind a cache that calls the first answer the same for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck = True
        self.whole: list[datetime] = []
        self.clock = FakeClock()

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        if etag is not None and self.stuck:
            return NotModified(etag=etag)
        self.whole.append(self.clock.now)
        got = super().leaderboard(board, digest=digest)
        return replace(got, etag='"first"')


STUCK = "acme/well: the rows have changed, although the Hub, or a cache before it, says"


def ranked(models: str, best: int) -> Answer:
    return answer(*((name, best - place) for place, name in enumerate(models)))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(ranked("abcdefg", 90), id="a row more"),
        pytest.param(ranked("abcdef", 50), id="doubted at first"),
    ],
)
def test_rows_are_asked_for_once_a_day_whatever_is_said_of_them(
    store: Store, later: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    """Where they had changed, that is applied, and said of the Hub or its cache."""
    hub = Stuck()
    hub.answers = {WELL.benchmark: ranked("abcdef", 90)}
    polls = poller(store, hub, hub.clock)
    for hour in range(24):
        assert polls.poll(WELL)
        if hour == 0:
            hub.answers = {WELL.benchmark: later}
        hub.clock.advance(timedelta(hours=1))
    assert len(hub.whole) == 1
    assert STUCK not in caplog.text
    for _ in range(2):
        assert polls.poll(WELL)
        hub.clock.advance(timedelta(hours=1))
    assert caplog.text.count(STUCK) == 1
    now = load_board(store, WELL)
    assert now is not None
    assert [row.result.score for row in now.rows] == [one.score for one in later.results]


def test_rows_that_changed_when_they_are_asked_for_are_no_ones_fault(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The Hub no longer calls the old ones the same."""
    hub = Stuck()
    hub.answers = {WELL.benchmark: answer(("a", 1))}
    polls = poller(store, hub, hub.clock)
    assert polls.poll(WELL)
    hub.clock.advance(timedelta(days=2))
    hub.stuck = False
    hub.answers = {WELL.benchmark: answer(("b", 2), ("a", 1))}
    polled = polls.poll(WELL)
    assert polled is not None
    assert polled.changed == 1
    assert STUCK not in caplog.text


def test_a_claim_ends_soon_after_its_process(store: Store) -> None:
    """Another takes the board over within half a minute."""
    clock = FakeClock()
    poller(store, FakeHub(), clock).claims.claim([WELL])
    other = poller(store, FakeHub(), clock, owner="other")
    clock.advance(timedelta(seconds=20))
    assert other.claims.claim([WELL]) == ()
    clock.advance(timedelta(seconds=8))
    assert [claim.board for claim in other.claims.claim([WELL])] == [WELL]


def test_a_claim_is_renewed_until_its_board_is_polled(store: Store) -> None:
    """Boards that are claimed together wait for each other, and for ten minutes at most."""
    clock = FakeClock()
    hub = FakeHub()
    hub.answers = {WELL.benchmark: answer(("a", 1)), WORST.benchmark: answer(("a", 1))}
    polls = poller(store, hub, clock)
    first, _ = polls.claims.claim([WELL, WORST])
    clock.advance(timedelta(seconds=20))
    reports: list[Polled | None] = []
    polls.run(first, reports.append)
    polls.end()
    assert reports == [Polled(board=first.board, changed=1, first=True)]
    polls.claims.renew()
    clock.advance(timedelta(seconds=20))
    other = poller(store, hub, clock, owner="other")
    assert [claim.board for claim in other.claims.claim([WELL, WORST])] == [WELL]
    clock.advance(timedelta(minutes=10))
    polls.claims.renew()
    assert [claim.board for claim in other.claims.claim([WORST])] == [WORST]
