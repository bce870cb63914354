"""The replay: drives a program through the sample weeks, at a pace that people can read."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from bot.demo.aggregate import scores_of
from bot.demo.hub import SampleHub
from bot.demo.weeks import Frame, Story, frames, models, story

PACE_SECONDS = 0.35
"""Time to read, after each frame that something was told of."""
BUDGET_SECONDS = 7.0
"""When this is used up, by a slow machine for one, the rest is replayed without pauses."""
OUTAGE = 502

OPENING = (
    "SAMPLE DATA: {weeks} weeks of made-up leaderboards around real model names, "
    "replayed from a sample Hub on this machine. Nothing leaves it."
)
CLOSING = "\nEnd of the sample data: {polls} polls, {told} of them with alerts. {quiet}"
RIGHTLY = "Rightly, nothing was told of:\n{frames}"
WITH = "At once, nothing was told of:\n{frames}"
"""What is said of quiet frames where it is no configuration of ours that says nothing."""

Say = Callable[[str], object]
Pause = Callable[[float], object]


class Program(Protocol):
    """The program as the replay drives it."""

    def poll(self, now: datetime) -> object:
        """Poll every watched board and attempt each due delivery once, as if it were ``now``.

        What was collected is told before that, each at its time.
        """
        ...

    def end(self) -> object:
        """Tell what is still collected, each at its time."""
        ...


class Voice:
    """Passes on what is said, after a heading if it is the first since ``head``.

    Give it to the program as what its console channel prints with. Thread-safe.
    """

    def __init__(self, say: Say) -> None:
        self._say = say
        self._lock = threading.Lock()
        self._heading: str | None = None

    def head(self, heading: str) -> None:
        """Keep a heading until something is said; replaces one that is still kept."""
        with self._lock:
            self._heading = heading

    def tell(self, at: datetime) -> None:
        """Keep a time as the heading."""
        self.head(heading(at))

    @property
    def silent(self) -> bool:
        """Whether nothing has been said since ``head``."""
        with self._lock:
            return self._heading is not None

    def __call__(self, text: str) -> None:
        """Say ``text``, under the heading that is kept, if any."""
        with self._lock:
            if self._heading is not None:
                self._say(self._heading)
                self._heading = None
            self._say(text)


class Stage(Struct, frozen=True, kw_only=True):
    """What the demo gives to the program that it drives.

    ``endpoint`` is the sample Hub's address, ``directory`` an empty one for the database, gone
    afterwards; ``say`` prints alerts, below the time that ``head`` was given last.
    """

    endpoint: str
    directory: Path
    say: Callable[[str], None]
    head: Callable[[datetime], None]

    @property
    def config(self) -> Path:
        """The file of the configuration that the program runs with."""
        return self.directory / "config.toml"


AppFactory = Callable[[Stage], AbstractContextManager[Program]]


def run_demo(
    app_factory: AppFactory,
    say: Say,
    pause: Pause,
    *,
    speed: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
    beforehand: Callable[[Stage], object] | None = None,
    afterwards: Callable[[Program], object] | None = None,
    of_quiet: str = RIGHTLY,
) -> None:
    """Replay the sample weeks through a program of ``app_factory`` and end by itself.

    ``speed`` is above 0 and divides all pauses; ``pause`` waits for seconds. ``beforehand`` is
    called first, once the sample Hub is up, and ``afterwards`` last, while it and the program
    still are: ``--serve`` needs them.
    """
    told = story()
    with (
        tempfile.TemporaryDirectory(prefix="leaderboard-bot-demo-") as directory,
        SampleHub(drift=True) as hub,
    ):
        hub.models |= models(told)
        voice = Voice(say)
        stage = Stage(endpoint=hub.url, directory=Path(directory), say=voice, head=voice.tell)
        play(hub, next(frames(told)))  # whoever is told the address finds boards there
        if beforehand is not None:
            beforehand(stage)
        say(OPENING.format(weeks=_weeks(told)))
        with app_factory(stage) as program:
            quiet = play_all(program, hub, voice, pause, speed=speed, told=told, clock=clock)
            say(_closing(len(told.frame), quiet, of_quiet))
            if afterwards is not None:
                afterwards(program)


def play_all(
    program: Program,
    hub: SampleHub,
    voice: Voice,
    pause: Pause,
    *,
    speed: float = 1.0,
    told: Story | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Frame, ...]:
    """Play every frame and poll it; returns those that nothing was said of.

    Pauses, after what was said, add up to at most ``BUDGET_SECONDS`` less the time that the
    program takes, both divided by ``speed``.
    """
    deadline = clock() + BUDGET_SECONDS / speed
    quiet = []
    for frame in frames(told):
        play(hub, frame)
        voice.head(heading(frame.at))
        program.poll(frame.at)
        if voice.silent:
            quiet.append(frame)
        else:
            pause(max(0.0, min(PACE_SECONDS / speed, deadline - clock())))
    program.end()
    return tuple(quiet)


def play(hub: SampleHub, frame: Frame) -> None:
    """Make the Hub answer as it did at the frame's time."""
    hub.recover()
    for benchmark in set(hub.benchmarks) - frame.benchmarks.keys():
        hub.remove_benchmark(benchmark)
    for benchmark, tasks in frame.benchmarks.items():
        hub.add_benchmark(benchmark, tasks, name=frame.names[benchmark])
    hub.aggregate.set(scores_of(frame.benchmarks), last_updated=frame.at.isoformat())
    for benchmark in frame.down:
        hub.fail(benchmark, OUTAGE)


def heading(at: datetime) -> str:
    """Return the line above a frame's alerts, as "Mon 2 Mar 2026, 09:00 UTC (sample data)"."""
    return f"\n{_day(at)} {at:%Y, %H:%M} UTC (sample data)"


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}"


def _weeks(told: Story) -> int:
    return round((told.frame[-1].at - told.frame[0].at).days / 7)


def _closing(polls: int, quiet: Sequence[Frame], of_quiet: str) -> str:
    lines = "\n".join(f"  {_day(frame.at):<10}  {frame.what}" for frame in quiet)
    said = of_quiet.format(frames=lines) if quiet else ""
    return CLOSING.format(polls=polls, told=polls - len(quiet), quiet=said).rstrip()
