"""What the databases' errors mean, in one sentence with the remedy.

Nothing here imports SQLAlchemy: its errors carry the driver's own, which are told apart by
SQLite's error names and PostgreSQL's SQLSTATE codes. No text holds the database's address.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from bot.core.errors import BusyError, ConflictError, MissingDatabaseError, StoreError

NOT_SET_UP = "The database is not set up. Run `leaderboard-bot db upgrade` first."

GONE = (
    "The database file is not where it was: it was moved, deleted or replaced. Put it back, or "
    "start this program anew to begin with an empty one."
)

OUT_OF_FILES = (
    "This program may open no further file. Raise its limit of open files (ulimit -n), then try "
    "again."
)

LOCKED = "The database is locked by another program. Let that end, then try again."

_SQLITE = {
    "SQLITE_BUSY": LOCKED,
    "SQLITE_LOCKED": LOCKED,
    "SQLITE_READONLY": "The database file cannot be written. Give this user write access to the "
    "file and its folder.",
    "SQLITE_PERM": "The database file cannot be opened. Give this user access to it.",
    "SQLITE_AUTH": "The database file cannot be opened. Give this user access to it.",
    "SQLITE_FULL": "The disk that holds the database is full. Make room, then try again.",
    "SQLITE_CANTOPEN": "The database file cannot be opened. Check that its folder exists and "
    "that this user may write there.",
    "SQLITE_NOTADB": "The database file is not an SQLite database. Check database.url.",
    "SQLITE_CORRUPT": "The database file is damaged. Restore a copy made by "
    "`leaderboard-bot db backup`.",
    "SQLITE_IOERR": "The disk failed while the database was in use. Check its health and room.",
    "SQLITE_TOOBIG": "A text or the database is larger than SQLite can hold.",
}

WRONG_OPTION = (
    "it has an option that PostgreSQL does not know, or a value that it does not take; check its "
    "host, its port and what follows the question mark"
)

STOOD_STILL = (
    "PostgreSQL ended a transaction in which nothing happened for too long, as where this machine "
    "slept. Try again."
)

READ_ONLY = "The PostgreSQL server is read-only. Use its primary in database.url."

_POSTGRESQL = {
    "28": "PostgreSQL refused the user or password. Check database.url.",
    "3D": "PostgreSQL has no such database. Create it, or check database.url.",
    "42P01": NOT_SET_UP,
    "3F": "PostgreSQL finds no schema for the tables. `leaderboard-bot validate` says what is "
    "missing.",
    "42501": "PostgreSQL refused access. `leaderboard-bot validate` says which right is missing.",
    "25006": READ_ONLY,
    "0A000": READ_ONLY,  # a standby, asked for a transaction that writes
    "53100": "The PostgreSQL server's disk is full. Make room, then try again.",
    "53": "The PostgreSQL server is out of connections or memory. Try again later.",
    "55P03": "A table of the database is locked by another program. Try again when that ends.",
    "40": "Another program changed the same rows at the same moment. Try again.",
    "57014": "PostgreSQL ended a statement that took longer than this user may take. Let it: "
    "ALTER ROLE … SET statement_timeout = 0;",
    "25P03": STOOD_STILL,
    "25P04": STOOD_STILL,
    "58": "The PostgreSQL server failed within itself. Its log says why.",
    "XX": "The PostgreSQL server failed within itself. Its log says why.",
    "57": "The PostgreSQL server ended the connection. Try again when it is up.",
    "08": "The PostgreSQL server cannot be reached. Check that it runs, and database.url.",
    "22": "PostgreSQL cannot hold a text or number that was to be stored.",
}

_KINDS: dict[str, type[StoreError]] = {
    LOCKED: BusyError,
    _POSTGRESQL["55P03"]: BusyError,
    _POSTGRESQL["40"]: ConflictError,
    STOOD_STILL: ConflictError,
    NOT_SET_UP: MissingDatabaseError,
    GONE: MissingDatabaseError,
}

# A connection that never came about has no SQLSTATE, only the words of libpq, of the server or of a
# pooler before it; the first that fits counts.
_CONNECTING = {
    r"could not translate host name|failed to resolve host|nodename nor servname": "The name of "
    "the PostgreSQL server cannot be resolved. Check its spelling in database.url, and the DNS of "
    "this machine.",
    r"server does not support SSL": "The PostgreSQL server speaks no TLS, which sslmode in "
    "database.url asks for. Switch it on there (ssl = on), or, in a network that you trust, write "
    "sslmode=disable.",
    r"certificate verify failed|root certificate file|server certificate for": "The certificate of "
    "the PostgreSQL server is not trusted. Name the one that signed it: sslrootcert=FILE in "
    "database.url.",
    r"unsupported startup parameter|unrecognized configuration parameter": "PostgreSQL, or the "
    "pooler before it, refuses a setting that the connection brings along. Take `options` out of "
    "database.url (and PGOPTIONS out of the environment), and give it to the role: ALTER ROLE … "
    "SET …;",
    r"permission denied for database": "PostgreSQL lets this user not connect to the database. Let "
    "its owner run: GRANT CONNECT ON DATABASE … TO …;",
    r"is not permitted to log in": "PostgreSQL lets this role not log in. Let an administrator "
    "run: ALTER ROLE … LOGIN;",
    r"password authentication failed|no password supplied": _POSTGRESQL["28"],
    r"no such user|SASL authentication failed": _POSTGRESQL["28"],
    r"no pg_hba\.conf entry|role .* does not exist": _POSTGRESQL["28"],
    r"database .* does not exist|no such database": _POSTGRESQL["3D"],
    r"too many (clients|connections)|remaining connection slots": _POSTGRESQL["53"],
    r"no more connections allowed|query_wait_timeout": _POSTGRESQL["53"],
    r"the database system is": _POSTGRESQL["57"],
    r"invalid \S+ value|invalid port number": f"database.url: {WRONG_OPTION}.",
    r"[Cc]onnection refused|No such file or directory": "The PostgreSQL server cannot be "
    "reached: nothing listens there. Start it, or check the host and port in database.url.",
}

_NO_TRANSACTIONS = (
    "The pooler before PostgreSQL is in statement mode, which has no transactions. Set pool_mode = "
    "transaction there."
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database refuses into ``StoreError``.

    Mistakes of this program (a broken constraint, wrong SQL) pass as they are.
    """
    try:
        yield
    except StoreError:
        raise
    except Exception as error:
        reason = explain(error)
        if reason is None:
            raise
        # Not chained: the driver's words may name the server, its user and its database.
        raise _KINDS.get(reason, StoreError)(reason) from None


def explain(error: BaseException) -> str | None:
    """Say what a database's error means; None for what is no fault of the database."""
    if isinstance(error, PermissionError | FileNotFoundError | NotADirectoryError):
        return _SQLITE["SQLITE_CANTOPEN"]
    if isinstance(error, IsADirectoryError):
        return _SQLITE["SQLITE_NOTADB"]
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        return _explain_sqlite(cause)
    if type(cause).__module__.startswith("psycopg"):
        return _explain_postgresql(cause)
    return None


def _explain_sqlite(error: sqlite3.Error) -> str | None:
    if "no such table" in str(error):
        return NOT_SET_UP
    if getattr(error, "sqlite_errorname", "") == "SQLITE_READONLY_DBMOVED":
        return GONE
    # Extended codes tell more than is needed: SQLITE_IOERR_WRITE is an SQLITE_IOERR.
    name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
    if name == "SQLITE_CANTOPEN":
        return out_of_files() or _SQLITE[name]
    return _SQLITE.get(name)


def out_of_files() -> str | None:
    """Say so where no further file can be opened: SQLite does not tell why it could not."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return OUT_OF_FILES if error.errno in (errno.EMFILE, errno.ENFILE) else None
    return None


def _explain_postgresql(error: BaseException) -> str | None:
    code = getattr(error, "sqlstate", None)
    if "statement pooling" in str(error):
        return _NO_TRANSACTIONS
    if code:
        return _POSTGRESQL.get(code) or _POSTGRESQL.get(code[:2])
    # The last one where a server, or a pooler, ends a connection in the middle of an answer.
    if type(error).__name__ not in {"OperationalError", "ConnectionTimeout", "InternalError"}:
        return None
    words = str(error)
    found = (reason for said, reason in _CONNECTING.items() if re.search(said, words))
    return next(found, _POSTGRESQL["08"])
