"""Every kind of answer of the sample Hub is one of the real Hub's schema."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demo.replay import play
from bot.demo.weeks import Frame
from tests.support.hub.asking import get, plain_client
from tests.support.hub.fake_hub import SampleHub, board, entry
from tests.support.hub.hub_schema import problems
from tests.support.story import STORY

BENCH = "org/bench"


def ask(hub: SampleHub, benchmark: str = BENCH, **query: str) -> Any:
    address = f"{hub.url}/api/datasets/{benchmark}/leaderboard"
    return get(address, params=query).raise_for_status().json()


@pytest.mark.parametrize("drift", [True, pytest.param(False, marks=pytest.mark.long)])
@pytest.mark.parametrize("frame", STORY, ids=lambda frame: f"{frame.at:%m-%d %H:%M}")
def test_every_board_of_the_weeks_is_one_that_the_hub_could_give(
    hub: SampleHub, frame: Frame, drift: bool
) -> None:
    """Each task of each frame, at the bare address too, with and without derived models."""
    hub.drift = drift
    play(hub, frame)
    hub.recover()
    with plain_client(base_url=hub.url) as client:
        for benchmark, task in frame.boards:
            for query in ({}, {"task_id": task}, {"task_id": task, "base_model": "false"}):
                answer = client.get(f"/api/datasets/{benchmark}/leaderboard", params=query)
                assert problems(answer.json()) == []


@pytest.mark.parametrize(
    "row",
    [
        entry("org/a", 1),
        entry("org/b", 1, verified=True),
        entry("org/c", 1.5, verified=None, source=None),
        entry("org/d", 1, pullRequest=4, notes="With tools"),
        entry("sample-lab/e", 1, num_parameters=8_000_000_000),
        *board(("org/f", 1), ("org/g", 2), lower_is_better=True),
    ],
    ids=lambda row: str(row["modelId"]),
)
def test_the_builders_rows_are_some_that_the_hub_could_give(
    hub: SampleHub, row: dict[str, Any]
) -> None:
    """As they are built, and as they are answered."""
    assert problems([row]) == []
    hub.set(BENCH, [row])
    hub.derived[BENCH] = [row | {"modelId": "me/tuned"}]
    assert ask(hub) == [row]
    assert problems(ask(hub, base_model="false")) == []
    hub.drift = True
    assert problems(ask(hub)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"taskId": "mean"},
        {"notes": None},
        {"rank": "1"},
        {"verified": 0},
        {"author": {"type": "org", "name": "org"}},
        {"source": {"name": "Model Card"}},
    ],
)
def test_the_schema_refuses_what_the_hub_does_not_give(fields: dict[str, Any]) -> None:
    """Tasks and nulls in rows, other types, small profiles."""
    assert problems([entry("org/a", 1) | fields]) != []


@pytest.mark.parametrize("needed", ["rank", "modelId", "author", "value", "filename"])
def test_the_schema_asks_for_what_every_row_has(needed: str) -> None:
    """Rank, model, author, value and file."""
    assert problems([{k: v for k, v in entry("org/a", 1).items() if k != needed}]) != []


def test_followers_drift_and_nothing_else_does(hub: SampleHub) -> None:
    """Every answer differs, ETag included, though the rows are the same; that can be held still."""
    source = {"url": "u", "isExternal": True, "author": entry("x/y", 1)["author"]}
    hub.set(BENCH, board(("org/a", 2), ("org/b", 1), source=source))
    still = [ask(hub) for _ in range(2)]
    assert still[0] == still[1]
    hub.drift = True
    address = f"{hub.url}/api/datasets/{BENCH}/leaderboard"
    answers = [get(address) for _ in range(3)]
    assert len({answer.headers["ETag"] for answer in answers}) == 3
    counts = [followers(answer.json()) for answer in answers]
    assert all(len(set(column)) == 3 for column in zip(*counts, strict=True))
    assert len(counts[0]) == 4
    assert all(without_followers(a.json()) == without_followers(still[0]) for a in answers)


def profiles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [profile for row in rows for profile in (row["author"], row["source"]["author"])]


def followers(rows: list[dict[str, Any]]) -> list[int]:
    return [profile["followerCount"] for profile in profiles(rows)]


def without_followers(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for profile in profiles(rows):
        profile.pop("followerCount", None)
    return rows
