"""What the end-to-end tests share: an installation of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hub.fake_hub import SampleHub
from tests.support.process.fork_server import ForkServer
from tests.support.process.installation import BENCH, Installation, Receiver


@pytest.fixture
def installation(tmp_path: Path, hub: SampleHub, fork_server: ForkServer) -> Iterator[Installation]:
    """Give a Hub with nothing on it, a receiver, and a watch on every event of one board."""
    with Receiver() as receiver:
        made = Installation(tmp_path, hub, receiver, fork_server)
        made.configure(f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"')
        yield made
