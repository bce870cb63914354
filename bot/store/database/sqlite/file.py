"""The SQLite file itself: its place, creation, connections, copies and the daemon's lock."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from bot.core.errors import (
    BusyError,
    DatabaseAddressError,
    MissingDatabaseError,
    StoreError,
    UnwritableError,
)
from bot.store.database.failures import LOCKED, out_of_files
from bot.store.database.sqlite.place import not_writable, refuse_flaw

PREFIX = "sqlite:///"
BUSY_TIMEOUT_S = 5.0
PRIVATE = 0o600

_LOOKS = 3

_STEP = 1000
"""How many pages are copied before others have their turn."""
_MOST_RESTARTS = 5
_MOST_REFUSALS = 6
"""Each is one busy timeout long."""

# Bytes 18 and 19 of a file say how it is journalled.
_HEADER_VERSION = slice(18, 20)
_WAL_HEADER = b"\x02\x02"


def path_of(url: str) -> Path | None:
    """Return the file that an ``sqlite:///`` URL names; None for a URL of another kind.

    Raises:
        DatabaseAddressError: an SQLite URL names no file.
    """
    if not url.startswith("sqlite:"):
        return None
    name = url.removeprefix(PREFIX)
    if not url.startswith(PREFIX) or not name or name == ":memory:":
        raise DatabaseAddressError("names no file; write it as sqlite:///leaderboard-bot.db")
    return Path(name)


def create(path: Path) -> None:
    """Make the file, for this user alone, unless it is there.

    Raises:
        DatabaseAddressError: its folder is missing, or it is no ordinary file.
        StoreError: it cannot be written.
    """
    refuse_flaw(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE))
    except OSError as error:
        raise StoreError(out_of_files() or not_writable(path)) from error


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing file for reading and writing, with the settings that are always on."""
    connection = _open(path, "mode=rw")
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        _journal(connection, "wal" if wal_is_safe(sqlite3.sqlite_version_info) else "delete")
    except BaseException:
        connection.close()
        raise
    return connection


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Open an existing file so that neither it nor its folder changes."""
    refuse_flaw(path)
    with path.open("rb") as file:
        wal = file.read(_HEADER_VERSION.stop)[_HEADER_VERSION] == _WAL_HEADER
    # A reader of a file in WAL mode makes side files. While there are none, nobody has it open.
    immutable = wal and not _beside(path, "-wal").exists()
    return _open(path, "mode=ro&immutable=1" if immutable else "mode=ro")


def connect_to_watch(path: Path) -> sqlite3.Connection:
    """Open an existing file only to learn that others write to it; it never waits for them."""
    connection = _open(path, "mode=ro")
    connection.execute("PRAGMA busy_timeout=0")
    return connection


def is_interrupted(error: sqlite3.Error) -> bool:
    """Tell whether a reader was refused because only a writer can undo what a crash left."""
    return error.sqlite_errorname in {"SQLITE_READONLY_ROLLBACK", "SQLITE_READONLY_RECOVERY"}


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Tell whether this SQLite is free of the bug that damages files in WAL mode."""
    fixed = (
        version >= (3, 51, 3),
        (3, 50, 7) <= version < (3, 51),
        (3, 44, 6) <= version < (3, 45),
    )
    return any(fixed)


def copy(source: Path, target: Path, between: Callable[[], object] = lambda: None) -> None:
    """Copy a database as it is now into ``target``, which is made for this user alone.

    An interrupted transaction that the source still holds is undone in the copy. The source and
    its folder stay as they are, and others can write to it between two steps, when ``between`` is
    called; a copy that they keep from its end is made in one step.
    """
    create(target)
    # The end of another program's commit can pass for a crash, for a moment; a crash stays one.
    for _ in range(_LOOKS):
        try:
            _copy_whole(source, target, _Steps(between))
        except sqlite3.OperationalError as error:
            if not is_interrupted(error):
                raise
        else:
            return
    _copy_interrupted(source, target)


def backup(source: Path, target: Path) -> None:
    """Write a compact copy to a new file, for this user alone.

    Nothing is left behind when it fails; raises as ``copies.file.backup``.
    """
    if not source.exists():
        raise MissingDatabaseError("There is no database to copy yet.")
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    except FileExistsError:
        raise StoreError(f"{target} exists already. Name a new file.") from None
    except OSError as error:
        raise UnwritableError(target, error) from None
    try:
        with closing(_open(source, "mode=rw")) as connection:
            # As bytes, for names of folders need not be UTF-8.
            connection.execute("VACUUM INTO CAST(? AS TEXT)", (os.fsencode(target),))
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@contextmanager
def daemon_lock(path: Path, owner: str) -> Iterator[None]:
    """Hold the one right to run a daemon on this file; the end of the process frees it.

    Raises:
        StoreError: another process has it; the text says who.
    """
    lock = _beside(path, ".lock")
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, PRIVATE)
    except OSError as error:
        raise StoreError(f"{lock.name} cannot be written beside the database.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace")
        os.close(descriptor)
        raise StoreError(
            f"Another `leaderboard-bot run` ({_process(holder)}) uses this database. "
            "Stop it first, or give this one a database of its own."
        ) from None
    try:
        with suppress(OSError):  # a full disk: the lock holds without a name in it
            os.ftruncate(descriptor, 0)
            os.write(descriptor, owner.encode())
        yield
    finally:
        os.close(descriptor)


def _process(owner: str) -> str:
    """Say for people which process an owner's name, ``host:number:…``, means."""
    host, number, *_ = [*owner.split(":"), ""]
    return f"process {number} on {host}" if number else "of unknown number"


def _open(path: Path, options: str) -> sqlite3.Connection:
    # A URI, because only so can SQLite be told not to create a missing file.
    uri = f"file:{quote(os.fsencode(path.absolute()))}?{options}"
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )


def _journal(connection: sqlite3.Connection, wanted: str) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        # Not possible while others have the file open: then the next one does it.
        with suppress(sqlite3.OperationalError):
            connection.execute(f"PRAGMA journal_mode={wanted}")


class _RestlessError(Exception):
    """Others write so often that a copy in steps comes to no end."""


class _Steps:
    """Watches a copy that begins anew whenever somebody writes to what is copied."""

    def __init__(self, between: Callable[[], object]) -> None:
        self._between = between
        self._left: int | None = None
        self._restarts = self._refusals = 0

    def __call__(self, status: int, left: int, _total: int) -> None:
        """Be told of a step."""
        refused = status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        self._refusals += refused
        if self._refusals > _MOST_REFUSALS:
            raise BusyError(LOCKED)
        # One that begins anew at every step has as much left as before: its first step.
        self._restarts += not refused and self._left is not None and left >= self._left
        if self._restarts > _MOST_RESTARTS:
            raise _RestlessError
        self._left = left
        self._between()


def _copy_whole(source: Path, target: Path, steps: _Steps) -> None:
    with closing(connect_read_only(source)) as old, closing(_open(target, "mode=rw")) as new:
        try:
            old.backup(new, pages=_STEP, progress=steps)
        except _RestlessError:
            old.backup(new)


def _copy_interrupted(source: Path, target: Path) -> None:
    import shutil

    shutil.copyfile(source, target)
    for suffix in ("-journal", "-wal"):
        if _beside(source, suffix).exists():
            create(_beside(target, suffix))  # private before anything is in it
            shutil.copyfile(_beside(source, suffix), _beside(target, suffix))
    with closing(_open(target, "mode=rw")) as recovering:
        recovering.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def _beside(path: Path, suffix: str) -> Path:
    # As SQLite does: whatever link leads to the file, there is one journal and one lock.
    real = path.resolve()
    return real.with_name(real.name + suffix)
