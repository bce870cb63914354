"""The Hub at its worst, through the whole program: no board is lost, no lie is told.

Every case has a board of its own that was well. While it misbehaves, another board changes and
is told; once it is well again, all is as if nothing had been.
"""

from __future__ import annotations

import json
import logging
import re
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from bot.app import open_hub
from bot.config import load
from bot.core.alerts.message import BoardChange
from bot.core.board import BoardKey, Snapshot
from bot.jobs.round import Jobs
from bot.store import open_store
from tests.support.builders import ids
from tests.support.fakes import FakeClock, RecordingChannel, process
from tests.support.hub import hub_faults
from tests.support.hub.fake_hub import board
from tests.support.hub.hub_faults import FAILS, ROWS, Case, one, says
from tests.support.servers import RawServer, answer
from tests.support.store import reads
from tests.support.store.units import load_board

WELL = "well/board"
CONFIG = """
hub = {{ endpoint = "{endpoint}", token = "hf_x", timeout = "{timeout}", concurrency = {at_once} }}
channels.hook = {{ type = "webhook", url = "https://example.org/hook" }}
[[watch]]
name = "all"
benchmarks = {names}
events = "all"
models = ["*"]
"""


class WorstHub:
    """The program on one side, on the other a Hub with one board a case and one that is well."""

    def __init__(self, cases: Sequence[Case], url: str, folder: Path) -> None:
        self.cases = {f"worst/c{number}": case for number, case in enumerate(cases)}
        self.turn, self.answered = 0, 0
        self.rows = ROWS
        self.folder = folder
        self.server = RawServer(self.answer)
        self.store = open_store(url)
        self.clock, self.channel, self.new_id = FakeClock(), RecordingChannel("hook"), ids("x")

    def answer(self, connection: socket.socket, head: bytes, stop: Event) -> None:
        """Misbehave in turns 1, 2 … of each board's case; else answer well, in other bytes."""
        found = re.search(rb"/api/datasets/([^/]+/[^/]+)/leaderboard", head)
        if not found:  # its benchmarks have no eval.yaml
            connection.sendall(answer(b"{}", "404 Not Found"))
            return
        name = found[1].decode()
        case = self.cases.get(name)
        if case and 0 < self.turn <= len(case.scripts):
            case.scripts[self.turn - 1](connection, head, stop)
            return
        self.answered += 1
        rows = self.rows if case else board(("org/a", self.answered))
        connection.sendall(answer(json.dumps(rows).encode() + b" " * self.answered))

    @contextmanager
    def jobs(self, timeout: str = "60s", at_once: int = 8) -> Iterator[Jobs]:
        """Run the program, with everything real but its clock and its channel."""
        path = self.folder / "config.toml"
        names = json.dumps([*self.cases, WELL])
        endpoint = self.server.endpoint
        path.write_text(
            CONFIG.format(endpoint=endpoint, timeout=timeout, at_once=at_once, names=names)
        )
        settings = load(path, {})
        own = process(self.clock, self.new_id(), self.new_id)
        with open_hub(settings) as hub:
            yield Jobs(settings, self.store, hub, {"hook": self.channel}, own)

    def poll(self, jobs: Jobs) -> tuple[dict[str, str], list[str]]:
        """Poll every board once; return what is wrong by board, and the boards that were told."""
        already, stored = len(self.channel.accepted), len(reads.events(self.store))
        summary = jobs.round()
        assert summary.polled + len(summary.deferred) == len(self.cases) + 1
        told = self.channel.accepted[already:]
        changes = [o.message.data for o in told if isinstance(o.message.data, BoardChange)]
        boards = [change.board.benchmark for change in changes for _ in change.events]
        assert len(reads.events(self.store)) - stored == len(boards)
        return dict(summary.errors) | dict.fromkeys(summary.deferred, "deferred"), sorted(boards)

    def snapshots(self) -> dict[str, Snapshot | None]:
        return {
            f"{name}: {case.name}": load_board(self.store, BoardKey(name))
            for name, case in self.cases.items()
        }

    def misbehave(self, jobs: Jobs) -> None:
        """Let every case have its turns; only the board that is well has anything to tell."""
        for turn in range(1, max(len(case.scripts) for case in self.cases.values()) + 1):
            self.turn = turn
            errors, told = self.poll(jobs)
            assert told == [WELL]
            wrong = {
                f"{case.name}, turn {turn}: {errors.get(name, 'taken')}"
                for name, case in self.cases.items()
                if (name in errors) != (case.outcome == FAILS and turn <= len(case.scripts))
            }
            assert wrong == set()
            assert all(len(text) < 150 and "://" not in text for text in errors.values())
        self.turn = 0


GROUPS: dict[str, tuple[Callable[[], list[Case]], int]] = {
    "answers": (hub_faults.answers, 54),
    "fields": (hub_faults.fields, 122),
    "refusals": (hub_faults.refusals, 42),
    "wires": (hub_faults.wires, 43),
    "cuts": (lambda: hub_faults.cuts(150), 78),
    "more cuts": (lambda: hub_faults.cuts(50), 226),
}
"""The cases, and how many answers they are: the table shall not shrink unseen."""

LONG = ("wires", "more cuts")
"""What the tests of the client and of the network have, one by one."""


@contextmanager
def misbehaving(cases: Sequence[Case], url: str, folder: Path) -> Iterator[WorstHub]:
    """Run a Hub at its worst, where every board is well and known before."""
    here = WorstHub(cases, url, folder)
    try:
        with here.server, here.jobs() as jobs:
            assert here.poll(jobs) == ({}, [])
            yield here
    finally:
        here.store.close()


def all_is_well_again(here: WorstHub, before: dict[str, Snapshot | None]) -> None:
    """Assert that nothing is told of the cases' boards, nothing changed, and a change is told."""
    with here.jobs() as jobs:
        assert here.poll(jobs) == ({}, [WELL])
        now = here.snapshots()
        assert [name for name in before if now[name] != before[name]] == []
        here.rows = [*ROWS[:-1], ROWS[-1] | {"value": 0.5}]
        assert here.poll(jobs) == ({}, sorted([*here.cases, WELL]))


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged with a traceback, or above a warning by another than health."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.exc_info
        or (record.levelno > logging.WARNING and record.name != "bot.jobs.health.notice")
    ]


@pytest.mark.parametrize(
    "group",
    [pytest.param(one, marks=[pytest.mark.long] if one in LONG else []) for one in GROUPS],
)
def test_whatever_the_hub_answers_nothing_false_is_told(
    group: str, sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback, no false event, the other board told, and afterwards all as before."""
    make, answers = GROUPS[group]
    cases = make()
    assert sum(case.tried for case in cases) == answers
    with misbehaving(cases, sqlite_url, tmp_path) as here:
        before = here.snapshots()
        with here.jobs() as jobs:
            here.misbehave(jobs)

        all_is_well_again(here, before)

    assert complaints(caplog) == []


def test_redirects_lead_nowhere(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in a circle nor to another address, which hears nothing, not even the token."""
    rows = answer(hub_faults.GOOD)
    with RawServer(lambda connection, _head, _stop: connection.sendall(rows)) as elsewhere:
        cases = hub_faults.redirects(elsewhere.endpoint)
        with misbehaving(cases, sqlite_url, tmp_path) as here:
            before = here.snapshots()
            with here.jobs() as jobs:
                here.misbehave(jobs)

            all_is_well_again(here, before)

        assert elsewhere.connections == 0
    assert complaints(caplog) == []


def test_answers_without_end_are_cut_off_in_time(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All boards that stall, side by side, cost one timeout; the other board is told."""
    cases = hub_faults.stalls()
    with misbehaving(cases, sqlite_url, tmp_path) as here:
        before = here.snapshots()
        with here.jobs("2s", at_once=len(cases) + 1) as jobs:
            start = time.monotonic()
            here.misbehave(jobs)
            took = time.monotonic() - start

        all_is_well_again(here, before)

    assert took < 10  # five times the timeout: the machine may be busy
    assert complaints(caplog) == []


def test_a_wait_that_the_hub_asks_for_delays_the_other_boards_and_loses_nothing(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The rate limit is one for all boards, so all wait; what changed meanwhile is told after."""
    asks = says(answer(b"", "429 Too Many Requests", "Retry-After: 3600\r\n"))
    cases = [one(f"429 to board {number}", asks, times=1) for number in range(3)]
    with misbehaving(cases, sqlite_url, tmp_path) as here:
        before = here.snapshots()
        with here.jobs(at_once=1) as jobs:
            here.turn = 1
            asked = len(here.server.heads)
            errors, told = here.poll(jobs)
            here.turn = 0

            assert len(here.server.heads) <= asked + 2  # the well board may come first
            assert {errors[name] for name in here.cases} == {"deferred"}
            assert told == ([] if WELL in errors else [WELL])
        all_is_well_again(here, before)

    assert complaints(caplog) == []
