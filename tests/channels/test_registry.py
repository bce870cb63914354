"""The kinds of channel."""

from __future__ import annotations

import subprocess
import sys

from bot.channels.registry import KINDS
from tests.support.process.installation import environment

HEAVY = {
    "apprise",
    "httpcore",
    "httpx",
    "requests",
    "rich",
    "slack_sdk",
    "standardwebhooks",
    "yaml",
}


def test_to_know_the_kinds_loads_no_library_of_theirs() -> None:
    """Every command that reads the configuration knows them; few of these send anything."""
    probe = "import sys, bot.channels.registry; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", probe],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert "pydantic" in done.stdout
    assert HEAVY & set(done.stdout.split()) == set()


def test_a_kind_is_known_by_the_type_that_its_table_asks_for() -> None:
    """The type stands once, in the kind itself."""
    assert KINDS["console"](type="console").type == "console"
