"""A copy taken beside a daemon that writes answers as the original did at one moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.fake_hub import Json, board
from tests.support.process.installation import BENCH, Installation, boards_asked
from tests.support.waiting import until

WATCH = f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"\nevery = "1s"'
COPIES = 3


def rows(extra: int) -> list[Json]:
    return board(("acme/a", 80.0), *((f"acme/n{n}", 81.0 + n) for n in range(extra)))


def answers(world: Installation) -> dict[str, Any]:
    """Ask the configured database what a person would ask after a restore."""
    deliveries = world.json("deliveries")
    return {
        "show": world.json("show", BENCH)["rows"],
        "events": world.json("events"),
        "deliveries": sorted(delivery["id"] for delivery in deliveries),
    }


def test_copies_taken_under_load_answer_as_the_original_did(world: Installation) -> None:
    """Each is sound, its events are the first of all events, and the last equals the original."""
    world.configure(WATCH)
    world.hub.set(BENCH, rows(0))
    copies = [world.folder / f"copy{n}.db" for n in range(COPIES)]
    with world.daemon() as process:
        assert until(lambda: boards_asked(world) >= 1)
        for number, copy in enumerate(copies, start=1):
            world.hub.set(BENCH, rows(number))
            assert world.receiver.wait(number)
            assert world.run("db", "backup", str(copy)).returncode == 0
        process.terminate()
        assert process.wait(timeout=10) == 0
    whole = answers(world)
    assert len(whole["deliveries"]) == COPIES
    for copy in copies:
        use(world, copy)
        assert world.run("db", "check").returncode == 0
        restored = answers(world)
        assert restored["events"] == whole["events"][: len(restored["events"])]
        assert set(restored["deliveries"]) <= set(whole["deliveries"])
    assert restored["show"] == whole["show"]
    assert restored["events"] == whole["events"]


def use(world: Installation, copy: Path) -> None:
    """Point the configuration at a copy."""
    lines = world.config.read_text().splitlines()
    named = [f'url = "sqlite:///{copy}"' if "sqlite:///" in line else line for line in lines]
    world.config.write_text("\n".join(named))
