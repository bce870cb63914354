"""A whole round of polls and deliveries, with a Hub of our own and a real database."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.app import App
from bot.app.build import means
from bot.config import load
from bot.core.model import BoardKey
from bot.poll import Polled
from bot.ports import Fetched, NotModified
from bot.store import Store, open_existing
from bot.store.engine import Pooled
from tests.builders import answer
from tests.fakes import FakeHub

CONFIG = """
[[watch]]
name = "both"
benchmarks = ["acme/a", "acme/b"]

[channels.screen]
type = "console"
"""


class LockingHub(FakeHub):
    """Once both boards are asked for, locks the database while the first one is stored."""

    def __init__(self, other: sqlite3.Connection) -> None:
        super().__init__()
        self.other = other
        self.both = threading.Barrier(2)
        self.stored = threading.Event()

    def leaderboard(
        self, board: BoardKey, *, etag: str | None = None, digest: str | None = None
    ) -> Fetched | NotModified:
        self.both.wait(20)
        if board.benchmark == "acme/a":
            self.other.execute("BEGIN IMMEDIATE")
        else:
            assert self.stored.wait(20)
        return super().leaderboard(board, etag=etag, digest=digest)

    def ended(self, polled: Polled, _of: int) -> None:
        """Unlock the database when the first board has failed."""
        if polled.board.benchmark == "acme/a":
            self.other.execute("ROLLBACK")
            self.stored.set()


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Store]:
    """Open a database that is set up and empty, without patience for other programs."""
    with closing(open_existing(sqlite_url)) as store:
        assert isinstance(store._database, Pooled)
        store._database.patience_s = 0.1
        yield store


def test_a_busy_database_fails_a_board_and_not_the_round(opened: Store, tmp_path: Path) -> None:
    """The other board is stored."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    assert opened._file is not None
    with closing(
        sqlite3.connect(opened._file, isolation_level=None, check_same_thread=False)
    ) as other:
        hub = LockingHub(other)
        hub.answers = {"acme/a": answer(("x", 80)), "acme/b": answer(("x", 80))}
        app = App(load(tmp_path / "config.toml", {}), opened, hub, {}, means())
        summary = app.round(progress=hub.ended)
    assert summary.changed == 1
    assert summary.failed == 1
    ((board, error),) = summary.errors
    assert (board, "locked by another program" in error) == ("acme/a", True)
    assert [view.key.benchmark for view in opened.boards() if view.rows] == ["acme/b"]
