"""What is collected for a digest or for the end of quiet hours, and what becomes of it."""

from __future__ import annotations

from msgspec.structs import replace
from sqlalchemy import select

from bot.core.alerts.deliveries import NewDelivery
from bot.core.alerts.message import TEST
from bot.core.delivery import InDoubt, RetryLater
from bot.core.timing.window import Hold, Window
from bot.store import Store
from bot.store.database.tables import deliveries
from tests.support.store import reads
from tests.support.store.stored import HOUR, PACE, START, at, attempt, delivery, take
from tests.support.store.units import enqueue, release

DIGEST = Window(channel="hook", why=Hold.DIGEST, opened_at=START, closes_at=START + HOUR)
CATCH_UP = replace(DIGEST, why=Hold.CATCH_UP)
OTHER = replace(DIGEST, channel="other")


def held(key: str, window: Window = DIGEST) -> NewDelivery:
    """Return a delivery that a window collects."""
    return replace(delivery(key, window.channel), window=window)


def opened(store: Store, *windows: Window) -> None:
    with store.write() as db:
        for window in windows:
            db.windows.open(window)


def collected(store: Store, *whys: Hold) -> list[tuple[bytes, bool]]:
    """Return the bodies of what a channel collected, and whether each is held."""
    with store.read() as db:
        return [(one.body, one.held) for one in db.windows.collected("hook", whys)]


def states(store: Store) -> dict[str, str]:
    return {one.id: one.state for one in reads.deliveries(store)}


def body(key: str) -> bytes:
    return delivery(key).body


# --- windows -----------------------------------------------------------------------------------


def test_a_window_that_is_open_keeps_its_times(store: Store) -> None:
    """Whoever opens it again: each window is sent once, at the time that was stored."""
    opened(store, DIGEST, replace(DIGEST, opened_at=at(5), closes_at=at(500)), CATCH_UP, OTHER)
    assert reads.windows(store) == (CATCH_UP, DIGEST, OTHER)


def test_a_window_has_ended_at_the_instant_at_which_it_closes(store: Store) -> None:
    """Those of its channel alone, and none before."""
    opened(store, DIGEST, replace(CATCH_UP, closes_at=at(90)), OTHER)
    with store.write() as db:
        assert db.windows.due("hook", START + HOUR - PACE) == ()
        assert db.windows.due("hook", START + HOUR) == (DIGEST,)
        assert len(db.windows.due("hook", at(90))) == 2


def test_setting_and_closing_a_window_leaves_the_others(store: Store) -> None:
    """Another reason and another channel have windows of their own."""
    opened(store, DIGEST, CATCH_UP, OTHER)
    later = replace(DIGEST, opened_at=at(1), closes_at=at(90))
    with store.write() as db:
        db.windows.set(later)
        db.windows.close(CATCH_UP)
        assert not db.windows.locked(CATCH_UP)
        assert db.windows.locked(later)
    assert reads.windows(store) == (later, OTHER)


# --- what is held ------------------------------------------------------------------------------


def test_what_a_window_holds_is_not_sent(store: Store) -> None:
    """It has no next attempt, and holds back nothing that comes later."""
    enqueue(store, [held("one"), delivery("two")], START)
    (one, _) = reads.deliveries(store)
    assert (one.state, one.held_for, one.next_attempt_at) == ("held", Hold.DIGEST, None)
    assert [attempt(store, at(1)), attempt(store, at(2))] == ["two", None]


def test_what_is_held_is_known_by_channel_and_reason(store: Store) -> None:
    """Each once, however much it is."""
    enqueue(store, [held("a", OTHER), held("b"), held("c", CATCH_UP), held("d")], START)
    enqueue(store, [delivery("e", "free")], START)
    with store.read() as db:
        assert db.windows.groups() == (
            ("hook", Hold.CATCH_UP),
            ("hook", Hold.DIGEST),
            ("other", Hold.DIGEST),
        )
        assert [db.windows.count("hook", why) for why in Hold] == [2, 1]


def test_a_digest_sees_what_its_channel_was_told_since_its_first_event(store: Store) -> None:
    """In the order of all, sent, waiting and given up; nothing but changes, and nothing before.

    What was told at once of that first poll stands just before what is held of it.
    """
    enqueue(store, [delivery("before")], at(-1))
    enqueue(store, [delivery("other board"), delivery("at once"), held("first")], START)
    enqueue(store, [delivery("sent")], START)
    enqueue(store, [delivery("failed"), delivery("elsewhere", "other"), held("last")], at(1))
    enqueue(store, [replace(delivery("test"), type=TEST), delivery("waits")], at(2))
    for minute, outcome in enumerate([None, None, None, None, RetryLater("503")]):
        attempt(store, at(3 + minute), outcome)
    assert states(store)["failed"] == "failed"
    told = [("at once", False), ("first", True), ("sent", False), ("failed", False), ("last", True)]
    told += [("waits", False)]
    assert collected(store, *Hold) == [(body(key), is_held) for key, is_held in told]


def test_a_digest_collects_for_its_own_reasons(store: Store) -> None:
    """Where nothing is held for them, what was told does not matter."""
    enqueue(store, [held("one"), held("two", CATCH_UP), delivery("three")], START)
    assert collected(store, Hold.CATCH_UP) == [(body("two"), True), (body("three"), False)]
    assert collected(store) == []
    with store.write() as db:
        db.windows.merge("hook", [Hold.CATCH_UP], None, at(1))
    assert collected(store, Hold.CATCH_UP) == []
    assert collected(store, Hold.DIGEST) == [(body("one"), True), (body("three"), False)]


def test_what_a_digest_tells_ends_as_merged_into_it(store: Store) -> None:
    """What another channel holds, or this one for another reason, is left."""
    enqueue(store, [held("one"), held("two", CATCH_UP), held("three", OTHER)], START)
    with store.write() as db:
        db.windows.merge("hook", [Hold.DIGEST], "digest", at(1))
    assert states(store) == {"one": "merged", "two": "held", "three": "held"}
    assert reads.deliveries(store)[0].merged_into == "digest"
    with store._database.engine.connect() as connection:
        ended = connection.execute(select(deliveries.c.ended_at).order_by(deliveries.c.seq))
        assert ended.scalars().first() == at(1)
    assert take(store, at(9)) is None


def test_what_is_released_is_due_at_once_as_it_is(store: Store) -> None:
    """For one reason and channel, in its order."""
    enqueue(store, [held("one"), held("two"), held("three", CATCH_UP), held("x", OTHER)], START)
    with store.write() as db:
        assert db.windows.release("hook", Hold.DIGEST, at(5)) == 2
    assert states(store) == {"one": "pending", "two": "pending", "three": "held", "x": "held"}
    assert reads.deliveries(store)[0].next_attempt_at == at(5)
    assert take(store, at(4)) is None
    assert [attempt(store, at(minute)) for minute in (5, 6, 7)] == ["one", "two", None]


# --- quiet hours that begin --------------------------------------------------------------------


def test_news_that_was_never_attempted_is_held(store: Store) -> None:
    """Tests are not, nor what another channel waits for; the window is opened with it."""
    test = replace(delivery("test"), type=TEST)
    enqueue(store, [delivery("tried", "x")], START)
    attempt(store, START, RetryLater("503"), HOUR, "x")
    enqueue(store, [test, delivery("one"), delivery("two"), delivery("x", "other")], START)
    with store.write() as db:
        assert db.windows.waits("hook")
        assert db.windows.hold(CATCH_UP, at(1)) == 2
        assert not db.windows.waits("hook")
    left = {key: state for key, state in states(store).items() if state != "held"}
    assert left == {"tried": "pending", "test": "pending", "x": "pending"}
    (one,) = (view for view in reads.deliveries(store) if view.id == "one")
    assert (one.held_for, one.next_attempt_at) == (Hold.CATCH_UP, None)
    assert reads.windows(store) == (CATCH_UP,)
    enqueue(store, [replace(test, id="again")], at(1))
    assert [attempt(store, at(minute)) for minute in (1, 2, 3)] == ["test", "again", None]


def test_what_may_have_been_attempted_is_not_held(store: Store) -> None:
    """An attempt that failed, one under way, one that was given up: each keeps its id and body."""
    for name, outcome in (("failed", RetryLater("503")), ("doubt", InDoubt("reset"))):
        enqueue(store, [delivery(name, name)], START)
        attempt(store, START, outcome, HOUR, name)
    enqueue(store, [delivery("sending", "sending"), delivery("given up", "given up")], START)
    take(store, START, "sending")
    take(store, START, "given up", owner="ending")
    release(store, "ending")
    for name in states(store):
        with store.write() as db:
            assert not db.windows.waits(name)
            assert db.windows.hold(replace(CATCH_UP, channel=name), at(1)) == 0
    assert set(states(store).values()) == {"pending"}
