"""A real PgBouncer in front of the tests' PostgreSQL, where Debian's package is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.store.postgres import Postgres
from tests.support.waiting import until

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

_SETTINGS = """\
[databases]
* = host={server} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
server_round_robin = 1
"""
"""Each transaction gets another of four sessions: what one leaves in it, others would see."""

_UNTIL_WE_END = '"$@" & read -r _; kill $!; wait'
"""Runs a command until what holds the other end of its input ends, in whatever way."""


@contextmanager
def pooler(server: Postgres) -> Iterator[str]:
    """Run a pooler in transaction mode; give what its addresses begin with, up to the database."""
    assert PROGRAM is not None
    port = _free_port()
    # It refuses to run as root; whoever owns the server's socket gets at that.
    account = ["--user", server.folder.owner()] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="leaderboard-bot-tests-") as folder:
        settings = Path(folder) / "pgbouncer.ini"
        settings.write_text(_SETTINGS.format(server=server.folder, port=port), encoding="utf-8")
        Path(folder).chmod(0o755)
        command = [PROGRAM, "--quiet", *account, str(settings)]
        kept = ["sh", "-c", _UNTIL_WE_END, "sh", *command]
        with subprocess.Popen(kept, stdin=subprocess.PIPE, start_new_session=True):
            assert until(lambda: _listens(port))
            yield f"postgresql://postgres@127.0.0.1:{port}/"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
