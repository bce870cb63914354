"""Several threads and processes at one database: each thing is done once, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import event

from bot.core.board import BoardKey, ModelFacts
from bot.core.delivery import Delivered, Rejected, RetryLater, Scope
from bot.core.errors import BusyError
from bot.store import BoardPoll, Settlement, Store, open_existing, upgrade
from bot.store.database.engine import Database, engine_for
from bot.store.database.migrate import state
from bot.store.database.sqlite.busy import waiting_until
from bot.store.maintenance import problems
from tests.support.store import reads
from tests.support.store.stored import (
    HOUR,
    KEY,
    START,
    at,
    attempt,
    claim,
    commit,
    delivery,
    good,
    row,
    snapshot,
    take,
    watch,
)
from tests.support.store.units import (
    claim_poll,
    end_poll,
    enqueue,
    incidents,
    known_facts,
    load_board,
    remember,
    settle,
    wake,
)
from tests.support.waiting import until

WORKERS = 8
FACTS = {"acme/a": ModelFacts()}


def at_once(work: Callable[[int], object]) -> list[object]:
    """Run the work of all workers, begun at the same moment; raises what one of them raised."""
    ready = threading.Barrier(WORKERS)

    def begin(number: int) -> object:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(begin, range(WORKERS)))


def test_eight_workers_claim_each_of_80_deliveries_once(store: Store) -> None:
    """Over ten channels, each worker under its own name."""
    names = [f"m{number}" for number in range(80)]
    enqueue(store, [delivery(name, f"c{i % 10}") for i, name in enumerate(names)], START)
    sent: Counter[str] = Counter()

    def work(number: int) -> None:
        owner = f"worker {number}"
        while reads.pending(store):
            for place in range(number, number + 10):
                claimed = take(store, START, f"c{place % 10}", owner, pace=timedelta(0))
                if claimed is not None:
                    sent[claimed.id] += 1
                    assert settle(store, claimed, owner, Settlement(outcome=Delivered(), at=START))

    at_once(work)
    assert sent == Counter(names)
    assert {d.state for d in reads.deliveries(store)} == {"sent"}


def test_a_channel_never_has_two_claims(store: Store) -> None:
    """However many ask at once, one gets it."""
    enqueue(store, [delivery(f"m{number}") for number in range(20)], START)

    found = at_once(lambda number: take(store, START, owner=f"w{number}", pace=timedelta(0)))
    assert sum(claimed is not None for claimed in found) == 1


def test_one_of_many_gets_a_target(store: Store) -> None:
    """The others are told that it is taken."""
    watch(store)
    found = at_once(lambda number: claim_poll(store, KEY, f"w{number}", START, at(1)))
    assert sum(claimed is not None for claimed in found) == 1


def test_of_commits_from_one_version_one_is_stored(store: Store) -> None:
    """Threads of one process share a name: the version tells them apart."""
    watch(store)
    claims = [claim(store) for _ in range(WORKERS)]

    def work(number: int) -> bool:
        after = snapshot(row(f"r{number}", 80, 1))
        board = BoardPoll(before=None, after=after)
        return end_poll(store, claims[number], good(START, board))

    assert Counter(at_once(work)) == {True: 1, False: WORKERS - 1}
    assert [len(board.rows) for board in [load_board(store, KEY)] if board] == [1]


def test_writers_wait_for_each_other(store: Store) -> None:
    """Polls of many boards are stored side by side, and none fails for it."""
    targets = [BoardKey(f"acme/b{number}") for number in range(WORKERS)]
    watch(store, *targets)

    def work(number: int) -> None:
        key = type(KEY)(targets[number].benchmark)
        for minute in range(5):
            commit(store, snapshot(row(f"r{number}", minute, 1)), at(minute), key=key)

    at_once(work)
    assert [len(reads.history(store, benchmark=target.benchmark)) for target in targets] == [
        5
    ] * WORKERS
    assert problems(store) == []


def test_processes_that_begin_to_watch_at_once_agree(store: Store) -> None:
    """Replicas start together."""
    at_once(lambda _: watch(store, KEY, BoardKey("acme/other")))
    assert len(reads.boards(store)) == 2


def test_failures_of_a_channel_are_all_counted(store: Store) -> None:
    """Also those that are settled at the same moment."""
    enqueue(store, [delivery(f"m{n}", f"c{n}") for n in range(WORKERS)], START)
    at_once(lambda number: attempt(store, START, RetryLater("503"), HOUR, f"c{number}"))
    assert [incident.failures for incident in incidents(store)] == [1] * WORKERS


def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    """The later ones find the work done."""
    at_once(lambda _: upgrade(empty_url))
    assert state(empty_url) == "current"


def test_a_reader_sees_one_state(store: Store, store_url: str) -> None:
    """A poll that is committed meanwhile is seen whole or not at all."""
    watch(store)
    commit(store, snapshot(row("a", 80, 1)))
    other = open_existing(store_url)
    with closing(other), store._database.read() as connection:
        first = connection.exec_driver_sql("SELECT version FROM boards").scalar()
        writer = threading.Thread(target=commit, args=(other, snapshot(row("a", 81, 1)), at(1)))
        writer.start()
        if not store_url.startswith("sqlite"):  # there, the writer waits for the reader
            writer.join()
        assert connection.exec_driver_sql("SELECT version FROM boards").scalar() == first
    writer.join()


BLOCKED = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def blocked(store: Store) -> bool:
    """Tell whether a transaction waits for another's lock."""
    with store._database.read() as connection:
        return connection.exec_driver_sql(BLOCKED).first() is not None


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_waking_a_channel_waits_for_a_settlement_before_it_locks_anything(store: Store) -> None:
    """Else the two lock each other out, and the record of what was sent is lost."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, Rejected("invalid_auth", Scope.CHANNEL), HOUR)
    waking = threading.Thread(target=partial(wake, store, ["hook"], at(1), gone=True))
    with store._database.write() as settling:
        settling.exec_driver_sql("SELECT * FROM channels FOR UPDATE")
        waking.start()
        assert until(lambda: blocked(store))
        settling.exec_driver_sql("SELECT * FROM deliveries FOR UPDATE NOWAIT")
    waking.join()


def test_waiting_for_a_lock_ends(store: Store) -> None:
    """What another program holds too long is an error with the remedy, not a hang."""
    watch(store)
    mine = claim(store)
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE boards SET version = version + 1")
        with closing(another(store)) as other, pytest.raises(BusyError, match="another program"):
            end_poll(other, mine, good(START))


def another(store: Store, patience_s: float = 0.1) -> Store:
    """Return a store on the same database as another program has it, that waits but shortly."""
    engine = engine_for(url_of(store))
    impatient = "SET lock_timeout = '100ms'; COMMIT"
    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", lambda connection, _: connection.execute(impatient))
    return Store(Database(engine, patience_s))


def url_of(store: Store) -> str:
    """Return the address of a store's database."""
    engine, file = store._database.engine, store._database.file
    return f"sqlite:///{file}" if file else engine.url.render_as_string(hide_password=False)


def test_readers_and_writers_of_a_program_never_find_the_file_locked(store: Store) -> None:
    """They queue: none needs any patience, which is for other programs."""
    watch(store)
    with closing(another(store, patience_s=0)) as hasty:

        def often(number: int) -> None:
            for minute in range(50):
                if number % 2:
                    reads.boards(hasty)
                else:
                    remember(hasty, FACTS, at(minute))

        assert at_once(often) == [None] * WORKERS


def test_other_programs_are_waited_for(store: Store) -> None:
    """Also by a reader, and by a commit that finds a reader at work."""
    watch(store)
    reading, read = threading.Event(), threading.Event()

    def read_slowly() -> None:
        with closing(another(store, patience_s=30)) as other, other._database.read() as connection:
            connection.exec_driver_sql("SELECT * FROM boards").all()
            reading.set()
            read.wait(5)

    reader = threading.Thread(target=read_slowly)
    reader.start()
    assert reading.wait(30)
    writer = threading.Thread(target=partial(remember, store, FACTS, at(9)))
    writer.start()
    writer.join(0.7)  # longer than SQLite asks by itself
    read.set()
    reader.join()
    writer.join()
    assert known_facts(store, FACTS) == FACTS


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_waiting_ends_where_a_stop_is_asked_for(store: Store) -> None:
    """Whatever patience is left."""
    with (
        store._database.write(),
        closing(another(store, patience_s=30)) as other,
        waiting_until(lambda: True),
        pytest.raises(BusyError),
    ):
        remember(other, FACTS, START)
