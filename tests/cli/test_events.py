"""``events``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.commands import BENCH, BOTH, LATER, OTHER, START, Commands
from tests.support.hub.fake_hub import SampleHub, board


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    """Give a database in which two boards have changed, to look at only."""
    with SampleHub() as hub:
        commands = Commands(tmp_path_factory.mktemp("told"), hub)
        commands.configure(BOTH)
        commands.polled(START, LATER)
        commands.polled(board(("acme/x", 1)), board(("acme/x", 2)), benchmark=OTHER)
        yield commands


def test_a_time_that_is_still_to_come_is_refused(told: Commands) -> None:
    """Nothing can have happened since; it is a slip of the pen."""
    refused = told.run("events", "--since", "2999-01-01", status=2).stderr
    assert refused.endswith("Invalid value for --since: '2999-01-01' is still to come\n")


def test_events_are_the_webhooks_with_board_and_time(told: Commands) -> None:
    """Each event has what a webhook carries, its board, and when it was found; oldest first."""
    events = told.json("events")
    assert [event["kind"] for event in events] == [
        "new_leader", "rank_shift", "score_change", "rank_shift", "score_change",
    ]  # fmt: skip
    first = events[0]
    assert first["score"] == {"before": None, "after": 77.8, "delta": None}
    assert first["board"] == {
        "benchmark": BENCH,
        "name": None,
        "task": None,
        "task_count": None,
        "include_derived": False,
        "lower_is_better": None,
        "rows": None,
        "url": f"{told.hub.url}/datasets/{BENCH}",
    }
    assert first["at"].endswith("Z")
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)


@pytest.mark.parametrize(
    ("options", "models"),
    [
        (["--benchmark", "CAIS/*"], ["acme/x"]),
        (["--model", "Zai/*"], ["zai/delta"]),
        (["--kind", "new_leader"], ["zai/delta"]),
        (["--kind", "new_leader,score_change"], ["zai/delta", "mini/beta", "acme/x"]),
        (["--kind", "new_leader", "--kind", "removed"], ["zai/delta"]),
        (["--kind", "new_leader,score_change", "--limit", "1"], ["acme/x"]),
        (["--since", "1h", "--limit", "1"], ["acme/x"]),
    ],
)
def test_events_are_chosen_by_every_option(
    told: Commands, options: list[str], models: list[str]
) -> None:
    """Options narrow the list; what meets none is an empty list."""
    assert [event["model"] for event in told.json("events", *options)] == models


def test_unknown_benchmark_has_status_2(told: Commands) -> None:
    """A benchmark that is neither watched nor stored is a mistake, told with the nearest."""
    assert (
        "did you mean acme/bench?" in told.run("events", "--benchmark", "acme/b", status=2).stderr
    )


@pytest.mark.parametrize("model", ["delta", "Delta*", "zai/delat"])
def test_unknown_model_has_status_2(told: Commands, model: str) -> None:
    """A model that was never seen is a mistake, told with those that may be meant."""
    done = told.run("events", "--model", model, "--json", status=2)
    assert done.stdout == ""
    assert f"{model}: no model that was seen; did you mean zai/delta?" in done.stderr


def test_kinds_are_understood_however_they_are_written(told: Commands) -> None:
    """Case, blanks and joints tell no two kinds apart."""
    kinds = [event["kind"] for event in told.json("events", "--kind", "New-Leader, ScoreChange")]
    assert kinds == ["new_leader", "score_change", "score_change"]


def test_people_read_the_words_of_alerts(told: Commands) -> None:
    """Events stand below their board, in the words that alerts have."""
    shown = told.run("events", columns=200).stdout
    assert "  acme/bench\n  new_leader         ★ zai/delta takes the lead" in shown
    assert "score_change       • acme/x now scores 2 (+1), still #1" in shown


def test_limit_says_that_there_are_more(told: Commands) -> None:
    """People are told when the list is cut."""
    done = told.run("events", "--limit", "1")
    assert done.stdout.count("score_change") == 1
    assert "the newest 1; --limit shows more" in done.stderr
    assert told.run("events", "--limit", "5").stderr == ""


def test_shifts_are_counted_in_one_line(commands: Commands) -> None:
    """Where rows only made room, people read how many; JSON, a kind or a model tells each."""
    start = [(f"acme/m{number:02}", 50.0 - number) for number in range(9)]
    later = [("zai/new", 60.0), *start[1:], ("acme/m00", 30.0)]
    commands.polled(board(*start), board(*later), board(*later[:-1], ("acme/m00", 60.5)))
    shown = commands.run("events", columns=200).stdout
    assert shown.count("rank_shift") == 1
    assert "  rank_shift         9 moved down\n" in shown
    shifts = [one for one in commands.json("events") if one["kind"] == "rank_shift"]
    assert len(shifts) == 9
    assert commands.run("events", "--kind", "rank_shift").stdout.count("rank_shift") == 9
    assert "▼ 1 → 2" in commands.run("events", "--model", "zai/new").stdout
    last = commands.run("events", "--limit", "2", columns=200)
    assert last.stdout.count("\n  ") == 2
    assert "9 moved down" in last.stdout
    assert "the newest 2; --limit" in last.stderr


def test_nothing_found_is_said_on_standard_error(commands: Commands) -> None:
    """An empty table is no data; without a filter, it says since when nothing changed."""
    commands.polled(START)
    at = commands.json("show", BENCH)["baseline_at"]
    done = commands.run("events")
    since = f"{at[:10]} {at[11:16]} UTC"
    told = f"nothing has changed since the baseline of {since}\n"
    assert (done.stdout, done.stderr) == ("", told)
    done = commands.run("events", "--model", "qwen/*")
    assert (done.stdout, done.stderr) == ("", "nothing was found that meets this\n")
