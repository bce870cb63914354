"""What is measured: this program, and what else people use to watch a page."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sample import name

OURS = "leaderboard-bot"
BARE = "the bare loop"
REQUESTS = "the requests loop"
URLWATCH = "urlwatch"
WEBCHANGES = "webchanges"

LOOPS = {BARE: "bare", REQUESTS: "requests"}

# webchanges would ask the internet for a newer release of itself.
NOWHERE = ("env", "HTTPS_PROXY=http://127.0.0.1:9")

WATCH = """[hub]
endpoint = "{hub}"
[database]
url = "sqlite:///bot.db"
[poll]
every = "{every}"
[[watch]]
name = "all"
benchmarks = {names}
[channels.hook]
type = "webhook"
url = "{hub}/hook"
allow_private = true
"""


def configure(folder: Path, hub: str, boards: int, every: str = "15m") -> list[str]:
    """Write our configuration: one watch that names every board, and a webhook."""
    names = [name(number) for number in range(boards)]
    config = folder / "config.toml"
    config.write_text(WATCH.format(hub=hub, every=every, names=names))
    return [sys.executable, "-m", "bot", "--config", str(config), "--log-level", "warning"]


def command(tool: str, folder: Path, hub: str, boards: int, peers: Path) -> list[str]:
    """Write what a tool needs into its folder, and return the command that looks once."""
    if tool == OURS:
        return [*configure(folder, hub, boards), "poll"]
    if tool in LOOPS:
        words = [LOOPS[tool], str(folder), hub, str(boards)]
        return [sys.executable, "-m", "benchmarks.loops", *words]
    return _peer(tool, folder, hub, boards, peers)


def _peer(tool: str, folder: Path, hub: str, boards: int, peers: Path) -> list[str]:
    urls = [f"{hub}/api/datasets/{name(number)}/leaderboard" for number in range(boards)]
    jobs = folder / "jobs.yaml"
    jobs.write_text("\n---\n".join(f"url: {url}" for url in urls) + "\n")
    config, hooks = folder / "config.yaml", folder / "hooks.py"
    config.write_text("report: {stdout: {enabled: true}}\n")
    hooks.touch()
    files = ["--config", str(config), "--hooks", str(hooks)]
    program = [*NOWHERE, str(peers / tool / "bin" / tool)]
    if tool == URLWATCH:
        return [*program, "--urls", str(jobs), *files, "--cache", str(folder / "state.db")]
    return [*program, "--jobs", str(jobs), *files, "--database", str(folder / "state.db")]


def installed(peers: Path) -> Sequence[str]:
    """Return the peers that there are environments of."""
    return [tool for tool in (URLWATCH, WEBCHANGES) if (peers / tool / "bin" / tool).exists()]
