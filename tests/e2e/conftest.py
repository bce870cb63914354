"""The world of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_hub import SampleHub
from tests.nursery import Nursery
from tests.world import BENCH, Receiver, World


@pytest.fixture
def world(tmp_path: Path, hub: SampleHub, nursery: Nursery) -> Iterator[World]:
    """Give a Hub with nothing on it, a receiver, and a watch on every event of one board."""
    with Receiver() as receiver:
        made = World(tmp_path, hub, receiver, nursery)
        made.configure(f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"')
        yield made
