"""Boards as they were."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.config import load
from bot.store import open_existing
from bot.views.boards import stored_board
from tests.support.page import Seen


def test_board_as_it_was_is_the_board_that_was_shown_then(weeks: Path) -> None:
    """At the time of any poll of the past it has the rows that people saw after that poll."""
    settings = load(weeks / "config.toml", {})
    store = open_existing(settings.database.url.reveal())
    seen = msgspec.json.decode((weeks / "seen.json").read_bytes(), type=list[Seen])
    for one in seen:
        past = stored_board(store, settings, one.board.name, derived=False, at=one.at).board
        rows = tuple((row.rank, row.model, row.variant, row.value) for row in past.rows)
        assert sorted(rows) == sorted(one.rows), (one.at, one.board)
        assert past.snapshot_at is not None
        assert past.snapshot_at <= one.at
    assert len({one.at for one in seen}) > 10
    store.close()
