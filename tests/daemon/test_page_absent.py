"""A daemon without a page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.hub.fake_hub import SampleHub
from tests.support.process.installation import ROOT

OF_THE_PAGE = ("bot.web", "jinja2", "prometheus_client", "starlette", "uvicorn")

PROBE = """\
import os, signal, sys, threading
import bot.daemon.scheduler as scheduler
from bot.__main__ import main
look = scheduler.Daemon._look
def looked(self):
    look(self)
    os.kill(os.getpid(), signal.SIGTERM)
scheduler.Daemon._look = looked
os._exit = sys.exit
try: main()
finally: print(*sys.modules, sep="\\n")
"""


def test_without_a_page_nothing_of_it_is_loaded(tmp_path: Path, hub: SampleHub) -> None:
    """A daemon whose configuration has no ``[web]`` pays for no page."""
    config = tmp_path / "config.toml"
    config.write_text(f'[hub]\nendpoint = "{hub.url}"\ntoken = "x"\n', "utf-8")
    command = [sys.executable, "-c", PROBE, "--config", str(config), "run"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )
    loaded = done.stdout.splitlines()
    assert "apscheduler" in loaded, done.stderr
    assert [name for name in OF_THE_PAGE if name in loaded] == []
