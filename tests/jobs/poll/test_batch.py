"""Polls without news are claimed and ended together, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.event import listen, remove

from bot.core.board import BoardKey
from bot.core.errors import StoreError
from bot.jobs.poll.batch import SIZE, Batch, Ended, Waiting
from bot.jobs.poll.polled import Polled
from bot.store import PollClaim, PollResult, Store, Unit
from tests.support.store import reads
from tests.support.store.stored import START, at, claim, commit, good, row, snapshot, watch
from tests.support.store.units import claim_poll, claim_polls, end_poll, incidents, renew_polls

BOARDS = tuple(BoardKey(f"acme/b{number:03}") for number in range(SIZE + 6))
LATER = timedelta(seconds=30)


@contextmanager
def transactions() -> Iterator[list[int]]:
    """Count what is committed, as ``[number]``."""
    counted = [0]

    def count(_connection: object) -> None:
        counted[0] += 1

    listen(Engine, "commit", count)
    try:
        yield counted
    finally:
        remove(Engine, "commit", count)


def claims(store: Store, *boards: BoardKey) -> tuple[PollClaim, ...]:
    return claim_polls(store, boards, "me", START, START + LATER)


def waiting(claim: PollClaim, result: PollResult, reports: list[Polled] | None = None) -> Waiting:
    reports = [] if reports is None else reports
    return Waiting(claim, result, Polled(board=claim.board, changed=1, first=True), reports.append)


def ended(store: Store, boards: Sequence[BoardKey]) -> list[BoardKey]:
    """Return those of some boards whose poll is stored."""
    polled = {view.key for view in reads.boards(store) if view.polled_at is not None}
    return [board for board in boards if board in polled]


def test_many_boards_are_claimed_and_ended_in_a_transaction_each(store: Store) -> None:
    """The full batch is ended at once, the rest when it is told to."""
    watch(store, *BOARDS)
    with transactions() as counted:
        held = claims(store, *BOARDS)
    assert [one.board for one in held] == list(BOARDS)
    assert counted == [1]
    batch = Batch(store)
    with transactions() as counted:
        for one in held:
            batch.add(waiting(one, good(START)))
    assert counted == [1]
    assert ended(store, BOARDS) == list(BOARDS[:SIZE])
    batch.end()
    assert ended(store, BOARDS) == list(BOARDS)
    assert [view.polled_at for view in reads.boards(store)] == [START] * len(BOARDS)


def test_a_poll_waits_for_others_a_second_at_most(store: Store) -> None:
    """Whoever adds the next one ends those that have waited."""
    watch(store, *BOARDS[:2])
    first, second = claims(store, *BOARDS[:2])
    batch = Batch(store)
    batch.add(waiting(first, good(START)))
    assert ended(store, BOARDS[:2]) == []
    batch.add(waiting(second, good(START + timedelta(seconds=2))))
    assert ended(store, BOARDS[:2]) == list(BOARDS[:2])


def test_what_others_have_overtaken_is_left_out_of_a_batch(store: Store) -> None:
    """The board stays as the other process left it, its neighbour is ended; both are reported."""
    watch(store, *BOARDS[:2])
    mine = claims(store, *BOARDS[:2])
    later = at(2)
    theirs = claim_poll(store, BOARDS[0], "them", later, later + LATER)
    assert theirs is not None
    batch = Batch(store)
    reports: list[Polled] = []
    for one in mine:
        batch.add(waiting(one, good(START, etag="mine"), reports))
    assert reports == []
    batch.end()
    assert ended(store, BOARDS[:2]) == [BOARDS[1]]
    assert reports == [
        Polled(board=BOARDS[0], unchanged=1),
        Polled(board=BOARDS[1], changed=1, first=True),
    ]
    end_poll(store, theirs, good(later, etag="theirs"))
    assert claim(store, later, board=BOARDS[0]).etag == "theirs"


def test_only_my_claims_are_renewed(store: Store) -> None:
    """What another process has taken over meanwhile stays its own."""
    watch(store, *BOARDS[:2])
    claims(store, *BOARDS[:2])
    later = START + LATER
    assert claim_poll(store, BOARDS[0], "them", later, later + LATER)
    renew_polls(store, BOARDS[:2], "me", later + 2 * LATER)
    free = claim_polls(store, BOARDS[:2], "others", later + LATER, later + 3 * LATER)
    assert [one.board for one in free] == [BOARDS[0]]


class Refusing:
    """A store that ends no polls together, and not the first one alone."""

    def __init__(self, store: Store, error: Exception) -> None:
        self.store = store
        self.error = error

    @contextmanager
    def write(self) -> Iterator[Unit]:
        with self.store.write() as db:
            end = db.targets.end

            def refuse(polled: Sequence[Ended]) -> tuple[Ended, ...]:
                if len(polled) > 1 or polled[0][0].board == BOARDS[0]:
                    raise self.error
                return end(polled)

            db.targets.end = refuse  # type: ignore[method-assign]
            yield db


def test_polls_that_cannot_be_ended_together_are_tried_alone(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """One that fails is said, polled again later, and spoils no other."""
    watch(store, *BOARDS[:3])
    refusing = Refusing(store, StoreError("The disk is full."))
    batch = Batch(refusing)  # type: ignore[arg-type]  # the part of a store that is used
    reports: list[Polled] = []
    for one in claims(store, *BOARDS[:3]):
        batch.add(waiting(one, good(START), reports))
    batch.end()
    assert [one.error for one in reports] == ["The disk is full.", None, None]
    assert ended(store, BOARDS[:3]) == list(BOARDS[1:3])
    assert "acme/b000: The disk is full." in caplog.text
    assert claim_poll(store, BOARDS[0], "them", START + LATER, START + 2 * LATER)


def test_a_mistake_in_a_batch_fails_its_own_board(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """It is counted like any failure of that board, and spoils no other."""
    watch(store, *BOARDS[:3])
    batch = Batch(Refusing(store, ValueError("a mistake")))  # type: ignore[arg-type]  # as above
    for one in claims(store, *BOARDS[:3]):
        batch.add(waiting(one, good(START)))
    batch.end()
    assert ended(store, BOARDS[:3]) == list(BOARDS[1:3])
    assert [(one.name, one.error) for one in incidents(store)] == [
        ("acme/b000", "unexpected ValueError")
    ]
    assert "Traceback" in caplog.text


def test_a_poll_with_news_outdates_one_that_waits(store: Store) -> None:
    """A batch never puts a board back to what it was before."""
    watch(store, BOARDS[0])
    (first,) = claims(store, BOARDS[0])
    batch = Batch(store)
    batch.add(waiting(first, good(START, etag="old")))
    commit(store, snapshot(row("a", 80, 1)), at(2), key=BOARDS[0])
    batch.end()
    assert claim(store, at(3), board=BOARDS[0]).polled_at == at(2)
