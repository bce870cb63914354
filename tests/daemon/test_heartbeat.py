"""The heartbeat: a file a daemon, and what ``healthcheck`` reads off it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.daemon.heartbeat import Heart, asked, look
from tests.support.process.installation import environment

CONFIG = "/etc/bot/config.toml"
STEM = f"leaderboard-bot-{hashlib.sha256(CONFIG.encode()).hexdigest()[:16]}-"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give an environment whose runtime folder is empty."""
    monkeypatch.chdir(tmp_path)
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    return {"RUNTIME_DIRECTORY": str(runtime), "TMPDIR": str(tmp_path / "tmp")}


def test_a_daemon_is_alive_while_its_file_is_fresh(place: dict[str, str]) -> None:
    """Never before the first beat, nor after an orderly end, nor a minute after the last beat."""
    heart = Heart(CONFIG, place)
    assert look(CONFIG, place)[0] == 1
    assert heart.beat()
    assert look(CONFIG, place) == (0, "The daemon is alive; its last heartbeat was 0 s ago.")
    file = Path(place["RUNTIME_DIRECTORY"]) / f"{STEM}{os.getpid()}.beat"
    os.utime(file, (file.stat().st_atime, file.stat().st_mtime - 61))
    assert look(CONFIG, place) == (1, "the daemon's last heartbeat was 61 s ago")
    assert heart.beat()
    heart.stop()
    assert look(CONFIG, place)[0] == 1
    assert not file.exists()


def test_each_daemon_has_a_file_of_its_own(place: dict[str, str]) -> None:
    """One that ends or dies takes no other's heartbeat along, and counts for none."""
    load = "import os, sys; from bot.daemon.heartbeat import Heart"
    code = f"{load}; Heart(sys.argv[1], os.environ).beat()"
    other = [sys.executable, "-c", code]
    subprocess.run([*other, CONFIG], env=environment(**place), check=True)
    subprocess.run([*other, "/etc/other.toml"], env=environment(**place), check=True)
    mine = Heart(CONFIG, place)
    mine.beat()
    assert len(list(Path(place["RUNTIME_DIRECTORY"]).iterdir())) == 3
    mine.stop()
    assert look(CONFIG, place)[0] == 0
    assert look("/etc/none.toml", place)[0] == 1


def test_a_heartbeat_goes_where_it_can_be_written(place: dict[str, str]) -> None:
    """The places are tried in turn; the last one is the current folder."""
    place["RUNTIME_DIRECTORY"] += "/gone"
    place["XDG_RUNTIME_DIR"] = __file__
    assert Heart(CONFIG, place).beat()
    assert Path(f"{STEM}{os.getpid()}.beat").exists()
    assert look(CONFIG, place)[0] == 0


def test_what_another_put_there_is_no_heartbeat(place: dict[str, str]) -> None:
    """A link is not followed, and another user's file counts for nothing."""
    victim = Path(place["RUNTIME_DIRECTORY"]) / "victim"
    link = victim.with_name(f"{STEM}{os.getpid()}.beat")
    link.symlink_to(victim)
    Heart(CONFIG, place).beat()
    assert not victim.exists()
    Heart(CONFIG, place).stop()
    if os.geteuid() == 0:
        link.unlink(missing_ok=True)
        link.touch()
        os.chown(link, 12345, 12345)
        assert look(CONFIG, place)[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--config", CONFIG, "healthcheck"],
        [f"--config={CONFIG}", "--log-level", "debug", "--log-format=json", "healthcheck"],
        ["--config", "/etc/../etc/bot/./config.toml", "healthcheck"],
    ],
)
def test_healthcheck_is_answered_before_anything_is_loaded(
    arguments: list[str], place: dict[str, str]
) -> None:
    """Whichever way the configuration is named; neither it nor a secret in it is read."""
    Heart(CONFIG, place).beat()
    probe = (
        "import sys\nfrom bot.__main__ import main\n"
        "try: main()\nfinally: print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", probe, *arguments],
        env=environment(**place), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout[:20]) == (0, "The daemon is alive;")
    assert not {"typer", "bot.cli", "logging", "pathlib", "re"} & {*done.stderr.split()}


def test_the_variable_names_the_configuration_as_well(place: dict[str, str]) -> None:
    """Without an option; without both it is the file of the current folder, there or not."""
    Heart(None, place | {"LEADERBOARD_BOT_CONFIG": CONFIG}).beat()
    assert asked(["healthcheck"], place | {"LEADERBOARD_BOT_CONFIG": CONFIG}) is not None
    assert look(None, place | {"LEADERBOARD_BOT_CONFIG": CONFIG})[0] == 0
    assert look(None, place)[0] == 1
    Heart("config.toml", place).beat()
    assert look(None, place)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [["healthcheck", "--help"], ["poll"], ["--nope", "healthcheck"], [], ["--config", "x"]],
)
def test_any_other_command_line_is_read_in_full(arguments: list[str]) -> None:
    """Help and mistakes are told in the words of all commands."""
    assert asked(arguments, {}) is None
