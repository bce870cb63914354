"""What earlier versions of the program stored is shown as before, on both databases."""

from __future__ import annotations

import shlex
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.core.errors import StoreError
from bot.store import check, state, upgrade
from bot.store.database import migrate
from tests.support.commands import Commands
from tests.support.store import old_databases

OLD = pytest.mark.parametrize(
    "revision",
    [
        pytest.param(one, marks=() if one == old_databases.OLD[-1] else pytest.mark.long)
        for one in old_databases.OLD
    ],
)

CONFIG = """
[database]
url = "{}"

[[watch]]
name = "all"
benchmarks = ["acme/bench", "acme/doubt", "acme/lower", "acme/solo", "acme/tasks#*"]

[[watch]]
name = "derived"
benchmarks = ["acme/bench"]
include_derived = true
"""


@OLD
def test_what_was_stored_is_shown_as_before(
    empty_url: str, revision: str, commands: Commands
) -> None:
    """Word for word as the program of the revision before this one showed it."""
    old_databases.make(empty_url, revision, commands.folder)
    upgrade(empty_url)
    assert check(empty_url) == []
    commands.config.write_text(CONFIG.format(empty_url), encoding="utf-8")
    before = (old_databases.DATA / f"{revision}.txt").read_text(encoding="utf-8")
    asked = [line[2:] for line in before.splitlines() if line.startswith("$ ")]
    shown = [f"$ {line}\n{commands.run(*shlex.split(line)).stdout}" for line in asked]
    assert "".join(shown) == before


@OLD
def test_an_upgrade_is_all_or_nothing(empty_url: str, revision: str, tmp_path: Path) -> None:
    """A process that is killed when the new tables are full leaves the old ones as they were."""
    old_databases.make(empty_url, revision, tmp_path)
    before = old_databases.content(empty_url)
    killed = subprocess.run([sys.executable, "-c", KILLED, empty_url], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert state(empty_url) == "older"
    assert old_databases.content(empty_url) == before
    upgrade(empty_url)
    assert check(empty_url) == []


KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from bot.store import upgrade

def kill(_connection, _cursor, statement, *_):
    if statement.split() == ["DROP", "TABLE", "old_events"]:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", kill)
upgrade(sys.argv[1])
"""


def test_an_upgrade_that_has_no_room_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how much it needs, and where."""
    path = tmp_path / "bot.db"
    old_databases.make(f"sqlite:///{path}", "0003", tmp_path)
    before = path.read_bytes()
    monkeypatch.setattr(migrate, "free_bytes", lambda _folder: 200_000)
    with pytest.raises(StoreError, match=r"needs about \d+ MB free at .*, where 1 MB are\. Make"):
        upgrade(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.before-*"))


def test_an_upgraded_file_is_no_larger_than_what_is_in_it(tmp_path: Path) -> None:
    """The old tables leave no empty pages behind; what they held is in the copy."""
    path = tmp_path / "bot.db"
    old_databases.make(f"sqlite:///{path}", "0003", tmp_path)
    before = path.stat().st_size
    upgrade(f"sqlite:///{path}")
    assert path.stat().st_size < before
    with closing(sqlite3.connect(path)) as upgraded:
        assert upgraded.execute("PRAGMA freelist_count").fetchone() == (0,)
    (copy,) = tmp_path.glob("*.before-*")
    assert copy.stat().st_size == before
