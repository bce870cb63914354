"""What a shell offers for a name: from the configuration file and the database, as they stand.

Both are read with what Python brings along: a shell waits, and what the program itself loads for
them takes half a second. What cannot be read offers nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import typer

from bot.location import configuration

VARIABLE = "_LEADERBOARD_BOT_COMPLETE"
"""Where a shell asks what to offer, it says so in this variable."""

MOST = 200
"""How many names are offered."""

_PLAIN = re.compile(r"[\w./#%+@-]+", re.ASCII)
"""What a shell takes as it is: strangers' names may hold anything."""
_SQLITE = "sqlite:///"
_PATIENCE = 0.2
_BOARDS = "SELECT DISTINCT benchmark FROM boards WHERE benchmark LIKE ? || '%' ESCAPE '\\' LIMIT ?"
_TASKS = (
    "SELECT DISTINCT benchmark || '#' || task FROM boards "
    "WHERE task <> '' AND benchmark || '#' || task LIKE ? || '%' ESCAPE '\\' LIMIT ?"
)
_MUTES = (
    "SELECT CAST(id AS TEXT) FROM mutes WHERE CAST(id AS TEXT) LIKE ? || '%' ESCAPE '\\' "
    "AND expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now') ORDER BY id LIMIT ?"
)
_MODELS = "SELECT name FROM models WHERE name LIKE ? || '%' ESCAPE '\\' LIMIT ?"

Complete = Callable[[typer.Context, str], list[str]]


def boards(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the benchmarks that are stored or named in the file; behind a ``#``, their tasks."""
    if "#" in incomplete:
        return _plain(_stored(ctx, _TASKS, incomplete))
    watches = _tables(ctx).get("watch")
    named = [
        name
        for watch in (watches if isinstance(watches, list) else ())
        for name in _texts(watch.get("benchmarks") if isinstance(watch, dict) else None)
        if "/" in name
    ]
    return _plain([*_stored(ctx, _BOARDS, incomplete), *named])


def models(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the models that are stored."""
    return _plain(_stored(ctx, _MODELS, incomplete))


def boards_and_models(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer both."""
    return [*boards(ctx, incomplete), *models(ctx, incomplete)]


def mutes(ctx: typer.Context, incomplete: str) -> list[str]:
    """Offer the mutes that last."""
    return _plain(_stored(ctx, _MUTES, incomplete))


def channels(ctx: typer.Context, incomplete: str) -> list[str]:  # noqa: ARG001 - Typer's signature
    """Offer the channels of the file."""
    found = _tables(ctx).get("channels")
    return _plain(found if isinstance(found, dict) else ())


def listed(allowed: Callable[[], Iterable[str]]) -> Complete:
    """Return what offers some names for an option that takes them with commas between."""

    def offer(ctx: typer.Context, incomplete: str) -> list[str]:  # noqa: ARG001 - as above
        before, comma, _ = incomplete.rpartition(",")
        return [f"{before}{comma}{name}" for name in allowed() if name not in before.split(",")]

    return offer


def _plain(names: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if _PLAIN.fullmatch(name)]


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _path(ctx: typer.Context) -> Path:
    named = ctx.find_root().params.get("config")
    return Path(configuration(str(named) if named else None, os.environ))


def _tables(ctx: typer.Context) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_path(ctx).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _stored(ctx: typer.Context, query: str, incomplete: str) -> list[str]:
    """Return the names that an SQLite database holds and that begin so."""
    import sqlite3

    database = _tables(ctx).get("database")
    url = database.get("url") if isinstance(database, dict) else None
    url = url if isinstance(url, str) else f"{_SQLITE}leaderboard-bot.db"
    file = _path(ctx).parent / url.removeprefix(_SQLITE)
    start = re.sub(r"([\\%_])", r"\\\1", incomplete)
    if not url.startswith(_SQLITE) or not file.is_file():
        return []
    try:
        address = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as opened:
            return [name for (name,) in opened.execute(query, (start, MOST))]
    except sqlite3.Error:
        return []
