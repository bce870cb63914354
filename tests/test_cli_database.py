"""``db …`` and ``healthcheck``."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta

from bot.app import now
from bot.heartbeat import Heart
from tests.commands import LATER, START, Commands


def test_upgrade_makes_a_database_once(commands: Commands) -> None:
    """The first upgrade makes it, the next one finds it up to date."""
    assert commands.run("db", "upgrade").stdout == "The database is made.\n"
    assert commands.run("db", "upgrade").stdout == "The database is up to date already.\n"


def test_newer_database_is_refused(commands: Commands) -> None:
    """A database of a newer program is left as it is, with status 1."""
    commands.run("db", "upgrade")
    with sqlite3.connect(commands.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for arguments in (["db", "upgrade"], ["poll"], ["events"], ["poll", "--dry-run"]):
        assert "newer" in commands.run(*arguments, status=1).stderr


def test_backup_is_a_database(commands: Commands) -> None:
    """The copy holds what the database held; it never replaces a file."""
    commands.polled(START, LATER)
    copy = commands.folder / "copy.db"
    commands.run("db", "backup", str(copy))
    assert "exists already" in commands.run("db", "backup", str(copy), status=1).stderr
    events = commands.json("events")
    commands.database.unlink()
    copy.rename(commands.database)
    assert commands.json("events") == events


def test_prune_keeps_what_is_young_and_what_stands(commands: Commands) -> None:
    """What is older than ``--keep`` goes, the board stays."""
    commands.polled(START, LATER)
    assert commands.run("db", "prune", "--keep", "1d").stdout.startswith("Deleted 0 events, ")
    rows = commands.json("show", "acme/bench")["rows"]
    with commands.store() as store:
        store.prune(timedelta(0), now() + timedelta(seconds=1))
    assert commands.json("events") == []
    assert commands.json("show", "acme/bench")["rows"] == rows


def test_check_finds_what_contradicts_itself(commands: Commands) -> None:
    """A sound database is in order; one that is not has status 1 and says what is wrong."""
    commands.polled(START)
    assert commands.run("db", "check").stdout == "The database is in order.\n"
    with sqlite3.connect(commands.database) as connection:
        connection.execute("UPDATE boards SET rows_count = 7")
    connection.close()
    assert commands.run("db", "check", status=1).stderr.startswith("leaderboard-bot: ")


def test_healthcheck_follows_the_heartbeat(commands: Commands) -> None:
    """It needs no database; the status is 0 while the daemon's heart beats, else 1."""
    heart = Heart(str(commands.config), os.environ)
    assert "no daemon of this machine" in commands.run("healthcheck", status=1).stderr
    heart.beat()
    assert "alive" in commands.run("healthcheck").stdout
    heart.stop()
    commands.run("healthcheck", status=1)
    assert not commands.database.exists()
