"""The configuration: what files mean, and what is said of files with mistakes."""

from __future__ import annotations

import re
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.channels.console import Console
from bot.channels.registry import KINDS
from bot.channels.slack.kind import Slack
from bot.channels.webhook.kind import Webhook
from bot.config import Settings, load, starter
from bot.core.alerts.watch import Watch
from bot.core.errors import ConfigError
from bot.core.kinds import Kind
from bot.core.secret import Secret
from bot.store import upgrade

DATA = Path(__file__).parents[1] / "data" / "config"
BAD = sorted(DATA.glob("bad.*.toml"))
EXPECTED = "#! "


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def good(name: str) -> Settings:
    return load(DATA / f"good.{name}.toml", {})


PLACE = re.compile(r"[^\n]*\.toml:\d+:\d+: ")


def problems(path: Path, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    """Return the problems of a file, their places in it left out."""
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return tuple(PLACE.sub("", problem, count=1) for problem in caught.value.problems)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.name)
def test_a_bad_file_has_exactly_the_problems_that_it_expects(path: Path) -> None:
    """Every problem of a file is told at once, in the order of its keys."""
    lines = path.read_text(encoding="utf-8").splitlines()
    names = {"{types}": ", ".join(KINDS), "{kinds}": ", ".join(Kind)}
    expected = [
        re.sub(r"\{\w+\}", lambda found: names[found[0]], line.removeprefix(EXPECTED))
        for line in lines
        if line.startswith(EXPECTED)
    ]
    found = [problem.replace(f"{DATA}/", "") for problem in problems(path)]
    assert expected
    assert sorted(found) == sorted(expected)


def test_problems_stand_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Problems are told from the top of the file to its end."""
    text = '[poll]\nevery = 1\nconfirm_removals = "env:NO"\n[hub]\nnew = 1\ntimeout = 3\n'
    keys = [problem.partition(":")[0] for problem in problems(written(tmp_path, text))]
    assert keys == ["poll.every", "poll.confirm_removals", "hub.new", "hub.timeout"]


def test_a_problem_is_one_line_whatever_was_found(tmp_path: Path) -> None:
    """Line breaks and control characters of the file are written out."""
    path = written(tmp_path, '[poll]\nevery = "a\\nb\\u2028"\n"x\\ny" = 1\n')
    found = problems(path)
    assert len(found) == 2
    assert all(problem.isprintable() for problem in found)


def test_a_hook_s_address_is_not_the_hub_s(tmp_path: Path) -> None:
    """It would be shown with every look at the Hub."""
    text = '[hub]\nendpoint = "https://hooks.slack.com/services/T0/B0/c4n4ry"\n'
    (problem,) = problems(written(tmp_path, text))
    assert problem.startswith("hub.endpoint: looks like the secret address of a hook")
    assert "c4n4ry" not in problem


def test_a_long_value_is_shown_shortened(tmp_path: Path) -> None:
    """A value does not fill the screen."""
    (problem,) = problems(written(tmp_path, f'[poll]\nevery = "{"9" * 1000}"\n'))
    assert len(problem) < 200


def test_an_empty_file_has_every_default() -> None:
    """Without a watch the official benchmarks are watched, without a channel the console is."""
    settings = good("empty")
    assert settings.hub.endpoint == "https://huggingface.co"
    assert settings.hub.token is None
    assert settings.hub.timeout == timedelta(seconds=20)
    assert settings.hub.concurrency == 8
    assert settings.database.url == Secret(f"sqlite:///{DATA}/leaderboard-bot.db")
    assert settings.poll.every == timedelta(minutes=15)
    assert settings.poll.confirm_removals == 2
    official = Watch(name="official", benchmarks=("official",), top=10, channels=("console",))
    assert settings.watches == (official,)
    assert settings.channels == {"console": Console(type="console")}
    assert (settings.health.notify, settings.health.after_failures) == ((), 3)


def test_every_key_of_a_watch_arrives_in_its_rule() -> None:
    """A watch is converted as it is written, with repeated channels once."""
    assert good("whole").watches == (
        Watch(
            name="coding",
            benchmarks=("SWE-bench/*", "official", "my-org/my-benchmark", "openai/gsm8k[ab]?"),
            models=("Qwen/*", "my-org/model"),
            exclude_models=("*/*-test",),
            kinds=frozenset({Kind.REMOVED, Kind.RANK_SHIFT}),
            top=10,
            min_rank_change=0,
            min_score_change=Decimal("0.1"),
            verified_only=True,
            include_derived=True,
            every=timedelta(days=7),
            channels=("hook", "team"),
        ),
    )


def test_every_other_key_arrives_in_the_settings() -> None:
    """The tables beside watches are as written; a slash at an address's end does not matter."""
    settings = good("whole")
    assert settings.source == DATA / "good.whole.toml"
    assert settings.hub.endpoint == "http://127.0.0.1:8000/mirror"
    assert settings.hub.token == Secret("hf_token")
    assert settings.database.url == Secret(
        "postgresql://bot:pass%20word@db.example.org:5432/leaderboards?sslmode=require"
    )
    assert settings.poll.confirm_removals == 5
    team, hook = settings.channels["team"], settings.channels["hook"]
    assert (str(team.zone), hook.zone) == ("Europe/Paris", UTC)
    assert isinstance(team, Slack)
    assert (team.token, team.channel) == (Secret("xoxb-token"), "C0123456789")
    assert team.api_url == "http://127.0.0.1:9000/api/"
    assert isinstance(hook, Webhook)
    assert len(hook.secret) == 2
    assert hook.allow_private
    assert settings.health.notify == ("my screen",)
    assert settings.health.ping_url == Secret("https://hc.example.org/ping/3f2a9c")


def test_channels_keep_the_order_of_the_file_and_are_all_told_by_default() -> None:
    """A watch without notify tells every channel."""
    settings = good("every-channel")
    names = ("simple", "gov", "unsigned", "signed", "discord", "screen")
    assert tuple(settings.channels) == names
    assert settings.watches[0].channels == names


def test_shifts_are_wanted_only_with_models() -> None:
    """Default and "all" have rank_shift where a watch names models, and only there."""
    kinds = {watch.name: watch.kinds for watch in good("kinds").watches}
    default = frozenset(Kind) - {Kind.RANK_SHIFT, Kind.PROVENANCE_CHANGE}
    assert kinds == {
        "default": default,
        "default with models": default | {Kind.RANK_SHIFT},
        "all": frozenset(Kind) - {Kind.RANK_SHIFT},
        "all with models": frozenset(Kind),
        "chosen with models": {Kind.REMOVED},
        "nobody is told": default,
    }


def test_a_watch_may_tell_nobody() -> None:
    """An empty notify is not the default."""
    assert good("kinds").watches[-1].channels == ()


def test_thresholds_are_exact_decimals() -> None:
    """A threshold is the number that was written, not the nearest binary one."""
    thresholds = [watch.min_score_change for watch in good("numbers").watches]
    assert thresholds == [Decimal(1), Decimal("0.1"), Decimal("0.001")]


@pytest.mark.parametrize("name", ["empty", "whole", "every-channel", "kinds", "numbers"])
def test_loading_again_gives_equal_settings(name: str) -> None:
    """A reload of an unchanged file is no change."""
    assert good(name) == good(name)


def test_settings_cannot_be_changed() -> None:
    """Tables, channels and the whole are read-only."""
    settings = good("whole")
    with pytest.raises(ValueError, match="frozen"):
        settings.hub.concurrency = 9
    with pytest.raises(AttributeError):
        settings.source = None  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.channels["x"] = Console(type="console")  # type: ignore[index]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///a/bot.db", "sqlite:///{folder}/a/bot.db"),
        ("sqlite:///../bot.db", "sqlite:///{folder}/../bot.db"),
        ("sqlite:////var/lib/bot.db", "sqlite:////var/lib/bot.db"),
        ("postgresql:///bot", "postgresql:///bot"),
        ("postgres://bot@h/db", "postgresql://bot@h/db"),
    ],
)
def test_a_database_file_is_relative_to_the_configuration(
    tmp_path: Path, url: str, expected: str
) -> None:
    """SQLite paths start at the configuration file's folder, whatever the current one."""
    settings = load(written(tmp_path, f'database.url = "{url}"'), {})
    assert settings.database.url == Secret(expected.format(folder=tmp_path))


@pytest.mark.parametrize("notify", ["", "notify = []\n"])
def test_health_may_name_no_channel(tmp_path: Path, notify: str) -> None:
    """Then standard error is told, after as many failures as the table says."""
    settings = load(written(tmp_path, f"[health]\n{notify}after_failures = 5\n"), {})
    assert (settings.health.notify, settings.health.after_failures) == ((), 5)


def test_a_folder_with_marks_of_addresses_still_names_the_database(tmp_path: Path) -> None:
    """A question mark or percent sign of a folder is part of the path that the store opens."""
    folder = tmp_path / "50% off?"
    folder.mkdir()
    settings = load(written(folder, ""), {})
    upgrade(settings.database.url.reveal())
    assert (folder / "leaderboard-bot.db").exists()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///a/", "sqlite:///a?mode=ro"]
)
def test_a_database_in_memory_or_without_a_file_is_refused(tmp_path: Path, url: str) -> None:
    """What is stored has to last, in one plain file."""
    (problem,) = problems(written(tmp_path, f'database.url = "{url}"'))
    assert problem.startswith("database.url: must ")


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://h/db", "postgresql:db", "postgresql://[h/db"]
)
def test_only_plain_postgresql_addresses_are_taken(tmp_path: Path, url: str) -> None:
    """One way of writing it; the driver is the program's choice."""
    (problem,) = problems(written(tmp_path, f'database.url = "{url}"'))
    assert "must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE" in problem


def test_the_endpoint_of_the_file_wins_over_the_variable(tmp_path: Path) -> None:
    """hub.endpoint, else HF_ENDPOINT, else huggingface.co."""
    environ = {"HF_ENDPOINT": "https://hub.example.org/"}
    path = written(tmp_path, "[hub]\ntimeout = '5s'\n")
    assert load(path, environ).hub.endpoint == "https://hub.example.org"
    assert load(path, {"HF_ENDPOINT": ""}).hub.endpoint == "https://huggingface.co"
    path = written(tmp_path, "[hub]\nendpoint = 'https://own.example.org'\n")
    assert load(path, environ).hub.endpoint == "https://own.example.org"


def test_a_wrong_variable_is_named_and_not_shown(tmp_path: Path) -> None:
    """A problem says where a value comes from that is not in the file."""
    path = written(tmp_path, "")
    (problem,) = problems(path, {"HF_ENDPOINT": "hub.example.org"})
    assert problem == (
        "hub.endpoint: must be an address that begins with https:// or http://; "
        "found the value of HF_ENDPOINT"
    )


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Some editors begin every file with one."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[poll]\r\nevery = '5m'\r\n")
    assert load(path, {}).poll.every == timedelta(minutes=5)


def test_a_named_file_that_is_missing_is_a_mistake(tmp_path: Path) -> None:
    """A mistyped path never means the default configuration; the remedy is told."""
    path = tmp_path / "none.toml"
    assert problems(path) == (f"{path}: no such file; create it with: leaderboard-bot init {path}",)


def test_a_folder_or_other_bytes_are_told_as_such(tmp_path: Path) -> None:
    """What is no text file is refused with its reason."""
    assert problems(tmp_path) == (f"{tmp_path}: is a directory; name the file in it",)
    path = tmp_path / "config.toml"
    path.write_bytes(b"a = 1\xff\n")
    assert problems(path) == ("is not UTF-8 text; save it as UTF-8",)
    path.write_bytes("[poll]\n# é\u2013".encode() + b"\xe9\n")
    with pytest.raises(ConfigError, match=re.escape(f"{path}:2:5: is not UTF-8 text")):
        load(path, {})
    path.write_bytes("[poll]".encode("utf-16"))
    assert problems(path) == ("is UTF-16 text; save it as UTF-8",)
    (problem,) = problems(path / "below")
    assert problem.startswith(f"{path}/below: cannot be read (")


def test_hostile_numbers_dates_and_nesting_end_in_a_problem(tmp_path: Path) -> None:
    """No text ends in a traceback."""
    for text in (
        "a = " + "[" * 5000,
        "a = " + "1" * 5000,
        "a = 2026-99-99",
        ".".join("a" * 5000) + " = 1",
    ):
        with pytest.raises(ConfigError, match=re.escape(f"{tmp_path}/config.toml:")):
            load(written(tmp_path, text), {})


def test_without_any_file_the_built_in_default_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default needs no file, and keeps its database in the current folder."""
    monkeypatch.chdir(tmp_path)
    settings = load(None, {})
    assert settings.source is None
    assert settings.database.url == Secret(f"sqlite:///{tmp_path}/leaderboard-bot.db")
    assert [watch.name for watch in settings.watches] == ["official"]
    assert list(tmp_path.iterdir()) == []


def test_the_path_wins_over_the_variable_and_that_over_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path, else LEADERBOARD_BOT_CONFIG, else config.toml in the current folder."""
    monkeypatch.chdir(tmp_path)
    here = written(tmp_path, "")
    (tmp_path / "sub").mkdir()
    other = written(tmp_path / "sub", "")
    assert load(None, {}).source == here
    assert load(None, {"LEADERBOARD_BOT_CONFIG": ""}).source == here
    assert load(None, {"LEADERBOARD_BOT_CONFIG": "sub/config.toml"}).source == other
    assert load(here, {"LEADERBOARD_BOT_CONFIG": str(other)}).source == here


def test_a_missing_file_of_the_variable_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The problem says who named the file."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ConfigError, match=r"none\.toml: no such file, which LEADERBOARD_BOT_CONFIG"
    ):
        load(None, {"LEADERBOARD_BOT_CONFIG": "none.toml"})


def test_a_dangling_link_in_the_folder_is_not_taken_for_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A configuration that was meant to be there is missed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").symlink_to("gone.toml")
    with pytest.raises(ConfigError, match="no such file"):
        load(None, {})


def test_names_may_have_emoji_of_several_parts(tmp_path: Path) -> None:
    """The joiners in them are not seen, and are no mistake."""
    name = "\N{WOMAN}\u200d\N{PERSONAL COMPUTER} \u0646\u200c\u0647"
    text = f"""
[[watch]]
name = "{name}"
benchmarks = ["official"]
notify = ["{name}"]
[channels."{name}"]
type = "console"
"""
    settings = load(written(tmp_path, text), {})
    assert [*settings.channels] == [name] == [watch.name for watch in settings.watches]
    (problem,) = problems(written(tmp_path, f'[channels."{name}"]\ntype = "console"\nx = 1\n'))
    assert problem.startswith(f'channels."{name}".x: ')


def test_addresses_that_take_slack_s_form_are_taken(tmp_path: Path) -> None:
    """Discord's do below theirs; whose address is not known may be any receiver."""
    for url in (
        "https://discord.com/api/webhooks/1/x/slack",
        "https://hooks.slack.com/triggers/T0/1/x",
        "https://chat.example.org/hooks/x",
    ):
        text = f'[channels.a]\ntype = "slack"\nwebhook_url = "{url}"\n'
        assert load(written(tmp_path, text), {}).channels


@pytest.mark.parametrize(
    ("written_so", "meant"),
    [
        ('"5 minutes"', "5m"),
        ('"1h30m"', "90m"),
        ('"1.5 hours"', "90m"),
        ('"30D"', "30d"),
        ('"1d, 12h"', "36h"),
        ('"1y"', "365d"),
        ('"2 weeks"', "14d"),
        ('"0.5s"', None),
        ('"2 months"', None),
        ('"soon"', None),
    ],
)
def test_a_duration_in_other_words_is_told_as_one(
    tmp_path: Path, written_so: str, meant: str | None
) -> None:
    """The one of the same length, where there is one."""
    (problem,) = problems(written(tmp_path, f"poll.every = {written_so}"))
    assert problem.endswith(f'; did you mean "{meant}"?' if meant else f"; found {written_so}")


@pytest.mark.parametrize("url", ["sqlite://bot.db", "sqlite:/data/bot.db", "bot.sqlite3"])
def test_a_database_s_file_without_its_slashes_is_told_with_them(tmp_path: Path, url: str) -> None:
    """Three, and a fourth where the path begins with one."""
    (problem,) = problems(written(tmp_path, f'database.url = "{url}"'))
    assert problem.endswith("; it is a file: write sqlite:/// with three slashes before its name")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://u:p@h:543x/db", "its port is no number"),
        ("postgresql://u:p@ss@h/db", "its password cannot be read: in it, write @ as %40"),
        ("postgresql://u:p#s@h/db", "its password cannot be read"),
        ("postgresql+asyncpg://u@h/db", "it names a driver (asyncpg): write postgresql://"),
        ("mysql://u@h/db", "it begins with mysql://: SQLite and PostgreSQL are understood"),
        ("postgre://u@h/db", "did you mean postgres://?"),
    ],
)
def test_how_people_misspell_an_address_is_told_at_its_place(
    tmp_path: Path, url: str, said: str
) -> None:
    """Also where the sign that is wrong would send the program to another server."""
    (problem,) = problems(written(tmp_path, f'database.url = "{url}"'))
    assert problem.startswith("database.url: ")
    assert said in problem


# --- without a file ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "channel"),
    [
        ({}, "console"),
        ({"SLACK_WEBHOOK_URL": ""}, "console"),
        ({"SLACK_WEBHOOK_URL": " "}, "console"),
        ({"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X"}, "slack"),
    ],
)
def test_without_a_file_the_top_ten_are_told(
    environ: dict[str, str], channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every official benchmark, to Slack where the variable names a webhook."""
    monkeypatch.chdir(tmp_path)
    found = load(None, environ)
    assert {name: one.type for name, one in found.channels.items()} == {channel: channel}
    (watch,) = found.watches
    assert (watch.benchmarks, watch.top, watch.channels) == (("official",), 10, (channel,))
    assert found.database.url.reveal() == f"sqlite:///{tmp_path}/leaderboard-bot.db"


def test_a_webhook_that_is_none_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And its value is not told."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(None, {"SLACK_WEBHOOK_URL": "xoxb-1234"})
    assert str(caught.value).startswith("SLACK_WEBHOOK_URL: must be an address that begins with")
    assert "xoxb" not in str(caught.value)


def test_a_file_without_channels_tells_the_console(tmp_path: Path) -> None:
    """Whatever the variable holds: the file is what counts."""
    path = tmp_path / "config.toml"
    path.write_text("")
    found = load(path, {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X"})
    assert list(found.channels) == ["console"]
    assert [watch.top for watch in found.watches] == [10]


def test_the_starter_tells_the_top_ten(tmp_path: Path) -> None:
    """As the built-in default does."""
    path = tmp_path / "config.toml"
    path.write_text(starter())
    assert [watch.top for watch in load(path, {}).watches] == [10]


# --- health ------------------------------------------------------------------------------------

HOOK = '[channels.hook]\ntype = "webhook"\nurl = "https://h/"\n'
CHAT = '[channels.chat]\ntype = "apprise"\nurl = "json://h/"\n'
TEAM = '[channels.team]\ntype = "slack"\nwebhook_url = "https://h/x"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ()),
        (HOOK, ()),
        (HOOK + CHAT + TEAM, ("chat",)),
        (HOOK + TEAM + CHAT, ("team",)),
        (TEAM + "[health]\nafter_failures = 9\n", ("team",)),
        (TEAM + "[health]\nnotify = []\n", ()),
        (TEAM + HOOK + '[health]\nnotify = ["hook"]\n', ("hook",)),
    ],
)
def test_people_are_told_what_fails_unless_they_said_whom(
    text: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    """In the first Slack or Apprise channel; an empty list tells standard error alone."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    health = load(path, {}).health
    assert health.notify == told
    assert health.after_failures == (9 if "9" in text else 3)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Aggregate:gpqa", "aggregate:gpqa"),
        ("aggregate:gpqa_score", "aggregate:gpqa"),
        ("aggregate: gpqa", "aggregate:gpqa"),
        ("aggregate:gpqa#diamond", "aggregate:gpqa"),
        ("aggregate:", None),
        ("aggregate:cais/hle", None),
    ],
)
def test_a_column_is_named_without_its_suffix(tmp_path: Path, name: str, meant: str | None) -> None:
    """Behind the prefix as it is written; a glob of columns is fine."""
    watch = '[[watch]]\nname = "a"\nbenchmarks = ["{}", "aggregate:swe*"]'

    (problem,) = problems(written(tmp_path, watch.format(name)))

    assert "must name a column without its _score behind aggregate:" in problem
    assert problem.endswith(f'; did you mean "{meant}"?' if meant else f'; found "{name}"')


def test_the_mean_over_all_columns_is_no_benchmark(tmp_path: Path) -> None:
    """Models are covered unequally."""
    watch = '[[watch]]\nname = "a"\nbenchmarks = ["aggregate:aggregate_score"]'

    (problem,) = problems(written(tmp_path, watch))

    assert "which is no benchmark" in problem
