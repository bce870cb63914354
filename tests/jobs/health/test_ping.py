"""The dead man's switch: called while all is well, and never in the way."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.config import load
from bot.core.board import BoardKey
from bot.jobs.health.ping import Pinger
from bot.store import Store, open_store
from tests.support.fakes import FakeClock
from tests.support.receiver import Answer, Receiver
from tests.support.store.stored import good
from tests.support.store.units import claim_poll, end_poll, fail_poll, schedule

KEY = BoardKey("acme/bench")
OTHER = BoardKey("acme/other")
EVERY = timedelta(minutes=15)


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """Open a database."""
    with closing(open_store(sqlite_url)) as store:
        yield store


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run what is called."""
    with Receiver() as running:
        yield running


def pinger(store: Store, clock: FakeClock, folder: Path, url: str | None) -> Pinger:
    file = folder / "config.toml"
    health = f'[health]\nping_url = "{url}"\n' if url else ""
    file.write_text(f'[channels.screen]\ntype = "console"\n{health}', encoding="utf-8")
    return Pinger(store, load(file, {}), clock)


def polled(store: Store, clock: FakeClock, board: BoardKey = KEY) -> None:
    """Let a poll of a board end well, the next one in a quarter of an hour."""
    claim = claim_poll(store, board, "me", clock(), clock() + EVERY)
    assert claim is not None
    end_poll(store, claim, replace(good(clock()), next_at=clock() + EVERY))


def failed(store: Store, clock: FakeClock, board: BoardKey = KEY) -> None:
    claim = claim_poll(store, board, "me", clock(), clock() + EVERY)
    assert claim is not None
    fail_poll(store, claim, clock(), "HTTP 502", clock() + EVERY)


def test_it_is_called_at_its_pace_while_a_board_answers(
    sqlite_store: Store, tmp_path: Path, receiver: Receiver
) -> None:
    """Once in ``poll.every``, with boards that fail beside one that does not."""
    clock = FakeClock()
    schedule(sqlite_store, {KEY: EVERY, OTHER: EVERY}, clock())
    ping = pinger(sqlite_store, clock, tmp_path, f"{receiver.url}/ping/3f2a?x=1")
    ping.ping_if_well()
    assert receiver.received == []  # nothing has answered yet
    polled(sqlite_store, clock)
    failed(sqlite_store, clock, OTHER)
    ping.ping_if_well()
    clock.advance(timedelta(minutes=14))
    ping.ping_if_well()
    assert [one.path for one in receiver.received] == ["/ping/3f2a?x=1"]
    clock.advance(timedelta(minutes=2))
    ping.ping_if_well()
    assert len(receiver.received) == 2


def test_it_is_not_called_while_no_board_answers_or_one_is_late(
    sqlite_store: Store, tmp_path: Path, receiver: Receiver
) -> None:
    """Whoever listens there is to miss it; it is called again as soon as all is well."""
    clock = FakeClock()
    schedule(sqlite_store, {KEY: EVERY}, clock())
    ping = pinger(sqlite_store, clock, tmp_path, receiver.url)
    polled(sqlite_store, clock)
    failed(sqlite_store, clock)
    ping.ping_if_well()
    polled(sqlite_store, clock)
    clock.advance(2 * EVERY)
    ping.ping_if_well()
    assert receiver.received == []
    polled(sqlite_store, clock)
    ping.ping_if_well()
    assert len(receiver.received) == 1


def test_what_cannot_be_called_is_said_once(
    sqlite_store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Why, and that it works again; the address stays hidden."""
    caplog.set_level(logging.INFO, "bot")
    redirect = Answer(302, headers={"location": "/elsewhere"})
    with Receiver(Answer(500), redirect, Answer(), Answer()) as receiver:
        ping = pinger(sqlite_store, FakeClock(), tmp_path, f"{receiver.url}/s3cret-uuid")
        assert [ping.ping() for _ in range(4)] == [False, False, True, True]
    assert not ping.ping()
    assert not ping.ping()
    assert caplog.messages[:2] == [
        "health.ping_url: the answer was HTTP 500",
        "health.ping_url works again",
    ]
    assert len(caplog.messages) == 3
    assert "refused" in caplog.messages[2]
    assert "s3cret" not in caplog.text


def test_without_an_address_nobody_is_called(sqlite_store: Store, tmp_path: Path) -> None:
    """The daemon has nothing to do for it."""
    ping = pinger(sqlite_store, FakeClock(), tmp_path, None)
    ping.ping_if_well()
    assert not ping.ping()
    assert ping.pace is None
