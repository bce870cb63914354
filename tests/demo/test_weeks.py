"""The demo's story holds what it is there to show, and every row is one that the Hub could give."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.core.board import Answer, Result, Snapshot
from bot.core.diff.compare import Rules, diff
from bot.core.kinds import Kind
from bot.demo.profiles import SAMPLE_URL
from bot.demo.weeks import Frame, models
from tests.support.hub.hub_schema import problems
from tests.support.story import STORY

Json = dict[str, Any]
Board = tuple[str, str]
Key = tuple[Board, str, str | None]

PAIRS = tuple(itertools.pairwise(STORY))
SWE = ("SWE-bench/SWE-bench_Verified", "swe_bench_%_resolved")
ASR = ("hf-audio/open-asr-leaderboard", "mean_wer")
MMLU = ("TIGER-Lab/MMLU-Pro", "mmlu_pro")
PARSE = "llamaindex/ParseBench"


def keyed(frame: Frame) -> dict[Key, Json]:
    return {
        (board, row["modelId"], row.get("notes")): row
        for board, rows in frame.boards.items()
        for row in rows
    }


def answering(board: Board) -> list[list[Json]]:
    """Return the board's answers that have rows, in the story's order."""
    return [frame.boards[board] for frame in STORY if frame.boards.get(board)]


def leaders(board: Board) -> list[str]:
    """Return who led the board, one after the other."""
    tops = [min(rows, key=lambda row: row["rank"])["modelId"] for rows in answering(board)]
    return [model for model, _ in itertools.groupby(tops)]


def result(row: Json) -> Result:
    return Result(
        rank=row["rank"],
        model=row["modelId"],
        score=Decimal(str(row["value"])),
        verified=row.get("verified", False),
        filename=row["filename"],
        notes=row.get("notes"),
        pull_request=row.get("pullRequest"),
    )


def told() -> dict[str, set[Kind]]:
    """Return the kinds of events of each frame, shifts left out."""
    ids = (f"{number:032x}" for number in itertools.count())
    snapshots: dict[Board, Snapshot] = {}
    kinds: dict[str, set[Kind]] = {}
    for frame in STORY:
        kinds[frame.what] = set()
        for board, rows in frame.boards.items():
            if board[0] in frame.down:
                continue
            answer = Answer(results=tuple(map(result, rows)))
            new = diff(answer, snapshots.get(board), Rules(confirm=2), lambda: next(ids))
            snapshots[board] = new.after
            kinds[frame.what] |= {found.event.kind for found in new.found}
    return {what: found - {Kind.RANK_SHIFT} for what, found in kinds.items()}


def test_the_story_has_every_kind_of_event_that_answers_can_give() -> None:
    """As the program itself tells them: all but those for which the Hub is asked other things.

    Nor is a row unstable: that is worked out of several events.
    """
    asked = {Kind.RENAMED, Kind.NEW_BENCHMARK, Kind.BENCHMARK_GONE, Kind.UNSTABLE}
    assert set().union(*told().values()) == set(Kind) - {Kind.RANK_SHIFT} - asked


def test_nothing_is_told_of_what_is_no_news() -> None:
    """Baselines, shuffles, failures, doubts, level swaps and a first absence are silent."""
    assert [what for what, kinds in told().items() if not kinds] == [
        "The first sight of six benchmarks: a silent baseline",
        "The same rows in another order",
        "An outage: every board answers 502",
        "That result is gone: one poll without a row is no removal yet",
        "Two level rows swap places",
        "A benchmark becomes official; its rows are a silent baseline",
        "One board answers with no rows at all",
        "That board has its rows again",
        "Most scores of a board are others: one such answer is doubted",
    ]


def test_the_story_is_some_weeks_long() -> None:
    """Its frames go forward in time and end within seven weeks or so."""
    times = [frame.at for frame in STORY]
    assert 20 <= len(times) <= 40
    assert times == sorted(set(times))
    assert timedelta(weeks=6) <= times[-1] - times[0] <= timedelta(weeks=8)
    assert all(time.utcoffset() == timedelta(0) for time in times)


def test_there_are_a_few_boards_of_a_realistic_size() -> None:
    """Big enough to have a middle, small enough to read."""
    assert 3 <= len(STORY[-1].benchmarks) <= 7
    assert all(8 <= len(rows) <= 24 for rows in STORY[-1].boards.values())


@pytest.mark.parametrize("frame", STORY, ids=lambda frame: f"{frame.at:%m-%d %H:%M}")
def test_every_row_is_one_that_the_hub_could_give(frame: Frame) -> None:
    """Keys and types are the Hub's, values are plausible, and each row says that it is a sample."""
    for rows in frame.boards.values():
        assert problems(rows) == []
        for row in rows:
            assert math.isfinite(row["value"])
            assert 0 < row["value"] < 100
            assert row["modelId"].count("/") == 1
            assert row["filename"].startswith(".eval_results/")
            assert row.get("pullRequest", 1) > 0
            assert row["source"]["url"] == SAMPLE_URL
            assert row["source"]["name"].endswith("(sample data)")


def test_the_rows_have_what_the_hub_leaves_open() -> None:
    """Flags are true, false or absent; sizes, directions and a source's author come and go."""
    rows = [row for frame in STORY for row in keyed(frame).values()]
    assert {row.get("verified") for row in rows} == {True, False, None}
    assert {row.get("lower_is_better") for row in rows} == {True, None}
    assert {row["author"]["type"] for row in rows} == {"org", "user"}
    assert {"num_parameters" in row for row in rows} == {True, False}
    assert {"author" in row["source"] for row in rows} == {True, False}


@pytest.mark.parametrize("frame", STORY, ids=lambda frame: f"{frame.at:%m-%d %H:%M}")
def test_ranks_follow_the_scores(frame: Frame) -> None:
    """Each board is ranked from 1 without a gap, the best score first, the lowest error rate."""
    for board, rows in frame.boards.items():
        ordered = sorted(rows, key=lambda row: row["rank"])
        assert [row["rank"] for row in ordered] == list(range(1, len(rows) + 1))
        scores = [row["value"] for row in ordered]
        assert scores == sorted(scores, reverse=board != ASR)


def test_every_model_is_known_to_the_hub() -> None:
    """Each has a day of creation and a licence, none is there for nothing."""
    rows = [row for frame in STORY for row in keyed(frame).values()]
    assert set(models()) == {row["modelId"] for row in rows}
    for facts in models().values():
        assert facts["createdAt"].startswith("202")
        assert facts["cardData"]["license"]


def test_rows_tell_the_size_that_the_hub_knows_of_the_model() -> None:
    """A row and its model's own record agree, also where the size is not known."""
    known = models()
    for frame in STORY:
        for row in keyed(frame).values():
            size = known[row["modelId"]].get("safetensors", {}).get("total")
            assert row.get("num_parameters") == size


def test_every_frame_but_the_first_changes_something() -> None:
    """No frame is there for nothing: rows, their order or an outage's end differ."""
    confirmed = {
        "The second poll confirms the removal",
        "The same again: that board was scored anew",
    }
    for before, after in PAIRS:
        changed = (before.boards, before.down) != (after.boards, after.down)
        assert changed or after.what in confirmed, after.what


def test_the_lead_changes_hands_several_times() -> None:
    """The anchor board ends as it did in late April 2026."""
    assert leaders(SWE) == [
        "Qwen/Qwen3.5-397B-A17B",
        "zai-org/GLM-5",
        "sample-lab/tiny-coder-9b",
        "zai-org/GLM-5",
        "moonshotai/Kimi-K2.6",
        "deepseek-ai/DeepSeek-V4-Pro",
    ]
    final = sorted(answering(SWE)[-1], key=lambda row: row["rank"])
    assert [row["value"] for row in final[:5]] == [80.6, 80.2, 79.0, 77.8, 77.7]


def test_a_row_overtakes_others_by_its_own_score() -> None:
    """A present row's better score takes it past present rows."""
    overtakings = [
        (key, other)
        for before, after in PAIRS
        for key, row in keyed(after).items()
        if row["value"] > keyed(before).get(key, row)["value"]
        for other, there in keyed(after).items()
        if other[0] == key[0]
        and keyed(before).get(other, there)["value"] > keyed(before)[key]["value"]
        and there["value"] < row["value"]
    ]
    assert len(overtakings) >= 3


def test_models_have_variants_in_two_files_and_in_one() -> None:
    """With and without tools are two files; two notes share one file."""
    files = defaultdict(list)
    for (board, model, _), row in keyed(STORY[-1]).items():
        files[board, model].append(row["filename"])
    several = [names for names in files.values() if len(names) > 1]
    assert any(len(set(names)) == 2 for names in several)
    assert any(len(set(names)) == 1 for names in several)


def test_one_benchmark_has_three_tasks_and_each_leads_a_life_of_its_own() -> None:
    """The mean comes first and keeps its leader, while the tables' changes hands twice."""
    assert all(list(frame.benchmarks[PARSE]) == ["mean", "table", "chart"] for frame in STORY)
    assert [len(leaders((PARSE, task))) for task in ("mean", "table", "chart")] == [1, 3, 1]


def test_every_benchmark_has_a_name_of_its_own() -> None:
    """As its eval.yaml says it."""
    assert all(frame.names.keys() == frame.benchmarks.keys() for frame in STORY)
    assert STORY[-1].names["cais/hle"] == "Humanity's Last Exam"


def test_one_board_is_of_error_rates() -> None:
    """Every row says that lower is better, and the lead goes to the lower one."""
    boards = {board for board, _, _ in keyed(STORY[-1])}
    turned = {b for b in boards for r in STORY[-1].boards[b] if r.get("lower_is_better")}
    assert turned == {ASR}
    assert all(row["lower_is_better"] for rows in answering(ASR) for row in rows)
    assert [row["value"] for row in answering(ASR)[0][:3]] == [4.76, 4.87, 5.42]
    assert leaders(ASR) == ["nvidia/canary-qwen-2.5b", "Qwen/Qwen3-ASR-1.7B"]


def test_one_board_mixes_scales() -> None:
    """A fraction stands beside percentages, as submitters wrote them."""
    for rows in answering(MMLU):
        assert {0.65, 88.12} < {row["value"] for row in rows}


def test_results_are_verified_and_one_is_no_longer() -> None:
    """The flag turns both ways."""
    turns = [
        bool(row.get("verified"))
        for before, after in PAIRS
        for key, row in keyed(after).items()
        if key in keyed(before)
        and bool(row.get("verified")) != bool(keyed(before)[key].get("verified"))
    ]
    assert turns == [True, True, False]


def test_a_community_result_is_merged() -> None:
    """Its pull request is gone while its score stays."""
    merged = [
        key
        for before, after in PAIRS
        for key, row in keyed(after).items()
        if "pullRequest" not in row
        and "pullRequest" in keyed(before).get(key, {})
        and row["value"] == keyed(before)[key]["value"]
    ]
    assert [key[1] for key in merged] == ["openai/gpt-oss-120b"]


def test_a_community_result_goes_for_two_polls_and_returns() -> None:
    """Long enough for its removal to be confirmed, and the same file when it is back."""
    here = [
        any(row["modelId"] == "sample-lab/tiny-coder-9b" for row in rows) for rows in answering(SWE)
    ]
    runs = [(there, len(list(run))) for there, run in itertools.groupby(here)]
    assert [there for there, _ in runs] == [False, True, False, True]
    assert runs[2][1] >= 2


def test_every_board_fails_once_and_is_back() -> None:
    """The outage ends with the next frame; the list of benchmarks keeps answering."""
    (down,) = [number for number, frame in enumerate(STORY) if frame.down]
    assert set(STORY[down].down) == set(STORY[down].benchmarks)
    assert STORY[down + 1].down == ()


def test_a_board_is_empty_for_one_frame() -> None:
    """Too short for the doubt to become belief."""
    empty = [(frame.at, name) for frame in STORY for name, rows in frame.boards.items() if not rows]
    assert [name for _, name in empty] == [SWE]


def test_level_rows_swap_places_in_one_frame() -> None:
    """Ranks differ although no score does."""
    swapped = [
        after.what
        for before, after in PAIRS
        if keyed(before) != keyed(after)
        and {k: r | {"rank": 0} for k, r in keyed(before).items()}
        == {k: r | {"rank": 0} for k, r in keyed(after).items()}
    ]
    assert swapped == ["Two level rows swap places"]


def test_an_answer_comes_in_another_order() -> None:
    """The rows are the same ones."""
    shuffled = [
        name
        for before, after in PAIRS
        for name, rows in after.boards.items()
        if keyed(before) == keyed(after) and rows != before.boards[name]
    ]
    assert SWE in shuffled


def test_a_score_jumps_from_fraction_to_percent() -> None:
    """By a factor of a hundred."""
    jumps = [
        key[1]
        for before, after in PAIRS
        for key, row in keyed(after).items()
        if math.isclose(row["value"], 100 * keyed(before).get(key, row)["value"])
    ]
    assert jumps == ["sample-lab/lantern-8b"]


def test_a_benchmark_joins() -> None:
    """It was not official before, and stays."""
    assert set(STORY[-1].benchmarks) - set(STORY[0].benchmarks) == {"MathArena/aime_2026"}
