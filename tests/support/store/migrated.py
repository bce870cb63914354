"""A database that is set up and empty, migrated once: doing that for each test would be slow."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import upgrade


@cache
def _content() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "leaderboard-bot.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def place(path: Path) -> Path:
    """Make an SQLite file at ``path`` that is set up and empty, for its owner alone."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(_content())
    return path
