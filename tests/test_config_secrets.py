"""No secret of a configuration is ever shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from bot.config import load
from bot.core.errors import ConfigError

CANARY = "c4n4ry-c4n4ry-c4n4ry"

WRONG_VALUES = [
    f'hub.token = "{CANARY} {CANARY}"',
    f'hub.token = ["{CANARY}"]',
    f'hub.tokn = "{CANARY}"',
    f'hub = "{CANARY}"',
    f'hub.endpoint = "https://user:{CANARY}@hub.example.org"',
    f'database = "{CANARY}"',
    f'database.url = "mysql://user:{CANARY}@host/db"',
    f'database.url = "sqlite:///{CANARY}?x"',
    f'channels = "{CANARY}"',
    f'channels.a = "{CANARY}"',
    f'channels.a = {{type = "slack", token = "{CANARY}\\n", channel = "C0"}}',
    f'channels.a = {{type = "slack", token = "{CANARY}"}}',
    f'channels.a = {{type = "slack", webhook_url = "ftp://{CANARY}"}}',
    f'channels.a = {{type = "slack", webhook_url = "http://x/{CANARY}", token = "{CANARY}"}}',
    f'channels.a = {{type = "slack", token = "é{CANARY}", channel = "C0"}}',
    f'channels.a = {{type = "slack", webhok = "http://x/{CANARY}"}}',
    f'channels.a = {{type = "webhook", url = "{CANARY}"}}',
    f'channels.a = {{type = "webhook", url = "http://[{CANARY}"}}',
    f'channels.a = {{type = "webhook", url = "http://x", secret = "{CANARY}"}}',
    f'channels.a = {{type = "webhook", url = "http://x", secret = "whsec_{CANARY}"}}',
    f'channels.a = {{type = "webhook", url = "http://x", secret = ["whsec_{CANARY}"]}}',
    f'channels.a = {{type = "webhook", url = "http://x", secret = {{a = "{CANARY}"}}}}',
    f'channels.a = {{type = "webhook", url = "http://x", secret = [["{CANARY}"]]}}',
    f'channels.a = {{type = "apprise", url = "{CANARY}"}}',
    f'channels.a = {{type = "apprise", url = ["{CANARY}"]}}',
    f'channels.a = {{type = "apprise", url = "x://[{CANARY}"}}',
    f'channels.a = {{url = "{CANARY}"}}',
    f'hub.token = "{CANARY}',
    f'hub.token = "{CANARY}" "{CANARY}"',
]


@pytest.mark.parametrize("text", WRONG_VALUES)
def test_a_problem_never_shows_a_secret(tmp_path: Path, text: str) -> None:
    """Neither the problems nor a traceback of the error hold what a secret key held."""
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    shown = "\n".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert CANARY not in shown


@pytest.mark.parametrize("key", ["name", "benchmarks", "every", "events", "top"])
def test_a_problem_never_shows_what_a_reference_stood_for(tmp_path: Path, key: str) -> None:
    """A secret that was put into the wrong key by reference stays hidden."""
    (tmp_path / "secret").write_text(f"{CANARY} \t {CANARY}")
    for reference in ("env:SECRET", "file:secret"):
        path = tmp_path / "config.toml"
        path.write_text(f'[[watch]]\n{key} = "{reference}"\n')
        with pytest.raises(ConfigError) as caught:
            load(path, {"SECRET": f"{CANARY} \t {CANARY}"})
        assert f"the value of {reference}" in str(caught.value)
        assert CANARY not in str(caught.value)


SECRETS = f"""
[hub]
token = "hf_{CANARY}"
[database]
url = "postgresql://bot:{CANARY}%40db@db.example.org/bot"
[channels.bot]
type = "slack"
token = "xoxb-{CANARY}"
channel = "C0"
[channels.simple]
type = "slack"
webhook_url = "https://hooks.slack.com/services/T000/B000/{CANARY}"
[channels.hook]
type = "webhook"
url = "https://user:word@example.org/hook?key={CANARY}"
secret = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
[channels.any]
type = "apprise"
url = "tgram://{CANARY}/chat"
"""


def test_settings_can_be_printed_without_a_secret(tmp_path: Path) -> None:
    """The repr and str of settings hide every secret."""
    path = tmp_path / "config.toml"
    path.write_text(SECRETS)
    settings = load(path, {})
    shown = repr(settings) + str(settings) + "".join(map(str, settings.channels.values()))
    assert CANARY not in shown
    assert "MfKQ9r8" not in shown


def test_the_list_of_secrets_has_them_whole_and_in_parts(tmp_path: Path) -> None:
    """Libraries log the parts of addresses, so a redactor has to know these too."""
    path = tmp_path / "config.toml"
    path.write_text(SECRETS)
    secrets = load(path, {}).secrets()
    assert {
        f"hf_{CANARY}",
        f"{CANARY}%40db",
        f"{CANARY}@db",
        f"xoxb-{CANARY}",
        f"https://hooks.slack.com/services/T000/B000/{CANARY}",
        f"https://user:word@example.org/hook?key={CANARY}",
        "word",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        f"tgram://{CANARY}/chat",
        CANARY,
    } <= set(secrets)
    assert [len(secret) for secret in secrets] == sorted(map(len, secrets), reverse=True)


def test_what_is_no_secret_is_not_in_the_list(tmp_path: Path) -> None:
    """A redactor must not hide database files, hosts or the path of a public address."""
    path = tmp_path / "config.toml"
    path.write_text(
        '[channels.h]\ntype = "webhook"\nurl = "https://a-long-host.example.org/hook"\n'
    )
    assert load(path, {}).secrets() == ("https://a-long-host.example.org/hook",)


def test_a_token_that_only_looks_like_an_address_is_a_secret_as_it_is(tmp_path: Path) -> None:
    """It need not be one that can be taken apart."""
    path = tmp_path / "config.toml"
    path.write_text('hub.token = "https://["', encoding="utf-8")
    assert load(path, {}).secrets() == ("https://[",)
