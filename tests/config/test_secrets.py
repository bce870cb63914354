"""No secret of a configuration is ever shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from bot.config import load
from bot.core.errors import ConfigError
from bot.core.secret import looks_secret

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


@pytest.mark.parametrize(
    "key",
    [
        "hub.endpoint",
        "poll.every",
        'watch = [{name = "x", benchmarks = ["official"], models',
        'watch = [{name = "x", benchmarks',
    ],
)
def test_advice_never_shows_what_a_reference_stood_for(tmp_path: Path, key: str) -> None:
    """Not even where what was meant can be told from it."""
    written = f'{key} = ["env:SECRET"]}}]' if key.startswith("watch") else f'{key} = "env:SECRET"'
    path = tmp_path / "config.toml"
    path.write_text(written)
    for value in ("c4n4ry.example.org", "c4n4ry", "^c4n4ry/.*$", "1234 h", "c4n4ry c/d"):
        with pytest.raises(ConfigError) as caught:
            load(path, {"SECRET": value})
        assert "c4n4ry" not in str(caught.value.shown)
        assert "1234" not in str(caught.value.shown)


MISPLACED = [
    "xoxb-1234567890-c4n4ryC4N4RY",
    "xapp-1-A0123-c4n4ry",
    "hf_c4n4ryC4N4RYc4n4ry",
    "whsec_c4n4ryC4N4RYc4n4ry",
    "https://hooks.slack.com/services/T000/B000/c4n4ry",
    "https://discord.com/api/webhooks/123/c4n4ry",
    "https://acme.webhook.office.com/webhookb2/c4n4ry",
    "https://chat.example.org/hooks/c4n4ry",
    "discord://123456/c4n4ry",
    "https://bot:c4n4ry@hub.example.org",
    "postgresql://bot:c4n4ry@db.example.org/bot",
    "x" * 50 + " xoxb-1234567890-c4n4ry",
]
WRONG_KEYS = [
    'hub.endpoint = "{}"',
    'hub.timeout = "{}"',
    'poll.every = "{}"',
    '[[watch]]\nname = "w"\nbenchmarks = ["{}"]',
    '[[watch]]\nname = "w"\nbenchmarks = ["official"]\nmodels = ["{}"]\nevents = ["{}"]',
    '[[watch]]\nname = "w"\nbenchmarks = ["official"]\nnotify = ["{}"]',
    'health.notify = ["{}"]',
    'channels.a = {{type = "{}"}}',
    'channels.a = {{type = "slack", token = "t", channel = "{} "}}',
    'channels.a = {{type = "webhook", url = "http://x", allow_private = "{}"}}',
    'channels."{} " = {{type = "console"}}',
    'hub."{}" = 1',
    'hub.token = "file:{}"',
    'hub.token = "env:{}"',
]


@pytest.mark.parametrize("secret", MISPLACED)
@pytest.mark.parametrize("text", WRONG_KEYS)
def test_a_secret_in_the_wrong_key_is_not_quoted(tmp_path: Path, text: str, secret: str) -> None:
    """What looks like one is hidden in every problem, whatever the key."""
    path = tmp_path / "config.toml"
    path.write_text(f"poll.confirm_removals = 0\n{text.format(secret, secret)}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert "c4n4ry" not in str(caught.value) + repr(caught.value) + str(caught.value.problems)


def test_what_is_no_secret_is_quoted() -> None:
    """People find their mistakes by what they wrote."""
    for text in (
        "https://huggingface.co/datasets/SWE-bench/SWE-bench_Verified",
        "deepseek-ai/DeepSeek-V4-Pro-Instruct-2026-04-27-long-context",
        "sqlite:///leaderboard-bot.db",
        "research",
        "hf_token",
        "#general",
        "official",
    ):
        assert not looks_secret(text)


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


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://bot:hunter2@db.example.org:5432/alerts", "bot@db.example.org:5432/alerts"),
        ("postgresql://bot@h/d?password=hunter2&sslpassword=hunter2", "bot@h/d"),
        ("postgresql://bot:hunt%40er2@h1,h2/d", "bot@h1,h2/d"),
        ("postgresql://h/d", "h/d"),
    ],
)
def test_the_database_is_told_without_what_opens_it(tmp_path: Path, url: str, shown: str) -> None:
    """Neither the password nor any option, which may hold another."""
    path = tmp_path / "config.toml"
    path.write_text(f'[database]\nurl = "{url}"\n')
    settings = load(path, {})
    told = f"configuration: {path}; database: postgresql://{shown}"
    assert settings.origin() == told
    assert not any(secret in told for secret in settings.secrets())
