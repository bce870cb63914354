"""``init`` and ``validate``."""

from __future__ import annotations

import re
from contextlib import chdir
from pathlib import Path

import pytest

from bot.cli.session import Session
from bot.config import load
from bot.core.errors import ConfigError
from tests.support.commands import BENCH, QUIET_CHANNEL, START, Commands
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment

WATCH = 'name = "x"\nbenchmarks = [{}]'


def test_starter_is_private_and_valid(commands: Commands) -> None:
    """The file is its owner's alone, loads as it is, and what to do next is told."""
    path = commands.folder / "new.toml"
    shown = commands.run("init", str(path)).stdout
    assert path.stat().st_mode & 0o777 == 0o600
    assert load(path, {}).watches
    assert f"leaderboard-bot --config {path} validate" in shown


def test_init_never_overwrites(commands: Commands) -> None:
    """A file that is there stays as it is, with status 1; a dangling link is not followed."""
    before = commands.config.read_bytes()
    assert "is there already" in commands.run("init", status=1).stderr
    assert commands.config.read_bytes() == before
    link = commands.folder / "link.toml"
    link.symlink_to(commands.folder / "nowhere.toml")
    commands.run("init", str(link), status=1)
    assert not (commands.folder / "nowhere.toml").exists()


def test_init_without_a_path_follows_config(commands: Commands) -> None:
    """Without PATH the file that ``--config`` names is written, in a folder config.toml."""
    commands.config.unlink()
    commands.run("init")
    assert commands.config.exists()
    folder = commands.folder / "sub"
    folder.mkdir()
    with chdir(folder):
        commands.run("init", ".")
    assert (folder / "config.toml").exists()


@pytest.mark.parametrize(
    ("variables", "path", "command"),
    [
        ({}, "config.toml", "leaderboard-bot validate"),
        ({}, "my bot.toml", "leaderboard-bot --config 'my bot.toml' validate"),
        (
            {"LEADERBOARD_BOT_CONFIG": "other.toml"},
            "config.toml",
            "leaderboard-bot --config config.toml validate",
        ),
    ],
)
def test_next_steps_use_the_file_that_was_written(
    fork_server: ForkServer, tmp_path: Path, variables: dict[str, str], path: str, command: str
) -> None:
    """The commands can be copied: spaces are quoted, another default is overruled."""
    done = fork_server.run(["init", path], tmp_path, environment(**variables))
    assert f" {command} " in done.stdout


def test_init_into_a_missing_folder_has_status_1(commands: Commands) -> None:
    """One sentence names the file."""
    done = commands.run("init", str(commands.folder / "missing" / "x.toml"), status=1)
    assert "cannot be written" in done.stderr


def test_valid_configuration_shows_the_watches(commands: Commands) -> None:
    """Each board has its shortest interval, its watches and channels; nothing is stored."""
    commands.hub.add_benchmark(BENCH, START)
    commands.configure(
        f'{WATCH.format(chr(34) + "acme/*" + chr(34))}\nevery = "1h"',
        f'name = "y"\nbenchmarks = ["{BENCH}"]\nevery = "5m"',
    )
    done = commands.run("validate")
    assert "acme/bench   5 min   x, y      console    at once" in done.stdout
    assert "no problem found" in done.stderr
    assert sorted(commands.folder.iterdir()) == [commands.config]


def test_next_poll_is_the_stored_one(commands: Commands) -> None:
    """Once the program has run, the table tells when a board is due."""
    commands.polled(START)
    assert "UTC" in commands.run("validate").stdout


def test_next_poll_that_is_overdue_is_at_once(commands: Commands) -> None:
    """A time in the past is no plan: the board is polled as soon as something polls."""
    commands.polled(START)
    with commands.store() as store, store._database.write() as connection:
        connection.exec_driver_sql("UPDATE boards SET next_poll_at = '2020-01-01 00:00:00.000000'")
    assert "at once" in commands.run("validate").stdout


def test_models_that_were_never_seen_are_hints(commands: Commands) -> None:
    """A pattern that no stored row meets is told with the nearest model, and is no problem."""
    watch = WATCH.format(f'"{BENCH}"') + '\nmodels = ["mini/*", "qwen/alhpa"]'
    commands.configure(watch)
    assert "hint" not in commands.run("validate", "--offline").stderr
    commands.polled(START)
    assert commands.run("validate", "--offline").stderr.splitlines()[0] == (
        f"hint: {commands.config}:11:21: watch[0].models[1]: qwen/alhpa is no model that was seen "
        "so far; did you mean qwen/alpha?"
    )


def test_a_bare_name_is_told_as_the_official_benchmark_that_has_it(commands: Commands) -> None:
    """Once the Hub's list is known: the one id, the glob that stands for several, else both."""
    for name in ("acme/one", "labs/hle", "acme/two"):
        commands.hub.add_benchmark(name, START)
    commands.run("poll")
    commands.configure(WATCH.format('"hle", "acme", "nope", "cais/a/b"'))
    told = commands.run("validate", "--offline", status=2).stderr
    meant = [line.partition("= ")[2] for line in told.splitlines() if "did you mean" in line]
    assert meant == [
        'did you mean "labs/hle"?',
        'did you mean "acme/*"?',
        'did you mean "*/nope" or "nope/*"?',
        'did you mean "cais/a#b"?',
    ]


def test_a_list_that_was_never_read_is_not_taken_for_an_empty_one(commands: Commands) -> None:
    """Where a benchmark's tasks alone are known, "official" stands for what it will."""
    commands.configure(WATCH.format(f'"{BENCH}"'))
    commands.polled(START)
    commands.configure()
    done = commands.run("validate", "--offline")
    assert "official   15 min" in done.stdout
    assert "stands for no" not in done.stderr


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ("", None),
        ('[poll]\nevery = "1m"\n', None),
        ('[poll]\nevery = "1s"\n', "12:9: poll.every: polls of 1 board come to 300 requests in 5"),
    ],
)
def test_an_interval_that_takes_much_of_the_rate_limit_is_a_warning(
    commands: Commands, extra: str, told: str | None
) -> None:
    """It says how many requests the Hub allows, and an interval that is enough."""
    commands.configure(WATCH.format(f'"{BENCH}"'), extra=extra)
    done = commands.run("validate", "--offline")
    warned = f"warning: {commands.config}:{told} min, and the Hub allows 500 without a token"
    assert (
        (f'{warned}; write "5m" or more\n' in done.stderr)
        if told
        else "poll.every" not in done.stderr
    )


def test_a_watch_that_tells_nobody_is_a_hint(commands: Commands) -> None:
    """An empty list is what it says, but seldom what is meant."""
    commands.configure(WATCH.format(f'"{BENCH}"') + "\nnotify = []")
    assert "watch[0].notify: nobody is told: what is found is only kept" in (
        commands.run("validate", "--offline").stderr
    )


def test_at_once_without_a_digest_is_an_oversight(commands: Commands) -> None:
    """It lets nothing through that would be held."""
    commands.configure(channels='[channels.team]\ntype = "console"\nat_once = ["removed"]\n')
    told = commands.run("validate", "--offline").stderr
    assert "channels.team.at_once: says nothing without a digest" in told


def test_every_problem_online_is_told_at_once(commands: Commands) -> None:
    """Unknown and gated boards and unreachable channels are told together, with status 2."""
    commands.hub.add_benchmark(BENCH, START)
    commands.hub.set("acme/secret", START)
    commands.hub.gate("acme/secret", "hf_other")
    names = '"acme/bnech", "acme/secret", "nobody/*"'
    commands.configure(WATCH.format(names), channels=QUIET_CHANNEL)
    done = commands.run("validate", status=2)
    told = [line for line in done.stderr.splitlines() if line.partition(": ")[2]]
    place = f"{commands.config}:10"
    assert told[0].startswith(
        f"warning: {place}:44: watch[0].benchmarks[2]: nobody/* stands for no"
    )
    assert told[1] == (
        f"leaderboard-bot: {place}:15: watch[0].benchmarks[0]: acme/bnech: the Hub has no such "
        "leaderboard; did you mean acme/bench?"
    )
    assert told[2] == (
        f"leaderboard-bot: {place}:29: watch[0].benchmarks[1]: acme/secret: the token has no "
        "access: accept the conditions on the benchmark's page with its account"
    )
    assert "channels.gone: cannot connect" in told[3]
    assert "hf_test" not in done.output


def test_what_no_name_is_to_blame_for_has_status_1(commands: Commands) -> None:
    """A gated board is no mistake of the file; nor is one without rows that a glob stands for."""
    commands.hub.set(BENCH, START)
    commands.hub.gate(BENCH, "hf_other")
    commands.configure(WATCH.format(f'"{BENCH}"'))
    commands.run("validate", status=1)
    commands.hub.add_benchmark("acme/gone", START)
    commands.hub.fail("acme/gone", 404)
    commands.configure(WATCH.format('"acme/*"'))
    assert "acme/gone: the Hub has no such" in commands.run("validate", status=1).stderr


def test_hub_that_is_down_is_told(commands: Commands) -> None:
    """Without a list of benchmarks that is a problem, and globs stand as they are."""
    commands.hub.fail("*", 500)
    done = commands.run("validate", status=1)
    assert "cannot list the official benchmarks" in done.stderr
    assert "official" in done.stdout


@pytest.mark.parametrize("options", [[], ["--offline"]])
def test_problem_of_the_file_has_status_2(commands: Commands, options: list[str]) -> None:
    """What is wrong in the file comes first, and nothing is asked."""
    commands.configure('name = "x"\nbenchmarks = ["officiall"]', extra="[poll]\nevry = 1\n")
    done = commands.run("validate", *options, status=2)
    assert done.stderr.count("leaderboard-bot: ") == 2
    assert commands.hub.requests == ()


def test_problems_of_the_file_and_of_the_machine_are_told_in_one_round(commands: Commands) -> None:
    """Those of tables that are valid, with the others, from the top; each has its place."""
    channels = """
[channels.x]
type = "apprise"
url = "nosuch://s3cr3t"
[channels.y]
type = "slak"
"""
    commands.configure('name = "x"\nbenchmarks = ["officiall"]', channels=channels)
    text = commands.config.read_text(encoding="utf-8").replace("sqlite:///", "sqlite:///no/")
    commands.config.write_text(text, encoding="utf-8")
    told = commands.run("validate", "--offline", status=2).stderr
    keys = re.findall(r"toml:(\d+):\d+: ([\w\[\].]+): ", told)
    channel = {"channels.x.url", "channels.y.type", "channels.y"}  # also what it lacks
    assert {key for _, key in keys} == {"database.url", "watch[0].benchmarks[0]", *channel}
    assert [int(line) for line, _ in keys] == sorted(int(line) for line, _ in keys)
    commands.config.write_text(text.replace("[database]\n", "[database]\nkeep = 3\n"))
    assert "database.url" not in commands.run("validate", status=2).stderr
    commands.config.write_text('[database]\nurl = "postgresql://bot@db:port/bot"\n')
    assert commands.run("validate", "--offline", status=2).stderr.count("database.url") == 1


@pytest.mark.parametrize("options", [[], ["--offline"]])
def test_what_cannot_be_used_on_this_machine_has_status_2(
    commands: Commands, options: list[str]
) -> None:
    """A service that Apprise does not know, and a database in no folder, are told by their keys."""
    commands.configure(channels='[channels.x]\ntype = "apprise"\nurl = "nosuch://s3cr3t"\n')
    text = commands.config.read_text(encoding="utf-8")
    missing = commands.folder / "no"
    text = text.replace("sqlite:///bot.db", "sqlite:///no/bot.db")
    commands.config.write_text(text, encoding="utf-8")
    told = commands.run("validate", *options, status=2).stderr
    assert f"database.url: the folder {missing} is not there" in told
    assert told.count("channels.x") == told.count("channels.x.url: nosuch:// begins") == 1
    assert "s3cr3t" not in told


def test_offline_asks_nobody(commands: Commands) -> None:
    """``--offline`` makes no request, and shows globs as they are."""
    commands.configure(channels=QUIET_CHANNEL)
    done = commands.run("validate", "--offline")
    assert commands.hub.requests == ()
    assert "official   15 min   official   gone" in done.stdout
    assert "nothing was asked online" in done.stderr


def test_a_file_that_is_gone_is_not_taken_for_the_default(tmp_path: Path) -> None:
    """What was found in the folder is what a reload looks for; a file made later is found."""
    session = Session()
    with chdir(tmp_path):
        assert session.settings().source is None
        Path("config.toml").write_text('[[watch]]\nname = "w"\nbenchmarks = ["acme/bench"]\n')
        assert session.settings().watches[0].name == "w"
        Path("config.toml").unlink()
        with pytest.raises(ConfigError, match="no such file"):
            session.settings()


def test_page_for_others_without_a_token_is_a_hint(commands: Commands) -> None:
    """Whoever comes by ``public_url`` would see everything; with a token nothing is said."""
    page = '[web]\npublic_url = "https://boards.example.org"\n'
    commands.configure('name = "all"\nbenchmarks = ["acme/bench"]', extra=page)
    told = commands.run("validate", "--offline").stderr
    assert "web.public_url: says that others reach the page" in told
    commands.configure(
        'name = "all"\nbenchmarks = ["acme/bench"]', extra=f'{page}token = "sixteen-letters."\n'
    )
    assert "web." not in commands.run("validate", "--offline").stderr
