"""SQL that is compiled once a process: each store would compile all of its statements anew.

Tests open a store or two each, and to compile what a poll asks takes longer than the poll.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.util import LRUCache

MOST = 2_000


class Statements(LRUCache[Any, Any]):
    """Compiled statements by what they say and the kind of database, whichever engine asks."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_for_any_engine(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_for_any_engine(key), value)


def share() -> None:
    """Let all engines of this process share what they compile."""
    compiled = Statements(MOST)

    def given(connection: Connection) -> None:
        connection.execution_options(compiled_cache=compiled)

    event.listen(Engine, "engine_connect", given)


def _for_any_engine(key: Any) -> Any:
    dialect, *said = key
    return (type(dialect), dialect.server_version_info, *said)
