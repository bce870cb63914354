"""Rows that cannot be read, from the answer to whoever is told when that lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from pathlib import Path

import pytest

from bot.config import load
from bot.core.alerts.message import FAILING, RECOVERED, Health
from bot.core.render.words.notice import notice
from bot.jobs.round import Jobs
from bot.store import Store, open_existing
from tests.support.builders import answer
from tests.support.fakes import FakeClock, FakeHub, RecordingChannel, process

CONFIG = """
[[watch]]
name = "all"
benchmarks = ["acme/a", "acme/b"]
notify = []
[channels.ops]
type = "console"
[health]
notify = ["ops"]
"""

ABC = (("a", 80), ("b", 70), ("c", 60))


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Store]:
    """Open a database that is set up and empty."""
    with closing(open_existing(sqlite_url)) as store:
        yield store


def test_rows_that_cannot_be_read_are_told_when_they_last_and_when_they_are_over(
    opened: Store, tmp_path: Path
) -> None:
    """Once each, for all such boards, although answers that are the same are not read again."""
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    hub, clock, ops = FakeHub(), FakeClock(), RecordingChannel("ops")
    jobs = Jobs(load(tmp_path / "config.toml", {}), opened, hub, {"ops": ops}, process(clock))

    def rounds(count: int, **flaws: list[str]) -> list[tuple[str, Health]]:
        hub.answers = {f"acme/{name}": answer(*ABC, unread=flaws.get(name, [])) for name in "ab"}
        ops.accepted.clear()
        for _ in range(count):
            jobs.round()
            clock.advance(timedelta(minutes=15))
        told = [one.message for one in ops.accepted]
        return [(one.type, one.data) for one in told if isinstance(one.data, Health)]

    assert rounds(2, a=["x"], b=["y"]) == []
    ((failing, bad),) = rounds(3, a=["x"], b=["y"])
    assert (failing, bad.subject, len(bad.boards)) == (FAILING, "board", 2)
    assert bad.error == "rows cannot be read: 1 rows are skipped"
    assert notice(failing, bad, "https://hub.test", UTC).summary == (
        "2 boards have rows that cannot be read: acme/a, acme/b. 1 rows are skipped."
    )
    ((well, good),) = rounds(3)
    assert (well, good.subject, len(good.boards)) == (RECOVERED, "board", 2)
    assert "2 boards have no row any more" in notice(well, good, "https://hub.test", UTC).summary
