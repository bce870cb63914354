"""Runs commands in this process, with a configuration and a sample Hub of their own."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from typer import testing
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.store import Store, open_existing
from tests.support.hub.fake_hub import SampleHub, board
from tests.support.store.migrated import place_for

# A process makes its commands once: to make them for each that is run takes a quarter of its time.
vars(testing)["_get_command"] = cache(vars(testing)["_get_command"])

BENCH = "acme/bench"
START = board(("qwen/alpha", 76.4), ("mini/beta", 75.8), ("step/gamma", 74.4))
LATER = board(("zai/delta", 77.8), ("qwen/alpha", 76.4), ("mini/beta", 75.9), ("step/gamma", 74.4))
"""Another leader, and one score."""

OTHER = "cais/other"
BOTH = f'name = "both"\nbenchmarks = ["{BENCH}", "{OTHER}"]'
"""A watch on both benchmarks, whatever the Hub lists."""

QUIET_CHANNEL = """\
[channels.gone]
type = "webhook"
url = "http://127.0.0.1:9/"
allow_private = true
"""
"""A channel that nobody listens to."""


class Commands:
    """One folder with a configuration and, once something polls, a database."""

    def __init__(self, folder: Path, hub: SampleHub) -> None:
        self.folder = folder
        self.hub = hub
        self.config = folder / "config.toml"
        self.database = folder / "bot.db"
        self.configure()

    def configure(
        self, *watches: str, channels: str = "", extra: str = "", database: str = ""
    ) -> None:
        """Write the configuration: TOML bodies of ``[[watch]]`` tables, then other tables."""
        tables = "".join(f"[[watch]]\n{watch}\n" for watch in watches)
        hub = f'[hub]\nendpoint = "{self.hub.url}"\ntoken = "hf_test"\ntimeout = "5s"\n'
        database = f'[database]\nurl = "sqlite:///bot.db"\n{database}\n'
        self.config.write_text(f"{hub}{database}{tables}{channels}{extra}", encoding="utf-8")

    def run(self, *arguments: str, status: int | None = 0, columns: int = 80) -> Result:
        """Run a command and check its exit status; None takes any."""
        place_for(arguments, self.database)
        hidden = {name: None for name in os.environ if name.startswith(("HF_", "LEADERBOARD_"))}
        with _logging_restored():
            done = CliRunner().invoke(
                app,
                ["--config", str(self.config), *arguments],
                env={**hidden, "COLUMNS": str(columns)},
                prog_name="leaderboard-bot",
            )
        assert status is None or done.exit_code == status, (done.exit_code, done.stderr)
        return done

    def json(self, *arguments: str, status: int = 0) -> Any:
        """Run a command with ``--json`` and return its document."""
        return json.loads(self.run(*arguments, "--json", status=status).stdout)

    def polled(self, *states: Any, benchmark: str = BENCH) -> None:
        """Poll the benchmark in each of its states in turn."""
        for rows in states or (START,):
            self.hub.add_benchmark(benchmark, rows)
            self.run("poll", status=None)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the database that the commands use."""
        with closing(open_existing(f"sqlite:///{self.database}")) as store:
            yield store


@contextmanager
def _logging_restored() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("bot")
    handlers, levels = root.handlers, {root: root.level, ours: ours.level}
    try:
        yield
    finally:
        root.handlers = handlers
        for logger, level in levels.items():
            if logger.level != level:  # to set one costs a look at all loggers
                logger.setLevel(level)
