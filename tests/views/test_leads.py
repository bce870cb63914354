"""Who leads a board, since when and why: the one truth of the pages and the badges."""

from __future__ import annotations

from datetime import timedelta

from bot.core.board import BoardKey
from bot.core.events import StoredEvent
from bot.store import Store
from bot.views.seen.leads import Lead, held_since, leads
from tests.support.commands import LATER, START, Commands
from tests.support.hub.fake_hub import board

NOBODY = board(("mini/beta", 75.8), ("step/gamma", 74.4))


def led(store: Store, **wanted: object) -> tuple[Lead, ...]:
    """Return who led the one board."""
    with store.read() as db:
        (view,) = db.boards.list_all()
        return leads(db, view.key, db.models.former(), **wanted)  # type: ignore[arg-type]


def told(stored: StoredEvent) -> str:
    return f"told of {stored.event.model}"


def test_who_led_when_a_board_was_first_seen_is_named(commands: Commands) -> None:
    """As first seen then, with no event; since its time, not that of a later score."""
    higher = board(("qwen/alpha", 77), ("mini/beta", 75.8), ("step/gamma", 74.4))
    commands.polled(START, higher)
    with commands.store() as store:
        (first,) = led(store)
        begun = begun_at(store)
    assert (first.model, first.at_least, first.event) == ("qwen/alpha", True, None)
    assert first.since == begun


def test_each_change_of_the_lead_has_its_event(commands: Commands) -> None:
    """The newest first, with its words; the last is who was overtaken first."""
    commands.polled(START, LATER)
    with commands.store() as store:
        now, first = led(store, tell=told)
        assert led(store, most=1) == (led(store)[0],)
        assert led(store, until=now.since - timedelta(microseconds=1)) == (first,)
    assert (now.model, now.at_least, now.why) == ("zai/delta", False, "told of zai/delta")
    assert now.event
    assert (first.model, first.at_least) == ("qwen/alpha", True)


def test_a_model_that_took_the_lead_has_it_for_as_long_as_that(commands: Commands) -> None:
    """It is not said that it was first seen so, also where it is said who leads."""
    commands.polled(START, LATER)
    with commands.store() as store:
        taken = held_since(led(store, leader="zai/delta"), "zai/delta")
    assert taken is not None
    assert (taken.at_least, bool(taken.event)) == (False, True)


def test_leaders_are_called_what_they_are_called_now(commands: Commands) -> None:
    """Whatever events called them."""
    commands.polled(START, LATER)
    with commands.store() as store, store.read() as db:
        (view,) = db.boards.list_all()
        found = leads(db, view.key, {"qwen/now": ("qwen/old", "qwen/alpha")})
    assert [one.model for one in found] == ["zai/delta", "qwen/now"]


def begun_at(store: Store) -> object:
    with store.read() as db:
        (view,) = db.boards.list_all()
        assert db.leads.begun(BoardKey("nobody/nothing")) is None
        found = db.leads.begun(view.key)
        shown = db.boards.rows(view.key)
    assert shown is not None
    assert shown.baseline_at == found
    return found


def test_a_leader_that_no_event_tells_of_has_led_since_its_score(commands: Commands) -> None:
    """A board that was not watched for a time begins anew, silently."""
    commands.polled(START, LATER)
    key = end(commands)
    commands.polled(NOBODY)
    with commands.store() as store:
        now, before, _ = led(store)
        with store.read() as db:
            stands = db.leads.now(key)
    assert (now.model, now.at_least, now.event) == ("mini/beta", True, None)
    assert now.since == stands[0].at
    assert before.model == "zai/delta"


def end(commands: Commands) -> BoardKey:
    """Let the board be one that nobody watches any more."""
    with commands.store() as store:
        with store.write() as db:
            (view,) = db.boards.list_all()
            assert view.polled_at is not None
            db.boards.end(view.key, view.polled_at)
        return view.key
