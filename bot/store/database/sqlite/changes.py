"""Whether anybody has written to an SQLite file, at the cost of a glance."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bot.store.database.sqlite import file as sqlite_file


class Changes:
    """Writes to one file, by any connection of any process. For one thread at a time.

    SQLite counts them for each connection, so this one is kept for as long as the file is there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def seen(self) -> bool:
        """Tell whether anything was written since the last call; True where nobody knows."""
        try:
            version = self._ask()
        except sqlite3.Error:
            self.close()
            return True
        known, self._version = self._version, version
        return version != known

    def close(self) -> None:
        """Close the connection; the next call does not know."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._version = None

    def _ask(self) -> int:
        file = sqlite_file.identity(self._path)
        if file != self._file:
            self.close()
        if self._connection is None:
            self._connection = sqlite_file.connect_to_watch(self._path)
        self._file = file
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version
