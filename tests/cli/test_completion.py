"""What shells offer to complete."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import BENCH, BOTH, START, Commands
from tests.support.hub.fake_hub import board
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment

CHANNELS = '[channels.screen]\ntype = "console"\n[channels."my $(id)"]\ntype = "console"\n'


@pytest.fixture
def known(commands: Commands) -> Commands:
    """Configure two channels and two benchmarks, of which one was polled."""
    commands.polled(START)
    commands.configure(BOTH, channels=CHANNELS)
    return commands


def offered(
    fork_server: ForkServer, commands: Commands, line: str, shell: str = "bash"
) -> list[str]:
    """Return what a shell is told of a line that ends where the cursor is."""
    words = ["leaderboard-bot", "--config", str(commands.config), *line.split(" ")]
    asked = {
        "bash": {"COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": " ".join(words)},
        "fish": {
            "_TYPER_COMPLETE_ARGS": " ".join(words),
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }[shell]
    variables = {**asked, "_LEADERBOARD_BOT_COMPLETE": f"complete_{shell}"}
    done = fork_server.run([], commands.folder, environment(**variables))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("sho", ["show"]),
        ("show ", [BENCH, "cais/other"]),
        ("poll ca", ["cais/other"]),
        ("history qw", ["qwen/alpha"]),
        ("events --model mini/", ["mini/beta"]),
        ("events --kind removed,new_l", ["removed,new_leader"]),
        ("deliveries --state f", ["failed"]),
        ("export --format p", ["parquet"]),
        ("test-channel ", ["screen"]),
    ],
)
def test_names_are_offered_where_they_are_typed(
    fork_server: ForkServer, known: Commands, line: str, names: list[str]
) -> None:
    """From the file and the database; what a shell would not take as it is is left out."""
    assert offered(fork_server, known, line) == names


def test_mutes_that_last_are_offered(fork_server: ForkServer, known: Commands) -> None:
    """By their ids, which are what ``mute remove`` wants."""
    known.run("mute", "add", "--kind", "removed")
    known.run("mute", "add", "--kind", "returned")
    known.run("mute", "remove", "1")
    assert offered(fork_server, known, "mute remove ") == ["2"]


def test_tasks_are_offered_behind_their_benchmark(
    fork_server: ForkServer, commands: Commands
) -> None:
    """As soon as a ``#`` says that one is wanted."""
    commands.hub.add_benchmark(BENCH, {"mean": board(("a/x", 1)), "table": board(("a/x", 1))})
    commands.configure(f'name = "x"\nbenchmarks = ["{BENCH}#*"]')
    commands.run("poll")
    assert offered(fork_server, commands, f"show {BENCH}#t") == [f"{BENCH}#table"]


@pytest.mark.parametrize("broken", ["file", "database"])
def test_what_cannot_be_read_offers_nothing(
    fork_server: ForkServer, known: Commands, broken: str
) -> None:
    """And breaks no line that somebody types."""
    (known.config if broken == "file" else known.database).write_bytes(b"\xff no such thing")
    assert offered(fork_server, known, "history qwen/") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_told_in_their_way(
    fork_server: ForkServer, known: Commands, shell: str
) -> None:
    """Each has its own protocol."""
    assert any("cais/other" in word for word in offered(fork_server, known, "show ca", shell))


def test_bash_completes_after_its_script(known: Commands) -> None:
    """The script is all that a shell needs."""
    folder = known.folder / "bin"
    folder.mkdir()
    program = folder / "leaderboard-bot"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bot "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(leaderboard-bot completion BASH)"\n'
        f'COMP_WORDS=(leaderboard-bot --config "{known.config}" show ca); COMP_CWORD=4\n'
        '_leaderboard_bot_completion leaderboard-bot; echo "${COMPREPLY[@]}"'
    )
    path = f"{folder}:{environment()['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        env=environment(PATH=path, PYTHONPATH=str(Path(__file__).parents[2])),
        check=True,
    )
    assert (done.stdout, done.stderr) == ("cais/other\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(commands: Commands, shell: str) -> None:
    """It names the program and how it is asked."""
    script = commands.run("completion", shell).stdout
    assert f"_LEADERBOARD_BOT_COMPLETE=complete_{shell}" in script
    assert commands.run("completion", "fsh", status=2).stderr.endswith('did you mean "fish"?\n')
