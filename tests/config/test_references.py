"""``env:NAME`` and ``file:PATH`` in the configuration."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.apprise.kind import Apprise
from bot.channels.slack.kind import Slack
from bot.channels.webhook.kind import Webhook
from bot.config import load, pipes
from bot.core.errors import ConfigError
from bot.core.secret import Secret

PLACE = re.compile(r"[^\n]*\.toml:\d+:\d+: ")
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    """Return the problems of a text, their places in it left out."""
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), environ or {})
    return tuple(PLACE.sub("", problem, count=1) for problem in caught.value.problems)


def test_any_string_may_name_a_variable(tmp_path: Path) -> None:
    """Secrets, addresses, durations, names and items of lists alike."""
    text = """
[hub]
endpoint = "env:HUB"
token = "env:TOKEN"
timeout = "env:TIMEOUT"
[[watch]]
name = "env:NAME"
benchmarks = ["official", "env:BENCHMARK"]
events = "env:EVENTS"
notify = ["env:CHANNEL"]
[channels.team]
type = "env:TYPE"
webhook_url = "env:HOOK"
"""
    environ = {
        "HUB": "https://hub.example.org",
        "TOKEN": "hf_token",
        "TIMEOUT": "9s",
        "NAME": "coding",
        "BENCHMARK": "cais/hle",
        "EVENTS": "all",
        "CHANNEL": "team",
        "TYPE": "slack",
        "HOOK": "https://hooks.slack.com/services/T000/B000/XXXX",
    }
    settings = load(written(tmp_path, text), environ)
    assert settings.hub.token == Secret("hf_token")
    assert settings.hub.timeout == timedelta(seconds=9)
    (watch,) = settings.watches
    assert (watch.name, watch.benchmarks) == ("coding", ("official", "cais/hle"))
    assert watch.channels == ("team",)
    team = settings.channels["team"]
    assert isinstance(team, Slack)
    assert team.webhook_url == Secret(environ["HOOK"])


def test_a_file_is_found_beside_the_configuration(tmp_path: Path) -> None:
    """Relative paths start at the configuration's folder; ends of line are left out."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "hook").write_bytes(f"{KEY}\r\n".encode())
    absolute = tmp_path / "url"
    absolute.write_text("json://example.org/é \n\n", encoding="utf-8")
    text = f"""
[channels.hook]
type = "webhook"
url = "https://example.org/hook"
secret = ["file:secrets/hook", "env:OLD"]
[channels.any]
type = "apprise"
url = "file:{absolute}"
"""
    settings = load(written(tmp_path, text), {"OLD": KEY})
    hook, other = settings.channels["hook"], settings.channels["any"]
    assert isinstance(hook, Webhook)
    assert hook.secret == (Secret(KEY), Secret(KEY))
    assert isinstance(other, Apprise)
    assert other.url == Secret("json://example.org/é ")


def test_a_value_that_was_put_in_is_not_looked_at_again(tmp_path: Path) -> None:
    """A variable cannot make the bot read a file."""
    settings = load(written(tmp_path, 'hub.token = "env:A"'), {"A": "file:/etc/passwd"})
    assert settings.hub.token == Secret("file:/etc/passwd")


def test_a_variable_that_is_not_set_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    """The problem names key, variable and remedy."""
    (problem,) = problems(tmp_path, 'hub.token = "env:HF_TOKN"', {"HF_TOKEN": "hf_token"})
    assert problem == (
        "hub.token: the environment variable HF_TOKN is not set (a .env file is not read); "
        "did you mean HF_TOKEN?"
    )


@pytest.mark.parametrize(
    ("name", "there", "suggested"),
    [
        ("SLACK_TOKEN", "HF_TOKEN", False),
        ("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", False),
        ("GITHUB_TOKEN", "GITLAB_TOKEN", False),
        ("TEAM1_URL", "TEAM2_URL", False),
        ("TOKEN", "HF_TOKEN", False),
        ("SLACK_TOKEN", "SLACK_BOT_TOKEN", True),
        ("SLAK_TOKEN", "SLACK_TOKEN", True),
        ("slack_token", "SLACK_TOKEN", True),
        ("SLACKTOKEN", "SLACK_TOKEN", True),
    ],
)
def test_no_other_service_s_variable_is_suggested(
    tmp_path: Path, name: str, there: str, suggested: bool
) -> None:
    """A token that went to another service would have to be changed."""
    (problem,) = problems(tmp_path, f'hub.token = "env:{name}"', {there: "secret"})
    assert problem.endswith(f"did you mean {there}?") == suggested
    assert (there in problem) == suggested


def test_quotes_that_docker_leaves_are_named(tmp_path: Path) -> None:
    """They would be sent as a part of the value."""
    (tmp_path / "token").write_text("'hf_secret'\n")
    for reference, shown in (
        ("env:TOKEN", "the environment variable TOKEN"),
        ("file:token", f"the file {tmp_path}/token"),
    ):
        (problem,) = problems(tmp_path, f'hub.token = "{reference}"', {"TOKEN": '"hf_secret"'})
        assert problem == f"hub.token: {shown} has quotes around its value; leave them out"


def test_a_byte_order_mark_is_no_part_of_a_secret(tmp_path: Path) -> None:
    """Some editors begin every file with one."""
    (tmp_path / "token").write_bytes(b"\xef\xbb\xbfhf_token\r\n")
    settings = load(written(tmp_path, 'hub.token = "file:token"'), {})
    assert settings.hub.token == Secret("hf_token")
    settings = load(written(tmp_path, 'hub.token = "env:T"'), {"T": "\ufeffhf_token"})
    assert settings.hub.token == Secret("hf_token")
    assert "is empty" in problems(tmp_path, 'hub.token = "env:T"', {"T": "\ufeff"})[0]


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_what_is_empty_is_an_error(tmp_path: Path, value: str) -> None:
    """An empty secret is a mistake of deployment, not a value."""
    (tmp_path / "token").write_text(value)
    text = '[hub]\ntoken = "env:EMPTY"\n[channels.s]\ntype = "slack"\nwebhook_url = "file:token"\n'
    assert problems(tmp_path, text, {"EMPTY": value}) == (
        "hub.token: the environment variable EMPTY is empty; give it a value",
        f"channels.s.webhook_url: the file {tmp_path}/token is empty; put the value in it",
    )


def test_a_file_that_cannot_be_read_is_told_with_the_reason(tmp_path: Path) -> None:
    """Missing files, folders, other bytes and impossible names are problems, not tracebacks."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    text = """
[[watch]]
name = "file:none"
benchmarks = ["file:.", "file:bytes", "file:a\\u0000b"]
"""
    found = problems(tmp_path, text)
    assert found[0] == (
        f"watch[0].name: the file {tmp_path}/none cannot be read (No such file or directory); "
        "create it, or name another"
    )
    assert "Is a directory" in found[1]
    assert (
        found[2]
        == f"watch[0].benchmarks[1]: the file {tmp_path}/bytes is not UTF-8 text; save it as UTF-8"
    )
    assert "a\\x00b cannot be read" in found[3]


def test_a_variable_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that the system could not decode would fail later, when they are sent."""
    (problem,) = problems(tmp_path, 'hub.token = "env:BYTES"', {"BYTES": "a\udcff"})
    assert problem == "hub.token: the environment variable BYTES is not UTF-8 text; set it anew"


def test_a_number_cannot_come_from_a_variable(tmp_path: Path) -> None:
    """Variables hold text, and the value is not shown because it is not in the file."""
    (problem,) = problems(tmp_path, 'poll.confirm_removals = "env:N"', {"N": "3"})
    assert problem == (
        "poll.confirm_removals: must be a whole number of at least 1, without quotes; "
        "found the value of env:N"
    )


def test_a_secret_after_env_is_not_shown(tmp_path: Path) -> None:
    """What cannot be the name of a variable may be the secret itself."""
    (problem,) = problems(tmp_path, 'hub.token = "env:xoxb-123-canary"')
    assert problem == 'hub.token: names no environment variable; write "env:NAME"'


def test_an_unresolved_value_is_told_once(tmp_path: Path) -> None:
    """What a value is not cannot be said of a value that is not known."""
    text = '[[watch]]\nname = "a"\nbenchmarks = ["env:NO"]\nnotify = ["env:NO"]\n'
    assert len(problems(tmp_path, text)) == 2


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """A secret may come from a program that writes it while the bot starts."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = f'[channels.hook]\ntype = "webhook"\nurl = "https://h/"\nsecret = "file:{pipe}"\n'

    def write() -> None:
        with pipe.open("w") as file:
            file.write(KEY[:9])
            file.flush()
            file.write(KEY[9:] + "\n")

    writer = threading.Thread(target=write)
    writer.start()
    loaded = load(written(tmp_path, text), {})
    writer.join()
    hook = loaded.channels["hook"]
    assert isinstance(hook, Webhook)
    assert [secret.reveal() for secret in hook.secret] == [KEY]


def test_pipes_without_a_writer_are_named_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them at once, and within the patience that there is for one."""
    monkeypatch.setattr(pipes, "PATIENCE", 1.0)
    for name in ("one", "two"):
        os.mkfifo(tmp_path / name)
    began = time.monotonic()
    found = problems(tmp_path, '[hub]\ntoken = "file:one"\n[database]\nurl = "file:two"\n')
    assert time.monotonic() - began < 2
    told = " cannot be read (a pipe that nobody wrote to"
    assert [line.partition(told)[0] for line in found] == [
        f"hub.token: the file {tmp_path}/one",
        f"database.url: the file {tmp_path}/two",
    ]


def test_a_configuration_that_is_a_silent_pipe_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file that it names is."""
    monkeypatch.setattr(pipes, "PATIENCE", 0.1)
    pipe = tmp_path / "config.toml"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="a pipe that nobody wrote to"):
        load(pipe, {})
