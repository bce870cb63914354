"""A cold poll of unchanged boards against webchanges on the same URLs, as ratios.

    python benchmarks/cold_poll.py --peer PATH/TO/webchanges [--boards 20 200] [--runs 9]

Both programs start afresh for each run, in turn (A B A B …), and have seen every page before.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bot.demo.hub import SampleHub

ROWS = 38


def rows(seed: int) -> list[dict[str, object]]:
    """Return a board of the size seen on the Hub in spring 2026."""
    return [
        {
            "rank": place,
            "modelId": f"org-{seed}/model-{place}",
            "value": round(90 - place * 0.7, 1),
            "verified": False,
            "filename": ".eval_results/bench.yaml",
            "source": {"url": "https://example.org/card", "name": "Model Card"},
            "author": {"type": "org", "name": f"org-{seed}", "fullname": f"Org {seed}"},
        }
        for place in range(1, ROWS + 1)
    ]


def ours(folder: Path, hub: str, benchmarks: Sequence[str]) -> list[str]:
    """Configure leaderboard-bot and return its command."""
    config = folder / "config.toml"
    config.write_text(
        f'[hub]\nendpoint = "{hub}"\ntoken = "hf_none"\n'
        f'[[watch]]\nname = "all"\nbenchmarks = {list(benchmarks)!r}\n'
    )
    return [sys.executable, "-m", "bot", "--config", str(config), "poll"]


def theirs(folder: Path, hub: str, benchmarks: Sequence[str], program: str) -> list[str]:
    """Configure webchanges and return its command."""
    jobs = folder / "jobs.yaml"
    urls = [f"{hub}/api/datasets/{name}/leaderboard" for name in benchmarks]
    jobs.write_text("\n---\n".join(f"url: {url}\nno_conditional_request: false" for url in urls))
    config = folder / "config.yaml"
    files = ["--jobs", str(jobs), "--config", str(config), "--hooks", str(folder / "hooks.py")]
    return [program, *files, "--database", str(folder / "snapshots.db")]


def seconds(command: Sequence[str], folder: Path) -> float:
    """Run a command and return its wall time; a failing one ends the benchmark."""
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    taken = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stderr.decode()}")
    return taken


def compare(boards: int, runs: int, peer: str) -> None:
    """Print the medians of both, and the median ratio of the pairs."""
    names = [f"bench-{n}/board-{n}" for n in range(boards)]
    with tempfile.TemporaryDirectory() as made, SampleHub() as hub:
        folder = Path(made)
        hub.remaining = 10**9
        for number, name in enumerate(names):
            hub.set(name, rows(number))
        commands = ours(folder, hub.url, names), theirs(folder, hub.url, names, peer)
        for command in commands * 2:  # the first sight, and one more to warm up
            seconds(command, folder)
        pairs = [tuple(seconds(command, folder) for command in commands) for _ in range(runs)]
    ratios = [mine / other for mine, other in pairs]
    print(
        f"{boards:4} boards: leaderboard-bot {statistics.median(p[0] for p in pairs):.2f} s, "
        f"webchanges {statistics.median(p[1] for p in pairs):.2f} s, "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    """Read the command line and compare at each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", required=True, help="the webchanges command")
    parser.add_argument("--boards", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    for boards in options.boards:
        compare(boards, options.runs, options.peer)


if __name__ == "__main__":
    main()
