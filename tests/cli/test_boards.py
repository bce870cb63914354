"""``benchmarks`` and ``show``."""

from __future__ import annotations

import pytest

from tests.support.commands import BENCH, LATER, START, Commands
from tests.support.hub.fake_hub import board, entry


def test_benchmarks_are_the_hubs(commands: Commands) -> None:
    """The official benchmarks are listed with whether they are gated, by id."""
    commands.hub.add_benchmark("acme/gated")
    commands.hub.gate("acme/gated", "hf_other")
    commands.hub.add_benchmark(BENCH)
    assert commands.json("benchmarks") == [
        {"id": "acme/bench", "name": None, "gated": False, "tasks": None},
        {"id": "acme/gated", "name": None, "gated": True, "tasks": None},
    ]
    assert "gated" in commands.run("benchmarks").stdout


def test_hub_that_gives_no_list_has_status_1(commands: Commands) -> None:
    """Without an answer there is one sentence, and no traceback."""
    commands.hub.fail("*", 503)
    assert commands.run("benchmarks", status=1).stderr.startswith("leaderboard-bot: ")


def test_board_is_shown_as_stored(commands: Commands) -> None:
    """Every row has its figures and the time of its last change, whatever case the name has."""
    commands.polled(START, LATER)
    shown = commands.json("show", "ACME/Bench")
    assert shown["board"] == {
        "benchmark": "acme/bench",
        "name": None,
        "task": None,
        "task_count": None,
        "include_derived": False,
        "lower_is_better": False,
        "rows": 4,
        "url": f"{commands.hub.url}/datasets/acme/bench",
        "decimals": 1,
    }
    assert list(shown["rows"][0])[:10] == [
        "rank", "model", "variant", "value", "verified", "pull_request", "notes", "source",
        "parameters", "last_change",
    ]  # fmt: skip
    assert [(row["rank"], row["model"], row["value"]) for row in shown["rows"]][:2] == [
        (1, "zai/delta", 77.8),
        (2, "qwen/alpha", 76.4),
    ]
    assert shown["rows"][0]["last_change"] == shown["snapshot_at"]


def test_row_that_never_changed_has_no_time_for_people(commands: Commands) -> None:
    """A result of the baseline says nothing in "Changed"; JSON keeps its time."""
    commands.polled(START, board(("qwen/alpha", 76.4), ("mini/beta", 75.9), ("step/gamma", 74.4)))
    shown = {line.split()[1]: line for line in commands.run("show", BENCH).stdout.splitlines()[4:]}
    assert "ago" in shown["mini/beta"] or "now" in shown["mini/beta"]
    assert shown["qwen/alpha"].split()[2:] == ["76.4", "Model", "Card"]
    document = commands.json("show", BENCH)
    times = {row["model"]: row["last_change"] for row in document["rows"]}
    assert times["step/gamma"] == document["baseline_at"] < times["mini/beta"]


def test_top_limits_the_rows_only(commands: Commands) -> None:
    """``--top`` leaves the board's own count alone."""
    commands.polled(LATER)
    shown = commands.json("show", BENCH, "--top", "2")
    assert (len(shown["rows"]), shown["board"]["rows"]) == (2, 4)


def test_table_names_variants_and_community_results(commands: Commands) -> None:
    """A model's rows are told apart, a pull request and notes are named."""
    commands.polled(
        [
            entry("acme/x", 50, 1, notes="With tools", filename="a.yaml"),
            entry("acme/x", 40, 2, filename="b.yaml", pullRequest=4),
            entry("acme/z", 30, 3, notes="high", verified=True),
        ]
    )
    shown = commands.run("show", BENCH, columns=200).stdout
    assert "acme/x (With tools)" in shown
    assert "PR #4, Model Card" in shown
    assert "verified, Model Card, high" in shown


def test_missing_row_keeps_its_place_and_says_so(commands: Commands) -> None:
    """A row that the last poll lacked is marked until its removal is confirmed."""
    commands.polled(LATER, LATER[:3])
    assert [row["missing"] for row in commands.json("show", BENCH)["rows"]] == [0, 0, 0, 1]
    assert "absent for 1 poll" in commands.run("show", BENCH, columns=200).stdout


def test_unwatched_board_is_shown_live_only(commands: Commands) -> None:
    """A name that no watch looks at has status 2, but the Hub may be asked."""
    commands.polled(START)
    commands.hub.set("acme/secret", board(("acme/x", 1)))
    done = commands.run("show", "acme/secret", status=2)
    assert "no watch looks at this benchmark; did you mean acme/bench? (--live" in done.stderr
    live = commands.json("show", "acme/secret", "--live")
    assert [(row["model"], row["last_change"]) for row in live["rows"]] == [("acme/x", None)]


@pytest.mark.parametrize("name", ["bench", "acme", "BENCH", "acme/bnech", "acme/bench/task"])
def test_part_of_a_name_is_told_the_whole(commands: Commands, name: str) -> None:
    """``show`` and ``poll`` of a board that is named in part, or mistyped, say which is meant."""
    commands.polled(START)
    for command in ("show", "poll", "history"):
        assert "did you mean acme/bench?" in commands.run(command, name, status=2).stderr


def test_an_empty_name_is_said_to_be_empty(commands: Commands) -> None:
    """A variable of a script may have been empty: it stands for nothing, least of all for all."""
    commands.polled(START)
    for command in ("show", "poll", "history"):
        assert "Error: An argument is empty" in commands.run(command, "", status=2).stderr


def test_a_model_in_place_of_a_board_is_told_where_to_look(commands: Commands) -> None:
    """Its ranks are another command's."""
    commands.polled(START)
    told = commands.run("show", "qwen/alpha", status=2).stderr
    assert "it is a model: `leaderboard-bot history` shows its boards" in told


def test_live_board_stores_nothing(commands: Commands) -> None:
    """``--live`` needs no database and makes none."""
    commands.hub.add_benchmark(BENCH, START)
    assert commands.json("show", "ACME/bench", "--live")["board"]["benchmark"] == BENCH
    assert not commands.database.exists()


def test_live_rows_have_the_last_change_that_is_stored(commands: Commands) -> None:
    """Those that are as stored have its time; what is new or changed since has none."""
    commands.polled(START)
    stored = commands.json("show", BENCH)["rows"][0]["last_change"]
    commands.hub.add_benchmark(BENCH, board(("qwen/alpha", 76.4), ("mini/beta", 75.9), ("a/b", 1)))
    rows = commands.json("show", BENCH, "--live")["rows"]
    assert [row["last_change"] for row in rows] == [stored, None, None]
    assert "ago" not in commands.run("show", BENCH, "--live").stdout  # it was never another


def test_live_board_that_is_unknown_has_status_2(commands: Commands) -> None:
    """The nearest official name is told."""
    commands.hub.add_benchmark(BENCH, START)
    assert "did you mean acme/bench?" in commands.run("show", "a/bench", "--live", status=2).stderr


def test_board_that_was_not_polled_names_the_command(commands: Commands) -> None:
    """A watched board without a good poll has status 1, with the reason and the remedy."""
    commands.polled(START)
    commands.hub.add_benchmark("acme/new", START)
    commands.hub.fail("acme/new", 500)
    commands.configure('name = "x"\nbenchmarks = ["acme/new"]')
    commands.run("poll", status=1)
    told = commands.run("show", "acme/new", status=1).stderr
    assert "acme/new was not polled yet (the last poll failed: the Hub answered 500)" in told
    assert "leaderboard-bot poll acme/new" in told


def test_board_with_fine_tunes_is_asked_for(commands: Commands) -> None:
    """``--derived`` shows the other board, live or where a watch includes it."""
    commands.hub.derived[BENCH] = LATER
    commands.polled(START)
    assert commands.json("show", BENCH, "--derived", "--live")["board"]["rows"] == 4
    assert "--live" in commands.run("show", BENCH, "--derived", status=2).stderr
    plain = f'name = "x"\nbenchmarks = ["{BENCH}"]'
    commands.configure(plain, f'name = "y"\nbenchmarks = ["{BENCH}"]\ninclude_derived = true')
    commands.run("poll")
    assert commands.json("show", BENCH)["board"]["rows"] == 3
    assert commands.json("show", BENCH, "--derived")["board"]["rows"] == 4


def test_board_is_shown_as_it_was(commands: Commands) -> None:
    """At a time it is the last snapshot by then; before the first there was none."""
    commands.polled(START, LATER)
    now = commands.json("show", BENCH)
    assert commands.json("show", BENCH, "--at", now["snapshot_at"]) == now
    early = commands.run("show", BENCH, "--at", "2026-01-01", status=1).stderr
    assert "nothing is stored of that time; the first snapshot is of" in early


@pytest.mark.parametrize("other", [["--live"], ["--at", "2999-01-01"], ["--at", "yesterday"]])
def test_time_to_be_shown_is_one_of_the_past(commands: Commands, other: list[str]) -> None:
    """What is live is now, and what is still to come or no time at all is refused."""
    time = [] if "--at" in other else ["--at", "1d"]
    assert "--at" in commands.run("show", BENCH, *time, *other, status=2).stderr
