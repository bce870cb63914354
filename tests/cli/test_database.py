"""``db …`` and ``healthcheck``."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from typing import Any

import pytest

from bot.daemon.heartbeat import Heart
from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.hub.fake_hub import board
from tests.support.process.installation import environment


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


def test_validate_says_what_a_poll_would_say_of_the_database(commands: Commands) -> None:
    """As of one that is another program's, and it makes none where there is none."""
    assert "no problem found" in commands.run("validate", "--offline").stderr
    assert not commands.database.exists()
    with closing(sqlite3.connect(commands.database)) as connection:
        connection.execute("CREATE TABLE theirs (number INTEGER)")
    for arguments in (["validate", "--offline"], ["poll"]):
        told = commands.run(*arguments, status=1).stderr
        assert "bot.db is a database of another program. Name another file" in told
        assert "no problem found" not in told


@pytest.mark.parametrize(
    "line", ["poll", "poll --dry-run", "run", "events", "db upgrade", "validate --offline"]
)
def test_where_no_database_can_be_the_configuration_is_wrong(commands: Commands, line: str) -> None:
    """Every command says the same: the place, and the remedy, with status 2."""
    text = commands.config.read_text(encoding="utf-8").replace("sqlite:///", "sqlite:///no/")
    commands.config.write_text(text, encoding="utf-8")
    number = text[: text.index("sqlite:///")].count("\n") + 1
    told = commands.run(*line.split(), status=2).stderr
    folder = commands.folder / "no"
    assert f"{commands.config}:{number}:7: database.url: the folder {folder} is not there" in told
    assert "  = make it, or name another\n" in told


def test_backup_is_a_database(commands: Commands) -> None:
    """The copy holds what the database held; it never replaces a file."""
    commands.polled(START, LATER)
    copy = commands.folder / "copy.db"
    commands.run("db", "backup", str(copy))
    assert "exists already" in commands.run("db", "backup", str(copy), status=1).stderr
    missing = str(commands.folder / "no" / "copy.db")
    told = commands.run("db", "backup", missing, status=1).stderr
    assert told.endswith(
        "copy.db cannot be written: its folder is not there; make it, or name another.\n"
    )
    events = commands.json("events")
    commands.database.unlink()
    copy.rename(commands.database)
    assert commands.json("events") == events


def test_a_copy_is_a_database(commands: Commands) -> None:
    """Everything is in it, and standard error says how much of what."""
    commands.polled(START, LATER)
    events = commands.json("events")
    copy = commands.folder / "copy.db"
    done = commands.run("db", "copy", f"sqlite:///{copy}")
    assert done.stdout.startswith("The copy is complete: ")
    assert "\nrows: 4 rows\n" in done.stderr
    assert f"events: {len(events)} rows\n" in done.stderr
    assert "not empty" in commands.run("db", "copy", f"sqlite:///{copy}", status=1).stderr
    copy.replace(commands.database)
    assert commands.json("events") == events
    assert commands.run("db", "check").stdout == "The database is in order.\n"


@pytest.mark.parametrize("url", ["copy.db", "mysql://host/db", "sqlite:///", "sqlite:///no/x.db"])
def test_a_copy_needs_an_address(commands: Commands, url: str) -> None:
    """What is none is wrong usage, said of the argument."""
    commands.polled(START)
    told = commands.run("db", "copy", url, status=2).stderr
    assert "URL" in told
    assert "database.url" not in told


def aged(commands: Commands, days: float) -> None:
    """Make all that is stored so many days older."""
    times = {
        "events": ["at"],
        "rows": ["since"],
        "row_versions": ["valid_from", "valid_to"],
        "deliveries": ["created_at", "ended_at"],
        "boards": ["polled_at"],
    }
    older = "UPDATE {0} SET {1} = strftime('%Y-%m-%d %H:%M:%f000', {1}, '-{2} days')"
    with closing(sqlite3.connect(commands.database)) as connection, connection:
        for table, columns in times.items():
            for column in columns:
                connection.execute(older.format(table, column, days))


def told(commands: Commands) -> list[str]:
    """Return what is shown of the one board, and of events and deliveries where there are none."""
    shows = (["show", BENCH], ["show", BENCH, "--json"], ["show", BENCH, "--live"])
    return [commands.run(*arguments).stdout for arguments in shows]


@pytest.mark.parametrize("later", [LATER, board(("qwen/alpha", 77.0))])
def test_prune_changes_nothing_that_is_shown_of_what_is_kept(
    commands: Commands, later: list[Any]
) -> None:
    """A board is still known since its first poll, and what has changed since has changed."""
    commands.polled(START if later is LATER else board(("qwen/alpha", 76.4)), later)
    aged(commands, 40)
    before = told(commands)
    done = commands.run("db", "prune", "--keep", "30d", "--yes")
    assert "Deleted 0 " not in done.stdout
    assert told(commands) == before
    assert commands.json("events") == []
    assert "since the baseline" not in commands.run("events").stderr
    assert commands.run("db", "check").stdout == "The database is in order.\n"


def test_prune_says_what_it_would_delete_and_asks(commands: Commands) -> None:
    """With ``--dry-run`` it only says; without a terminal it needs ``--yes``; "no" is heeded."""
    commands.polled(START, LATER)
    aged(commands, 40)
    before = commands.json("events")
    assert before
    what = f"{len(before)} events, 1 delivery, 2 past results"
    prune = ["db", "prune", "--keep", "30d"]
    assert commands.run(*prune, "--dry-run").stdout == f"Would delete {what}.\n"
    refused = commands.run(*prune, status=2)
    assert "--yes: there is no terminal to ask on; add it." in refused.stderr
    assert commands.json("events") == before
    asked = on_terminal(commands, prune, "n\n")
    assert f"Delete {what}, for good? [y/N]" in asked
    assert "Nothing was deleted." in asked
    assert commands.json("events") == before
    assert f"Deleted {what}." in on_terminal(commands, prune, "y\n")
    assert commands.json("events") == []


def on_terminal(commands: Commands, arguments: list[str], typed: str) -> str:
    """Run a command on a terminal, type something, and return all that is shown."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "--config", str(commands.config), *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment(),
        )  # fmt: skip
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        with suppress(OSError):  # its end is an error here
            while more := terminal.read(4096):
                shown += more
        assert process.wait(60) == 0
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("keep", ["1m", "23h", "1s"])
def test_prune_takes_no_less_than_a_day(commands: Commands, keep: str) -> None:
    """A slip of one letter deletes nothing."""
    commands.polled(START, LATER)
    refused = commands.run("db", "prune", "--keep", keep, "--yes", status=2)
    assert "is less than a day" in refused.stderr


def test_a_poll_prunes_what_the_configuration_does_not_keep(commands: Commands) -> None:
    """Once a day: what has been too old for less than that waits for the next time."""
    commands.polled(START, LATER)
    commands.configure(database='keep = "30d"')
    for days, left in ((30.5, 4), (1, 0)):
        aged(commands, days)
        assert len(commands.json("events")) == 4
        commands.run("poll", "--dry-run")
        assert len(commands.json("events")) == 4
        commands.run("poll")
        assert len(commands.json("events")) == left
    commands.configure(database='keep = "23h"')
    assert 'database.keep: must be at least "1d"' in commands.run("events", status=2).stderr


def test_prune_keeps_what_is_young(commands: Commands) -> None:
    """What is younger than ``--keep`` stays."""
    commands.polled(START, LATER)
    done = commands.run("db", "prune", "--keep", "1d", "--yes")
    assert done.stdout == "Deleted 0 events, 0 deliveries, 0 past results.\n"


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
