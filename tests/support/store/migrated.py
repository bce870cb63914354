"""A database that is set up and empty, migrated once: doing that for each test would be slow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from os.path import lexists
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


def place_for(arguments: Sequence[str], path: Path) -> None:
    """Make the file that a first ``poll`` or ``run`` would make, which takes longer than a poll."""
    if (
        {"poll", "run"}.intersection(arguments)
        and "--dry-run" not in arguments
        and not lexists(path)
    ):
        place(path)
