"""What happens to one board, channel or delivery leaves all others alone, on both databases."""

from __future__ import annotations

from datetime import timedelta

from bot.core.board import BoardKey
from bot.core.delivery import Delivered, Rejected, RetryLater, Scope
from bot.core.incidents import BOARD, CHANNEL, DELIVERY
from bot.store import Claimed, Settlement, Store
from tests.support.store import reads
from tests.support.store.stored import KEY, PACE, START, at, attempt, claim, delivery, good, watch
from tests.support.store.units import (
    claim_poll,
    end_poll,
    enqueue,
    fail_poll,
    incidents,
    release,
    settle,
    tell,
)

OTHER = BoardKey("acme/other")
MINUTE = timedelta(minutes=1)
BROKEN = Rejected("invalid_auth", Scope.CHANNEL)
LATER = RetryLater("503")


def fail(store: Store, target: BoardKey, minute: float) -> None:
    now = at(minute)
    fail_poll(store, claim(store, now, board=target), now, "the Hub answered 502", now)


def failing(store: Store) -> dict[tuple[str, str], int]:
    return {(one.subject, one.name): one.failures for one in incidents(store)}


def test_a_board_that_recovers_leaves_others_failing(store: Store) -> None:
    """Told and untold ones."""
    watch(store, KEY, OTHER)
    fail(store, KEY, 1)
    fail(store, OTHER, 1)
    assert tell(store, incidents(store), [], [], at(2))
    end_poll(store, claim(store, at(3)), good(at(3)))
    assert failing(store) == {(BOARD, "acme/bench"): 0, (BOARD, "acme/other"): 1}
    well = [one for one in incidents(store) if not one.failures]
    assert tell(store, [], well, [], at(4))
    assert failing(store) == {(BOARD, "acme/other"): 1}


def test_a_board_that_is_no_longer_watched_takes_no_other_with_it(store: Store) -> None:
    """What failed of it is forgotten, by itself."""
    watch(store, KEY, OTHER)
    fail(store, KEY, 1)
    fail(store, OTHER, 1)
    watch(store, OTHER, now=at(2))
    assert failing(store) == {(BOARD, "acme/other"): 1}


def test_a_recovery_that_was_told_before_is_not_told_again(store: Store) -> None:
    """Two processes cannot both say that it works again."""
    watch(store)
    fail(store, KEY, 1)
    tell(store, incidents(store), [], [], at(2))
    end_poll(store, claim(store, at(3)), good(at(3)))
    well = incidents(store)
    assert tell(store, [], well, [], at(4))
    assert not tell(store, [], well, [], at(4))
    assert not tell(store, well, [], [], at(4))


def test_only_a_channel_that_holds_something_is_told_as_paused(store: Store) -> None:
    """Not one that merely fails, nor a board."""
    watch(store)
    fail(store, KEY, 1)
    enqueue(store, [delivery("a"), delivery("b", "slack"), delivery("c", "slack")], START)
    attempt(store, at(1), LATER, MINUTE)
    attempt(store, at(1), BROKEN, PACE, "slack")
    paused = {(one.subject, one.name): one.paused for one in incidents(store)}
    assert paused == {(BOARD, "acme/bench"): False, (CHANNEL, "hook"): False,
                      (CHANNEL, "slack"): True}  # fmt: skip
    assert list(paused) == sorted(paused)


def test_a_channel_that_works_again_wakes_no_other(store: Store) -> None:
    """The other one's deliveries stay held."""
    enqueue(store, [delivery("a"), delivery("b"), delivery("c", "slack")], START)
    attempt(store, at(1), BROKEN, MINUTE)
    attempt(store, at(1), BROKEN, MINUTE, "slack")
    assert attempt(store, at(2)) == "a"
    states = {view.id: view.state for view in reads.deliveries(store)}
    assert states == {"a": "sent", "b": "pending", "c": "held"}


def test_a_delivery_given_up_tells_its_attempts_and_its_beginning(store: Store) -> None:
    """Not only its last failure."""
    enqueue(store, [delivery("a")], START)
    attempt(store, at(1), LATER, MINUTE)
    attempt(store, at(2), LATER, MINUTE)
    attempt(store, at(3), Rejected("410"))
    (given_up,) = (one for one in incidents(store) if one.subject == DELIVERY)
    assert (given_up.failures, given_up.since, given_up.at) == (3, START, at(3))


def test_what_is_not_there_cannot_be_settled(store: Store) -> None:
    """It may have been pruned meanwhile."""
    lost = Claimed(
        id="lost", channel="hook", body=b"{}", created_at=START,
        attempt=1, in_doubt=False,
    )  # fmt: skip
    assert not settle(store, lost, "me", Settlement(outcome=Delivered(), at=START))


def test_giving_up_claims_frees_those_of_one_owner_alone(store: Store) -> None:
    """Boards and deliveries that others are at stay theirs."""
    watch(store, KEY, OTHER)
    claim(store, owner="me")
    claim(store, owner="you", board=OTHER)
    release(store, "me")
    assert claim_poll(store, KEY, "third", START, START + MINUTE)
    assert claim_poll(store, OTHER, "third", START, START + MINUTE) is None
