"""A copy taken beside a daemon that writes answers as the original did at one moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.hub.fake_hub import Json, board
from tests.support.process.installation import BENCH, Installation, boards_asked
from tests.support.waiting import until

WATCH = f'name = "all"\nbenchmarks = ["{BENCH}"]\nevents = "all"\nevery = "1s"'
COPIES = 2


def rows(extra: int) -> list[Json]:
    return board(("acme/a", 80.0), *((f"acme/n{n}", 81.0 + n) for n in range(extra)))


def answers(installation: Installation) -> dict[str, Any]:
    """Ask the configured database what a person would ask after a restore."""
    deliveries = installation.json("deliveries")
    return {
        "show": installation.json("show", BENCH)["rows"],
        "events": installation.json("events"),
        "deliveries": sorted(delivery["id"] for delivery in deliveries),
    }


def test_copies_taken_under_load_answer_as_the_original_did(installation: Installation) -> None:
    """Each is sound, its events are the first of all events, and the last equals the original."""
    installation.configure(WATCH)
    installation.hub.set(BENCH, rows(0))
    copies = [installation.folder / f"copy{n}.db" for n in range(COPIES)]
    with installation.daemon() as process:
        assert until(lambda: boards_asked(installation) >= 1)
        for number, copy in enumerate(copies, start=1):
            installation.hub.set(BENCH, rows(number))
            assert installation.receiver.wait(number)
            assert installation.run("db", "backup", str(copy)).returncode == 0
        process.terminate()
        assert process.wait(timeout=10) == 0
    whole = answers(installation)
    assert len(whole["deliveries"]) == COPIES
    for copy in copies:
        use(installation, copy)
        assert installation.run("db", "check").returncode == 0
        restored = answers(installation)
        assert restored["events"] == whole["events"][: len(restored["events"])]
        assert set(restored["deliveries"]) <= set(whole["deliveries"])
    assert restored["show"] == whole["show"]
    assert restored["events"] == whole["events"]


def test_a_restore_repeats_what_the_copy_does_not_know(installation: Installation) -> None:
    """A later change is told again as a new one; what waited goes again, under its own id."""
    installation.hub.set(BENCH, rows(0))
    installation.poll()
    installation.receiver.status = 503
    installation.hub.set(BENCH, rows(1))
    installation.poll(status=1)
    copy = installation.folder / "copy.db"
    assert installation.run("db", "backup", str(copy)).returncode == 0
    installation.receiver.status = 200
    installation.hub.set(BENCH, rows(2))
    assert installation.run("deliveries", "retry", waiting(installation)).returncode == 0
    installation.poll()
    use(installation, copy)
    assert installation.run("deliveries", "retry", waiting(installation)).returncode == 0
    installation.poll()
    _refused, *sent = [
        (one.headers["webhook-id"], [event["model"] for event in body["data"]["events"]])
        for one, body in zip(
            installation.receiver.requests, installation.receiver.bodies, strict=True
        )
    ]
    ids = [name for name, _ in sent]
    assert [models[:1] for _, models in sent] == [["acme/n0"], ["acme/n1"]] * 2
    assert ids[0] == ids[2]
    assert ids[1] != ids[3]


def waiting(installation: Installation) -> str:
    """Return the id of the delivery that waits."""
    (one,) = installation.json("deliveries", "--state", "pending")
    return str(one["id"])


def use(installation: Installation, copy: Path) -> None:
    """Point the configuration at a copy."""
    lines = installation.config.read_text().splitlines()
    named = [f'url = "sqlite:///{copy}"' if "sqlite:///" in line else line for line in lines]
    installation.config.write_text("\n".join(named))
