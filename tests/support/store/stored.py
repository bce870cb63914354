"""Builders for tests of the store: moments, snapshots, polls, deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.alerts.deliveries import NewDelivery, Told
from bot.core.board import BoardKey, Row, Snapshot
from bot.core.delivery import Delivered, Outcome
from bot.core.events import Event, Found
from bot.core.kinds import Kind
from bot.store import BoardPoll, Claimed, PollClaim, PollResult, Settlement, Store
from tests.support.builders import result
from tests.support.store.units import claim_due, claim_poll, end_poll, load_board, schedule, settle

START = datetime(2026, 4, 27, 10, tzinfo=UTC)
KEY = BoardKey("acme/bench")
HOUR = timedelta(hours=1)
PACE = timedelta(seconds=1)


def at(minutes: float) -> datetime:
    """Return a moment some minutes after the start."""
    return START + timedelta(minutes=minutes)


def row(key: str, score: str | float, rank: int, **fields: Any) -> Row:
    """Return a row whose model is named after its id."""
    kept = {
        name: fields.pop(name) for name in ("missing", "removed_at", "reported") if name in fields
    }
    return Row(id=key, result=result(key, score, rank, **fields), **kept)


def snapshot(*rows: Row, **fields: Any) -> Snapshot:
    """Return a snapshot led by its first row."""
    fields.setdefault("leader", rows[0].id if rows else None)
    return Snapshot(rows=rows, **fields)


def event(key: str, kind: Kind = Kind.NEW_ENTRY, model: str | None = "acme/a") -> Event:
    """Return an event with little in it."""
    return Event(id=key, kind=kind, contains=(kind,), model=model)


def delivery(key: str, channel: str = "hook", *events: str) -> NewDelivery:
    """Return a delivery that names events."""
    body = f'{{"id": "{key}"}}'.encode()
    return NewDelivery(
        id=key, channel=channel, type="leaderboard.changed", body=body, event_ids=events
    )


def watch(store: Store, *boards: BoardKey, now: datetime = START) -> None:
    """Watch boards every hour."""
    schedule(store, dict.fromkeys(boards or (KEY,), HOUR), now)


def claim(
    store: Store, now: datetime = START, owner: str = "me", board: BoardKey = KEY
) -> PollClaim:
    """Claim a board that is free."""
    claimed = claim_poll(store, board, owner, now, now + timedelta(minutes=1))
    assert claimed is not None
    return claimed


def commit(
    store: Store,
    after: Snapshot,
    now: datetime = START,
    found: Sequence[Found] = (),
    deliveries: Sequence[NewDelivery] = (),
    key: BoardKey = KEY,
) -> None:
    """Claim a board and commit its new snapshot."""
    claimed = claim(store, now, board=key)
    new = BoardPoll(before=load_board(store, key), after=after)
    told = Told(found=((key, tuple(found)),), deliveries=tuple(deliveries))
    end_poll(store, claimed, good(now, new, told=told))


def good(now: datetime, found: BoardPoll | None = None, **fields: Any) -> PollResult:
    """Return a good poll's result; the next one is an hour later."""
    fields.setdefault("etag", "e")
    fields.setdefault("digest", "d")
    return PollResult(at=now, next_at=now + HOUR, found=found, **fields)


def take(
    store: Store, now: datetime, channel: str = "hook", owner: str = "me", **options: Any
) -> Claimed | None:
    """Claim a channel's next delivery for a minute."""
    options = {
        "pace": PACE,
        "due_by": now,
        "now": now,
        "until": now + timedelta(minutes=1),
        **options,
    }
    return claim_due(store, channel, owner=owner, **options)


def attempt(
    store: Store,
    now: datetime,
    outcome: Outcome | None = None,
    wait: timedelta | None = None,
    channel: str = "hook",
) -> str | None:
    """Make one attempt at a channel's next delivery; return its id, None where none is due."""
    claimed = take(store, now, channel)
    if claimed is None:
        return None
    next_at = None if wait is None else now + wait
    done = Settlement(outcome=outcome or Delivered(), at=now, next_at=next_at)
    assert settle(store, claimed, "me", done)
    return claimed.id
