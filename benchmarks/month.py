"""A simulated month: how much each configuration says, and how soon it tells of a new leader.

python -m benchmarks.month [--seed N] [--days N] [--page FILE]

Ten boards live through a month of edited scores, newcomers and results that come and go; the real
program polls them every quarter of an hour, and tells one channel for each configuration.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.hub import ROOT
from benchmarks.report import placed
from bot.app import open_jobs
from bot.config import load
from bot.core.delivery import State
from bot.core.events import StoredEvent
from bot.core.kinds import Kind
from bot.demo.hub import SampleHub
from bot.jobs.round import Jobs
from bot.store.boards.wanted import EventFilter
from bot.store.outbox.views import DeliveryView

Json = dict[str, Any]

START = datetime(2026, 3, 2, tzinfo=UTC)
POLL = timedelta(minutes=15)
POLLS_A_DAY = timedelta(days=1) // POLL
BOARDS = 10
ROWS = 50
EDITS = 3.0
NEWCOMERS = 1.0
FLAPS = 0.3
"""Of each board and day: scores that are edited, new rows, rows that go or change and come back."""

FLAP_LASTS = (1, 12)
"""How many polls a row that flaps stays as it is not, at least and at most."""


class Channel(NamedTuple):
    """A configuration that is measured: what its tables add, in TOML, and the most it may say."""

    name: str
    what: str
    watch: str = ""
    keys: str = ""
    most: float | None = None


CHANNELS = (
    Channel("everything", "a watch without filters"),
    Channel("starter", "the starter configuration: `top = 10`", "top = 10", most=1.0),
    Channel(
        "far",
        "the same, `min_rank_change = 3`, `min_score_change = 2`",
        "top = 10\nmin_rank_change = 3\nmin_score_change = 2",
    ),
    Channel("hourly", 'the starter, `digest = "1h"`', "top = 10", 'digest = "1h"', most=0.8),
    Channel(
        "daily", 'the starter, `digest = "0 9 * * *"`', "top = 10", 'digest = "0 9 * * *"', most=0.2
    ),
    Channel("leaders", '`events = ["new_leader"]`', 'events = ["new_leader"]'),
)

CONFIG = """\
[hub]
endpoint = "{endpoint}"
token = "sample"
[database]
url = "sqlite:///month.db"
[poll]
every = "15m"
[health]
notify = []
"""


class Board:
    """One board as the Hub has it; scores have one decimal, so that rows are sometimes level."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.name = f"lab-{number}/bench-{number}"
        self._chance = chance
        self._scores = {self._new_name(): round(chance.gauss(60, 12), 1) for _ in range(ROWS)}
        self._back: dict[str, tuple[int, float]] = {}
        self._away: dict[str, tuple[int, float]] = {}

    def _new_name(self) -> str:
        return f"org-{self._chance.randrange(40)}/model-{self._chance.getrandbits(32):08x}"

    def step(self, poll: int) -> bool:
        """Live through a quarter of an hour; return whether anything changed."""
        changed = self._return(poll)
        for rate, happen in ((EDITS, self._edit), (NEWCOMERS, self._enter), (FLAPS, self._flap)):
            if self._chance.random() < rate / POLLS_A_DAY:
                happen(poll)
                changed = True
        return changed

    def _return(self, poll: int) -> bool:
        """Let what has flapped for long enough be as it was."""
        ended = [name for name, (until, _) in self._back.items() if until <= poll]
        for name in ended:
            _, score = self._back.pop(name)
            self._scores[name] = score
        return bool(ended)

    def _steady(self) -> list[str]:
        return [name for name in self._scores if name not in self._back]

    def _edit(self, _: int) -> None:
        name = self._chance.choice(self._steady())
        self._scores[name] = round(self._scores[name] + self._chance.gauss(0, 4), 1)

    def _enter(self, _: int) -> None:
        self._scores[self._new_name()] = round(self._chance.gauss(60, 12), 1)

    def _flap(self, poll: int) -> None:
        """Let a row vanish for a while, or have another score, as where two replicas disagree."""
        name = self._chance.choice(self._steady())
        score = self._scores[name]
        self._back[name] = (poll + self._chance.randint(*FLAP_LASTS), score)
        if self._chance.random() < 1 / 2:
            del self._scores[name]
        else:
            self._scores[name] = round(score + self._chance.gauss(0, 4), 1)

    def rows(self) -> list[Json]:
        """Return the board as the Hub answers it."""
        ordered = sorted(self._scores.items(), key=lambda item: -item[1])
        return [
            {"rank": rank, "modelId": name, "value": score, "verified": False, "filename": "r.yaml"}
            for rank, (name, score) in enumerate(ordered, start=1)
        ]


class Lead(NamedTuple):
    """Who leads a board from a poll on."""

    at: datetime
    board: str
    model: str


class Month:
    """The boards, the Hub that answers them, and who led when."""

    def __init__(self, seed: int, hub: SampleHub) -> None:
        chance = random.Random(seed)
        self._hub = hub
        self._boards = [Board(number, chance) for number in range(BOARDS)]
        self._best: dict[str, frozenset[str]] = {}
        self.leads: set[Lead] = set()
        self.best: dict[tuple[datetime, str], frozenset[str]] = {}

    def step(self, poll: int, at: datetime) -> None:
        """Live through a quarter of an hour, and note where another row alone has the best score.

        One that leads because the leader vanished is not noted: that has to be confirmed first.
        """
        for board in [board for board in self._boards if board.step(poll) or not poll]:
            rows = board.rows()
            self._hub.add_benchmark(board.name, rows)
            best = frozenset(row["modelId"] for row in rows if row["value"] == rows[0]["value"])
            there = {row["modelId"] for row in rows}
            before = self._best.get(board.name, best)
            if len(best) == 1 and not best & before and before <= there:
                self.leads.add(Lead(at, board.name, *best))
            self._best[board.name] = best
        for name, best in self._best.items():
            self.best[at, name] = best


class Tally(NamedTuple):
    """What a channel was sent, and how that holds against the month.

    ``late`` counts new leaders that it was not told of in the poll that saw them, ``false`` those
    that it was told of and whose score was not the best.
    """

    channel: Channel
    messages: int
    events: int
    late: int
    false: int


def replay(seed: int, polls: int, channels: Sequence[Channel]) -> tuple[list[Tally], int]:
    """Live through so many polls; return what came of each channel, and how many leads changed."""
    clock = [START]
    with tempfile.TemporaryDirectory() as folder, SampleHub() as hub:
        month = Month(seed, hub)
        path = Path(folder) / "config.toml"
        path.write_text(configuration(hub.url, channels), encoding="utf-8")
        settings = load(path, {})
        with open_jobs(settings, clock=lambda: clock[0], console=io.StringIO()) as jobs:
            for poll in range(polls):
                clock[0] = START + poll * POLL
                month.step(poll, clock[0])
                jobs.round()
            return [*tallies(jobs, month, channels)], len(month.leads)


def configuration(endpoint: str, channels: Sequence[Channel]) -> str:
    """Return the file in which each channel has a watch of its own."""
    parts = [CONFIG.format(endpoint=endpoint)]
    for one in channels:
        watch = f'[[watch]]\nname = "{one.name}"\nbenchmarks = ["official"]\n{one.watch}\n'
        parts.append(f'{watch}notify = ["{one.name}"]\n')
        parts.append(f'[channels.{one.name}]\ntype = "console"\n{one.keys}\n')
    return "".join(parts)


def tallies(jobs: Jobs, month: Month, channels: Sequence[Channel]) -> Iterator[Tally]:
    """Hold what was sent against the month."""
    found = {event.event.id: event for event in _events(jobs)}
    sent = [one for one in _sent(jobs) if one.type.startswith("leaderboard.")]
    for channel in channels:
        mine = [one for one in sent if one.channel == channel.name]
        told = {
            Lead(event.at, event.board.benchmark, event.event.model or "")
            for one in mine
            for event in (found[name] for name in one.events)
            if Kind.NEW_LEADER in event.event.contains and one.created_at == event.at
        }
        yield Tally(
            channel,
            messages=len(mine),
            events=sum(len(one.events) for one in mine),
            late=len(month.leads - told),
            false=sum(lead.model not in month.best[lead.at, lead.board] for lead in told),
        )


def _events(jobs: Jobs) -> Iterator[StoredEvent]:
    """Yield what was found, by pages."""
    with jobs.store.read() as db:
        after, until = 0, db.events.last()
        while True:
            page = db.events.page(EventFilter(), after, until)
            yield from page.found
            if page.last is None:
                return
            after = page.last


def _sent(jobs: Jobs) -> Iterator[DeliveryView]:
    """Yield what was sent, by pages."""
    with jobs.store.read() as db:
        after, until = 0, db.deliveries.last()
        while True:
            page = db.deliveries.page([State.SENT], after, until)
            yield from page.found
            if page.last is None:
                return
            after = page.last


def table(tallied: Sequence[Tally], leads: int, seed: int, days: int) -> str:
    """Return the month as a table in Markdown."""
    lines = [
        f"{days} days, {BOARDS} boards of {ROWS} rows, seed {seed};",
        f"another row took the lead alone {leads} times.",
        "",
        "| configuration | a board and day | at most | a day | events | new leaders late | false |",
        "| --- | --: | --: | --: | --: | --: | --: |",
    ]
    for one in tallied:
        a_day = one.messages / days
        most = "" if one.channel.most is None else f"{one.channel.most}"
        lines.append(
            f"| {one.channel.what} | {a_day / BOARDS:.2f} | {most} | {a_day:.1f} "
            f"| {one.events} | {one.late} | {one.false} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Live through a month and write what it came to; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "noise.md")
    chosen = parser.parse_args(arguments)
    tallied, leads = replay(chosen.seed, chosen.days * POLLS_A_DAY, CHANNELS)
    text = table(tallied, leads, chosen.seed, chosen.days)
    page = chosen.page.read_text(encoding="utf-8")
    chosen.page.write_text(placed(page, "month", text), encoding="utf-8")
    sys.stdout.write(f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
