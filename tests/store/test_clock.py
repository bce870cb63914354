"""A clock that is set back holds nothing up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.alerts.deliveries import NewDelivery
from bot.core.board import BoardKey
from bot.core.delivery import Delivered, RetryLater
from bot.store import Claimed, Settlement, Store
from tests.support.store import units
from tests.support.store.units import (
    claim_due,
    claim_poll,
    due_boards,
    fail_poll,
    paced_until,
    schedule,
    settle,
)

NOW = datetime(2026, 4, 27, 10, tzinfo=UTC)
BACK = NOW - timedelta(hours=5)
MINUTE = timedelta(minutes=1)
BOARD = BoardKey("acme/bench")


def watch(store: Store, now: datetime) -> None:
    schedule(store, {BOARD: 15 * MINUTE}, now)


def enqueue(store: Store, number: int, now: datetime) -> None:
    new = NewDelivery(id=f"msg_{number}", channel="hook", type="leaderboard.test", body=b"{}")
    units.enqueue(store, [new], now)


def take(store: Store, owner: str, now: datetime) -> Claimed | None:
    return claim_due(store, "hook", MINUTE, owner, due_by=now, now=now, until=now + MINUTE)


def taken(store: Store, owner: str, now: datetime) -> str | None:
    claimed = take(store, owner, now)
    return claimed.id if claimed else None


def test_a_dead_process_holds_no_board_after_the_clock_was_set_back(store: Store) -> None:
    """Its claim would outlast any that can be made now."""
    watch(store, NOW)
    assert claim_poll(store, BOARD, "dead", NOW, NOW + MINUTE)
    assert claim_poll(store, BOARD, "other", NOW, NOW + MINUTE) is None
    assert claim_poll(store, BOARD, "other", BACK, BACK + MINUTE)


def test_a_board_that_was_put_off_for_hours_is_due_again(store: Store) -> None:
    """The next look at what is watched finds it."""
    watch(store, NOW)
    assert due_boards(store, BACK) == ()
    watch(store, BACK)
    assert due_boards(store, BACK) == (BOARD,)


def test_a_failing_board_that_was_put_off_for_hours_is_due_again(store: Store) -> None:
    """No Hub asked it to wait so long."""
    watch(store, NOW)
    claimed = claim_poll(store, BOARD, "me", NOW, NOW + MINUTE)
    assert claimed is not None
    fail_poll(store, claimed, NOW, "the Hub answered 502", NOW + 15 * MINUTE)
    watch(store, BACK)
    assert due_boards(store, BACK) == (BOARD,)


def test_a_delivery_that_fails_after_the_clock_was_set_back_waits_for_its_retry(
    store: Store,
) -> None:
    """Else all its attempts would be used up within seconds."""
    enqueue(store, 1, NOW)
    first = take(store, "me", BACK)
    assert first is not None
    later = Settlement(outcome=RetryLater("503"), at=BACK, next_at=BACK + 5 * MINUTE)
    assert settle(store, first, "me", later)
    assert taken(store, "me", BACK + 2 * MINUTE) is None
    assert taken(store, "me", BACK + 5 * MINUTE) == "msg_1"


def test_a_delivery_of_the_clock_before_is_due_and_its_channel_unpaced(store: Store) -> None:
    """Neither the claim of a dead process nor the pace of a later hour holds it back."""
    enqueue(store, 1, NOW)
    assert taken(store, "dead", NOW) == "msg_1"
    assert taken(store, "other", NOW) is None
    assert paced_until(store, "hook", due_by=BACK, now=BACK) is None
    assert taken(store, "other", BACK) == "msg_1"


def test_pace_still_counts_at_the_right_time(store: Store) -> None:
    """A second delivery waits for it."""
    enqueue(store, 1, NOW)
    enqueue(store, 2, NOW)
    first = take(store, "me", NOW)
    assert first is not None
    assert settle(store, first, "me", Settlement(outcome=Delivered(), at=NOW))
    assert taken(store, "me", NOW) is None
    assert paced_until(store, "hook", due_by=NOW, now=NOW) == NOW + MINUTE
    assert taken(store, "me", NOW + MINUTE) == "msg_2"
