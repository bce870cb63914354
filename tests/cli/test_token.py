"""A token that the Hub refuses, as the commands tell of it."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from bot.app import open_jobs
from bot.config import load
from tests.support.commands import BENCH, START, Commands
from tests.support.servers import RawServer, answer
from tests.support.store.units import incidents

WATCH = f'name = "all"\nbenchmarks = ["{BENCH}", "official"]'
TELLING = '[channels.screen]\ntype = "console"\n[health]\nnotify = ["screen"]\n'
JSON = "Content-Type: application/json\r\n"
REFUSED = "the Hub refuses the token from hub.token in the file: boards are asked without it"


class Door:
    """A Hub of public boards that refuses every token while ``shut``."""

    def __init__(self) -> None:
        self.shut = True

    def __call__(self, connection: socket.socket, head: bytes, stop: Event) -> None:
        if self.shut and b"\r\nauthorization:" in head.lower():
            connection.sendall(answer(b"{}", "401 Unauthorized", JSON))
            return
        rows = START if b"/leaderboard" in head else [{"id": BENCH}]
        connection.sendall(answer(json.dumps(rows).encode(), headers=JSON))


@contextmanager
def hub(commands: Commands, token: str) -> Iterator[Door]:
    """Serve a Hub that the commands use, with a token that no other test has met."""
    door = Door()
    with RawServer(door) as server:
        commands.configure(WATCH, channels=TELLING)
        text = commands.config.read_text().replace(commands.hub.url, server.endpoint)
        commands.config.write_text(text.replace("hf_test", token))
        yield door


def test_poll_goes_on_without_a_refused_token(commands: Commands) -> None:
    """It says so once, on standard error, and the boards are polled."""
    with hub(commands, "hf_poll"):
        done = commands.run("poll", status=0)

    assert done.stderr.count(REFUSED) == 1
    assert "1 board polled: 0 unchanged, 1 changed, 0 failed." in done.stdout
    assert "hf_poll" not in done.output


def test_a_refused_token_is_told_until_it_is_mended_once(commands: Commands) -> None:
    """Cron may poll every minute: one notice when it begins, one when it is over."""
    with hub(commands, "hf_cron") as door:
        told = [commands.run("poll").stdout for _ in range(3)]
        door.shut = False
        told += [commands.run("poll").stdout for _ in range(2)]

    failing = [text.count(REFUSED.replace("the", "The", 1)) for text in told]
    assert failing == [1, 0, 0, 0, 0]
    recovered = [text.count("The Hub refuses no token any more") for text in told]
    assert recovered == [0, 0, 0, 1, 0]


def test_a_daemon_keeps_a_refusal_once(commands: Commands) -> None:
    """It looks at its health every second, and writes nothing where that is what it was."""
    with hub(commands, "hf_daemon"):
        settings = load(commands.config, {})
        with open_jobs(settings, console=io.StringIO()) as jobs:
            jobs.round()
            for _ in range(3):
                jobs.notifier.tell()
            (refused,) = incidents(jobs.store)

    assert (refused.subject, refused.failures, refused.told) == ("hub", 1, True)


def test_a_good_token_is_no_news(commands: Commands) -> None:
    """Nor is its end of anything."""
    with hub(commands, "hf_good") as door:
        door.shut = False
        told = commands.run("poll").stderr.splitlines()
    assert [
        line for line in told if "token" in line and not line.startswith("configuration:")
    ] == []


def test_validate_names_a_refused_token(commands: Commands) -> None:
    """As a problem of the Hub, beside boards that can be read."""
    with hub(commands, "hf_validate"):
        done = commands.run("validate", status=1)

    assert f".toml:3:9: hub.token: {REFUSED}" in done.stderr
    assert done.stderr.count("leaderboard-bot: ") == 1


@pytest.mark.parametrize("token", ["hf_a\\nb", "hf_a b", "hf_\u00e9", " ", "hf_\\u0000"])
def test_a_token_in_the_file_that_cannot_be_one_is_a_mistake(
    commands: Commands, token: str
) -> None:
    """It is named with its place before anything is asked, and not shown."""
    text = commands.config.read_text().replace("hf_test", token)
    commands.config.write_text(text)

    done = commands.run("poll", status=2)
    assert "hub.token: must be a token" in done.stderr
    assert "hf_a" not in done.stderr
