"""Failures in a row, by subject, and what people were told of them, on both databases."""

from __future__ import annotations

from msgspec.structs import replace

from bot.core.board import BoardKey
from bot.core.delivery import Rejected, RetryLater
from bot.core.incidents import BOARD, CHANNEL, DELIVERY, HUB, TOKEN, Incident
from bot.jobs.health.notice import note_token
from bot.store import Discovery, Store
from tests.support.store import reads, units
from tests.support.store.stored import KEY, PACE, START, at, attempt, claim, delivery, good, watch
from tests.support.store.units import end_poll, enqueue, incidents, retry, save_list

DERIVED = BoardKey("acme/bench", include_derived=True)
LATER = RetryLater("503")


def fail_poll(store: Store, minute: float, target: BoardKey = KEY) -> None:
    now = at(minute)
    units.fail_poll(store, claim(store, now, board=target), now, f"error {minute}", now)


def pass_poll(store: Store, minute: float) -> None:
    end_poll(store, claim(store, at(minute)), good(at(minute)))


def tell(store: Store, *told: Incident) -> bool:
    return units.tell(store, told, [], [], START)


def test_a_board_that_fails_is_counted(store: Store) -> None:
    """With the first failure's time, the last one's error, under the board's label."""
    watch(store, DERIVED)
    fail_poll(store, 1, DERIVED)
    fail_poll(store, 2, DERIVED)
    label = BoardKey("acme/bench", None, include_derived=True).label
    expected = Incident(
        subject=BOARD, name=label, failures=2, since=at(1), at=at(2), error="error 2"
    )
    assert incidents(store) == (expected,)


def test_a_recovery_that_nobody_needs_to_hear_of_is_forgotten(store: Store) -> None:
    """Who was not told of the failing is not told of its end."""
    watch(store)
    fail_poll(store, 1)
    pass_poll(store, 2)
    assert incidents(store) == ()


def test_a_recovery_of_what_was_told_is_kept_to_be_told(store: Store) -> None:
    """Once, and then it is forgotten."""
    watch(store)
    fail_poll(store, 1)
    assert tell(store, *incidents(store))
    pass_poll(store, 2)
    pass_poll(store, 3)
    (well,) = incidents(store)
    assert (well.failures, well.told, well.at) == (0, True, at(2))
    assert units.tell(store, [], [well], [delivery("good news")], at(4))
    assert incidents(store) == ()
    assert not units.tell(store, [], [well], [delivery("again")], at(4))
    assert sum(reads.pending(store).values()) == 1


def test_a_failing_is_told_once(store: Store) -> None:
    """The second process to come along stores no notice."""
    watch(store)
    fail_poll(store, 1)
    (incident,) = incidents(store)
    assert units.tell(store, [incident], [], [delivery("one")], at(1))
    assert not units.tell(store, [incident], [], [delivery("two")], at(1))
    assert incidents(store) == (replace(incident, told=True),)
    assert [d.id for d in reads.deliveries(store)] == ["one"]


def test_a_notice_that_is_outdated_in_part_is_not_stored(store: Store) -> None:
    """It would say of a board that works that it fails; the next one will be right."""
    watch(store, KEY, DERIVED)
    fail_poll(store, 1)
    fail_poll(store, 1, DERIVED)
    both = incidents(store)
    pass_poll(store, 2)
    assert not units.tell(store, both, [], [delivery("one")], at(2))
    assert [(a.name, a.told) for a in incidents(store)] == [("acme/bench +derived", False)]
    assert sum(reads.pending(store).values()) == 0


def test_what_fails_again_before_its_recovery_was_told_stays_told(store: Store) -> None:
    """People still believe that it fails, and they are right; the count begins anew."""
    watch(store)
    fail_poll(store, 1)
    tell(store, *incidents(store))
    pass_poll(store, 2)
    (well,) = incidents(store)
    fail_poll(store, 3)
    (failing,) = incidents(store)
    assert (failing.failures, failing.since, failing.told) == (1, at(3), True)
    assert not units.tell(store, [], [well], [delivery("too early")], at(3))


def test_a_board_that_is_no_longer_watched_does_not_fail(store: Store) -> None:
    """Nobody wants to hear of it."""
    watch(store)
    fail_poll(store, 1)
    tell(store, *incidents(store))
    watch(store, DERIVED)
    assert incidents(store) == ()


def test_a_channel_that_fails_is_counted(store: Store) -> None:
    """Whichever of its deliveries it is, and until one passes."""
    enqueue(store, [delivery("one")], START)
    attempt(store, at(1), LATER, PACE)
    attempt(store, at(2), LATER, PACE)
    (incident,) = incidents(store)
    assert (incident.subject, incident.name, incident.channel) == (CHANNEL, "hook", "hook")
    assert (incident.failures, incident.since, incident.error) == (2, at(1), "503")
    attempt(store, at(3))
    assert incidents(store) == ()


def test_a_delivery_that_is_given_up_is_told_once(store: Store) -> None:
    """It will not recover, so telling is the end of it."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, Rejected("invalid_blocks"))
    lost = next(a for a in incidents(store) if a.subject == DELIVERY)
    assert (lost.name, lost.channel, lost.error) == ("one", "hook", "invalid_blocks")
    assert tell(store, lost)
    assert not tell(store, lost)
    assert [a.subject for a in incidents(store)] == [CHANNEL]


def test_a_delivery_that_is_sent_again_by_hand_is_not_told_of(store: Store) -> None:
    """Somebody has seen it."""
    enqueue(store, [delivery("one")], START)
    attempt(store, START, Rejected("invalid_blocks"))
    retry(store, ["one"], at(1))
    assert [a.subject for a in incidents(store)] == [CHANNEL]


def test_a_refused_token_is_kept_until_none_is_refused(store: Store) -> None:
    """Processes that meet it again count it; a good list of benchmarks does not end it."""
    note_token(store, at(1), "refused")
    note_token(store, at(2), "refused")
    refused = Incident(subject=HUB, name=TOKEN, failures=2, since=at(1), at=at(2), error="refused")
    assert incidents(store) == (refused,)
    assert tell(store, refused)
    save_list(store, None, Discovery(at=at(3), benchmarks=()))
    note_token(store, at(3), "refused")
    assert incidents(store) == (replace(refused, failures=3, at=at(3), told=True),)

    note_token(store, at(4), None)
    note_token(store, at(5), None)
    (well,) = incidents(store)
    assert (well.failures, well.told, well.at) == (0, True, at(4))


def test_a_token_that_nobody_was_told_of_is_forgotten(store: Store) -> None:
    """And one that was never refused leaves no trace."""
    note_token(store, at(1), None)
    assert incidents(store) == ()
    note_token(store, at(1), "refused")
    note_token(store, at(2), None)
    assert incidents(store) == ()
