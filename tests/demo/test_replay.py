"""The replay drives any program through the weeks, in little time, and cleans up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import yaml

from bot.demo.hub import SampleHub
from bot.demo.replay import (
    BUDGET_SECONDS,
    PACE_SECONDS,
    Program,
    Stage,
    Voice,
    heading,
    play,
    play_all,
    run_demo,
)
from bot.demo.weeks import Frame
from tests.support.hub.asking import get, plain_client
from tests.support.story import STORY


class Reader:
    """Says which boards have other rows than at its last poll; starts with silence."""

    def __init__(self, stage: Stage, client: httpx.Client) -> None:
        self.stage = stage
        self.client = client
        self.seen: dict[str, list[object]] = {}
        self.times: list[datetime] = []
        self.failures = 0

    def end(self) -> None: ...

    def poll(self, now: datetime) -> None:
        self.times.append(now)
        listed = self.client.get("/api/datasets", params={"filter": "benchmark:official"}).json()
        for benchmark in (dataset["id"] for dataset in listed):
            answer = self.client.get(f"/api/datasets/{benchmark}/leaderboard")
            self.failures += answer.status_code == 502
            if answer.is_success:
                rows = [row | {"author": None, "source": None} for row in answer.json()]
                if self.seen.setdefault(benchmark, rows) != rows:
                    self.seen[benchmark] = rows
                    self.stage.say(f"{benchmark} changed")


class Pacer:
    """A clock that only pauses move."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def now(self) -> float:
        return sum(self.pauses)


class Talker:
    """Says one thing a poll, and takes its time."""

    def __init__(self, voice: Voice, pacer: Pacer, seconds: float) -> None:
        self.voice, self.pacer, self.seconds = voice, pacer, seconds

    def end(self) -> None: ...

    def poll(self, now: datetime) -> None:
        self.pacer.pause(self.seconds)
        self.voice("spoken")


@contextmanager
def reader(stage: Stage) -> Iterator[Reader]:
    with plain_client(base_url=stage.endpoint) as client:
        yield Reader(stage, client)


def test_a_heading_comes_only_before_something_is_said() -> None:
    """It is said once, and a newer one takes the place of one that was not needed."""
    said: list[str] = []
    voice = Voice(said.append)
    voice("start")
    voice.head("one")
    assert voice.silent
    voice.head("two")
    voice("a")
    voice("b")
    assert not voice.silent
    assert said == ["start", "two", "a", "b"]


def test_the_heading_is_the_simulated_date_marked_as_sample() -> None:
    """The day has no leading zero, the hour has."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert heading(at).strip() == "Mon 2 Mar 2026, 09:00 UTC (sample data)"


@pytest.mark.parametrize("frame", STORY, ids=lambda frame: f"{frame.at:%m-%d %H:%M}")
def test_the_hub_answers_each_frame_as_it_is_told(hub: SampleHub, frame: Frame) -> None:
    """Whatever was before: boards, their order, names and outage are the frame's."""
    play(hub, STORY[-1])
    play(hub, frame)
    assert set(hub.benchmarks) == set(frame.benchmarks)
    with plain_client(base_url=hub.url, follow_redirects=True) as client:
        for (benchmark, task), rows in frame.boards.items():
            address = f"/api/datasets/{benchmark}/leaderboard"
            answer = client.get(address, params={"task_id": task})
            if benchmark in frame.down:
                assert answer.status_code == 502
            else:
                assert answer.json() == rows
        for benchmark, tasks in frame.benchmarks.items():
            said = yaml.safe_load(client.get(f"/datasets/{benchmark}/resolve/main/eval.yaml").text)
            assert said["name"] == frame.names[benchmark]
            assert [task["id"] for task in said["tasks"]] == list(tasks)


def test_the_demo_replays_every_frame_through_the_program() -> None:
    """The program polls a live Hub at each simulated time, outage included."""
    said: list[str] = []
    seen: list[Reader] = []

    def keep(program: Program) -> None:
        assert isinstance(program, Reader)
        seen.append(program)
        assert program.client.get("/api/datasets").status_code == 200
        (one, other) = (program.client.get("/api/datasets/cais/hle/leaderboard") for _ in range(2))
        assert one.content != other.content, "profiles drift, as on the real Hub"
        assert program.stage.directory.is_dir()

    run_demo(reader, said.append, Pacer().pause, afterwards=keep)

    (program,) = seen
    assert program.times == [frame.at for frame in STORY]
    assert program.failures == sum(len(frame.down) for frame in STORY)
    assert not program.stage.directory.exists()
    assert "SAMPLE DATA: 7 weeks" in said[0]
    assert "An outage" in said[-1]
    headings = [text for text in said if text.startswith("\n") and "UTC" in text]
    assert all("sample data" in text for text in headings)
    assert 10 < len(headings) < len(STORY)


def test_pauses_come_after_what_was_said_and_nowhere_else() -> None:
    """A program that says nothing is replayed without a wait, every frame a quiet one."""
    pacer = Pacer()

    class Mute:
        def poll(self, now: datetime) -> None: ...

        def end(self) -> None: ...

    voice = Voice(lambda _: None)
    quiet = play_all(Mute(), SampleHub(), voice, pacer.pause, clock=pacer.now)
    assert quiet == STORY
    assert pacer.pauses == []


@pytest.mark.parametrize(("seconds", "speed"), [(0.0, 1.0), (0.1, 1.0), (0.0, 4.0), (0.0, 0.5)])
def test_the_replay_keeps_to_its_time(seconds: float, speed: float) -> None:
    """Whatever the program takes, pauses end with the budget; speed divides both."""
    pacer = Pacer()
    voice = Voice(lambda _: None)
    talker = Talker(voice, pacer, seconds)
    play_all(talker, SampleHub(), voice, pacer.pause, speed=speed, clock=pacer.now)
    waits = pacer.pauses[1::2]
    assert len(waits) == len(STORY)
    assert waits[0] == PACE_SECONDS / speed
    assert min(waits) >= 0
    assert pacer.now() <= BUDGET_SECONDS / speed + len(STORY) * seconds


def test_a_slow_program_is_not_slowed_further() -> None:
    """When the budget is used up there are no more pauses."""
    pacer = Pacer()
    voice = Voice(lambda _: None)
    slow = Talker(voice, pacer, BUDGET_SECONDS)
    play_all(slow, SampleHub(), voice, pacer.pause, clock=pacer.now)
    assert set(pacer.pauses[1::2]) == {0.0}


def test_an_interrupted_demo_leaves_nothing_behind() -> None:
    """Ctrl-C ends the program, the Hub and the temporary directory."""
    places: list[tuple[str, Path]] = []

    def interrupt(program: Program) -> None:
        assert isinstance(program, Reader)
        places.append((program.stage.endpoint, program.stage.directory))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_demo(reader, lambda _: None, Pacer().pause, afterwards=interrupt)

    ((endpoint, directory),) = places
    assert not directory.exists()
    with pytest.raises(httpx.ConnectError):
        get(endpoint)
