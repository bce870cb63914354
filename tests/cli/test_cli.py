"""The command line as a whole: options, exit statuses, what stands where."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import bot
from bot.cli.program import app
from bot.cli.terminal.habits import COMMANDS, HABITS, NAMES
from tests.support.commands import LATER, START, Commands
from tests.support.hub.fake_hub import entry
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import ROOT, environment
from tests.support.store.migrated import place

HEAVY = ("alembic", "apprise", "apscheduler", "httpx", "huggingface_hub", "msgspec", "plotext",
         "pyarrow", "pydantic", "rich", "slack_sdk", "sqlalchemy", "yaml")  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    """``--help`` imports Typer and no library that a command needs."""
    probe = (
        "import sys, bot.cli\n"
        "try: bot.cli.app(['--help'])\n"
        f"except SystemExit: print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = _python("-c", probe)
    assert done.stderr.strip() == "['msgspec']"  # our own values, 10 ms


def test_help_lists_every_command_by_purpose(commands: Commands) -> None:
    """``--help`` has a section for each purpose, and no summary is cut off."""
    shown = commands.run("--help").stdout
    assert "Watch leaderboards:\n  run " in shown
    assert "Set up:\n  init " in shown
    assert "..." not in shown.partition("Watch leaderboards")[2]


@pytest.mark.parametrize("group", [[], ["db"]])
def test_no_command_shows_help(fork_server: ForkServer, tmp_path: Path, group: list[str]) -> None:
    """Without a command there is the help, line by line, on standard error with status 2."""
    told = [fork_server.run([*group, *options], tmp_path) for options in ([], ["--help"])]
    assert told[0].stderr == told[1].stdout
    assert (told[0].returncode, told[0].stdout) == (2, "")


def test_version_is_the_packages(commands: Commands) -> None:
    """``--version`` prints name and version."""
    assert commands.run("--version").stdout == f"leaderboard-bot {bot.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["pol"],
        ["poll", "--nope"],
        ["show"],
        ["--log-level", "loud", "poll"],
        ["events", "--kind", "new_leadr"],
        ["events", "--since", "yesterday"],
        ["events", "--since", "0001-01-01T00:00+14:00"],
        ["deliveries", "--state", "lost"],
        ["deliveries", "retry"],
        ["db", "prune", "--keep", "soon"],
        ["export", "--format", "xml"],
        ["history", "a/b", "--json", "--csv"],
    ],
)
def test_wrong_usage_has_status_2(commands: Commands, arguments: list[str]) -> None:
    """Wrong usage is told on standard error alone."""
    place(commands.database)
    done = commands.run(*arguments, status=2)
    assert done.stdout == ""
    assert "Error: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["export"], "Error: Missing option '--format'. Choose from: csv, parquet, json\n"),
        (
            ["export", "--format", "xml"],
            "Error: Invalid value for --format: 'xml'; allowed: csv, parquet, json\n",
        ),
        (
            ["export", "--format", "jsn"],
            "Error: Invalid value for --format: 'jsn'; did you mean \"json\"?\n",
        ),
        (
            ["--log-level", "loud", "poll"],
            "Error: Invalid value for --log-level: 'loud'; allowed: debug, info, warning, error\n",
        ),
        (
            ["show", "a/b", "--top", "ten"],
            "Error: Invalid value for --top: 'ten' is no whole number\n",
        ),
        (
            ["deliveries", "--limit", "0"],
            "Error: Invalid value for --limit: '0' is too little; at least 1\n",
        ),
        (["demo", "--speed", "fast"], "Error: Invalid value for --speed: 'fast' is no number\n"),
        (
            ["demo", "--speed", "1000"],
            "Error: Invalid value for --speed: '1000' is too much; at most 100\n",
        ),
        (
            ["events", "--kind", "leader"],
            "Error: Invalid value for --kind: 'leader'; did you mean \"new_leader\"?\n",
        ),
        (
            ["deliveries", "--state", "ok"],
            "Error: Invalid value for --state: 'ok'; did you mean \"sent\"?\n",
        ),
        (
            ["db", "prune", "--keep", "1y"],
            "Error: Invalid value for --keep: '1y' is no duration; did you mean 365d?\n",
        ),
        (["run", "a", "b"], "Error: Too many arguments: a b\n"),
        (["pol"], "Error: No such command: 'pol'; did you mean poll?\n"),
        (["help"], "Error: No such command: 'help'; did you mean --help?\n"),
        (
            ["db", "vacuum"],
            "Error: No such command: 'vacuum'; allowed: backup, check, copy, prune, upgrade\n",
        ),
        (["backup", "x.db"], "Error: No such command: 'backup'; did you mean db backup?\n"),
        (["poll", "--dryrun"], "Error: No such option: --dryrun; did you mean --dry-run?\n"),
        (["--json", "poll"], "Error: No such option: --json; it goes after the command\n"),
        (["mute", "remove"], "Error: Missing argument 'ID'. A mute, as listed.\n"),
        (["show", ""], "Error: An argument is empty\n"),
        (["events", "--model", ""], "Error: --model is empty\n"),
        (["events", "--benchmark= "], "Error: --benchmark is empty\n"),
        (["--config", "", "events"], "Error: --config is empty\n"),
        (
            ["db", "prune", "--keep", "0d"],
            "Error: Invalid value for --keep: '0d' is no time at all; write 7d\n",
        ),
        *(
            (
                [command, "--since", "0d"],
                "Error: Invalid value for --since: '0d' is no time at all; write 7d\n",
            )
            for command in ("events", "export", "digest", "backtest")
        ),
    ],
)
def test_wrong_usage_is_one_plain_line(commands: Commands, arguments: list[str], told: str) -> None:
    """What is wrong is said in a line, in words that are not the library's own."""
    assert commands.run(*arguments, status=2).stderr.endswith(f"help.\n\n{told}")


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [
        (["-c", "c.toml", "events"], "write --config FILE, before the command"),
        (["validate", "c.toml"], "leaderboard-bot --config FILE validate"),
        (["run", "--once"], "`leaderboard-bot poll` polls once and ends"),
        (["run", "--interval", "5"], "`every`, below [poll] in the configuration"),
        (["run", "--daemon"], "`run` stays in the foreground"),
        (["poll", "-q"], "write --quiet"),
        (["poll", "-v"], "write --log-level debug before the command"),
        (["deliveries", "--failed"], "write --state failed"),
        (["deliveries", "list"], "`leaderboard-bot deliveries` without more lists them"),
        (["history", "--model", "a/b"], "leaderboard-bot history NAME"),
        (["export", "csv"], "write --format csv"),
        (["events", "-n", "5"], "write --limit N"),
        (["poll", "-n"], "write --dry-run"),
        (["poll", "--all"], "without a name `poll` polls every board that is watched"),
        (["run", "--port", "80"], "this version has no page"),
        (["digest", "--daily"], "write --since 1d"),
        (["validate", "--strict"], "`validate` is strict as it is"),
        (["db", "migrate"], "`leaderboard-bot db upgrade`"),
        (["db", "restore", "x.db"], "put the copy where database.url says"),
        (["help", "db", "prune"], "write --help behind it: leaderboard-bot db prune --help"),
        (["start"], "`leaderboard-bot run` polls and delivers"),
        (["watch"], "`leaderboard-bot run` watches what stands below [[watch]]"),
        (["list"], "`leaderboard-bot benchmarks` lists the Hub's"),
        (["version"], "write --version"),
        (["-V"], "write --version"),
        (["run", "acme/b"], "`leaderboard-bot poll acme/b` polls one board"),
        (["mute", "acme/b#x"], "leaderboard-bot mute add --benchmark acme/b#x, or --model"),
        (["acme/b"], "`leaderboard-bot show acme/b` shows a board"),
        (["db", "copy", "new.db"], "it is a file: write sqlite:/// with three slashes"),
        (["db", "copy", "mysql://u@h/db"], "SQLite and PostgreSQL are understood"),
    ],
)
def test_what_is_written_out_of_habit_is_told_what_it_is_here(
    commands: Commands, arguments: list[str], instead: str
) -> None:
    """Other programs have it, so that it is no slip of the pen."""
    assert instead in commands.run(*arguments, status=2).stderr.splitlines()[-1]


def test_no_habit_is_what_a_command_understands() -> None:
    """Each stands behind a command that there is, which does not know it; so do those advised."""
    program: Any = get_command(app)
    for written in (*HABITS, *COMMANDS, *NAMES):
        *path, word = written.split() if written not in NAMES else (*written.split(), "a/b")
        command = reduce(lambda found, name: found.commands[name], path, program)
        assert word not in getattr(command, "commands", {})
        assert word not in {name for param in command.params for name in param.opts}
    for advice in (*HABITS.values(), *COMMANDS.values(), *NAMES.values()):
        for name in re.findall(r"leaderboard-bot ([a-z-]+)", advice):
            assert name in program.commands


@pytest.mark.parametrize(
    ("command", "usage", "argument"),
    [
        ("show", "show [OPTIONS] BOARD\n", "\n  BOARD"),
        ("poll", "poll [OPTIONS] [BOARD]...\n", "\n  BOARD  Only these"),
        ("init", "init [OPTIONS] [PATH]\n", "\n  PATH  Where"),
    ],
)
def test_help_names_arguments_plainly(
    commands: Commands, command: str, usage: str, argument: str
) -> None:
    """Neither braces nor the types of Python stand around a name."""
    shown = commands.run(command, "--help").stdout
    assert usage in shown
    assert argument in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "--format", "CSV"],
        ["--log-level", "WARNING", "--log-format", "Text", "events"],
        ["events", "--since", "30D"],
        ["events", "--since", "2 hours"],
        ["deliveries", "--state", "Failed"],
    ],
)
def test_case_and_words_of_a_value_are_understood(commands: Commands, arguments: list[str]) -> None:
    """What can mean one thing alone is taken as that."""
    place(commands.database)
    commands.run(*arguments)


def test_option_after_the_command_is_told_its_place(commands: Commands) -> None:
    """An option that stands before the command says so when it does not."""
    done = commands.run("poll", "--log-level", "debug", status=2)
    assert "goes before the command" in done.stderr


def test_every_problem_of_the_configuration_has_its_place(commands: Commands) -> None:
    """All problems are told at once, each with its line, with status 2 and without a traceback."""
    commands.config.write_text("[hub]\ntimeoutt = 5\nconcurrency = 0\n")
    told = commands.run("events", status=2).stderr
    assert told == (
        f"""\
leaderboard-bot: {commands.config}:2:1: hub.timeoutt: unknown key
  |
2 | timeoutt = 5
  | ^^^^^^^^
  = did you mean "timeout"?
leaderboard-bot: {commands.config}:3:15: hub.concurrency: must be a whole number from 1 to 64; found 0
  |
3 | concurrency = 0
  |               ^
"""  # noqa: E501 - as it is shown
    )


def test_unexpected_error_is_one_line_unless_debugging(commands: Commands) -> None:
    """A mistake of the program gives one line; ``--log-level debug`` adds the traceback."""
    commands.polled(START, LATER)
    with commands.store() as store, store._database.write() as connection:
        connection.exec_driver_sql("UPDATE events SET body = 'x'")
    assert commands.run("events", status=1).stderr == (
        "leaderboard-bot: unexpected DecodeError; --log-level debug tells more\n"
    )
    assert "Traceback" in commands.run("--log-level", "debug", "events", status=1).stderr


def test_stray_error_is_not_printed_by_python() -> None:
    """What no command catches goes through the log, which knows what to mask."""
    probe = (
        "import sys, bot.cli\n"
        "sys.argv[1:] = ['--version']\n"
        "try: bot.cli.main()\n"
        "except SystemExit: raise RuntimeError('hf_secret') from None"
    )
    assert _python("-c", probe).stderr == "unexpected RuntimeError\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "acme/bench"],
        ["history", "acme/bench"],
        ["events"],
        ["deliveries"],
        ["deliveries", "retry", "--failed"],
        ["export", "--format", "csv"],
        ["db", "check"],
        ["db", "prune", "--keep", "1d", "--yes"],
    ],
)
def test_looking_makes_no_database(commands: Commands, arguments: list[str]) -> None:
    """Commands that only look say that nothing is stored, and leave the folder as it is."""
    done = commands.run(*arguments, status=1)
    assert "leaderboard-bot poll" in done.stderr
    assert done.stdout == ""
    assert sorted(commands.folder.iterdir()) == [commands.config]


def test_hostile_text_does_not_reach_the_terminal(commands: Commands) -> None:
    """Escape sequences, controls and markup of strangers are shown as harmless text."""
    evil = "\x1b[31mred\x1b]0;title\x07 \x9b2J[bold]b[/bold] \u202egnp"
    commands.polled([entry("evil/[red]x", 3, 1, notes=evil), entry("evil/y", 2, 2, notes="\x9b1m")])
    for arguments in (["show", "acme/bench"], ["history", "acme/bench"], ["events"]):
        shown = commands.run(*arguments).stdout
        assert not any(mark in shown for mark in "\x1b\x9b\x07\u202e")
    assert "evil/[red]x" in commands.run("show", "acme/bench").stdout
    document = commands.run("show", "acme/bench", "--json").stdout
    assert document.isascii()
    assert json.loads(document)["rows"][0]["notes"] == evil


@pytest.mark.parametrize("command", ["show", "history"])
def test_names_break_where_they_have_joints(commands: Commands, command: str) -> None:
    """A long name ends a line after ``/``, ``-`` or ``_``; no trace is left of how."""
    name = "some-lab/a-model-with-a-name-that-goes-far_and_far_and-far-and_far"
    commands.polled([entry(name, 4), entry("acme/x", 3, 2)])
    shown = commands.run(command, "acme/bench", columns=60).stdout
    table = shown[shown.rindex("───\n") :]
    pieces = [part for part in table.split() if part in name and len(part) > 1]
    assert "".join(pieces) == name
    assert all(piece[-1] in "/-_" for piece in pieces[:-1])
    assert not any(sign in shown for sign in "\x1f\u200b")


def test_dates_break_at_spaces_only(commands: Commands) -> None:
    """A time in a narrow table is a date above a time of day."""
    commands.polled([entry("some-lab/a-model-with-a-long-name", 3)])
    commands.configure(f'name = "{"w" * 20}"\nbenchmarks = ["acme/bench"]')
    shown = commands.run("validate", columns=66).stdout
    assert re.search(r" \d{4}-\d\d-\d\d\n", shown)


def test_tables_fit_a_narrow_terminal(commands: Commands) -> None:
    """With 80 columns no line is longer, however long names are."""
    name = "some-organisation/" + "a-model-with-a-name-that-goes-on-and-on-" * 2
    commands.polled([entry(name, 3, 1, notes="n " * 50)])
    for arguments in (["show", "acme/bench"], ["history", "acme/bench"], ["validate", "--offline"]):
        shown = commands.run(*arguments).stdout.splitlines()
        assert max(len(line) for line in shown if not line.startswith("http")) <= 80


def test_certificates_that_cannot_be_read_matter_to_tls_alone(
    commands: Commands, fork_server: ForkServer
) -> None:
    """A Hub without TLS is asked all the same; for another, one sentence names the variable."""
    commands.hub.add_benchmark("acme/bench", START)
    environ = environment(SSL_CERT_FILE=str(commands.folder / "missing.pem"))
    command = ["--config", str(commands.config), "benchmarks"]
    assert "acme/bench" in fork_server.run(command, commands.folder, environ).stdout
    commands.config.write_text('[hub]\nendpoint = "https://127.0.0.1:9"\n', encoding="utf-8")
    done = fork_server.run(command, commands.folder, environ)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "SSL_CERT_FILE" in done.stderr


@pytest.mark.parametrize("columns", ["", "0", "7", "-5", "wide"])
def test_odd_number_of_columns_still_gives_a_table(
    commands: Commands, fork_server: ForkServer, columns: str
) -> None:
    """What ``COLUMNS`` holds is a wish: a table is told whatever it is."""
    command = ["--config", str(commands.config), "validate", "--offline"]
    done = fork_server.run(command, commands.folder, environment(COLUMNS=columns))
    assert done.returncode == 0
    assert "15 min" in done.stdout


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, env=environ, check=False
    )
