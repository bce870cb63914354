"""The schema, the example, the starter and the reference agree with what the bot reads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.channels.base import ChannelTable
from bot.channels.console import Console
from bot.channels.registry import KINDS
from bot.config import load, schema, starter

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "config"
EXAMPLE = ROOT / "config.example.toml"
REFERENCE = ROOT / "docs" / "configuration.md"
GOOD = [*sorted(DATA.glob("good.*.toml")), EXAMPLE]


def switched_on(text: str) -> dict[str, Any]:
    """Return a file's tables with the keys that it shows switched off switched on."""
    return tomllib.loads(re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE))


def keys(node: dict[str, Any], place: str = "") -> Iterator[str]:
    """Yield every key that a schema allows, as ``watch.name`` or ``channels.slack.token``."""
    for kind in (node.get("additionalProperties") or {}).get("oneOf", []):
        yield from keys(kind, f"{place}{kind['properties']['type']['const']}.")
    for key, value in node.get("properties", {}).items():
        inner = value.get("items", value)
        yield f"{place}{key}"
        if inner.get("type") == "object":
            yield from keys(_named(inner), f"{place}{key}.")


def _named(table: dict[str, Any]) -> dict[str, Any]:
    """Return what a table of tables that people name holds, else the table itself."""
    inner = table.get("additionalProperties") or {}
    return inner if "properties" in inner else table


ALL_KEYS = sorted(keys(schema()))


def used(tables: dict[str, Any]) -> set[str]:
    """Return the keys that a file has, written as ``keys`` writes them."""
    found = set(tables)
    for name in ("hub", "database", "poll", "health", "web"):
        found |= {f"{name}.{key}" for key in tables.get(name, {})}
    found |= {f"benchmarks.{key}" for one in tables.get("benchmarks", {}).values() for key in one}
    found |= {f"watch.{key}" for watch in tables.get("watch", []) for key in watch}
    for channel in tables.get("channels", {}).values():
        found |= {f"channels.{channel['type']}.{key}" for key in channel}
        shared = channel.keys() & ChannelTable.model_fields.keys() - {"type"}
        found |= {f"channels.{kind}.{key}" for kind in KINDS for key in shared}
    return found


def test_the_committed_schema_is_the_one_that_is_generated() -> None:
    """Editors are told what the program reads."""
    committed = json.loads((ROOT / "config.schema.json").read_text(encoding="utf-8"))
    assert committed == schema(), "run: python -m bot.config > config.schema.json"


def test_the_module_prints_the_committed_schema() -> None:
    """The command that the test above names makes the file byte by byte."""
    command = [sys.executable, "-m", "bot.config"]
    printed = subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout
    assert printed == (ROOT / "config.schema.json").read_bytes()


def test_the_schema_is_valid_and_made_without_a_warning() -> None:
    """It is JSON Schema draft 7, which editors of TOML know, with nothing to look up."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = schema()
    jsonschema.Draft7Validator.check_schema(made)
    assert "$ref" not in json.dumps(made)
    assert '"null"' not in json.dumps(made)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_the_schema_accepts_what_the_bot_accepts(path: Path) -> None:
    """An editor does not mark a good file."""
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), schema())


@pytest.mark.parametrize(
    "reason", ["unknown-keys", "later-keys", "quoted", "bounds", "shapes", "slack", "events"]
)
def test_the_schema_refuses_what_an_editor_can_see(reason: str) -> None:
    """Unknown keys, wrong types and bounds are marked while typing."""
    tables = tomllib.loads((DATA / f"bad.{reason}.toml").read_text(encoding="utf-8"))
    assert not jsonschema.Draft7Validator(schema()).is_valid(tables)


def test_the_schema_accepts_references_for_every_kind_of_string() -> None:
    """env: and file: are not marked, also where the shape of a string is given."""
    text = """
hub = {endpoint = "env:A", timeout = "env:A", token = "file:a"}
[[watch]]
name = "a"
benchmarks = ["env:A"]
events = ["env:A"]
every = "file:a"
[channels.a]
type = "webhook"
url = "env:A"
secret = ["env:A", "file:a"]
"""
    jsonschema.validate(tomllib.loads(text), schema())


def test_every_key_of_the_schema_says_what_it_is() -> None:
    """Editors show a description for each key."""

    def undescribed(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.get("properties", {}).items():
                if not value.get("description"):
                    yield key
            for value in node.values():
                yield from undescribed(value)
        elif isinstance(node, list):
            for value in node:
                yield from undescribed(value)

    assert list(undescribed(schema())) == []


def test_the_walk_over_the_schema_finds_keys_at_every_depth() -> None:
    """The tests below would pass on an empty list."""
    assert {"hub.token", "watch.name", "channels.slack.token", "health.notify"} <= set(ALL_KEYS)


def test_the_example_loads_as_it_is() -> None:
    """Without any environment, and with every type of channel."""
    settings = load(EXAMPLE, {})
    assert {channel.type for channel in settings.channels.values()} == KINDS.keys()


def test_the_example_loads_with_everything_switched_on(tmp_path: Path) -> None:
    """What stands behind a # works too, once its variables are set."""
    path = tmp_path / "config.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE), encoding="utf-8")
    variables = {"HF_TOKEN": "hf_token", "PING_URL": "https://hc.example.org/ping/uuid"}
    assert load(path, variables).hub.token is not None


def test_the_example_shows_every_key() -> None:
    """The tour leaves nothing out."""
    shown = used(switched_on(EXAMPLE.read_text(encoding="utf-8")))
    assert sorted(set(ALL_KEYS) - shown) == []


def test_the_example_names_its_schema_first() -> None:
    """Editors complete in it at once."""
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]
    assert first == "#:schema ./config.schema.json"
    assert (ROOT / "config.schema.json").is_file()


@pytest.mark.parametrize("key", [key for key in ALL_KEYS if "." in key])
def test_every_key_is_documented_in_its_section(key: str) -> None:
    """docs/configuration.md has a row for each key, under the heading of its table."""
    place, _, name = key.rpartition(".")
    heading = f'type = "{place.partition(".")[2]}"' if "." in place else f"[{place}]"
    if "." in place and name in ChannelTable.model_fields and name != "type":
        heading = "When a channel is told"
    sections = re.split(r"^##+ ", REFERENCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = [text for text in sections if heading in text.splitlines()[0]]
    assert f"\n| `{name}` |" in section


def test_the_reference_has_no_key_that_is_not_read() -> None:
    """A key that was removed leaves the documentation too."""
    documented = set(re.findall(r"^\| `(\w+)` \|", REFERENCE.read_text("utf-8"), re.MULTILINE))
    assert documented <= {key.rpartition(".")[2] for key in ALL_KEYS}


def test_the_starter_loads_as_it_is(tmp_path: Path) -> None:
    """A first file works without any environment, and prints."""
    path = tmp_path / "config.toml"
    path.write_text(starter(), encoding="utf-8")
    settings = load(path, {})
    assert settings.channels == {"screen": Console(type="console")}
    assert [watch.benchmarks for watch in settings.watches] == [("official",)]


def test_the_starter_loads_with_everything_switched_on(tmp_path: Path) -> None:
    """What a user switches on works, once its variables are set."""
    path = tmp_path / "config.toml"
    path.write_text(re.sub(r"^#(?=[\w\[])", "", starter(), flags=re.MULTILINE), encoding="utf-8")
    environ = {
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T000/B000/XXXX",
        "HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "HF_TOKEN": "hf_token",
    }
    settings = load(path, environ)
    assert set(settings.channels) == {"screen", "team", "hook"}
