"""``docs/json.md`` shows the keys that the commands really give."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.process.installation import ROOT

PAGE = (ROOT / "docs/json.md").read_text("utf-8")
EXAMPLES = dict(re.findall(r"^## `(\w+)`\n+```json\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = {
    "poll": ["poll"],
    "events": ["events", "--kind", "new_leader"],
    "deliveries": ["deliveries"],
    "show": ["show", BENCH],
    "history": ["history", BENCH],
    "benchmarks": ["benchmarks"],
    "status": ["status"],
    "explain": ["explain", "zai/delta", BENCH],
    "backtest": ["backtest"],
}
OPEN = {"event", "examples", "kinds"}
"""What is as ``events`` has it, and not shown twice; and what has keys of its own each time."""


def test_every_command_has_its_example() -> None:
    """All that takes ``--json`` is described."""
    assert EXAMPLES.keys() == {*COMMANDS, "export"}


@pytest.mark.parametrize("command", EXAMPLES)
def test_example_has_the_real_keys(commands: Commands, command: str) -> None:
    """Keys, their order and what is below them are as shown."""
    commands.polled(START, LATER)
    if command == "export":
        real = json.loads(commands.run("export", "--format", "json").stdout)
    else:
        real = commands.json(*COMMANDS[command])
    assert keys(real) == keys(json.loads(EXAMPLES[command]))


def keys(value: Any) -> Any:
    """Return the keys of a document in their order, of a list those of its first item."""
    if isinstance(value, dict):
        return [(key, None if key in OPEN else keys(part)) for key, part in value.items()]
    return keys(value[0]) if isinstance(value, list) and value else None
