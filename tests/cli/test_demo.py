"""``demo``, as people start it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import environment

BROKEN = "this is no TOML"


def hostile(folder: Path) -> dict[str, str]:
    """Make everything around a demo hostile; return its environment."""
    (folder / "tmp").mkdir()
    (folder / "config.toml").write_text(BROKEN)
    return environment(
        TMPDIR=str(folder / "tmp"),
        HTTP_PROXY="http://127.0.0.1:9",
        http_proxy="http://127.0.0.1:9",
        ALL_PROXY="http://127.0.0.1:9",
        HF_TOKEN="hf_of_the_user",
        HF_ENDPOINT="http://127.0.0.1:9",
        LEADERBOARD_BOT_CONFIG=str(folder / "config.toml"),
    )


DEMO = ("demo", "--speed", "50")


@pytest.mark.long
def test_demo_ends_by_itself_and_leaves_nothing(tmp_path: Path, fork_server: ForkServer) -> None:
    """No network, proxy, token or configuration matters; no file is left behind."""
    done = fork_server.run(DEMO, tmp_path, hostile(tmp_path))
    shown = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    assert shown.startswith("SAMPLE DATA")
    assert shown.count("takes the lead") >= 2
    assert "End of the sample data" in shown
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.toml", "tmp"]


OWN = """\
[[watch]]
name = "leaders"
benchmarks = ["official"]
events = ["new_leader"]
[channels.research]
type = "slack"
webhook_url = "http://127.0.0.1:9/services/T0/B0/x"
digest = "0 9 * * MON"
at_once = []
[health]
ping_url = "http://127.0.0.1:9/ping"
"""


def test_demo_plays_the_weeks_through_a_configuration_of_one_s_own(
    tmp_path: Path, fork_server: ForkServer
) -> None:
    """Each digest at its time, under its channel's name; nothing is sent to anybody, or left."""
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    done = fork_server.run([*DEMO, "--with", str(own)], tmp_path, hostile(tmp_path))
    shown = done.stdout
    assert (done.returncode, done.stderr) == (0, "")
    times = re.findall(r"^(\w+ \d+ \w+ 2026, \d+:\d+) UTC \(sample data\)$", shown, re.MULTILINE)
    assert len(times) > 3
    assert all(time.startswith("Mon") and time.endswith("09:00") for time in times)
    assert shown.count("to research: ") == len(times)
    assert shown.startswith("SAMPLE DATA")
    assert "End of the sample data" in shown
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["config.toml", "own.toml", "tmp"]


@pytest.mark.parametrize(
    ("end", "status"),
    [(signal.SIGTERM, 0), pytest.param(signal.SIGINT, 130, marks=pytest.mark.long)],
)
def test_served_page_and_hub_tell_their_addresses_first(
    tmp_path: Path, fork_server: ForkServer, end: signal.Signals, status: int
) -> None:
    """``--serve`` answers there from then on, and leaves nothing, however it is told to end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *DEMO, "--serve"], cwd=tmp_path, env=hostile(tmp_path),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    page = re.fullmatch(r"See it as it happens: (http://127.*)\n", process.stdout.readline())
    assert page, "the page comes first"
    told_how = ""
    while "SAMPLE DATA" not in told_how:
        line = process.stdout.readline()
        assert line, "it ended"
        told_how += line
    assert 'cd "$(mktemp -d)"' in told_how, "sample rows must not enter a database in use"
    found = re.search(r"^The sample Hub is at (http://127\.0\.0\.1:\d+),", told_how, re.MULTILINE)
    config = re.search(r"export LEADERBOARD_BOT_CONFIG=(\S+)", told_how)
    assert found, told_how
    assert config, told_how
    while "takes the lead" not in process.stdout.readline():
        assert process.poll() is None, "it ended"
    of_hub = fork_server.run(
        ["benchmarks", "--json"], tmp_path / "tmp",
        environment(HF_ENDPOINT=found[1], HF_TOKEN="sample"),
    )  # fmt: skip
    seen = fork_server.run(["--config", config[1], "events", "--kind", "new_leader"], tmp_path)
    with urllib.request.urlopen(page[1], timeout=30) as shown:
        page_text = shown.read().decode()
    assert "SWE-bench Verified" in page_text
    assert "Sample data: made-up results around real model names." in page_text
    process.send_signal(end)
    _, told = process.communicate(timeout=60)
    assert '"SWE-bench/SWE-bench_Verified"' in of_hub.stdout
    assert "zai-org/GLM-5 takes the lead" in seen.stdout, "the commands read the same weeks"
    assert (process.returncode, told) == (status, "")
    assert list((tmp_path / "tmp").iterdir()) == []
