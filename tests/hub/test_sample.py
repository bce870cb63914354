"""The client against the sample Hub that the demo and the other tests run on."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.core.board import BoardKey, ModelFacts
from bot.core.discovery import Benchmark
from bot.core.errors import GatedError, UnknownBenchmarkError
from bot.core.secret import Secret
from bot.demo.replay import play
from bot.demo.weeks import Frame
from bot.hub.answers import Fetched, NotModified
from bot.hub.client import HubClient
from tests.support.hub.fake_hub import SampleHub, board
from tests.support.story import STORY

LONG = timedelta(seconds=20)


def client(hub: SampleHub, token: str = "hf_anyone") -> HubClient:
    return HubClient(hub.url, Secret(token), LONG, 4, time.monotonic)


def fetch(asking: HubClient, name: str, *, derived: bool = False, **shown: str) -> object:
    return asking.leaderboard(
        BoardKey(name, None, derived), etag=shown.get("etag"), digest=shown.get("digest")
    )


def test_boards_are_read_and_known_again(hub: SampleHub) -> None:
    """Rows come in; ETag and digest each spare the second reading."""
    hub.add_benchmark("org/bench", board(("a/x", 80.6), ("a/y", 79.0)))
    hub.derived["org/bench"] = board(("a/x", 80.6), ("a/tuned", 81), ("a/y", 79.0))

    with client(hub) as asking:
        found = fetch(asking, "org/bench")
        assert isinstance(found, Fetched)
        assert [result.model for result in found.answer.results] == ["a/x", "a/y"]
        assert fetch(asking, "org/bench", digest=found.digest) == NotModified(
            etag=found.etag, whole=True
        )
        assert found.etag
        assert fetch(asking, "org/bench", etag=found.etag) == NotModified(etag=found.etag)
        more = fetch(asking, "org/bench", derived=True)
        assert isinstance(more, Fetched)
        assert len(more.answer.results) == 3


def test_gated_boards_need_the_right_token(hub: SampleHub) -> None:
    """A stranger's token is refused, the right one is not."""
    hub.add_benchmark("org/bench", board(("a/x", 80.6)))
    hub.gate("org/bench", "hf_member")

    with client(hub) as asking, pytest.raises(GatedError):
        fetch(asking, "org/bench")
    with client(hub, "hf_member") as asking:
        assert isinstance(fetch(asking, "org/bench"), Fetched)
        assert asking.benchmarks() == (Benchmark("org/bench", gated=True),)


def test_gated_files_do_not_close_the_board(hub: SampleHub) -> None:
    """Who may not read the benchmark's files still reads its leaderboard, as on the real Hub."""
    hub.add_benchmark("org/bench", {"mean": board(("a/x", 80.6))})
    hub.gate("org/bench", "hf_member", files_only=True)
    with client(hub) as asking:
        assert isinstance(fetch(asking, "org/bench"), Fetched)
        assert asking.benchmarks() == (Benchmark("org/bench", gated=True),)


def test_a_renamed_benchmark_is_followed(hub: SampleHub) -> None:
    """A redirect within the Hub leads to the rows."""
    hub.add_benchmark("org/old", board(("a/x", 80.6)))
    hub.rename("org/old", "org/new")
    with client(hub) as asking:
        found = fetch(asking, "org/old", derived=True)
        assert isinstance(found, Fetched)
        assert [result.model for result in found.answer.results] == ["a/x"]


@pytest.mark.parametrize("frame", [STORY[0], STORY[-1]], ids=["first", "last"])
def test_every_sample_row_is_read_whole(hub: SampleHub, frame: Frame) -> None:
    """Flags that are absent, profiles, sizes and directions cost no row; followers may drift."""
    hub.drift = True
    play(hub, frame)
    with client(hub) as asking:
        for benchmark, tasks in frame.benchmarks.items():
            found = fetch(asking, benchmark)
            assert isinstance(found, Fetched)
            answer = found.answer
            rows = next(iter(tasks.values()))
            assert answer.malformed == 0
            assert [(r.model, r.rank, r.verified) for r in answer.results] == [
                (row["modelId"], row["rank"], row.get("verified", False)) for row in rows
            ]


def test_an_unknown_board_is_told(hub: SampleHub) -> None:
    """What the Hub does not have is no failure of the Hub."""
    with client(hub) as asking, pytest.raises(UnknownBenchmarkError):
        fetch(asking, "org/bench")


def test_all_benchmarks_and_models_are_found(hub: SampleHub) -> None:
    """Every page of the list, and a model's licence."""
    for number in range(250):
        hub.add_benchmark(f"org/b{number:03}", [])
    hub.models["a/x"] = {"id": "a/x", "tags": ["license:mit"]}

    with client(hub) as asking:
        assert [one.id for one in asking.benchmarks()] == [f"org/b{n:03}" for n in range(250)]
        assert asking.model_facts("a/x", LONG) == ModelFacts(license="mit")


def test_the_file_over_all_benchmarks_has_what_the_boards_have(hub: SampleHub) -> None:
    """Of each model its best result, in a column a benchmark; at every moment of the story."""
    play(hub, STORY[-1])
    asker = client(hub)

    got = asker.leaderboard(BoardKey("aggregate:sweVerified"))
    board = asker.leaderboard(BoardKey("SWE-bench/SWE-bench_Verified"))

    assert isinstance(got, Fetched)
    assert isinstance(board, Fetched)
    best: dict[str, Decimal] = {}
    for row in board.answer.results:
        best[row.model] = max(row.score, best.get(row.model, row.score))
    assert {row.model: row.score for row in got.answer.results} == best
