"""Mutes, and what they held back, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import select

from bot.core.alerts.deliveries import Told, new_delivery
from bot.core.alerts.message import BoardChange, BoardInfo, board_message
from bot.core.alerts.mute import Mute
from bot.core.kinds import Kind
from bot.jobs.prune import prune
from bot.jobs.tell import save
from bot.store import Store
from bot.store.database.tables import deliveries
from tests.support.builders import ids
from tests.support.store.stored import START, at

NEW = Mute(
    id="",
    benchmark="acme/*#hard",
    model="qwen/*",
    channel="phone",
    kind=Kind.REMOVED,
    reason="too much",
    created_at=START,
    expires_at=at(60),
)


def add(store: Store, new: Mute = NEW) -> Mute:
    with store.write() as db:
        return db.mutes.add(new)


def live(store: Store, minute: float) -> tuple[Mute, ...]:
    with store.read() as db:
        return db.mutes.live(at(minute))


def count(store: Store, *held: tuple[str, ...], channel: str = "phone", told: bool = False) -> int:
    with store.write() as db:
        return db.mutes.count(channel, held, told=told)


def body(store: Store, id_: str) -> bytes:
    """Return the stored bytes of a delivery."""
    with store._database.read() as connection:
        query = select(deliveries.c.body).where(deliveries.c.id == id_)
        return bytes(connection.execute(query).scalar_one())


def test_a_mute_lasts_until_it_expires(store: Store) -> None:
    """What was stored comes back, with an id of its own."""
    first, second = add(store), add(store, replace(NEW, model=None, kind=None, expires_at=at(90)))
    assert first == replace(NEW, id=first.id)
    assert first.id != second.id
    assert live(store, 59) == (first, second)
    assert live(store, 60) == (second,)
    assert live(store, -1) == ()


def test_a_mute_can_be_ended(store: Store) -> None:
    """At once, and once; that it was is known afterwards."""
    one = add(store)
    with store.write() as db:
        assert [db.mutes.end(id_, at(5)) for id_ in (one.id, one.id, "²", "x", "99")] == [
            True, False, False, False, False,
        ]  # fmt: skip
    assert live(store, 5) == ()
    with store.read() as db:
        assert [one.expires_at for one in db.mutes.since(at(4))] == [at(5)]
        assert db.mutes.since(at(5)) == ()


def test_a_message_counts_what_was_held_back_before_it(store: Store) -> None:
    """Since the channel's last one; each channel's own."""
    one, other = add(store).id, add(store).id
    assert count(store, (one,), (one, other)) == 0
    assert count(store, (one,), channel="mail") == 0
    assert count(store, (other,), told=True) == 3
    assert count(store, told=True) == 0
    assert count(store, channel="mail", told=True) == 1
    assert [mute.held for mute in live(store, 0)] == [3, 2]


def test_mutes_that_are_over_are_pruned(store: Store) -> None:
    """Once they are as old as what is pruned besides."""
    add(store)
    kept = add(store, replace(NEW, expires_at=at(2 * 24 * 60)))
    prune(store, timedelta(days=1), at(24 * 60 + 61))
    with store.read() as db:
        assert db.mutes.since(START - timedelta(days=1)) == (kept,)


def test_the_first_of_several_messages_has_the_count(store: Store) -> None:
    """All parts of its change say the same; what is told besides at once does not say it again."""
    one = BoardChange(board=BoardInfo(benchmark="acme/bench"), snapshot_at=START)
    changes = [replace(one, part=1, parts=2), replace(one, part=2, parts=2), one]
    made = [new_delivery("phone", board_message(change), ids("d")) for change in changes]
    made = [replace(one, id=str(number)) for number, one in enumerate(made)]
    count(store, (add(store).id,))
    told = Told(deliveries=tuple(made), muted={"phone": ((),), "mail": ((),)})
    with store.write() as db:
        save(told, START, db)
    found = [json.loads(body(store, one.id))["data"].get("muted") for one in made]
    assert found == [2, 2, None]
    assert count(store, channel="mail", told=True) == 1
